//! Backups of iPhones of every era: rescued whole, or with their gaps named. Nothing in the folder of a backup changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use lifeboat::handset::Handset;
use lifeboat::handset::family::{Secrets, no_secrets};
use lifeboat::handset::find::Waiting;
use lifeboat::handset::iphone::backup::{BackupError, open};
use lifeboat::model::{Case, Collection, HandsetFile, Past, RecordBody, Stop, Verdict};
use lifeboat::practice::iphone_backup::{Era, PhoneFile, Settings, write};
use lifeboat::rescue::{Confirmed, Outcome, Request, Target, run};
use lifeboat::vault::Desk;
use tempfile::TempDir;

/// A practice backup on the disk.
pub struct OnDisk {
    pub folder: TempDir,
    pub files: Vec<PhoneFile>,
}

impl OnDisk {
    pub fn new(settings: &Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let written = write(settings, folder.path()).unwrap();
        Self {
            folder,
            files: written.files,
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    fn open(&self, password: &str) -> Result<Box<dyn Handset>, BackupError> {
        opened(self.path(), &given(password))
    }

    /// Every file of the folder, with its bytes and its time.
    fn state(&self) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
        let mut all = BTreeMap::new();
        let mut folders = vec![self.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap().flatten() {
                match entry.path().is_dir() {
                    true => folders.push(entry.path()),
                    false => {
                        let time = entry.metadata().unwrap().modified().unwrap();
                        all.insert(entry.path(), (fs::read(entry.path()).unwrap(), time));
                    }
                }
            }
        }
        all
    }
}

pub const PASSWORD: &str = "grün 42";

pub fn settings(era: Era, is_encrypted: bool) -> Settings {
    Settings {
        era,
        things: 0,
        password: is_encrypted.then(|| PASSWORD.to_owned()),
        ..Settings::default()
    }
}

/// Each era, plain and encrypted.
pub fn eras() -> Vec<Settings> {
    let all = Era::ALL.into_iter();
    all.flat_map(|era| [settings(era, false), settings(era, true)])
        .collect()
}

/// Gives one password, once.
pub fn given(password: &str) -> Secrets {
    let password = password.to_owned();
    Arc::new(move |question| (!question.is_again).then(|| password.clone()))
}

pub fn opened(path: &Path, secrets: &Secrets) -> Result<Box<dyn Handset>, BackupError> {
    let on_wait: Arc<dyn Fn(Waiting) + Send + Sync> = Arc::new(|_| {});
    open(path, secrets, &on_wait, &Stop::new())
}

/// All files that a backup lists for a rescue.
fn listed(handset: &mut dyn Handset) -> Vec<HandsetFile> {
    handset.survey(Collection::Files, &Past::default()).unwrap();
    let mut all = Vec::new();
    while let Some(batch) = handset.next_batch(Collection::Files, None).unwrap() {
        for record in batch.records {
            match record.body {
                RecordBody::File(file) => all.push(file),
                other => panic!("{other:?}"),
            }
        }
    }
    all
}

fn fetched(handset: &mut dyn Handset, file: &HandsetFile, from: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    handset.fetch(file, from, &mut bytes).unwrap().unwrap();
    bytes
}

/// A rescue of everything.
pub fn request(target: Target) -> Request {
    Request {
        target,
        only: Vec::new(),
        reach: String::new(),
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 30).unwrap(),
        desk: Desk::default(),
        confirmed: Confirmed::default(),
        case: Case::default(),
    }
}

pub fn rescued(handset: &mut dyn Handset) -> (TempDir, Outcome) {
    let parent = tempfile::tempdir().unwrap();
    let request = request(Target::New(parent.path().to_owned()));
    let outcome = run(handset, &request, &Stop::new(), &mut |_| {}).unwrap();
    (parent, outcome)
}

fn files_of(outcome: &Outcome) -> &lifeboat::model::CollectionOutcome {
    outcome
        .collections
        .iter()
        .find(|one| one.name == Collection::Files)
        .unwrap()
}

