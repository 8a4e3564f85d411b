//! The address book.

use rusqlite::Connection;

use super::{Phone, Read};
use crate::model::{
    Collection, Contact, DateKind, Label, MessengerService, RecordBody, UnmappedColumn,
};

const BOOK: &str = "HomeDomain/Library/AddressBook/AddressBook.sqlitedb";
const IMAGES: &str = "HomeDomain/Library/AddressBook/AddressBookImages.sqlitedb";

/// The tables of iOS 15, without those that only the phone itself uses.
const TABLES: &str = "
CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, First TEXT, Last TEXT, Middle TEXT,
  FirstPhonetic TEXT, MiddlePhonetic TEXT, LastPhonetic TEXT, Organization TEXT, Department TEXT, Note TEXT,
  Kind INTEGER, Birthday TEXT, JobTitle TEXT, Nickname TEXT, Prefix TEXT, Suffix TEXT, CompositeNameFallback TEXT,
  ExternalIdentifier TEXT, ExternalUUID TEXT, StoreID INTEGER, PersonLink INTEGER DEFAULT -1,
  IsPreferredName INTEGER DEFAULT 1, guid TEXT, AlternateBirthday TEXT, PreviousFamilyName TEXT,
  FirstPronunciation TEXT, NewInIos30 TEXT);
CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER,
  label INTEGER, value TEXT, guid TEXT);
CREATE TABLE ABMultiValueLabel (value TEXT, UNIQUE(value));
CREATE TABLE ABMultiValueEntry (parent_id INTEGER, key INTEGER, value TEXT, UNIQUE(parent_id, key));
CREATE TABLE ABMultiValueEntryKey (value TEXT, UNIQUE(value));
CREATE TABLE ABGroup (ROWID INTEGER PRIMARY KEY, Name TEXT, StoreID INTEGER);
CREATE TABLE ABGroupMembers (UID INTEGER PRIMARY KEY, group_id INTEGER, member_type INTEGER, member_id INTEGER);
CREATE TABLE ABStore (ROWID INTEGER PRIMARY KEY, Name TEXT, ExternalIdentifier TEXT, Type INTEGER,
  AccountID INTEGER DEFAULT -1, MeIdentifier INTEGER DEFAULT -1);
CREATE TABLE ABAccount (ROWID INTEGER PRIMARY KEY, AccountIdentifier TEXT);
INSERT INTO ABStore VALUES (0, NULL, NULL, 0, -1, -1), (1, 'Card', '/17/carddavhome/card/', 4, 1, 4);
INSERT INTO ABAccount VALUES (1, 'F00D');
INSERT INTO ABMultiValueLabel (rowid, value) VALUES (1, '_$!<Mobile>!$_'), (2, '_$!<Home>!$_'), (3, 'Boat'),
  (4, '_$!<Sister>!$_'), (5, '_$!<School>!$_'), (6, '_$!<Anniversary>!$_'), (7, '_$!<Daughter>!$_');
INSERT INTO ABMultiValueEntryKey (rowid, value) VALUES (1, 'Street'), (2, 'City'), (3, 'username'), (4, 'service'),
  (5, 'CountryCode'), (6, 'url');
";

fn book(phone: &Phone, rows: &str) -> Connection {
    let database = phone.database(BOOK);
    database.execute_batch(TABLES).unwrap();
    database.execute_batch(rows).unwrap();
    database
}

fn contacts(read: &Read) -> Vec<&Contact> {
    let all = read.bodies().filter_map(|body| match body {
        RecordBody::Contact(contact) => Some(contact),
        _ => None,
    });
    all.collect()
}

