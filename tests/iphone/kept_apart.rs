//! One part of a backup that is out of reach, missing or absurd does not take the others along.

use std::fs;

use lifeboat::model::{Collection, Stop, Verdict};
use lifeboat::practice::iphone_backup::{Era, PhoneFile, Settings};
use lifeboat::rescue::{Target, run};
use rusqlite::Connection;

use crate::backups::{OnDisk, PASSWORD, given, opened, request, rescued, settings};

/// A backup that is not encrypted has no list of calls since iOS 13, and a mailbox all the same.
#[test]
fn a_mailbox_without_a_list_of_calls_is_saved_and_the_backup_is_safe() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("voicemail");
    Connection::open(&path)
        .unwrap()
        .execute_batch(
            "CREATE TABLE voicemail (ROWID INTEGER PRIMARY KEY, remote_uid INTEGER, date INTEGER, sender TEXT,
               duration INTEGER, trashed_date INTEGER);
             INSERT INTO voicemail VALUES (1, 1, 1600000000, '+1 555 0107', 12, 0);",
        )
        .unwrap();
    let mailbox = fs::read(path).unwrap();
    for (era, is_encrypted, words) in [
        (Era::Ios26, false, "only encrypted backups"),
        (Era::Ios26, true, "If the phone shows calls"),
        (Era::Ios9, false, "If the phone shows calls"),
    ] {
        let mut set = settings(era, is_encrypted);
        set.files = vec![PhoneFile::new(
            "HomeDomain",
            "Library/Voicemail/voicemail.db",
            mailbox.clone(),
        )];
        let disk = OnDisk::new(&set);
        let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
        let (_parent, outcome) = rescued(&mut *handset);
        let mut all = outcome.collections.iter();
        let calls = all.find(|one| one.name == Collection::Calls).unwrap();
        assert_eq!(calls.verdict, Verdict::OutOfReach, "{calls:?}");
        assert_eq!((calls.rescued, calls.read_back), (1, Some(1)), "{calls:?}");
        assert!(calls.notes.join(" ").contains(words), "{calls:?}");
    }
}

#[test]
fn nothing_is_written_into_the_backup() {
    let disk = OnDisk::new(&settings(Era::Ios26, false));
    let before = fs::read_dir(disk.path()).unwrap().count();
    let inside = disk.path().join("out");
    for target in [
        Target::New(disk.path().to_owned()),
        Target::New(inside.clone()),
        Target::New(inside.join("..").join("deeper")),
        Target::Resume(inside),
    ] {
        let mut handset = opened(disk.path(), &given("")).unwrap();
        let request = request(target);
        let refused = run(&mut *handset, &request, &Stop::new(), &mut |_| {});
        let said = refused.err().unwrap().to_string();
        assert!(said.contains("is inside"), "{said}");
    }
    assert_eq!(fs::read_dir(disk.path()).unwrap().count(), before);
}

/// The list gives one file a size that no disk has.
#[test]
fn an_absurd_size_affects_only_one_file() {
    let disk = OnDisk::new(&Settings {
        photos: 5,
        ..settings(Era::Ios26, false)
    });
    let list = Connection::open(disk.path().join("Manifest.db")).unwrap();
    let (id, blob): (String, Vec<u8>) = list
        .query_row(
            "SELECT fileID, file FROM Files WHERE relativePath LIKE '%IMG_0002.JPG'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    let mut archive = plist::Value::from_reader(std::io::Cursor::new(blob)).unwrap();
    let objects = archive.as_dictionary_mut().unwrap().get_mut("$objects");
    let file = objects.unwrap().as_array_mut().unwrap()[1].as_dictionary_mut();
    file.unwrap().insert("Size".into(), i64::MAX.into());
    let mut blob = Vec::new();
    archive.to_writer_binary(&mut blob).unwrap();
    list.execute(
        "UPDATE Files SET file = ?1 WHERE fileID = ?2",
        rusqlite::params![blob, id],
    )
    .unwrap();
    drop(list);
    let mut handset = opened(disk.path(), &given("")).unwrap();
    let (_parent, outcome) = rescued(&mut *handset);
    let mut all = outcome.collections.iter();
    let files = all.find(|one| one.name == Collection::Files).unwrap();
    assert_eq!(files.verdict, Verdict::Partial, "{files:?}");
    assert!(files.rescued >= 4 + 5, "{files:?}");
    assert!(files.notes.join(" ").contains("IMG_0002.JPG"), "{files:?}");
}

#[test]
fn a_backup_that_does_not_say_whether_it_was_finished_is_named() {
    let disk = OnDisk::new(&settings(Era::Ios26, false));
    fs::write(disk.path().join("Status.plist"), "").unwrap();
    let mut handset = opened(disk.path(), &given("")).unwrap();
    let warnings = handset.health().unwrap().warnings.join(" ");
    assert!(warnings.contains("does not say whether"), "{warnings}");
}
