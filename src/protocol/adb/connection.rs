//! A direct connection. One thread reads the link and puts incoming data into the streams' queues, so that the link
//! keeps moving while callers parse. Another thread sends the answers that frames require. If reading waited for
//! writing, a handset that does the same would block both sides forever.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::banner::DELAYED_ACK;
use super::error::AdbError;
use super::flow::{Flow, Okay, Waiting};
use super::frame::{
    AUTH, CLSE, CNXN, Frame, FrameReader, OKAY, OPEN, STLS, TICK, WRTE, header, sum,
};
use super::handshake::Agreed;
use super::watch::Watch;
use crate::link::{LinkError, LinkWrite};
use crate::phrase;

/// Maximum number of payloads in a stream's queue. Only tiny payloads can reach it within a window.
const MAX_QUEUED: usize = 64 << 10;
/// Maximum number of answers that wait to be sent. A stream waits for one answer at a time, so a correct handset never
/// needs more.
const ANSWERS: usize = 1024;
/// How long the handset may accept no data before the link is given up. How much was sent by then is unknown, so such a
/// write can't be cut short and repeated.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) type Writer = Mutex<Box<dyn LinkWrite>>;

/// Sends a frame as two transfers, without another frame in between.
///
/// # Errors
/// Errors of the link.
pub(super) fn send(
    writer: &Writer,
    sums: bool,
    command: u32,
    [arg0, arg1]: [u32; 2],
    payload: &[u8],
) -> Result<(), AdbError> {
    let length = u32::try_from(payload.len()).map_err(|_| AdbError::RequestTooLong {
        length: payload.len(),
        limit: u32::MAX as usize,
    })?;
    let check = if sums { sum(payload) } else { 0 };
    let header = header(command, arg0, arg1, length, check);
    let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
    writer.write_all(&header, WRITE_TIMEOUT)?;
    if !payload.is_empty() {
        writer.write_all(payload, WRITE_TIMEOUT)?;
    }
    Ok(())
}

/// The connection, shared by its streams.
pub(super) struct Connection {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

/// A frame that is sent in answer to another frame.
struct Answer {
    command: u32,
    args: [u32; 2],
    payload: Vec<u8>,
}

struct Shared {
    writer: Writer,
    sums: bool,
    max_payload: usize,
    /// The handset supports `delayed_ack`, so streams have windows.
    delayed_ack: bool,
    watch: Watch,
    state: Mutex<State>,
    /// Signalled when anything in `state` has changed.
    changed: Condvar,
}

struct State {
    streams: HashMap<u32, StreamState>,
    last_id: u32,
    /// Streams that were given up before the handset had answered their OPEN.
    abandoned: HashSet<u32>,
    /// When the last frame of a stream of this side arrived.
    heard: Instant,
    /// Why the connection has ended, if it has.
    ending: Option<Ending>,
}

struct StreamState {
    /// The handset's number for the stream, once it is open.
    remote: Option<u32>,
    /// The handset has closed the stream.
    closed: bool,
    queue: VecDeque<Vec<u8>>,
    /// Bytes in `queue`.
    queued: usize,
    /// A caller has begun to read the stream.
    is_read: bool,
    flow: Flow,
}

#[derive(Clone)]
enum Ending {
    Closed,
    TimedOut,
    Io(std::io::ErrorKind, String),
    Protocol(String),
}

impl Ending {
    fn of(error: &AdbError) -> Self {
        match error {
            AdbError::Link(LinkError::TimedOut) => Self::TimedOut,
            AdbError::Link(LinkError::Io(error)) => Self::Io(error.kind(), error.to_string()),
            AdbError::Protocol(what) => Self::Protocol(what.clone()),
            _ => Self::Closed,
        }
    }

