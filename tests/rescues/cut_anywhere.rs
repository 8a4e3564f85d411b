//! Promise 3: wherever the link is cut, an interrupted and resumed rescue ends in the same files as a smooth one.
//!
//! By default a selection of all places is tried; `LIFEBOAT_EVERY_CUT=1` tries every one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::common::{names_of_differing, portable_files};
use lifeboat::handset::android::{Android, Choices};
use lifeboat::link::{Link, LinkError, LinkRead, LinkWrite};
use lifeboat::model::{Advice as _, Collection, Stop, Verdict};
use lifeboat::practice::android::{OwnerData, PracticeAndroid, Settings, Sim, Store};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{Outcome, Progress, Target, run};
use proptest::prelude::*;

/// A little of everything, so that one rescue is quick. It includes awkward texts that need a second look.
fn owner() -> Settings {
    Settings {
        contacts: 9,
        owner: OwnerData {
            deleted_contacts: 1,
            deleted_events: 1,
            messages: 9,
            pictures: 1,
            ..OwnerData::default()
        },
        events: 7,
        todos: 3,
        sim: Sim {
            entries: Some(3),
            ..Sim::default()
        },
        ..Settings::default()
    }
}

/// Where the link breaks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cut {
    Never,
    /// Before this frame from the client.
    Sent(u64),
    /// Before this frame from the handset.
    Received(u64),
    /// After this number of bytes in both directions together.
    Bytes(u64),
}

/// The amount of traffic on a link, and whether the link is cut.
#[derive(Default)]
struct Traffic {
    sent: AtomicU64,
    received: AtomicU64,
    bytes: AtomicU64,
    is_cut: AtomicBool,
}

/// Counts the frames in a stream of bytes. A header has 24 bytes; the payload's length is at byte 12.
#[derive(Default)]
struct Frames {
    header: Vec<u8>,
    left: usize,
}

impl Frames {
    /// Returns how many of `bytes` pass, and how many frames begin in them, if `allowed` more frames may begin.
    fn pass(&mut self, bytes: &[u8], allowed: Option<u64>) -> (usize, u64) {
        let (mut at, mut begun) = (0, 0);
        while at < bytes.len() {
            if self.left > 0 {
                let n = self.left.min(bytes.len() - at);
                (self.left, at) = (self.left - n, at + n);
                continue;
            }
            if self.header.is_empty() {
                if allowed == Some(begun) {
                    break;
                }
                begun += 1;
            }
            self.header.push(bytes[at]);
            at += 1;
            if self.header.len() == 24 {
                let length = [12, 13, 14, 15].map(|i| self.header[i]);
                self.left = u32::from_le_bytes(length) as usize;
                self.header.clear();
            }
        }
        (at, begun)
    }
}

/// One direction of a link that can be cut.
struct Knife<T> {
    inner: T,
    cut: Cut,
    frames: Frames,
    traffic: Arc<Traffic>,
}

impl<T> Knife<T> {
    /// Returns how many of the bytes pass before the link is cut.
    fn pass(&mut self, bytes: &[u8], is_sent: bool) -> usize {
        let traffic = Arc::clone(&self.traffic);
        let seen = if is_sent {
            &traffic.sent
        } else {
            &traffic.received
        };
        let before = seen.load(Ordering::SeqCst);
        let allowed = match (self.cut, is_sent) {
            (Cut::Sent(n), true) | (Cut::Received(n), false) => Some(n.saturating_sub(before)),
            _ => None,
        };
        let (mut passed, begun) = self.frames.pass(bytes, allowed);
        seen.fetch_add(begun, Ordering::SeqCst);
        let all = traffic.bytes.fetch_add(passed as u64, Ordering::SeqCst);
        if let Cut::Bytes(n) = self.cut {
            passed = passed.min(usize::try_from(n.saturating_sub(all)).unwrap_or(usize::MAX));
        }
        if passed < bytes.len() {
            traffic.is_cut.store(true, Ordering::SeqCst);
        }
        passed
    }

    fn check(&self) -> Result<(), LinkError> {
        match self.traffic.is_cut.load(Ordering::SeqCst) {
            true => Err(LinkError::Closed),
            false => Ok(()),
        }
    }
}

