//! An Android's own files: by debugging, by file transfer, and by one after the other.

use std::path::{Path, PathBuf};

use lifeboat::handset::Handset;
use lifeboat::handset::android::{Android, Choices};
use lifeboat::handset::media_device::MediaDevice;
use lifeboat::model::{Collection, Stop};
use lifeboat::practice::android::{
    FileTrouble, LinkSettings, PracticeAndroid, Settings, Sim, Storage,
};
use lifeboat::practice::media::{PracticeMedia, Settings as MediaSettings};
use lifeboat::practice::{OwnerAction, OwnersFile};
use lifeboat::protocol::adb::{self, Adb};
use lifeboat::rescue::{Outcome, Progress, Request, RescueError, Target, run};

use super::judge::{Files, Truth, judge};
use super::media::options;
use super::owner::{self, an_action};
use crate::common::thousands::{Came, Crowd, Dice, Tried, goes_on};
use crate::common::{folder_in_memory, request};

/// The largest number of parts of a rescue.
const MOST_PARTS: usize = 8;

/// One part of a rescue.
#[derive(Debug, Clone, Default)]
struct Part {
    by_file_transfer: bool,
    /// The cable comes out after this number of bytes.
    unplug_after: Option<u64>,
    /// Its user stops it after this number of progress messages.
    stopped_after: Option<u64>,
    actions: Vec<(u32, OwnerAction)>,
    /// Changes on the phone after this part.
    after: Vec<OwnerAction>,
}

/// A phone, and the events during its rescue.
struct Phone {
    android: u32,
    photos: u32,
    more_files: bool,
    files: Vec<OwnersFile>,
    file_troubles: Vec<(String, FileTrouble)>,
    /// The last part is repeated, without faults, until the rescue is finished.
    parts: Vec<Part>,
    troubles: Vec<&'static str>,
}

fn phone(number: u64) -> Phone {
    let mut dice = Dice::of(number);
    let most = *dice.pick(&[0, 4, 12, 30]);
    let more_files = dice.chance(25);
    let mut files = owner::files(&mut dice, most);
    for file in &mut files {
        if more_files && dice.chance(30) {
            file.path = format!("card/{}", file.path);
        }
    }
    let mut phone = Phone {
        android: 16 + dice.roll(21) as u32,
        photos: dice.roll(5) as u32,
        more_files,
        files,
        file_troubles: Vec::new(),
        parts: Vec::new(),
        troubles: Vec::new(),
    };
    for _ in 0..[0, 0, 1, 1, 2][dice.roll(5) as usize] {
        let any = !phone.files.is_empty();
        phone.troubles.push(match dice.roll(5) {
            0 if any => {
                let path = dice.pick(&phone.files).path.clone();
                let trouble =
                    *dice.pick(&[FileTrouble::Denied, FileTrouble::Fails, FileTrouble::Ends]);
                phone.file_troubles.push((path, trouble));
                "a file can't be read"
            }
            // From Android 11 on, such a folder can't be told from an empty one.
            1 if any && phone.android < 30 => {
                let path = dice.pick(&phone.files).path.clone();
                let folder = path
                    .rsplit_once('/')
                    .map_or("", |(folder, _)| folder)
                    .to_owned();
                phone.file_troubles.push((folder, FileTrouble::Denied));
                "a folder can't be listed"
            }
            2 => {
                let mut after = 0;
                let mut part = Part::default();
                for number in 0..=dice.roll(3) {
                    after += dice.roll(8) as u32;
                    let action = an_action(&mut dice, 900 + number, &phone.files);
                    part.actions.push((after, action));
                }
                phone.parts.push(part);
                "used meanwhile"
            }
            _ => {
                for cut in 0..=dice.roll(2) {
                    let mut part = Part::default();
                    match dice.chance(70) {
                        true => part.unplug_after = Some(dice.roll(600_000)),
                        false => part.stopped_after = Some(dice.roll(60)),
                    }
                    if dice.chance(30) {
                        let number = 950 + cut;
                        part.after.push(an_action(&mut dice, number, &phone.files));
                    }
                    phone.parts.push(part);
                }
                "interrupted"
            }
        });
    }
    phone.parts.push(Part::default());
    // File transfer never gives contacts, so the first or the last part is by debugging.
    if phone.parts.len() > 1 && dice.chance(60) {
        for part in &mut phone.parts {
            part.by_file_transfer = dice.chance(50);
        }
        phone.troubles.push("two approaches");
    }
    phone
}

impl Phone {
    fn debugged(&self, part: &Part) -> PracticeAndroid {
        PracticeAndroid::new(Settings {
            android: self.android,
            samsung: false,
            contacts: 1,
            events: 1,
            todos: 0,
            sim: Sim {
                entries: None,
                ..Sim::default()
            },
            photos: self.photos,
            more_files: self.more_files,
            storage: Storage {
                owned: self.files.clone(),
                troubles: self.file_troubles.clone(),
                actions: part.actions.clone(),
                ..Storage::default()
            },
            link: LinkSettings {
                unplug_after: part.unplug_after.into_iter().collect(),
                ..LinkSettings::default()
            },
            ..Settings::default()
        })
    }

