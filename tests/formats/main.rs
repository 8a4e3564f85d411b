//! The files that Lifeboat writes and reads.

mod calendar_files;
#[path = "../common/mod.rs"]
mod common;
mod contact_files;
mod found_files;
