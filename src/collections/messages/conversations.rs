//! Which messages belong to one conversation, and with whom it is.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::pictures::complete;
use super::{Beside, Completed};
use crate::collections::Journal;
use crate::collections::contacts::names::{Names, form};
use crate::collections::details::line;
use crate::collections::merge::Joins;
use crate::collections::twins::is_found;
use crate::many::Sorted;
use crate::model::Message;
use crate::phrase;
use crate::vault::VaultError;

/// Number of people that a title names.
const MOST_NAMED: usize = 4;

/// All conversations, and the order of the messages in each.
#[derive(Default)]
pub struct Conversations {
    pub all: Vec<Conversation>,
    /// By conversation, then from the oldest to the newest message.
    pub order: Sorted<Placed>,
    pub names: Names,
    /// Numbers of conversations by what they are known by.
    known: HashMap<String, u32>,
    /// Rows that could not be decoded.
    pub undecoded: u64,
    /// What happened to the messages of exported files.
    pub joins: Joins,
    /// Messages of the phone that get pictures from exported files.
    completed: Completed,
}

/// A message's place in its conversation.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Placed {
    pub conversation: u32,
    /// As [`Message::at`]; those without a time come first.
    pub at: Option<i64>,
    pub row: i64,
    pub key: String,
}

/// One conversation: all messages with the same people.
#[derive(Debug, Default)]
pub struct Conversation {
    /// The addresses of the others, each once, in the order in which they appeared.
    pub addresses: Vec<String>,
    forms: BTreeSet<String>,
    /// The user of the handset, who is the first if the name is empty.
    pub user: String,
    pub count: u64,
    /// Messages among them that are only in exported files.
    pub found: u64,
    /// Time and key of the oldest and of the newest message.
    pub oldest: Option<i64>,
    pub newest: Option<(Option<i64>, i64, String)>,
}

impl Conversations {
    /// Finds the conversations of all messages.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub fn read(journal: &impl Journal) -> Result<Self, VaultError> {
        Self::read_each(journal, |_, _| Ok::<_, VaultError>(()))
    }

    /// As [`Self::read`]. Calls `each` with the number of the conversation of every message and the message.
    ///
    /// # Errors
    /// If the journal can't be read, and those of `each`.
    pub fn read_each<E: From<VaultError>>(
        journal: &impl Journal,
        mut each: impl FnMut(usize, &Message) -> Result<(), E>,
    ) -> Result<Self, E> {
        let mut found = Self::default();
        let Beside {
            undecoded,
            joins,
            completed,
        } = super::each(journal, |key, message| {
            let number = found.add(key, &message);
            each(number, &message)
        })?;
        (found.undecoded, found.joins, found.completed) = (undecoded, joins, completed);
        if !found.all.is_empty() {
            found.names = Names::read(journal)?;
        }
        Ok(found)
    }

    /// Returns the message with this key, with the pictures that only an exported file has.
    ///
    /// # Errors
    /// If the journal can't be read, or no longer has the message.
    pub fn one(&self, journal: &impl Journal, key: &str) -> Result<Message, VaultError> {
        let mut message = super::one(journal, key)?;
        if let Some(other) = self.completed.get(key) {
            complete(&mut message, super::one(journal, other)?);
        }
        Ok(message)
    }

    /// Calls `each` with every message that gets pictures from exported files.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub fn each_completed(
        &self,
        journal: &impl Journal,
        mut each: impl FnMut(&Message),
    ) -> Result<u64, VaultError> {
        for key in self.completed.keys() {
            each(&self.one(journal, key)?);
        }
        Ok(self.completed.len() as u64)
    }

    fn add(&mut self, key: String, message: &Message) -> usize {
        let user = &message.source.place;
        let others = message.others();
        let of_people = || {
            let mut forms: Vec<String> = others.iter().map(|one| form(one)).collect();
            forms.sort_unstable();
            forms.dedup();
            forms.join(" ")
        };
        // An exported file knows no threads of the phone: the people decide.
        let is_found = is_found(&key);
        let user = if is_found { "" } else { user };
        let by_people = format!("{user}\u{1F}of {}", of_people());
        let id = match message.thread {
            Some(thread) => format!("{user}\u{1F}{thread}"),
            None => by_people.clone(),
        };
        let next = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let number = *self.known.entry(id).or_insert(next);
        self.known.entry(by_people).or_insert(number);
        let at = number as usize;
        if at == self.all.len() {
            self.all.push(Conversation {
                user: user.to_owned(),
                ..Conversation::default()
            });
        }
        if let Some(conversation) = self.all.get_mut(at) {
            conversation.add(&key, message, &others);
            conversation.found += u64::from(is_found);
        }
        self.order.push(Placed {
            conversation: number,
            at: message.at,
            row: message.source.row,
            key,
        });
        at
    }

    /// Returns the number of the conversation whose newest message has this key.
    pub fn with(&self, key: &str) -> Option<u32> {
        let is_it = |one: &Conversation| one.newest.as_ref().is_some_and(|(.., at)| at == key);
        let at = self.all.iter().position(is_it)?;
        u32::try_from(at).ok()
    }

    /// Returns the numbers of the conversations, that with the newest message first.
    pub fn newest_first(&self) -> Vec<usize> {
        let mut numbers: Vec<usize> = (0..self.all.len()).collect();
        numbers.sort_by(|a, b| {
            let of = |at: &usize| self.all.get(*at).map(|one| &one.newest);
            of(b).cmp(&of(a))
        });
        numbers
    }

    /// Returns a conversation's title: with whom it is.
    pub fn title(&self, conversation: &Conversation) -> String {
        let named = |address: &String| {
            let name = self.names.of(address);
            name.map_or_else(|| line(address), str::to_owned)
        };
        let mut all: Vec<String> = Vec::new();
        for name in conversation.addresses.iter().map(named) {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        let more = all.len().saturating_sub(MOST_NAMED);
        all.truncate(MOST_NAMED);
        let mut title = all.join(", ");
        if title.is_empty() {
            title = phrase("(no number)").into();
        }
        if more > 0 {
            title.push_str(&phrase!(" and {more} more"));
        }
        if !conversation.user.is_empty() {
            title.push_str(&format!(" ({})", line(&conversation.user)));
        }
        title
    }

    /// Returns who wrote a message: the sender's name, or else the address; `None` for the owner.
    pub fn author(&self, message: &Message) -> Option<String> {
        let is_known = !message.is_own();
        is_known.then(|| match message.from() {
            Some(from) => self
                .names
                .of(from)
                .map_or_else(|| line(from), str::to_owned),
            None => phrase("(no number)").into(),
        })
    }

    /// Returns the names of a message's people, as far as contacts know them.
    pub fn named(&self, message: &Message) -> Option<String> {
        let names = message.others();
        let names: Vec<&str> = names
            .iter()
            .filter_map(|address| self.names.of(address))
            .collect();
        (!names.is_empty()).then(|| names.join(", "))
    }
}

impl Conversation {
    fn add(&mut self, key: &str, message: &Message, others: &[&str]) {
        for address in others {
            if self.forms.insert(form(address)) {
                self.addresses.push((*address).to_owned());
            }
        }
        self.count += 1;
        let here = (message.at, message.source.row, key.to_owned());
        if message.at.is_some() {
            self.oldest = match self.oldest {
                Some(oldest) => message.at.map(|at| at.min(oldest)),
                None => message.at,
            };
        }
        if self.newest.as_ref().is_none_or(|newest| *newest < here) {
            self.newest = Some(here);
        }
    }
}
