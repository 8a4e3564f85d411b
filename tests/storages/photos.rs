//! Photos, videos, recordings and exported lists: byte for byte, and complete or not called rescued.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, UNIX_EPOCH};

use crate::common::{portable_files, rescue, resume, with_fault};
use lifeboat::handset::{Handset, HandsetError};
use lifeboat::model::{
    Advice as _, Batch, Bookmark, Collection, FileKind, FileRank, HandsetFile, HandsetPath,
    Holding, Identity, Past, Record, RecordBody, Stop, Verdict,
};
use lifeboat::practice::android::{FileTrouble, LinkSettings, Settings, Storage};
use lifeboat::practice::{OwnerAction, OwnersFile};
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::rescue::{CollectionOutcome, Confirmed, Outcome, Progress, Request, Target, run};
use lifeboat::vault::{Desk, verify};

fn owner(fault: &str) -> Settings {
    let settings = Settings {
        contacts: 2,
        events: 1,
        todos: 1,
        ..Settings::default()
    };
    with_fault(settings, fault)
}

fn photos(outcome: &Outcome) -> &CollectionOutcome {
    let mut all = outcome.collections.iter();
    all.find(|c| c.name == Collection::Files).expect("photos")
}

fn said(outcome: &Outcome) -> String {
    photos(outcome).notes.join("\n")
}

/// A rescue that was cut while the film was copied, and the copies that were safe then.
fn cut_in_the_film(fault: &str) -> (crate::common::Practised, BTreeMap<String, Vec<u8>>) {
    let cut = rescue(owner(&format!(
        "photos=3,movie=9MB,unplug-after=6MB,{fault}"
    )));
    assert!(cut.outcome.lost);
    let copies = portable_files(&cut.folder);
    let copies = copies
        .into_iter()
        .filter(|(name, _)| name.starts_with("photos/"));
    (cut, copies.collect())
}

#[test]
fn a_copy_that_is_altered_between_the_halves_is_made_again() {
    type Harm = fn(&std::path::Path);
    let harms: [(&str, Harm); 3] = [
        ("altered", |path| {
            let mut bytes = fs::read(path).expect("a copy");
            bytes[100] ^= 1;
            fs::write(path, bytes).expect("altered");
        }),
        ("cut short", |path| {
            let bytes = fs::read(path).expect("a copy");
            fs::write(path, &bytes[..bytes.len() / 2]).expect("cut short");
        }),
        ("deleted", |path| fs::remove_file(path).expect("deleted")),
    ];
    for (what, harm) in harms {
        let (mut cut, copies) = cut_in_the_film("");
        let (name, whole) = copies.iter().next().expect("a copy that is safe");
        harm(&cut.folder.join("data").join(name));
        let outcome = resume(&mut cut);
        assert!(
            outcome.safe && outcome.finished,
            "{what}: {:?}",
            outcome.why_not
        );
        assert!(portable_files(&cut.folder)[name] == *whole, "{what}");
        assert_eq!(
            photos(&outcome).read_back,
            photos(&outcome).handset_says,
            "{what}"
        );
        assert!(
            verify(&cut.folder, &mut |_| {}).expect("a bag").ok,
            "{what}"
        );
    }
}

#[test]
fn a_copy_that_can_t_be_made_again_leaves_the_rescue_unfinished() {
    let (mut cut, copies) = cut_in_the_film("");
    let name = copies.keys().next().expect("a copy that is safe");
    let path = cut.folder.join("data").join(name);
    let mut bytes = fs::read(&path).expect("a copy");
    bytes[100] ^= 1;
    fs::write(&path, bytes).expect("altered");
    // The phone is gone again before its turn.
    let mut settings = owner("photos=3,movie=9MB,unplug-after=1MB");
    settings.photos = 3;
    cut.handset = lifeboat::practice::android::PracticeAndroid::new(settings);
    let outcome = resume(&mut cut);
    assert!(!outcome.finished && !outcome.safe);
    assert!(!lifeboat::vault::bag::is_finished(&cut.folder));
}