impl LinkRead for Knife<Box<dyn LinkRead>> {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        self.check()?;
        let count = self.inner.read(buffer, timeout)?;
        self.check()?;
        match self.pass(&buffer[..count], false) {
            0 => Err(LinkError::Closed),
            passed => Ok(passed),
        }
    }
}

impl LinkWrite for Knife<Box<dyn LinkWrite>> {
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        self.check()?;
        let passed = self.pass(bytes, true);
        self.inner.write_all(&bytes[..passed], timeout)?;
        if passed < bytes.len() {
            self.inner.close();
        }
        self.check()
    }

    fn close(&mut self) {
        self.inner.close();
    }
}

/// The handset's link, which is cut at `cut`.
fn cut_link(handset: &PracticeAndroid, cut: Cut) -> (Link, Arc<Traffic>) {
    let Link {
        reader,
        writer,
        name,
    } = handset.link();
    let traffic = Arc::new(Traffic::default());
    let link = Link {
        reader: Box::new(Knife {
            inner: reader,
            cut,
            frames: Frames::default(),
            traffic: Arc::clone(&traffic),
        }),
        writer: Box::new(Knife {
            inner: writer,
            cut,
            frames: Frames::default(),
            traffic: Arc::clone(&traffic),
        }),
        name,
    };
    (link, traffic)
}

/// A folder in memory if possible: these tests are not about the disk.
fn parent() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").unwrap_or_else(|_| tempfile::tempdir().expect("a folder"))
}

/// Runs one part of a rescue. `None`: the handset could not even be reached.
fn part(handset: &PracticeAndroid, target: Target, cut: Cut) -> Option<Outcome> {
    part_told(handset, target, cut, &mut |_| {}).0
}

fn part_told(
    handset: &PracticeAndroid,
    target: Target,
    cut: Cut,
    tell: &mut dyn FnMut(Progress),
) -> (Option<Outcome>, Arc<Traffic>) {
    let (link, traffic) = cut_link(handset, cut);
    let opened = Adb::connect(link, Options::default())
        .map_err(|e| assert!(e.is_link_lost(), "{cut:?}: {e}"))
        .and_then(|adb| {
            Android::open(adb, &Choices::default())
                .map_err(|e| assert!(e.is_link_lost(), "{cut:?}: {e}"))
        });
    let Ok(mut android) = opened else {
        return (None, traffic);
    };
    let request = crate::common::request(target, "--practice");
    let outcome = run(&mut android, &request, &Stop::new(), tell)
        .unwrap_or_else(|e| panic!("{cut:?}: {e}. {}", e.advice()));
    (Some(outcome), traffic)
}

/// Runs a rescue in parts: each is cut as `cuts` says, and the last one is not cut. Returns the outcome and the folder.
fn in_parts(handset: &PracticeAndroid, parent: &Path, cuts: &[Cut]) -> (Outcome, PathBuf) {
    let mut folder: Option<PathBuf> = None;
    for cut in cuts.iter().copied().chain([Cut::Never]) {
        let target = match &folder {
            Some(folder) => Target::Resume(folder.clone()),
            None => Target::New(parent.to_owned()),
        };
        if let Some(outcome) = part(handset, target, cut) {
            let place = PathBuf::from(&outcome.folder);
            if outcome.finished {
                return (outcome, place);
            }
            assert!(!outcome.safe, "{cut:?}");
            assert!(outcome.lost, "{cut:?}: {:?}", outcome.why_not);
            folder = Some(place);
        }
    }
    panic!("{cuts:?}: an uncut rescue did not finish");
}

/// The files of a smooth rescue, and its traffic.
fn smooth(handset: &PracticeAndroid) -> (BTreeMap<String, Vec<u8>>, [u64; 3]) {
    let parent = parent();
    let target = Target::New(parent.path().to_owned());
    let (outcome, traffic) = part_told(handset, target, Cut::Never, &mut |_| {});
    let outcome = outcome.expect("a rescue");
    assert!(outcome.safe, "{:?}", outcome.why_not);
    let counts = [&traffic.sent, &traffic.received, &traffic.bytes];
    (
        portable_files(Path::new(&outcome.folder)),
        counts.map(|n| n.load(Ordering::SeqCst)),
    )
}

