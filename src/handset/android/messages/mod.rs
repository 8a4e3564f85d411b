//! Messages: texts (SMS), then multimedia messages (MMS).

pub mod decode;
pub mod parts;
pub mod pictures;
pub mod survey;
pub mod tables;
