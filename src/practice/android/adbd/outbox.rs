//! What waits to go out to the client. adbd puts no bound on it, so that its reading never waits for its writing
//! (AOSP `packages/modules/adb`, `daemon/usb.cpp`, `write_requests_`): two sides that both wait to write would wait for
//! ever.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::{CancelWrites, Gone};
use crate::link::LinkWrite;

/// How long a client may leave the link full before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Frames in the order in which they go out.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Headers and payloads, which are transfers of their own on USB.
    frames: VecDeque<[Vec<u8>; 2]>,
    /// How many clients introduced themselves so far.
    clients: u32,
    /// Nothing is taken any more; the link ends after what waits.
    closing: bool,
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, header: Vec<u8>, payload: Vec<u8>) -> Result<(), Gone> {
        let mut queue = self.lock();
        if queue.closing {
            return Err(Gone);
        }
        queue.frames.push_back([header, payload]);
        self.changed.notify_all();
        Ok(())
    }

    /// A new client introduced itself: what the last one left is let go.
    pub fn begin_anew(&self, cancel_writes: &CancelWrites) {
        let mut queue = self.lock();
        queue.frames.clear();
        queue.clients += 1;
        // Under the lock, so that nothing for the new client is let go.
        cancel_writes();
    }

    pub fn is_closing(&self) -> bool {
        self.lock().closing
    }

    /// The link is to end once all that waits has gone out.
    pub fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_all();
    }

    /// The link ends now.
    pub fn cut(&self) {
        let mut queue = self.lock();
        queue.frames.clear();
        queue.closing = true;
        self.changed.notify_all();
    }

    /// Sends what comes, at the handset's pace and with its faults, until the link ends.
    pub fn send_all(self: Arc<Self>, connection: &Connection, mut writer: Box<dyn LinkWrite>) {
        let mut free_at = Instant::now();
        while let Some((frame, clients)) = self.next() {
            match send(connection, writer.as_mut(), &mut free_at, &frame) {
                Ok(()) => {}
                // Let go for the sake of a new client, which goes on over the same link.
                Err(Gone) if self.lock().clients != clients => {}
                Err(Gone) => break,
            }
        }
        self.cut();
        writer.close();
    }

    fn next(&self) -> Option<([Vec<u8>; 2], u32)> {
        let mut queue = self.lock();
        loop {
            if let Some(frame) = queue.frames.pop_front() {
                return Some((frame, queue.clients));
            }
            if queue.closing {
                return None;
            }
            let waited = self.changed.wait(queue);
            queue = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

fn send(
    connection: &Connection,
    writer: &mut dyn LinkWrite,
    free_at: &mut Instant,
    frame: &[Vec<u8>; 2],
) -> Result<(), Gone> {
    let device = &connection.device;
    let length = frame.iter().map(Vec::len).sum();
    device.pace(free_at, length);
    if connection.is_gone() {
        return Err(Gone);
    }
    let fate = device.charge(length as u64);
    if let Some(silence) = fate.silence {
        std::thread::sleep(silence);
    }
    let mut left = fate.cut.map_or(length, |cut| (cut as usize).min(length));
    for part in frame {
        let keep = left.min(part.len());
        left -= keep;
        if keep > 0 && writer.write_all(&part[..keep], PATIENCE).is_err() {
            return Err(Gone);
        }
    }
    match fate.cut {
        Some(_) => Err(Gone),
        None => Ok(()),
    }
}
