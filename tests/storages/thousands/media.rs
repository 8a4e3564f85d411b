//! Media devices.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lifeboat::handset::media_device::MediaDevice;
use lifeboat::model::Stop;
use lifeboat::practice::media::{Model, PracticeMedia, Settings, Trouble};
use lifeboat::practice::{OwnerAction, OwnersFile};
use lifeboat::protocol::mtp::Options;
use lifeboat::rescue::{Progress, RescueError, Target, run};

use super::judge::{Truth, judge};
use super::owner::{self, an_action};
use crate::common::thousands::{Crowd, Dice, Tried, goes_on};
use crate::common::{folder_in_memory, request};
use crate::media::support::finished_without_contacts;

/// The largest number of parts of a rescue.
const MOST_PARTS: u32 = 9;

/// Events during a rescue, in addition to the device's own faults.
struct Fate {
    /// The device is never seen again after this number of parts.
    dies_after: Option<u32>,
    /// Its user stops the first part after this number of progress messages.
    stopped_after: Option<u64>,
    /// Changes on the device between the first and the second part.
    between: Vec<OwnerAction>,
    troubles: Vec<&'static str>,
}

fn device(number: u64) -> (Settings, Fate) {
    let mut dice = Dice::of(number);
    let most = *dice.pick(&[0, 4, 12, 12, 30]);
    let model = *dice.pick(&[
        Model::Android,
        Model::Android,
        Model::Responder,
        Model::Camera,
        Model::IPhone,
        Model::OldPhone,
        Model::Watch,
    ]);
    let more_files = dice.chance(30);
    let mut files = owner::files(&mut dice, most);
    if more_files {
        for file in &mut files {
            if dice.chance(30) {
                file.path = format!("card/{}", file.path);
            }
        }
    }
    let mut settings = Settings {
        model,
        seed: number,
        // A phone that shows nothing at all counts as locked.
        photos: match model {
            Model::Responder | Model::IPhone | Model::OldPhone | Model::Player => {
                1 + dice.roll(5) as u32
            }
            Model::Android | Model::Camera | Model::Watch => dice.roll(6) as u32,
        },
        more_files,
        // Peculiarities of devices that must not cost any files.
        no_partial: dice.chance(15),
        ring: dice.chance(5),
        busy: if dice.chance(5) {
            1 + dice.roll(3) as u32
        } else {
            0
        },
        left_over: dice.chance(5),
        events: dice.chance(10),
        extra_byte: dice.chance(10),
        long_sizes: dice.chance(10),
        flat: dice.chance(8),
        short_names: dice.chance(8),
        renumbers: dice.chance(20),
        ..Settings::default()
    };
    let mut fate = Fate {
        dies_after: None,
        stopped_after: None,
        between: Vec::new(),
        troubles: Vec::new(),
    };
    // A third of all devices have no further troubles.
    for _ in 0..[0, 0, 1, 1, 1, 2][dice.roll(6) as usize] {
        let of = |dice: &mut Dice| dice.pick(&files).path.clone();
        let any = !files.is_empty();
        let what = match dice.roll(16) {
            0 | 1 => {
                for _ in 0..=dice.roll(3) {
                    settings.unplug_after.push(match dice.chance(50) {
                        true => dice.roll(6_000),
                        false => dice.roll(1_000_000),
                    });
                }
                "cable pulled"
            }
            2 | 3 => {
                let mut after = 0;
                for number in 0..=dice.roll(3) {
                    after += dice.roll(8) as u32;
                    let action = an_action(&mut dice, 900 + number, &files);
                    settings.actions.push((after, action));
                }
                "used meanwhile"
            }
            4 | 5 => {
                settings.unplug_after.push(dice.roll(400_000));
                for number in 0..=dice.roll(2) {
                    let action = an_action(&mut dice, 950 + number, &files);
                    fate.between.push(action);
                }
                "used between two parts"
            }
            6 if any => {
                settings.troubles.push((of(&mut dice), Trouble::Denied));
                "a file can't be read"
            }
            7 if any => {
                let path = of(&mut dice);
                let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
                settings.troubles.push((folder.to_owned(), Trouble::Denied));
                "a folder can't be listed"
            }
            8 if any => {
                settings.troubles.push((of(&mut dice), Trouble::Nameless));
                "a file can't be told"
            }
            9 if any => {
                let lie = *dice.pick(&[Trouble::Short, Trouble::Long, Trouble::Half]);
                settings.troubles.push((of(&mut dice), lie));
                "a length lies"
            }
            10 if more_files => {
                settings
                    .actions
                    .push((dice.roll(20) as u32, OwnerAction::TakesCard));
                "card taken out"
            }
            10 => {
                settings.changes = 1 + dice.roll(4) as u32;
                "a photo changes"
            }
            11 => {
                settings.vanishes = true;
                "a photo vanishes"
            }
            12 => {
                settings.locks_after = Some(dice.roll(500_000));
                "locks itself"
            }
            13 if dice.chance(30) => {
                settings.locked = true;
                "locked"
            }
            14 => {
                settings.unplug_after.push(dice.roll(500_000));
                fate.dies_after = Some(1);
                "battery dies"
            }
            _ => {
                fate.stopped_after = Some(dice.roll(24));
                "stopped"
            }
        };
        fate.troubles.push(what);
    }
    // Some devices have two objects with the same name in a folder.
    if dice.chance(10)
        && let Some(twin) = files.last().cloned()
    {
        let bytes = owner::noise(&mut dice, 700);
        files.push(OwnersFile { bytes, ..twin });
    }
    settings.owned = files;
    (settings, fate)
}