#[test]
fn a_photo_that_the_phone_changes_between_the_halves_is_copied_as_it_is_now() {
    let edited = |bytes: &[u8], modified| {
        let mut settings = owner("photos=3,movie=9MB,unplug-after=6MB");
        settings.storage.owned.push(OwnersFile {
            path: "DCIM/Camera/edited.jpg".into(),
            bytes: bytes.to_vec(),
            modified,
        });
        settings
    };
    let mut cut = rescue(edited(b"as it was", 1_900_000_000));
    let place = "photos/DCIM/Camera/edited.jpg";
    assert_eq!(portable_files(&cut.folder)[place], b"as it was");
    cut.handset = lifeboat::practice::android::PracticeAndroid::new(Settings {
        link: LinkSettings {
            unplug_after: Vec::new(),
            ..LinkSettings::default()
        },
        ..edited(b"as it is!", 1_900_000_060)
    });
    let outcome = resume(&mut cut);
    assert!(outcome.safe, "{:?}", outcome.why_not);
    let files = portable_files(&cut.folder);
    assert!(files.values().any(|bytes| bytes == b"as it is!"));
    assert!(verify(&cut.folder, &mut |_| {}).expect("a bag").ok);
}

#[test]
fn every_file_is_there_byte_for_byte_with_its_time() {
    let rescued = rescue(owner("photos=3,more-files"));
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    let files = portable_files(&rescued.folder);
    let adb = Adb::connect(rescued.handset.link(), Options::default()).expect("a connection");
    let mut sync = adb.sync();
    let mut count = 0;
    for (on_phone, place) in [
        ("/sdcard/DCIM/Camera", "photos/DCIM/Camera"),
        ("/sdcard/Download", "found/Download"),
        ("/sdcard/Recordings", "photos/Recordings"),
        ("/sdcard/Pictures/東京 旅行", "photos/Pictures/東京 旅行"),
        (
            "/storage/1A2B-3C4D/DCIM/100ANDRO",
            "photos/1A2B-3C4D/DCIM/100ANDRO",
        ),
    ] {
        for entry in sync
            .list(on_phone.as_bytes(), 100)
            .expect("a folder")
            .entries
        {
            let name = String::from_utf8(entry.name).expect("text");
            let mut bytes = Vec::new();
            let path = format!("{on_phone}/{name}");
            sync.recv(path.as_bytes(), &mut bytes).expect("a file");
            let copy = format!("{place}/{}", name.trim_start_matches('.'));
            assert!(files.get(&copy) == Some(&bytes), "{copy}");
            let modified = fs::metadata(rescued.folder.join("data").join(&copy))
                .and_then(|found| found.modified())
                .expect("a time");
            let seconds = u64::try_from(entry.stat.expect("a stat").modified).expect("a time");
            assert_eq!(
                modified,
                UNIX_EPOCH + Duration::from_secs(seconds),
                "{copy}"
            );
            count += 1;
        }
    }
    // The messenger's picture has the same bytes as the camera's first one: 11 files, 10 copies.
    assert_eq!(count, 9);
    let outcome = photos(&rescued.outcome);
    assert_eq!(outcome.verdict, Verdict::Complete);
    assert_eq!(
        (outcome.handset_says, outcome.rescued, outcome.read_back),
        (Some(11), 11, Some(11))
    );
    assert!(!files.keys().any(|name| name.contains("WhatsApp")));
    let list = String::from_utf8(files["files.csv"].clone()).expect("text");
    assert_eq!(list.lines().count(), 12);
    assert!(
        list.contains("duplicate of another file, saved once"),
        "{list}"
    );
    assert!(list.contains("in the phone's trash"), "{list}");
    let told = said(&rescued.outcome);
    assert!(
        told.contains("Lists that the owner exported, saved in found/: 2."),
        "{told}"
    );
    assert!(verify(&rescued.folder, &mut |_| {}).expect("a check").ok);
    assert_eq!(rescued.handset.tripped(), Vec::<String>::new());
}

#[test]
fn a_handset_from_before_64_bit_sizes_gives_the_same() {
    let new = portable_files(&rescue(owner("photos=2,android=36")).folder);
    for android in ["19", "25", "29"] {
        let old = rescue(owner(&format!("photos=2,android={android}")));
        assert!(old.outcome.safe, "{android}: {:?}", old.outcome.why_not);
        let old = portable_files(&old.folder);
        for (name, bytes) in new.iter().filter(|(name, _)| name.starts_with("photos/")) {
            assert!(old.get(name) == Some(bytes), "{android}: {name}");
        }
    }
}