#[test]
fn backups_of_every_era_give_the_owners_files_byte_for_byte() {
    for settings in eras() {
        let disk = OnDisk::new(&settings);
        let before = disk.state();
        let mut handset = disk.open(PASSWORD).unwrap();
        let identity = handset.identity().clone();
        assert_eq!(identity.serial, "PRACT1CE0001");
        assert_eq!(identity.system, format!("iOS {}", settings.era.phone().0));
        let files = listed(handset.as_mut());
        assert_eq!(files.len(), 8 + 5, "{settings:?}");
        for file in &files {
            let name = file.path.shown();
            let (domain, path) = name.split_once('/').unwrap();
            let mut all = disk.files.iter();
            let own = all
                .find(|own| own.domain == domain && own.path == path)
                .unwrap();
            assert_eq!(fetched(handset.as_mut(), file, 0), own.bytes, "{name}");
            assert_eq!(file.modified, own.modified);
            // A copy goes on anywhere.
            for from in [1, 15, 16, 17, 99].map(|from: usize| from.min(own.bytes.len())) {
                let rest = fetched(handset.as_mut(), file, from as u64);
                assert!(rest == own.bytes[from..], "{name} from {from}");
            }
        }
        drop(handset);
        assert!(disk.state() == before, "the backup was changed");
    }
}

#[test]
fn a_whole_backup_ends_in_safe_and_says_what_no_backup_holds() {
    let disk = OnDisk::new(&settings(Era::Ios26, true));
    let mut handset = disk.open(PASSWORD).unwrap();
    let (_parent, outcome) = rescued(handset.as_mut());
    assert_eq!(files_of(&outcome).verdict, Verdict::Complete, "{outcome:?}");
    let said = &outcome.not_covered;
    for words in ["only in iCloud", "E-mail", "after the backup"] {
        assert!(
            said.iter().any(|line| line.contains(words)),
            "{words}: {said:?}"
        );
    }
    assert!(
        !said
            .iter()
            .any(|line| line.contains("Only an encrypted backup"))
    );
}

#[test]
fn the_age_and_the_state_of_a_backup_are_said_first() {
    let days = 430;
    let disk = OnDisk::new(&Settings {
        made: Some(chrono::Utc::now().timestamp() - days * 86_400),
        ..settings(Era::Ios14, false)
    });
    let mut handset = disk.open("").unwrap();
    let warnings = handset.health().unwrap().warnings;
    assert_eq!(
        warnings,
        ["This backup is 14 months old. The phone may hold more."]
    );
    let (_parent, outcome) = rescued(handset.as_mut());
    assert!(
        outcome
            .headline
            .contains("anything newer than the backup of 20"),
        "{}",
        outcome.headline
    );
    // A clock was wrong.
    let disk = OnDisk::new(&Settings {
        made: Some(chrono::Utc::now().timestamp() + days * 86_400),
        ..settings(Era::Ios14, false)
    });
    let mut handset = disk.open("").unwrap();
    assert!(handset.health().unwrap().warnings[0].contains("still to come"));
    let (_parent, outcome) = rescued(handset.as_mut());
    assert!(
        outcome.headline.contains("anything newer than the backup"),
        "{}",
        outcome.headline
    );
    let disk = OnDisk::new(&Settings {
        unfinished: true,
        ..settings(Era::Ios14, false)
    });
    let mut handset = disk.open("").unwrap();
    assert!(handset.health().unwrap().warnings[0].contains("not finished"));
    let (_parent, outcome) = rescued(handset.as_mut());
    assert!(
        outcome
            .headline
            .contains("the rest of an incomplete backup"),
        "{}",
        outcome.headline
    );
    assert!(!outcome.headline.contains("is safe"));
}

