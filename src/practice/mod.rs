//! Virtual handsets: the other end of each protocol.
pub mod android;
mod port;
mod snapshot;

pub use port::PracticePort;
