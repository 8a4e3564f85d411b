//! Memory cards in readers.

use std::path::PathBuf;

use lifeboat::handset::files_only::FilesOnly;
use lifeboat::handset::memory_card;
use lifeboat::model::Stop;
use lifeboat::practice::OwnersFile;
use lifeboat::practice::card::{Harm, PracticeCard, Settings, Spot, Untold};
use lifeboat::rescue::{Progress, RescueError, Target, run};

use super::judge::{Truth, judge};
use super::owner;
use crate::common::thousands::{Came, Crowd, Dice, Tried, goes_on};
use crate::common::{folder_in_memory, request};

/// The largest number of parts of a rescue.
const MOST_PARTS: u32 = 12;

struct Fate {
    /// The card is never seen again after this number of parts.
    dies_after: Option<u32>,
    /// Its user stops the first part after this number of progress messages.
    stopped_after: Option<u64>,
    troubles: Vec<&'static str>,
}

fn a_card(number: u64) -> (Settings, Fate) {
    let mut dice = Dice::of(number);
    let most = *dice.pick(&[0, 4, 12, 40]);
    let mut files = owner::files(&mut dice, most);
    without_endings(&mut dice, &mut files);
    let mut settings = Settings {
        seed: number,
        photos: dice.roll(5) as u32,
        unit_attention: dice.chance(80),
        ..Settings::default()
    };
    let mut fate = Fate {
        dies_after: None,
        stopped_after: None,
        troubles: Vec::new(),
    };
    for _ in 0..[0, 0, 1, 1, 2, 3][dice.roll(6) as usize] {
        let path = match files.is_empty() {
            true => "Music/Übungslied 練習.mp3".to_owned(),
            false => dice.pick(&files).path.clone(),
        };
        let mut folder = path.clone();
        for _ in 0..=dice.roll(path.split('/').count() as u64) {
            folder = folder
                .rsplit_once('/')
                .map_or("", |(above, _)| above)
                .to_owned();
        }
        let harm = *dice.pick(&[
            Harm::Unreadable,
            Harm::Unreadable,
            Harm::UnreadableLater,
            Harm::Blank,
            Harm::Erased,
        ]);
        let part = dice.roll(1_000) as usize;
        let (spot, what) = match dice.roll(15) {
            0 | 1 => {
                for _ in 0..=dice.roll(3) {
                    settings.unplug_after.push(600 + dice.roll(1_000_000));
                }
                (None, "cable pulled")
            }
            2 => {
                settings.unplug_after.push(600 + dice.roll(1_000_000));
                fate.dies_after = Some(1);
                (None, "card dies")
            }
            3 => {
                fate.stopped_after = Some(dice.roll(24));
                (None, "stopped")
            }
            4 => {
                let last = 8_192 + 2_000 + dice.roll(8_000);
                settings.ends_at = Some(last);
                (None, "less of it than it says")
            }
            // The content of a file is taken as it is, even if it is zeros. Only the beginning of a file can't be zeros
            // or ones.
            5 | 6 => {
                let is_erased = matches!(harm, Harm::Blank | Harm::Erased);
                let is_long = files
                    .iter()
                    .any(|file| file.path == path && file.bytes.len() >= 512);
                let (harm, part) = match (is_erased, is_long && !path.ends_with(".txt")) {
                    (true, true) => (harm, 0),
                    (true, false) => (Harm::Unreadable, part),
                    (false, _) => (harm, part),
                };
                settings.harm.push((Spot::File(path, part), harm));
                (None, "a file is damaged")
            }
            7 | 8 => (Some(Spot::Folder(folder, part)), "a folder is damaged"),
            9 => (
                Some(Spot::Table(0, part)),
                "the table of clusters is damaged",
            ),
            10 => {
                let harm = Harm::Unreadable;
                settings.harm.push((Spot::Table(1, part), harm));
                settings.harm.push((Spot::Table(0, part), harm));
                (None, "both tables of clusters are damaged")
            }
            11 => (
                Some(Spot::Boot),
                "the first sector of the volume is damaged",
            ),
            12 => (Some(Spot::PartitionTable), "the partition table is damaged"),
            13 => {
                settings.untold.push((path, Untold::Name));
                (None, "a long name is lost")
            }
            _ => {
                settings.untold.push((path, Untold::Length));
                (None, "a length is lost")
            }
        };
        settings.harm.extend(spot.map(|spot| (spot, harm)));
        if settings
            .harm
            .iter()
            .any(|(_, harm)| *harm == Harm::UnreadableLater)
            && settings.unplug_after.is_empty()
        {
            settings.unplug_after.push(600 + dice.roll(600_000));
        }
        fate.troubles.push(what);
    }
    // Only the table shows the extent of a file without a length.
    let lacks_length = settings
        .untold
        .iter()
        .any(|(_, what)| *what == Untold::Length);
    settings
        .harm
        .retain(|(spot, _)| !lacks_length || !matches!(spot, Spot::Table(..)));
    settings.owned = files;
    (settings, fate)
}

