//! Verdict: is it safe, why not, what a reset destroys besides, and where the files are.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::title;
use crate::model::Verdict as Word;
use crate::rescue::{CollectionOutcome, Outcome};
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, fit, hanging, padded, wrap};

/// The outcome, and how far it is scrolled.
#[derive(Debug, Default)]
pub struct Verdict {
    outcome: Option<Outcome>,
    top: usize,
}

impl Verdict {
    pub fn of(outcome: Outcome) -> Self {
        Self {
            outcome: Some(outcome),
            ..Self::default()
        }
    }

    /// Scrolls, in a place of this size.
    pub fn update(&mut self, intent: Intent, area: Rect) {
        let last = self.outcome.as_ref().map_or(0, |outcome| {
            Page::of(outcome, area, Theme::plain()).last_top()
        });
        let top = self.top.min(last);
        self.top = match intent {
            Intent::Up => top.saturating_sub(1),
            Intent::Down => (top + 1).min(last),
            Intent::PageUp => top.saturating_sub(10),
            Intent::PageDown => (top + 10).min(last),
            Intent::First => 0,
            Intent::Last => last,
            _ => top,
        };
    }
}

pub fn draw(verdict: &Verdict, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(outcome) = &verdict.outcome else {
        return;
    };
    let page = Page::of(outcome, area, theme);
    let height = usize::from(page.body.height);
    let top = verdict.top.min(page.last_top());
    frame.render_widget(Paragraph::new(page.place), page.foot);
    let (area, lines) = (page.body, page.lines);
    let below = lines.len().saturating_sub(top + height);
    let mut shown: Vec<Line<'_>> = lines.into_iter().skip(top).take(height).collect();
    if below > 0
        && let Some(line) = shown.last_mut()
    {
        *line = Line::styled(format!("  ↓ {} more lines", below + 1), theme.key());
    }
    frame.render_widget(Paragraph::new(shown), area);
}

/// The outcome, laid out.
struct Page<'a> {
    lines: Vec<Line<'a>>,
    body: Rect,
    /// Where the files are: always in sight.
    place: Vec<Line<'a>>,
    foot: Rect,
}

impl Page<'_> {
    fn of(outcome: &Outcome, area: Rect, theme: Theme) -> Self {
        let width = usize::from(area.width);
        let place = format!("Files: {}", outcome.folder);
        let place: Vec<Line<'_>> = wrap(&place, width.saturating_sub(4))
            .into_iter()
            .map(|line| Line::styled(format!("  {line}"), theme.strong()))
            .collect();
        let [body, foot] = Layout::vertical([
            Constraint::Min(0),
            Constraint::Length(u16::try_from(place.len()).unwrap_or(1)),
        ])
        .areas(area);
        Self {
            lines: lines(outcome, width, theme),
            body,
            place,
            foot,
        }
    }

    /// The last line that may stand on top.
    fn last_top(&self) -> usize {
        self.lines
            .len()
            .saturating_sub(usize::from(self.body.height))
    }
}

fn lines<'a>(outcome: &Outcome, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = vec![Line::from("")];
    if outcome.safe {
        lines.push(Line::styled(
            "  Everything Lifeboat can read on this phone is safe.",
            theme.good(),
        ));
    } else {
        lines.push(Line::styled(
            "  Not yet: do not reset the phone.",
            theme.bad(),
        ));
        lines.extend(
            outcome
                .why_not
                .iter()
                .flat_map(|why| hanging("  - ", theme.care(), why, width)),
        );
    }
    lines.push(Line::from(""));
    lines.extend(table(&outcome.collections, width, theme));
    if !outcome.not_covered.is_empty() {
        lines.push(Line::from(""));
        lines.push(Line::styled(
            "  A reset also destroys, and Lifeboat does not have:",
            theme.strong(),
        ));
        lines.extend(
            outcome
                .not_covered
                .iter()
                .flat_map(|what| hanging("  - ", theme.care(), what, width)),
        );
    }
    lines.push(Line::from(""));
    let next = if outcome.finished {
        "One copy, on one disk: copy this folder to a second one before the phone is reset. data/report.html can be \
         printed and handed over."
    } else {
        "The rescue can go on: plug the phone in, and the list of phones offers to go on with it, also after Lifeboat was \
         closed."
    };
    for line in wrap(next, width.saturating_sub(4)) {
        lines.push(Line::styled(format!("  {line}"), theme.quiet()));
    }
    lines
}

fn table<'a>(collections: &[CollectionOutcome], width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = vec![Line::styled(
        format!(
            "  {:<10}{:>9}{:>9}{:>11}",
            "", "on phone", "rescued", "read back"
        ),
        theme.quiet(),
    )];
    let number = |n: Option<u64>| n.map_or("-".to_owned(), count);
    for c in collections {
        let (word, style) = match c.verdict {
            Word::Complete => ("complete", theme.good()),
            Word::Empty => ("none there", theme.good()),
            Word::Partial => ("NOT ALL", theme.bad()),
            Word::Unreadable => ("NOT READ", theme.bad()),
            Word::OutOfReach => ("out of reach", theme.care()),
        };
        let mut beside = Vec::new();
        beside.extend(
            c.only_here
                .filter(|n| *n > 0)
                .map(|n| format!("{} only here", count(n))),
        );
        beside.extend((c.deleted_kept > 0).then(|| format!("{} deleted", count(c.deleted_kept))));
        let rescued = match c.verdict {
            Word::Unreadable | Word::OutOfReach => None,
            _ => Some(c.rescued),
        };
        lines.push(Line::from(vec![
            Span::raw(format!(
                "  {}{:>9}{:>9}{:>11}  ",
                padded(title(c.name), 10),
                number(c.handset_says),
                number(rescued),
                number(rescued.and(c.read_back))
            )),
            Span::styled(word, style),
            Span::raw(if beside.is_empty() {
                String::new()
            } else {
                let room = width.saturating_sub(2 + 10 + 9 + 9 + 11 + 2 + word.len() + 2);
                format!(": {}", fit(&beside.join(", "), room))
            }),
        ]));
    }
    lines
}
