//! Promises 2 to 6 of the rescue folder: committed data is on the disk, an interrupted rescue goes on, nothing is
//! thrown away, standard tools verify the bag, and only its owner can read it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::NaiveDate;
use lifeboat::collections::is_written_here;
use lifeboat::model::{
    Advice as _, Batch, Bookmark, Calendar, Case, Collection, Contact, Event, Findings, Holding,
    Identity, PersonName, Phone, RawReply, Record, RecordBody, Source, Stop, Todo, Unread, Verdict,
};
use lifeboat::vault::bag::{self, BagInfo};
use lifeboat::vault::{
    CollectionState, Desk, RecordKind, RescueSource, Vault, VaultError, custody, folder, verify,
};
use proptest::prelude::*;

fn identity() -> Identity {
    Identity {
        make: "Google".into(),
        model: "Pixel 6".into(),
        serial: "1A2B3C9A1X".into(),
        system: "Android 13".into(),
        approach: "ADB over TCP".into(),
        is_backup: false,
    }
}

fn source() -> RescueSource {
    RescueSource {
        reach: "127.0.0.1:5555".into(),
        only: vec![Collection::Contacts],
    }
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
}

fn info() -> BagInfo {
    BagInfo {
        date: day(),
        make: "Google".into(),
        model: "Pixel 6".into(),
        system: "Android 13".into(),
        description:
            "Contacts, calendar and to-dos as they were cached on the handset, read without \
                      writing to it. Line\r\nPayload-Oxum: 0.0"
                .into(),
        case: Case::default(),
        desk: Desk {
            ticket: "INC 4711".into(),
            operator: "Kim\nPayload-Oxum: 1.1".into(),
        },
    }
}

fn contact(row: i64) -> Record {
    Record {
        key: format!("contact/{row}"),
        body: RecordBody::Contact(Contact {
            uid: format!("uid-{row}"),
            display_name: format!("Zoë {row} \u{1F9D1}\u{200D}\u{1F680}"),
            names: vec![PersonName {
                given: Some("Zoë".into()),
                ..Default::default()
            }],
            phones: vec![Phone {
                number: format!("+41 44 {row}"),
                ..Default::default()
            }],
            sources: vec![Source {
                row,
                ..Default::default()
            }],
            ..Default::default()
        }),
    }
}

fn batch(rows: std::ops::Range<i64>) -> Batch {
    Batch {
        raw: vec![RawReply {
            packed: Vec::new(),
            request: format!("query contacts {rows:?}"),
            bytes: rows
                .clone()
                .map(|r| format!("Row: {r} _id={r}, name=Zoë\n"))
                .collect::<String>()
                .into(),
        }],
        rows: rows.end.abs_diff(rows.start),
        bookmark: Some(Bookmark(format!("after {}", rows.end))),
        records: rows.map(contact).collect(),
    }
}

fn records(vault: &Vault, what: Collection) -> Vec<Record> {
    let mut all = Vec::new();
    vault
        .for_each_record(what, &RecordKind::ALL, |record| {
            all.push(record);
            Ok::<_, VaultError>(())
        })
        .unwrap();
    all
}

fn raw(vault: &Vault, what: Collection) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    vault
        .for_each_raw(what, |request, first, bytes| {
            match all.last_mut() {
                Some((_, former)) if !first => former.extend_from_slice(bytes),
                _ => all.push((request.to_owned(), bytes.to_owned())),
            }
            Ok::<_, VaultError>(())
        })
        .unwrap();
    all
}

