//! `lifeboat` without a command: the terminal screens.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};

use super::practice::{DetailRequest, Plugged};
use super::{ForDesk, Looks, OK, Screens, USAGE, WorkProfile, connect};
use crate::handset::android::Choices;
use crate::handset::find::{Computer, Port};
use crate::model::Stop;
use crate::phrase;
use crate::practice::fault::Pace;
use crate::rescue::{Outcome, finished};
use crate::tui::{self, Asker, Cable, Setting, terminal};

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
    leave_on_signals(stop)?;
    let mut options = connect::options(&asked.adb_key, stop);
    // The screens report waits themselves.
    options.on_wait = Arc::new(|_| {});
    let work_profile_by = asked.work_profile.who_agreed()?;
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
            let wish = DetailRequest {
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
        theme: asked.looks.theme(),
        mouse: asked.looks.mouse,
        stop: stop.clone(),
    })
    .context(phrase(
        "can't draw on this terminal; use the plain commands instead (see lifeboat --help)",
    ))?;
    if let Some(left) = left {
        let folder = left.folder.display();
        say!("Rescue folder: {folder}");
        if !left.finished {
            let source = match asked.practice {
                Some(family) => family.reach(),
                None => phrase("--device ID (to list the IDs: lifeboat devices)"),
            };
            say!(
                "The rescue is not finished. To continue: lifeboat rescue --resume \"{folder}\" {source}"
            );
        }
    }
    Ok(OK)
}

/// `Rescues` in the user's home folder; for practice, a subfolder of it.
fn default_parent(is_practice: bool) -> PathBuf {
    let home = std::env::home_dir().unwrap_or_default();
    let parent = home.join("Rescues");
    if is_practice {
        parent.join("Practice")
    } else {
        parent
    }
}

#[cfg(not(unix))]
fn leave_on_signals(_stop: &Stop) -> Result<()> {
    // Ctrl-C arrives as a key, and there are no other signals.
    Ok(())
}

/// The first signal asks the screens to close, like a key. The second one ends the program at once, after the
/// terminal is restored.
#[cfg(unix)]
fn leave_on_signals(stop: &Stop) -> Result<()> {
    let signals = [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGQUIT,
        signal_hook::consts::SIGHUP,
    ];
    let mut signals = signal_hook::iterator::Signals::new(signals)
        .context(phrase("can't watch for signals on this system"))?;
    let stop = stop.clone();
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for _ in signals.forever() {
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
