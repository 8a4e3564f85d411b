//! Errors of a card reader, and what to do next.

use std::time::Duration;

use super::sense::Sense;
use crate::link::LinkError;
use crate::model::Advice;

/// Why a USB disk could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScsiError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("stopped")]
    Stopped,
    #[error("the card did not answer for {} seconds", .0.as_secs())]
    NoAnswer(Duration),
    #[error("there is no card in it")]
    NoMedium,
    #[error("the card was changed while it was read")]
    Changed,
    #[error("it is no disk")]
    NoDisk,
    #[error("the card is too large to be true")]
    TooLarge,
    #[error("the card reader lost its way: {0}")]
    Protocol(&'static str),
    #[error("blocks {first} to {last} of the card can't be read ({sense})")]
    Unreadable { first: u64, last: u64, sense: Sense },
    #[error("the card reader refused {command} ({sense})")]
    Refused { command: &'static str, sense: Sense },
}

impl Advice for ScsiError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Link(_) | Self::NoAnswer(_) | Self::Protocol(_) => {
                "Unplug it, wait a moment, plug it in again, straight into the computer, and run the same rescue with --resume: what is safe is not read twice."
            }
            Self::Stopped => "Run the same rescue again to go on where it stopped.",
            Self::NoMedium => {
                "Put the card in, or choose on the phone that its card is shown to the computer (“USB storage”, “Disk drive”), then look again."
            }
            Self::Changed => "Put the first card in again, and run the same rescue with --resume.",
            Self::NoDisk => {
                "Choose on the phone that its card is shown to the computer, or put the card into a card reader."
            }
            Self::TooLarge | Self::Unreadable { .. } | Self::Refused { .. } => {
                "Try the card in another reader."
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
