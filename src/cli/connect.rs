//! From what the command line names to a handset that is being read.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};

use crate::handset::android::{Android, Choices};
use crate::link::{Stop, tcp};
use crate::protocol::adb::{Adb, AdbError, KeyPlaces, Options, OwnKey, Server, Waiting};
use crate::vault::for_display;

/// How long a network address may take to answer.
const CONNECT: Duration = Duration::from_secs(10);

/// How to connect over ADB: with the keys of this computer, telling what is waited for.
pub fn options(extra_keys: &[PathBuf], stop: &Stop) -> Options {
    let (keys, faults) = KeyPlaces::of_user(extra_keys.to_vec()).search();
    for fault in faults {
        eprintln!("lifeboat: {fault}. {}", fault.advice());
    }
    let told = Mutex::new(None);
    let on_wait = move |waiting: Waiting| {
        let mut told = told
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        match waiting {
            Waiting::ForPermission if *told != Some(waiting) => {
                eprintln!(
                    "Unlock the phone and tap “Allow” on its USB debugging question. Waiting for it…"
                );
                *told = Some(waiting);
            }
            // A line every ten seconds is enough to show that nothing hangs.
            Waiting::Silent(since) if since.as_secs() % 10 == 5 => {
                eprintln!(
                    "The phone has been silent for {} s: it is busy, which may take minutes. Waiting…",
                    since.as_secs()
                );
            }
            _ => {}
        }
    };
    Options {
        keys,
        own_key: OwnKey::of_user(),
        stop: stop.clone(),
        on_wait: Arc::new(on_wait),
        ..Options::default()
    }
}

/// The handset behind a debugging port on the network.
pub fn over_network(place: &str, options: Options, choices: &Choices) -> Result<Android> {
    let link = tcp::connect(place, CONNECT).with_context(|| {
        format!(
            "{} can't be reached. Is the phone on this network, and its debugging port open?",
            for_display(place)
        )
    })?;
    let adb = Adb::connect(link, options).map_err(explained)?;
    open(adb, choices)
}

/// A handset that `lifeboat devices` lists.
pub fn listed(id: &str, options: Options, choices: &Choices) -> Result<Android> {
    let adb = Adb::through_server(Server::of_user(), id, options).map_err(explained)?;
    open(adb, choices)
}

/// The handset behind `adb`.
pub fn open(adb: Adb, choices: &Choices) -> Result<Android> {
    Android::open(adb, choices).map_err(|error| anyhow!("{error}. {}", error.advice()))
}

fn explained(error: AdbError) -> anyhow::Error {
    anyhow!("{error}. {}", error.advice())
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
