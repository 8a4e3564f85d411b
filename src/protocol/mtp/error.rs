//! MTP errors, and what to do next.

use std::time::Duration;

use super::container::code;
use crate::link::LinkError;
use crate::model::Advice;

/// Why a media device could not be read.
#[derive(Debug, thiserror::Error)]
pub enum MtpError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("stopped")]
    Stopped,
    #[error("the device did not answer for {} seconds", .0.as_secs())]
    NoAnswer(Duration),
    #[error("what the device sent is no MTP: {0}")]
    Protocol(String),
    /// The device's answer to one request is invalid; other requests can still be made.
    #[error("the device's answer to {operation} can't be read: {why}")]
    Garbled {
        operation: &'static str,
        why: &'static str,
    },
    /// A response code other than OK.
    #[error("the device refused {operation}: {}", in_words(*.code))]
    Refused { operation: &'static str, code: u16 },
    /// A file never arrived; the device may still send others.
    #[error("the device left {0} unanswered")]
    Unanswered(&'static str),
    /// The device does not list an operation that reads part of a file.
    #[error("the device can't begin inside a file")]
    OnlyWhole,
    #[error("what was read could not be stored: {0}")]
    Sink(#[source] std::io::Error),
}

impl Advice for MtpError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Link(_) => {
                "Check the cable, unlock the device, plug it in again and run the same rescue once more: what is safe is not read twice."
            }
            Self::Stopped => "Run the same rescue again to go on where it stopped.",
            Self::NoAnswer(_) | Self::Protocol(_) => {
                "Unplug the device, unlock it and plug it in again; if this comes back, close other programs that show its pictures and try another cable."
            }
            Self::Refused { code, .. } => advice_on(*code),
            Self::Garbled { .. } | Self::Unanswered(_) | Self::OnlyWhole => {
                "Copy that file by hand, in a file manager or from the memory card itself."
            }
            Self::Sink(_) => {
                "Check that the disk of this computer has space and can be written to."
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
        code::GENERAL_ERROR => "it could not do it",
        code::SESSION_NOT_OPEN => "no session is open",
        code::NOT_SUPPORTED => "it does not know how",
        code::INCOMPLETE_TRANSFER => "not all of it could be read",
        code::INVALID_STORAGE_ID => "there is no such storage",
        code::INVALID_OBJECT_HANDLE => "there is no such file",
        code::ACCESS_DENIED => "it lets nobody in",
        code::STORE_NOT_AVAILABLE => "the storage is not there",
        code::DEVICE_BUSY => "it is busy",
        code::INVALID_PARENT => "there is no such folder",
        code::CANCELLED => "it was broken off",
        code => return format!("code {code:04x}"),
    };
    words.to_owned()
}

fn advice_on(code: u16) -> &'static str {
    match code {
        code::ACCESS_DENIED | code::INVALID_STORAGE_ID | code::SESSION_NOT_OPEN => {
            "Unlock the device, choose “File transfer” (iPhone: tap “Trust”) if it asks, and run the same rescue once more."
        }
        code::STORE_NOT_AVAILABLE => {
            "Check that the memory card sits firmly, and run the same rescue once more."
        }
        code::DEVICE_BUSY => {
            "Leave the device alone for a minute, its screen unlocked, and run the same rescue once more."
        }
        _ => "Run the same rescue once more; what stays closed can be copied by hand.",
    }
}
