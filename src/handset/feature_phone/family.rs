//! How phones from before Android are seen, and what their owners are told.

use crate::handset::family::{Approach, Family};
use crate::handset::find::{Candidate, Look, State};
use crate::phrase;

/// Phones with neither Android nor iOS.
pub struct FeaturePhone;

impl Family for FeaturePhone {
    fn name(&self) -> &'static str {
        phrase("feature phone")
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
        match device.usb {
            Some((_, Look::FeaturePhone)) => {
                vec![Approach::not_now(self, State::OutOfReach, CAN_NOT)]
            }
            Some(_) | None => Vec::new(),
        }
    }
}

const CAN_NOT: &str = phrase(
    "The phone is connected, but this version of Lifeboat can't read this kind of phone. Don't \
     reset it. The phone's own menu can usually copy the contacts to the memory card or the \
     SIM card, or send them by Bluetooth.",
);
