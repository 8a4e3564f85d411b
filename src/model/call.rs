//! Calls.

use serde::{Deserialize, Serialize};

use super::Source;

/// A call in the handset's list of calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Call {
    pub kind: CallKind,
    /// The other person's number as the handset stores it; `None`: the handset has none.
    pub number: Option<String>,
    pub presentation: Presentation,
    /// Start of the call: milliseconds since 1970-01-01T00:00:00Z; `None`: not given.
    pub at: Option<i64>,
    /// Seconds; `None`: not given.
    pub duration: Option<i64>,
    /// The other person's name, as the handset noted it when the call ended or its contact was last looked up.
    pub name: Option<String>,
    /// The place that the number belongs to.
    pub place: Option<String>,
    /// Digits dialled after the call was connected.
    pub post_dial_digits: Option<String>,
    /// The SIM or the account of the call, and the component that manages it.
    pub subscription_id: Option<String>,
    pub subscription_component_name: Option<String>,
    /// What a caller said to the mailbox, as text.
    pub transcription: Option<String>,
    /// Other filled columns of the handset's row: name and text.
    pub extended: Vec<(String, String)>,
    pub source: Source,
}

/// How a call ended, and who made it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    Incoming,
    Outgoing,
    Missed,
    /// A message in the mailbox.
    Voicemail,
    Rejected,
    Blocked,
    /// Answered on another device.
    AnsweredElsewhere,
    /// A maker's own number.
    Other(i64),
    /// Not given.
    #[default]
    Unknown,
}

/// What the network said about the other person's number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presentation {
    /// The number may be shown.
    #[default]
    Allowed,
    /// The caller hid it.
    Restricted,
    /// The network did not give it.
    Unknown,
    /// The caller used a payphone.
    Payphone,
    /// The network could not give it.
    Unavailable,
    /// A maker's own number.
    Other(i64),
}
