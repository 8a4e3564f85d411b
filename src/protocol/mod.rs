//! Protocols that run over any link, limited to reading.

pub mod adb;
pub mod mtp;
pub mod scsi;
mod trail;
mod waiting;
