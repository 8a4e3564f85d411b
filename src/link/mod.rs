//! Moves bytes to and from a handset, without interpreting them.

pub mod pipe;
pub mod tcp;
pub mod usb;

use std::time::Duration;

/// The receiving half of a link.
pub trait LinkRead: Send {
    /// Reads the bytes that have arrived, at least one and at most `buffer.len()`, and waits up to `timeout` for them.
    ///
    /// # Errors
    /// [`LinkError::TimedOut`] if nothing arrived (the link is intact and may be read again); [`LinkError::Closed`] if
    /// the other end is gone.
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError>;
}

/// The sending half of a link.
pub trait LinkWrite: Send {
    /// Sends all of `bytes` as one transfer. Protocols that use USB rely on transfer boundaries, so a
    /// header and its payload are two calls.
    ///
    /// # Errors
    /// [`LinkError::TimedOut`] if the other end accepts no data for `timeout`: the link must then be given up.
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError>;

    /// Ends the link, so that a reader waiting on the other half returns. Called once, at the end.
    fn close(&mut self);
}

/// Both halves of a link, and its name.
pub struct Link {
    pub reader: Box<dyn LinkRead>,
    pub writer: Box<dyn LinkWrite>,
    /// In words, such as `TCP 127.0.0.1:5555`.
    pub name: String,
}

/// Why a link fails.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("no data arrived in time")]
    TimedOut,
    #[error("the connection to the device ended")]
    Closed,
    #[error("the connection to {place} could not be made: {source}")]
    Connect {
        place: String,
        source: std::io::Error,
    },
    #[error("the connection to the device broke: {0}")]
    Io(#[from] std::io::Error),
}
