//! Public sample databases, compared with what plain SQL says about them. They are read from the folder
//! `samples/iphone` of `LIFEBOAT_SHARED`, which has a folder for each phone; without it there is nothing to compare.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Read;
use crate::model::{Collection, RecordBody};

fn phones() -> Vec<PathBuf> {
    let Some(shared) = std::env::var_os("LIFEBOAT_SHARED") else {
        return Vec::new();
    };
    let folder = Path::new(&shared).join("samples/iphone");
    let found = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<_> = found
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    all.sort();
    all
}

/// A copy of a phone's folder, so that nothing is changed beside the samples.
fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy(&path, &to),
            false => drop(std::fs::copy(&path, &to).unwrap()),
        }
    }
}

fn counted(path: &Path, sql: &str) -> Option<i64> {
    let database = Connection::open(path).ok()?;
    database.query_row(sql, [], |row| row.get(0)).ok()
}

#[test]
fn public_databases_give_what_sql_says() {
    for phone in phones() {
        let place = tempfile::tempdir().unwrap();
        copy(&phone, place.path());
        let book = place
            .path()
            .join("HomeDomain/Library/AddressBook/AddressBook.sqlitedb");
        if book.exists() {
            let read = Read::of(place.path(), Collection::Contacts);
            let (mut persons, mut entries, mut pictures) = (0, BTreeMap::<&str, usize>::new(), 0);
            for body in read.bodies() {
                if let RecordBody::Contact(contact) = body {
                    persons += contact.sources.len();
                    *entries.entry("phone").or_default() += contact.phones.len();
                    *entries.entry("email").or_default() += contact.emails.len();
                    *entries.entry("address").or_default() += contact.addresses.len();
                    *entries.entry("url").or_default() += contact.websites.len();
                    pictures += usize::from(contact.has_picture);
                }
            }
            eprintln!(
                "{}: {persons} persons, {entries:?}, {pictures} pictures, {:?} {:?}",
                phone.display(),
                read.holding,
                read.findings
            );
            let says = counted(&book, "SELECT count(*) FROM ABPerson");
            assert_eq!(says.unwrap_or(0), persons as i64);
        }
        for (what, path, sql) in [
            (
                Collection::Calendar,
                "HomeDomain/Library/Calendar/Calendar.sqlitedb",
                "SELECT count(*) FROM CalendarItem",
            ),
            (
                Collection::Messages,
                "HomeDomain/Library/SMS/sms.db",
                "SELECT count(*) FROM message",
            ),
            (
                Collection::Calls,
                "HomeDomain/Library/CallHistoryDB/CallHistory.storedata",
                "SELECT count(*) FROM ZCALLRECORD",
            ),
        ] {
            let file = place.path().join(path);
            if !file.exists() {
                continue;
            }
            let read = Read::of(place.path(), what);
            eprintln!(
                "{} {what:?}: {:?} {:?}",
                phone.display(),
                read.holding,
                read.findings
            );
            for body in read.bodies() {
                eprintln!("{body:?}");
            }
            assert_eq!(
                read.rows() as i64,
                counted(&file, sql).unwrap_or(0),
                "{what:?}"
            );
        }
        let read = Read::of(place.path(), Collection::Todos);
        eprintln!(
            "{} to-dos: {:?} {:?}",
            phone.display(),
            read.holding,
            read.findings
        );
        for body in read.bodies() {
            eprintln!("{body:?}");
        }
    }
}
