//! Files and folders that could not be read, named or counted.

use crate::model::HandsetPath;
use crate::phrase;

/// Maximum number of items that are named one by one.
const MOST: usize = 20;

/// Files or folders that could not be read, each with a sentence. If there are many, the rest are only counted.
#[derive(Debug)]
pub struct Lacking {
    /// The noun and the verb for the sentences: `files` and `copied`, for example.
    things: &'static str,
    done: &'static str,
    named: Vec<String>,
    more: u64,
}

impl Lacking {
    /// Creates an empty list of `things` that could not be `done`.
    pub fn of(things: &'static str, done: &'static str) -> Self {
        Self {
            things,
            done,
            named: Vec::new(),
            more: 0,
        }
    }

    pub fn add(&mut self, path: &HandsetPath, why: &str) {
        if self.named.len() >= MOST {
            self.more += 1;
            return;
        }
        let (path, done) = (path.shown(), self.done);
        self.named
            .push(phrase!("{path} could not be {done}: {why}."));
    }

    /// Adds the items of another list.
    pub fn append(&mut self, other: Self) {
        for sentence in other.named {
            match self.named.len() >= MOST {
                true => self.more += 1,
                false => self.named.push(sentence),
            }
        }
        self.more += other.more;
    }

    /// Returns all items, as sentences.
    pub fn sentences(&self) -> Vec<String> {
        let rest = (self.more > 0).then(|| {
            phrase!(
                "{} more {} could not be {}.",
                self.more,
                self.things,
                self.done
            )
        });
        self.named.iter().cloned().chain(rest).collect()
    }
}
