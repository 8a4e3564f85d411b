//! Messages and calls of unusual kinds, and notes.

use std::io::Write;

use super::Phone;
use crate::model::{
    Call, CallKind, Collection, DELETED, HandsetPath, Message, MessageFolder, Note, PartFile,
    RecordBody, UNSENT,
};

#[test]
fn messages_of_the_first_systems_are_read() {
    let phone = Phone::new();
    phone
        .database("HomeDomain/Library/SMS/sms.db")
        .execute_batch(
            "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, address TEXT, date INTEGER, text TEXT, flags INTEGER,
               group_id INTEGER, is_madrid INTEGER, madrid_handle TEXT, madrid_flags INTEGER, read INTEGER);
             INSERT INTO message VALUES (1, '+49171', 1300000000, 'in', 2, 4, 0, NULL, 0, 1),
               (2, '+49171', 1300000060, 'out', 3, 4, 0, NULL, 0, 0), (3, '+49171', 1300000061, 'failed', 33, 4, 0, NULL, 0, 0),
               (4, NULL, 350000000, 'blue', 0, 5, 1, 'ann@example.org', 12289, 1);",
        )
        .unwrap();
    let read = phone.read(Collection::Messages);
    read.is_whole();
    let all: Vec<&Message> = read
        .bodies()
        .filter_map(|body| match body {
            RecordBody::Message(message) => Some(message),
            _ => None,
        })
        .collect();
    let folders: Vec<_> = all.iter().map(|message| message.folder).collect();
    assert_eq!(
        folders,
        [
            MessageFolder::Received,
            MessageFolder::Sent,
            MessageFolder::Failed,
            MessageFolder::Received,
        ]
    );
    assert_eq!(all[0].at, Some(1_300_000_000_000));
    assert_eq!(all[3].at, Some((350_000_000 + 978_307_200) * 1000));
    assert_eq!(all[3].from(), Some("ann@example.org"));
}

/// Until iOS 5, the parts of a message are rows of their own, or files; the groups of iMessage have their people in a list.
#[test]
fn pictures_and_groups_of_ios_5_are_read() {
    let phone = Phone::new();
    let mut people = Vec::new();
    let names = ["+49171", "bob@example.org"].map(|name| plist::Value::String(name.into()));
    plist::Value::Array(names.to_vec())
        .to_writer_binary(&mut people)
        .unwrap();
    let people: String = people.iter().map(|byte| format!("{byte:02x}")).collect();
    phone
        .database("HomeDomain/Library/SMS/sms.db")
        .execute_batch(&format!(
            "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, address TEXT, date INTEGER, text TEXT, flags INTEGER,
               group_id INTEGER, is_madrid INTEGER, madrid_handle TEXT, madrid_flags INTEGER, madrid_error INTEGER,
               madrid_roomname TEXT);
             CREATE TABLE msg_pieces (ROWID INTEGER PRIMARY KEY, message_id INTEGER, data BLOB, part_id INTEGER,
               content_type TEXT, content_id TEXT, content_loc TEXT);
             CREATE TABLE madrid_chat (ROWID INTEGER PRIMARY KEY, room_name TEXT, participants BLOB);
             CREATE TABLE madrid_attachment (ROWID INTEGER PRIMARY KEY, attachment_guid TEXT, filename TEXT,
               mime_type TEXT, message_id INTEGER);
             INSERT INTO madrid_chat VALUES (1, 'chat9', x'{people}');
             INSERT INTO message VALUES (1, '+49171', 1300000000, NULL, 2, 2, 0, NULL, 0, 0, NULL),
               (2, NULL, 350000000, 'in', 0, 0, 1, 'bob@example.org', 12289, 0, 'chat9'),
               (3, NULL, 350000001, 'out', 0, 0, 1, NULL, 36869, 22, 'chat9');
             INSERT INTO msg_pieces VALUES (1, 1, 'grüße', 0, 'text/plain', NULL, 'text_0.txt'),
               (2, 1, x'ffd8ffe0', 1, 'image/jpeg', NULL, 'IMG_1.jpg'), (3, 1, NULL, 2, 'image/jpeg', NULL, NULL);
             INSERT INTO madrid_attachment VALUES (1, 'A', '/var/mobile/Library/SMS/Attachments/0a/P.jpg', 'image/jpeg', 2);"
        ))
        .unwrap();
    for file in ["Parts/1-2.jpg", "Attachments/0a/P.jpg"] {
        let path = phone.path(&format!("MediaDomain/Library/SMS/{file}"));
        std::fs::write(path, b"\xff\xd8").unwrap();
    }
    let read = phone.read(Collection::Messages);
    read.is_whole();
    let all: Vec<&Message> = read
        .bodies()
        .filter_map(|body| match body {
            RecordBody::Message(message) => Some(message),
            _ => None,
        })
        .collect();
    assert_eq!(all[0].text.as_deref(), Some("grüße"));
    let [_, picture, file] = &all[0].parts[..] else {
        panic!("{:?}", all[0].parts);
    };
    let replies = read.batches.iter().flat_map(|batch| &batch.raw);
    let mut replies = replies.filter(|reply| Some(&reply.request) == picture.reply.as_ref());
    assert_eq!(replies.next().unwrap().bytes, b"\xff\xd8\xff\xe0");
    let at = |path: &str| Some(PartFile::At(HandsetPath(path.into())));
    assert_eq!(file.file, at("MediaDomain/Library/SMS/Parts/1-2.jpg"));
    assert_eq!(
        all[1].parts[0].file,
        at("MediaDomain/Library/SMS/Attachments/0a/P.jpg")
    );
    assert_eq!((all[1].people.len(), all[2].people.len()), (2, 2));
    assert_eq!(all[1].from(), Some("bob@example.org"));
    assert_eq!(
        (all[1].thread, all[2].folder),
        (None, MessageFolder::Failed)
    );
}

