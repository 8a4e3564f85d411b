//! The copy of a rescue on the Verdict screen: which one, where to, whether that is another disk, how far it is, and when
//! the drive can be pulled out.

use std::path::PathBuf;
use std::time::Duration;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::model::size;
use crate::phrase;
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::bar::bar;
use crate::tui::widget::entry::{Completed, Entry};
use crate::tui::widget::left::TimeLeft;
use crate::tui::widget::text::{fit, padded, paragraph};
use crate::vault::copy::{CopyProgress, Step};
use crate::vault::disk::DiskRelation;
use crate::vault::drives::Drive;

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyKind {
    /// Everything, byte for byte: a second copy.
    Exact,
    /// Pages and files that the owner opens without Lifeboat.
    Plain,
}

/// Rows of drives that are shown.
const SHOWN_DRIVES: usize = 6;

/// State of a copy.
#[derive(Debug, Default)]
pub(super) enum Copying {
    #[default]
    No,
    /// The user is choosing between the exact and the plain copy.
    Choosing,
    /// The user is choosing a drive. The row after the last drive is another folder.
    Picking {
        kind: CopyKind,
        /// `None`: they are being looked for.
        drives: Option<Vec<Drive>>,
        at: usize,
    },
    /// The user is typing the target folder.
    Asking { kind: CopyKind, entry: Entry },
    /// The typed folder is looked at.
    Weighing { kind: CopyKind, place: String },
    /// The folder may be on the same disk, or too small: the sentence says so.
    Confirming {
        kind: CopyKind,
        place: String,
        apart: DiskRelation,
        why: String,
    },
    Running {
        kind: CopyKind,
        to: String,
        apart: DiskRelation,
        progress: CopyProgress,
        left: TimeLeft,
    },
    /// The copy is finished and was read back.
    Done { place: PathBuf, apart: DiskRelation },
    /// The error, and advice. The place stays for the next try.
    Failed {
        kind: CopyKind,
        to: String,
        why: String,
    },
}

impl Copying {
    /// True if the chosen row is the one for another folder.
    pub fn is_at_other_folder(&self) -> bool {
        matches!(self, Self::Picking { drives: Some(drives), at, .. } if *at == drives.len())
    }

    /// True if the last copy has failed, and its place is known.
    pub fn has_failed(&self) -> bool {
        matches!(self, Self::Failed { to, .. } if !to.is_empty())
    }

    pub fn is_busy(&self) -> bool {
        !matches!(self, Self::No | Self::Done { .. } | Self::Failed { .. })
    }

    /// The key for a copy: the question which one, or again the place that failed.
    pub fn begin(&mut self) {
        *self = match std::mem::take(self) {
            Self::Failed { kind, to, .. } => Self::Asking {
                kind,
                entry: Entry::new(&to),
            },
            _ => Self::Choosing,
        };
    }

    /// Carries out an intent. `rescue`: the folder that is copied.
    pub fn update(&mut self, intent: Intent, rescue: &str) -> Option<Task> {
        let folder = || PathBuf::from(rescue);
        match (std::mem::take(self), intent) {
            (Self::Choosing, Intent::CopyAs(kind)) => {
                *self = Self::Picking {
                    kind,
                    drives: None,
                    at: 0,
                };
                return Some(Task::Drives(folder()));
            }
            (Self::Picking { kind, drives, at }, Intent::Next) => {
                let chosen = drives.iter().flatten().nth(at);
                let Some(drive) = chosen else {
                    *self = match drives.is_some() {
                        true => Self::Asking {
                            kind,
                            entry: Entry::default(),
                        },
                        false => Self::Picking { kind, drives, at },
                    };
                    return None;
                };
                let place = drive.place.display().to_string();
                return self.weighed(kind, place, drive, rescue);
            }
            (Self::Picking { kind, drives, at }, Intent::Up) => {
                *self = Self::Picking {
                    at: at.saturating_sub(1),
                    kind,
                    drives,
                };
            }
            (Self::Picking { kind, drives, at }, Intent::Down) => {
                let last = drives.as_ref().map_or(0, Vec::len);
                *self = Self::Picking {
                    at: (at + 1).min(last),
                    kind,
                    drives,
                };
            }
            (Self::Asking { kind, mut entry }, intent) => {
                let mut task = None;
                match intent {
                    Intent::Complete => task = Some(Task::Complete(entry.text.clone())),
                    Intent::Back => {
                        *self = Self::Picking {
                            kind,
                            drives: None,
                            at: 0,
                        };
                        return Some(Task::Drives(folder()));
                    }
                    Intent::Next if entry.text.trim().is_empty() => {}
                    Intent::Next => {
                        let place = entry.text.trim().to_owned();
                        *self = Self::Weighing {
                            kind,
                            place: place.clone(),
                        };
                        return Some(Task::Weigh {
                            rescue: folder(),
                            place,
                        });
                    }
                    intent => entry.update(intent),
                }
                *self = Self::Asking { kind, entry };
                return task;
            }
            (
                Self::Confirming {
                    kind, place, apart, ..
                },
                Intent::Next,
            ) => return Some(self.run(kind, place, apart, rescue)),
            (Self::Confirming { kind, place, .. }, Intent::Back) => {
                *self = Self::Asking {
                    kind,
                    entry: Entry::new(&place),
                };
            }
            (running @ Self::Running { .. }, Intent::Back) => {
                *self = running;
                return Some(Task::StopCopy);
            }
            (Self::Choosing | Self::Picking { .. } | Self::Weighing { .. }, Intent::Back) => {}
            (other, _) => *self = other,
        }
        None
    }

