//! Virtual handsets: the other end of each protocol.
pub mod android;
mod port;

pub use port::PracticePort;
