//! Why a rescue could not begin or end.

use crate::collections::WriteError;
use crate::handset::HandsetError;
use crate::model::Advice;
use crate::phrase;
use crate::vault::VaultError;

/// Why a rescue could not begin or end. Committed data is safe in any case.
#[derive(Debug, thiserror::Error)]
pub enum RescueError {
    #[error(transparent)]
    Handset(#[from] HandsetError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The files could not be written.
    #[error(transparent)]
    Files(WriteError),
    #[error("this {found} is not the phone that this rescue began with: {why}")]
    OtherPhone { found: String, why: String },
    #[error("a part of Lifeboat that writes files crashed")]
    Worker,
    #[error("stopped while the files were being written")]
    Stopped,
}

impl Advice for RescueError {
    fn advice(&self) -> String {
        match self {
            Self::Handset(error) => error.advice(),
            Self::Vault(error) => error.advice(),
            Self::Files(_) => {
                phrase(
                    "Everything read so far is saved in the rescue folder's journal. Check that the disk is \
                     connected, has free space and can be written to. Then continue the rescue.",
                )
                    .into()
            }
            Self::OtherPhone { .. } => {
                phrase(
                    "The rescue folder was not changed. To continue this rescue, plug in the phone that the rescue \
                     began with. If this is that phone, it may be in another user or in a repair mode: switch to \
                     its owner's own screen and try again. To rescue the connected phone instead, or if it is the same phone but was emptied, \
                     start a new rescue: use --to instead of --resume, or press n on the screens.",
                )
                    .into()
            }
            Self::Stopped => {
                phrase(
                    "Everything read so far is saved in the rescue folder's journal. To write the files, run the \
                     same rescue with --resume. Do not reset the phone before that.",
                )
                    .into()
            }
            Self::Worker => {
                phrase(
                    "Everything read so far is saved. Continue the rescue. Please report this error. \
                     Attach the file that lifeboat report-problem makes from the rescue folder.",
                )
                    .into()
            },
        }
    }
}

impl From<WriteError> for RescueError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Stopped => Self::Stopped,
            WriteError::Vault(error) => Self::Vault(error),
            error @ (WriteError::Contacts(_) | WriteError::Calendars(_)) => Self::Files(error),
        }
    }
}
