//! What a reset of the phone destroys, line by line, and what was done about each line.

use serde::{Deserialize, Serialize};

use crate::phrase;

/// Something that a reset destroys or asks for, as it is on this phone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResetLine {
    /// Identifies the line in its rescue, for ticks: lower-case words with hyphens, such as `whatsapp`. It is the same
    /// each time the same phone is read.
    pub id: String,
    pub kind: ResetKind,
    /// What is lost, in one or two sentences. States only facts that Lifeboat knows about this phone.
    pub lost: String,
    /// What to do first, in one or two sentences; empty: nothing can be done.
    pub first: String,
    /// How bad the loss is: 1 is the worst, 100 the least.
    pub rank: u8,
    /// The things behind a number in [`Self::lost`], for a page of their own: names of apps, contacts or events.
    pub names: Vec<String>,
    /// What several lines of a list have in common, in a sentence that stands above them; empty: the line stands alone.
    /// Each of them is done or skipped by itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// The data comes back after signing in. A list has at most one such line, the last line.
    pub returns: bool,
}

/// What a line is about.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ResetKind {
    /// Apps with codes for signing in elsewhere.
    Authenticator,
    Wallet,
    Bank,
    Messenger,
    Notes,
    Todos,
    Health,
    /// Tickets and passes.
    Passes,
    Media,
    /// The phone asks for the password of this account after a reset.
    Lock,
    Esim,
    /// An account whose data has not reached its server.
    Account,
    /// Another user of the phone, a work profile, a secure folder.
    User,
    /// Records that exist only on this phone. Lifeboat has saved them.
    OnlyHere,
    /// Data that Lifeboat can't read on this phone.
    NotRead,
    #[default]
    Other,
}

/// What was done about a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum LineState {
    #[default]
    Open,
    Done {
        /// The person who ticked the line; empty if not named.
        by: String,
        /// UTC, RFC 3339.
        at: String,
    },
    Skipped {
        reason: String,
        /// As in [`Self::Done`].
        by: String,
        at: String,
    },
}

/// A line, and what was done about it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticked {
    #[serde(flatten)]
    pub line: ResetLine,
    pub state: LineState,
}

impl LineState {
    pub fn is_open(&self) -> bool {
        match self {
            Self::Open => true,
            Self::Done { .. } | Self::Skipped { .. } => false,
        }
    }

    /// Returns the mark before the line: open, done, skipped.
    pub fn mark(&self) -> &'static str {
        match self {
            Self::Open => "[ ]",
            Self::Done { .. } => "[x]",
            Self::Skipped { .. } => "[-]",
        }
    }

    /// Returns the same as [`Self::sentence`] as the beginning of a text, with the reason in full and without brackets.
    pub fn settled(&self) -> String {
        let (what, by, at) = match self {
            Self::Open => return String::new(),
            Self::Done { by, at } => (phrase("Done"), by, at),
            Self::Skipped { reason: _, by, at } => (phrase("Skipped"), by, at),
        };
        let day = at.get(..10).unwrap_or_default();
        let who = match by.is_empty() {
            true => phrase!("{what}, {day}"),
            false => phrase!("{what} by {by}, {day}"),
        };
        match self {
            Self::Open | Self::Done { .. } => format!("{who}."),
            Self::Skipped { reason, .. } => format!("{who}: {}.", reason.trim_end_matches('.')),
        }
    }

    /// Returns who did what and when, in words: `done by Kim on 2026-11-30`; empty while the line is open.
    pub fn sentence(&self) -> String {
        let (what, by, at) = match self {
            Self::Open => return String::new(),
            Self::Done { by, at } => (phrase("done").to_owned(), by, at),
            Self::Skipped { reason, by, at } => (phrase!("skipped ({reason})"), by, at),
        };
        let day = at.get(..10).unwrap_or_default();
        match by.is_empty() {
            true => phrase!("{what}, {day}"),
            false => phrase!("{what} by {by}, {day}"),
        }
    }
}

