//! `lifeboat devices`.

use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::report_problem::{new_file, replacer};
use super::{OK, connect};
use crate::handset::android::Choices;
use crate::handset::family::no_secrets;
use crate::handset::find::{Computer, Device, Port};
use crate::model::Stop;
use crate::phrase;
use crate::report_problem;
use crate::vault::for_display;

/// Returns access to the devices of this computer.
fn computer(stop: &Stop) -> Computer {
    Computer {
        options: connect::options(&[], stop),
        choices: Choices::default(),
        secrets: no_secrets(),
    }
}

/// Prints the detected devices for a bug report, or writes them to a file. Serial numbers are replaced.
pub fn dump(to: Option<&Path>, stop: &Stop) -> Result<u8> {
    let (seen, notes) = computer(stop).see();
    let dump = report_problem::dump(&seen, replacer()?);
    let mut text = serde_json::to_string_pretty(&dump)?;
    match to {
        Some(_) => {
            text.push('\n');
            let (mut file, path) = new_file(to, "", "")?;
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .with_context(|| phrase!("can't write {}", path.display()))?;
            say!("Saved to {}.", path.display());
        }
        None => connect::print(&text),
    }
    for note in notes {
        say!("{note}");
    }
    let count = |all: Option<usize>| all.unwrap_or(0);
    say!(
        "The dump contains Lifeboat's version, this computer's operating system, {} USB devices and {} devices \
         of an adb server. Serial numbers, names that people chose and folders are replaced by made-up text of \
         the same form. Nothing was sent anywhere. Read the dump, then attach it to your report.",
        count(seen.usb.as_ref().map(Vec::len)),
        count(seen.server.as_ref().map(Vec::len))
    );
    Ok(OK)
}

/// Prints what is to be done about a device, one step a line.
pub fn tell_steps(device: &Device) {
    if device.situations.is_empty() {
        say!("{}: {}", device.id, device.advice);
    }
    for (place, situation) in device.situations.iter().enumerate() {
        let Some(state) = situation.state() else {
            continue;
        };
        let seen = situation.fill(&state.seen);
        match place {
            0 => say!("{}: {seen}", device.id),
            _ => say!("{seen}"),
        }
        let steps = state.way().flat_map(|state| state.steps_for(&device.make));
        for (number, step) in steps.enumerate() {
            let number = number + 1;
            let text = situation.fill(&step.text_for(&device.make));
            say!("{number:>3}  {text}");
            if !step.command.is_empty() {
                let command = situation.fill(&step.command);
                say!("     {command}");
            }
        }
    }
}

/// Lists possible handsets and what each of them needs: results on standard output, advice on standard error.
pub fn list(json: bool, stop: &Stop) -> Result<u8> {
    let found = computer(stop).look();
    if json {
        connect::print(&serde_json::to_string_pretty(&found.devices)?);
    } else {
        for device in &found.devices {
            connect::print(&format!(
                "{}  {}  {}  {}",
                for_display(&device.id),
                for_display(&device.name()),
                device.state.text(),
                device.approaches.join(", ")
            ));
        }
    }
    for device in found.devices.iter().filter(|d| !d.advice.is_empty()) {
        tell_steps(device);
    }
    for note in &found.notes {
        say!("{note}");
    }
    if found.devices.is_empty() {
        say!(
            "To rescue a phone over the network, use lifeboat rescue --adb HOST:PORT. To try a rescue without a \
             phone, use lifeboat rescue --practice --to out"
        );
    }
    Ok(OK)
}
