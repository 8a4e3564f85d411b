//! From the model to portable files and the printable report. Nothing here knows protocols.

pub mod calendars;
pub mod contacts;
pub mod report;
mod safe_name;

pub use safe_name::safe_name;
