//! Phones that no family reads, and what their owners are told.

use super::loaders::Loader;
use super::{Candidate, Look, State};
use crate::coach::Situation;
use crate::handset::family::{Approach, Family};

/// Phones without a running system, and phones that give nothing by cable.
pub struct Others;

impl Family for Others {
    fn name(&self) -> &'static str {
        "others"
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
        let state = match device.usb {
            Some((_, Look::Loader(Loader::Chip))) => "loader_chip",
            Some((_, Look::Loader(Loader::Flash))) => "loader_flash",
            Some((_, Look::Loader(Loader::Crash))) => "loader_crash",
            Some((_, Look::WindowsPhone)) => "windows_phone",
            Some(_) | None => return Vec::new(),
        };
        let advice = Situation::of(state);
        vec![Approach::not_now(self, State::OutOfReach, advice)]
    }
}
