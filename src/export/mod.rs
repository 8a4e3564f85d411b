//! Writes the model's data as portable files and the printable report. Nothing here depends on protocols.

pub mod calendars;
pub mod calls;
pub mod contacts;
pub mod file_list;
mod html;
pub mod messages;
pub mod notes;
pub mod plain;
pub mod report;

pub use crate::vault::safe_name;

/// Returns a text with its line ends, and without other control characters, for a cell of a table.
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.replace(|c: char| c.is_control() && !matches!(c, '\n' | '\t'), "")
}
