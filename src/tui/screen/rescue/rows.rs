//! The rows of the Rescue screen: one for each collection.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::row::{Row, RowState};
use super::{Phase, Rescue};
use crate::model::{Collection, CollectionOutcome, Verdict};
use crate::phrase;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, fit, padded, wrap};

/// Columns of a row apart from its bar, with the usual room for its counts.
const BESIDE_BAR: usize = 66;
const COUNTS: usize = 14;

/// What the line of a collection says.
struct Cells {
    row: Row,
    title: &'static str,
    counted: String,
    /// The rest in words.
    told: String,
}

fn cells(rescue: &Rescue, what: Collection) -> Cells {
    let row = rescue.rows.get(&what).cloned().unwrap_or_default();
    let verdict = match &rescue.phase {
        Phase::Ended(outcome) => outcome.collections.iter().find(|c| c.name == what),
        _ => None,
    };
    let title = verdict.map_or(what.title(), |c| c.title());
    let (counted, told) = match verdict {
        None => (row.counted(), row.told(rescue.now)),
        Some(c) => {
            let counted = match c.handset_says.filter(|says| *says < c.rescued) {
                // There is only room for one number.
                Some(_) => Some(count(c.rescued)),
                None => c.counted(count),
            };
            (
                counted.unwrap_or_else(|| "-".into()),
                in_words(c, rescue.is_backup),
            )
        }
    };
    Cells {
        row,
        title,
        counted,
        told,
    }
}

pub(super) fn row_lines(rescue: &Rescue, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let mut all: Vec<Cells> = rescue.order().map(|what| cells(rescue, what)).collect();
    if matches!(rescue.phase, Phase::Reading) && rescue.current().is_some() {
        let is_next =
            |cells: &&mut Cells| matches!(cells.row.state, RowState::Waiting | RowState::Later);
        if let Some(next) = all.iter_mut().find(is_next) {
            next.told = phrase("next").into();
        }
    }
    // Nothing is left to do, and there is more to say.
    let has_bars = !rescue.has_ended();
    // Large counts are never cut.
    let widest = all.iter().map(|cells| cells.counted.width()).max();
    let column = widest.unwrap_or_default().max(COUNTS);
    let bar_width = width
        .saturating_sub(BESIDE_BAR + column - COUNTS)
        .clamp(8, (width / 3).max(8));
    let bar_width = if has_bars { bar_width } else { 0 };
    let before = 2 + 10 + bar_width + 2 + column + 2;
    let room = width.saturating_sub(before);
    let line = |cells: &Cells| {
        let style = match &cells.row.state {
            RowState::Read { .. } => theme.good(),
            RowState::Closed(_) => theme.care(),
            RowState::Waiting => theme.quiet(),
            _ => theme.strong(),
        };
        // At the end, nothing is cut.
        let mut told = match has_bars {
            true => vec![fit(&cells.told, room)],
            false => wrap(&cells.told, room),
        }
        .into_iter();
        let mut lines = vec![Line::from(vec![
            Span::raw(format!("  {}", padded(cells.title, 10))),
            Span::styled(cells.row.bar(bar_width), style),
            Span::raw(format!("  {}  ", padded(&cells.counted, column))),
            Span::raw(told.next().unwrap_or_default()),
        ])];
        lines.extend(told.map(|more| Line::raw(format!("{}{more}", " ".repeat(before)))));
        lines
    };
    all.iter().flat_map(line).collect()
}

fn in_words(c: &CollectionOutcome, is_backup: bool) -> String {
    let mut words = vec![
        match c.verdict {
            Verdict::Complete => phrase("safe"),
            Verdict::Empty if is_backup => phrase("none in the backup"),
            Verdict::Empty => phrase("none on the phone"),
            Verdict::Partial => phrase("incomplete"),
            Verdict::Unreadable => phrase("not read"),
            Verdict::OutOfReach => phrase("can't be read like this"),
        }
        .to_owned(),
    ];
    words.extend(
        c.only_here
            .filter(|n| *n > 0)
            .map(|n| phrase!("{} only here", count(n))),
    );
    words.extend((c.found > 0).then(|| phrase!("{} more from files", count(c.found))));
    words.extend(
        (c.deleted_kept > 0).then(|| phrase!("{} deleted but saved", count(c.deleted_kept))),
    );
    words.join(", ")
}