    fn error(&self) -> AdbError {
        match self {
            Self::Closed => LinkError::Closed.into(),
            Self::TimedOut => LinkError::TimedOut.into(),
            Self::Io(kind, text) => LinkError::Io(std::io::Error::new(*kind, text.clone())).into(),
            Self::Protocol(what) => AdbError::protocol(what.clone()),
        }
    }
}

impl Connection {
    /// Starts the threads of the connection.
    ///
    /// # Errors
    /// If the system can't start a thread.
    pub fn start(
        frames: FrameReader,
        writer: Writer,
        agreed: &Agreed,
        watch: Watch,
    ) -> Result<Self, AdbError> {
        let shared = Arc::new(Shared {
            writer,
            sums: agreed.sums,
            max_payload: usize::try_from(agreed.max_payload).unwrap_or(usize::MAX),
            delayed_ack: agreed.banner.has(DELAYED_ACK),
            watch,
            state: Mutex::new(State {
                streams: HashMap::new(),
                last_id: 0,
                abandoned: HashSet::new(),
                heard: Instant::now(),
                ending: None,
            }),
            changed: Condvar::new(),
        });
        let (answers, to_send) = mpsc::sync_channel(ANSWERS);
        // From here on, dropping the connection ends the threads.
        let mut connection = Self {
            shared: Arc::clone(&shared),
            threads: Vec::new(),
        };
        let reading = Arc::clone(&shared);
        connection.spawn("adb reader", move || reading.read_all(frames, &answers))?;
        connection.spawn("adb answers", move || shared.answer_all(&to_send))?;
        Ok(connection)
    }

    fn spawn(&mut self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), AdbError> {
        let thread = std::thread::Builder::new().name(name.into()).spawn(run);
        self.threads.push(thread.map_err(LinkError::Io)?);
        Ok(())
    }

    /// Opens a stream to a service.
    ///
    /// # Errors
    /// [`AdbError::Refused`] if the handset has no such service.
    pub fn open(&self, service: &str) -> Result<MuxStream, AdbError> {
        let shared = &self.shared;
        let mut payload = service.as_bytes().to_vec();
        payload.push(0);
        if payload.len() > shared.max_payload {
            return Err(AdbError::RequestTooLong {
                length: payload.len(),
                limit: shared.max_payload,
            });
        }
        let (id, window) = {
            let mut state = shared.lock();
            // On the wire, the number 0 stands for no stream.
            state.last_id = state.last_id.checked_add(1).unwrap_or(1);
            let id = state.last_id;
            let flow = Flow::new(shared.delayed_ack);
            let window = flow.window();
            state.streams.insert(id, StreamState::new(flow));
            (id, window)
        };
        // From here on, dropping the stream closes it.
        let stream = MuxStream {
            shared: Arc::clone(shared),
            id,
        };
        shared.send(OPEN, [id, window], &payload)?;
        let opened = stream.wait(|stream| {
            if stream.remote.is_some() {
                Some(true)
            } else {
                stream.closed.then_some(false)
            }
        })?;
        if opened {
            Ok(stream)
        } else {
            Err(AdbError::Refused {
                service: service.split(':').next().unwrap_or_default().to_owned(),
                reason: String::new(),
            })
        }
    }
}

impl Connection {
    /// Ends the connection.
    pub fn hang_up(&self) {
        self.shared.watch.ended.stop();
        self.shared.end(Ending::Closed);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.shared.end(Ending::Closed);
        for thread in self.threads.drain(..) {
            // A thread that panicked has ended too.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, command: u32, args: [u32; 2], payload: &[u8]) -> Result<(), AdbError> {
        send(&self.writer, self.sums, command, args, payload).inspect_err(|error| {
            self.end(Ending::of(error));
        })
    }

    /// Closes the link. Only the first reason is kept.
    fn end(&self, ending: Ending) {
        {
            let mut state = self.lock();
            if state.ending.is_some() {
                return;
            }
            state.ending = Some(ending);
        }
        self.changed.notify_all();
        self.writer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .close();
    }

    /// Reads until the link ends; the thread that sends answers then ends too.
    fn read_all(&self, mut frames: FrameReader, answers: &SyncSender<Answer>) {
        let mut going = || match &self.lock().ending {
            Some(ending) => Err(ending.error()),
            None => Ok(()),
        };
        loop {
            let done = frames
                .next(&mut 0, &mut going)
                .and_then(|frame| self.take(frame))
                .and_then(
                    |answer| match answer.map(|answer| answers.try_send(answer)) {
                        None | Some(Ok(())) => Ok(()),
                        Some(Err(_)) => Err(AdbError::protocol(phrase(
                            "it asks for replies, but does not accept them",
                        ))),
                    },
                );
            if let Err(error) = done {
                return self.end(Ending::of(&error));
            }
        }
    }

    fn answer_all(&self, answers: &Receiver<Answer>) {
        while let Ok(answer) = answers.recv() {
            if self
                .send(answer.command, answer.args, &answer.payload)
                .is_err()
            {
                return;
            }
        }
    }

    /// Processes a frame, and returns the answer that it requires. Frames for streams that no longer exist are late,
    /// and are ignored.
    fn take(&self, frame: Frame) -> Result<Option<Answer>, AdbError> {
        if self.sums && !frame.is_whole() {
            return Err(AdbError::protocol(phrase("a checksum is wrong")));
        }
        let (remote, local) = (frame.arg0, frame.arg1);
        let answer = |command, args, payload| {
            Some(Answer {
                command,
                args,
                payload,
            })
        };
        let answer = {
            let mut state = self.lock();
            // Frames for streams that this side does not have are no sign of an answer.
            let is_expected = state.abandoned.contains(&local)
                || state.streams.get(&local).is_some_and(|s| s.expects(&frame));
            if is_expected {
                state.heard = Instant::now();
            }
            match frame.command {
                OKAY if state.abandoned.remove(&local) => answer(CLSE, [local, remote], Vec::new()),
                CLSE if state.abandoned.remove(&local) => None,
                OKAY | CLSE | WRTE => match state.streams.get_mut(&local) {
                    Some(stream) => stream
                        .take(frame)?
                        .and_then(|okay| answer(OKAY, [local, remote], okay.payload())),
                    None => None,
                },
                // A handset opens a stream to this side only for a forwarded port, and there are none.
                OPEN => answer(CLSE, [0, remote], Vec::new()),
                CNXN | AUTH => return Err(LinkError::Closed.into()),
                STLS => {
                    return Err(AdbError::protocol(phrase(
                        "it switches to TLS during the connection",
                    )));
                }
                _ => None,
            }
        };
        self.changed.notify_all();
        Ok(answer)
    }
}

impl StreamState {
    fn new(flow: Flow) -> Self {
        Self {
            remote: None,
            closed: false,
            queue: VecDeque::new(),
            queued: 0,
            is_read: false,
            flow,
        }
    }