/// A finished rescue with a journal, some files and one empty file.
fn finished(parent: &Path) -> PathBuf {
    let folder = folder::new_folder(parent, day(), "Pixel 6", "1A2B3C9A1X").unwrap();
    let mut vault = Vault::create(&folder, &identity(), &source()).unwrap();
    vault.commit(Collection::Contacts, &batch(0..20)).unwrap();
    fs::write(
        folder.join("data/contacts.vcf"),
        "BEGIN:VCARD\r\nEND:VCARD\r\n",
    )
    .unwrap();
    fs::create_dir(folder.join("data/contacts")).unwrap();
    fs::write(folder.join("data/contacts/00001 Zoë Ærø.vcf"), "one").unwrap();
    fs::write(
        folder.join("data/contacts/ leading, 'quoted' & back\\slash.vcf"),
        "two",
    )
    .unwrap();
    fs::write(folder.join("data/empty.csv"), "").unwrap();
    vault.close().unwrap();
    let sealed = bag::seal(&folder, &info(), &Stop::new(), &mut |_| {}).unwrap();
    assert_eq!(sealed.files, 5);
    folder
}

fn problems(folder: &Path) -> Vec<String> {
    let report = verify(folder, &mut |_| {}).unwrap();
    assert_eq!(report.ok, report.problems.is_empty());
    report.problems
}

#[test]
fn what_was_committed_is_there_after_the_program_was_dropped() {
    let here = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(here.path(), &identity(), &source()).unwrap();
    vault.commit(Collection::Contacts, &batch(0..10)).unwrap();
    vault.commit(Collection::Contacts, &batch(10..15)).unwrap();
    drop(vault);

    let vault = Vault::open(here.path()).unwrap();
    assert_eq!(vault.identity(), &identity());
    assert_eq!(vault.source(), &source());
    assert_eq!(
        vault.bookmark(Collection::Contacts).unwrap(),
        Some(Bookmark("after 15".into()))
    );
    assert_eq!(vault.bookmark(Collection::Calendar).unwrap(), None);
    assert_eq!(vault.rows(Collection::Contacts).unwrap(), 15);
    assert_eq!(
        records(&vault, Collection::Contacts),
        (0..15).map(contact).collect::<Vec<_>>()
    );
    assert_eq!(raw(&vault, Collection::Contacts).len(), 2);
}

const KILLED: &str = "LIFEBOAT_TEST_KILLED_IN";

/// The process that [`what_was_committed_is_there_after_the_program_was_killed`] starts. By itself it does nothing.
#[test]
fn the_program_that_is_killed() {
    let Some(folder) = std::env::var_os(KILLED) else {
        return;
    };
    let folder = PathBuf::from(folder);
    let mut vault = Vault::create(&folder, &identity(), &source()).unwrap();
    for start in 0..5 {
        vault
            .commit(Collection::Contacts, &batch(start * 10..start * 10 + 10))
            .unwrap();
    }
    std::process::abort();
}

#[test]
fn what_was_committed_is_there_after_the_program_was_killed() {
    let here = tempfile::tempdir().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "rescue_folder::the_program_that_is_killed"])
        .env(KILLED, here.path())
        .output()
        .unwrap()
        .status;
    assert!(!status.success());
    assert!(
        here.path().join("data/lifeboat.sqlite-wal").exists(),
        "it was not killed in the midst"
    );
    assert!(!here.path().join("data/lifeboat.sqlite-shm").exists());

    let mut vault = Vault::open(here.path()).unwrap();
    assert_eq!(
        vault.bookmark(Collection::Contacts).unwrap(),
        Some(Bookmark("after 50".into()))
    );
    vault.commit(Collection::Contacts, &batch(50..60)).unwrap();
    assert_eq!(
        records(&vault, Collection::Contacts),
        (0..60).map(contact).collect::<Vec<_>>()
    );
    vault.close().unwrap();
    assert!(!here.path().join("data/lifeboat.sqlite-wal").exists());
}

