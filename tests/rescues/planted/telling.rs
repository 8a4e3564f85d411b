//! Faults of the messages during a rescue, and of its last screen, report and log.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::invented::{Invented, Said};
use crate::common::{request, rescue, rescue_with};
use lifeboat::export::report::{self, Report};
use lifeboat::handset::find::Opened;
use lifeboat::model::{
    Collection, Contact, HandsetFile, HandsetPath, Holding, Record, RecordBody, Stop, Verdict,
};
use lifeboat::practice::android::{LinkSettings, OwnerData, PracticeUser, Settings, Storage};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Confirmed, Progress, Request, Target, run, run_until_done, unfinished};
use lifeboat::vault::{RescueSource, Vault};

/// The committed rows of one collection in a journal that is being written: those that would survive a power cut.
fn committed(folder: &Path, what: Collection) -> u64 {
    let elsewhere = tempfile::tempdir().expect("a folder");
    fs::create_dir(elsewhere.path().join("data")).expect("a folder");
    for name in ["lifeboat.sqlite", "lifeboat.sqlite-wal"] {
        let name = Path::new("data").join(name);
        let _ = fs::copy(folder.join(&name), elsewhere.path().join(&name));
    }
    let vault = Vault::open(elsewhere.path()).expect("a journal");
    vault.rows(what).expect("rows")
}

#[test]
fn nothing_is_told_to_be_safe_before_it_is_committed() {
    let contact = |number: u32| Record {
        key: format!("contact/{number}"),
        body: RecordBody::Contact(Contact {
            display_name: format!("Person {number}"),
            ..Contact::default()
        }),
    };
    let said = Said {
        holding: Holding {
            handset_says: Some(3),
            rows: Some(3),
            ..Holding::default()
        },
        records: (0..3).map(contact).collect(),
        ..Said::default()
    };
    let mut handset = Invented::with([(Collection::Contacts, said)]);
    let parent = tempfile::tempdir().expect("a folder");
    let request = request(Target::New(parent.path().to_owned()), "--practice");
    let (mut folder, mut told) = (PathBuf::new(), 0);
    let outcome = run(
        &mut handset,
        &request,
        &Stop::new(),
        &mut |progress| match progress {
            Progress::Folder(place) => folder = place,
            Progress::Safe {
                what: what @ Collection::Contacts,
                rows,
                ..
            } => {
                told = told.max(rows);
                let safe = committed(&folder, what);
                assert!(
                    safe >= rows,
                    "{rows} rows were told to be safe, and {safe} are"
                );
            }
            _ => {}
        },
    );
    assert!(outcome.is_ok());
    assert_eq!(told, 3);
}

/// A cell of the table in the report.
fn cell(page: &str, row: &str, column: usize) -> String {
    let from = page
        .find(&format!("<bdi>{row}</bdi></th>"))
        .expect("the row");
    let cells = page[from..].split("<td class=\"n\">").skip(1);
    let cell = cells.map(|cell| cell.split('<').next().unwrap_or_default());
    cell.map(str::to_owned).nth(column).expect("the cell")
}

/// Copies are read back when a rescue ends, not when it is cut. The report counts the rescued ones all the same.
#[test]
fn the_report_counts_what_was_rescued_though_it_is_not_read_back_yet() {
    let cut = rescue(Settings {
        contacts: 3,
        events: 2,
        todos: 1,
        photos: 3,
        storage: Storage {
            movie: Some(9 << 20),
            ..Storage::default()
        },
        link: LinkSettings {
            unplug_after: vec![6 << 20],
            ..LinkSettings::default()
        },
        ..Settings::default()
    });
    let mut all = cut.outcome.collections.iter();
    let photos = all.find(|c| c.name == Collection::Files).expect("photos");
    assert!(
        photos.rescued > 0 && photos.read_back.is_none(),
        "{photos:?}"
    );
    let page = fs::read_to_string(cut.folder.join("data/report.html")).expect("a page");
    assert_eq!(cell(&page, "Photos", 1), photos.rescued.to_string());
    assert_eq!(cell(&page, "Photos", 2), "\u{2013}");
}

