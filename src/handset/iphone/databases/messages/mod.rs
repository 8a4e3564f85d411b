//! Messages: `sms.db`, with one table of messages since the first iPhone that has gained columns ever since.

mod decode;
pub mod typedstream;

use std::collections::HashMap;
use std::sync::Arc;

use self::decode::{Attachment, Beside, Piece};
use super::children::Children;
use super::database::Database;
use super::room::{self, Found, HOME, PAGE, Place};
use super::row::Row;
use super::{Room, Source, raw};
use crate::format::plist::{Limit, Plist};
use crate::handset::HandsetError;
use crate::model::{
    Batch, Bookmark, Findings, HandsetPath, Holding, PartFile, Past, RawReply, Record, RecordBody,
};
use crate::phrase;

const MESSAGES: Place = Place {
    domain: HOME,
    path: "Library/SMS/sms.db",
};

/// Where the pictures of messages are until iOS 5.
const PARTS: &str = "Library/SMS/Parts/";

/// What a list of people may expand to.
const PEOPLE: Limit = Limit {
    values: 10_000,
    bytes: 1 << 20,
};

const BOOKMARK: &str = "message";
const MOST: usize = 1_000_000;

/// The messages of a phone.
pub struct Messages {
    source: Arc<dyn Source>,
    open: Option<Open>,
    findings: Findings,
}

impl Messages {
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            open: None,
            findings: Findings::default(),
        }
    }
}

/// The open database.
struct Open {
    source: Arc<dyn Source>,
    database: Database,
    /// Numbers and addresses of people, by row number.
    handles: HashMap<i64, String>,
    /// The conversation of a message, the people of a conversation, and the attachments of a message.
    chats: Children,
    /// The conversations of messages that were deleted lately, since iOS 16.
    deleted: Children,
    people: Children,
    attached: Children,
    attachments: Children,
    /// The parts and the attachments of a message until iOS 5.
    pieces: Children,
    old_attachments: Children,
    /// The people of the groups of iOS 5, by the groups' names.
    rooms: HashMap<String, Vec<String>>,
    /// The files of parts, by their names without extension.
    part_files: HashMap<String, HandsetPath>,
    /// The bytes of parts that were read since the last batch.
    replies: Vec<RawReply>,
    /// Conversations that were looked up: their people, and their names.
    known: HashMap<i64, (Vec<i64>, Option<String>)>,
    /// Texts that can't be read, and attachments that are not in the backup.
    unread: u64,
    files: u64,
    missing: u64,
}

