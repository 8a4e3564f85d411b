//! Practice phones: the other end of each protocol, with a fictional owner.
//!
//! A family has a folder with its [`PracticeDevice`], its settings, and one table of faults. Shared code is next to
//! these folders: the cable, the port that plugs them into a computer, and one file for each transport.

pub mod android;
mod base;
pub mod card;
mod device;
pub mod fault;
#[cfg(target_os = "linux")]
pub mod gadget;
pub mod iphone_backup;
pub mod media;
#[cfg(test)]
mod on_usb;
mod owned;
mod pictures;
mod port;
mod rng;
mod tcp;

pub use device::{Bus, Practice, PracticeDevice, Protocol};
pub use owned::{OwnerAction, OwnersFile};
pub use port::PracticePort;
