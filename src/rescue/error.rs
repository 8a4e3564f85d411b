//! Why a rescue could not begin or end.

use crate::collections::WriteError;
use crate::handset::HandsetError;
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
    #[error("this {found} is not the phone that the rescue is of: {why}")]
    OtherPhone { found: String, why: String },
    #[error("a part of Lifeboat that writes files broke off")]
    Worker,
    #[error("stopped while the files were being written")]
    Stopped,
}

impl RescueError {
    /// Returns what to do next, in a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Handset(error) => error.advice(),
            Self::Vault(error) => error.advice().to_owned(),
            Self::Files(_) => {
                "What was read is safe in the rescue folder's journal. Look whether its disk is still there, has room and can \
                 be written to, then run the same rescue with --resume."
                    .into()
            }
            Self::OtherPhone { .. } => {
                "Nothing was changed in the rescue's folder. Plug in the phone that it is of. To rescue this one, or if it \
                 is the same one and was emptied since, begin a new rescue: --to in place of --resume (on the screens: n)."
                    .into()
            }
            Self::Stopped => {
                "What was read is safe in the rescue folder's journal. Run the same rescue with --resume to have the files \
                 written. Do not reset the phone before."
                    .into()
            }
            Self::Worker => {
                "Run the same rescue with --resume: what was read is safe. Please report this, with the file that lifeboat \
                 report-problem makes of the folder."
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
