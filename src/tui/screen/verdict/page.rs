//! The page of the Verdict: the outcome in words and numbers, and what is always visible below it.

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::{Sealing, Verdict};
use crate::model::{ResetPart, Ticked, Verdict as Word, without_addresses};
use crate::phrase;
use crate::rescue::{CollectionOutcome, FromFiles, Outcome};
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, hanging, padded, paragraph, wrap};
use crate::vault::copies::Disks;

/// Minimum width at which the list of what a reset destroys is shown next to the verdict, if the whole list fits.
const WIDE: u16 = 140;

/// Columns of the left half: text in longer lines is hard to read.
const LEFT: u16 = 96;

/// Layout of the outcome.
pub(super) struct Page<'a> {
    pub lines: Vec<Line<'a>>,
    pub body: Rect,
    /// Location of the files, which is always visible.
    pub place: Vec<Line<'a>>,
    pub foot: Rect,
    /// On a wide screen: what a reset destroys.
    pub aside: Vec<Line<'a>>,
    pub beside: Rect,
}

impl<'a> Page<'a> {
    pub fn of(verdict: &Verdict, outcome: &Outcome, area: Rect, theme: Theme) -> Self {
        let width = usize::from(area.width);
        let mut place = verdict.copying.lines(verdict.now, width, theme);
        place.extend(verdict.finishing.lines(width, theme));
        let note = verdict.note.iter();
        place.extend(note.flat_map(|note| paragraph(note, theme.strong(), width)));
        if let Some(sealing) = &verdict.sealing {
            place.extend(sealing_lines(sealing, width, theme));
        } else if !verdict.copying.is_busy() {
            let has_failed = verdict.copying.has_failed();
            place.extend(counted_copies(outcome, has_failed, width, theme));
        }
        let files = phrase!("Files: {}", outcome.folder);
        place.extend(paragraph(&files, theme.strong(), width));
        let [body, foot] = Layout::vertical([
            Constraint::Min(0),
            Constraint::Length(u16::try_from(place.len()).unwrap_or(1)),
        ])
        .areas(area);
        let shown = match verdict.is_desk {
            true => &without_contents(outcome),
            false => outcome,
        };
        if area.width >= WIDE {
            let [left, rule, right] = Layout::horizontal([
                Constraint::Length(LEFT),
                Constraint::Length(2),
                Constraint::Min(0),
            ])
            .areas(body);
            let aside = aside(shown, usize::from(right.width), theme);
            let lines = lines(shown, false, usize::from(left.width), theme);
            // The halves can't be scrolled apart from each other.
            let height = usize::from(body.height);
            if !aside.is_empty() && aside.len() <= height && lines.len() <= height {
                let line = || Line::from(vec![Span::raw("  "), Span::styled("│ ", theme.rule())]);
                let aside = aside.into_iter().map(|text| {
                    let mut all = line();
                    all.spans.extend(text.spans.into_iter().map(|span| {
                        let style = text.style.patch(span.style);
                        Span::styled(span.content, style)
                    }));
                    all
                });
                return Self {
                    lines,
                    body: left,
                    place,
                    foot,
                    aside: aside.collect(),
                    beside: rule.union(right),
                };
            }
        }
        Self {
            lines: lines(shown, true, width, theme),
            body,
            place,
            foot,
            aside: Vec::new(),
            beside: Rect::default(),
        }
    }
}

/// The outcome for a screen that everybody in a shop sees: without addresses, and without the names of what is on the
/// phone.
pub fn without_contents(outcome: &Outcome) -> Outcome {
    let mut shown = outcome.clone();
    for one in &mut shown.before_reset {
        one.line.names.clear();
    }
    let lines = shown.before_reset.iter_mut();
    let sentences = shown
        .why_not
        .iter_mut()
        .chain(&mut shown.warnings)
        .chain(&mut shown.not_covered)
        .chain(&mut shown.lists_not_read)
        .chain(lines.flat_map(|Ticked { line, state: _ }| {
            [&mut line.lost, &mut line.first, &mut line.group]
        }));
    for sentence in sentences {
        *sentence = without_addresses(sentence);
    }
    shown
}

/// What a reset destroys, for the right half.
fn aside<'a>(outcome: &Outcome, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = vec![Line::from("")];
    lines.extend(open_lines(outcome, width, theme));
    lines.extend(not_covered(outcome, width, theme));
    if lines.len() == 1 { Vec::new() } else { lines }
}

