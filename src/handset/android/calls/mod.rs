//! The call log.

pub mod decode;
pub mod survey;
pub mod tables;
