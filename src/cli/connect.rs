//! From what the command line names to a handset that is being read.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::handset::android::{Android, Choices};
use crate::handset::files_only::FilesOnly;
use crate::handset::find::{OnWait, OpenError, Waiting};
use crate::handset::{Handset, memory_card};
use crate::link::{Stop, tcp};
use crate::protocol::adb::{Adb, KeyPlaces, Options, OwnKey};
use crate::rescue::nap;
use crate::vault::for_display;

/// How long a network address may take to answer.
const CONNECT: Duration = Duration::from_secs(10);

/// How often one that is gone is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How to connect over ADB: with the keys of this computer, telling what is waited for.
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

/// Tells on the standard error what is waited for.
pub fn tell_waits() -> OnWait {
    let told = Mutex::new(None);
    Arc::new(move |waiting: Waiting| {
        let mut told = told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match waiting {
            Waiting::ForPermission if *told != Some(waiting) => {
                say!(
                    "Unlock the phone and tap “Allow” on its USB debugging question. Waiting for it…"
                );
                *told = Some(waiting);
            }
            Waiting::ForPermissionInVain if *told != Some(waiting) => {
                say!("{}", Waiting::IN_VAIN);
                *told = Some(waiting);
            }
            // A line every ten seconds is enough to show that nothing hangs.
            Waiting::Silent(since) if since.as_secs() % 10 == 5 => {
                say!(
                    "The phone has been silent for {} s: it is busy, which may take minutes. Waiting…",
                    since.as_secs()
                );
            }
            _ => {}
        }
    })
}

/// The handset behind a debugging port on the network.
pub fn over_network(place: &str, options: Options, choices: &Choices) -> Result<Box<dyn Handset>> {
    let link = tcp::connect(place, CONNECT).with_context(|| {
        format!(
            "{} can't be reached. Is the phone on this network, and its debugging port open?",
            place
        )
    })?;
    let adb = Adb::connect(link, options).map_err(|e| explained(e.into()))?;
    let handset = Android::open(adb, choices).map_err(|e| explained(e.into()))?;
    Ok(Box::new(handset))
}

/// The same, once it can be reached again, until `until`. `None`: it can't, or nobody waits any longer.
pub fn over_network_again(
    place: &str,
    options: &Options,
    choices: &Choices,
    until: Instant,
    stop: &Stop,
) -> Option<Box<dyn Handset>> {
    loop {
        if let Ok(handset) = over_network(place, options.clone(), choices) {
            return Some(handset);
        }
        if stop.is_stopped() || Instant::now() >= until {
            return None;
        }
        nap(LOOK_EVERY, stop);
    }
}

/// The memory card that a file is an image of.
pub fn to_image(file: &Path, stop: &Stop) -> Result<Box<dyn Handset>> {
    let card = memory_card::open_image(file, stop);
    let card = card.map_err(|error| anyhow!("{error}. {}", error.advice()))?;
    Ok(Box::new(FilesOnly::new(card)))
}

/// What happened and what to do next, in one message.
pub fn explained(error: OpenError) -> anyhow::Error {
    anyhow!("{error}. {}", error.advice)
}

/// Writes a message to the standard error, as one line in which nothing that a handset or a folder put into it can do
/// anything to a terminal. A reader that has gone away, or a terminal that was closed, is no fault: what was begun goes on.
pub fn tell(message: &str) {
    let _ = writeln!(std::io::stderr(), "{}", for_display(message));
}

/// Writes a result to the standard output. A reader that has gone away is no fault.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// True if messages are read by a person as they come.
pub fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}
