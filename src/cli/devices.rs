//! `lifeboat devices`.

use anyhow::Result;

use super::{OK, connect};
use crate::handset::android::Choices;
use crate::handset::find::{Computer, Port};
use crate::link::Stop;
use crate::vault::for_display;

/// Lists what could be a handset, each with what it needs: results on the standard output, advice beside it. With
/// `dump` it prints what was seen instead, for a bug report.
pub fn list(json: bool, dump: bool, stop: &Stop) -> Result<u8> {
    let computer = Computer {
        options: connect::options(&[], stop),
        choices: Choices::default(),
    };
    if dump {
        let (seen, notes) = computer.see();
        connect::print(&serde_json::to_string_pretty(&seen)?);
        for note in notes {
            say!("{note}");
        }
        return Ok(OK);
    }
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
        say!("{}: {}", device.id, device.advice);
    }
    for note in &found.notes {
        say!("{note}");
    }
    if found.devices.is_empty() {
        say!(
            "A phone whose debugging port is on the network is read with lifeboat rescue --adb HOST:PORT. To see how a \
             rescue goes without a phone: lifeboat rescue --practice --to out"
        );
    }
    Ok(OK)
}
