//! A practice device on a TCP port.

use std::io::ErrorKind;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use super::device::{Practice, PracticeDevice};
use crate::link::tcp;
use crate::model::Stop;

impl<D: PracticeDevice> Practice<D> {
    /// Serves every client that connects, several at the same time, until `stop`.
    ///
    /// # Errors
    /// If the listener fails.
    pub fn serve(&self, listener: TcpListener, stop: &Stop) -> std::io::Result<()> {
        listener.set_nonblocking(true)?;
        let mut clients: Vec<TcpStream> = Vec::new();
        while !stop.is_stopped() {
            match listener.accept() {
                Ok((stream, from)) => {
                    stream.set_nonblocking(false)?;
                    // Kept to wake the client's thread at the end, in case it waits to write.
                    clients.push(stream.try_clone()?);
                    let link = tcp::from_stream(stream, from.to_string())?;
                    let (device, stop) = (Arc::clone(&self.0), stop.clone());
                    std::thread::spawn(move || {
                        device.serve(D::PROTOCOL, link, Box::new(|| {}), &stop);
                    });
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                // The client was gone before it was accepted.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        for client in clients {
            // The client may already be gone.
            let _ = client.shutdown(Shutdown::Both);
        }
        Ok(())
    }
}
