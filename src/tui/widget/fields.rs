//! Labels and values of one record. The first value is the heading, labels form a column, and repeated labels are
//! shown only once.

use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::text::{padded, wrap};
use crate::rescue::look::Field;
use crate::tui::theme::Theme;

/// Maximum width of the label column.
const WIDEST_LABEL: usize = 12;

/// Returns the fields as lines of at most `width` columns.
pub fn lines(fields: &[Field], width: usize, theme: Theme) -> Vec<Line<'static>> {
    let Some((heading, rest)) = fields.split_first() else {
        return Vec::new();
    };
    let mut lines: Vec<Line<'static>> = wrapped(&heading.value, width)
        .into_iter()
        .map(|line| Line::styled(line, theme.strong()))
        .collect();
    lines.push(Line::from(""));
    let labels = rest.iter().map(|field| field.label.width()).max();
    let column = labels.unwrap_or(0).min(WIDEST_LABEL).min(width / 3) + 2;
    let mut last = "";
    for field in rest {
        let mut label = if field.label == last {
            ""
        } else {
            &field.label
        };
        last = &field.label;
        for value in wrapped(&field.value, width.saturating_sub(column)) {
            lines.push(Line::from(vec![
                Span::styled(padded(label, column.saturating_sub(2)), theme.quiet()),
                Span::raw("  "),
                Span::styled(value, Style::new()),
            ]));
            label = "";
        }
    }
    lines
}

/// Splits a value at its line breaks and wraps each line.
fn wrapped(value: &str, width: usize) -> Vec<String> {
    value.lines().flat_map(|line| wrap(line, width)).collect()
}