impl Open {
    fn new(source: &Arc<dyn Source>, mut database: Database, findings: &mut Findings) -> Self {
        let mut handles = HashMap::new();
        if database.has_columns("handle", &["id"]) {
            let sql = "SELECT rowid AS \"rowid\", id FROM handle";
            let done = database.each(sql, [], |row| {
                if let (Some(number), Some(id)) = (row.number("rowid"), row.text("id")) {
                    handles.insert(number, id);
                }
                handles.len() < MOST
            });
            if let Err(broken) = done {
                room::note_broken(findings, &database.name, "handle", &broken);
            }
        }
        let rooms = rooms(&database, findings);
        let mut part_files = HashMap::new();
        if database.has("msg_pieces") {
            for domain in decode::DOMAINS {
                part_files.extend(source.list(domain, PARTS).into_iter().filter_map(|path| {
                    let name = path.rsplit('/').next()?;
                    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
                    let file = HandsetPath(format!("{domain}/{path}").into_bytes());
                    Some((stem.to_owned(), file))
                }));
            }
        }
        let mut children =
            |table, owners: &[&'static str]| Children::new(&mut database, table, owners, findings);
        Self {
            handles,
            chats: children("chat_message_join", &["message_id"]),
            deleted: children("chat_recoverable_message_join", &["message_id"]),
            people: children("chat_handle_join", &["chat_id"]),
            attached: children("message_attachment_join", &["message_id"]),
            attachments: children("attachment", &["ROWID"]),
            pieces: children("msg_pieces", &["message_id"]),
            old_attachments: children("madrid_attachment", &["message_id"]),
            rooms,
            part_files,
            replies: Vec::new(),
            source: source.clone(),
            database,
            known: HashMap::new(),
            unread: 0,
            files: 0,
            missing: 0,
        }
    }

    fn beside(&mut self, row: &Row, findings: &mut Findings) -> Beside {
        let id = row.number("rowid").unwrap_or_default();
        let handle = |handles: &HashMap<i64, String>, id: i64| handles.get(&id).cloned();
        let chats = self.chats.of(&self.database, id, findings);
        let deleted = self.deleted.of(&self.database, id, findings);
        let mut joins = chats.iter().chain(&deleted);
        let chat = joins.find_map(|chat| chat.number("chat_id"));
        let (mut people, mut name) = (Vec::new(), None);
        if let Some(chat) = chat {
            if !self.known.contains_key(&chat) {
                let rows = self.people.of(&self.database, chat, findings);
                let ids = rows
                    .iter()
                    .filter_map(|row| row.number("handle_id"))
                    .collect();
                let sql = "SELECT * FROM chat WHERE rowid = ?1";
                let found = self.database.all(sql, [chat]).unwrap_or_default();
                let title = found.first().and_then(|chat| chat.text("display_name"));
                self.known.insert(chat, (ids, title));
            }
            if let Some((ids, title)) = self.known.get(&chat) {
                people.extend(ids.iter().filter_map(|id| handle(&self.handles, *id)));
                name.clone_from(title);
            }
        }
        let other = row.number("handle_id").filter(|id| *id > 0);
        let mut attachments = Vec::new();
        for join in self.attached.of(&self.database, id, findings) {
            let Some(attachment) = join.number("attachment_id") else {
                continue;
            };
            for row in self.attachments.of(&self.database, attachment, findings) {
                attachments.push(Attachment::of(&row, attachment, &*self.source));
            }
        }
        for row in self.old_attachments.of(&self.database, id, findings) {
            let number = row.number("rowid").unwrap_or_default();
            attachments.push(Attachment::of(&row, number, &*self.source));
        }
        let mut texts = Vec::new();
        for row in self.pieces.of(&self.database, id, findings) {
            let piece = Piece::of(&row, &self.database.name, &self.part_files);
            attachments.push(piece.attachment);
            texts.extend(piece.text);
            self.replies.extend(piece.reply);
        }
        let room = row.text("madrid_roomname");
        people.extend(
            room.and_then(|room| self.rooms.get(&room))
                .into_iter()
                .flatten()
                .cloned(),
        );
        for one in attachments.iter().filter(|one| one.path.is_some()) {
            self.files += 1;
            self.missing += u64::from(one.part.file == Some(PartFile::Missing));
        }
        Beside {
            handle: other.and_then(|id| handle(&self.handles, id)),
            chat,
            chat_name: name,
            people,
            attachments,
            is_deleted: !deleted.is_empty(),
            texts,
        }
    }
}

/// Reads the people of the groups of iOS 5.
fn rooms(database: &Database, findings: &mut Findings) -> HashMap<String, Vec<String>> {
    let mut rooms = HashMap::new();
    if !database.has_columns("madrid_chat", &["room_name", "participants"]) {
        return rooms;
    }
    let sql = "SELECT room_name, participants FROM madrid_chat";
    let done = database.each(sql, [], |row| {
        let people = row
            .bytes("participants")
            .and_then(|bytes| Plist::parse(bytes, PEOPLE).ok());
        if let (Some(room), Some(people)) = (row.text("room_name"), people) {
            let people = people.array().iter().filter_map(Plist::text);
            rooms.insert(room, people.map(str::to_owned).collect());
        }
        rooms.len() < MOST
    });
    if let Err(broken) = done {
        room::note_broken(findings, &database.name, "madrid_chat", &broken);
    }
    rooms
}

impl Room for Messages {
    fn survey(&mut self, _: &Past) -> Result<Holding, HandsetError> {
        self.findings = Findings::default();
        self.open = None;
        let mut database = match room::find(&self.source, MESSAGES.domain, MESSAGES.path)? {
            Found::Open(database) => *database,
            Found::Closed(why) => return Ok(room::closed(why)),
            Found::NotListed => {
                return Ok(Holding {
                    out_of_reach: Some(
                        phrase(
                            "There are no messages in it. If “Messages in iCloud” is on, they are not in backups. Turn \
                             it off on the phone, wait until all messages are back, and make a new backup.",
                        )
                        .into(),
                    ),
                    ..Holding::default()
                });
            }
        };
        if !database.has_columns("message", &["date", "text"]) {
            return Ok(room::unknown(&database, phrase("list of messages")));
        }
        database.check(&["message", "handle", "chat", "attachment", "msg_pieces"]);
        let open = Open::new(&self.source, database, &mut self.findings);
        let count = open.database.count("message");
        let mut holding = Holding {
            handset_says: count,
            rows: count,
            ..Holding::default()
        };
        if count == Some(0) {
            holding.notes.push(
                phrase(
                    "The phone's list of messages is empty. If “Messages in iCloud” is on, messages may be there only.",
                )
                .into(),
            );
        }
        self.open = Some(open);
        Ok(holding)
    }