/// Asserts that a rescue with these cuts ends in the files of the smooth one.
fn same_as(smooth: &BTreeMap<String, Vec<u8>>, handset: &PracticeAndroid, cuts: &[Cut]) {
    let parent = parent();
    let (outcome, folder) = in_parts(handset, parent.path(), cuts);
    assert!(outcome.safe, "{cuts:?}: {:?}", outcome.why_not);
    let changed = |c: &lifeboat::rescue::CollectionOutcome| {
        c.notes.iter().any(|note| {
            note.contains("between the parts") || note.contains("since the earlier part")
        })
    };
    assert!(
        !outcome.collections.iter().any(changed),
        "{cuts:?}: {outcome:?}"
    );
    let files = portable_files(&folder);
    assert_eq!(
        names_of_differing(smooth, &files),
        Vec::<String>::new(),
        "{cuts:?}"
    );
}

/// Tries all cases, on one thread per processor.
fn each(cuts: Vec<Vec<Cut>>, settings: Settings) {
    let handset = PracticeAndroid::new(settings);
    let (smooth, _) = smooth(&handset);
    let queue = Mutex::new(cuts.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("a queue").next();
                    match next {
                        Some(cuts) => same_as(&smooth, &handset, &cuts),
                        None => return,
                    }
                }
            });
        }
    });
    assert_eq!(handset.tripped(), Vec::<String>::new());
}

fn every_cut() -> bool {
    std::env::var_os("LIFEBOAT_EVERY_CUT").is_some()
}

/// Returns `how_many` numbers spread over `0..most`, or every one.
fn spread(most: u64, how_many: u64) -> Vec<u64> {
    spread_out(most, if every_cut() { most } else { how_many })
}

fn spread_out(most: u64, how_many: u64) -> Vec<u64> {
    let step = most.div_ceil(how_many.max(1)).max(1);
    (0..most)
        .step_by(usize::try_from(step).expect("a step"))
        .collect()
}

#[test]
fn a_cut_inside_any_file_leaves_no_trace() {
    let owner = Settings {
        contacts: 1,
        events: 0,
        todos: 0,
        photos: 2,
        more_files: true,
        ..owner()
    };
    let handset = PracticeAndroid::new(owner.clone());
    let (files, [_, _, bytes]) = smooth(&handset);
    assert!(
        files
            .keys()
            .any(|name| name.starts_with("photos/DCIM/Camera/"))
    );
    assert!(files.contains_key("found/Download/contacts.vcf"));
    let cuts = spread_out(bytes, if every_cut() { 2_000 } else { 40 });
    let cuts = cuts.into_iter().skip(5);
    each(cuts.map(|n| vec![Cut::Bytes(n)]).collect(), owner);
}

#[test]
fn a_cut_at_any_message_leaves_no_trace_in_the_files() {
    let handset = PracticeAndroid::new(owner());
    let (_, [sent, received, _]) = smooth(&handset);
    println!("{sent} frames from the client, {received} from the handset");
    let sent = spread(sent, 40).into_iter().map(|n| vec![Cut::Sent(n)]);
    let received = spread(received, 40)
        .into_iter()
        .map(|n| vec![Cut::Received(n)]);
    each(sent.chain(received).collect(), owner());
}

#[test]
fn old_handsets_are_cut_too() {
    for (android, most) in [(19, 12), (25, 12)] {
        let settings = Settings { android, ..owner() };
        let (_, [sent, received, _]) = smooth(&PracticeAndroid::new(settings.clone()));
        let sent = spread(sent, most).into_iter().map(|n| vec![Cut::Sent(n)]);
        let received = spread(received, most)
            .into_iter()
            .map(|n| vec![Cut::Received(n)]);
        each(sent.chain(received).collect(), settings);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if every_cut() { 1_500 } else { 30 },
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    })]
    #[test]
    fn cuts_at_any_byte_one_or_several(cuts in prop::collection::vec(0f64..1.02, 1..4)) {
        thread_local! {
            static SMOOTH: (PracticeAndroid, BTreeMap<String, Vec<u8>>, u64) = {
                let handset = PracticeAndroid::new(owner());
                let (files, [.., bytes]) = smooth(&handset);
                (handset, files, bytes)
            };
        }
        SMOOTH.with(|(handset, smooth, bytes)| {
            let cuts: Vec<Cut> = cuts.iter().map(|part| Cut::Bytes((part * *bytes as f64) as u64)).collect();
            same_as(smooth, handset, &cuts);
        });
    }
}