#[test]
fn an_interrupted_rescue_gives_its_records_in_the_order_of_a_smooth_one() {
    let here = tempfile::tempdir().unwrap();
    let (smooth, broken) = (here.path().join("smooth"), here.path().join("broken"));
    fs::create_dir(&smooth).unwrap();
    fs::create_dir(&broken).unwrap();
    let mut vault = Vault::create(&smooth, &identity(), &source()).unwrap();
    vault.commit(Collection::Contacts, &batch(0..120)).unwrap();
    let expected = records(&vault, Collection::Contacts);

    // The records come in another order, some of them twice, and one with a change in between: the last version counts.
    let mut vault = Vault::create(&broken, &identity(), &source()).unwrap();
    let mut stale = contact(100);
    stale.body = RecordBody::Undecoded {
        what: "row".into(),
        why: "cut off".into(),
        of: None,
        kind: Unread::Damage,
    };
    vault
        .commit(
            Collection::Contacts,
            &Batch {
                records: vec![stale],
                ..Default::default()
            },
        )
        .unwrap();
    vault.commit(Collection::Contacts, &batch(90..120)).unwrap();
    drop(vault);
    let mut vault = Vault::open(&broken).unwrap();
    vault.commit(Collection::Contacts, &batch(0..100)).unwrap();
    assert_eq!(records(&vault, Collection::Contacts), expected);
    assert_eq!(
        vault.counts(Collection::Contacts).unwrap(),
        BTreeMap::from([(RecordKind::Contact, 120)])
    );
    assert_eq!(raw(&vault, Collection::Contacts).len(), 2);
}

#[test]
fn the_handsets_own_bytes_come_back_whatever_their_size() {
    let here = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(here.path(), &identity(), &source()).unwrap();
    // The largest reply is just too large for one row.
    let replies = |sizes: &[usize]| -> Vec<RawReply> {
        sizes
            .iter()
            .map(|size| RawReply {
                packed: Vec::new(),
                request: format!("{size} bytes"),
                bytes: (0..*size).map(|i| (i / 1000 * 7 % 251) as u8).collect(),
            })
            .collect()
    };
    let (first, second) = (replies(&[0, 1, (4 << 20) + 1]), replies(&[256, 0]));
    for raw in [&first, &second] {
        let batch = Batch {
            raw: raw.clone(),
            ..Default::default()
        };
        vault.commit(Collection::Calendar, &batch).unwrap();
    }
    let read: Vec<RawReply> = raw(&vault, Collection::Calendar)
        .into_iter()
        .map(|(request, bytes)| RawReply {
            request,
            bytes,
            packed: Vec::new(),
        })
        .collect();
    assert!(read == [first, second].concat());
    // A batch without a bookmark keeps the earlier bookmark; here there is none.
    assert_eq!(vault.bookmark(Collection::Calendar).unwrap(), None);
}

