//! ADB errors, and what to do next.

use std::time::Duration;

use super::keys::KeyError;
use crate::link::LinkError;
use crate::model::Advice;
use crate::phrase;

/// Why a handset could not be read over ADB.
#[derive(Debug, thiserror::Error)]
pub enum AdbError {
    #[error(transparent)]
    Link(#[from] LinkError),
    #[error("stopped")]
    Stopped,
    #[error("the phone did not answer for {} seconds", .0.as_secs())]
    NoAnswer(Duration),
    #[error(
        "this port of the phone requires an encrypted connection, which Lifeboat does not support"
    )]
    NeedsTls,
    #[error("the phone asks for a debugging key, but there is none")]
    NoKey,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the phone's reply is not valid ADB: {0}")]
    Protocol(String),
    #[error("the phone does not offer `{service}`{}{reason}", if .reason.is_empty() { "" } else { ": " })]
    Refused { service: String, reason: String },
    #[error("the phone's reply ended too early")]
    Truncated,
    #[error("the reply is longer than the limit of {limit} bytes")]
    ReplyTooLong { limit: usize },
    #[error("the request is {length} bytes long, but at most {limit} bytes can be sent")]
    RequestTooLong { length: usize, limit: usize },
    #[error("the request contains a NUL character, which cannot be sent")]
    NulInRequest,
    #[error("{path} on the phone could not be read: {message}")]
    File { path: String, message: String },
    #[error("the data could not be saved: {0}")]
    Sink(#[source] std::io::Error),
    #[error("no adb server answers on port {port} of this computer")]
    NoServer { port: u16 },
    #[error("the adb server no longer finds the phone {serial}: {message}")]
    Gone { serial: String, message: String },
    #[error("the adb server reported an error: {0}")]
    Server(String),
}

impl Advice for AdbError {
    fn advice(&self) -> String {
        let text = match self {
            Self::Link(_) | Self::Truncated | Self::Gone { .. } => phrase(
                "Check the cable, unlock the phone and plug it in again. Then run the same rescue again. It \
                 skips what is already saved.",
            ),
            Self::Stopped => phrase("Run the same rescue again to continue it."),
            Self::NoAnswer(_) => phrase(
                "Unlock the phone. Turn USB debugging off and on again in Developer options. Then plug the phone \
                 in again.",
            ),
            Self::NeedsTls => phrase(
                "Use a USB cable. Or pair this computer with Android's own adb (`adb pair`), and let Lifeboat \
                 read through the adb server.",
            ),
            Self::NoKey => phrase(
                "Give the key of a computer that the phone already trusts with --adb-key, or let Lifeboat keep \
                 its own key.",
            ),
            Self::Key(error) => return error.advice(),
            Self::Protocol(_) => phrase(
                "Plug the phone in again. If this happens again, turn USB debugging off and on again, and try \
                 another cable or USB port.",
            ),
            Self::Refused { .. } => phrase(
                "The phone is probably in recovery or sideload mode, or does not allow this over USB debugging. \
                 Start the phone normally and unlock it.",
            ),
            Self::ReplyTooLong { .. } | Self::RequestTooLong { .. } | Self::NulInRequest => phrase(
                "This is a limit of Lifeboat. Please report it, and attach the file that lifeboat report-problem \
                 creates from the rescue's folder.",
            ),
            Self::File { .. } => phrase(
                "Unlock the phone once after it was started. If the file still can't be read, copy it on the \
                 phone itself.",
            ),
            Self::Sink(_) => {
                phrase("Check that this computer's disk has free space and can be written to.")
            }
            Self::NoServer { .. } => phrase(
                "If Android's adb is not in use here, nothing is wrong. Plug the phone in, and let Lifeboat read \
                 it directly.",
            ),
            Self::Server(_) => phrase(
                "Run `adb devices` and look at the list. Run `adb reconnect`, or plug the phone in again: this \
                 usually helps.",
            ),
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