/// A loose connector: the link breaks again and again, each time long before a survey could end. The rescue must still
/// finish.
#[test]
fn a_link_that_never_lasts_makes_progress() {
    let handset = PracticeAndroid::new(owner());
    let (smooth, [sent, ..]) = smooth(&handset);
    let parent = parent();
    // The frames needed before anything can be read, and a few more.
    let open = {
        let (link, traffic) = cut_link(&handset, Cut::Never);
        let adb = Adb::connect(link, Options::default()).expect("a connection");
        drop(Android::open(adb, &Choices::default()).expect("a handset"));
        traffic.sent.load(Ordering::SeqCst)
    };
    let life = open + 72;
    assert!(life * 2 < sent, "{life} of {sent} frames");
    let cuts = vec![Cut::Sent(life); 80];
    let (outcome, folder) = in_parts(&handset, parent.path(), &cuts);
    assert!(outcome.safe, "{:?}", outcome.why_not);
    let differing = names_of_differing(&smooth, &portable_files(&folder));
    assert_eq!(differing, Vec::<String>::new());
    let vault = lifeboat::vault::Vault::open_to_read(&folder).expect("a vault");
    let begun = vault
        .log_entries()
        .expect("the log")
        .iter()
        .filter(|e| e.event.contains("reads"))
        .count();
    println!("{begun} parts of {life} frames from the client, where a smooth rescue takes {sent}");
    assert!(begun < 80, "it got there by the last, uncut part alone");
}

/// Cuts the first part in the middle of the collection `what`. Returns the rescue folder.
fn cut_in(handset: &PracticeAndroid, parent: &Path, what: Collection) -> PathBuf {
    let (_, [.., bytes]) = smooth(handset);
    // Looks for the latest cut that leaves the collection partly read.
    for part in (1..160).rev() {
        let target = Target::New(parent.to_owned());
        let (mut rows, mut is_read) = (0, false);
        let (outcome, _) =
            part_told(
                handset,
                target,
                Cut::Bytes(bytes * part / 160),
                &mut |p| match p {
                    Progress::Safe {
                        what: of, rows: n, ..
                    } if of == what => rows = n,
                    Progress::Read(of) if of == what => is_read = true,
                    _ => {}
                },
            );
        let Some(outcome) = outcome else { continue };
        let folder = PathBuf::from(outcome.folder);
        let vault = lifeboat::vault::Vault::open(&folder).expect("a vault");
        if !is_read && vault.bookmark(what).expect("a bookmark").is_some() {
            println!("{what:?} is cut after {part} parts of 160, {rows} rows");
            return folder;
        }
    }
    panic!("{what:?} could not be cut in the middle");
}

fn of(outcome: &Outcome, what: Collection) -> &lifeboat::rescue::CollectionOutcome {
    outcome
        .collections
        .iter()
        .find(|c| c.name == what)
        .expect("a collection")
}

const ADD_CONTACT: &str = "
    INSERT INTO raw_contacts (_id, account_id, version, dirty, deleted, contact_id, display_name)
        SELECT max(_id) + 500, 1, 1, 1, 0, (SELECT max(_id) + 500 FROM contacts), 'Late Comer' FROM raw_contacts;
    INSERT INTO contacts (_id, name_raw_contact_id, lookup)
        SELECT max(_id) + 500, (SELECT max(_id) FROM raw_contacts), 'late' FROM contacts;
    INSERT INTO data (_id, mimetype_id, raw_contact_id, data1, data2, data3)
        SELECT max(_id) + 500, 7, (SELECT max(_id) FROM raw_contacts), 'Late Comer', 'Late', 'Comer' FROM data;";