/// Notes are in another database than reminders, and don't depend on it.
#[test]
fn notes_are_read_without_reminders() {
    let phone = Phone::new();
    phone
        .database("HomeDomain/Library/Notes/notes.sqlite")
        .execute_batch(
            "CREATE TABLE ZNOTE (Z_PK INTEGER PRIMARY KEY, ZTITLE TEXT, ZBODY INTEGER, ZCREATIONDATE REAL, ZMODIFICATIONDATE REAL);
             CREATE TABLE ZNOTEBODY (Z_PK INTEGER PRIMARY KEY, ZCONTENT TEXT, ZOWNER INTEGER);
             INSERT INTO ZNOTE VALUES (1, 'Tide', 1, 700000000, 700000000);
             INSERT INTO ZNOTEBODY VALUES (1, 'Tide<br>at six', 1);",
        )
        .unwrap();
    std::fs::write(
        phone.path("HomeDomain/Library/Reminders/Container_v1/Stores/Data-local.sqlite"),
        "no database",
    )
    .unwrap();
    let read = phone.read(Collection::Todos);
    assert!(
        read.bodies()
            .any(|body| matches!(body, RecordBody::Note(_)))
    );
    assert_eq!(read.holding.unreadable, None);
    let said = read.findings.missing.join(" ");
    assert!(said.contains("Data-local.sqlite"), "{said}");
}

#[test]
fn reactions_edits_and_unreadable_texts_are_named() {
    let phone = Phone::new();
    phone
        .database("HomeDomain/Library/SMS/sms.db")
        .execute_batch(
            "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, text TEXT, attributedBody BLOB, handle_id INTEGER, date INTEGER,
               is_from_me INTEGER, associated_message_type INTEGER, associated_message_guid TEXT, date_edited INTEGER);
             CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);
             INSERT INTO handle VALUES (1, '+49171');
             INSERT INTO message VALUES (1, 'Loved “hi”', NULL, 1, 700000000000000000, 0, 2000, 'p:0/X', 0),
               (2, NULL, x'040b73747265616d747970656481e803', 1, 700000000000000000, 0, 0, NULL, 700000001000000000),
               (3, char(0xfffc), NULL, 1, 0, 0, 0, NULL, 0);",
        )
        .unwrap();
    let read = phone.read(Collection::Messages);
    assert_eq!(read.findings.raw_only, 1);
    assert!(
        read.findings.missing[0].starts_with("Messages whose texts"),
        "{:?}",
        read.findings
    );
    let all: Vec<&Message> = read
        .bodies()
        .filter_map(|body| match body {
            RecordBody::Message(message) => Some(message),
            _ => None,
        })
        .collect();
    let has = |message: &Message, name: &str, value: &str| {
        message.extended.contains(&(name.into(), value.into()))
    };
    assert!(has(all[0], "reaction", "loved"));
    assert!(
        has(all[1], "date_edited", "2023-03-08T20:26:41Z"),
        "{:?}",
        all[1].extended
    );
    assert_eq!((&all[2].text, all[2].at), (&None, None));
}