/// A shortened list says how much is left out.
#[test]
fn a_list_on_the_page_that_is_cut_says_so() {
    let page = report::render(&Report {
        not_covered: (0..250).map(|n| format!("app {n}")).collect(),
        ..Report::default()
    });
    assert!(page.contains("app 199") && !page.contains("app 200"));
    assert!(page.contains("… and 50 more."));
}

/// The answer of a phone with one contact.
fn one_contact() -> Said {
    Said {
        holding: Holding {
            handset_says: Some(1),
            ..Holding::default()
        },
        records: vec![Record {
            key: "contact/1".into(),
            body: RecordBody::Contact(Contact::default()),
        }],
        ..Said::default()
    }
}

#[test]
fn to_dos_out_of_reach_keep_a_phone_from_being_safe() {
    let said = Said {
        holding: Holding {
            out_of_reach: Some("OpenTasks doesn't share its to-dos over USB.".into()),
            ..Holding::default()
        },
        ..Said::default()
    };
    let contacts = one_contact();
    let all = [(Collection::Todos, said), (Collection::Contacts, contacts)];
    let (outcome, _kept) = Invented::with(all).rescue();
    assert!(!outcome.safe && !outcome.all_asked_is_there());
    assert!(
        outcome.headline.starts_with("NOT read: to-dos."),
        "{}",
        outcome.headline
    );
}

/// If all records of a list were deleted, the list is not called empty, and the notes say so.
#[test]
fn a_list_of_deleted_things_is_not_called_empty() {
    let outcome = rescue(Settings {
        contacts: 0,
        events: 3,
        owner: OwnerData {
            deleted_contacts: 2,
            ..OwnerData::default()
        },
        ..Settings::default()
    })
    .outcome;
    let mut all = outcome.collections.iter();
    let found = all
        .find(|c| c.name == Collection::Contacts)
        .expect("contacts");
    assert_eq!((found.rescued, found.deleted_kept), (0, 2));
    assert_eq!(found.verdict, Verdict::Complete);
}

/// The names of accounts identify people: the journal tells accounts apart without their names.
#[test]
fn accounts_are_kept_as_digests() {
    let practised = rescue(Settings {
        contacts: 3,
        events: 2,
        ..Settings::default()
    });
    let vault = Vault::open_to_read(&practised.folder).expect("a journal");
    let accounts = vault.marks().expect("marks").accounts.expect("accounts");
    assert!(!accounts.is_empty());
    for account in accounts {
        let is_digest = account.len() == 64 && account.bytes().all(|b| b.is_ascii_hexdigit());
        assert!(is_digest, "{account}");
    }
}

/// The log names the person who agreed that an employer's data is read. Without that agreement none of it is read.
#[test]
fn who_agreed_to_a_work_profile_is_in_the_log() {
    let settings = || Settings {
        contacts: 3,
        events: 2,
        todos: 1,
        owner: OwnerData {
            users: vec![PracticeUser::work()],
            ..OwnerData::default()
        },
        ..Settings::default()
    };
    let practised = rescue(settings());
    let asked = practised.handset.asked();
    assert!(
        !asked.iter().any(|line| line.contains("--user 10")),
        "{asked:?}"
    );
    let with = rescue_with(settings(), true);
    assert!(
        with.handset
            .asked()
            .iter()
            .any(|line| line.contains("--user 10"))
    );

    let parent = tempfile::tempdir().expect("a folder");
    let adb = Adb::connect(practised.handset.link(), Options::default()).expect("a connection");
    let choices = lifeboat::handset::android::Choices {
        work_profile: true,
        ..Default::default()
    };
    let mut android = lifeboat::handset::android::Android::open(adb, &choices).expect("a phone");
    let request = Request {
        confirmed: Confirmed {
            work_profile_by: Some("Kim of Harbour Ltd".into()),
            ..Confirmed::default()
        },
        ..request(Target::New(parent.path().to_owned()), "--practice")
    };
    let outcome = run(&mut android, &request, &Stop::new(), &mut |_| {}).expect("a rescue");
    let log = Path::new(&outcome.folder).join("data/log.txt");
    let log = fs::read_to_string(log).expect("a log");
    assert!(log.contains("who agreed: Kim of Harbour Ltd"), "{log}");
}