    /// The folder that was typed is known now; `None`: it is not there, which the copy itself explains.
    pub fn on_weighed(&mut self, typed: &str, drive: Option<&Drive>, rescue: &str) -> Option<Task> {
        match std::mem::take(self) {
            Self::Weighing { kind, place } if place == typed => match drive {
                Some(drive) => self.weighed(kind, place, drive, rescue),
                None => Some(self.run(kind, place, DiskRelation::Unknown, rescue)),
            },
            other => {
                *self = other;
                None
            }
        }
    }

    /// Starts the copy, or asks first if the disk may be the same one.
    fn weighed(
        &mut self,
        kind: CopyKind,
        place: String,
        drive: &Drive,
        rescue: &str,
    ) -> Option<Task> {
        let why = match drive.apart {
            DiskRelation::TwoDisks => return Some(self.run(kind, place, drive.apart, rescue)),
            DiskRelation::OneDisk => phrase!(
                "{place} is on the SAME DISK as the rescue. If that disk fails, both are lost. Choose a stick or a \
                 network drive if you can."
            ),
            DiskRelation::Unknown => phrase!(
                "This computer can't tell whether {place} is on another disk than the rescue."
            ),
        };
        *self = Self::Confirming {
            kind,
            place,
            apart: drive.apart,
            why,
        };
        None
    }

    fn run(&mut self, kind: CopyKind, to: String, apart: DiskRelation, rescue: &str) -> Task {
        *self = Self::Running {
            kind,
            to: to.clone(),
            apart,
            progress: CopyProgress::default(),
            left: TimeLeft::default(),
        };
        Task::Copy {
            rescue: PathBuf::from(rescue),
            to,
            kind,
        }
    }

    /// The drives that are there now. The chosen one stays chosen.
    pub fn on_drives(&mut self, found: Vec<Drive>) {
        if let Self::Picking { drives, at, .. } = self {
            let chosen = drives.iter().flatten().nth(*at).map(|one| &one.place);
            let was_last = drives.as_ref().is_some_and(|drives| *at == drives.len());
            let again = found.iter().position(|one| Some(&one.place) == chosen);
            *at = match again {
                Some(place) => place,
                None if was_last && *at > 0 => found.len(),
                None => 0,
            };
            *drives = Some(found);
        }
    }

    /// A path was completed.
    pub fn on_completed(&mut self, typed: &str, completed: Completed) {
        if let Self::Asking { entry, .. } = self {
            entry.complete(typed, completed);
        }
    }

    pub fn on_progress(&mut self, now: Duration, next: CopyProgress) {
        if let Self::Running { progress, left, .. } = self {
            if progress.step != next.step {
                left.pause();
            }
            *progress = next;
            left.note(now, next.bytes_done, next.bytes);
        }
    }

    pub fn on_done(&mut self, place: PathBuf) {
        let apart = match self {
            Self::Running { apart, .. } => *apart,
            _ => DiskRelation::Unknown,
        };
        *self = Self::Done { place, apart };
    }

    pub fn on_failed(&mut self, why: String) {
        *self = match std::mem::take(self) {
            Self::Running { kind, to, .. } => Self::Failed { kind, to, why },
            _ => Self::Failed {
                kind: CopyKind::Exact,
                to: String::new(),
                why,
            },
        };
    }

