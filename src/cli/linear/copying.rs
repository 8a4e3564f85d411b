//! A second copy, by question and answer.

use std::path::{Path, PathBuf};

use super::Dialogue;
use crate::model::{Advice as _, size};
use crate::phrase;
use crate::vault::copy::{self, Step};
use crate::vault::disk::DiskRelation;
use crate::vault::drives::{self, Drive};

/// Asks where to, and copies. `None`: the person is gone.
pub fn copy(talk: &Dialogue<'_>, rescue: &Path) -> Option<()> {
    let found = drives::drives(rescue);
    for (index, drive) in found.iter().enumerate() {
        let free = drive
            .free
            .map_or(phrase("free space unknown").to_owned(), |free| {
                phrase!("{} free", size(free))
            });
        say!(
            "{}: {}, {free}, {}.",
            index + 1,
            drive.place.display(),
            told(drive)
        );
    }
    let question = match found.is_empty() {
        true => phrase(
            "No other drive was found. Type the folder to copy to, or press Enter to leave it out.",
        ),
        false => phrase(
            "Type the number of a drive or the path of a folder. Press Enter to make no copy.",
        ),
    };
    let answer = talk.ask(question)?;
    if answer.is_empty() {
        return Some(());
    }
    let number = answer.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let drive = match number.and_then(|place| found.get(place)) {
        Some(drive) => drive.clone(),
        None => drives::weigh(rescue, &PathBuf::from(&answer)),
    };
    if drive.apart != DiskRelation::TwoDisks {
        let question = phrase!(
            "{} is {}. Copy there anyway?",
            drive.place.display(),
            told(&drive)
        );
        if !talk.is_yes(&question)? {
            return Some(());
        }
    }
    say!("Copying. Don't pull the drive out.");
    let mut heard = (Step::Copying, 0);
    let copied = copy::copy(rescue, &drive.place, talk.stop, &mut |progress| {
        let done = u128::from(progress.bytes_done) * 4 / u128::from(progress.bytes.max(1));
        let now = (progress.step, done);
        if now != heard && done > 0 {
            heard = now;
            let percent = done * 25;
            match progress.step {
                Step::Copying => say!("Copied {percent} percent."),
                Step::Checking => say!("Checked {percent} percent."),
            }
        }
    });
    match copied {
        Ok(copied) => {
            say!(
                "Copied and checked: {}. {}",
                copied.place.display(),
                copied.copies.sentence()
            );
            if drive.apart == DiskRelation::TwoDisks {
                say!("You can eject the drive and pull it out.");
            }
        }
        Err(error) => say!("No copy was made: {}", error.explained()),
    }
    Some(())
}

fn told(drive: &Drive) -> &'static str {
    match drive.apart {
        DiskRelation::TwoDisks => phrase("on another disk"),
        DiskRelation::OneDisk => {
            phrase("on the SAME DISK as the rescue: if that disk fails, both are lost")
        }
        DiskRelation::Unknown => phrase("perhaps on the same disk as the rescue"),
    }
}