/// `is_whole`: with what a reset destroys.
fn lines<'a>(outcome: &Outcome, is_whole: bool, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = vec![Line::from("")];
    // An unfinished rescue is not marked as bad, because it can be continued.
    let style = match (outcome.safe, outcome.finished || outcome.shows_nothing) {
        (true, _) => theme.good(),
        (false, true) => theme.bad(),
        (false, false) => theme.care(),
    };
    lines.extend(paragraph(&outcome.headline, style, width));
    if let Some(readiness) = outcome.readiness() {
        let style = match outcome.ready_to_reset {
            true => theme.good(),
            false => theme.care(),
        };
        lines.extend(paragraph(&readiness, style, width));
    }
    if !outcome.safe {
        lines.extend(
            outcome
                .why_not
                .iter()
                .flat_map(|why| hanging("  - ", theme.care(), why, width)),
        );
    }
    let is_new = |warning: &&String| !outcome.why_not.contains(warning);
    for warning in outcome.warnings.iter().filter(is_new) {
        lines.extend(hanging("  !  ", theme.care(), warning, width));
    }
    lines.push(Line::from(""));
    // When all is safe, what is still to do comes first.
    let open = match is_whole {
        true => open_lines(outcome, width, theme),
        false => Vec::new(),
    };
    if outcome.safe {
        lines.extend(open.iter().cloned());
    }
    let has_column = width >= ROOM_FOR_FILES && outcome.collections.iter().any(|c| c.found > 0);
    lines.extend(table(&outcome.collections, has_column, width, theme));
    // What a column of the table says is not said again.
    let is_told = |files: &FromFiles| {
        let mut told = outcome
            .collections
            .iter()
            .filter(|c| has_column && c.found > 0);
        files.verdict == Word::Complete
            && files.known == 0
            && told.any(|c| c.name == files.name && c.found == files.found)
    };
    for files in outcome.from_files.iter().filter(|files| !is_told(files)) {
        let style = match files.verdict {
            Word::Partial => theme.bad(),
            _ => theme.quiet(),
        };
        let cut = match files.verdict {
            Word::Partial => phrase(", INCOMPLETE"),
            _ => "",
        };
        let beside = match files.found {
            0 => "",
            _ => phrase(", besides those of the phone"),
        };
        let text = format!("{}: {}{beside}{cut}", files.title(), files.counts());
        lines.extend(paragraph(&text, style, width));
    }
    for list in &outcome.lists_not_read {
        let text = phrase!("Could not read {list}");
        lines.extend(paragraph(&text, theme.care(), width));
    }
    if !outcome.safe && !open.is_empty() {
        lines.push(Line::from(""));
        lines.extend(open);
        // The next paragraph brings its own empty line.
        lines.pop();
    } else if is_whole {
        let also = not_covered(outcome, width, theme);
        if !also.is_empty() {
            lines.push(Line::from(""));
        }
        lines.extend(also);
    }
    lines.push(Line::from(""));
    if !outcome.copies.others.is_empty() {
        lines.push(Line::styled(phrase("  Other copies:"), theme.strong()));
    }
    for other in &outcome.copies.others {
        let day = other.checked.get(..10).unwrap_or_default();
        let text = phrase!("{}, checked on {day}", other.place);
        lines.extend(hanging("  - ", theme.quiet(), &text, width));
    }
    let next = if outcome.before_reset.iter().any(|one| !one.state.is_open()) {
        phrase("You can print report.html, which has the ticks, and hand it over.")
    } else if outcome.finished {
        phrase("You can print data/report.html and hand it over.")
    } else {
        phrase(
            "You can continue this rescue, even after you close Lifeboat. Plug in the phone. The list of phones then \
             offers to continue.",
        )
    };
    lines.extend(paragraph(next, theme.quiet(), width));
    lines
}

/// What a reset destroys, of a device without a list to tick.
fn not_covered<'a>(outcome: &Outcome, width: usize, theme: Theme) -> Vec<Line<'a>> {
    if !outcome.before_reset.is_empty() || outcome.not_covered.is_empty() {
        return Vec::new();
    }
    let text = phrase("  A reset also destroys these. Lifeboat has not saved them:");
    let mut lines = vec![Line::styled(text, theme.strong())];
    let each = outcome.not_covered.iter();
    lines.extend(each.flat_map(|what| hanging("  - ", theme.care(), what, width)));
    lines
}

/// What a reset destroys or asks for, and an empty line; nothing if there is no such list.
fn open_lines<'a>(outcome: &Outcome, width: usize, theme: Theme) -> Vec<Line<'a>> {
    if outcome.before_reset.is_empty() {
        return Vec::new();
    }
    let title = match outcome.finished {
        true => phrase("  A reset destroys or asks for these. Press t for what to do:"),
        false => phrase("  A reset destroys or asks for these:"),
    };
    let mut lines = vec![Line::styled(title, theme.strong())];
    for part in ResetPart::all(&outcome.before_reset) {
        let style = match part.is_open() {
            true => theme.care(),
            false => theme.good(),
        };
        let mark = format!("  {} ", part.mark());
        lines.extend(hanging(&mark, style, &part.lost(), width));
    }
    lines.push(Line::from(""));
    lines
}

