//! Protocols that run over any link, limited to reading.

pub mod adb;
pub mod mtp;
mod request_log;
pub mod scsi;
mod waiting;
