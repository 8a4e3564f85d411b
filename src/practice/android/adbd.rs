//! The device side of a connection: handshake, streams, flow control (AOSP `adb.cpp`, `sockets.cpp`).

mod connection;
mod outbox;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::link::{Link, LinkError, LinkRead};
use crate::model::Stop;
use crate::practice::device::CancelWrites;

use super::auth::{Doorman, Verdict};
use super::device::Device;
use super::wire::{self, Header};
use super::{shell, sync};
pub(super) use connection::Channel;
use connection::{Connection, Stream};

/// Maximum time of one wait before flags are checked again.
const TICK: Duration = Duration::from_millis(50);

/// Number of bytes that a client with `delayed_ack` may send on a stream before an acknowledgement
/// (`INITIAL_DELAYED_ACK_BYTES` of `adb.h`).
const INITIAL_CREDIT: i32 = 32 << 20;

/// The stream or the link is gone, so the writer gives up.
#[derive(Debug)]
pub(super) struct Gone;

/// Serves a link until the client goes, or `stop`. On USB, the link stays open while clients come and go
/// (`daemon/usb.cpp`, `CancelWrites`).
pub(super) fn serve(device: &Arc<Device>, link: Link, cancel_writes: CancelWrites, stop: &Stop) {
    device.welcome();
    let Link { reader, writer, .. } = link;
    let connection = Arc::new(Connection::new(device, cancel_writes));
    let (out, of_writer) = (Arc::clone(&connection.out), Arc::clone(&connection));
    std::thread::spawn(move || out.send_all(&of_writer, writer));
    let mut session = Session {
        doorman: Doorman::new(device),
        next_local: 1,
        online: false,
        connection: Arc::clone(&connection),
    };
    let mut inbox = Inbox {
        reader,
        stop,
        connection: &connection,
    };
    while let Some((header, payload)) = inbox.frame(&mut session) {
        if session.take(header, payload).is_err() {
            break;
        }
    }
    connection.end_streams();
    connection.out.cut();
}

/// Splits the byte stream into frames.
struct Inbox<'a> {
    reader: Box<dyn LinkRead>,
    stop: &'a Stop,
    connection: &'a Connection,
}

impl Inbox<'_> {
    /// Reads the next frame; `None` at the end of the link, or after an invalid header.
    fn frame(&mut self, session: &mut Session) -> Option<(Header, Vec<u8>)> {
        let mut bytes = [0; wire::HEADER];
        self.fill(&mut bytes, session)?;
        let header = Header::parse(&bytes)?;
        let mut payload = vec![0; header.length as usize];
        self.fill(&mut payload, session)?;
        Some((header, payload))
    }

    fn fill(&mut self, buffer: &mut [u8], session: &mut Session) -> Option<()> {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            if self.connection.is_gone() {
                self.connection.out.cut();
            }
            if self.stop.is_stopped() || self.connection.out.is_closing() {
                return None;
            }
            match self.reader.read(rest, TICK) {
                Ok(count) => filled += count,
                Err(LinkError::TimedOut) => session.wake().ok()?,
                Err(_) => return None,
            }
        }
        Some(())
    }
}

/// State of a connection that only the reading thread uses.
struct Session {
    doorman: Doorman,
    next_local: u32,
    online: bool,
    connection: Arc<Connection>,
}

impl Session {
    fn take(&mut self, header: Header, payload: Vec<u8>) -> Result<(), Gone> {
        let connection = Arc::clone(&self.connection);
        let summed = connection.summed.load(Ordering::SeqCst);
        // A client without checksums says so in its first frame, which may already lack a checksum.
        let first = header.command == wire::CNXN && header.arg0 >= wire::VERSION_UNSUMMED;
        if summed && !first && wire::sum(&payload) != header.sum {
            return Err(Gone);
        }
        match header.command {
            wire::CNXN => self.meet(header, &payload),
            wire::AUTH if header.arg0 == wire::AUTH_SIGNATURE => {
                let verdict = self.doorman.signature(&payload);
                self.follow(verdict)
            }
            wire::AUTH if header.arg0 == wire::AUTH_PUBLIC_KEY => {
                self.doorman.public_key(&payload);
                Ok(())
            }
            wire::OPEN if self.online => self.open(header, &payload),
            wire::OKAY if self.online => {
                // An acknowledgement of any other size is ignored (`handle_packet`).
                let acked = match <[u8; 4]>::try_from(payload.as_slice()) {
                    Ok(bytes) => Some(i32::from_le_bytes(bytes)),
                    Err(_) if payload.is_empty() => None,
                    Err(_) => return Ok(()),
                };
                connection.with_stream(header, |stream| stream.acknowledged(acked));
                Ok(())
            }
            wire::WRTE if self.online => {
                let taken = connection.with_stream(header, |stream| stream.deliver(&payload));
                match taken {
                    Some(remote) => connection.okay(header.arg1, remote, payload.len() as i32),
                    None => Ok(()),
                }
            }
            wire::CLSE if self.online && header.arg1 != 0 => {
                let closed = connection.with_stream(header, |stream| stream.end());
                match (closed, connection.forget(header.arg1)) {
                    (Some(remote), true) => connection.send(wire::CLSE, header.arg1, remote, &[]),
                    _ => Ok(()),
                }
            }
            // Unknown frames are skipped, as adbd does.
            _ => Ok(()),
        }
    }

