//! Calendars: the survey of the events, and the conversion of their rows.

pub mod decode;
pub mod survey;
pub mod tables;
