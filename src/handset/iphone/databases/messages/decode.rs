//! Makes a message of the row of a message.

use std::collections::HashMap;

use super::typedstream;
use crate::handset::iphone::databases::Source as Files;
use crate::handset::iphone::databases::cocoa;
use crate::handset::iphone::databases::room::HOME;
use crate::handset::iphone::databases::row::Row;
use crate::model::{
    DELETED, HandsetPath, Message, MessageFolder, MessageKind, MessagePart, PartFile, Party,
    PartyRole, RawReply, Source, UNSENT,
};
use crate::phrase;

/// The character that stands for an attachment in a text.
const ATTACHED: char = '\u{fffc}';

/// The domains of the files of messages.
pub const DOMAINS: [&str; 2] = ["MediaDomain", HOME];

/// The rows that belong to a message.
pub struct Beside {
    /// The other person.
    pub handle: Option<String>,
    pub chat: Option<i64>,
    pub chat_name: Option<String>,
    /// All others in the conversation.
    pub people: Vec<String>,
    pub attachments: Vec<Attachment>,
    /// The owner deleted it within the last weeks.
    pub is_deleted: bool,
    /// The texts among the parts of a message until iOS 5.
    pub texts: Vec<String>,
}

/// An attachment.
pub struct Attachment {
    pub part: MessagePart,
    /// Its file, as the database names it.
    pub path: Option<String>,
}

impl Attachment {
    /// Reads a row. `source`: where its file may be.
    pub fn of(row: &Row, id: i64, source: &dyn Files) -> Self {
        let path = row.text("filename");
        let file = path.as_deref().map(|path| file_of(path, source));
        let mut extended: Vec<_> = path
            .clone()
            .filter(|_| file == Some(PartFile::Missing))
            .map(|path| ("file".to_owned(), path))
            .into_iter()
            .collect();
        for name in ["uti", "uti_type", "guid", "attachment_guid"] {
            extended.extend(row.text(name).map(|value| (name.to_owned(), value)));
        }
        if row.flag("is_sticker") {
            extended.push(("sticker".to_owned(), "1".to_owned()));
        }
        let name = row.text("transfer_name").or_else(|| {
            let path = path.as_deref()?;
            path.rsplit('/').next().map(str::to_owned)
        });
        Self {
            part: MessagePart {
                id,
                media_type: row.text("mime_type").unwrap_or_default(),
                name,
                text: None,
                size: row
                    .number("total_bytes")
                    .and_then(|size| u64::try_from(size).ok())
                    .filter(|size| *size > 0),
                reply: None,
                found: None,
                file,
                extended,
            },
            path,
        }
    }
}

/// Finds the file of an attachment: `~/Library/SMS/Attachments/…`, or a whole path of the phone. Systems keep them in one of
/// two domains.
fn file_of(path: &str, source: &dyn Files) -> PartFile {
    let within = path.find("Library/SMS/").and_then(|at| path.get(at..));
    let found = within.and_then(|within| {
        let domain = DOMAINS
            .into_iter()
            .find(|domain| source.has(domain, within))?;
        Some(HandsetPath(format!("{domain}/{within}").into_bytes()))
    });
    found.map_or(PartFile::Missing, PartFile::At)
}

/// A part of a message as iOS keeps it until iOS 5 (`msg_pieces`).
pub struct Piece {
    pub attachment: Attachment,
    pub text: Option<String>,
    /// Its bytes, if they are in the database, as a reply of their own.
    pub reply: Option<RawReply>,
}

