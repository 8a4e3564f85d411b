//! Labels and values of one record. The first value is the heading, labels form a column, and repeated labels are
//! shown only once. Each line has two columns before it for the mark of the selected value.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::text::{padded, wrap};
use crate::phrase;
use crate::rescue::look::Field;
use crate::tui::theme::Theme;

/// Maximum width of the label column.
const WIDEST_LABEL: usize = 12;

/// Returns the fields as lines of at most `width` columns behind the mark, and the first line of each field.
pub fn lines(fields: &[Field], width: usize, theme: Theme) -> (Vec<Line<'static>>, Vec<usize>) {
    let Some((heading, rest)) = fields.split_first() else {
        return (Vec::new(), Vec::new());
    };
    let mut lines: Vec<Line<'static>> = wrapped(&heading.value, width)
        .into_iter()
        .map(|line| Line::styled(format!("  {line}"), theme.strong()))
        .collect();
    lines.push(Line::from(""));
    let mut starts = vec![0];
    let labels = rest.iter().map(|field| field.label.width()).max();
    let column = labels.unwrap_or(0).min(WIDEST_LABEL).min(width / 3) + 2;
    let mut last = "";
    for field in rest {
        starts.push(lines.len());
        let mut label = match field.label == last {
            true => "",
            false => &field.label,
        };
        last = &field.label;
        let value = match field.origin.as_str() {
            "" => field.value.clone(),
            origin => phrase!("{}\n  from {origin}", field.value),
        };
        for value in wrapped(&value, width.saturating_sub(column)) {
            lines.push(Line::from(vec![
                Span::raw("  "),
                Span::styled(padded(label, column.saturating_sub(2)), theme.quiet()),
                Span::raw("  "),
                Span::raw(value),
            ]));
            label = "";
        }
    }
    (lines, starts)
}

/// Splits a value at its line breaks and wraps each line.
fn wrapped(value: &str, width: usize) -> Vec<String> {
    value.lines().flat_map(|line| wrap(line, width)).collect()
}
