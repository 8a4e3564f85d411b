//! iPhones: their backups on this computer.

mod backups;
#[path = "../common/mod.rs"]
mod common;
mod damaged;
mod databases;
mod kept_apart;
mod library;
mod readers;
