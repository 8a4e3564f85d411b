//! Practice backups of iPhones: folders as Finder and iTunes write them, plain and encrypted, from iOS 5 to today, with
//! an invented owner. The writer knows the formats only from their descriptions, not from the reader.

pub mod databases;
mod encrypt;
mod fault;
mod mbdb;
mod owner;
mod port;
mod settings;
mod write;

pub use owner::PhoneFile;
pub use port::PracticeBackups;
pub use settings::{Era, Settings};
pub use write::{Written, write};