    fn meet(&mut self, header: Header, banner: &[u8]) -> Result<(), Gone> {
        let connection = &self.connection;
        let device = &connection.device;
        connection.end_streams();
        connection.out.begin_anew(&connection.cancel_writes);
        self.online = false;
        let knows = |feature: &str| features(banner).any(|known| known == feature);
        connection.delayed_ack.store(
            device.has_feature(DELAYED_ACK) && knows(DELAYED_ACK),
            Ordering::SeqCst,
        );
        if device.settings.link.stale_frames {
            connection.send(wire::CLSE, 0, 77, &[])?;
            connection.send(wire::WRTE, 1203, 78, b"left over from the session before")?;
            connection.send(wire::OKAY, 1204, 79, &[])?;
        }
        let ours = device.framing();
        connection
            .payload
            .store(header.arg1.clamp(256, ours.payload), Ordering::SeqCst);
        let version = header.arg0.min(ours.version);
        // Applies from now on, including the reply to this frame, because adbd first adopts the client's version.
        connection
            .summed
            .store(version < wire::VERSION_UNSUMMED, Ordering::SeqCst);
        let verdict = self.doorman.greet();
        self.follow(verdict)
    }

    fn follow(&mut self, verdict: Verdict) -> Result<(), Gone> {
        let connection = &self.connection;
        match verdict {
            Verdict::Welcome => {
                let device = &connection.device;
                let ours = device.framing();
                self.online = true;
                connection.send(wire::CNXN, ours.version, ours.payload, &device.banner())
            }
            Verdict::Sign(token) => connection.send(wire::AUTH, wire::AUTH_TOKEN, 0, &token),
        }
    }

    /// Called about every [`TICK`] while nothing arrives.
    fn wake(&mut self) -> Result<(), Gone> {
        match self.doorman.answered() {
            Some(verdict) => self.follow(verdict),
            None => Ok(()),
        }
    }

    fn open(&mut self, header: Header, payload: &[u8]) -> Result<(), Gone> {
        let connection = &self.connection;
        let remote = header.arg0;
        if remote == 0 {
            return Ok(());
        }
        let end = payload.iter().position(|&byte| byte == 0);
        let name = payload.get(..end.unwrap_or(payload.len())).unwrap_or(&[]);
        let name = String::from_utf8_lossy(name).into_owned();
        connection.device.note_asked(&name);
        // A window is given if, and only if, both sides support delayed_ack.
        let delayed = connection.delayed_ack.load(Ordering::SeqCst);
        let service =
            Service::named(&connection.device, &name).filter(|_| delayed == (header.arg1 != 0));
        let Some(service) = service else {
            return connection.send(wire::CLSE, 0, remote, &[]);
        };
        let local = self.next_local;
        self.next_local = self.next_local.checked_add(1).unwrap_or(1);
        let stream = Arc::new(Stream::new(local, remote, delayed.then_some(header.arg1)));
        connection.lock_streams().insert(local, Arc::clone(&stream));
        connection.okay(local, remote, INITIAL_CREDIT)?;
        let channel = Channel {
            connection: Arc::clone(connection),
            stream,
        };
        std::thread::spawn(move || match service {
            Service::Shell(call) => shell::serve(channel, &call),
            Service::Sync => sync::serve(channel),
            Service::Refused(reply) => {
                // It does not matter whether the client still listens.
                let _ = channel.send(reply.as_bytes());
            }
        });
        Ok(())
    }
}

/// The feature with which a stream can send more data without waiting for each acknowledgement.
const DELAYED_ACK: &str = "delayed_ack";

/// The features that a client lists in its banner, `host::features=…`. As in adbd, the last one includes any text
/// after it, such as a final NUL.
fn features(banner: &[u8]) -> impl Iterator<Item = &str> {
    let text = str::from_utf8(banner).unwrap_or_default();
    text.split(':')
        .nth(2)
        .unwrap_or_default()
        .split(';')
        .filter_map(|property| property.strip_prefix("features="))
        .flat_map(|list| list.split(','))
}

/// A service that a stream can be opened to.
enum Service {
    Shell(shell::Call),
    Sync,
    /// A service that would change the handset. The reply is the one that adbd gives if the service is not allowed.
    Refused(&'static str),
}

impl Service {
    /// Finds a service by its name; `None` if this version of adbd does not have it. Trips the wire if the service
    /// changes the handset.
    fn named(device: &Device, name: &str) -> Option<Self> {
        let level = device.settings.android;
        if let Some(command) = name.strip_prefix("exec:") {
            return (level >= 21).then(|| Self::Shell(shell::Call::exec(command)));
        }
        if name == "sync:" || name.starts_with("sync:") {
            return Some(Self::Sync);
        }
        if let Some(rest) = name.strip_prefix("shell") {
            let (arguments, command) = rest.split_once(':')?;
            if level < 24 && !arguments.is_empty() {
                return None;
            }
            return Some(Self::Shell(shell::Call::shell(level, arguments, command)));
        }
        let harmless = ["jdwp", "track-jdwp", "track-app", "framebuffer:", "source:"];
        if harmless.iter().any(|kind| name.starts_with(kind)) {
            return None;
        }
        device.trip(name);
        let refused = [
            ("root:", "adbd cannot run as root in production builds\n"),
            ("unroot:", "adbd not running as root\n"),
            ("remount:", "Not running as root. Try \"adb root\" first.\n"),
        ];
        refused
            .iter()
            .find(|(kind, _)| name.starts_with(kind))
            .map(|(_, reply)| Self::Refused(reply))
    }
}