    /// Returns true if the frame belongs to this stream, and the stream is open.
    fn expects(&self, frame: &Frame) -> bool {
        // In a refusal, the handset's number may be 0.
        let is_ours = self.remote.is_none_or(|remote| remote == frame.arg0)
            || (frame.command == CLSE && frame.arg0 == 0);
        is_ours && !self.closed
    }

    /// Processes a frame of this stream. Returns the OKAY to answer with, if one is due now.
    fn take(&mut self, frame: Frame) -> Result<Option<Okay>, AdbError> {
        if !self.expects(&frame) {
            return Ok(None);
        }
        match frame.command {
            OKAY => {
                if frame.arg0 == 0 {
                    return Err(AdbError::protocol(phrase(
                        "it opened a stream without a number",
                    )));
                }
                self.remote = Some(frame.arg0);
                self.flow.acknowledged(&frame.payload)?;
            }
            CLSE => self.closed = true,
            _ => return self.queue(frame.payload),
        }
        Ok(None)
    }

    fn queue(&mut self, payload: Vec<u8>) -> Result<Option<Okay>, AdbError> {
        if self.remote.is_none() {
            return Err(AdbError::protocol(phrase(
                "data arrived before their stream was open",
            )));
        }
        let length = payload.len();
        self.queued += length;
        if self.queue.len() >= MAX_QUEUED {
            return Err(AdbError::protocol(phrase(
                "it sends a stream in pieces that are too small",
            )));
        }
        if length > 0 {
            self.queue.push_back(payload);
        }
        self.flow.came(length, self.waiting())
    }

    /// Returns the next bytes, and the OKAY that is due once they are read.
    fn read(&mut self) -> Option<(Vec<u8>, Option<Okay>)> {
        let bytes = self.queue.pop_front()?;
        self.queued = self.queued.saturating_sub(bytes.len());
        self.is_read = true;
        let okay = self.flow.read(bytes.len(), self.waiting());
        Some((bytes, okay.filter(|_| !self.closed)))
    }

