//! The files of a practice device's owner, and what happens to them while they are read.

use std::collections::VecDeque;

/// A file that a handset's owner has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersFile {
    /// Where it lies in its storage, with `/` between its parts; with `card/` before it, on a phone's memory card.
    pub path: String,
    pub bytes: Vec<u8>,
    /// What the handset's clock showed, in seconds since 1970; 0: the handset tells no time.
    pub modified: u32,
}

/// What happens on a handset while it is read: its owner goes on using it, or an app does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A file comes, or is another one from now on.
    Writes(OwnersFile),
    /// The file of this path goes.
    Deletes(String),
    /// The memory card is taken out.
    TakesCard,
}

/// What is still to happen: each once so many files were asked for, in order.
#[derive(Debug)]
pub(super) struct Deeds {
    waiting: VecDeque<(u32, Deed)>,
    fetched: u32,
}

impl Deeds {
    pub fn of(all: &[(u32, Deed)]) -> Self {
        Self {
            waiting: all.iter().cloned().collect(),
            fetched: 0,
        }
    }

    /// Counts a file that was asked for; gives what happens then.
    pub fn fetched(&mut self) -> Vec<Deed> {
        self.fetched += 1;
        let mut due = Vec::new();
        while let Some((after, deed)) = self.waiting.pop_front() {
            if after > self.fetched {
                self.waiting.push_front((after, deed));
                break;
            }
            due.push(deed);
        }
        due
    }
}
