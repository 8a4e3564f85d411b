//! A link over TCP.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::{Link, LinkError, LinkRead, LinkWrite};
use crate::phrase;

/// Connects to `place` (`host:port`).
///
/// # Errors
/// [`LinkError::Connect`] if none of the addresses answers within `timeout`.
pub fn connect(place: &str, timeout: Duration) -> Result<Link, LinkError> {
    let failed = |source| LinkError::Connect {
        place: place.to_owned(),
        source,
    };
    let mut last = std::io::Error::new(
        ErrorKind::AddrNotAvailable,
        phrase("the address does not exist"),
    );
    for address in place.to_socket_addrs().map_err(failed)? {
        match TcpStream::connect_timeout(&address, timeout) {
            Ok(stream) => return from_stream(stream, format!("TCP {place}")).map_err(failed),
            Err(error) => last = error,
        }
    }
    Err(failed(last))
}

/// Makes a link from an existing connection.
///
/// # Errors
/// If the system can't share the connection between the two halves.
pub fn from_stream(stream: TcpStream, name: String) -> std::io::Result<Link> {
    stream.set_nodelay(true)?;
    let reader = Reader {
        stream: stream.try_clone()?,
        timeout: None,
    };
    Ok(Link {
        reader: Box::new(reader),
        writer: Box::new(Writer(stream)),
        name,
    })
}

struct Reader {
    stream: TcpStream,
    /// The timeout that was last set on the socket, so that it is set again only on a change.
    timeout: Option<Duration>,
}

impl LinkRead for Reader {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        if self.timeout != Some(timeout) {
            self.stream.set_read_timeout(Some(timeout))?;
            self.timeout = Some(timeout);
        }
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(LinkError::Closed),
                Ok(count) => return Ok(count),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(sorted(error)),
            }
        }
    }
}

struct Writer(TcpStream);

impl LinkWrite for Writer {
    fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        self.0.set_write_timeout(Some(timeout))?;
        self.0.write_all(bytes).map_err(sorted)
    }

    fn close(&mut self) {
        // If the other end closed first, there is nothing to do.
        let _ = self.0.shutdown(Shutdown::Both);
    }
}

fn sorted(error: std::io::Error) -> LinkError {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::TimedOut => LinkError::TimedOut,
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::WriteZero
        | ErrorKind::UnexpectedEof
        | ErrorKind::NotConnected => LinkError::Closed,
        _ => LinkError::Io(error),
    }
}
