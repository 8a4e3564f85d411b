//! Messages. Sources of the layouts: public dumps of iOS 6 and iOS 18, and ios-backup-parser's description.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};

use super::owner::{Owner, Text};
use super::{COCOA, Layout};

/// Archives a text as `NSAttributedString` in the typedstream format, with the attributes that real messages have.
pub fn archived(text: &str) -> Vec<u8> {
    let mut bytes = b"\x04\x0bstreamtyped\x81\xe8\x03\x84\x01@\x84\x84\x84\x12NSAttributedString\x00\x84\x84\x08NSObject\x00\x85".to_vec();
    bytes.extend(b"\x92\x84\x84\x84\x08NSString\x01\x94\x84\x01+");
    match text.len() {
        length @ 0..=127 => bytes.push(length as u8),
        length @ 128..=0xffff => {
            bytes.push(0x81);
            bytes.extend((length as u16).to_le_bytes());
        }
        length => {
            bytes.push(0x82);
            bytes.extend((length as u32).to_le_bytes());
        }
    }
    bytes.extend(text.as_bytes());
    bytes.extend(b"\x86\x84\x02iI\x01");
    bytes.push(text.chars().count().min(100) as u8);
    bytes.extend(b"\x92\x84\x84\x84\x0cNSDictionary\x00\x94\x84\x01i\x00\x86\x86");
    bytes
}

fn tables(layout: Layout) -> String {
    let later = match layout >= Layout::Ios14 {
        true => {
            ", attributedBody BLOB, associated_message_guid TEXT, associated_message_type INTEGER DEFAULT 0, \
                 date_edited INTEGER, date_retracted INTEGER, balloon_bundle_id TEXT, destination_caller_id TEXT"
        }
        false => ", attributedBody BLOB",
    };
    format!(
        "CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, text TEXT,
           subject TEXT, service TEXT, handle_id INTEGER DEFAULT 0, date INTEGER, date_read INTEGER,
           date_delivered INTEGER, is_from_me INTEGER DEFAULT 0, is_read INTEGER DEFAULT 0, error INTEGER DEFAULT 0,
           cache_has_attachments INTEGER DEFAULT 0{later});
         CREATE TABLE handle (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, country TEXT, service TEXT);
         CREATE TABLE chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, style INTEGER,
           chat_identifier TEXT, service_name TEXT, display_name TEXT);
         CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, guid TEXT UNIQUE NOT NULL, filename TEXT,
           uti TEXT, mime_type TEXT, transfer_name TEXT, total_bytes INTEGER DEFAULT 0);
         CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER, PRIMARY KEY (chat_id, message_id));
         CREATE TABLE chat_handle_join (chat_id INTEGER, handle_id INTEGER, UNIQUE(chat_id, handle_id));
         CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER,
           UNIQUE(message_id, attachment_id));"
    )
}

/// The path of the picture of a message.
pub fn attachment_of(index: usize) -> String {
    format!("Library/SMS/Attachments/0a/10/{index}/IMG_1.jpg")
}

/// Fills the list of messages.
pub fn fill(database: &Connection, layout: Layout, owner: &Owner) -> rusqlite::Result<()> {
    database.execute_batch(&tables(layout))?;
    let (mut handles, mut chats) = (BTreeMap::new(), BTreeMap::new());
    for (index, text) in owner.texts.iter().enumerate() {
        let mut people = Vec::new();
        for person in &text.people {
            if !handles.contains_key(person) {
                database.execute(
                    "INSERT INTO handle (id, service) VALUES (?1, 'iMessage')",
                    [person],
                )?;
                handles.insert(person.clone(), database.last_insert_rowid());
            }
            people.extend(handles.get(person).copied());
        }
        if !chats.contains_key(&people) {
            let style = if people.len() > 1 { 43 } else { 45 };
            database.execute(
                "INSERT INTO chat (guid, style, service_name) VALUES (?1, ?2, 'iMessage')",
                params![format!("chat{index}"), style],
            )?;
            let chat = database.last_insert_rowid();
            for person in &people {
                database.execute(
                    "INSERT INTO chat_handle_join VALUES (?1, ?2)",
                    [chat, *person],
                )?;
            }
            chats.insert(people.clone(), chat);
        }
        let chat = chats.get(&people).copied().unwrap_or_default();
        let sender = people.first().copied().unwrap_or_default();
        write(database, layout, index, text, (chat, sender))?;
    }
    Ok(())
}

fn write(
    database: &Connection,
    layout: Layout,
    index: usize,
    text: &Text,
    (chat, sender): (i64, i64),
) -> rusqlite::Result<()> {
    // Nanoseconds since iOS 11. Since iOS 16 most texts are in the archive only.
    let unit = if layout >= Layout::Ios12 {
        1_000_000_000
    } else {
        1
    };
    let is_archived = layout >= Layout::Ios16 && !index.is_multiple_of(5);
    database.execute(
        "INSERT INTO message (guid, text, attributedBody, service, handle_id, date, is_from_me, is_read)
         VALUES (?1, ?2, ?3, 'iMessage', ?4, ?5, ?6, 1)",
        params![
            format!("message-{index}"),
            (!is_archived).then_some(&text.text),
            is_archived.then(|| archived(&text.text)),
            if text.is_own { 0 } else { sender },
            (text.at - COCOA) * unit,
            text.is_own,
        ],
    )?;
    let id = database.last_insert_rowid();
    database.execute("INSERT INTO chat_message_join VALUES (?1, ?2)", [chat, id])?;
    if text.has_picture {
        database.execute(
            "INSERT INTO attachment (guid, filename, uti, mime_type, transfer_name, total_bytes)
             VALUES (?1, ?2, 'public.jpeg', 'image/jpeg', 'IMG_1.jpg', ?3)",
            params![
                format!("at{index}"),
                format!("~/{}", attachment_of(index)),
                // Systems before iOS 7 don't say the size, and later ones not always.
                if index.is_multiple_of(2) { 4_000 } else { 0 }
            ],
        )?;
        let attachment = database.last_insert_rowid();
        database.execute(
            "INSERT INTO message_attachment_join VALUES (?1, ?2)",
            [id, attachment],
        )?;
    }
    Ok(())
}
