//! Errors of a card reader, and what to do next.

use std::time::Duration;

use super::sense::Sense;
use crate::link::LinkError;
use crate::model::Advice;
use crate::phrase;

/// Why a USB disk could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScsiError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("stopped")]
    Stopped,
    #[error("the card did not answer for {} seconds", .0.as_secs())]
    NoAnswer(Duration),
    #[error("no memory card is inserted")]
    NoMedium,
    #[error("the card was replaced while it was being read")]
    Changed,
    #[error("the device is not a disk")]
    NoDisk,
    #[error("the card reports an impossible size")]
    TooLarge,
    #[error("the card reader sent an invalid reply: {0}")]
    Protocol(&'static str),
    #[error("blocks {first} to {last} of the card can't be read ({sense})")]
    Unreadable { first: u64, last: u64, sense: Sense },
    #[error("the card reader refused {command} ({sense})")]
    Refused { command: &'static str, sense: Sense },
}

impl Advice for ScsiError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Link(_) | Self::NoAnswer(_) | Self::Protocol(_) => phrase(
                "Unplug the device, wait a moment, and plug it in again, directly into the computer. Then run \
                 the same rescue with --resume. It skips what is already saved.",
            ),
            Self::Stopped => phrase("Run the same rescue again to continue it."),
            Self::NoMedium => phrase(
                "Insert the card, or set the phone to show its card to the computer (“USB storage”, “Disk \
                 drive”). Then try again.",
            ),
            Self::Changed => phrase("Insert the first card again, and continue the rescue."),
            Self::NoDisk => phrase(
                "Set the phone to show its card to the computer, or put the card into a card reader.",
            ),
            Self::TooLarge | Self::Unreadable { .. } | Self::Refused { .. } => {
                phrase("Try the card in another reader.")
            }
        };
        text.to_owned()
    }
}

impl ScsiError {
    /// True if nothing more can be read over this link.
    pub fn is_link_lost(&self) -> bool {
        matches!(
            self,
            Self::Link(_) | Self::NoAnswer(_) | Self::Protocol(_) | Self::Changed | Self::NoMedium
        )
    }
}