#[test]
fn the_mailbox_is_read_without_a_list_of_calls() {
    let phone = Phone::new();
    phone
        .database("HomeDomain/Library/Voicemail/voicemail.db")
        .execute_batch(
            "CREATE TABLE voicemail (ROWID INTEGER PRIMARY KEY, remote_uid INTEGER, date INTEGER, token TEXT, sender TEXT,
               callback_num TEXT, duration INTEGER, expiration INTEGER, trashed_date INTEGER, flags INTEGER);
             INSERT INTO voicemail VALUES (1, 1, 1600000000, 'a', '+49171', '+49171', 12, 0, 0, 11),
               (2, 2, 1600000001, 'a', NULL, NULL, 3, 0, 1600000009, 11);",
        )
        .unwrap();
    let read = phone.read(Collection::Calls);
    let all: Vec<&Call> = read
        .bodies()
        .filter_map(|body| match body {
            RecordBody::Call(call) => Some(call),
            _ => None,
        })
        .collect();
    assert!(all.iter().all(|call| call.kind == CallKind::Voicemail));
    assert_eq!((all.len(), read.holding.handset_says), (2, None));
    assert!(all[1].source.deleted);
    // The list of calls is out of reach, which is no fault of the mailbox.
    assert!(read.holding.out_of_reach.is_some());
    assert_eq!(read.findings.missing, Vec::<String>::new());
    assert!(read.holding.notes[0].contains("mailbox: 1"));
    assert!(
        Phone::new()
            .read(Collection::Calls)
            .holding
            .out_of_reach
            .is_some()
    );
    assert!(
        Phone::new()
            .read(Collection::Messages)
            .holding
            .out_of_reach
            .is_some()
    );
}

/// Packs a text as `NoteStore.sqlite` does.
fn packed(text: &str) -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| {
        let mut field = vec![
            number << 3 | 2,
            (bytes.len() & 0x7f | 0x80) as u8,
            (bytes.len() >> 7) as u8,
        ];
        field.extend(bytes);
        field
    };
    let note = [&[0x08, 0x00][..], &field(2, text.as_bytes())].concat();
    let document = [&[0x08, 0x00, 0x10, 0x00][..], &field(3, &note)].concat();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&field(2, &document)).unwrap();
    gzip.finish().unwrap()
}

#[test]
fn notes_of_both_kinds_are_read_and_locked_ones_named() {
    let phone = Phone::new();
    phone
        .database("HomeDomain/Library/Reminders/Container_v1/Stores/Data-local.sqlite")
        .execute_batch("CREATE TABLE ZREMCDREMINDER (Z_PK INTEGER PRIMARY KEY, ZTITLE VARCHAR)")
        .unwrap();
    let store = phone.database("AppDomainGroup-group.com.apple.notes/NoteStore.sqlite");
    store
        .execute_batch(
            "CREATE TABLE ZICNOTEDATA (Z_PK INTEGER PRIMARY KEY, ZNOTE INTEGER, ZDATA BLOB);
             CREATE TABLE ZICCLOUDSYNCINGOBJECT (Z_PK INTEGER PRIMARY KEY, ZIDENTIFIER VARCHAR, ZTITLE1 VARCHAR, ZTITLE2 VARCHAR,
               ZFOLDER INTEGER, ZCREATIONDATE1 TIMESTAMP, ZCREATIONDATE3 TIMESTAMP, ZISPASSWORDPROTECTED INTEGER,
               ZMARKEDFORDELETION INTEGER);
             INSERT INTO ZICCLOUDSYNCINGOBJECT VALUES (1, 'F', NULL, 'Boat', NULL, NULL, NULL, 0, 0),
               (2, 'N2', 'Tides', NULL, 1, NULL, 700000000, 0, 0), (3, 'N3', 'Secret', NULL, 1, NULL, NULL, 1, 0),
               (4, 'N4', 'Torn', NULL, 1, NULL, NULL, 0, 0);
             INSERT INTO ZICNOTEDATA VALUES (2, 3, x'00'), (3, 4, x'1f8b00');",
        )
        .unwrap();
    let text = format!("Tides\nhigh at noon\u{fffc}\n{}", "é".repeat(200));
    store
        .execute("INSERT INTO ZICNOTEDATA VALUES (1, 2, ?1)", [packed(&text)])
        .unwrap();
    phone
        .database("HomeDomain/Library/Notes/notes.sqlite")
        .execute_batch(
            "CREATE TABLE ZNOTE (Z_PK INTEGER PRIMARY KEY, ZTITLE VARCHAR, ZCREATIONDATE TIMESTAMP);
             CREATE TABLE ZNOTEBODY (Z_PK INTEGER PRIMARY KEY, ZOWNER INTEGER, ZCONTENT VARCHAR);
             INSERT INTO ZNOTE VALUES (1, 'Old', 300000000);
             INSERT INTO ZNOTEBODY VALUES (1, 1, 'Old<div>rope &amp; oil</div>');",
        )
        .unwrap();
    let read = phone.read(Collection::Todos);
    let notes = read.bodies().filter_map(|body| match body {
        RecordBody::Note(note) => Some(note),
        _ => None,
    });
    let notes: Vec<&Note> = notes.collect();
    let texts: Vec<_> = notes
        .iter()
        .map(|note| (note.title.as_deref(), note.text.replace('é', "")))
        .collect();
    assert_eq!(
        texts,
        [
            (None, "Tides\nhigh at noon\n".to_owned()),
            (Some("Secret"), String::new()),
            (Some("Torn"), String::new()),
            (None, "Old\nrope & oil".to_owned()),
        ]
    );
    assert_eq!(notes[0].categories, ["Boat"]);
    assert!(notes[0].created.is_some());
    assert_eq!(
        (read.holding.handset_says, read.findings.raw_only),
        (Some(0), 1)
    );
    assert!(
        read.findings
            .notes
            .iter()
            .any(|said| said.starts_with("Notes with a password")),
        "{:?}",
        read.findings
    );
}

