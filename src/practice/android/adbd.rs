//! The device's side of a connection: handshake, streams, flow control (AOSP `adb.cpp`, `sockets.cpp`).

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::link::{Link, LinkError, LinkRead, LinkWrite, Stop};

use super::auth::{Doorman, Verdict};
use super::device::Device;
use super::wire::{self, Header};
use super::{shell, sync};

/// How long one wait lasts before the flags are looked at again.
const TICK: Duration = Duration::from_millis(50);
/// How long a client may leave the link full before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(3600);

/// The stream or the link is gone: whoever writes gives up.
#[derive(Debug)]
pub(super) struct Gone;

/// Serves one client until it goes, or `stop`.
pub(super) fn serve(device: &Arc<Device>, link: Link, stop: &Stop) {
    let Link { reader, writer, .. } = link;
    let connection = Arc::new(Connection {
        device: Arc::clone(device),
        out: Mutex::new(Out {
            writer,
            free_at: Instant::now(),
        }),
        streams: Mutex::default(),
        gone: AtomicBool::new(false),
        payload: AtomicU32::new(4096),
        summed: AtomicBool::new(true),
    });
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
    connection.close();
}

/// Cuts the byte stream into frames.
struct Inbox<'a> {
    reader: Box<dyn LinkRead>,
    stop: &'a Stop,
    connection: &'a Connection,
}

impl Inbox<'_> {
    /// The next frame; `None` at the end of the link, or where a header is impossible.
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
            if self.stop.is_stopped() || self.connection.gone.load(Ordering::SeqCst) {
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

/// What the reading thread alone knows of a connection.
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
        // A client that skips sums says so in its first frame, which it may then not have summed either.
        let first = header.command == wire::CNXN && header.arg0 >= wire::VERSION_UNSUMMED;
        if summed && !first && wire::sum(&payload) != header.sum {
            return Err(Gone);
        }
        match header.command {
            wire::CNXN => self.meet(header),
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
                connection.with_stream(header, |stream| stream.may_write());
                Ok(())
            }
            wire::WRTE if self.online => {
                let taken = connection.with_stream(header, |stream| stream.deliver(&payload));
                match taken {
                    Some(remote) => connection.send(wire::OKAY, header.arg1, remote, &[]),
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

    fn meet(&mut self, header: Header) -> Result<(), Gone> {
        let connection = &self.connection;
        let device = &connection.device;
        connection.end_streams();
        self.online = false;
        if device.settings.stale_frames {
            connection.send(wire::CLSE, 0, 77, &[])?;
            connection.send(wire::WRTE, 1203, 78, b"left over from the session before")?;
            connection.send(wire::OKAY, 1204, 79, &[])?;
        }
        let ours = device.protocol();
        connection
            .payload
            .store(header.arg1.clamp(256, ours.payload), Ordering::SeqCst);
        let version = header.arg0.min(ours.version);
        // From here on, the answer to this frame included: adbd takes the client's word first.
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
                let ours = device.protocol();
                self.online = true;
                connection.send(wire::CNXN, ours.version, ours.payload, &device.banner())
            }
            Verdict::Sign(token) => connection.send(wire::AUTH, wire::AUTH_TOKEN, 0, &token),
        }
    }

    /// Called about every [`TICK`] while nothing comes.
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
        // A window may be asked for only where both sides know delayed_ack, and this one does not.
        let service = Service::named(&connection.device, &name).filter(|_| header.arg1 == 0);
        let Some(service) = service else {
            return connection.send(wire::CLSE, 0, remote, &[]);
        };
        let local = self.next_local;
        self.next_local = self.next_local.checked_add(1).unwrap_or(1);
        let stream = Arc::new(Stream {
            local,
            remote,
            state: Mutex::default(),
            changed: Condvar::new(),
        });
        connection.lock_streams().insert(local, Arc::clone(&stream));
        connection.send(wire::OKAY, local, remote, &[])?;
        stream.may_write();
        let channel = Channel {
            connection: Arc::clone(connection),
            stream,
        };
        std::thread::spawn(move || match service {
            Service::Shell(call) => shell::serve(channel, &call),
            Service::Sync => sync::serve(channel),
            Service::Refused(reply) => {
                // Whether the client still listens makes no difference.
                let _ = channel.send(reply.as_bytes());
            }
        });
        Ok(())
    }
}

/// What a stream can be opened to.
enum Service {
    Shell(shell::Call),
    Sync,
    /// Something that would change the handset: answered as adbd does where it is not allowed.
    Refused(&'static str),
}

impl Service {
    /// The service of a name; `None` where this age of adbd has none such. Trips the wire where the
    /// service changes things.
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

/// What all threads of a connection share.
pub(super) struct Connection {
    pub device: Arc<Device>,
    out: Mutex<Out>,
    streams: Mutex<HashMap<u32, Arc<Stream>>>,
    gone: AtomicBool,
    payload: AtomicU32,
    summed: AtomicBool,
}

/// The sending half and when it is free again, at the pace that was asked for.
struct Out {
    writer: Box<dyn LinkWrite>,
    free_at: Instant,
}

impl Connection {
    fn lock_streams(&self) -> MutexGuard<'_, HashMap<u32, Arc<Stream>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `act` on the stream that a frame is for, and gives back the client's number of it.
    fn with_stream(&self, header: Header, act: impl FnOnce(&Stream)) -> Option<u32> {
        let stream = self.lock_streams().get(&header.arg1).cloned()?;
        (stream.remote == header.arg0 || header.arg0 == 0).then(|| act(&stream))?;
        Some(stream.remote)
    }

