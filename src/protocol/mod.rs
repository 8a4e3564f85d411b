//! Protocols, generic over a link, read verbs only.

pub mod adb;
pub mod mtp;
pub mod scsi;
mod trail;
mod waiting;