#[test]
fn what_is_locked_is_not_called_empty() {
    let outcome = rescue(owner("photos=3,locked")).outcome;
    assert!(!outcome.safe);
    assert_eq!(photos(&outcome).verdict, Verdict::Unreadable);
    assert!(
        said(&outcome).to_lowercase().contains("unlock"),
        "{}",
        said(&outcome)
    );
}

#[test]
fn a_phone_without_pictures_is_safe_and_says_so() {
    let outcome = rescue(owner("photos=0")).outcome;
    assert!(outcome.safe, "{:?}", outcome.why_not);
    assert_eq!(photos(&outcome).verdict, Verdict::Empty);
    assert!(
        said(&outcome).contains("No pictures, videos, recordings or exported lists were found"),
        "{}",
        said(&outcome)
    );
    assert!(
        outcome
            .not_covered
            .iter()
            .any(|line| line.contains("cloud"))
    );
}

fn file(path: &str, bytes: &[u8]) -> OwnersFile {
    OwnersFile {
        path: path.into(),
        bytes: bytes.to_vec(),
        modified: 1_800_000_000,
    }
}

/// A phone stays in use while its files are copied.
#[test]
fn what_comes_while_files_are_copied_is_copied_too() {
    let card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Late Arrival\r\nTEL:1\r\nEND:VCARD\r\n";
    let rescued = rescue(Settings {
        storage: Storage {
            owned: vec![file("Documents/Lease.pdf", b"first version")],
            actions: vec![
                (2, OwnerAction::Writes(file("DCIM/Camera/new.jpg", b"new"))),
                (
                    3,
                    OwnerAction::Writes(file("Documents/Lease.pdf", b"second version")),
                ),
                (4, OwnerAction::Writes(file("Download/late.vcf", card))),
            ],
            ..Storage::default()
        },
        ..owner("photos=2")
    });
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    let files = portable_files(&rescued.folder);
    assert_eq!(files["photos/DCIM/Camera/new.jpg"], b"new");
    assert!(files.values().any(|bytes| bytes == b"second version"));
    let contacts = String::from_utf8_lossy(&files["contacts.vcf"]);
    assert!(contacts.contains("Late Arrival"), "{contacts}");
}

/// adbd lists such a folder as empty, even without the entry `.` that every readable folder has.
#[test]
fn a_folder_that_can_not_be_opened_is_not_called_empty() {
    for android in ["16", "23", "29"] {
        let outcome = rescue(Settings {
            storage: Storage {
                owned: vec![file("Documents/Lease.pdf", b"a lease")],
                troubles: vec![("Documents".into(), FileTrouble::Denied)],
                ..Storage::default()
            },
            ..owner(&format!("photos=2,android={android}"))
        })
        .outcome;
        assert_eq!(photos(&outcome).verdict, Verdict::Partial, "{android}");
        assert!(said(&outcome).contains("/sdcard/Documents could not be fully listed"));
    }
}

/// Neither a failed listing nor an empty media store shows that there are no files.
#[test]
fn a_storage_that_can_not_be_listed_is_not_called_empty() {
    let card = rescue(Settings {
        storage: Storage {
            troubles: vec![("card/".into(), FileTrouble::Fails)],
            ..Storage::default()
        },
        ..owner("photos=2,more-files")
    });
    assert_eq!(
        photos(&card.outcome).verdict,
        Verdict::Partial,
        "{:?}",
        photos(&card.outcome)
    );
    assert!(
        said(&card.outcome).contains("opendir failed"),
        "{}",
        said(&card.outcome)
    );
    for photos_there in [0, 2] {
        let rescued = rescue(Settings {
            storage: Storage {
                owned: vec![file("Documents/Lease.pdf", b"a lease")],
                troubles: vec![(String::new(), FileTrouble::Fails)],
                ..Storage::default()
            },
            ..owner(&format!("photos={photos_there}"))
        });
        let found = photos(&rescued.outcome);
        assert_eq!(found.verdict, Verdict::Unreadable, "{found:?}");
        assert!(!rescued.outcome.safe && !rescued.outcome.all_asked_is_there());
        assert!(
            said(&rescued.outcome).contains("opendir failed"),
            "{}",
            said(&rescued.outcome)
        );
    }
}