/// Adds files that a disk check saved, and deleted files.
fn without_endings(dice: &mut Dice, files: &mut Vec<OwnersFile>) {
    for number in 0..dice.roll(4) {
        let begin: &[u8] = match dice.roll(3) {
            0 => b"\xff\xd8\xff\xe0\0\x10JFIF\0",
            1 => b"\0\0\0\x20ftypisom\0\0\x02\0",
            _ => b"a piece of something",
        };
        let length = dice.roll(30_000) as usize;
        let path = match dice.roll(3) {
            0 => format!("LOST.DIR/{number}"),
            1 => format!("FOUND.000/FILE{number:04}.CHK"),
            _ => format!("$RECYCLE.BIN/S-1-5-21/$R{number}.jpg"),
        };
        files.push(OwnersFile {
            path,
            bytes: [begin, &owner::noise(dice, length)].concat(),
            modified: 1_709_208_000,
        });
    }
}

fn attempt(number: u64) -> Tried {
    let (settings, fate) = a_card(number);
    let card = PracticeCard::new(settings.clone());
    let parent = folder_in_memory();
    let mut target = Target::New(parent.path().to_owned());
    let mut last = None;
    let mut refused = None;
    for part in 1..=MOST_PARTS {
        card.plug_in();
        let stop = Stop::new();
        let opened = memory_card::open_usb(card.link(), 0, &stop);
        if let Err(error) = &opened {
            refused = Some(error.to_string());
        }
        if let Ok(opened) = opened {
            let mut told = 0;
            let mut tell = |_: Progress| {
                told += 1;
                if part == 1 && fate.stopped_after == Some(told) {
                    stop.stop();
                }
            };
            let request = request(target.clone(), "--practice card");
            match run(&mut FilesOnly::new(opened), &request, &stop, &mut tell) {
                Ok(outcome) => {
                    let is_finished = outcome.finished;
                    target = Target::Resume(PathBuf::from(&outcome.folder));
                    last = Some(outcome);
                    if is_finished {
                        break;
                    }
                }
                // The stop came during the writing of the files.
                Err(RescueError::Stopped) => target = goes_on(parent.path()),
                Err(error) => refused = Some(error.to_string()),
            }
        }
        if fate.dies_after.is_some_and(|parts| parts <= part) {
            break;
        }
    }
    assert_eq!(card.tripped(), [""; 0]);
    let troubles = match fate.troubles.is_empty() {
        true => vec!["none"],
        false => fate.troubles.clone(),
    };
    let has_length = |path: &String| {
        let mut untold = settings.untold.iter();
        !untold.any(|(other, what)| other == path && *what == Untold::Length)
    };
    // A file without its length is judged by all clusters that it was given.
    let files = card.files().into_iter().map(|(path, mut bytes, _)| {
        if !has_length(&path) {
            bytes.resize(bytes.len().next_multiple_of(512), 0);
        }
        (path, bytes)
    });
    let truth = Truth {
        held: files.collect(),
        former: Vec::new(),
    };
    let came = match &last {
        None => Ok(Came::Unsafe),
        Some(outcome) => {
            judge(&truth, &PathBuf::from(&outcome.folder), outcome).map_err(|why| {
                let paths: Vec<_> = truth.held.iter().map(|(path, _)| path).collect();
                let settings = Settings {
                    owned: Vec::new(),
                    ..settings.clone()
                };
                format!("card {number} ({troubles:?}): {why}\n{outcome:#?}\n{refused:?}\n{settings:?}\n{paths:?}")
            })
        }
    };
    // The file may have held more or less: this is unknown.
    let mut copied = truth.held.iter().filter(|(path, _)| owner::is_copied(path));
    let lost_length = copied.any(|(path, bytes)| !has_length(path) && !bytes.is_empty());
    // The contents of a lost folder may be found, but it is unknown whether that is all.
    let mut spots = settings.harm.iter().map(|(spot, _)| spot);
    let lost_names = spots.any(|spot| matches!(spot, Spot::Folder(..)));
    let came = match came {
        Ok(Came::Safe) if lost_length => Err(format!(
            "card {number}: a file without length was called safe"
        )),
        Ok(Came::TooCareful) if lost_length || lost_names => Ok(Came::Unsafe),
        came => came,
    };
    Tried { troubles, came }
}

#[test]
fn no_card_that_lost_something_is_called_safe() {
    let cards = Crowd {
        name: "cards",
        many: "LIFEBOAT_STORAGES",
        one: "LIFEBOAT_STORAGE",
        sample: 60,
        at_once: 1,
    };
    cards.never_claims_more(attempt);
}
