//! MTP errors, and what to do next.

use std::time::Duration;

use super::container::code;
use crate::link::LinkError;
use crate::model::Advice;
use crate::phrase;

/// Why a media device could not be read.
#[derive(Debug, thiserror::Error)]
pub enum MtpError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("stopped")]
    Stopped,
    #[error("the device did not answer for {} seconds", .0.as_secs())]
    NoAnswer(Duration),
    #[error("the device's reply is not valid MTP: {0}")]
    Protocol(String),
    /// The device's answer to one request is invalid; other requests can still be made.
    #[error("{}", said_of(.operation, .why))]
    Garbled {
        /// Empty if the reason says it all.
        operation: &'static str,
        why: &'static str,
    },
    /// A response code other than OK.
    #[error("the device refused to hand over the data ({operation}: {})", in_words(*.code))]
    Refused { operation: &'static str, code: u16 },
    /// A file never arrived; the device may still send others.
    #[error("the device did not answer {0}")]
    Unanswered(&'static str),
    /// The device does not list an operation that reads part of a file.
    #[error("the device can't send a file from the middle")]
    OnlyWhole,
    #[error("the data could not be saved: {0}")]
    Sink(#[source] std::io::Error),
}

fn said_of(operation: &str, why: &str) -> String {
    match operation.is_empty() {
        true => why.to_owned(),
        false => phrase!("the device's answer to {operation} can't be read: {why}"),
    }
}

impl Advice for MtpError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Link(_) => phrase(
                "Check the cable, unlock the device and plug it in again. Then run the same rescue again. It \
                 skips what is already saved.",
            ),
            Self::Stopped => phrase("Run the same rescue again to continue it."),
            Self::NoAnswer(_) | Self::Protocol(_) => phrase(
                "Unplug the device, unlock it and plug it in again. If this happens again, close other programs \
                 that show its pictures, and try another cable.",
            ),
            Self::Refused { code, .. } => advice_on(*code),
            Self::Garbled { .. } | Self::Unanswered(_) | Self::OnlyWhole => {
                phrase("Copy this file by hand, in a file manager or from the memory card.")
            }
            Self::Sink(_) => {
                phrase("Check that this computer's disk has free space and can be written to.")
            }
        };
        text.to_owned()
    }
}

impl MtpError {
    /// True if the device may be reached again and the read can continue from there.
    pub fn is_link_lost(&self) -> bool {
        matches!(
            self,
            Self::Link(_)
                | Self::NoAnswer(_)
                | Self::Protocol(_)
                | Self::Refused {
                    code: code::SESSION_NOT_OPEN,
                    ..
                }
        )
    }

    /// True if the object does not exist (any more).
    pub fn is_no_such_object(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                code: code::INVALID_OBJECT_HANDLE,
                ..
            }
        )
    }
}

impl MtpError {
    /// True if the storage does not exist (yet).
    pub fn is_no_such_storage(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                code: code::INVALID_STORAGE_ID,
                ..
            }
        )
    }

    /// True for the errors with which devices refuse to send an empty file.
    pub(super) fn may_be_empty(&self) -> bool {
        matches!(
            self,
            Self::Refused {
                code: code::GENERAL_ERROR | code::INCOMPLETE_TRANSFER | code::NO_VALID_OBJECT_INFO,
                ..
            }
        )
    }
}

/// Returns a response code in words.
fn in_words(code: u16) -> String {
    let words = match code {
        code::GENERAL_ERROR => phrase("the device could not do this"),
        code::SESSION_NOT_OPEN => phrase("no session is open"),
        code::NOT_SUPPORTED => phrase("the device does not support this"),
        code::INCOMPLETE_TRANSFER => phrase("only a part could be read"),
        code::INVALID_STORAGE_ID => phrase("the storage does not exist"),
        code::INVALID_OBJECT_HANDLE => phrase("the file does not exist"),
        code::ACCESS_DENIED => phrase("access denied"),
        code::STORE_NOT_AVAILABLE => phrase("the storage is not available"),
        code::DEVICE_BUSY => phrase("the device is busy"),
        code::INVALID_PARENT => phrase("the folder does not exist"),
        code::CANCELLED => phrase("the transfer was cancelled"),
        code => return phrase!("code {code:04x}"),
    };
    words.to_owned()
}

fn advice_on(code: u16) -> &'static str {
    match code {
        code::ACCESS_DENIED | code::INVALID_STORAGE_ID | code::SESSION_NOT_OPEN => phrase(
            "Unlock the device. If it asks, choose “File transfer” (iPhone: tap “Trust”). Then run the same \
             rescue again.",
        ),
        code::STORE_NOT_AVAILABLE => {
            phrase("Check that the memory card is firmly inserted, and run the same rescue again.")
        }
        code::DEVICE_BUSY => phrase(
            "Keep the device's screen unlocked, and don't use the device for a minute. Then run the same rescue \
             again.",
        ),
        _ => phrase("Run the same rescue again. If a file still can't be read, copy it by hand."),
    }
}
