//! One stream of an ADB connection.

use super::connection::MuxStream;
use super::error::AdbError;
use super::server::Socket;

/// A stream to one service, direct or through the server. Dropping it closes it.
pub(super) enum ByteStream {
    Direct(MuxStream),
    ThroughServer(Socket),
}

impl ByteStream {
    /// Returns the next bytes, at least one; `None` after the other side closed the stream.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, AdbError> {
        match self {
            Self::Direct(stream) => stream.read(),
            Self::ThroughServer(socket) => socket.read(),
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> Result<(), AdbError> {
        match self {
            Self::Direct(stream) => stream.write(bytes),
            Self::ThroughServer(socket) => socket.write(bytes),
        }
    }
}
