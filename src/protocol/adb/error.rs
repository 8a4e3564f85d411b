//! ADB errors, and what to do next.

use std::time::Duration;

use super::keys::KeyError;
use crate::link::LinkError;
use crate::model::Advice;

/// Why a handset could not be read over ADB.
#[derive(Debug, thiserror::Error)]
pub enum AdbError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("stopped")]
    Stopped,
    #[error("the handset did not answer for {} seconds", .0.as_secs())]
    NoAnswer(Duration),
    #[error(
        "the handset asks for an encrypted connection, which this port needs and Lifeboat does not speak"
    )]
    NeedsTls,
    #[error("the handset asks for a debugging key and there is none")]
    NoKey,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("what the handset sent is no ADB: {0}")]
    Protocol(String),
    #[error("the handset does not offer `{service}`{}{reason}", if .reason.is_empty() { "" } else { ": " })]
    Refused { service: String, reason: String },
    #[error("the handset's reply ended in the middle")]
    Truncated,
    #[error("the reply is longer than the {limit} bytes that were expected at most")]
    ReplyTooLong { limit: usize },
    #[error("the request is {length} bytes long, but at most {limit} can be sent")]
    RequestTooLong { length: usize, limit: usize },
    #[error("the request contains a NUL character, which cannot be sent")]
    NulInRequest,
    #[error("{path} on the handset could not be read: {message}")]
    File { path: String, message: String },
    #[error("what was read could not be stored: {0}")]
    Sink(#[source] std::io::Error),
    #[error("no adb server answers on port {port} of this computer")]
    NoServer { port: u16 },
    #[error("the adb server no longer sees the handset {serial}: {message}")]
    Gone { serial: String, message: String },
    #[error("the adb server refused: {0}")]
    Server(String),
}

impl Advice for AdbError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Link(_) | Self::Truncated | Self::Gone { .. } => {
                "Check the cable, unlock the handset, plug it in again and run the same rescue once more: what is safe is not read twice."
            }
            Self::Stopped => "Run the same rescue again to go on where it stopped.",
            Self::NoAnswer(_) => {
                "Unlock the handset, switch USB debugging off and on again in the developer options, and plug it in again."
            }
            Self::NeedsTls => {
                "Use a USB cable, or pair this computer with Android's own adb (`adb pair`) and let Lifeboat read through the adb server."
            }
            Self::NoKey => {
                "Give the key of a computer that the handset already trusts with --adb-key, or let Lifeboat keep one of its own."
            }
            Self::Key(error) => return error.advice(),
            Self::Protocol(_) => {
                "Plug the handset in again; if this comes back, restart the handset's USB debugging and try another cable or port."
            }
            Self::Refused { .. } => {
                "The handset is probably in recovery or sideload mode, or closes this to USB debugging: start it normally and unlock it."
            }
            Self::ReplyTooLong { .. } | Self::RequestTooLong { .. } | Self::NulInRequest => {
                "This is a limit of Lifeboat: please report it, with the file that lifeboat report-problem makes of the rescue's folder."
            }
            Self::File { .. } => {
                "Unlock the handset once after its last start; a file that stays closed can only be copied on the handset itself."
            }
            Self::Sink(_) => {
                "Check that the disk of this computer has space and can be written to."
            }
            Self::NoServer { .. } => {
                "Nothing is wrong if Android's adb is not in use here: plug the handset in and let Lifeboat read it directly."
            }
            Self::Server(_) => {
                "Look at what `adb devices` shows; `adb reconnect` or plugging the handset in again usually cures it."
            }
        };
        text.to_owned()
    }
}

impl AdbError {
    /// True if the handset may be reached again and the read can continue from there.
    pub fn is_link_lost(&self) -> bool {
        matches!(
            self,
            Self::Link(_) | Self::Truncated | Self::Gone { .. } | Self::NoAnswer(_)
        )
    }

    pub(super) fn protocol(what: impl Into<String>) -> Self {
        Self::Protocol(what.into())
    }
}

/// Returns text from a peer in a form that is safe for a terminal: one line, no control characters, at most 300
/// characters.
pub(super) fn printable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes.get(..2048).unwrap_or(bytes));
    let mut line = String::new();
    for word in text.split(|c: char| c.is_control() || c.is_whitespace()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line.chars().take(300).collect()
}