/// Files in memory that change during reads, as a test says.
#[derive(Default)]
struct Camera {
    identity: Identity,
    files: Vec<(HandsetFile, Vec<u8>)>,
    /// The next versions of each file, the first one at the end. Each read of a file replaces the file with the next
    /// version.
    becomes: HashMap<String, Vec<Vec<u8>>>,
    /// Unreadable files.
    broken: Vec<String>,
    /// The link breaks after this number of further bytes.
    bytes_left: Option<usize>,
    can_begin_in_the_middle: bool,
    listed: bool,
    /// The offset of each read of a file.
    fetched: Vec<(String, u64)>,
}

impl Camera {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let file = |(number, (path, bytes)): (usize, &(&str, &[u8]))| {
            let file = HandsetFile {
                path: HandsetPath(format!("/card/{path}").into_bytes()),
                relative: HandsetPath(path.as_bytes().to_vec()),
                size: bytes.len() as u64,
                exact: true,
                modified: 1_000_000 - number as i64,
                kind: FileKind::Photo,
                rank: FileRank::Own,
                trashed: false,
                library: None,
            };
            (file, bytes.to_vec())
        };
        Self {
            files: files.iter().enumerate().map(file).collect(),
            ..Self::default()
        }
    }
}

impl Handset for Camera {
    fn identity(&self) -> &Identity {
        &self.identity
    }
    fn collections(&mut self) -> Result<Vec<Collection>, HandsetError> {
        Ok(vec![Collection::Files])
    }
    fn survey(&mut self, _: Collection, _: &Past) -> Result<Holding, HandsetError> {
        self.listed = false;
        Ok(Holding {
            handset_says: Some(self.files.len() as u64),
            rows: Some(self.files.len() as u64),
            ..Holding::default()
        })
    }
    fn next_batch(
        &mut self,
        _: Collection,
        _: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        if std::mem::replace(&mut self.listed, true) {
            return Ok(None);
        }
        let records = self.files.iter().map(|(file, _)| Record {
            key: file.key(),
            body: RecordBody::File(file.clone()),
        });
        Ok(Some(Batch {
            records: records.collect(),
            ..Batch::default()
        }))
    }
    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        let name = file.relative.shown();
        let protocol = |what: &str| HandsetError::Protocol {
            what: what.into(),
            advice: String::new(),
        };
        if self.broken.contains(&name) {
            return Err(protocol("it can't be read"));
        }
        if from > 0 && !self.can_begin_in_the_middle {
            return Err(protocol("only from the start"));
        }
        self.fetched.push((name.clone(), from));
        let Some((listed, bytes)) = self.files.iter_mut().find(|(f, _)| f.path == file.path) else {
            return Ok(None);
        };
        let start = usize::try_from(from).expect("a place");
        for byte in bytes.get(start..).unwrap_or_default() {
            if let Some(left) = &mut self.bytes_left {
                if *left == 0 {
                    self.bytes_left = None;
                    return Err(HandsetError::Lost {
                        what: "the cable is out".into(),
                        advice: "Plug it in.".into(),
                    });
                }
                *left -= 1;
            }
            sink.write_all(&[*byte])
                .map_err(|e| protocol(&e.to_string()))?;
        }
        if let Some(next) = self.becomes.get_mut(&name).and_then(Vec::pop) {
            listed.size = next.len() as u64;
            listed.modified += 7;
            *bytes = next;
        }
        Ok(Some(listed.clone()))
    }
}

fn part(camera: &mut Camera, target: Target, tell: &mut dyn FnMut(Progress)) -> Outcome {
    let request = Request {
        target,
        only: vec![Collection::Files],
        reach: "--practice".into(),
        today: chrono::NaiveDate::from_ymd_opt(2026, 11, 22).expect("a date"),
        desk: Desk::default(),
        confirmed: Confirmed::default(),
        case: Default::default(),
    };
    run(camera, &request, &Stop::new(), tell).unwrap_or_else(|e| panic!("{e}: {}", e.advice()))
}