    fn next_batch(&mut self, after: Option<&Bookmark>) -> Result<Option<Batch>, HandsetError> {
        let at = room::place_of(after, BOOKMARK);
        let findings = &mut self.findings;
        let Some(open) = &mut self.open else {
            return Ok(None);
        };
        let name = open.database.name.clone();
        let rows = open
            .database
            .page("message", at, PAGE)
            .map_err(|broken| room::broken_off(&name, &broken))?;
        let ids = |row: Option<&Row>| row.and_then(|row| row.number("rowid"));
        let (Some(first), Some(last)) = (ids(rows.first()), ids(rows.last())) else {
            return Ok(None);
        };
        for children in [
            &mut open.chats,
            &mut open.deleted,
            &mut open.attached,
            &mut open.pieces,
            &mut open.old_attachments,
        ] {
            children.load(&open.database, first, last, findings);
        }
        let mut batch = Batch {
            rows: rows.len() as u64,
            bookmark: Some(room::bookmark(BOOKMARK, last)),
            ..Batch::default()
        };
        for row in &rows {
            let beside = open.beside(row, findings);
            let (message, is_unread) = decode::message(row, &beside);
            open.unread += u64::from(is_unread);
            batch.records.push(Record {
                key: format!("message/{}", message.source.row),
                body: RecordBody::Message(message),
            });
        }
        let which = format!("rowid {} to {last}", at.saturating_add(1));
        batch
            .raw
            .extend(raw::reply(&name, "message", &which, &rows));
        let of = format!("of message {which}");
        for children in [
            &mut open.chats,
            &mut open.deleted,
            &mut open.people,
            &mut open.attached,
            &mut open.attachments,
            &mut open.pieces,
            &mut open.old_attachments,
        ] {
            batch.raw.extend(children.raw(&open.database, &of));
        }
        batch.raw.append(&mut open.replies);
        Ok(Some(batch))
    }

    fn findings(&mut self) -> Result<Findings, HandsetError> {
        let mut findings = std::mem::take(&mut self.findings);
        if let Some(open) = &mut self.open {
            findings.missing.append(&mut open.database.damage);
            if open.unread > 0 {
                findings.raw_only += open.unread;
                findings.missing.push(phrase!(
                    "Messages whose texts can't be read: {}. They are kept as they are on the phone.",
                    open.unread
                ));
            }
            if open.files > open.missing {
                findings.notes.push(phrase!(
                    "Pictures and other attachments of messages: {}. They are among the files, in the folder “Message \
                     attachments”, and the pages of the conversations show them.",
                    open.files - open.missing
                ));
            }
            if open.missing > 0 {
                findings.notes.push(phrase!(
                    "Attachments of messages that the phone names and whose files are not there: {}. They may be only \
                     in iCloud.",
                    open.missing
                ));
            }
        }
        Ok(findings)
    }
}
