//! Phones that no family reads, and what their owners are told.

use super::loaders::Loader;
use super::{Candidate, Look, State};
use crate::handset::family::{Approach, Family};
use crate::phrase;

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
                    Loader::Chip => phrase(
                        "it runs no system: it waits in its chip's loader, with a black screen",
                    ),
                    Loader::Flash => {
                        phrase("it is in the mode in which its maker installs a system")
                    }
                    Loader::Crash => phrase("its system has crashed, and the screen is black"),
                };
                phrase!("A phone is connected, but {what}. {LOADER}")
            }
            Some((_, Look::WindowsPhone)) => WINDOWS_PHONE.to_owned(),
            Some(_) | None => return Vec::new(),
        };
        vec![Approach::not_now(self, State::OutOfReach, text)]
    }
}

const LOADER: &str = phrase(
    "All data is still on the phone, but it can't be read in this state. Unplug the phone and \
     hold the power key for half a minute. Then hold the power key together with Volume Down \
     until the phone starts. If the phone doesn't start, charge it for half an hour and try \
     once more. Don't charge it if it is wet or swollen. Don't run a program that flashes, \
     unlocks or “unbricks” the phone: such programs erase it. If the phone stays like this, \
     take it to a repair shop that keeps the data.",
);

const WINDOWS_PHONE: &str = phrase(
    "A Windows Phone is connected. It doesn't share contacts or calendar over USB, so \
     Lifeboat can't read it. Don't reset it. First check whether the phone itself can \
     send them.",
);
