//! How phones from before Android are seen, and what their owners are told.

use crate::coach::Situation;
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
                let advice = Situation::of("feature_phone");
                vec![Approach::not_now(self, State::OutOfReach, advice)]
            }
            Some(_) | None => Vec::new(),
        }
    }
}