#[test]
fn every_kind_of_record_and_the_state_of_a_collection_come_back() {
    let here = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(here.path(), &identity(), &source()).unwrap();
    let event: Event = serde_json::from_value(serde_json::json!({
        "uid": "u", "calendar": 3, "title": "Tea", "location": null, "description": null,
        "start": {"time": {"millis": 1, "zone": "Europe/Zurich"}}, "end": null, "duration": "P1H",
        "rrule": "FREQ=DAILY", "rdate": null, "exrule": null, "exdate": null, "recurrence_id": null,
        "changed": [], "cancelled": [{"date": 4}], "status": "confirmed", "availability": "busy",
        "access": "default", "color": null, "organizer": null, "attendees": [], "reminders": [],
        "extended": [], "app_uri": null, "app_package": null, "source": {"row": 5}
    }))
    .unwrap();
    let all: Vec<Record> = [
        (
            "calendar/3",
            RecordBody::Calendar(Calendar {
                row: 3,
                ..Default::default()
            }),
        ),
        ("event/5", RecordBody::Event(event)),
        ("profile/1", RecordBody::Profile(Contact::default())),
        (
            "row/9",
            RecordBody::Undecoded {
                what: "row 9".into(),
                why: "no id".into(),
                of: None,
                kind: Unread::Damage,
            },
        ),
        (
            "todo/1",
            RecordBody::Todo(Todo {
                done: true,
                ..Default::default()
            }),
        ),
    ]
    .into_iter()
    .map(|(key, body)| Record {
        key: key.into(),
        body,
    })
    .collect();
    vault
        .commit(
            Collection::Calendar,
            &Batch {
                records: all.clone(),
                ..Default::default()
            },
        )
        .unwrap();
    assert_eq!(records(&vault, Collection::Calendar), all);
    let mut events = 0;
    vault
        .for_each_record(Collection::Calendar, &[RecordKind::Event], |record| {
            assert_eq!(record.key, "event/5");
            events += 1;
            Ok::<_, VaultError>(())
        })
        .unwrap();
    assert_eq!(events, 1);

    assert_eq!(
        vault.state(Collection::Calendar).unwrap(),
        CollectionState::default()
    );
    let holding = Holding {
        handset_says: Some(1),
        ..Default::default()
    };
    let state = CollectionState {
        holding: Some(holding.clone()),
        ..Default::default()
    };
    vault.set_state(Collection::Calendar, &state).unwrap();
    let findings = Findings {
        raw_only: 1,
        missing: vec!["One row.".into()],
        ..Default::default()
    };
    vault
        .finish_collection(Collection::Calendar, findings.clone(), Verdict::Partial)
        .unwrap();
    drop(vault);
    let vault = Vault::open(here.path()).unwrap();
    assert_eq!(
        vault.state(Collection::Calendar).unwrap(),
        CollectionState {
            holding: Some(holding),
            findings: Some(findings),
            verdict: Some(Verdict::Partial),
            done: true,
            safe_after: None
        }
    );
}

#[test]
fn the_log_is_only_added_to() {
    let here = tempfile::tempdir().unwrap();
    let mut vault = Vault::create(here.path(), &identity(), &source()).unwrap();
    vault.log("began").unwrap();
    vault.log("a line\nend \u{1b}[2J").unwrap();
    let entries = vault.log_entries().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1].event, "a line end [2J");
    assert!(entries[0].at.ends_with('Z') && entries[0].at <= entries[1].at);
    vault.close().unwrap();

    let db = rusqlite::Connection::open(here.path().join("data/lifeboat.sqlite")).unwrap();
    assert!(db.execute("DELETE FROM log", []).is_err());
    assert!(db.execute("UPDATE log SET event = ''", []).is_err());
}

const HELD: &str = "LIFEBOAT_TEST_HELD";

/// The second process of [`only_one_writes_at_a_time`]. By itself it does nothing.
#[test]
fn the_program_that_comes_second() {
    let Some(folder) = std::env::var_os(HELD) else {
        return;
    };
    println!(
        "second: {:?}",
        Vault::open(Path::new(&folder)).err().map(|e| e.to_string())
    );
}

#[test]
fn only_one_writes_at_a_time() {
    let here = tempfile::tempdir().unwrap();
    let second = || {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "rescue_folder::the_program_that_comes_second",
                "--nocapture",
            ])
            .env(HELD, here.path())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let vault = Vault::create(here.path(), &identity(), &source()).unwrap();
    assert!(second().contains("second: Some(\"another Lifeboat is writing to this folder"));
    for again in [Vault::open(here.path()), Vault::open_to_read(here.path())] {
        let error = again.unwrap_err();
        assert!(matches!(error, VaultError::Busy { .. }));
        assert!(!error.advice().is_empty());
    }
    drop(vault);
    assert!(second().contains("second: None"));
    drop(Vault::open(here.path()).unwrap());
    // This includes a rescue that was opened again and has not written anything yet.
    let _vault = Vault::open(here.path()).unwrap();
    assert!(second().contains("another Lifeboat"));
}