fn whole(camera: &mut Camera) -> (Outcome, BTreeMap<String, Vec<u8>>, tempfile::TempDir) {
    let parent = tempfile::tempdir().expect("a folder");
    let target = Target::New(parent.path().to_owned());
    let outcome = part(camera, target, &mut |_| {});
    let files = portable_files(&PathBuf::from(&outcome.folder));
    (outcome, files, parent)
}

#[test]
fn the_newest_are_copied_first() {
    let mut camera = Camera::with(&[("1.jpg", b"one"), ("2.jpg", b"two"), ("3.jpg", b"three")]);
    camera.files[1].0.modified = 2_000_000;
    camera.files[0].0.rank = FileRank::Cache;
    whole(&mut camera);
    let order: Vec<&str> = camera
        .fetched
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(order, ["2.jpg", "3.jpg", "1.jpg"]);
}

#[test]
fn a_copy_resumes_inside_a_file_and_gets_its_name_only_when_complete() {
    for middle in [true, false] {
        let mut camera = Camera::with(&[("a.jpg", b"0123456789"), ("b.mp4", b"abcdefghijklmno")]);
        camera.can_begin_in_the_middle = middle;
        camera.bytes_left = Some(15);
        let (outcome, files, parent) = whole(&mut camera);
        assert!(outcome.lost && !outcome.finished && !outcome.safe);
        assert_eq!(files["photos/a.jpg"], b"0123456789");
        assert!(!files.contains_key("photos/b.mp4"));
        camera.fetched.clear();
        let target = Target::Resume(PathBuf::from(&outcome.folder));
        let outcome = part(&mut camera, target, &mut |_| {});
        assert!(outcome.finished, "{:?}", outcome.why_not);
        let from = if middle { 5 } else { 0 };
        assert_eq!(camera.fetched, [("b.mp4".to_owned(), from)]);
        let files = portable_files(&PathBuf::from(&outcome.folder));
        assert_eq!(files["photos/b.mp4"], b"abcdefghijklmno");
        let names: Vec<&String> = files.keys().filter(|n| n.contains("part")).collect();
        assert_eq!(names, Vec::<&String>::new());
        assert_eq!(photos(&outcome).verdict, Verdict::Complete);
        drop(parent);
    }
}

#[test]
fn a_file_that_changes_while_it_is_read_is_read_again() {
    let mut camera = Camera::with(&[("1.jpg", b"old"), ("2.jpg", b"quiet")]);
    camera
        .becomes
        .insert("1.jpg".into(), vec![b"the new one".to_vec()]);
    let (outcome, files, _parent) = whole(&mut camera);
    assert_eq!(files["photos/1.jpg"], b"the new one");
    assert_eq!(photos(&outcome).verdict, Verdict::Complete);

    let mut camera = Camera::with(&[("1.jpg", b"old"), ("2.jpg", b"quiet")]);
    let restless = (0..9)
        .map(|number| format!("{number}").into_bytes())
        .collect();
    camera.becomes.insert("1.jpg".into(), restless);
    let (outcome, files, _parent) = whole(&mut camera);
    assert!(!files.contains_key("photos/1.jpg"));
    assert_eq!(photos(&outcome).verdict, Verdict::Partial);
    assert!(
        said(&outcome).contains("kept changing while it was read"),
        "{}",
        said(&outcome)
    );
    assert!(files.contains_key("photos/2.jpg"));
}

#[test]
fn one_that_can_not_be_read_or_is_gone_is_named_and_the_rest_is_copied() {
    let mut camera = Camera::with(&[("1.jpg", b"one"), ("2.jpg", b"two"), ("3.jpg", b"three")]);
    camera.broken.push("2.jpg".into());
    let (outcome, files, _parent) = whole(&mut camera);
    assert!(!outcome.safe);
    let outcome_of_photos = photos(&outcome);
    assert_eq!(outcome_of_photos.verdict, Verdict::Partial);
    assert_eq!(
        (outcome_of_photos.handset_says, outcome_of_photos.rescued),
        (Some(3), 2)
    );
    assert!(
        said(&outcome).contains("/card/2.jpg could not be copied: it can't be read"),
        "{}",
        said(&outcome)
    );
    assert!(files.contains_key("photos/3.jpg"));
    let report = PathBuf::from(&outcome.folder).join("data/report.html");
    let report = fs::read_to_string(report).expect("a report");
    assert!(
        !report.contains(".part-"),
        "what is not whole is no file of the rescue"
    );
    assert!(String::from_utf8_lossy(&files["files.csv"]).contains("not copied"));
}

