//! What was done about the lines of what a reset destroys, in the custody log of a finished rescue.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::Path;

use super::copies::{Copies, Disks};
use super::custody::{self, Entry};
use super::{VaultError, bag, durable, for_display};
use crate::model::{LineState, ResetKind, ResetLine, Ticked};
use crate::phrase;
use crate::system::plain;

/// Custody entries about a line: it is done, it was skipped, it is open again.
const DONE: &str = "ticked";
const SKIPPED: &str = "skipped";
const REOPENED: &str = "reopened";

/// Details of these entries: the line's identifier and its text, the reason for skipping it, and the person.
pub const LINE: &str = "line";
pub const TEXT: &str = "text";
const REASON: &str = "reason";
const BY: &str = "by";

/// Longest reason, and longest name of a person, in characters.
pub const MAX_REASON: usize = 300;
const MAX_NAME: usize = 100;

/// What a person does about a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tick {
    Done,
    /// With the reason.
    Skip(String),
    /// Neither done nor skipped after all.
    Reopen,
}

/// Notes what was done about a line, and by whom (empty: not named). Returns the line's new state.
///
/// # Errors
/// As [`custody::append`]; [`VaultError::Unfinished`] if the rescue is not finished; [`VaultError::NoCopy`] if the line
/// asks for a copy on another disk, and there is none.
pub fn tick(
    folder: &Path,
    line: &ResetLine,
    tick: &Tick,
    by: &str,
) -> Result<LineState, VaultError> {
    if !bag::is_finished(folder) {
        return Err(VaultError::Unfinished {
            folder: folder.to_owned(),
        });
    }
    let asks_for_copy = line.kind == ResetKind::OnlyHere && *tick == Tick::Done;
    if asks_for_copy && Copies::in_folder(folder)?.disks == Disks::One {
        return Err(VaultError::NoCopy);
    }
    let by = cut(by, MAX_NAME);
    let (what, reason) = match tick {
        Tick::Done => (DONE, String::new()),
        Tick::Skip(reason) => (SKIPPED, cut(reason, MAX_REASON)),
        Tick::Reopen => (REOPENED, String::new()),
    };
    let details = [
        (LINE, line.id.as_str()),
        (TEXT, &line.lost),
        (REASON, &reason),
        (BY, &by),
    ];
    let given: Vec<_> = details
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect();
    let entry = Entry::new(what, &given);
    custody::append(folder, &entry)?;
    Ok(state_of(&entry).map_or(LineState::Open, |(_, state)| state))
}

fn cut(text: &str, most: usize) -> String {
    for_display(text).trim().chars().take(most).collect()
}

/// The report with the ticks, in the rescue folder beside the payload and in no manifest: it is written anew at each
/// tick.
pub const REPORT: &str = "report.html";

/// Largest report with ticks that is copied, in bytes.
const MAX_REPORT: u64 = 64 << 20;

/// Writes the report with the ticks.
///
/// # Errors
/// [`VaultError::Io`], [`VaultError::DiskFull`].
pub fn put_report(folder: &Path, page: &[u8]) -> Result<(), VaultError> {
    durable::write_whole(folder, REPORT, page)
}

/// Reads the report with the ticks; `None`: no line was ticked.
///
/// # Errors
/// [`VaultError::Io`], also if the report is no regular file.
pub fn report(folder: &Path) -> Result<Option<Vec<u8>>, VaultError> {
    let mut page = Vec::new();
    match plain::open_in(folder, Path::new(REPORT)) {
        Ok(file) => file.take(MAX_REPORT).read_to_end(&mut page),
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => Err(e),
    }
    .map_err(VaultError::io(phrase("read"), &folder.join(REPORT)))?;
    Ok(Some(page))
}

/// Returns the lines with what was last done about each, according to the custody log.
///
/// # Errors
/// As [`custody::read`].
pub fn in_folder(folder: &Path, lines: Vec<ResetLine>) -> Result<Vec<Ticked>, VaultError> {
    Ok(of(&custody::read(folder)?, lines))
}

/// Returns the lines with what was last done about each.
pub fn of(entries: &[Entry], lines: Vec<ResetLine>) -> Vec<Ticked> {
    let states: BTreeMap<&str, LineState> = entries.iter().filter_map(state_of).collect();
    let ticked = lines.into_iter().map(|line| Ticked {
        state: match (states.get(&*line.id), line.kind) {
            (Some(state), _) => state.clone(),
            (None, ResetKind::OnlyHere) => copied(entries),
            (None, _) => LineState::Open,
        },
        line,
    });
    ticked.collect()
}

/// The state of the line that asks for a copy on another disk: a copy that was checked makes it done.
fn copied(entries: &[Entry]) -> LineState {
    let copies = Copies::of(entries).others;
    let mut there = copies
        .iter()
        .filter(|copy| copy.on_another_disk == Some(true));
    match there.next() {
        Some(copy) => LineState::Done {
            by: String::new(),
            at: copy.checked.clone(),
        },
        None => LineState::Open,
    }
}

/// The state that an entry gives to a line; `None`: it is about something else.
fn state_of(entry: &Entry) -> Option<(&str, LineState)> {
    let detail = |name: &str| entry.details.get(name).cloned().unwrap_or_default();
    let (by, at) = (detail(BY), entry.at.clone());
    let state = match &*entry.what {
        DONE => LineState::Done { by, at },
        SKIPPED => LineState::Skipped {
            reason: detail(REASON),
            by,
            at,
        },
        REOPENED => LineState::Open,
        _ => return None,
    };
    Some((entry.details.get(LINE)?, state))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str) -> ResetLine {
        ResetLine {
            id: id.into(),
            lost: format!("{id} is lost."),
            ..ResetLine::default()
        }
    }

    #[test]
    fn a_long_or_odd_name_is_cut() {
        let name = format!(" Kim\u{1b} {}", "x".repeat(200));
        let cut = cut(&name, MAX_NAME);
        assert_eq!(cut.chars().count(), MAX_NAME);
        assert!(cut.starts_with("Kim") && !cut.contains('\u{1b}'), "{cut}");
    }

    #[test]
    fn the_last_word_about_a_line_counts() {
        let entry =
            |what, line, reason| Entry::new(what, &[(LINE, line), (REASON, reason), (BY, "Kim")]);
        let entries = [
            entry(DONE, "a", ""),
            entry(SKIPPED, "b", "no need"),
            entry(DONE, "b", ""),
            entry(SKIPPED, "c", "not mine"),
            entry(DONE, "d", ""),
            entry(REOPENED, "d", ""),
            entry("copied", "e", ""),
            Entry::new(DONE, &[]),
        ];
        let lines = ["a", "b", "c", "d", "e"].map(line).to_vec();
        let states: Vec<String> = of(&entries, lines)
            .iter()
            .map(|one| one.state.sentence())
            .collect();
        let day = entries[0].at.get(..10).unwrap();
        assert_eq!(states[0], format!("done by Kim, {day}"));
        assert_eq!(states[1], format!("done by Kim, {day}"));
        assert_eq!(states[2], format!("skipped (not mine) by Kim, {day}"));
        assert_eq!(states[3..], ["", ""]);
    }
}