    /// True where the stream was known until now.
    fn forget(&self, local: u32) -> bool {
        self.lock_streams().remove(&local).is_some()
    }

    fn send(&self, command: u32, arg0: u32, arg1: u32, payload: &[u8]) -> Result<(), Gone> {
        let summed = self.summed.load(Ordering::SeqCst);
        let header = wire::header(command, arg0, arg1, payload, summed);
        let length = header.len() + payload.len();
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if self.gone.load(Ordering::SeqCst) {
            return Err(Gone);
        }
        self.device.pace(&mut out.free_at, length);
        let fate = self.device.charge(length as u64);
        if let Some(silence) = fate.silence {
            std::thread::sleep(silence);
        }
        let keep = fate.cut.map_or(length, |cut| (cut as usize).min(length));
        let (head, body) = (
            keep.min(header.len()),
            keep.saturating_sub(header.len()).min(payload.len()),
        );
        for part in [&header[..head], &payload[..body]] {
            if !part.is_empty() && out.writer.write_all(part, PATIENCE).is_err() {
                drop(out);
                self.close();
                return Err(Gone);
            }
        }
        drop(out);
        if fate.cut.is_some() {
            self.close();
            return Err(Gone);
        }
        Ok(())
    }

    /// Ends the link, as a pulled cable does.
    pub fn close(&self) {
        if !self.gone.swap(true, Ordering::SeqCst) {
            let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
            out.writer.close();
        }
        self.end_streams();
    }

    fn end_streams(&self) {
        let all = std::mem::take(&mut *self.lock_streams());
        for stream in all.values() {
            stream.end();
        }
    }
}

/// One stream, as both its threads see it.
struct Stream {
    local: u32,
    remote: u32,
    state: Mutex<StreamState>,
    changed: Condvar,
}

#[derive(Default)]
struct StreamState {
    /// The last `WRTE` was acknowledged.
    ready: bool,
    ended: bool,
    incoming: VecDeque<u8>,
}

impl Stream {
    fn change(&self, act: impl FnOnce(&mut StreamState)) {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    fn may_write(&self) {
        self.change(|state| state.ready = true);
    }

    /// Keeps what came for the service. What nobody reads is let go beyond a bound, as no service here
    /// reads more than a request.
    fn deliver(&self, payload: &[u8]) {
        self.change(|state| {
            if state.incoming.len() <= wire::LARGEST_PAYLOAD {
                state.incoming.extend(payload);
            }
        });
    }

    fn end(&self) {
        self.change(|state| state.ended = true);
    }

    /// Waits until `ready`; [`Gone`] once the stream has ended.
    fn wait(
        &self,
        ready: impl Fn(&StreamState) -> bool,
    ) -> Result<MutexGuard<'_, StreamState>, Gone> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if ready(&state) {
                return Ok(state);
            }
            if state.ended {
                return Err(Gone);
            }
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// A stream in the hands of its service. Dropping it closes the stream.
pub(super) struct Channel {
    pub connection: Arc<Connection>,
    stream: Arc<Stream>,
}

impl Channel {
    /// Sends bytes, one `WRTE` at a time, each after the one before was acknowledged.
    pub fn send(&self, bytes: &[u8]) -> Result<(), Gone> {
        let most = self.connection.payload.load(Ordering::SeqCst).max(1) as usize;
        for piece in bytes.chunks(most) {
            {
                let mut state = self.stream.wait(|state| state.ready && !state.ended)?;
                state.ready = false;
            }
            let (local, remote) = (self.stream.local, self.stream.remote);
            self.connection.send(wire::WRTE, local, remote, piece)?;
        }
        Ok(())
    }

    /// Reads exactly `count` bytes of what the client sent.
    pub fn receive(&self, count: usize) -> Result<Vec<u8>, Gone> {
        let mut state = self.stream.wait(|state| state.incoming.len() >= count)?;
        Ok(state.incoming.drain(..count).collect())
    }

    /// True once the client closed the stream or the link.
    pub fn is_gone(&self) -> bool {
        let state = self.stream.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).ended
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        // The last WRTE must be acknowledged before the stream ends, or a slow client would lose it.
        if self.stream.wait(|state| state.ready).is_ok()
            && self.connection.forget(self.stream.local)
        {
            let (local, remote) = (self.stream.local, self.stream.remote);
            // A link that is gone needs no goodbye.
            let _ = self.connection.send(wire::CLSE, local, remote, &[]);
        }
    }
}
