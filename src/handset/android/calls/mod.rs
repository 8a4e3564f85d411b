//! The call log.

mod decode;
pub mod survey;
mod tables;
