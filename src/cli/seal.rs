//! `lifeboat seal`.

use std::io::{BufRead, IsTerminal};

use anyhow::{Context, Result, anyhow};
use serde::Serialize;

use super::arguments::Seal;
use super::bytes::Bar;
use super::{NOT_ALL, OK, connect};
use crate::model::{Advice, Stop, size};
use crate::phrase;
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
    let lock = match asked.passphrase {
        true => match ask_passphrase() {
            Err(_) if stop.is_stopped() => {
                say!("lifeboat: stopped. No archive was made.");
                return Ok(NOT_ALL);
            }
            asked => Lock::with_passphrase(asked?),
        },
        false => Lock::for_recipients(&asked.to).map_err(connect::explained)?,
    };
    let mut bar = Bar::new();
    let archived = archive::seal(
        &asked.folder,
        asked.output.as_deref(),
        &lock,
        stop,
        &mut |progress| {
            let doing = match progress.step {
                Step::Copying => phrase("Sealing"),
                Step::Checking => phrase("Checking"),
            };
            bar.tell(doing, progress.bytes_done, progress.bytes);
        },
    );
    bar.end();
    let archived = match archived {
        Err(error @ ArchiveError::Stopped) => {
            say!("lifeboat: {}", error.explained());
            return Ok(NOT_ALL);
        }
        other => other.map_err(connect::explained)?,
    };
    let place = for_display(&archived.place.to_string_lossy());
    say!(
        "{} files in one archive of {}. {}",
        archived.files,
        size(archived.bytes),
        if archived.was_opened {
            phrase("Lifeboat opened the archive again from the disk and compared every file.")
        } else {
            phrase(
                "The archive is on the disk as it was encrypted. Only the recipient can test that the archive opens.",
            )
        }
    );
    say!("To open the archive: age -d \"{place}\" | tar -x");
    if !archived.private {
        say!(
            "That disk does not store file permissions. Anyone who has the disk can copy the archive, but only \
             the key opens the archive."
        );
    }
    if let Some(why) = &archived.not_noted {
        say!("The copy could not be recorded in custody.jsonl: {why}");
    }
    if asked.remove {
        archive::remove_plain(&asked.folder).map_err(connect::explained)?;
        say!(
            "The unencrypted folder was removed. The removed data may stay on the disk for some time."
        );
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
pub fn ask_passphrase() -> Result<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let mut line = String::new();
        std::io::Read::take(stdin.lock(), MAX_PASSPHRASE)
            .read_line(&mut line)
            .context(phrase("can't read the passphrase from the pipe"))?;
        return checked(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt).context(phrase(
            "can't ask for the passphrase here; send the passphrase through a pipe",
        ))
    };
    for _ in 0..TRIES {
        let once = checked(ask(phrase("Passphrase: "))?)?;
        if once == ask(phrase("Repeat the passphrase: "))? {
            return Ok(once);
        }
        say!("The two passphrases are different.");
    }
    Err(anyhow!(phrase(
        "the two passphrases were different each time. Try again."
    )))
}

fn checked(passphrase: String) -> Result<String> {
    match passphrase.trim().is_empty() {
        true => Err(anyhow!(phrase(
            "the passphrase is empty. Type a passphrase: several random words are a good choice."
        ))),
        false => Ok(passphrase),
    }
}
