//! `lifeboat devices`.

use anyhow::Result;

use super::{OK, connect};
use crate::handset::android::Choices;
use crate::handset::find::{Computer, Port};
use crate::link::Stop;
use crate::vault::for_display;

/// Lists what could be a handset, each with what it needs.
pub fn list(json: bool, stop: &Stop) -> Result<u8> {
    let computer = Computer {
        options: connect::options(&[], stop),
        choices: Choices::default(),
    };
    let found = computer.look();
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
        eprintln!("{}: {}", for_display(&device.id), device.advice);
    }
    for note in &found.notes {
        eprintln!("{note}");
    }
    if found.devices.is_empty() {
        eprintln!(
            "No handset is seen. Plug it in with a cable that carries data, unlock it, and switch USB debugging on. To \
             see how a rescue goes without one: lifeboat rescue --practice --to out"
        );
    }
    Ok(OK)
}
