//! Phones that no family reads, and what their owners are told.

use super::loaders::Loader;
use super::{Candidate, Look, State};
use crate::handset::family::{Approach, Family};

/// Phones without a running system, and phones that give nothing by cable.
pub struct Others;

impl Family for Others {
    fn name(&self) -> &'static str {
        "others"
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
        let text = match device.usb {
            Some((_, Look::Loader(loader))) => {
                let what = match loader {
                    Loader::Chip => {
                        "it runs no system: it waits in its chip's loader, with a black screen"
                    }
                    Loader::Flash => "it is in its maker's mode for installing a system",
                    Loader::Crash => "its system crashed, and it waits with a black screen",
                };
                format!("A phone is seen, but {what}. {LOADER}")
            }
            Some((_, Look::WindowsPhone)) => WINDOWS_PHONE.to_owned(),
            Some(_) | None => return Vec::new(),
        };
        vec![Approach::not_now(self, State::OutOfReach, text)]
    }
}

const LOADER: &str = "What it holds is still there, and can't be read in this state. Unplug it and hold the power key for \
    half a minute, then together with Volume Down, until it starts. If it doesn't: charge it for half an hour, unless it \
    is wet or swollen, and try once more. Run no program that flashes, unlocks or “unbricks” it: these erase it. If it stays \
    like that, it is a case for a repair that keeps what is on it.";

const WINDOWS_PHONE: &str = "A Windows Phone is seen. It gives its contacts and calendar to no computer by cable, so \
    Lifeboat can't read it. Don't reset it: look first whether they can be sent from the phone.";
