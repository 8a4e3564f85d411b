//! What the engine sees of every handset: the `Handset` trait, its batches and its errors.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::many::Fingerprints;
use crate::model::{
    Asked, Calendar, Collection, Contact, Event, FileCopy, HandsetFile, Health, Holding, Identity,
    Marks, NotCovered, Note, Todo, Unread,
};
use crate::protocol::adb::AdbError;

/// A handset that has been reached. Every method only reads.
pub trait Handset: Send {
    /// Make, model, serial, system version, and how it is being read.
    fn identity(&self) -> &Identity;
    /// Dangers to the copy while it is read: battery, charger, lock.
    fn health(&mut self) -> Result<Health, HandsetError>;
    /// Which collections there may be, in the order in which they are read, without waking what holds them.
    fn collections(&mut self) -> Result<Vec<Collection>, HandsetError>;
    /// What the handset itself says it holds of one collection, before that one is read. `past`: what an earlier part
    /// of the same rescue has of it; what changed on the handset since is noticed, and read again where it can be.
    fn survey(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError>;
    /// The next batch of one collection, from the bookmark of the last batch on (`None`: from the start).
    /// `None`: nothing is left. A driver may keep a stream open from one call to the next; a bookmark that
    /// it did not expect makes it open a new one there.
    fn next_batch(
        &mut self,
        what: Collection,
        after: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError>;
    /// Looks once more at a collection whose batches are through. True: some of it came or changed since it was listed,
    /// and [`Self::next_batch`] gives that.
    ///
    /// # Errors
    /// If the link is lost, the rescue is stopped, or it can no longer be looked at.
    fn look_again(&mut self, _: Collection) -> Result<bool, HandsetError> {
        Ok(false)
    }
    /// Replies that came whole and that no batch has taken along yet: also those of a survey that broke off, which
    /// then need not be asked for again.
    fn raw(&mut self) -> Vec<RawReply>;
    /// The handset may die soon: what takes long for few things is left until it is asked for without hurry.
    fn hurry(&mut self, is_needed: bool);
    /// False where something of a collection was left for later, for haste.
    fn is_through(&self, what: Collection) -> bool;
    /// Copies the bytes of a file from `from` on to `sink`, and gives the file as the handset lists it afterwards
    /// (`None`: it is gone). One that can't be begun in its middle is an error before any byte; bytes that can't be read
    /// are [`HandsetError::Gap`], and `from` behind them goes on.
    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError>;
    /// What was learned about a collection while it was read: what could not be decoded, what changed
    /// meanwhile. Asked once its batches are through; the sentences go into the report.
    fn findings(&mut self, what: Collection) -> Result<Findings, HandsetError>;
    /// Data that the rescue does not have: data that a reset also destroys, and data of the owner that could not be read.
    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError>;
    /// The first of what was asked of it and not told yet, in order, for the log: some thousand at a time. None: that was
    /// all.
    fn asked(&mut self) -> Vec<Asked>;
    /// Its own clock, in seconds since 1970. `None`: it tells none.
    fn clock(&mut self) -> Result<Option<i64>, HandsetError>;
    /// What having been read leaves on it, each a sentence.
    fn traces(&self) -> Vec<String>;
    /// What tells it from another handset of the same serial number, as far as that is known without asking.
    fn marks(&self) -> Marks {
        Marks::default()
    }
    /// What it has by now under the numbers of these contacts, which a rescue has read of it or of another handset: those
    /// of them that are still there. `None`: it can't be asked.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn contacts_again(&mut self, _: &[Contact]) -> Result<Option<Vec<Contact>>, HandsetError> {
        Ok(None)
    }
    /// Its owner's data are sealed, or were when it was looked at last: nobody has unlocked it since it was started.
    fn is_locked(&self) -> bool {
        false
    }
    /// Looks whether they still are. One that is open by now is to be reached anew, since it has more to tell.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        Ok(false)
    }
}

/// Where a read can go on: the driver's own text, opaque to everyone else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark(pub String);