#[test]
fn a_person_is_read_with_every_entry() {
    let phone = Phone::new();
    book(
        &phone,
        "INSERT INTO ABPerson (ROWID, First, Last, Middle, Prefix, Suffix, FirstPhonetic, Organization, Department,
           JobTitle, Note, Nickname, Birthday, PreviousFamilyName, FirstPronunciation, NewInIos30, StoreID, Kind,
           ExternalIdentifier, guid)
         VALUES (7, 'Lena', 'Krug', 'M.', 'Dr.', 'jr.', 'leena', 'Werft AG', 'Hull', 'Welder', 'likes tea', 'Leni',
           '-12524846400', 'Sand', 'lehna', 'seven', 1, 0, '/17/x.vcf', 'ABCD:ABPerson');
         INSERT INTO ABMultiValue VALUES
           (1, 7, 3, 0, 1, '+49 170 0000011', 'a'), (2, 7, 3, 1, 3, '0431 5', 'b'),
           (3, 7, 4, 0, NULL, 'lena@example.org', 'c'), (4, 7, 5, 0, 2, NULL, 'd'), (5, 7, 13, 0, 2, NULL, 'e'),
           (6, 7, 46, 0, 5, NULL, 'f'), (7, 7, 22, 0, 2, 'https://example.org', 'g'), (8, 7, 23, 0, 4, 'Ida', 'h'),
           (9, 7, 23, 1, 7, 'Mia', 'i'), (10, 7, 12, 0, 6, '360763200', 'j'), (11, 7, 99, 0, 3, 'odd', 'k');
         INSERT INTO ABMultiValueEntry VALUES (4, 1, 'Dock 1'), (4, 2, 'Kiel'), (4, 5, 'de'), (5, 3, 'lena.k'),
           (5, 4, 'Skype'), (6, 3, 'lena_k'), (6, 4, 'mastodon'), (6, 6, 'https://m.example/lena');
         INSERT INTO ABGroup VALUES (1, 'Crew', 1);
         INSERT INTO ABGroupMembers VALUES (1, 1, 0, 7);",
    );
    let read = phone.read(Collection::Contacts);
    read.is_whole();
    assert_eq!(read.holding.handset_says, Some(1));
    let all = contacts(&read);
    let [contact] = all.as_slice() else {
        panic!("{all:?}")
    };
    assert_eq!(contact.uid, "ABCD");
    assert_eq!(contact.display_name, "Dr. Lena M. Krug jr.");
    assert_eq!(contact.names[0].phonetic_given.as_deref(), Some("leena"));
    let nicknames: Vec<_> = contact
        .nicknames
        .iter()
        .map(|n| (&*n.name, &n.label))
        .collect();
    assert_eq!(
        nicknames,
        [("Leni", &Label::Default), ("Sand", &Label::MaidenName)]
    );
    let phones: Vec<_> = contact
        .phones
        .iter()
        .map(|p| (&*p.number, &p.label))
        .collect();
    let boat = Label::Custom("Boat".into());
    assert_eq!(
        phones,
        [("+49 170 0000011", &Label::Mobile), ("0431 5", &boat)]
    );
    assert_eq!(contact.emails[0].label, Label::Unset);
    assert_eq!(contact.addresses[0].street.as_deref(), Some("Dock 1"));
    assert_eq!(contact.addresses[0].city.as_deref(), Some("Kiel"));
    assert_eq!(contact.messengers[0].handle, "lena.k");
    assert_eq!(contact.messengers[0].service, MessengerService::Skype);
    assert_eq!(contact.messengers[1].handle, "lena_k");
    assert_eq!(
        contact.messengers[1].service,
        MessengerService::Custom("mastodon".into())
    );
    let sites: Vec<_> = contact.websites.iter().map(|site| &*site.url).collect();
    assert_eq!(sites, ["https://m.example/lena", "https://example.org"]);
    let relations: Vec<_> = contact
        .relations
        .iter()
        .map(|r| (&*r.name, &*r.kind, r.custom))
        .collect();
    assert_eq!(
        relations,
        [("Ida", "sister", false), ("Mia", "daughter", true)]
    );
    let dates: Vec<_> = contact.dates.iter().map(|d| (&*d.date, &d.kind)).collect();
    assert_eq!(
        dates,
        [
            ("--02-08", &DateKind::Birthday),
            ("2012-06-07", &DateKind::Anniversary)
        ]
    );
    assert_eq!(contact.groups, ["Crew"]);
    let kept = |column: &str, value: &str| {
        contact.unmapped.contains(&UnmappedColumn {
            mimetype: "com.apple.addressbook".into(),
            column: column.into(),
            value: value.into(),
        })
    };
    assert!(kept("NewInIos30", "seven"));
    assert!(kept("FirstPronunciation", "lehna"));
    assert!(kept("property 5 CountryCode", "de"));
    assert!(kept("property 99", "odd"));
    assert!(kept("property 99 label", "Boat"));
    let source = &contact.sources[0];
    assert!(!source.only_here);
    assert_eq!(source.account.kind.as_deref(), Some("iCloud"));
}

