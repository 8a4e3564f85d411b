//! What a reset of a phone destroys: the table of apps in `assets/reset/`, and how the lines of all sources become a
//! short list with the worst first.

pub mod apps;
mod list;
mod only_here;

pub use list::{MOST, list};
pub use only_here::only_here;

use crate::model::{ResetKind, ResetLine};

/// The ranks of losses that are in no table: from 1, the worst, to 100.
pub mod rank {
    /// Data of a person that could have been read.
    pub const PERSON: u8 = 2;
    pub const SECURE_FOLDER: u8 = 10;
    /// The phone can't be used after the reset without a password.
    pub const LOCK: u8 = 12;
    pub const UNSYNCED: u8 = 18;
    pub const PROFILE: u8 = 20;
    pub const MESSAGES: u8 = 25;
    pub const CLONES: u8 = 30;
    pub const ESIM: u8 = 35;
    pub const ONLY_HERE: u8 = 40;
    /// Data that Lifeboat can't read on this phone.
    pub const NOT_READ: u8 = 50;
    pub const HIDDEN_PICTURES: u8 = 55;
    pub const GUEST: u8 = 80;
    /// Data of apps that nobody has looked at.
    pub const REST: u8 = 95;
}

/// Creates a line.
pub fn line(
    kind: ResetKind,
    id: impl AsRef<str>,
    rank: u8,
    lost: impl Into<String>,
    first: impl Into<String>,
) -> ResetLine {
    ResetLine {
        id: id_of(id.as_ref()),
        kind,
        lost: lost.into(),
        first: first.into(),
        rank,
        names: Vec::new(),
        group: String::new(),
        returns: false,
    }
}

/// Returns a text as a line's identifier: lower-case letters and digits, with hyphens between words.
fn id_of(text: &str) -> String {
    let mut id = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            id.push(c.to_ascii_lowercase());
        } else if c == '+' {
            id.push_str("-plus");
        } else if !id.is_empty() && !id.ends_with('-') {
            id.push('-');
        }
    }
    id.trim_end_matches('-').to_owned()
}