/// Short time-outs, so that thousands of tests are quick.
pub fn options() -> Options {
    Options {
        stop: Stop::new(),
        on_wait: Arc::new(|_| {}),
        handshake_timeout: Duration::from_secs(5),
        patience: Duration::from_secs(5),
        pause: Duration::from_millis(500),
    }
}

fn attempt(number: u64) -> Tried {
    let (settings, fate) = device(number);
    let media = PracticeMedia::new(settings.clone());
    let parent = folder_in_memory();
    let mut target = Target::New(parent.path().to_owned());
    let mut last = None;
    for part in 1..=MOST_PARTS {
        let options = options();
        // If the cable comes out in the greeting, there is no part yet.
        if let Ok(mut handset) = MediaDevice::open(media.link(), &options) {
            let (stop, mut told) = (options.stop.clone(), 0);
            let mut tell = |_: Progress| {
                told += 1;
                if part == 1 && fate.stopped_after == Some(told) {
                    stop.stop();
                }
            };
            let request = request(target.clone(), "--practice media");
            match run(handset.as_mut(), &request, &options.stop, &mut tell) {
                Ok(outcome) => {
                    let outcome = finished_without_contacts(outcome);
                    let is_finished = outcome.finished;
                    target = Target::Resume(PathBuf::from(&outcome.folder));
                    last = Some(outcome);
                    if is_finished {
                        break;
                    }
                }
                // The stop came during the writing of the files.
                Err(RescueError::Stopped) => target = goes_on(parent.path()),
                Err(error) => panic!("device {number}: {error}"),
            }
        }
        if fate.dies_after.is_some_and(|parts| parts <= part) {
            break;
        }
        if part == 1 {
            fate.between.iter().for_each(|action| media.apply(action));
        }
        if part > 2 {
            media.unlock();
        }
    }
    assert_eq!(media.tripped(), [""; 0]);
    let troubles = match fate.troubles.is_empty() {
        true => vec!["none"],
        false => fate.troubles.clone(),
    };
    let came = match &last {
        // The device was never reached, so no rescue could claim anything.
        None => Ok(crate::common::thousands::Came::Unsafe),
        Some(outcome) => {
            let truth = Truth {
                held: media.files(),
                former: media.former_files(),
            };
            judge(&truth, &PathBuf::from(&outcome.folder), outcome).map_err(|why| {
                format!(
                    "device {number} ({troubles:?}): {why}\n{outcome:#?}\n{:?}",
                    shown(&settings)
                )
            })
        }
    };
    Tried { troubles, came }
}

/// Settings for an error message, without the bytes of the files.
fn shown(settings: &Settings) -> String {
    let files = settings
        .owned
        .iter()
        .map(|file| (&file.path, file.bytes.len()));
    let files: Vec<_> = files.collect();
    let settings = Settings {
        owned: Vec::new(),
        actions: Vec::new(),
        ..settings.clone()
    };
    format!("{settings:?} {files:?}")
}

#[test]
fn no_media_device_that_lost_something_is_called_safe() {
    let devices = Crowd {
        name: "media devices",
        many: "LIFEBOAT_STORAGES",
        one: "LIFEBOAT_STORAGE",
        sample: 100,
        at_once: 4,
    };
    devices.never_claims_more(attempt);
}
