//! Virtual handsets: the other end of each protocol.
pub mod android;
#[cfg(test)]
mod on_usb;
mod port;
mod snapshot;

pub use port::PracticePort;