impl ResetLine {
    /// Returns what is lost and what to do first, as one text.
    pub fn sentence(&self) -> String {
        match self.first.is_empty() {
            true => self.lost.clone(),
            false => format!("{} {}", self.lost, self.first),
        }
    }

    /// Returns the line as it stands before anybody has done anything about it.
    pub fn open(self) -> Ticked {
        Ticked {
            line: self,
            state: LineState::Open,
        }
    }
}

/// A part of a list: a line, or several lines below a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetPart<'a> {
    Line(&'a Ticked),
    Group {
        heading: &'a str,
        lines: &'a [Ticked],
    },
}

impl<'a> ResetPart<'a> {
    /// Returns the parts of a list.
    pub fn all(lines: &'a [Ticked]) -> Vec<Self> {
        let is_together = |one: &Ticked, next: &Ticked| {
            !one.line.group.is_empty() && one.line.group == next.line.group
        };
        let parts = lines.chunk_by(is_together).filter_map(|lines| {
            let first = lines.first()?;
            Some(match first.line.group.as_str() {
                "" => Self::Line(first),
                heading => Self::Group { heading, lines },
            })
        });
        parts.collect()
    }

    /// Returns the lines of the part.
    pub fn lines(self) -> &'a [Ticked] {
        match self {
            Self::Line(line) => std::slice::from_ref(line),
            Self::Group { heading: _, lines } => lines,
        }
    }

    /// Returns what is lost, in one or two sentences, and how much of a group is settled.
    pub fn lost(self) -> String {
        match self {
            Self::Line(line) => line.line.lost.clone(),
            Self::Group { heading, lines } => {
                let of = lines.len();
                match of - open_lines(lines) {
                    0 => heading.to_owned(),
                    settled if settled == of => heading.to_owned(),
                    settled => phrase!("{heading} ({settled} of {of} done or skipped)"),
                }
            }
        }
    }

    /// True if a line is neither done nor skipped.
    pub fn is_open(self) -> bool {
        open_lines(self.lines()) > 0
    }

    /// Returns the mark before the part: that of its line; of a group, the one that holds for all of its lines.
    pub fn mark(self) -> &'static str {
        let open = LineState::Open.mark();
        let mut marks = self.lines().iter().map(|one| one.state.mark());
        let first = marks.next().unwrap_or(open);
        match (self.is_open(), marks.all(|mark| mark == first)) {
            (true, _) => open,
            (false, true) => first,
            (false, false) => "[x]",
        }
    }
}

/// Returns the number of lines that are neither done nor skipped. While it is not 0, the phone is not ready for a reset.
pub fn open_lines(lines: &[Ticked]) -> usize {
    lines.iter().filter(|one| one.state.is_open()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_survives_json_and_says_who_did_what() {
        let line = ResetLine {
            id: "whatsapp".into(),
            kind: ResetKind::Messenger,
            lost: "WhatsApp chats.".into(),
            first: "Back up.".into(),
            rank: 5,
            names: vec!["WhatsApp".into()],
            group: String::new(),
            returns: false,
        };
        assert_eq!(line.sentence(), "WhatsApp chats. Back up.");
        let at = "2026-11-30T10:00:00.000Z".to_owned();
        let done = LineState::Done {
            by: "Kim".into(),
            at: at.clone(),
        };
        assert_eq!(done.sentence(), "done by Kim, 2026-11-30");
        let skipped = LineState::Skipped {
            reason: "not needed".into(),
            by: String::new(),
            at,
        };
        assert_eq!(skipped.sentence(), "skipped (not needed), 2026-11-30");
        let mut lines = vec![line.clone().open()];
        assert_eq!(open_lines(&lines), 1);
        for state in [LineState::Open, done, skipped] {
            let one = Ticked {
                line: line.clone(),
                state,
            };
            let json = serde_json::to_string(&one).unwrap();
            assert_eq!(serde_json::from_str::<Ticked>(&json).unwrap(), one);
            lines.push(one);
        }
        assert_eq!(open_lines(&lines), 2);
    }
}