#[test]
fn a_rescue_is_resumed_on_its_own_handset_only() {
    let here = tempfile::tempdir().unwrap();
    let vault = Vault::create(here.path(), &identity(), &source()).unwrap();
    let other = Identity {
        serial: "OTHER".into(),
        ..identity()
    };
    let unnamed = Identity {
        serial: String::new(),
        ..identity()
    };
    assert!(
        vault
            .check_handset(&Identity {
                approach: "USB".into(),
                ..identity()
            })
            .is_ok()
    );
    assert!(vault.check_handset(&unnamed).is_ok());
    assert!(matches!(
        vault.check_handset(&other),
        Err(VaultError::OtherHandset { .. })
    ));
}

/// Cards without a serial number are told apart by their other properties.
#[test]
fn a_rescue_of_what_has_no_serial_number_is_resumed_on_its_like_only() {
    let here = tempfile::tempdir().unwrap();
    let card = |system: &str| Identity {
        model: "Card reader".into(),
        serial: String::new(),
        system: system.into(),
        ..identity()
    };
    let vault = Vault::create(here.path(), &card("FAT32, 1.9 GB"), &source()).unwrap();
    assert!(vault.check_handset(&card("FAT32, 1.9 GB")).is_ok());
    assert!(matches!(
        vault.check_handset(&card("exFAT, 63.8 GB")),
        Err(VaultError::OtherHandset { .. })
    ));
}

#[test]
fn a_folder_that_is_no_rescue_is_refused() {
    let here = tempfile::tempdir().unwrap();
    assert!(matches!(
        Vault::open(here.path()),
        Err(VaultError::NotARescue { .. })
    ));
    assert!(matches!(
        verify(here.path(), &mut |_| {}),
        Err(VaultError::NotARescue { .. })
    ));
    fs::create_dir(here.path().join("data")).unwrap();
    let journal = here.path().join("data/lifeboat.sqlite");
    fs::write(
        &journal,
        "not a database, but long enough to look like one ".repeat(40),
    )
    .unwrap();
    assert!(matches!(
        Vault::open(here.path()),
        Err(VaultError::Damaged { .. })
    ));
    fs::remove_file(&journal).unwrap();
    let db = rusqlite::Connection::open(&journal).unwrap();
    db.execute_batch("CREATE TABLE x (y)").unwrap();
    drop(db);
    assert!(matches!(
        Vault::open(here.path()),
        Err(VaultError::NotARescue { .. })
    ));
}

/// A power cut may leave an empty journal. Then the files that were written from it are all that is left.
#[test]
fn a_journal_that_was_lost_is_not_begun_anew_over_what_was_written_from_it() {
    let here = tempfile::tempdir().unwrap();
    let folder = folder::new_folder(here.path(), day(), "Pixel 6", "").unwrap();
    let begin = || Vault::open_or_begin(&folder, &identity(), &source());
    drop(begin().unwrap());
    let journal = folder.join("data/lifeboat.sqlite");
    fs::write(&journal, "").unwrap();
    drop(begin().unwrap());
    fs::write(&journal, "").unwrap();
    fs::write(folder.join("data/contacts.vcf"), "all that there is").unwrap();
    assert!(matches!(begin(), Err(VaultError::Damaged { .. })));
}

#[test]
fn a_second_rescue_on_the_same_day_gets_its_own_folder() {
    let here = tempfile::tempdir().unwrap();
    let parent = here.path().join("Rescues/of this shop");
    let names: Vec<String> = (0..3)
        .map(|_| folder::new_folder(&parent, day(), "Pixel 6", "1A2B3C9A1X").unwrap())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "2026-11-22 Pixel 6 (9A1X)",
            "2026-11-22 Pixel 6 (9A1X) 2",
            "2026-11-22 Pixel 6 (9A1X) 3"
        ]
    );
}

