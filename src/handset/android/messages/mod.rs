//! Messages: texts (SMS), then multimedia messages (MMS).

mod decode;
pub mod pictures;
pub mod survey;
mod tables;
