//! The call log.

pub mod decode;
pub mod survey;
mod tables;