#[test]
fn linked_persons_are_one_and_the_preferred_one_names_the_card() {
    let phone = Phone::new();
    book(
        &phone,
        "INSERT INTO ABPerson (ROWID, First, StoreID, PersonLink, IsPreferredName) VALUES
           (1, 'Bob', 0, 5, 0), (2, 'Ann', 0, -1, 1), (3, 'Robert', 1, 5, 1);
         INSERT INTO ABMultiValue VALUES (1, 1, 3, 0, 1, '1', 'a'), (2, 3, 3, 0, 1, '1', 'b'), (3, 3, 3, 0, 1, '2', 'c');",
    );
    let read = phone.read(Collection::Contacts);
    read.is_whole();
    assert_eq!(read.holding.handset_says, Some(2));
    let all = contacts(&read);
    let names: Vec<_> = all.iter().map(|contact| &*contact.display_name).collect();
    assert_eq!(names, ["Robert", "Ann"]);
    let numbers: Vec<_> = all[0].phones.iter().map(|phone| &*phone.number).collect();
    assert_eq!(numbers, ["1", "2"]);
    let rows: Vec<_> = all[0].sources.iter().map(|source| source.row).collect();
    assert_eq!(rows, [3, 1]);
    // Never synchronised, or in no account at all.
    assert!(
        all.iter()
            .all(|contact| contact.sources.iter().all(|source| source.only_here))
    );
}

#[test]
fn the_owner_s_own_card_is_also_kept_apart() {
    let phone = Phone::new();
    book(
        &phone,
        "INSERT INTO ABPerson (ROWID, First, StoreID) VALUES (4, 'Alex', 1)",
    );
    let read = phone.read(Collection::Contacts);
    let own = read
        .bodies()
        .filter(|body| matches!(body, RecordBody::Profile(_)));
    assert_eq!((own.count(), contacts(&read).len()), (1, 1));
}

#[test]
fn pictures_come_with_their_contacts() {
    let phone = Phone::new();
    book(
        &phone,
        "INSERT INTO ABPerson (ROWID, First) VALUES (1, 'Ann'), (2, 'Bob'), (3, 'Cy')",
    );
    let images = phone.database(IMAGES);
    images
        .execute_batch(
            "CREATE TABLE ABThumbnailImage (ROWID INTEGER PRIMARY KEY, record_id INTEGER, format INTEGER, data BLOB);
             CREATE TABLE ABFullSizeImage (ROWID INTEGER PRIMARY KEY, record_id INTEGER, data BLOB);
             INSERT INTO ABThumbnailImage VALUES (1, 1, 0, x'ffd8ff01'), (2, 2, 5, x'ffd8ff02');
             INSERT INTO ABFullSizeImage VALUES (1, 1, x'ffd8ff0304'), (2, 2, zeroblob(3000000));",
        )
        .unwrap();
    let read = phone.read(Collection::Contacts);
    read.is_whole();
    let replies = read.batches.iter().flat_map(|batch| &batch.raw);
    let replies: Vec<_> = replies.collect();
    let pictures = contacts(&read).into_iter().map(|contact| {
        let request = contact
            .picture
            .as_ref()
            .and_then(|picture| picture.reply.as_ref())?;
        let reply = replies.iter().find(|reply| reply.request == *request)?;
        Some(reply.bytes.as_slice())
    });
    let pictures: Vec<_> = pictures.collect();
    assert_eq!(
        pictures,
        [
            Some(b"\xff\xd8\xff\x03\x04".as_slice()),
            Some(b"\xff\xd8\xff\x02"),
            None
        ]
    );
}

#[test]
fn the_raw_rows_are_kept() {
    let phone = Phone::new();
    book(
        &phone,
        "INSERT INTO ABPerson (ROWID, First) VALUES (1, 'Ann');
         INSERT INTO ABMultiValue VALUES (1, 1, 3, 0, 1, '17', 'a');",
    );
    let read = phone.read(Collection::Contacts);
    let raw: Vec<_> = read.batches[0]
        .raw
        .iter()
        .map(|reply| String::from_utf8_lossy(&reply.bytes))
        .collect();
    assert!(
        raw[0].lines().count() == 2 && raw[0].contains("\"Ann\""),
        "{raw:?}"
    );
    assert!(raw[1].contains("\"17\""), "{raw:?}");
}

