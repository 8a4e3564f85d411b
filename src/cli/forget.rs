//! `lifeboat forget`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use super::{NOT_ALL, OK, connect};
use crate::model::{counted, size};
use crate::phrase;
use crate::rescue::running;
use crate::vault::copies::Copies;
use crate::vault::forget::{self, RemovedFile};
use crate::vault::{bag, for_display};

/// Removes a rescue folder and lists what was removed. Without `is_sure`, a person is asked first.
pub fn forget(folder: &Path, is_sure: bool) -> Result<u8> {
    let folder = &forget::to_remove(folder);
    let files = forget::files(folder).map_err(connect::explained)?;
    let real = crate::system::place::real(folder).unwrap_or_else(|_| folder.to_owned());
    refuse_running(&real)?;
    let known = Copies::in_folder(&real).unwrap_or_default().looked_for();
    if !is_sure && !ask(&real, &files, &known)? {
        say!("Nothing was removed.");
        return Ok(NOT_ALL);
    }
    let removed = forget::forget(&real).map_err(connect::explained)?;
    for file in &removed {
        connect::print(&for_display(&file.name.to_string_lossy()));
    }
    say!("Removed {}: {}.", real.display(), sum(&removed));
    for other in &known.others {
        say!("This copy is still there: {}", other.place);
    }
    for other in &known.not_found {
        say!(
            "This copy was made, and may still be there: {}",
            other.place
        );
    }
    say!(
        "The removed data may still be on the disk. Flash memory (SSD, USB stick, SD card) and some file systems keep \
         old data for a long time, and no program can erase single files there. If nobody may ever read the data, use \
         a disk that was encrypted from the start, or erase the whole disk."
    );
    Ok(OK)
}

fn sum(files: &[RemovedFile]) -> String {
    let bytes = files.iter().map(|file| file.bytes).sum();
    let count = files.len() as u64;
    format!(
        "{}, {}",
        counted(count, phrase("file"), phrase("files")),
        size(bytes)
    )
}

fn refuse_running(folder: &Path) -> Result<()> {
    let parent = folder.parent().map(PathBuf::from).unwrap_or_default();
    match running(&parent).iter().find(|one| one.folder == folder) {
        None => Ok(()),
        Some(one) => Err(anyhow!(phrase!(
            "this rescue is running in process {}. Wait until it ends, or stop it first.",
            one.process
        ))),
    }
}

/// Asks whether the folder is really to be removed.
fn ask(folder: &Path, files: &[RemovedFile], known: &Copies) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Err(anyhow!(phrase(
            "nothing was removed. Without a terminal, add --yes to remove the folder."
        )));
    }
    say!("This removes {}: {}.", folder.display(), sum(files));
    if !bag::is_finished(folder) {
        say!("This rescue is NOT FINISHED. It can't be continued afterwards.");
    }
    match known.others.len() {
        0 => say!("No other copy is known. If the phone was reset, the data is lost."),
        _ => say!("Other copies: {}", known.others.len()),
    }
    say!("Type yes to remove the folder, or press Enter to keep the folder.");
    let mut typed = String::new();
    std::io::stdin()
        .read_line(&mut typed)
        .context(phrase("can't read the answer"))?;
    Ok(typed.trim().eq_ignore_ascii_case("yes"))
}