    fn transferring(&self, part: &Part) -> PracticeMedia {
        PracticeMedia::new(MediaSettings {
            photos: self.photos,
            more_files: self.more_files,
            owned: self.files.clone(),
            actions: part.actions.clone(),
            unplug_after: part.unplug_after.into_iter().collect(),
            ..MediaSettings::default()
        })
    }

    /// Applies a change that was made during the reading, or after it.
    fn apply(&mut self, action: &OwnerAction) {
        match action {
            OwnerAction::Deletes(path) => self.files.retain(|file| file.path != *path),
            OwnerAction::TakesCard => self.files.retain(|file| !file.path.starts_with("card/")),
            OwnerAction::Writes(file) => {
                self.files.retain(|known| known.path != file.path);
                self.files.push(file.clone());
            }
        }
    }
}

/// Reads a handset in one part.
fn read(
    handset: &mut dyn Handset,
    target: &Target,
    part: &Part,
    stop: &Stop,
) -> Result<Outcome, RescueError> {
    let mut told = 0;
    let request = Request {
        only: vec![Collection::Files],
        ..request(target.clone(), "--practice")
    };
    run(handset, &request, stop, &mut |_: Progress| {
        told += 1;
        if part.stopped_after == Some(told) {
            stop.stop();
        }
    })
}

fn attempt(number: u64) -> Tried {
    let mut phone = phone(number);
    let parent = folder_in_memory();
    let mut target = Target::New(parent.path().to_owned());
    let (mut last, mut former, mut held) = (None, Files::new(), Files::new());
    for at in 0..MOST_PARTS {
        let smooth = Part {
            by_file_transfer: phone.parts[phone.parts.len() - 1].by_file_transfer,
            ..Part::default()
        };
        let part = phone.parts.get(at).cloned().unwrap_or(smooth);
        let before: Files = phone
            .files
            .iter()
            .map(|file| (file.path.clone(), file.bytes.clone()))
            .collect();
        let (outcome, now) = match part.by_file_transfer {
            true => {
                let (media, options) = (phone.transferring(&part), options());
                let handset = MediaDevice::open(media.link(), &options);
                let outcome = handset
                    .ok()
                    .map(|mut handset| read(handset.as_mut(), &target, &part, &options.stop));
                assert_eq!(media.tripped(), [""; 0]);
                (outcome, media.files())
            }
            false => {
                let android = phone.debugged(&part);
                let stop = Stop::new();
                let adb_options = adb::Options {
                    stop: stop.clone(),
                    ..adb::Options::default()
                };
                let opened = Adb::connect(android.link(), adb_options).ok();
                let handset = opened.and_then(|adb| Android::open(adb, &Choices::default()).ok());
                let outcome = handset.map(|mut handset| read(&mut handset, &target, &part, &stop));
                assert_eq!(android.tripped(), [""; 0]);
                (outcome, android.files())
            }
        };
        // Changes made during the reading are permanent.
        for (_, action) in &part.actions {
            let is_done = match action {
                OwnerAction::Deletes(path) => now.iter().all(|(known, _)| known != path),
                OwnerAction::Writes(file) => now.contains(&(file.path.clone(), file.bytes.clone())),
                OwnerAction::TakesCard => false,
            };
            if is_done {
                phone.apply(action);
            }
        }
        former.append(&mut held);
        former.extend(before);
        // A new file may have changed again before the end.
        former.extend(part.actions.iter().filter_map(|(_, action)| match action {
            OwnerAction::Writes(file) => Some((file.path.clone(), file.bytes.clone())),
            OwnerAction::Deletes(_) | OwnerAction::TakesCard => None,
        }));
        held = now;
        match outcome {
            Some(Ok(outcome)) => {
                let is_finished = outcome.finished;
                target = Target::Resume(PathBuf::from(&outcome.folder));
                last = Some(outcome);
                if is_finished {
                    break;
                }
            }
            // The stop came during the writing of the files.
            Some(Err(RescueError::Stopped)) => target = goes_on(parent.path()),
            // The rescue could not be started.
            Some(Err(_)) | None => {}
        }
        for action in &part.after {
            phone.apply(action);
        }
    }
    let troubles = match phone.troubles.is_empty() {
        true => vec!["none"],
        false => phone.troubles.clone(),
    };
    let came = match &last {
        None => Ok(Came::Unsafe),
        Some(outcome) => {
            let truth = Truth { held, former };
            judge(&truth, Path::new(&outcome.folder), outcome).map_err(|why| {
                let paths: Vec<_> = truth.held.iter().map(|(path, bytes)| (path, bytes.len())).collect();
                let parts: Vec<_> = phone
                    .parts
                    .iter()
                    .map(|part| (part.by_file_transfer, part.unplug_after, part.stopped_after, part.actions.len(), part.after.len()))
                    .collect();
                format!(
                    "phone {number} ({troubles:?}), Android {}: {why}\n{outcome:#?}\n{parts:?}\n{:?}\n{paths:?}",
                    phone.android, phone.file_troubles
                )
            })
        }
    };
    Tried { troubles, came }
}

#[test]
fn no_phone_that_lost_a_file_is_called_safe() {
    let phones = Crowd {
        name: "phones",
        many: "LIFEBOAT_STORAGES",
        one: "LIFEBOAT_STORAGE",
        sample: 60,
        at_once: 2,
    };
    phones.never_claims_more(attempt);
}