impl Piece {
    /// Reads a row. `files`: where the files of parts are among the copied files, by their names without extension.
    pub fn of(row: &Row, database: &str, files: &HashMap<String, HandsetPath>) -> Self {
        let id = row.number("rowid").unwrap_or_default();
        let media_type = row.text("content_type").unwrap_or_default();
        let data = row.bytes("data").filter(|bytes| !bytes.is_empty());
        let is_text = media_type.to_ascii_lowercase().starts_with("text/plain");
        let text = data
            .filter(|_| is_text)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        let reply = data.filter(|_| !is_text).map(|bytes| RawReply {
            request: format!("{database}: msg_pieces rowid {id}, data"),
            bytes: bytes.to_vec(),
            packed: Vec::new(),
        });
        let number = |name: &str| row.number(name).unwrap_or_default();
        let stem = format!("{}-{}", number("message_id"), number("part_id"));
        let file = files.get(&stem).filter(|_| data.is_none());
        let extended = row
            .text("content_id")
            .map(|value| ("content_id".to_owned(), value));
        let part = MessagePart {
            id,
            media_type,
            name: row
                .text("content_loc")
                .or_else(|| file?.shown().rsplit('/').next().map(str::to_owned)),
            text: text.clone(),
            size: reply.as_ref().map(|reply| reply.bytes.len() as u64),
            reply: reply.as_ref().map(|reply| reply.request.clone()),
            found: None,
            file: match (file, is_text || data.is_some()) {
                (Some(file), _) => Some(PartFile::At(file.clone())),
                (None, true) => None,
                (None, false) => Some(PartFile::Missing),
            },
            extended: extended.into_iter().collect(),
        };
        Self {
            attachment: Attachment {
                part,
                path: file.map(HandsetPath::shown),
            },
            text,
            reply,
        }
    }
}

/// Columns that are kept by name. The others serve the app's own bookkeeping, and are in the raw reply.
const KEPT: [&str; 30] = [
    "guid",
    "service",
    "account",
    "destination_caller_id",
    "country",
    "error",
    "associated_message_guid",
    "associated_message_emoji",
    "reply_to_guid",
    "thread_originator_guid",
    "expressive_send_style_id",
    "balloon_bundle_id",
    "group_title",
    "group_action_type",
    "item_type",
    "other_handle",
    "share_status",
    "is_audio_message",
    "is_emote",
    "is_spam",
    "was_downgraded",
    "address",
    "madrid_handle",
    "madrid_service",
    "madrid_roomname",
    "madrid_error",
    "group_id",
    "flags",
    "recipients",
    "headers",
];

/// Times that are kept by name.
const TIMES: [&str; 7] = [
    "date_read",
    "date_delivered",
    "madrid_date_read",
    "madrid_date_delivered",
    "date_played",
    "date_edited",
    "date_retracted",
];

/// Reactions (`associated_message_type`): 2000 and more add one, 3000 and more take it back.
const REACTIONS: [&str; 8] = [
    "loved",
    "liked",
    "disliked",
    "laughed at",
    "emphasised",
    "questioned",
    "an emoji",
    "a sticker",
];

