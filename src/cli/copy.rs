//! `lifeboat copy`.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;

use super::bytes::Bar;
use super::{NOT_ALL, OK, connect};
use crate::collections::take_home;
use crate::export::plain::START;
use crate::model::{Advice, Stop, size};
use crate::phrase;
use crate::vault::copies::Copies;
use crate::vault::copy::{self, CopyError, CopyProgress, Step};
use crate::vault::for_display;

/// Output of `--json`.
#[derive(Debug, Serialize)]
struct Told {
    place: String,
    files: u64,
    bytes: u64,
    was_there: bool,
    private: bool,
    copies: Copies,
}

/// Output of `--json` with `--plain`.
#[derive(Debug, Serialize)]
struct ToldPlain {
    place: String,
    files: u64,
    bytes: u64,
    was_there: bool,
    private: bool,
}

/// Copies a rescue and reports the number of copies.
pub fn copy(folder: &Path, to: &Path, json: bool, stop: &Stop) -> Result<u8> {
    let mut bar = Bar::new();
    let copied = copy::copy(folder, to, stop, &mut |progress| tell(&mut bar, progress));
    bar.end();
    let copied = match copied {
        Err(error @ CopyError::Stopped) => {
            say!("lifeboat: {}", error.explained());
            return Ok(NOT_ALL);
        }
        other => other.map_err(connect::explained)?,
    };
    let place = for_display(&copied.place.to_string_lossy());
    let what = if copied.was_there {
        phrase("The copy already exists and is complete")
    } else {
        phrase("Copied and checked")
    };
    say!(
        "{what}: {} files, {}. {}",
        copied.files,
        size(copied.bytes),
        copied.copies.sentence()
    );
    if !copied.private {
        say!(
            "That disk does not store file permissions. Anyone who has the disk can read the copy. To make an \
             encrypted copy, use lifeboat seal."
        );
    }
    if let Some(why) = &copied.not_noted {
        say!("The copy could not be recorded in custody.jsonl: {why}");
    }
    if json {
        let told = Told {
            place,
            files: copied.files,
            bytes: copied.bytes,
            was_there: copied.was_there,
            private: copied.private,
            copies: copied.copies,
        };
        connect::print(&serde_json::to_string_pretty(&told)?);
    } else {
        connect::print(&place);
    }
    Ok(OK)
}

/// Writes a plain copy for the phone's owner, and says how to open it.
pub fn plain_copy(folder: &Path, to: &Path, json: bool, stop: &Stop) -> Result<u8> {
    let mut bar = Bar::new();
    let copied = take_home::copy(folder, to, stop, &mut |progress| tell(&mut bar, progress));
    bar.end();
    let copied = match copied {
        Err(error @ CopyError::Stopped) => {
            say!("lifeboat: {}", error.explained());
            return Ok(NOT_ALL);
        }
        other => other.map_err(connect::explained)?,
    };
    let place = for_display(&copied.place.to_string_lossy());
    let what = if copied.was_there {
        phrase("The plain copy already exists and is complete")
    } else {
        phrase("Plain copy written and checked")
    };
    say!(
        "{what}: {} files, {}. To see it, open {START}. It does not count as a copy of the rescue.",
        copied.files,
        size(copied.bytes)
    );
    if !copied.private {
        say!("Anyone who has this disk can read the plain copy.");
    }
    if json {
        let told = ToldPlain {
            place,
            files: copied.files,
            bytes: copied.bytes,
            was_there: copied.was_there,
            private: copied.private,
        };
        connect::print(&serde_json::to_string_pretty(&told)?);
    } else {
        connect::print(&place);
    }
    Ok(OK)
}

fn tell(bar: &mut Bar, progress: CopyProgress) {
    let doing = match progress.step {
        Step::Copying => phrase("Copying"),
        Step::Checking => phrase("Checking"),
    };
    bar.tell(doing, progress.bytes_done, progress.bytes);
}