#[test]
fn missing_cut_and_changed_files_are_named() {
    for is_encrypted in [false, true] {
        let disk = OnDisk::new(&Settings {
            missing: 1,
            changed: 1,
            cut: 1,
            ..settings(Era::Ios26, is_encrypted)
        });
        let mut handset = disk.open(PASSWORD).unwrap();
        let (_parent, outcome) = rescued(handset.as_mut());
        let files = files_of(&outcome);
        assert_eq!(files.verdict, Verdict::Partial);
        let said = format!("{files:?} {:?}", outcome.why_not);
        for words in [
            "IMG_0001.JPG",
            "does not contain it",
            "IMG_0002.JPG",
            "checksum",
            "IMG_0003.JPG",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(!said.contains("IMG_0004.JPG"), "{said}");
    }
}

#[test]
fn a_wrong_password_is_said_and_can_be_tried_again() {
    for era in [Era::Ios9, Era::Ios26] {
        let disk = OnDisk::new(&settings(era, true));
        let wrong = disk.open("wrong").err().unwrap();
        assert!(matches!(wrong, BackupError::WrongPassword), "{wrong}");
        assert!(matches!(
            opened(disk.path(), &no_secrets()).err(),
            Some(BackupError::NoPassword)
        ));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        let secrets: Secrets = Arc::new(move |question| {
            let mut heard = heard.lock().unwrap();
            heard.push(question.clone());
            ["", "wrong", PASSWORD]
                .get(heard.len() - 1)
                .map(|text| (*text).to_owned())
        });
        opened(disk.path(), &secrets).unwrap();
        let asked = asked.lock().unwrap();
        let again: Vec<_> = asked.iter().map(|question| question.is_again).collect();
        assert_eq!(again, [false, true, true]);
        assert!(asked[0].of.contains("Ada’s iPhone"), "{}", asked[0].of);
    }
}

/// The rounds of a real phone: the derivation takes seconds, reports its progress, and ends when it is stopped.
#[test]
fn the_derivation_of_a_real_phone_shows_progress_and_can_be_stopped() {
    let disk = OnDisk::new(&Settings {
        rounds: 10_000_000,
        photos: 0,
        ..settings(Era::Ios26, true)
    });
    let (told, stop) = (Arc::new(AtomicUsize::new(0)), Stop::new());
    let (heard, stopping) = (Arc::clone(&told), stop.clone());
    let on_wait: Arc<dyn Fn(Waiting) + Send + Sync> = Arc::new(move |_| {
        if heard.fetch_add(1, Ordering::SeqCst) == 1 {
            stopping.stop();
        }
    });
    let stopped = open(disk.path(), &given(PASSWORD), &on_wait, &stop).err();
    assert!(matches!(stopped, Some(BackupError::Stopped)), "{stopped:?}");
    assert_eq!(told.load(Ordering::SeqCst), 2);
    disk.open(PASSWORD).unwrap();
}

#[test]
fn a_damaged_list_gives_what_is_left_of_it_and_is_never_complete() {
    for settings in eras() {
        let disk = OnDisk::new(&Settings {
            damaged_list: true,
            photos: 60,
            ..settings
        });
        let Ok(mut handset) = disk.open(PASSWORD) else {
            // Too little of it is left.
            continue;
        };
        let warnings = handset.health().unwrap().warnings.join(" ");
        assert!(warnings.contains("list of files"), "{warnings}");
        let (_parent, outcome) = rescued(handset.as_mut());
        assert!(
            !outcome.headline.contains("is safe"),
            "{}",
            outcome.headline
        );
    }
}

#[test]
fn hostile_names_stay_inside_the_rescue() {
    for era in Era::ALL {
        let disk = OnDisk::new(&Settings {
            hostile: true,
            ..settings(era, false)
        });
        let mut handset = disk.open("").unwrap();
        let (parent, outcome) = rescued(handset.as_mut());
        assert_ne!(files_of(&outcome).rescued, 0);
        assert!(!Path::new("/tmp/lifeboat-outside.jpg").exists());
        assert!(!Path::new("/etc/lifeboat-outside.jpg").exists());
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_link_in_the_folder_is_not_followed() {
    #[cfg(unix)]
    {
        let disk = OnDisk::new(&settings(Era::Ios26, false));
        let name = disk
            .state()
            .into_keys()
            .find(|path| path.parent() != Some(disk.path()))
            .unwrap();
        let outside = tempfile::NamedTempFile::new().unwrap();
        fs::remove_file(&name).unwrap();
        std::os::unix::fs::symlink(outside.path(), &name).unwrap();
        for path in disk.files.iter().map(|file| &file.path) {
            assert!(!path.is_empty());
        }
        let mut handset = disk.open("").unwrap();
        for file in listed(handset.as_mut()) {
            assert!(file.size > 0, "{file:?}");
        }
    }
}

#[test]
fn other_folders_are_no_backups() {
    let empty = tempfile::tempdir().unwrap();
    let error = opened(empty.path(), &no_secrets()).err().unwrap();
    assert!(matches!(error, BackupError::Foreign(_)), "{error}");
    let disk = OnDisk::new(&settings(Era::Ios26, false));
    fs::remove_file(disk.path().join("Manifest.db")).unwrap();
    let error = opened(disk.path(), &no_secrets()).err().unwrap();
    assert!(matches!(error, BackupError::NoList), "{error}");
    for name in ["Manifest.plist", "Info.plist", "Status.plist"] {
        let disk = OnDisk::new(&settings(Era::Ios26, false));
        fs::write(disk.path().join(name), "bplist00 no list").unwrap();
        let done = opened(disk.path(), &no_secrets());
        assert_eq!(done.is_ok(), name != "Manifest.plist", "{name}");
    }
}

/// The address book of a small phone, as a file.
fn address_book() -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    let db = rusqlite::Connection::open(file.path()).unwrap();
    db.execute_batch(
        "CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Kind INTEGER, StoreID INTEGER,
            PersonLink INTEGER DEFAULT -1, CreationDate REAL, ModificationDate REAL, Birthday TEXT);
         CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER,
            label INTEGER, value TEXT);
         CREATE TABLE ABMultiValueLabel (value TEXT);
         CREATE TABLE ABStore (ROWID INTEGER PRIMARY KEY, Name TEXT, Type INTEGER, AccountID INTEGER);
         INSERT INTO ABStore VALUES (0, 'Local', 0, -1);
         INSERT INTO ABPerson (ROWID, First, Last, Kind, StoreID) VALUES (1, 'Ada', 'Weiser', 0, 0), (2, 'Jörg', 'Müller', 0, 0);
         INSERT INTO ABMultiValueLabel VALUES ('_$!<Mobile>!$_');
         INSERT INTO ABMultiValue VALUES (1, 1, 3, 0, 1, '+1 555 0100');",
    )
    .unwrap();
    drop(db);
    fs::read(file.path()).unwrap()
}

