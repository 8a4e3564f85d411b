//! A phone with very much on it. `cargo test --release --lib iphone::databases::tests::large -- --ignored --nocapture`

use std::sync::Arc;
use std::time::Instant;

use super::{Folder, Phone, room};
use crate::model::{Collection, Past};

const COUNT: u32 = 100_000;

/// The most memory that this process has used, in KiB (proc(5)).
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "takes long"]
fn a_hundred_thousand_of_each_are_read_in_flat_memory() {
    let phone = Phone::new();
    phone
        .database("HomeDomain/Library/AddressBook/AddressBook.sqlitedb")
        .execute_batch(&format!(
            "CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Note TEXT, StoreID INTEGER, PersonLink INTEGER);
             CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, label INTEGER, value TEXT);
             CREATE TABLE ABMultiValueEntry (parent_id INTEGER, key INTEGER, value TEXT);
             CREATE TABLE ABMultiValueEntryKey (value TEXT);
             INSERT INTO ABMultiValueEntryKey VALUES ('Street');
             WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT})
               INSERT INTO ABPerson SELECT i, 'Given ' || i, 'Family', hex(zeroblob(100)), 0, -1 FROM n;
             INSERT INTO ABMultiValue SELECT NULL, ROWID, p, NULL, CASE p WHEN 5 THEN NULL ELSE '+49' || ROWID END
               FROM ABPerson, (SELECT 3 AS p UNION SELECT 4 UNION SELECT 5);
             INSERT INTO ABMultiValueEntry SELECT UID, 1, 'Street ' || UID FROM ABMultiValue WHERE property = 5;"
        ))
        .unwrap();
    phone
        .database("HomeDomain/Library/SMS/sms.db")
        .execute_batch(&format!(
            "CREATE TABLE message (ROWID INTEGER PRIMARY KEY, text TEXT, handle_id INTEGER, date INTEGER, is_from_me INTEGER);
             CREATE TABLE handle (ROWID INTEGER PRIMARY KEY, id TEXT);
             INSERT INTO handle VALUES (1, '+49171');
             WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {COUNT})
               INSERT INTO message SELECT i, 'Text ' || i || hex(zeroblob(60)), 1, i + 700000000, i % 2 FROM n;"
        ))
        .unwrap();
    for what in [Collection::Contacts, Collection::Messages] {
        let began = Instant::now();
        let mut room = room(what, Arc::new(Folder(phone.0.path().to_owned()))).unwrap();
        room.survey(&Past::default()).unwrap();
        let (mut after, mut records, mut early) = (None, 0, 0);
        while let Some(batch) = room.next_batch(after.as_ref()).unwrap() {
            records += batch.records.len();
            after = batch.bookmark;
            if records < 10_000 {
                early = most_memory();
            }
        }
        let took = began.elapsed();
        let late = most_memory();
        eprintln!("{what:?}: {records} in {took:?}; {early} KiB, at the end {late} KiB");
        assert_eq!(records, COUNT as usize);
        assert!(late < early + 16_384, "{early} {late}");
    }
}
