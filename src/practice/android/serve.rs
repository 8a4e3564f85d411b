//! A practice Android on a TCP port, to which any adb can connect.

use std::io::ErrorKind;
use std::net::{Shutdown, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use crate::link::tcp;
use crate::model::Stop;

use super::adbd;
use super::device::Device;
use super::{PracticeAndroid, Settings};

/// Serves a practice Android at `address` (`127.0.0.1:5555`; port 0: any free port) until `stop`. Calls `ready` once,
/// with the address for adb.
///
/// # Errors
/// If the address cannot be used.
pub fn serve_android(
    address: impl ToSocketAddrs,
    settings: Settings,
    stop: &Stop,
    ready: impl FnOnce(std::net::SocketAddr, &PracticeAndroid),
) -> std::io::Result<()> {
    let listener = TcpListener::bind(address)?;
    let handset = PracticeAndroid::new(settings);
    ready(listener.local_addr()?, &handset);
    handset.serve(listener, stop)
}

pub(super) fn serve(
    device: &Arc<Device>,
    listener: &TcpListener,
    stop: &Stop,
) -> std::io::Result<()> {
    listener.set_nonblocking(true)?;
    let mut clients: Vec<TcpStream> = Vec::new();
    while !stop.is_stopped() {
        match listener.accept() {
            Ok((stream, from)) => {
                stream.set_nonblocking(false)?;
                // Kept to wake the client's thread at the end, in case it waits to write.
                clients.push(stream.try_clone()?);
                let link = tcp::from_stream(stream, from.to_string())?;
                let (device, stop) = (Arc::clone(device), stop.clone());
                std::thread::spawn(move || adbd::serve(&device, link, &stop));
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