#[test]
fn contacts_of_every_era_are_rescued() {
    for settings in eras() {
        let book = PhoneFile::new(
            "HomeDomain",
            "Library/AddressBook/AddressBook.sqlitedb",
            address_book(),
        );
        let disk = OnDisk::new(&Settings {
            files: vec![book],
            ..settings
        });
        let mut handset = disk.open(PASSWORD).unwrap();
        let (_parent, outcome) = rescued(handset.as_mut());
        let contacts = &outcome.collections[0];
        assert_eq!(
            (contacts.name, contacts.rescued),
            (Collection::Contacts, 2),
            "{contacts:?}"
        );
        let cards =
            fs::read_to_string(Path::new(&outcome.folder).join("data/contacts.vcf")).unwrap();
        assert!(
            cards.contains("+1 555 0100") && cards.contains("Müller"),
            "{cards}"
        );
    }
}

#[test]
fn a_backup_is_found_where_people_say_that_it_is() {
    let disk = OnDisk::new(&settings(Era::Ios26, false));
    let around = tempfile::tempdir().unwrap();
    let inside = around.path().join("00008140-001A2B3C4D5E6F70");
    fs::rename(disk.path(), &inside).unwrap();
    let some = fs::read_dir(&inside)
        .unwrap()
        .flatten()
        .find(|entry| entry.path().is_dir());
    for path in [&inside, &some.unwrap().path(), around.path()] {
        opened(path, &no_secrets()).unwrap();
    }
    let second = around.path().join("second");
    fs::create_dir(&second).unwrap();
    write(&settings(Era::Ios9, false), &second).unwrap();
    let error = opened(around.path(), &no_secrets()).err().unwrap();
    assert!(matches!(error, BackupError::Several(_)), "{error}");
    fs::create_dir(disk.path()).unwrap();
}

