//! Virtual handsets: the other end of each protocol.
mod amount;
pub mod android;
pub mod card;
#[cfg(target_os = "linux")]
pub mod gadget;
pub mod media;
#[cfg(test)]
mod on_usb;
mod owned;
mod pictures;
mod port;
mod rng;
mod snapshot;

pub use owned::{Deed, OwnersFile};
pub use port::PracticePort;