/// Returns the message of a row, and true if it has a text that can't be read.
pub fn message(row: &Row, beside: &Beside) -> (Message, bool) {
    let id = row.number("rowid").unwrap_or_default();
    let is_old = !row.names().iter().any(|name| name == "is_from_me");
    // Until iOS 5: flags 2 received, 3 sent, 33 failed; iMessages (“madrid”) have flags of their own.
    let flags = row.number("flags").unwrap_or_default();
    let is_madrid = row.flag("is_madrid");
    let is_own = match (is_old, is_madrid) {
        (false, _) => row.flag("is_from_me"),
        // Bit 15: from the owner.
        (true, true) => row.number("madrid_flags").unwrap_or_default() & 0x8000 != 0,
        (true, false) => flags & 1 == 1,
    };
    let at = row.number("date").filter(|date| *date != 0);
    let at = match is_old && !is_madrid {
        // Seconds since 1970.
        true => at.and_then(|date| date.checked_mul(1000)),
        false => at.and_then(cocoa::millis_of_either),
    };
    let (text, is_unread) = text_of(row);
    let text = text.or_else(|| (!beside.texts.is_empty()).then(|| beside.texts.join("\n")));
    let mut extended = Vec::new();
    for name in KEPT {
        let value = row.text(name).filter(|value| value != "0");
        extended.extend(value.map(|value| (name.to_owned(), value)));
    }
    for name in TIMES {
        let time = row.number(name).and_then(cocoa::millis_of_either);
        let time = time.and_then(chrono::DateTime::from_timestamp_millis);
        let shown = time.map(|time| time.format("%Y-%m-%dT%H:%M:%SZ").to_string());
        extended.extend(shown.map(|shown| (name.to_owned(), shown)));
    }
    let kind = row.number("associated_message_type").unwrap_or_default();
    if kind >= 2000 {
        let which = usize::try_from(kind % 1000).ok();
        let which = which.and_then(|which| REACTIONS.get(which));
        let name = if kind < 3000 {
            "reaction"
        } else {
            phrase("reaction taken back")
        };
        let shown = which.map_or_else(|| kind.to_string(), |which| (*which).to_owned());
        extended.push((name.to_owned(), shown));
    } else if kind != 0 {
        extended.push(("associated_message_type".to_owned(), kind.to_string()));
    }
    if let Some(name) = &beside.chat_name {
        extended.push(("conversation".to_owned(), name.clone()));
    }
    if beside.is_deleted {
        extended.push((DELETED.to_owned(), "1".to_owned()));
    }
    let is_changed = |name: &str| row.number(name).is_some_and(|time| time != 0);
    let is_bare = text.is_none() && !is_unread && beside.attachments.is_empty();
    if is_bare && (is_changed("date_retracted") || is_changed("date_edited")) {
        extended.push((UNSENT.to_owned(), "1".to_owned()));
    }
    let other = beside
        .handle
        .clone()
        .or_else(|| row.text("address"))
        .or_else(|| row.text("madrid_handle"));
    let people = people(is_own, other, &beside.people);
    let is_group = people.len() > 1;
    let parts: Vec<MessagePart> = beside
        .attachments
        .iter()
        .map(|one| one.part.clone())
        .collect();
    let has_failed = match is_old {
        true => is_own && (flags & 0x20 != 0 || row.flag("madrid_error")),
        false => is_own && row.flag("error"),
    };
    // iOS 18: a message that is sent later.
    let is_scheduled = row.number("schedule_type") == Some(2) && !row.flag("is_sent");
    let message = Message {
        kind: match parts.is_empty() && !is_group {
            true => MessageKind::Sms,
            false => MessageKind::Mms,
        },
        folder: match (is_own, has_failed, is_scheduled) {
            (true, true, _) => MessageFolder::Failed,
            (true, false, true) => MessageFolder::Queued,
            (true, false, false) => MessageFolder::Sent,
            (false, _, _) => MessageFolder::Received,
        },
        people,
        at,
        sent: None,
        read: match is_own {
            true => None,
            false => row
                .number("is_read")
                .or_else(|| row.number("read"))
                .map(|read| read != 0),
        },
        subject: row.text("subject"),
        text,
        parts,
        thread: beside
            .chat
            .or_else(|| row.number("group_id").filter(|group| *group != 0)),
        sim: None,
        service_center: row.text("svc_center"),
        extended,
        source: Source {
            row: id,
            only_here: true,
            ..Source::default()
        },
    };
    (message, is_unread)
}

/// Returns the text, and true if there is one that can't be read.
fn text_of(row: &Row) -> (Option<String>, bool) {
    let plain = row.text("text").map(|text| without_marks(&text));
    if plain.as_ref().is_some_and(|text| !text.is_empty()) {
        return (plain, false);
    }
    let archived = |name: &str| row.bytes(name).filter(|bytes| !bytes.is_empty());
    let Some(bytes) = archived("attributedBody").or_else(|| archived("madrid_attributedBody"))
    else {
        return (plain.filter(|text| !text.is_empty()), false);
    };
    match typedstream::text(bytes) {
        Ok(text) => {
            let text = without_marks(&text);
            ((!text.is_empty()).then_some(text), false)
        }
        Err(_) => (None, true),
    }
}

fn without_marks(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != ATTACHED).collect();
    match text.trim().is_empty() {
        true => String::new(),
        false => text,
    }
}

/// Returns the others: the sender first.
fn people(is_own: bool, other: Option<String>, all: &[String]) -> Vec<Party> {
    let mut people: Vec<Party> = Vec::new();
    let mut add = |role: PartyRole, address: &String| {
        if !people.iter().any(|one| one.address == *address) {
            people.push(Party {
                role,
                address: address.clone(),
            });
        }
    };
    if let Some(other) = other.iter().find(|_| !is_own || all.is_empty()) {
        let role = if is_own {
            PartyRole::To
        } else {
            PartyRole::From
        };
        add(role, other);
    }
    for address in all {
        add(PartyRole::To, address);
    }
    people
}