/// People rename the list of an old backup so that a program for new ones opens it.
#[test]
fn a_renamed_list_is_known_by_its_content() {
    let disk = OnDisk::new(&settings(Era::Ios9, true));
    fs::rename(
        disk.path().join("Manifest.mbdb"),
        disk.path().join("Manifest.db"),
    )
    .unwrap();
    let mut handset = disk.open(PASSWORD).unwrap();
    assert_eq!(listed(handset.as_mut()).len(), 13);
}

/// Programs that decrypt a whole backup leave `Manifest.plist` out.
#[test]
fn a_backup_without_its_properties_is_read_if_it_is_not_encrypted() {
    let disk = OnDisk::new(&settings(Era::Ios14, false));
    fs::remove_file(disk.path().join("Manifest.plist")).unwrap();
    let mut handset = disk.open("").unwrap();
    assert_eq!(listed(handset.as_mut()).len(), 13);
    assert_eq!(handset.identity().serial, "PRACT1CE0001");
}

#[test]
fn backups_of_ios_3_are_refused_with_the_reason() {
    let disk = OnDisk::new(&settings(Era::Ios9, false));
    fs::remove_file(disk.path().join("Manifest.mbdb")).unwrap();
    fs::write(disk.path().join("0a0b.mdinfo"), "").unwrap();
    let error = opened(disk.path(), &no_secrets()).err().unwrap();
    assert!(matches!(error, BackupError::TooOld), "{error}");
}

/// A database whose rows are still in its log: with the log they are read, without it the database is not empty but
/// unreadable.
#[test]
fn a_database_is_read_with_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("book");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;")
        .unwrap();
    db.execute_batch(
        "CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY, First TEXT, Last TEXT, Kind INTEGER);
         CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER,
            label INTEGER, value TEXT);
         INSERT INTO ABPerson VALUES (1, 'Ada', 'Weiser', 0);",
    )
    .unwrap();
    let book = "Library/AddressBook/AddressBook.sqlitedb";
    let (main, log) = (
        fs::read(&path).unwrap(),
        fs::read(folder.path().join("book-wal")).unwrap(),
    );
    for with_log in [true, false] {
        let mut files = vec![PhoneFile::new("HomeDomain", book, main.clone())];
        if with_log {
            files.push(PhoneFile::new(
                "HomeDomain",
                &format!("{book}-wal"),
                log.clone(),
            ));
        }
        let disk = OnDisk::new(&Settings {
            files,
            ..settings(Era::Ios26, true)
        });
        let mut handset = disk.open(PASSWORD).unwrap();
        let (_parent, outcome) = rescued(handset.as_mut());
        let contacts = &outcome.collections[0];
        let wanted = if with_log {
            (Verdict::Complete, 1)
        } else {
            (Verdict::Unreadable, 0)
        };
        assert_eq!((contacts.verdict, contacts.rescued), wanted, "{contacts:?}");
    }
    drop(db);
}

/// The practice backups hold an owner's databases too: each collection is rescued from every era.
#[test]
fn every_collection_is_rescued_from_every_era() {
    for settings in eras() {
        let disk = OnDisk::new(&Settings {
            things: 20,
            photos: 2,
            ..settings.clone()
        });
        let mut handset = disk.open(PASSWORD).unwrap();
        let (_parent, outcome) = rescued(handset.as_mut());
        let has_calls =
            settings.password.is_some() || !matches!(settings.era, Era::Ios14 | Era::Ios26);
        for one in &outcome.collections {
            let context = format!("{:?} {:?} {one:?}", settings.era, settings.password);
            match one.name {
                Collection::Calls if !has_calls => assert_eq!(one.rescued, 0, "{context}"),
                Collection::Sim => panic!("{context}"),
                Collection::Contacts
                | Collection::Calendar
                | Collection::Todos
                | Collection::Calls
                | Collection::Messages
                | Collection::Files => {
                    assert_eq!(one.verdict, Verdict::Complete, "{context}");
                    assert!(one.rescued >= 6, "{context}");
                }
            }
        }
        assert!(outcome.safe, "{:?}", outcome.why_not);
        assert!(
            outcome
                .headline
                .starts_with("Everything Lifeboat can read in this backup is safe."),
            "{}",
            outcome.headline
        );
        assert!(!outcome.ready_to_reset && outcome.readiness().is_none());
    }
}
