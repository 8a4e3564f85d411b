//! `lifeboat` without a command: the terminal screens.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::arguments::Screens;
use super::options::{Family, ForDesk, Looks, WorkProfile};
use super::practice::{Plugged, PracticeRequest};
use super::{NOT_ALL, OK, USAGE, connect};
use crate::handset::android::Choices;
use crate::handset::find::{Computer, Port, Wanted};
use crate::model::Stop;
use crate::phrase;
use crate::practice::fault::Pace;
use crate::rescue::{Outcome, finished};
use crate::tui::{self, Asker, Cable, Left, SealKey, Setting, terminal};

/// Delays of the practice handset on the screens, similar to a real one.
const PACE: Pace = Pace {
    start: Duration::from_millis(300),
    bytes_per_second: 400_000,
};

/// Shows the screens with a rescue that has ended. `by`: the name of the person who ticks lines.
pub fn open(folder: &Path, by: String, stop: &Stop) -> Result<u8> {
    let outcome = finished::open(folder).map_err(connect::explained)?;
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let asked = Screens {
        practice: None,
        fault: None,
        to: folder.parent().map(Path::to_owned),
        work_profile: WorkProfile { agreed_by: None },
        adb_key: Vec::new(),
        desk: ForDesk {
            ticket: String::new(),
            operator: by,
        },
        is_desk: false,
        seal_to: Vec::new(),
        plain: false,
        looks: Looks::default(),
    };
    show(&asked, Some(outcome), stop)
}

/// Shows the screens until the user leaves, first with a rescue that has ended, if one is given.
pub fn show(asked: &Screens, again: Option<Outcome>, stop: &Stop) -> Result<u8> {
    if !terminal::can_draw() {
        say!("lifeboat: the screens need a terminal. Without a terminal, use the plain commands:");
        for command in [
            "devices",
            "rescue --device ID --to FOLDER",
            "verify FOLDER",
            "ticks FOLDER",
            "--help",
        ] {
            say!("  lifeboat {command}");
        }
        return Ok(USAGE);
    }
    let gone = Stop::new();
    leave_on_signals(stop, &gone)?;
    let mut options = connect::options(&asked.adb_key, stop);
    // The screens report waits themselves.
    options.on_wait = Arc::new(|_| {});
    let work_profile_by = asked.work_profile.who_agreed()?;
    let seal_key = match asked.is_desk {
        true => Some(seal_key(&asked.seal_to)?),
        false => None,
    };
    let choices = Choices {
        work_profile: work_profile_by.is_some(),
        only: Vec::new(),
    };
    let parent = asked
        .to
        .clone()
        .unwrap_or_else(|| default_parent(asked.practice.is_some()));
    let asker = Asker::default();
    let (port, cable): (Arc<dyn Port>, Option<Arc<dyn Cable>>) = match asked.practice {
        Some(family) => {
            let wish = PracticeRequest {
                family,
                fault: asked.fault.as_deref(),
                pace: Some(PACE),
                files: false,
            };
            let plugged = Plugged::new(&wish, options, choices, asker.secrets())?;
            (plugged.port, plugged.cable)
        }
        None => {
            let computer = Computer {
                options,
                choices,
                secrets: asker.secrets(),
            };
            (Arc::new(computer), None)
        }
    };
    let left = tui::run(Setting {
        port,
        parent,
        today: chrono::Local::now().date_naive(),
        cable,
        desk: asked.desk.noted(),
        again,
        asker,
        work_profile_by,
        practice_option: asked.practice.map(Family::reach),
        is_desk: asked.is_desk,
        seal_key,
        theme: asked.looks.theme(),
        mouse: asked.looks.mouse,
        stop: stop.clone(),
        gone,
    })
    .context(phrase(
        "can't draw on this terminal; use the plain commands instead (see lifeboat --help)",
    ))?;
    Ok(match tell_left(&left, asked.practice) {
        true => OK,
        false => NOT_ALL,
    })
}

/// Returns the key for the rescues of a desk. Asks for a passphrase if nobody is named.
#[cfg(feature = "seal")]
fn seal_key(seal_to: &[String]) -> Result<SealKey> {
    if seal_to.is_empty() {
        say!(
            "Each rescue is encrypted as soon as it is checked. Choose a passphrase for the rescues of today. Without \
             the passphrase, nobody can open them."
        );
        return Ok(SealKey::Passphrase(super::seal::ask_passphrase()?));
    }
    crate::vault::archive::Lock::for_recipients(seal_to).map_err(connect::explained)?;
    Ok(SealKey::Recipients(seal_to.to_vec()))
}

#[cfg(not(feature = "seal"))]
fn seal_key(_: &[String]) -> Result<SealKey> {
    Err(anyhow::anyhow!(phrase(
        "this lifeboat was built without seal, which --desk needs. To build it with seal: cargo install --locked \
         --path . --features seal"
    )))
}

/// Says where the rescues are, and how those that are not finished continue. Returns true if all are finished.
fn tell_left(left: &[Left], practice: Option<Family>) -> bool {
    for one in left {
        let mut archive = one.folder.clone().into_os_string();
        archive.push(".tar.age");
        if !one.folder.exists() && std::path::Path::new(&archive).exists() {
            say!("Sealed rescue: {}", archive.to_string_lossy());
            continue;
        }
        say!("Rescue folder: {}", one.folder.display());
        if !one.finished {
            let resume = resume(one, practice);
            say!("The rescue is not finished. To continue: {resume}");
        }
    }
    left.iter().all(|one| one.finished)
}

/// The command that continues a rescue.
fn resume(left: &Left, practice: Option<Family>) -> String {
    let files = match left.wanted {
        Wanted::All => "",
        Wanted::Files => " --files",
    };
    let source = match practice {
        Some(family) => family.reach().to_owned(),
        None => format!("--device {}", quoted(&left.device)),
    };
    let folder = quoted(&left.folder.display().to_string());
    format!("lifeboat rescue --resume {folder} {source}{files}")
}

/// Writes a word so that a shell takes it as it is.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-@:".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false if cfg!(windows) => format!("\"{word}\""),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// `Rescues` in the user's home folder; for practice, a subfolder of it.
pub fn default_parent(is_practice: bool) -> PathBuf {
    let home = std::env::home_dir().unwrap_or_default();
    let parent = home.join("Rescues");
    if is_practice {
        parent.join("Practice")
    } else {
        parent
    }
}

#[cfg(not(unix))]
fn leave_on_signals(_stop: &Stop, _gone: &Stop) -> Result<()> {
    // Ctrl-C arrives as a key, and there are no other signals.
    Ok(())
}

/// The first signal asks the screens to close, like a key. The second one ends the program at once, after the
/// terminal is restored.
/// SIGHUP says that the terminal was closed, which ends no rescue.
#[cfg(unix)]
fn leave_on_signals(stop: &Stop, gone: &Stop) -> Result<()> {
    let signals = [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGQUIT,
        signal_hook::consts::SIGHUP,
    ];
    let mut signals = signal_hook::iterator::Signals::new(signals)
        .context(phrase("can't watch for signals on this system"))?;
    let (stop, gone) = (stop.clone(), gone.clone());
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                if signal == signal_hook::consts::SIGHUP {
                    gone.stop();
                    continue;
                }
                if stop.is_stopped() {
                    terminal::give_back();
                    std::process::exit(130);
                }
                stop.stop();
            }
        })
        .context(phrase("can't start a thread to watch for signals"))?;
    Ok(())
}