/// Since iOS 16 and 18: a message that was taken back, one that is sent later, and one that was deleted lately.
#[test]
fn messages_of_unusual_states_are_marked() {
    let phone = Phone::new();
    phone
        .database("HomeDomain/Library/SMS/sms.db")
        .execute_batch(
            "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, text TEXT, handle_id INTEGER, date INTEGER,
               is_from_me INTEGER, is_sent INTEGER, date_edited INTEGER, schedule_type INTEGER, schedule_state INTEGER);
             CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);
             CREATE TABLE chat (ROWID INTEGER PRIMARY KEY, guid TEXT);
             CREATE TABLE chat_message_join (chat_id INTEGER, message_id INTEGER);
             CREATE TABLE chat_recoverable_message_join (chat_id INTEGER, message_id INTEGER, delete_date INTEGER);
             CREATE TABLE attachment (ROWID INTEGER PRIMARY KEY, filename TEXT, transfer_name TEXT, total_bytes INTEGER);
             CREATE TABLE message_attachment_join (message_id INTEGER, attachment_id INTEGER);
             INSERT INTO handle VALUES (1, '+49171');
             INSERT INTO chat VALUES (7, 'c');
             INSERT INTO message VALUES (1, NULL, 1, 700000000000000000, 0, 0, 700000001000000000, 0, 0),
               (2, 'later', 1, 800000000000000000, 1, 0, 0, 2, 1), (3, 'gone', 1, 700000000000000000, 0, 0, 0, 0, 0),
               (4, 'sent', 1, 700000000000000000, 1, 1, 0, 2, 2);
             INSERT INTO chat_message_join VALUES (7, 1), (7, 2), (7, 4);
             INSERT INTO chat_recoverable_message_join VALUES (7, 3, 700000002000000000);
             INSERT INTO attachment VALUES (1, '~/Library/SMS/Attachments/a/C.mov', 'C.mov', 9);
             INSERT INTO message_attachment_join VALUES (4, 1);",
        )
        .unwrap();
    let read = phone.read(Collection::Messages);
    read.is_whole();
    let all: Vec<&Message> = read
        .bodies()
        .filter_map(|body| match body {
            RecordBody::Message(message) => Some(message),
            _ => None,
        })
        .collect();
    let is = |message: &Message, mark: &str| {
        let mut marks = message.extended.iter();
        marks.any(|(name, _)| name == mark)
    };
    let marks: Vec<_> = all
        .iter()
        .map(|message| (is(message, UNSENT), is(message, DELETED), message.folder))
        .collect();
    assert_eq!(
        marks,
        [
            (true, false, MessageFolder::Received),
            (false, false, MessageFolder::Queued),
            (false, true, MessageFolder::Received),
            (false, false, MessageFolder::Sent),
        ]
    );
    assert!(all.iter().all(|message| message.thread == Some(7)));
    assert_eq!(all[3].parts[0].file, Some(PartFile::Missing));
    assert!(
        read.findings
            .notes
            .iter()
            .any(|note| note.ends_with("only in iCloud."))
    );
}
