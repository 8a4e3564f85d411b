//! Rescues of practice media devices.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lifeboat::handset::media_device::MediaDevice;
use lifeboat::link::Link;
use lifeboat::model::{Advice, Collection, Stop, Verdict};
use lifeboat::practice::fault::apply;
use lifeboat::practice::media::{PracticeMedia, Settings};
use lifeboat::protocol::mtp::Options;
use lifeboat::rescue::{CollectionOutcome, Outcome, Progress, Target, finish_as_it_is, run};
use tempfile::TempDir;

use crate::common::{folder_in_memory, portable_files};

/// The result of a rescue.
pub struct Practised {
    pub outcome: Outcome,
    pub media: PracticeMedia,
    pub folder: PathBuf,
    /// Removed with its contents at the end of the test.
    pub _parent: TempDir,
}

/// A device with these faults.
pub fn media(spec: &str) -> PracticeMedia {
    let mut settings = Settings {
        photos: 4,
        ..Settings::default()
    };
    apply(spec, &mut settings).unwrap_or_else(|e| panic!("{e}"));
    PracticeMedia::new(settings)
}

/// The same device with a memory card and files of every kind.
pub fn media_with_more(spec: &str) -> PracticeMedia {
    let mut settings = Settings {
        photos: 4,
        more_files: true,
        ..Settings::default()
    };
    apply(spec, &mut settings).unwrap_or_else(|e| panic!("{e}"));
    PracticeMedia::new(settings)
}

/// Short time-outs, so that tests are quick.
pub fn options() -> Options {
    Options {
        stop: Stop::new(),
        on_wait: Arc::new(|_| {}),
        handshake_timeout: Duration::from_secs(2),
        patience: Duration::from_secs(2),
        pause: Duration::from_millis(300),
    }
}

/// One part of a rescue. If only the contacts of a phone are left to be opened, its owner finishes the rescue.
pub fn part(
    link: Link,
    target: Target,
    options: &Options,
    tell: &mut dyn FnMut(Progress),
) -> Outcome {
    finished_without_contacts(part_alone(link, target, options, tell))
}

/// A phone that could also share its contacts leaves its rescue open. Finishes this rescue once its files are read.
pub fn finished_without_contacts(outcome: Outcome) -> Outcome {
    let is_cut = |why: &String| why.starts_with("Reading stopped early");
    let waits_for_contacts = !outcome.finished
        && !outcome.lost
        && !outcome.why_not.iter().any(is_cut)
        && photos(&outcome).verdict != Verdict::Unreadable;
    if !waits_for_contacts {
        return outcome;
    }
    let today = crate::common::request(Target::New(PathBuf::new()), "").today;
    finish_as_it_is(Path::new(&outcome.folder), today, &Stop::new(), &mut |_| {})
        .unwrap_or_else(|e| panic!("{e}: {}", e.advice()))
}

/// One part of a rescue, as it ends by itself.
pub fn part_alone(
    link: Link,
    target: Target,
    options: &Options,
    tell: &mut dyn FnMut(Progress),
) -> Outcome {
    let mut handset = MediaDevice::open(link, options).unwrap_or_else(|e| panic!("{e}"));
    let request = crate::common::request(target, "--practice media");
    run(handset.as_mut(), &request, &options.stop, tell)
        .unwrap_or_else(|e| panic!("{e}: {}", e.advice()))
}

/// As [`options`], for devices that are slow to answer but not silent: a loaded machine is not taken for a silent device.
pub fn patient() -> Options {
    Options {
        handshake_timeout: Duration::from_secs(10),
        patience: Duration::from_secs(10),
        ..options()
    }
}

pub fn rescue(media: PracticeMedia) -> Practised {
    rescue_with(media, &options())
}

pub fn rescue_with(media: PracticeMedia, options: &Options) -> Practised {
    let parent = folder_in_memory();
    let target = Target::New(parent.path().to_owned());
    let outcome = part(media.link(), target, options, &mut |_| {});
    assert_eq!(media.tripped(), Vec::<String>::new());
    Practised {
        folder: PathBuf::from(&outcome.folder),
        outcome,
        media,
        _parent: parent,
    }
}

pub fn resume(practised: &mut Practised) {
    let target = Target::Resume(practised.folder.clone());
    practised.outcome = part(practised.media.link(), target, &options(), &mut |_| {});
    assert_eq!(practised.media.tripped(), Vec::<String>::new());
}

pub fn photos(outcome: &Outcome) -> &CollectionOutcome {
    let mut all = outcome.collections.iter();
    all.find(|c| c.name == Collection::Files).expect("photos")
}

pub fn said(outcome: &Outcome) -> String {
    photos(outcome).notes.join("\n")
}

/// The place and the contents of every copy. Files that are not to be copied are left out.
pub fn expected(media: &PracticeMedia) -> BTreeMap<String, Vec<u8>> {
    let place = |path: &str| {
        let folder = match path.ends_with(".vcf") || path.ends_with(".vcs") {
            true => "found",
            false => "photos",
        };
        let path = path.replace("card/", "SD card/").replace("/.", "/");
        format!("{folder}/{path}")
    };
    media
        .files()
        .into_iter()
        .filter(|(path, _)| !path.ends_with(".apk") && !path.starts_with("Android/data"))
        .map(|(path, bytes)| (place(&path), bytes))
        .collect()
}

/// Asserts that a rescue holds every file of its device, byte for byte, and no other file.
pub fn assert_holds_all(practised: &Practised) {
    let files = portable_files(&practised.folder);
    let expected = expected(&practised.media);
    assert!(!expected.is_empty());
    for (place, bytes) in &expected {
        let is_there = files.get(place) == Some(bytes);
        let is_twin = || {
            let mut twins = expected.iter().filter(|(_, other)| *other == bytes);
            twins.any(|(other, _)| other != place && files.contains_key(other))
        };
        assert!(is_there || is_twin(), "{place}: {:?}", files.keys());
    }
    let copies = files
        .keys()
        .filter(|name| name.starts_with("photos/") || name.starts_with("found/"));
    for name in copies {
        assert!(expected.contains_key(name), "{name} is one too many");
    }
    assert!(!files.keys().any(|name| name.contains(".part-")));
}
