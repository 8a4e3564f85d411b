//! What a read yields: batches of records with the handset's own bytes, and where to continue.

use std::collections::{HashMap, HashSet};
use std::slice;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    Calendar, Call, Collection, Contact, Event, FileCopy, HandsetFile, Message, Note, Source, Todo,
    Unread,
};
use crate::many::Fingerprints;

/// The point where a read can continue: the driver's own text, opaque to all other code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bookmark(pub String);

/// The records of a collection from an earlier part of the rescue. The default: there was no earlier part.
#[derive(Debug, Clone, Default)]
pub struct Past {
    /// There was an earlier part.
    pub is_resumed: bool,
    /// Where its read can continue.
    pub bookmark: Option<Bookmark>,
    /// The keys of its records that are saved.
    pub keys: Fingerprints,
    /// The replies to its requests, for any collection.
    pub replies: Arc<Replies>,
}

/// What a handset replied in earlier parts of a rescue.
#[derive(Debug, Clone, Default)]
pub struct Replies {
    /// The first complete reply to each request.
    pub first: HashMap<String, Vec<u8>>,
    /// The requests that later got another reply: the handset was changed, or showed another user's data for a while.
    pub changed: HashSet<String>,
}

/// What was learned about a collection while it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Findings {
    /// Reasons why the collection is incomplete, each a sentence; empty if nothing is missing.
    pub missing: Vec<String>,
    /// Evidence and remarks, each a sentence.
    pub notes: Vec<String>,
    /// Number of rows kept only in raw form, since they could not be decoded.
    pub raw_only: u64,
}

/// The commit unit: a piece of the handset's raw reply, the records decoded from it, and where to continue.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    pub raw: Vec<RawReply>,
    pub records: Vec<Record>,
    pub bookmark: Option<Bookmark>,
    /// Number of the handset's rows in it, for progress.
    pub rows: u64,
}

/// Bytes as the handset sent them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawReply {
    /// The request, in the protocol's own terms.
    pub request: String,
    /// The reply, or a part of it.
    pub bytes: Vec<u8>,
    /// Replaces `bytes` for a long reply that has to wait: its parts, each with its length (4 MiB at most) and its gzip
    /// data.
    pub packed: Vec<(usize, Vec<u8>)>,
}

impl RecordBody {
    /// Returns the name of the record for people, if the record has a name.
    pub fn label(&self) -> Option<String> {
        let text = match self {
            Self::Contact(contact) | Self::Profile(contact) => contact.display_name.clone(),
            Self::Calendar(calendar) => calendar.name.clone(),
            Self::Event(event) => event.title.clone()?,
            Self::Todo(todo) => todo.title.clone()?,
            Self::Call(call) => call.name.clone().or_else(|| call.number.clone())?,
            Self::Note(note) => note.title.clone()?,
            Self::File(file) => file.path.shown(),
            Self::Copied(copy) => copy.path.shown(),
            Self::Message(_) | Self::Undecoded { .. } => return None,
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// Returns where the record comes from: one entry for each entry of the handset that it was made of.
    pub fn sources(&self) -> &[Source] {
        match self {
            Self::Contact(contact) | Self::Profile(contact) => &contact.sources,
            Self::Event(event) => slice::from_ref(&event.source),
            Self::Todo(todo) => slice::from_ref(&todo.source),
            Self::Call(call) => slice::from_ref(&call.source),
            Self::Message(message) => slice::from_ref(&message.source),
            Self::Note(note) => slice::from_ref(&note.source),
            Self::Calendar(_) | Self::File(_) | Self::Copied(_) | Self::Undecoded { .. } => &[],
        }
    }
}

/// A decoded record.
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
    Call(Call),
    Message(Message),
    Note(Note),
    /// A file as the handset lists it.
    File(HandsetFile),
    /// A copy of a file, on the computer's disk.
    Copied(FileCopy),
    /// A row that could not be decoded; its bytes are in the batch's raw replies.
    Undecoded {
        what: String,
        why: String,
        /// The collection that it belongs to, if known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        of: Option<Collection>,
        #[serde(default, skip_serializing_if = "Unread::is_damage")]
        kind: Unread,
    },
}

/// The kind of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    Contact,
    Profile,
    Calendar,
    Event,
    Todo,
    Call,
    Message,
    Note,
    File,
    Copied,
    Undecoded,
}

impl RecordKind {
    /// All kinds, in the order of declaration.
    pub const ALL: [Self; Self::Undecoded as usize + 1] = [
        Self::Contact,
        Self::Profile,
        Self::Calendar,
        Self::Event,
        Self::Todo,
        Self::Call,
        Self::Message,
        Self::Note,
        Self::File,
        Self::Copied,
        Self::Undecoded,
    ];

    /// Returns the kind of a record.
    pub fn of(body: &RecordBody) -> Self {
        match body {
            RecordBody::Contact(_) => Self::Contact,
            RecordBody::Profile(_) => Self::Profile,
            RecordBody::Calendar(_) => Self::Calendar,
            RecordBody::Event(_) => Self::Event,
            RecordBody::Todo(_) => Self::Todo,
            RecordBody::Call(_) => Self::Call,
            RecordBody::Message(_) => Self::Message,
            RecordBody::Note(_) => Self::Note,
            RecordBody::File(_) => Self::File,
            RecordBody::Copied(_) => Self::Copied,
            RecordBody::Undecoded { .. } => Self::Undecoded,
        }
    }

    /// Returns true for the kinds that a person counts, and for copies of files.
    pub fn is_counted(self) -> bool {
        match self {
            Self::Contact
            | Self::Event
            | Self::Todo
            | Self::Call
            | Self::Message
            | Self::Copied => true,
            Self::Profile | Self::Calendar | Self::Note | Self::File | Self::Undecoded => false,
        }
    }

    /// Returns the kind's name in the journal.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Profile => "profile",
            Self::Calendar => "calendar",
            Self::Event => "event",
            Self::Todo => "todo",
            Self::Call => "call",
            Self::Message => "message",
            Self::Note => "note",
            Self::File => "file",
            Self::Copied => "copied",
            Self::Undecoded => "undecoded",
        }
    }

    /// Returns the kind with this name in the journal.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
