//! Text and picture messages (SMS, MMS).

use serde::{Deserialize, Serialize};

use super::{HandsetPath, Source};

/// The names of marks among a message's other data ([`Message::extended`]): it is among those that were deleted lately; its
/// sender took it back.
pub const DELETED: &str = "deleted";
pub const UNSENT: &str = "unsent";

/// A message in the handset's list of messages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Message {
    pub kind: MessageKind,
    pub folder: MessageFolder,
    /// The others: the sender and the other recipients of a received message, the recipients of a sent one.
    pub people: Vec<Party>,
    /// When the message was received or sent: milliseconds since 1970-01-01T00:00:00Z; `None`: not given.
    pub at: Option<i64>,
    /// When a received message was sent, by its sender's network; in milliseconds.
    pub sent: Option<i64>,
    pub read: Option<bool>,
    pub subject: Option<String>,
    /// `None`: the handset has no text, which differs from an empty one.
    pub text: Option<String>,
    /// Pictures and other parts of an MMS, in their order.
    pub parts: Vec<MessagePart>,
    /// The handset's number of the conversation.
    pub thread: Option<i64>,
    /// The handset's number of the SIM.
    pub sim: Option<String>,
    /// The network's message centre, with its number.
    pub service_center: Option<String>,
    /// Other filled columns of the handset's row: name and text.
    pub extended: Vec<(String, String)>,
    pub source: Source,
}

/// Whether a message was sent as a text or as a multimedia message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    #[default]
    Sms,
    Mms,
}

/// Where a message lies on the handset.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MessageFolder {
    Received,
    Sent,
    Draft,
    /// Being sent.
    Outbox,
    Failed,
    /// To be sent later.
    Queued,
    /// A maker's own number.
    Other(i64),
    /// Not given.
    #[default]
    Unknown,
}

/// Somebody else's address in a message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Party {
    pub role: PartyRole,
    /// A number, an e-mail address or the name of a service, as the handset stores it.
    pub address: String,
}

/// What an address is in a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyRole {
    From,
    #[default]
    To,
    Cc,
    Bcc,
    /// Another number of the column `type`.
    Other(i64),
}

/// A part of an MMS: a picture, a recording, a text.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MessagePart {
    /// The handset's number of the part.
    pub id: i64,
    pub media_type: String,
    /// The part's file name, as its sender gave it.
    pub name: Option<String>,
    /// The text of a part that is a text.
    pub text: Option<String>,
    /// Size of the part's bytes; `None`: not read, or the part is only text.
    pub size: Option<u64>,
    /// The request to the handset whose reply, in the journal, is the part's bytes.
    pub reply: Option<String>,
    /// Where an exported file has the part's bytes.
    pub found: Option<FoundPart>,
    /// The handset's file that is the part, if its bytes are among the handset's files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PartFile>,
    /// Other filled columns of the part's row: name and text.
    pub extended: Vec<(String, String)>,
}

/// The bytes of a part in an exported file.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct FoundPart {
    /// Where the copy of the file is in the payload.
    pub place: String,
    /// Which of the file's parts with bytes it is, from 1.
    pub number: u64,
}

/// The file of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartFile {
    At(HandsetPath),
    /// The handset names a file that is not there.
    Missing,
}

impl MessagePart {
    /// The media type without its parameters.
    fn kind(&self) -> &str {
        self.media_type.split(';').next().unwrap_or_default().trim()
    }

    /// Returns true for a text that its reader sees as the message's: plain text, whatever parameters its type has.
    pub fn is_plain(&self) -> bool {
        let kind = self.kind();
        kind.is_empty() || kind.eq_ignore_ascii_case("text/plain")
    }

    /// Returns true for the part that says in which order the others are shown.
    pub fn is_layout(&self) -> bool {
        self.kind().eq_ignore_ascii_case("application/smil")
    }

    /// Returns true for what stands beside a message's text: a picture, a recording, a text with a file of its own.
    pub fn is_attachment(&self) -> bool {
        self.text.is_none() || self.reply.is_some() || self.found.is_some()
    }
}

impl Message {
    /// Returns the texts of the parts, each in lines of its own; `None`: no part is a text.
    pub fn text_of_parts(&self) -> Option<String> {
        let parts = self.parts.iter().filter(|part| !part.is_layout());
        let texts: Vec<&str> = parts.filter_map(|part| part.text.as_deref()).collect();
        (!texts.is_empty()).then(|| texts.join("\n"))
    }

    /// Returns another filled column of the handset's row.
    pub fn other(&self, column: &str) -> Option<&str> {
        let value = self.extended.iter().find(|(name, _)| name == column);
        value.map(|(_, value)| value.as_str())
    }

    /// Returns the address of the sender; `None`: the owner sent it, or the handset has none.
    pub fn from(&self) -> Option<&str> {
        let from = self.people.iter().find(|one| one.role == PartyRole::From);
        from.map(|one| one.address.as_str())
    }

    /// Returns the addresses of the others: the sender of a received message, and the recipients if there are several;
    /// the recipients of a message that the owner sent. The owner is left out in both cases.
    pub fn others(&self) -> Vec<&str> {
        let is_from = |one: &&Party| one.role == PartyRole::From;
        let recipients = self.people.iter().filter(|one| !is_from(one)).count();
        let is_group = self.kind == MessageKind::Mms && recipients > 1;
        let is_own = self.is_own();
        let is_other = |one: &&Party| match is_own {
            true => !is_from(one) || recipients == 0,
            false => is_group || is_from(one),
        };
        let others = self.people.iter().filter(is_other);
        others.map(|one| one.address.as_str()).collect()
    }

    /// Returns true if the owner wrote it.
    pub fn is_own(&self) -> bool {
        match self.folder {
            MessageFolder::Sent
            | MessageFolder::Draft
            | MessageFolder::Outbox
            | MessageFolder::Failed
            | MessageFolder::Queued => true,
            MessageFolder::Received | MessageFolder::Other(_) | MessageFolder::Unknown => false,
        }
    }
}
