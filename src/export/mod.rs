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