#[test]
fn a_finished_rescue_is_written_into_no_more_but_can_be_read() {
    let here = tempfile::tempdir().unwrap();
    let folder = finished(here.path());
    let before = fs::read(folder.join("data/lifeboat.sqlite")).unwrap();
    assert!(matches!(
        Vault::open(&folder),
        Err(VaultError::Finished { .. })
    ));
    assert!(matches!(
        Vault::create(&folder, &identity(), &source()),
        Err(VaultError::Finished { .. })
    ));
    assert!(matches!(
        bag::seal(&folder, &info(), &Stop::new(), &mut |_| {}),
        Err(VaultError::Finished { .. })
    ));
    assert!(matches!(
        folder::clear_exports(&folder, is_written_here),
        Err(VaultError::Finished { .. })
    ));
    let mut vault = Vault::open_to_read(&folder).unwrap();
    assert_eq!(records(&vault, Collection::Contacts).len(), 20);
    assert!(vault.commit(Collection::Contacts, &batch(20..21)).is_err());
    assert!(vault.log("x").is_err());
    drop(vault);
    assert_eq!(
        fs::read(folder.join("data/lifeboat.sqlite")).unwrap(),
        before
    );
    assert_eq!(problems(&folder), [""; 0]);
}

#[test]
fn a_rescue_that_was_interrupted_while_exporting_is_exported_anew() {
    let here = tempfile::tempdir().unwrap();
    let folder = folder::new_folder(here.path(), day(), "Pixel 6", "").unwrap();
    let mut vault = Vault::create(&folder, &identity(), &source()).unwrap();
    vault.commit(Collection::Contacts, &batch(0..3)).unwrap();
    fs::create_dir(folder.join("data/contacts")).unwrap();
    fs::write(folder.join("data/contacts/00001.vcf"), "half a ca").unwrap();
    fs::write(folder.join("data/contacts.vcf"), "half a ca").unwrap();
    fs::write(folder.join("data/.contacts.vcf.part"), "half a ca").unwrap();
    fs::write(folder.join("data/contacts mended.vcf"), "a user's own").unwrap();
    // An open journal can't be sealed: the uncommitted part beside it would be lost.
    assert!(matches!(
        bag::seal(&folder, &info(), &Stop::new(), &mut |_| {}),
        Err(VaultError::StillOpen { .. })
    ));
    assert!(!verify(&folder, &mut |_| {}).unwrap().finished);
    folder::clear_exports(&folder, is_written_here).unwrap();
    assert_eq!(records(&vault, Collection::Contacts).len(), 3);
    vault.close().unwrap();
    let mut names: Vec<_> = fs::read_dir(folder.join("data"))
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["contacts mended.vcf", "lifeboat.sqlite"]);
}

#[test]
fn stock_tools_verify_the_bag() {
    let here = tempfile::tempdir().unwrap();
    let folder = finished(here.path());
    custody::append(
        &folder,
        &custody::Entry::new("copied", &[("to", "/mnt/stick")]),
    )
    .unwrap();
    assert_eq!(problems(&folder), [""; 0]);
    for manifest in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        match Command::new("sha256sum")
            .args(["--check", "--strict", manifest])
            .current_dir(&folder)
            .output()
        {
            Ok(output) => assert!(output.status.success(), "{output:?}"),
            Err(error) => println!("not asked: sha256sum ({error})"),
        }
    }
    let Some(judge) = bagit() else {
        println!("not asked: bagit.py is not set up");
        return;
    };
    let output = Command::new(&judge)
        .arg("--validate")
        .arg(&folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    fs::write(
        folder.join("data/contacts.vcf"),
        "BEGIN:VCARD\r\nEND:VCARd\r\n",
    )
    .unwrap();
    assert!(
        !Command::new(&judge)
            .arg("--validate")
            .arg(&folder)
            .output()
            .unwrap()
            .status
            .success()
    );
}

/// The Library of Congress's program, if the external checkers beside the shared notes are installed.
fn bagit() -> Option<PathBuf> {
    let shared = std::env::var_os("LIFEBOAT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    if !shared.join("judges").is_dir() {
        return None;
    }
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cache")))?;
    let program = cache.join("lifeboat-judges/venv/bin/bagit.py");
    program.is_file().then_some(program)
}