#[test]
fn many_contacts_are_read_in_pages_and_from_a_bookmark_on() {
    let phone = Phone::new();
    book(
        &phone,
        "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
         INSERT INTO ABPerson (ROWID, First) SELECT i * 3, 'N' || i FROM n;
         INSERT INTO ABMultiValue (UID, record_id, property, value) SELECT ROWID, ROWID, 3, First FROM ABPerson;",
    );
    let read = phone.read(Collection::Contacts);
    read.is_whole();
    let all = contacts(&read);
    assert_eq!(all.len(), 1000);
    assert!(
        all.iter()
            .all(|contact| contact.phones[0].number == contact.display_name)
    );
    let mut keys: Vec<_> = read
        .batches
        .iter()
        .flat_map(|batch| &batch.records)
        .map(|record| &record.key)
        .collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 1000);
    assert!(read.batches.len() > 2);
}

#[test]
fn a_database_whose_wal_is_missing_is_not_an_empty_one() {
    let phone = Phone::new();
    let path = phone.path(BOOK);
    let database = Connection::open(&path).unwrap();
    database.pragma_update(None, "journal_mode", "wal").unwrap();
    database
        .pragma_update(None, "wal_autocheckpoint", 0)
        .unwrap();
    database.execute_batch(TABLES).unwrap();
    database
        .execute_batch("INSERT INTO ABPerson (First) VALUES ('Ann')")
        .unwrap();
    // With its -wal, all is there.
    let with_wal = Phone::new();
    let copy = with_wal.path(BOOK);
    std::fs::copy(&path, &copy).unwrap();
    let beside = |path: &std::path::Path| {
        let mut wal = path.as_os_str().to_owned();
        wal.push("-wal");
        wal
    };
    std::fs::copy(beside(&path), beside(&copy)).unwrap();
    assert_eq!(contacts(&with_wal.read(Collection::Contacts)).len(), 1);
    // Without it, the file shows nothing.
    std::fs::remove_file(beside(&copy)).unwrap();
    let _ = std::fs::remove_file(format!("{}-shm", copy.display()));
    std::fs::copy(&path, &copy).unwrap();
    let read = with_wal.read(Collection::Contacts);
    let why = read.holding.unreadable.unwrap();
    assert!(why.contains("-wal"), "{why}");
}

#[test]
fn an_unknown_kind_of_address_book_is_named_with_its_tables() {
    let phone = Phone::new();
    phone
        .database(BOOK)
        .execute_batch("CREATE TABLE Person (Vorname TEXT)")
        .unwrap();
    let read = phone.read(Collection::Contacts);
    assert!(read.holding.unreadable.unwrap().contains("not known"));
    assert!(read.holding.notes[0].contains("Person (Vorname)"));
}

#[test]
fn what_is_no_database_is_unreadable() {
    for bytes in [b"".as_slice(), b"bplist00 nothing", &[0; 4096]] {
        let phone = Phone::new();
        std::fs::write(phone.path(BOOK), bytes).unwrap();
        assert!(
            phone
                .read(Collection::Contacts)
                .holding
                .unreadable
                .is_some()
        );
    }
    assert!(
        Phone::new()
            .read(Collection::Contacts)
            .holding
            .unreadable
            .is_some()
    );
}

#[test]
fn a_damaged_page_costs_only_its_rows() {
    for damaged in [1, 1000, 2000] {
        let phone = Phone::new();
        let database = book(
            &phone,
            "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
             INSERT INTO ABPerson (First, Note) SELECT 'N' || i || '-', hex(zeroblob(100)) FROM n;",
        );
        drop(database);
        let path = phone.path(BOOK);
        let mut bytes = std::fs::read(&path).unwrap();
        // A page of the table, found by a name on it.
        let name = format!("N{damaged}-");
        let at = bytes
            .windows(name.len())
            .position(|text| text == name.as_bytes())
            .unwrap();
        let page = at / 4096 * 4096;
        bytes[page..page + 4096].fill(0x55);
        std::fs::write(&path, bytes).unwrap();
        let read = phone.read(Collection::Contacts);
        let all = contacts(&read);
        assert!(
            (1900..2000).contains(&all.len()),
            "{damaged}: {}",
            all.len()
        );
        for other in [500, 1500] {
            let name = format!("N{other}-");
            assert!(all.iter().any(|contact| contact.display_name == name));
        }
        assert!(!read.findings.missing.is_empty());
    }
}

#[test]
fn a_hostile_view_is_not_read() {
    let phone = Phone::new();
    phone
        .database(BOOK)
        .execute_batch(
            "CREATE TABLE ABMultiValue (UID, record_id, property, value);
             CREATE VIEW ABPerson AS WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n)
               SELECT i AS First, i AS Last FROM n;",
        )
        .unwrap();
    assert!(
        phone
            .read(Collection::Contacts)
            .holding
            .unreadable
            .is_some()
    );
}
