//! Backups of iPhones, iPads and iPods: folders on this computer that Finder, Apple Devices, iTunes or a program like
//! idevicebackup2 made. Everything is read from the folder; nothing is opened for writing there.

mod error;
mod files;
mod folder;
mod handset;
mod index;
mod library;
mod manifest;
mod open;
mod places;
mod reading;
mod remarks;
mod scratch;
mod store;
mod whole;

pub use error::BackupError;
pub use open::open;
pub use places::{seen, usual};
