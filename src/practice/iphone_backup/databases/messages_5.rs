//! Messages of iOS 5: texts and iMessages (“madrid”) in one table, their parts in others. Source of the layout: public
//! `CREATE` statements.

use std::collections::BTreeMap;

use plist::Value;
use rusqlite::{Connection, params};

use super::COCOA;
use super::messages::archived;
use super::owner::{Owner, Text};
use crate::practice::pictures;

const TABLES: &str = "
    CREATE TABLE message (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT, date INTEGER, text TEXT, flags INTEGER,
      replace INTEGER, svc_center TEXT, group_id INTEGER, association_id INTEGER, height INTEGER, UIFlags INTEGER,
      version INTEGER, subject TEXT, country TEXT, headers BLOB, recipients BLOB, read INTEGER,
      madrid_attributedBody BLOB, madrid_handle TEXT, madrid_guid TEXT, madrid_type INTEGER, madrid_roomname TEXT,
      madrid_service TEXT, madrid_account TEXT, madrid_flags INTEGER, madrid_url TEXT, madrid_error INTEGER,
      is_madrid INTEGER, madrid_date_read INTEGER, madrid_date_delivered INTEGER);
    CREATE TABLE msg_group (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, type INTEGER, newest_message INTEGER,
      unread_count INTEGER, hash INTEGER);
    CREATE TABLE group_member (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER, address TEXT, country TEXT);
    CREATE TABLE msg_pieces (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, message_id INTEGER, data BLOB, part_id INTEGER,
      preview_part INTEGER, content_type TEXT, height INTEGER, version INTEGER, flags INTEGER, content_id TEXT,
      content_loc TEXT, headers BLOB);
    CREATE TABLE madrid_attachment (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, attachment_guid TEXT,
      created_date INTEGER, filename TEXT, uti_type TEXT, mime_type TEXT, transfer_state INTEGER, is_incoming INTEGER,
      message_id INTEGER);
    CREATE TABLE madrid_chat (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, style INTEGER, state INTEGER,
      chat_identifier TEXT, service_name TEXT, guid TEXT, room_name TEXT, participants BLOB);";

/// Groups write iMessages, and so does every second person.
fn is_imessage(index: usize, text: &Text) -> bool {
    text.people.len() > 1 || index % 2 == 1
}

/// The path of a message's picture; `None`: it is in the database.
pub fn file_of(index: usize, text: &Text) -> Option<String> {
    match (is_imessage(index, text), index % 4) {
        (true, _) => Some(format!("Library/SMS/Attachments/0a/10/{index}/IMG_1.jpg")),
        // The name says the message and the number of the part.
        (false, 0) => Some(format!("Library/SMS/Parts/00/01/{}-1.jpg", index + 1)),
        (false, _) => None,
    }
}

/// Fills the list of messages.
pub fn fill(database: &Connection, owner: &Owner) -> rusqlite::Result<()> {
    database.execute_batch(TABLES)?;
    let mut rooms = BTreeMap::new();
    for (index, text) in owner.texts.iter().enumerate() {
        match is_imessage(index, text) {
            true => imessage(database, index, text, &mut rooms)?,
            false => sms(database, index, text)?,
        }
    }
    Ok(())
}

fn sms(database: &Connection, index: usize, text: &Text) -> rusqlite::Result<()> {
    database.execute(
        "INSERT INTO message (address, date, text, flags, group_id, read, is_madrid) VALUES (?1, ?2, ?3, ?4, 1, 1, 0)",
        params![
            text.people.first(),
            text.at,
            text.text,
            if text.is_own { 3 } else { 2 }
        ],
    )?;
    let id = database.last_insert_rowid();
    if text.has_picture {
        let data = match file_of(index, text) {
            Some(_) => None,
            None => Some(pictures::photo(
                1,
                9_000 + u32::try_from(index).unwrap_or_default(),
            )),
        };
        database.execute(
            "INSERT INTO msg_pieces (message_id, data, part_id, content_type, content_loc)
             VALUES (?1, ?2, 1, 'image/jpeg', 'IMG_1.jpg')",
            params![id, data],
        )?;
    }
    Ok(())
}

fn imessage(
    database: &Connection,
    index: usize,
    text: &Text,
    rooms: &mut BTreeMap<Vec<String>, String>,
) -> rusqlite::Result<()> {
    let is_group = text.people.len() > 1;
    if is_group && !rooms.contains_key(&text.people) {
        let room = format!("chat{index}");
        let people = text.people.iter().map(|one| Value::String(one.clone()));
        let mut bytes = Vec::new();
        let list = Value::Array(people.collect());
        list.to_writer_binary(&mut bytes)
            .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
        database.execute(
            "INSERT INTO madrid_chat (style, room_name, participants) VALUES (43, ?1, ?2)",
            params![room, bytes],
        )?;
        rooms.insert(text.people.clone(), room);
    }
    // Some texts are in the archive only.
    let is_archived = index.is_multiple_of(3);
    let is_sender_named = !text.is_own || !is_group;
    database.execute(
        "INSERT INTO message (date, text, flags, group_id, read, is_madrid, madrid_attributedBody, madrid_handle,
           madrid_roomname, madrid_service, madrid_flags, madrid_error, madrid_guid)
         VALUES (?1, ?2, 0, 0, 1, 1, ?3, ?4, ?5, 'Madrid', ?6, 0, ?7)",
        params![
            text.at - COCOA,
            (!is_archived).then_some(&text.text),
            is_archived.then(|| archived(&text.text)),
            text.people.first().filter(|_| is_sender_named),
            rooms.get(&text.people),
            if text.is_own { 36_869 } else { 12_289 },
            format!("madrid-{index}"),
        ],
    )?;
    let id = database.last_insert_rowid();
    if let Some(path) = file_of(index, text).filter(|_| text.has_picture) {
        database.execute(
            "INSERT INTO madrid_attachment (attachment_guid, filename, uti_type, mime_type, message_id)
             VALUES (?1, ?2, 'public.jpeg', 'image/jpeg', ?3)",
            params![format!("at{index}"), format!("/var/mobile/{path}"), id],
        )?;
    }
    Ok(())
}
