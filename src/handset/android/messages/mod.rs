//! Text messages (SMS).

mod decode;
pub mod survey;
mod tables;
