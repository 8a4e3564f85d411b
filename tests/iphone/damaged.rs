//! Databases, logs and lists that are cut or altered: what is left of them is rescued, and nothing of it is called
//! complete.

use std::fs;
use std::path::PathBuf;

use lifeboat::model::{Collection, CollectionOutcome, Verdict};
use lifeboat::practice::iphone_backup::{Era, PhoneFile, Settings};
use rusqlite::Connection;
use sha1::{Digest as _, Sha1};

use crate::backups::{OnDisk, PASSWORD, given, opened, rescued, settings};

const HOME: &str = "HomeDomain";
const MESSAGES: &str = "Library/SMS/sms.db";

impl OnDisk {
    /// Where a file of the phone is in the folder.
    pub fn place(&self, domain: &str, path: &str) -> PathBuf {
        let id = Sha1::digest(format!("{domain}-{path}"));
        let name: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let inner = self.path().join(&name[..2]).join(&name);
        match inner.exists() {
            true => inner,
            false => self.path().join(name),
        }
    }

    /// Changes a file of the phone on the disk.
    pub fn change(&self, (domain, path): (&str, &str), change: impl FnOnce(&mut Vec<u8>)) {
        let place = self.place(domain, path);
        let mut bytes = fs::read(&place).unwrap();
        change(&mut bytes);
        fs::write(place, bytes).unwrap();
    }
}

/// A list of messages, 40 of them in the database and 20 in its log.
fn messages() -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sms");
    let db = Connection::open(&path).unwrap();
    let fill = |count: u32| {
        for _ in 0..count {
            db.execute_batch("INSERT INTO message (date, text, is_from_me) VALUES (700000000, hex(randomblob(600)), 1);")
                .unwrap();
        }
    };
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;
         CREATE TABLE message (ROWID INTEGER PRIMARY KEY, date INTEGER, text TEXT, is_from_me INTEGER, flags INTEGER);",
    )
    .unwrap();
    fill(40);
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")
        .unwrap();
    fill(20);
    let log = folder.path().join("sms-wal");
    (fs::read(&path).unwrap(), fs::read(log).unwrap())
}

fn disk(era: Era, is_encrypted: bool, files: Vec<PhoneFile>) -> OnDisk {
    OnDisk::new(&Settings {
        files,
        ..settings(era, is_encrypted)
    })
}

fn read(disk: &OnDisk, what: Collection) -> (CollectionOutcome, bool) {
    let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
    let (_parent, outcome) = rescued(&mut *handset);
    let mut all = outcome.collections.into_iter();
    (all.find(|one| one.name == what).unwrap(), outcome.safe)
}

#[test]
fn a_log_that_is_cut_or_altered_is_named_and_never_complete() {
    let log_name = format!("{MESSAGES}-wal");
    for is_encrypted in [false, true] {
        for fault in ["none", "cut", "other", "altered"] {
            let (main, log) = messages();
            let files = vec![
                PhoneFile::new(HOME, MESSAGES, main),
                PhoneFile::new(HOME, &log_name, log),
            ];
            let disk = disk(Era::Ios26, is_encrypted, files);
            disk.change((HOME, &log_name), |log| match fault {
                "cut" => log.truncate(log.len() / 32 * 16),
                "other" => log.fill(0x5a),
                "altered" => {
                    let middle = log.len() / 2;
                    log[middle] ^= 0xff;
                }
                _ => {}
            });
            let (messages, safe) = read(&disk, Collection::Messages);
            let context = format!("{fault} {is_encrypted} {messages:?}");
            if fault == "none" {
                assert_eq!(messages.verdict, Verdict::Complete, "{context}");
                assert_eq!(messages.rescued, 60, "{context}");
                continue;
            }
            assert_eq!(messages.verdict, Verdict::Partial, "{context}");
            assert!(messages.rescued >= 40, "{context}");
            assert!(!safe, "{context}");
            assert!(messages.notes.join(" ").contains("sms.db-wal"), "{context}");
        }
    }
}

/// The phone notes checksums of databases too.
#[test]
fn a_database_with_another_checksum_is_not_complete() {
    for is_encrypted in [false, true] {
        let (main, _) = messages();
        let mut file = PhoneFile::new(HOME, MESSAGES, main);
        file.has_checksum = true;
        let disk = disk(Era::Ios14, is_encrypted, vec![file]);
        assert_eq!(
            read(&disk, Collection::Messages).0.verdict,
            Verdict::Complete
        );
        // Within the text of a message.
        disk.change((HOME, MESSAGES), |main| {
            let at = main.len() - 100;
            main[at] ^= 1;
        });
        let (messages, safe) = read(&disk, Collection::Messages);
        assert_eq!(messages.verdict, Verdict::Partial, "{messages:?}");
        assert!(!safe && messages.notes.join(" ").contains("checksum"));
    }
}

#[test]
fn what_is_left_of_a_cut_database_is_read_and_the_rest_is_named() {
    for era in [Era::Ios9, Era::Ios26] {
        for is_encrypted in [false, true] {
            let (main, _) = messages();
            let disk = disk(
                era,
                is_encrypted,
                vec![PhoneFile::new(HOME, MESSAGES, main)],
            );
            disk.change((HOME, MESSAGES), |main| {
                main.truncate(main.len() * 8 / 10 / 16 * 16);
            });
            let (messages, safe) = read(&disk, Collection::Messages);
            assert_eq!(messages.verdict, Verdict::Partial, "{messages:?}");
            assert!(messages.rescued >= 25, "{messages:?}");
            assert!(!safe && messages.notes.join(" ").contains("sms.db is cut short"));
        }
    }
}

#[test]
fn what_is_left_of_a_cut_list_is_read_and_the_rest_is_named() {
    for is_encrypted in [false, true] {
        let disk = OnDisk::new(&Settings {
            photos: 300,
            ..settings(Era::Ios26, is_encrypted)
        });
        let list = disk.path().join("Manifest.db");
        let mut bytes = fs::read(&list).unwrap();
        bytes.truncate(bytes.len() * 7 / 10 / 16 * 16);
        fs::write(&list, bytes).unwrap();
        let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
        let warnings = handset.health().unwrap().warnings.join(" ");
        assert!(warnings.contains("cut short"), "{warnings}");
        let (_parent, outcome) = rescued(&mut *handset);
        let mut all = outcome.collections.iter();
        let files = all.find(|one| one.name == Collection::Files).unwrap();
        assert!(files.rescued > 100, "{files:?}");
        assert!(!outcome.safe);
    }
}