#[test]
fn a_handset_that_changes_between_two_parts_is_noticed() {
    for what in [Collection::Contacts, Collection::Calendar] {
        // The link breaks in the middle of the contacts, or after them.
        let settings = Settings {
            contacts: 120,
            events: 300,
            ..owner()
        };
        let handset = PracticeAndroid::new(settings);
        let parent = parent();
        let folder = cut_in(&handset, parent.path(), what);
        let first = |sql: &str| {
            let rows = handset.peek(0, Store::Contacts, sql).expect("rows");
            match rows[0][0] {
                rusqlite::types::Value::Integer(n) => n,
                ref other => panic!("{other:?}"),
            }
        };
        let edited = first(
            "SELECT contact_id FROM raw_contacts WHERE deleted=0 ORDER BY contact_id LIMIT 1 OFFSET 2",
        );
        let gone = first(
            "SELECT contact_id FROM raw_contacts WHERE deleted=0 ORDER BY contact_id LIMIT 1 OFFSET 6",
        );
        let change = format!(
            "{ADD_CONTACT}
             UPDATE data SET data1='Edited Name', data2='Edited', data3='Name' WHERE mimetype_id=7
                 AND raw_contact_id IN (SELECT _id FROM raw_contacts WHERE contact_id={edited});
             UPDATE raw_contacts SET version=version+1, dirty=1 WHERE contact_id={edited};
             DELETE FROM data WHERE raw_contact_id IN (SELECT _id FROM raw_contacts WHERE contact_id={gone});
             DELETE FROM raw_contacts WHERE contact_id={gone};
             DELETE FROM contacts WHERE _id={gone};"
        );
        handset.poke(0, Store::Contacts, &change).expect("a change");
        let outcome =
            part(&handset, Target::Resume(folder.clone()), Cut::Never).expect("the second part");
        let contacts = of(&outcome, Collection::Contacts);
        let said = contacts.notes.join(" ");
        assert!(
            said.contains("1 added, 1 changed, 1 deleted"),
            "{what:?}: {contacts:?}"
        );
        // The rescue holds the current data of the handset, and also the data that it held before.
        assert_eq!(
            (contacts.handset_says, contacts.rescued),
            (Some(120), 121),
            "{contacts:?}"
        );
        assert_eq!(contacts.verdict, Verdict::Complete, "{contacts:?}");
        assert!(outcome.finished && outcome.safe, "{:?}", outcome.why_not);
        let cards =
            String::from_utf8(portable_files(&folder)["contacts.vcf"].clone()).expect("text");
        for name in ["Late Comer", "Edited Name"] {
            assert_eq!(
                cards.matches(&format!("FN:{name}")).count(),
                1,
                "{what:?}: {name}"
            );
        }
    }
}

#[test]
fn events_and_todos_that_change_between_two_parts_are_noticed() {
    let handset = PracticeAndroid::new(Settings {
        events: 300,
        todos: 30,
        contacts: 20,
        ..owner()
    });
    let parent = parent();
    let folder = cut_in(&handset, parent.path(), Collection::Calendar);
    handset
        .poke(
            0,
            Store::Calendar,
            "UPDATE Events SET title='Edited event', dirty=1, dtstart=dtstart+60000, dtend=dtend+60000
                 WHERE _id=(SELECT min(_id) FROM Events WHERE deleted=0 AND dtend IS NOT NULL);",
        )
        .expect("a change");
    let outcome =
        part(&handset, Target::Resume(folder.clone()), Cut::Never).expect("the second part");
    let calendar = of(&outcome, Collection::Calendar);
    assert!(
        calendar
            .notes
            .join(" ")
            .contains("events changed between the parts of this rescue: 1 changed"),
        "{calendar:?}"
    );
    assert_eq!(calendar.verdict, Verdict::Complete, "{calendar:?}");
    let file = String::from_utf8(portable_files(&folder)["calendar.ics"].clone()).expect("text");
    assert_eq!(file.matches("SUMMARY:Edited event").count(), 1);
}
