//! Connects to the handset that the command line names.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::handset::HandsetError;
use crate::handset::android::{Android, Choices};
use crate::handset::family::Secrets;
use crate::handset::files_only::FilesOnly;
use crate::handset::find::{OnWait, OpenError, Opened, Waiting};
use crate::handset::iphone::backup;
use crate::handset::memory_card;
use crate::link::tcp;
use crate::model::{Advice, Stop};
use crate::phrase;
use crate::protocol::adb::{Adb, KeyPlaces, Options, OwnKey};
use crate::rescue::sleep_unless_stopped;
use crate::vault::for_display;

/// Maximum time for a network address to answer.
const CONNECT: Duration = Duration::from_secs(10);

/// Interval between attempts to reach a handset that is gone.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Options for ADB: the keys of this computer, and messages about waits.
pub fn options(extra_keys: &[PathBuf], stop: &Stop) -> Options {
    let (keys, faults) = KeyPlaces::of_user(extra_keys.to_vec()).search();
    for fault in faults {
        say!("lifeboat: {fault}. {}", fault.advice());
    }
    Options {
        keys,
        own_key: OwnKey::of_user(),
        stop: stop.clone(),
        on_wait: tell_waits(),
        ..Options::default()
    }
}

/// Returns a function that reports waits on standard error.
pub fn tell_waits() -> OnWait {
    let told = Mutex::new(None);
    Arc::new(move |waiting: Waiting| {
        let mut told = told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match waiting {
            Waiting::ForPermission(ask) if *told != Some(waiting) => {
                say!("{ask} Waiting for it…");
                *told = Some(waiting);
            }
            Waiting::ForPermissionInVain(ask) if *told != Some(waiting) => {
                say!("{ask} Lifeboat is waiting.");
                *told = Some(waiting);
            }
            // A line for each quarter.
            Waiting::Deriving(percent) => {
                let quarter = Waiting::Deriving(percent / 25 * 25);
                if *told != Some(quarter) {
                    say!("Checking the password… {percent} %");
                    *told = Some(quarter);
                }
            }
            // One line every ten seconds is enough to show that the program still runs.
            Waiting::Silent(since) if since.as_secs() % 10 == 5 => {
                say!(
                    "The phone has not answered for {} s. It may be busy for several minutes. Waiting…",
                    since.as_secs()
                );
            }
            _ => {}
        }
    })
}

/// Opens the handset behind a debugging port on the network.
pub fn over_network(place: &str, options: Options, choices: &Choices) -> Result<Opened> {
    let link = tcp::connect(place, CONNECT).with_context(|| {
        phrase!(
            "can't connect to {} (is the phone on this network, and is its debugging port open?)",
            place
        )
    })?;
    let adb = Adb::connect(link, options);
    let adb = adb.map_err(|error| explained(HandsetError::from(error).while_opening()))?;
    let handset = Android::open(adb, choices).map_err(explained)?;
    Ok(Opened::alone(handset))
}

/// Opens it again when it can be reached, until `until`. `None`: it could not be reached in time, or the user
/// stopped.
pub fn over_network_again(
    place: &str,
    options: &Options,
    choices: &Choices,
    until: Instant,
    stop: &Stop,
) -> Option<Opened> {
    let stop = stop.until(until);
    while !stop.is_stopped() {
        let options = Options {
            stop: stop.clone(),
            ..options.clone()
        };
        if let Ok(opened) = over_network(place, options, choices) {
            stop.lift();
            return Some(opened);
        }
        sleep_unless_stopped(LOOK_EVERY, &stop);
    }
    None
}

/// Opens a memory card from an image file.
pub fn to_image(file: &Path, stop: &Stop) -> Result<Opened> {
    let card = memory_card::open_image(file, stop);
    Ok(Opened::alone(FilesOnly::new(card.map_err(explained)?)))
}

/// Opens a backup of an iPhone.
pub fn to_backup(folder: &Path, secrets: &Secrets, stop: &Stop) -> Result<Opened> {
    let handset = backup::open(folder, secrets, &tell_waits(), stop).map_err(explained)?;
    Ok(handset.into())
}

/// Joins the error and the advice into one message.
pub fn explained(error: impl Into<OpenError>) -> anyhow::Error {
    let error = error.into();
    let text = format!("{error}. {}", error.advice);
    match error.may_pass {
        true => anyhow::Error::new(MayPass(text)),
        false => anyhow!(text),
    }
}

/// A failed attempt to open a phone that may succeed later.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct MayPass(String);

/// Writes a message to standard error, as one line without control sequences, because the text may come from a
/// handset or a folder. A closed reader or terminal is not an error: the command continues.
pub fn tell(message: &str) {
    let _ = writeln!(std::io::stderr(), "{}", for_display(message));
}

/// A result could not be written to standard output.
static IS_RESULT_LOST: AtomicBool = AtomicBool::new(false);

/// Writes a result to standard output. A closed reader is not an error. Other errors are reported, and the command ends
/// with exit code 1 (see [`is_result_lost`]).
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            IS_RESULT_LOST.store(true, Ordering::Relaxed);
            say!(
                "The result could not be written to standard output: {error}. Run the command again."
            );
        }
        Ok(()) | Err(_) => {}
    }
}

/// True if a result could not be written.
pub fn is_result_lost() -> bool {
    IS_RESULT_LOST.load(Ordering::Relaxed)
}

/// True if standard error is a terminal.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