#[test]
fn the_newest_unfinished_rescue_is_offered_first() {
    let parent = tempfile::tempdir().expect("a folder");
    for name in ["2026-11-01 One", "2026-11-21 One", "2026-11-11 One"] {
        let folder = parent.path().join(name);
        fs::create_dir(&folder).expect("a folder");
        Vault::create(&folder, &Default::default(), &RescueSource::default())
            .expect("a journal")
            .close()
            .expect("closed");
    }
    let begun: Vec<String> = unfinished(parent.path())
        .into_iter()
        .map(|one| one.begun)
        .collect();
    assert_eq!(begun, ["2026-11-21", "2026-11-11", "2026-11-01"]);
}

/// The log also contains the requests that a phone got while the rescue waited for it.
#[test]
fn what_was_asked_of_a_locked_phone_is_in_the_log() {
    let phone = |locked| {
        let mut phone = Invented::with([]);
        phone.locked = locked;
        Opened::alone(phone)
    };
    let parent = tempfile::tempdir().expect("a folder");
    let request = request(Target::New(parent.path().to_owned()), "--practice");
    let outcome = run_until_done(
        phone(true),
        &request,
        None,
        &Stop::new(),
        &mut |_| {},
        &mut |_, _| Some(phone(false)),
    );
    let outcome = outcome.expect("a rescue");
    let log = Path::new(&outcome.folder).join("data/log.txt");
    let log = fs::read_to_string(log).expect("a log");
    assert!(log.contains("asked: whether it is locked"), "{log}");
}

/// The rest of a damaged photo is kept, but does not count as rescued.
#[test]
fn a_damaged_copy_is_not_counted_as_rescued() {
    let file = HandsetFile {
        path: HandsetPath(b"/sdcard/DCIM/1.jpg".to_vec()),
        relative: HandsetPath(b"DCIM/1.jpg".to_vec()),
        size: 1_000,
        exact: true,
        modified: 1_000_000_000,
        ..HandsetFile::default()
    };
    let said = Said {
        holding: Holding {
            handset_says: Some(1),
            rows: Some(1),
            ..Holding::default()
        },
        records: vec![Record {
            key: file.key(),
            body: RecordBody::File(file),
        }],
        ..Said::default()
    };
    let mut phone = Invented::with([(Collection::Files, said)]);
    phone.gap = 100;
    let (outcome, _kept) = phone.rescue();
    let mut all = outcome.collections.iter();
    let photos = all.find(|c| c.name == Collection::Files).expect("photos");
    assert_eq!((photos.verdict, photos.rescued), (Verdict::Partial, 0));
    let place = Path::new(&outcome.folder).join("data/photos/DCIM/1 (damaged).jpg");
    assert_eq!(fs::metadata(place).expect("what is left").len(), 900);
}

/// Data that was left out by choice was not rescued: the phone is not safe, and the page says what is missing.
#[test]
fn what_was_left_out_is_not_called_safe() {
    let contacts = one_contact();
    let mut phone = Invented::with([(Collection::Contacts, contacts)]);
    let parent = tempfile::tempdir().expect("a folder");
    let request = Request {
        only: vec![Collection::Contacts],
        ..request(Target::New(parent.path().to_owned()), "--practice")
    };
    let outcome = run(&mut phone, &request, &Stop::new(), &mut |_| {}).expect("a rescue");
    assert!(!outcome.safe, "{}", outcome.headline);
    let why = outcome.why_not.join("\n");
    assert!(
        why.contains("Calendar, to-dos, calls, messages, photos: not rescued"),
        "{why}"
    );
    let page = fs::read_to_string(Path::new(&outcome.folder).join("data/report.html"));
    assert!(
        page.expect("a page")
            .contains("not rescued, because they were not asked for")
    );
}