    fn waiting(&self) -> Waiting {
        Waiting {
            queued: self.queued,
            is_read: self.is_read,
        }
    }
}

/// One stream over the connection. Dropping it closes it.
pub(super) struct MuxStream {
    shared: Arc<Shared>,
    id: u32,
}

/// The result of a look into a queue.
enum Taken {
    End,
    Bytes {
        bytes: Vec<u8>,
        /// The OKAY that is due, and the handset's number for the stream.
        okay: Option<(Okay, u32)>,
    },
}

impl MuxStream {
    /// Waits until `ready` returns a value for the stream's state.
    fn wait<T>(&self, mut ready: impl FnMut(&mut StreamState) -> Option<T>) -> Result<T, AdbError> {
        let shared = &self.shared;
        let mut wait = shared.watch.wait();
        shared.watch.check()?;
        let mut heard = wait.began();
        loop {
            let looked = Instant::now();
            {
                let mut state = shared.lock();
                loop {
                    match state.streams.get_mut(&self.id).map(&mut ready) {
                        Some(Some(found)) => return Ok(found),
                        Some(None) => {}
                        None => return Err(LinkError::Closed.into()),
                    }
                    if let Some(ending) = &state.ending {
                        return Err(ending.error());
                    }
                    // Frames of other streams wake this thread too, so the elapsed time decides.
                    let left = TICK.saturating_sub(looked.elapsed());
                    if left.is_zero() {
                        break;
                    }
                    let waited = shared.changed.wait_timeout(state, left);
                    state = waited.unwrap_or_else(PoisonError::into_inner).0;
                    heard = heard.max(state.heard);
                }
            }
            // Without the lock, since the callback may take some time.
            wait.for_bytes(heard)?;
        }
    }

    /// Returns the next bytes; `None` after the handset closed the stream and all bytes were taken.
    ///
    /// # Errors
    /// [`AdbError::Stopped`], or the reason why the connection ended.
    pub fn read(&mut self) -> Result<Option<Vec<u8>>, AdbError> {
        let taken = self.wait(|stream| match stream.read() {
            Some((bytes, okay)) => Some(Taken::Bytes {
                bytes,
                okay: okay.zip(stream.remote),
            }),
            None => stream.closed.then_some(Taken::End),
        })?;
        match taken {
            Taken::End => Ok(None),
            Taken::Bytes { bytes, okay } => {
                if let Some((okay, remote)) = okay {
                    // If sending fails, the connection has ended, which is reported once the queue is empty.
                    let _ = self.shared.send(OKAY, [self.id, remote], &okay.payload());
                }
                Ok(Some(bytes))
            }
        }
    }

    /// Sends bytes, one payload at a time, each as soon as the handset accepts more.
    ///
    /// # Errors
    /// [`AdbError::Stopped`], [`AdbError::Truncated`] if the handset closed the stream, or the reason why the
    /// connection ended.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), AdbError> {
        for piece in bytes.chunks(self.shared.max_payload) {
            let remote = self
                .wait(|stream| {
                    if stream.closed {
                        return Some(None);
                    }
                    let remote = stream.remote.filter(|_| stream.flow.may_send())?;
                    stream.flow.sent(piece.len());
                    Some(Some(remote))
                })?
                .ok_or(AdbError::Truncated)?;
            self.shared.send(WRTE, [self.id, remote], piece)?;
        }
        Ok(())
    }
}

impl Drop for MuxStream {
    fn drop(&mut self) {
        let remote = {
            let mut state = self.shared.lock();
            match state.streams.remove(&self.id) {
                Some(stream) if !stream.closed && state.ending.is_none() => {
                    if stream.remote.is_none() {
                        state.abandoned.insert(self.id);
                    }
                    stream.remote
                }
                _ => None,
            }
        };
        if let Some(remote) = remote {
            // If sending fails, the connection has ended, and the stream with it.
            let _ = self.shared.send(CLSE, [self.id, remote], &[]);
        }
    }
}
