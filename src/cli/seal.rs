//! `lifeboat seal`.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use super::bytes::Bar;
use super::{NOT_ALL, OK, Seal, connect};
use crate::model::{Stop, size};
use crate::vault::archive::{self, ArchiveError, Lock};
use crate::vault::copy::Step;
use crate::vault::for_display;

/// Maximum number of attempts if the two passphrases differ.
const TRIES: u32 = 3;

/// Maximum length of a passphrase, in bytes.
const MAX_PASSPHRASE: u64 = 4 << 10;

/// Output of `--json`.
#[derive(Debug, Serialize)]
struct Told {
    place: String,
    files: u64,
    bytes: u64,
    sha256: String,
    opened_again: bool,
    plain_folder_removed: bool,
}

/// Seals a rescue, and removes the plain folder on request.
pub fn seal(asked: &Seal, stop: &Stop) -> Result<u8> {
    let explained = |error: ArchiveError| anyhow!("{error}. {}", error.advice());
    let lock = match asked.passphrase {
        true => match ask_passphrase() {
            Err(_) if stop.is_stopped() => {
                say!("lifeboat: nothing was sealed.");
                return Ok(NOT_ALL);
            }
            asked => Lock::with_passphrase(asked?),
        },
        false => Lock::for_recipients(&asked.to).map_err(explained)?,
    };
    let mut bar = Bar::new();
    let archived = archive::seal(
        &asked.folder,
        asked.output.as_deref(),
        &lock,
        stop,
        &mut |progress| {
            let doing = match progress.step {
                Step::Copying => "Sealing",
                Step::Checking => "Checking",
            };
            bar.tell(doing, progress.bytes_done, progress.bytes);
        },
    );
    bar.end();
    let archived = match archived {
        Err(error @ ArchiveError::Stopped) => {
            say!("lifeboat: {error}. {}", error.advice());
            return Ok(NOT_ALL);
        }
        other => other.map_err(explained)?,
    };
    let place = for_display(&archived.place.to_string_lossy());
    say!(
        "{} files in one archive of {}. {}",
        archived.files,
        size(archived.bytes),
        if archived.was_opened {
            "It was opened again from the disk, and every file in it compared."
        } else {
            "The disk holds what was encrypted. Whether its recipient can open it, only the recipient can try."
        }
    );
    say!("To open it: age -d \"{place}\" | tar -x");
    if !archived.private {
        say!(
            "That disk keeps no permissions: anyone who holds it can copy the archive, and only its key opens it."
        );
    }
    if let Some(why) = &archived.not_noted {
        say!("It could not be noted beside the rescue: {why}");
    }
    if asked.remove {
        archive::remove_plain(&asked.folder).map_err(explained)?;
        say!("The plain folder is removed. What was on the disk may be found on it for some time.");
    }
    if asked.json {
        let told = Told {
            place,
            files: archived.files,
            bytes: archived.bytes,
            sha256: archived.sha256,
            opened_again: archived.was_opened,
            plain_folder_removed: asked.remove,
        };
        connect::print(&serde_json::to_string_pretty(&told)?);
    } else {
        connect::print(&place);
    }
    Ok(OK)
}

/// Asks for the passphrase twice on the terminal, without showing it. Reads one line from a pipe.
fn ask_passphrase() -> Result<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut line = String::new();
        std::io::Read::take(stdin.lock(), MAX_PASSPHRASE)
            .read_line(&mut line)
            .context("the passphrase can't be read from the pipe")?;
        return checked(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .context("the passphrase can't be asked for here; a pipe can give it")
    };
    for _ in 0..TRIES {
        let once = checked(ask("Passphrase: ")?)?;
        if once == ask("Once more: ")? {
            return Ok(once);
        }
        say!("The two are not the same.");
    }
    Err(anyhow!(
        "no passphrase was typed twice the same. Try again."
    ))
}

fn checked(passphrase: String) -> Result<String> {
    match passphrase.trim().is_empty() {
        true => Err(anyhow!(
            "there is no passphrase. Type one: several random words are a good one."
        )),
        false => Ok(passphrase),
    }
}