#[test]
fn tag_files_are_as_the_standard_says() {
    let here = tempfile::tempdir().unwrap();
    let folder = finished(here.path());
    let text = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(
        text("bagit.txt"),
        "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
    );
    let info = text("bag-info.txt");
    assert!(info.contains("\nHandset-Model: Pixel 6\n"));
    assert!(info.contains("\nExternal-Identifier: INC 4711\nContact-Name: Kim "));
    assert_eq!(
        info.lines()
            .filter(|l| l.starts_with("Payload-Oxum:"))
            .count(),
        1,
        "{info}"
    );
    assert!(!info.contains("9A1X"));
    let manifest = text("manifest-sha256.txt");
    let names: Vec<&str> = manifest
        .lines()
        .map(|l| l.split_once("  ").unwrap().1)
        .collect();
    assert!(names.is_sorted());
    assert!(names.contains(&"data/contacts/00001 Zoë Ærø.vcf"));
    assert!(
        text("tagmanifest-sha256.txt")
            .lines()
            .all(|l| !l.contains("custody"))
    );
}

/// A handset may report any name of any length.
#[test]
fn a_bag_of_a_handset_with_endless_names_is_whole() {
    let here = tempfile::tempdir().unwrap();
    let folder = folder::new_folder(here.path(), day(), "Pixel 6", "").unwrap();
    let vault = Vault::create(&folder, &identity(), &source()).unwrap();
    vault.close().unwrap();
    let info = BagInfo {
        model: "long ".repeat(1_000_000),
        system: "x".repeat(5_000_000),
        ..info()
    };
    bag::seal(&folder, &info, &Stop::new(), &mut |_| {}).unwrap();
    assert_eq!(problems(&folder), [""; 0]);
}

#[test]
fn a_changed_missing_or_stray_file_is_found() {
    let here = tempfile::tempdir().unwrap();
    type Harm = fn(&Path);
    let harms: [(&str, Harm); 8] = [
        ("\"data/contacts.vcf\" has changed", |folder| {
            let path = folder.join("data/contacts.vcf");
            let mut bytes = fs::read(&path).unwrap();
            bytes[3] ^= 1;
            fs::write(path, bytes).unwrap();
        }),
        ("\"data/empty.csv\" is missing", |folder| {
            fs::remove_file(folder.join("data/empty.csv")).unwrap()
        }),
        ("\"data/stray\" is not in the manifest", |folder| {
            fs::write(folder.join("data/stray"), "").unwrap()
        }),
        ("\"bag-info.txt\" has changed", |folder| {
            fs::write(folder.join("bag-info.txt"), "Payload-Oxum: 1.1\n").unwrap();
        }),
        ("\"manifest-sha256.txt\" has changed", |folder| {
            let path = folder.join("manifest-sha256.txt");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(
                path,
                text.lines()
                    .skip(1)
                    .map(|l| format!("{l}\n"))
                    .collect::<String>(),
            )
            .unwrap();
        }),
        ("tagmanifest-sha256.txt is missing", |folder| {
            fs::remove_file(folder.join("tagmanifest-sha256.txt")).unwrap();
        }),
        ("bagit.txt is missing", |folder| {
            fs::remove_file(folder.join("bagit.txt")).unwrap()
        }),
        ("which is outside the folder", |folder| {
            let path = folder.join("manifest-sha256.txt");
            let more = format!("{}  data/../../../etc/passwd\n", "0".repeat(64));
            fs::write(&path, fs::read_to_string(&path).unwrap() + &more).unwrap();
        }),
    ];
    for (sentence, harm) in harms {
        let folder = finished(here.path());
        assert_eq!(problems(&folder), [""; 0]);
        harm(&folder);
        let found = problems(&folder);
        assert!(
            found.iter().any(|p| p.contains(sentence)),
            "{sentence}: {found:?}"
        );
    }
}