    /// The question, the progress, or the last result.
    pub fn lines<'a>(&self, now: Duration, width: usize, theme: Theme) -> Vec<Line<'a>> {
        match self {
            Self::No => Vec::new(),
            Self::Choosing => [
                phrase("Which copy?"),
                phrase("e: exact copy, a second copy of everything, which can be checked"),
                phrase(
                    "p: plain copy for the owner, which opens without Lifeboat on any computer or phone",
                ),
            ]
            .iter()
            .flat_map(|text| paragraph(text, theme.strong(), width))
            .collect(),
            Self::Picking { drives: None, .. } => {
                paragraph(phrase("Looking for drives…"), theme.strong(), width)
            }
            Self::Picking {
                drives: Some(drives),
                at,
                ..
            } => picking(drives, *at, width, theme),
            Self::Asking { entry, .. } => asking(entry, width, theme),
            Self::Weighing { place, .. } => asking(&Entry::new(place), width, theme),
            Self::Confirming { why, .. } => {
                let mut lines = paragraph(why, theme.care(), width);
                let next = phrase("Press Enter to copy there anyway, or Esc to type another folder.");
                lines.extend(paragraph(next, theme.strong(), width));
                lines
            }
            Self::Running {
                to, progress, left, ..
            } => {
                let doing = match progress.step {
                    Step::Copying => phrase("Copying to"),
                    Step::Checking => phrase("Checking the copy in"),
                };
                let of = progress.bytes.max(1);
                let done = progress.bytes_done.min(of);
                let percent = u128::from(done) * 100 / u128::from(of);
                let text = phrase!("{doing} {to}. Don't pull the drive out.");
                let mut lines = paragraph(&text, theme.strong(), width);
                let left = left.told(now).map_or(String::new(), |left| format!(", {left}"));
                let far = phrase!("{} of {}{left}", size(done), size(progress.bytes));
                let room = width.saturating_sub(12 + far.len()).clamp(8, 60);
                let text = format!("  {} {percent:>3} %  {far}", bar(done, of, room));
                lines.push(Line::styled(fit(&text, width), theme.strong()));
                lines
            }
            Self::Done { place, apart } => {
                let text = phrase!("Copied and checked: {}.", place.display());
                let next = match apart {
                    DiskRelation::TwoDisks => {
                        phrase("Everything is written. You can eject the drive and pull it out.")
                    }
                    DiskRelation::OneDisk => phrase("The copy is on the same disk as the rescue."),
                    DiskRelation::Unknown => {
                        phrase("Everything is written. If the folder is on a drive, you can eject the drive and pull it out.")
                    }
                };
                paragraph(&format!("{text} {next}"), theme.good(), width)
            }
            Self::Failed { why, to, .. } => {
                let mut lines = paragraph(&phrase!("No copy was made: {why}"), theme.bad(), width);
                if !to.is_empty() {
                    let next = phrase!("Press c to try {to} again or to type another folder.");
                    lines.extend(paragraph(&next, theme.strong(), width));
                }
                lines
            }
        }
    }
}

/// The field for a folder, and the names that could complete it.
fn asking<'a>(entry: &Entry, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let mut lines = paragraph(
        phrase(
            "Copy to which folder? It must be there already, such as /media/stick. Tab completes a name:",
        ),
        theme.strong(),
        width,
    );
    let mut spans = vec![Span::styled("  › ", theme.key())];
    spans.extend(entry.shown(width.saturating_sub(6), theme));
    spans.push(Span::styled("_", theme.strong()));
    lines.push(Line::from(spans));
    if !entry.choices.is_empty() {
        let choices = entry.choices.join("  ");
        lines.push(Line::raw(fit(&format!("    {choices}"), width)));
    }
    lines
}

/// Whether a drive is another disk, in a few words.
fn of_disk(apart: DiskRelation) -> &'static str {
    match apart {
        DiskRelation::TwoDisks => phrase("another disk"),
        DiskRelation::OneDisk => phrase("SAME DISK as the rescue"),
        DiskRelation::Unknown => phrase("may be the same disk"),
    }
}

/// The drives, and the row for another folder.
fn picking<'a>(drives: &[Drive], at: usize, width: usize, theme: Theme) -> Vec<Line<'a>> {
    let title = match drives.is_empty() {
        true => phrase("No other drive found. Plug in a stick: it appears here by itself."),
        false => phrase("Copy to which drive?"),
    };
    let mut lines = paragraph(title, theme.strong(), width);
    let first = (at + 1).saturating_sub(SHOWN_DRIVES).min(drives.len());
    let pointer = |is_chosen: bool| if is_chosen { "  › " } else { "    " };
    let widest = drives.iter().map(|drive| of_disk(drive.apart).len()).max();
    let widest = widest.unwrap_or_default();
    for (index, drive) in drives.iter().enumerate().skip(first).take(SHOWN_DRIVES) {
        let free = drive
            .free
            .map_or(phrase("free space unknown").to_owned(), |free| {
                phrase!("{} free", size(free))
            });
        let word = of_disk(drive.apart);
        let style = match drive.apart {
            DiskRelation::TwoDisks => theme.good(),
            DiskRelation::OneDisk | DiskRelation::Unknown => theme.care(),
        };
        let room = width.saturating_sub(4 + 2 + 14 + 2 + widest + 1);
        let text = format!(
            "{}{}  {:<14}  ",
            pointer(index == at),
            padded(&drive.place.display().to_string(), room),
            free
        );
        let style_of_row = match index == at {
            true => theme.strong(),
            false => Style::new(),
        };
        lines.push(Line::from(vec![
            Span::styled(text, style_of_row),
            Span::styled(word, style),
        ]));
    }
    let is_other = at >= drives.len();
    lines.push(Line::styled(
        format!("{}{}", pointer(is_other), phrase("another folder …")),
        match is_other {
            true => theme.strong(),
            false => Style::new(),
        },
    ));
    lines
}
