//! Protocols, generic over a link, read verbs only.

pub mod adb;
pub mod mtp;
mod trail;
mod waiting;