#[cfg(unix)]
#[test]
fn links_are_neither_followed_nor_sealed() {
    let here = tempfile::tempdir().unwrap();
    let secret = here.path().join("secret");
    fs::write(&secret, "BEGIN:VCARD\r\nEND:VCARD\r\n").unwrap();
    let folder = finished(here.path());
    fs::remove_file(folder.join("data/contacts.vcf")).unwrap();
    std::os::unix::fs::symlink(&secret, folder.join("data/contacts.vcf")).unwrap();
    let found = problems(&folder);
    assert!(
        found
            .iter()
            .any(|p| p.contains("\"data/contacts.vcf\" is a link")),
        "{found:?}"
    );
    fs::remove_file(folder.join("manifest-sha256.txt")).unwrap();
    assert!(matches!(
        bag::seal(&folder, &info(), &Stop::new(), &mut |_| {}),
        Err(VaultError::NotPlain { .. })
    ));
    assert!(!bag::is_finished(&folder));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_a_rescue() {
    use std::os::unix::fs::PermissionsExt;
    let here = tempfile::tempdir().unwrap();
    let parent = here.path().join("Rescues");
    let folder = finished(&parent);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&parent), mode(&folder)), (0o700, 0o700));
    let mut waiting = vec![folder.clone()];
    let mut files = 0;
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                assert_eq!(mode(&path), 0o700, "{path:?}");
                waiting.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{path:?}");
                files += 1;
            }
        }
    }
    assert_eq!(files, 10);
    // The permissions also hold while the rescue is written, including for the files beside the journal.
    let open = folder::new_folder(&parent, day(), "x", "").unwrap();
    let mut vault = Vault::create(&open, &identity(), &source()).unwrap();
    vault.commit(Collection::Contacts, &batch(0..2)).unwrap();
    for entry in fs::read_dir(open.join("data")).unwrap() {
        assert_eq!(mode(&entry.unwrap().path()), 0o600);
    }
}

#[test]
fn the_chain_of_custody_grows_beside_the_payload() {
    let here = tempfile::tempdir().unwrap();
    let folder = finished(here.path());
    // The custody file begins with the entry about the sealing.
    let begun = custody::read(&folder).unwrap();
    assert_eq!((begun.len(), &*begun[0].what), (1, "finished"));
    let first = custody::Entry::new("copied", &[("to", "/mnt/stick\u{1b}")]);
    custody::append(&folder, &first).unwrap();
    // A power cut in the middle of a line costs that line only.
    let path = folder.join("custody.jsonl");
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"at\":\"2026-");
    fs::write(&path, text).unwrap();
    assert!(problems(&folder)[0].contains("custody.jsonl was altered or cut off in line 3"));
    let second = custody::Entry::new("ticked", &[("line", "messages in WhatsApp")]);
    custody::append(&folder, &second).unwrap();
    assert_eq!(
        custody::read(&folder).unwrap(),
        [begun[0].clone(), first, second]
    );
    assert_eq!(problems(&folder), [""; 0]);
}

#[test]
fn progress_ends_at_the_whole() {
    let here = tempfile::tempdir().unwrap();
    let folder = finished(here.path());
    let mut last = Default::default();
    let report = verify(&folder, &mut |p| last = p).unwrap();
    assert_eq!(last.bytes_done, last.bytes);
    assert!(report.bytes <= last.bytes);
    assert_eq!(report.files, 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    #[cfg(target_os = "linux")] // elsewhere file systems refuse or rewrite many names
    fn any_file_name_survives_sealing(names in prop::collection::btree_set("[^/\0]{1,40}", 1..6)) {
        let here = tempfile::tempdir().unwrap();
        let folder = here.path().join("bag");
        fs::create_dir_all(folder.join("data")).unwrap();
        for name in names.iter().filter(|name| !matches!(&***name, "." | "..")) {
            fs::write(folder.join("data").join(name), name).unwrap();
        }
        bag::seal(&folder, &info(), &Stop::new(), &mut |_| {}).unwrap();
        prop_assert_eq!(problems(&folder), [""; 0]);
    }
}
