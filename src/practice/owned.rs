//! Files of a practice device's owner, and changes to them while they are read.

use std::collections::VecDeque;

/// A file of the handset's owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersFile {
    /// Path in its storage, with `/` as separator. A path on the phone's memory card begins with `card/`.
    pub path: String,
    pub bytes: Vec<u8>,
    /// Time on the handset's clock, in seconds since 1970; 0: the handset reports no time.
    pub modified: u32,
}

/// A change on a handset while it is read, made by the owner or an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnerAction {
    /// A file is created or replaced.
    Writes(OwnersFile),
    /// The file with this path is deleted.
    Deletes(String),
    /// The memory card is removed.
    TakesCard,
}

/// Pending changes, in order. Each one happens once, after a given number of file requests.
#[derive(Debug)]
pub(super) struct Scheduled {
    waiting: VecDeque<(u32, OwnerAction)>,
    fetched: u32,
}

impl Scheduled {
    pub fn of(all: &[(u32, OwnerAction)]) -> Self {
        Self {
            waiting: all.iter().cloned().collect(),
            fetched: 0,
        }
    }

    /// Counts a file request and returns the changes that are now due.
    pub fn fetched(&mut self) -> Vec<OwnerAction> {
        self.fetched += 1;
        let mut due = Vec::new();
        while let Some((after, action)) = self.waiting.pop_front() {
            if after > self.fetched {
                self.waiting.push_front((after, action));
                break;
            }
            due.push(action);
        }
        due
    }
}
