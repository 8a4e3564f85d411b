//! A connection and its streams, shared by their threads (AOSP `packages/modules/adb`, `sockets.cpp`).

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::super::device::Device;
use super::super::power::Phase;
use super::super::wire::{self, Header};
use super::outbox::Outbox;
use super::{CancelWrites, Gone};
use crate::practice::device::PracticeDevice as _;

/// State shared by all threads of a connection.
pub(in super::super) struct Connection {
    pub device: Arc<Device>,
    pub(super) cancel_writes: CancelWrites,
    pub(super) out: Arc<Outbox>,
    streams: Mutex<HashMap<u32, Arc<Stream>>>,
    /// Maximum payload that both sides accept, in bytes.
    pub payload: AtomicU32,
    pub summed: AtomicBool,
    pub delayed_ack: AtomicBool,
    /// Number of restarts of the handset before this connection began.
    boots: u32,
}

impl Connection {
    pub fn new(device: &Arc<Device>, cancel_writes: CancelWrites) -> Self {
        Self {
            device: Arc::clone(device),
            cancel_writes,
            out: Arc::default(),
            streams: Mutex::default(),
            payload: AtomicU32::new(4096),
            summed: AtomicBool::new(true),
            delayed_ack: AtomicBool::new(false),
            boots: device.boots(),
        }
    }

    /// True if the handset is dead, or was restarted since the connection began. A connection that is closed by a
    /// restart still sends its queued frames.
    pub fn is_gone(&self) -> bool {
        let device = &self.device;
        let is_restarted = || device.boots() != self.boots || device.phase() == Phase::Gone;
        device.is_dead() || (is_restarted() && !self.out.is_closing())
    }

    pub fn lock_streams(&self) -> MutexGuard<'_, HashMap<u32, Arc<Stream>>> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `act` on the stream of a frame and returns the client's number for the stream.
    pub fn with_stream(&self, header: Header, act: impl FnOnce(&Stream)) -> Option<u32> {
        let stream = self.lock_streams().get(&header.arg1).cloned()?;
        (stream.remote == header.arg0 || header.arg0 == 0).then(|| act(&stream))?;
        Some(stream.remote)
    }

    /// Forgets a stream. Returns true if it was known.
    pub fn forget(&self, local: u32) -> bool {
        self.lock_streams().remove(&local).is_some()
    }

    /// Acknowledges `bytes` of a stream. Without `delayed_ack`, the number is not transmitted.
    pub fn okay(&self, local: u32, remote: u32, bytes: i32) -> Result<(), Gone> {
        match self.delayed_ack.load(Ordering::SeqCst) {
            true => self.send(wire::OKAY, local, remote, &bytes.to_le_bytes()),
            false => self.send(wire::OKAY, local, remote, &[]),
        }
    }

    pub fn send(&self, command: u32, arg0: u32, arg1: u32, payload: &[u8]) -> Result<(), Gone> {
        let summed = self.summed.load(Ordering::SeqCst);
        let header = wire::header(command, arg0, arg1, payload, summed);
        self.out.push(header.to_vec(), payload.to_vec())
    }

    /// Ends the link after the queued frames, as if the cable were pulled then.
    pub fn close(&self) {
        self.out.close();
        self.end_streams();
    }

    pub fn end_streams(&self) {
        let all = std::mem::take(&mut *self.lock_streams());
        for stream in all.values() {
            stream.end();
        }
    }
}

/// One stream, shared by its two threads.
pub(in super::super) struct Stream {
    local: u32,
    remote: u32,
    state: Mutex<StreamState>,
    changed: Condvar,
}

struct StreamState {
    credit: Credit,
    ended: bool,
    incoming: VecDeque<u8>,
}

/// Permission to send.
#[derive(Clone, Copy)]
enum Credit {
    /// One `WRTE`, if the previous one was acknowledged.
    Once(bool),
    /// With `delayed_ack`: another `WRTE` is allowed while credit is left. The last one may exceed the credit
    /// (`sockets.cpp`, `available_send_bytes`).
    Bytes(i64),
}

impl Credit {
    fn is_there(self) -> bool {
        match self {
            Self::Once(ready) => ready,
            Self::Bytes(left) => left > 0,
        }
    }

    fn spend(&mut self, length: usize) {
        match self {
            Self::Once(ready) => *ready = false,
            Self::Bytes(left) => *left -= length as i64,
        }
    }
}

impl Stream {
    /// `window`: number of bytes that the client accepts before it acknowledges; `None` without `delayed_ack`.
    pub fn new(local: u32, remote: u32, window: Option<u32>) -> Self {
        let credit = match window {
            Some(window) => Credit::Bytes(window.into()),
            None => Credit::Once(true),
        };
        Self {
            local,
            remote,
            state: Mutex::new(StreamState {
                credit,
                ended: false,
                incoming: VecDeque::new(),
            }),
            changed: Condvar::new(),
        }
    }

    fn change(&self, act: impl FnOnce(&mut StreamState)) {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    /// Handles an acknowledgement: of this number of bytes, or, without `delayed_ack`, of the one `WRTE`.
    pub fn acknowledged(&self, bytes: Option<i32>) {
        self.change(|state| match (&mut state.credit, bytes) {
            (Credit::Once(ready), _) => *ready = true,
            (Credit::Bytes(left), bytes) => *left += i64::from(bytes.unwrap_or_default()),
        });
    }

    /// Stores data for the service. Data beyond a limit is discarded, because no service here reads more than a
    /// request.
    pub fn deliver(&self, payload: &[u8]) {
        self.change(|state| {
            if state.incoming.len() <= wire::LARGEST_PAYLOAD {
                state.incoming.extend(payload);
            }
        });
    }

    pub fn end(&self) {
        self.change(|state| state.ended = true);
    }

    /// Waits for `ready`; returns [`Gone`] if the stream has ended.
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

/// A stream as its service uses it. Dropping it closes the stream.
pub(in super::super) struct Channel {
    pub connection: Arc<Connection>,
    pub stream: Arc<Stream>,
}

impl Channel {
    /// Sends bytes, one `WRTE` at a time, each after the previous one was acknowledged.
    pub fn send(&self, bytes: &[u8]) -> Result<(), Gone> {
        let most = self.connection.payload.load(Ordering::SeqCst).max(1) as usize;
        for piece in bytes.chunks(most) {
            {
                let free = |state: &StreamState| state.credit.is_there() && !state.ended;
                self.stream.wait(free)?.credit.spend(piece.len());
            }
            let (local, remote) = (self.stream.local, self.stream.remote);
            self.connection.send(wire::WRTE, local, remote, piece)?;
        }
        Ok(())
    }

    /// Reads exactly `count` bytes from the client.
    pub fn receive(&self, count: usize) -> Result<Vec<u8>, Gone> {
        let mut state = self.stream.wait(|state| state.incoming.len() >= count)?;
        Ok(state.incoming.drain(..count).collect())
    }

    /// True if the client closed the stream or the link.
    pub fn is_gone(&self) -> bool {
        let state = self.stream.state.lock();
        state.unwrap_or_else(PoisonError::into_inner).ended
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        // adbd reads from its service, and so notices its end, only while it may send (`sockets.cpp`,
        // `local_socket_event_func`). Without delayed_ack, the last WRTE is acknowledged by then.
        if self.stream.wait(|state| state.credit.is_there()).is_ok()
            && self.connection.forget(self.stream.local)
        {
            let (local, remote) = (self.stream.local, self.stream.remote);
            // On a link that is gone, the message is not needed.
            let _ = self.connection.send(wire::CLSE, local, remote, &[]);
        }
    }
}