/// Bytes that are reported as safe are on the disk at that moment, under the file's name. Bytes that could not be
/// copied never count.
#[test]
fn bytes_that_are_told_to_be_safe_are_in_whole_files() {
    let mut camera = Camera::with(&[("1.jpg", b"one"), ("2.jpg", b"two"), ("3.jpg", b"three")]);
    camera.broken.push("2.jpg".into());
    let parent = tempfile::tempdir().expect("a folder");
    let (mut folder, mut told) = (PathBuf::new(), Vec::new());
    let target = Target::New(parent.path().to_owned());
    part(&mut camera, target, &mut |progress| match progress {
        Progress::Folder(it) => folder = it,
        Progress::Copied { safe, of_bytes, .. } => {
            let there = crate::common::files_below(&folder.join("data/photos"));
            let there: usize = there.values().map(Vec::len).sum();
            told.push((safe, there as u64, of_bytes));
        }
        _ => {}
    });
    assert!(
        told.iter().all(|(safe, there, _)| safe <= there),
        "{told:?}"
    );
    assert_eq!(told.last(), Some(&(8, 8, 11)));
}

#[test]
fn a_disk_that_is_too_small_ends_it_with_what_there_is() {
    let mut camera = Camera::with(&[("1.jpg", b"one"), ("2.mp4", b"two")]);
    camera.files[1].0.size = 1 << 60;
    let (outcome, files, _parent) = whole(&mut camera);
    assert!(!outcome.finished && !outcome.lost && !outcome.safe);
    assert!(
        outcome.why_not[0].contains("are free"),
        "{:?}",
        outcome.why_not
    );
    assert!(files.contains_key("photos/1.jpg"));
    camera.files[1].0.size = 3;
    let target = Target::Resume(PathBuf::from(&outcome.folder));
    let outcome = part(&mut camera, target, &mut |_| {});
    assert!(outcome.finished);
    assert_eq!(photos(&outcome).verdict, Verdict::Complete);
}

#[test]
fn sizes_that_no_disk_has_are_no_trouble() {
    let mut camera = Camera::with(&[("1.jpg", b"one"), ("2.mp4", b"two"), ("3.mp4", b"three")]);
    camera.files[1].0.size = u64::MAX;
    camera.files[2].0.size = u64::MAX;
    let (outcome, files, _parent) = whole(&mut camera);
    assert!(!outcome.finished && !outcome.safe);
    assert!(files.contains_key("photos/1.jpg"));
}

#[test]
fn a_copy_that_changes_on_the_disk_is_noticed_before_it_is_called_safe() {
    let mut camera = Camera::with(&[("1.jpg", b"one"), ("2.jpg", b"two")]);
    let parent = tempfile::tempdir().expect("a folder");
    let mut folder = PathBuf::new();
    let target = Target::New(parent.path().to_owned());
    let outcome = part(&mut camera, target, &mut |progress| match progress {
        Progress::Folder(place) => folder = place,
        Progress::Writing => {
            fs::write(folder.join("data/photos/2.jpg"), b"TWO").expect("a file");
        }
        _ => {}
    });
    assert_eq!(photos(&outcome).verdict, Verdict::Partial);
    assert!(
        said(&outcome).contains("The files contain 1 instead of 2"),
        "{}",
        said(&outcome)
    );
}

#[test]
fn a_phone_that_is_unplugged_while_photos_are_copied_goes_on() {
    let mut practised = rescue(owner("movie=3MB,unplug-after=1500k"));
    assert!(!practised.outcome.finished);
    let smooth = portable_files(&rescue(owner("movie=3MB")).folder);
    while !practised.outcome.finished {
        resume(&mut practised);
    }
    assert!(practised.outcome.safe, "{:?}", practised.outcome.why_not);
    let asked = practised.handset.asked();
    assert!(
        asked.iter().any(|line| line.contains("tail -c '+")),
        "it was gone on with inside a file: {asked:?}"
    );
    let names = crate::common::names_of_differing(&smooth, &portable_files(&practised.folder));
    assert_eq!(names, Vec::<String>::new());
}