/// An earlier part's records of a collection. The default: there was no earlier part.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// There was an earlier part.
    pub goes_on: bool,
    /// Where its read can go on.
    pub bookmark: Option<Bookmark>,
    /// The keys of its records that are safe.
    pub keys: Fingerprints,
    /// The first whole reply to each request, whichever collection it was asked for.
    pub replies: Arc<HashMap<String, Vec<u8>>>,
}

/// What was learned about a collection by reading it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Findings {
    /// Reasons why it isn't complete, each a sentence. Empty: nothing is missing.
    pub missing: Vec<String>,
    /// Evidence and remarks, each a sentence.
    pub notes: Vec<String>,
    /// Rows kept raw, since they could not be decoded.
    pub raw_only: u64,
}

/// The commit unit: a piece of the handset's raw reply, what was decoded from it, where to go on.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub raw: Vec<RawReply>,
    pub records: Vec<Record>,
    pub bookmark: Option<Bookmark>,
    /// Rows of the handset in it, for progress.
    pub rows: u64,
}

/// Bytes as the handset sent them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawReply {
    /// What was asked, in the protocol's own words.
    pub request: String,
    /// The reply, or one stretch of it.
    pub bytes: Vec<u8>,
    /// In place of `bytes`, where a long reply must wait: its parts, each its length (4 MiB at most) and its gzip.
    pub packed: Vec<(usize, Vec<u8>)>,
}

/// One decoded thing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Stable within its collection on this handset (`contact/12`): a record committed again under the
    /// same key replaces the former one.
    pub key: String,
    pub body: RecordBody,
}

/// The kinds of records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(clippy::large_enum_variant)]
pub enum RecordBody {
    Contact(Contact),
    /// The owner's own card.
    Profile(Contact),
    Calendar(Calendar),
    Event(Event),
    Todo(Todo),
    Note(Note),
    /// A file as the handset lists it.
    File(HandsetFile),
    /// A copy of one, which is on the disk.
    Copied(FileCopy),
    /// A row that could not be decoded; its bytes are in the batch's raw replies.
    Undecoded {
        what: String,
        why: String,
        /// What it belongs to, as far as that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Collection>,
        #[serde(default, skip_serializing_if = "Unread::is_damage")]
        kind: Unread,
    },
}

impl From<AdbError> for HandsetError {
    fn from(error: AdbError) -> Self {
        let (what, advice) = (error.to_string(), error.advice().to_owned());
        match error {
            AdbError::Stopped => Self::Stopped,
            error if error.is_link_lost() => Self::Lost { what, advice },
            _ => Self::Protocol { what, advice },
        }
    }
}

/// Why a handset could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HandsetError {
    /// The link broke: the handset may be reached again, and the read resumed.
    #[error("{what}")]
    Lost { what: String, advice: String },
    #[error("{what}")]
    Protocol { what: String, advice: String },
    #[error("stopped")]
    Stopped,
    /// Its owner's data are sealed until it is unlocked: the read can go on then.
    #[error("the phone is locked: nobody has unlocked it since it was started")]
    Locked { advice: String },
    /// Some of a file's bytes can't be read, after those that were given. The read can go on behind them.
    #[error("{length} bytes of it can't be read: {what}")]
    Gap { length: u64, what: String },
    /// The computer's disk has no room for what comes next: the rescue can go on when it has.
    #[error("{what}")]
    NoRoom { what: String, advice: String },
}

impl HandsetError {
    /// A reply is longer than any that a handset gives.
    pub fn endless_reply() -> Self {
        Self::Protocol {
            what: "the handset's reply does not end".into(),
            advice: "Restart nothing. Unplug the handset, plug it in again and try once more."
                .into(),
        }
    }

    /// What to do next, in a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Lost { advice, .. }
            | Self::Protocol { advice, .. }
            | Self::Locked { advice }
            | Self::NoRoom { advice, .. } => advice.clone(),
            Self::Stopped => "Run the same rescue with --resume to go on where it stopped.".into(),
            Self::Gap { .. } => "Try the card in another reader.".into(),
        }
    }

    /// True where the handset may be reached again and the read resumed.
    pub fn is_link_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}