fn sealing_lines<'a>(sealing: &Sealing, width: usize, theme: Theme) -> Vec<Line<'a>> {
    match sealing {
        Sealing::Running(progress) => {
            let of = progress.bytes.max(1);
            let percent = u128::from(progress.bytes_done.min(of)) * 100 / u128::from(of);
            let text = phrase!("Sealing the rescue: {percent} %. Don't switch the computer off.");
            paragraph(&text, theme.strong(), width)
        }
        Sealing::Done {
            archive,
            kept: None,
        } => {
            let text = phrase!(
                "Sealed and checked: {}. The open folder was removed. On a flash disk, traces of the folder may stay.",
                archive.display()
            );
            paragraph(&text, theme.good(), width)
        }
        Sealing::Done {
            archive,
            kept: Some(why),
        } => {
            let text = phrase!(
                "Sealed and checked: {}. The open folder is still there: {why}",
                archive.display()
            );
            paragraph(&text, theme.care(), width)
        }
        Sealing::Failed(why) => paragraph(
            &phrase!("The rescue is NOT sealed: {why}"),
            theme.bad(),
            width,
        ),
    }
}

/// Number of copies, and advice if there are too few.
fn counted_copies<'a>(
    outcome: &Outcome,
    has_failed: bool,
    width: usize,
    theme: Theme,
) -> Vec<Line<'a>> {
    if !outcome.finished {
        return Vec::new();
    }
    let copies = outcome.copies.sentence();
    match outcome.copies.disks {
        Disks::Several => paragraph(&copies, theme.good(), width),
        // What to do after a failed copy is said already.
        Disks::One | Disks::Unknown if has_failed => paragraph(&copies, theme.care(), width),
        Disks::One | Disks::Unknown => {
            let next = phrase("Press c to make a copy on another disk.");
            paragraph(&format!("{copies} {next}"), theme.care(), width)
        }
    }
}

/// From this width on, the table has a column for what exported files add.
const ROOM_FOR_FILES: usize = 76;

/// `has_files`: with the column for what exported files add.
fn table<'a>(
    collections: &[CollectionOutcome],
    has_files: bool,
    width: usize,
    theme: Theme,
) -> Vec<Line<'a>> {
    let files = match has_files {
        true => format!("{:>14}", phrase("+ from files")),
        false => String::new(),
    };
    let mut lines = vec![Line::styled(
        format!(
            "  {:<10}{:>9}{:>9}{:>11}{files}",
            "",
            phrase("on phone"),
            phrase("saved"),
            phrase("checked")
        ),
        theme.quiet(),
    )];
    let number = |n: Option<u64>| n.map_or("-".to_owned(), count);
    for c in collections {
        let (word, style) = match c.verdict {
            Word::Complete => (phrase("complete"), theme.good()),
            Word::Empty => (phrase("none on phone"), theme.good()),
            Word::Partial => (phrase("INCOMPLETE"), theme.bad()),
            Word::Unreadable => (phrase("NOT READ"), theme.bad()),
            Word::OutOfReach => (phrase("can't be read like this"), theme.care()),
        };
        let mut beside = Vec::new();
        beside.extend(
            c.only_here
                .filter(|n| *n > 0)
                .map(|n| phrase!("{} only here", count(n))),
        );
        beside.extend(c.other_files());
        beside.extend(
            (c.deleted_kept > 0).then(|| phrase!("{} deleted but saved", count(c.deleted_kept))),
        );
        let rescued = match c.verdict {
            Word::Unreadable | Word::OutOfReach => None,
            _ => Some(c.rescued),
        };
        let found = match (has_files, c.found) {
            (false, _) => String::new(),
            (true, 0) => format!("{:>14}", ""),
            (true, found) => format!("{:>14}", count(found)),
        };
        let before = format!(
            "  {}{:>9}{:>9}{:>11}{found}  ",
            padded(c.title(), 10),
            number(c.handset_says),
            number(rescued),
            number(rescued.and(c.read_back))
        );
        let mut line = vec![Span::raw(before.clone()), Span::styled(word, style)];
        let beside = beside.join(", ");
        let used = before.width() + word.width() + 2;
        if !beside.is_empty() && used + beside.width() <= width {
            line.push(Span::raw(format!(": {beside}")));
            lines.push(Line::from(line));
        } else {
            lines.push(Line::from(line));
            // Text that does not fit next to the word is shown below it and never cut off.
            let indent = " ".repeat(before.width());
            lines.extend(
                wrap(&beside, width.saturating_sub(before.width()))
                    .into_iter()
                    .filter(|text| !text.is_empty())
                    .map(|text| Line::raw(format!("{indent}{text}"))),
            );
        }
    }
    lines
}
