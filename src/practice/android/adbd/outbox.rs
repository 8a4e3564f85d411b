//! Frames waiting to be sent to the client. adbd does not limit their number, so its reading never waits for its
//! writing (AOSP `packages/modules/adb`, `daemon/usb.cpp`, `write_requests_`). If both sides waited to write, they
//! would wait for ever.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::{CancelWrites, Gone};
use crate::link::LinkWrite;

/// Time that a client may leave the link full before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Frames in sending order.
#[derive(Default)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Headers and payloads, which are separate transfers on USB.
    frames: VecDeque<[Vec<u8>; 2]>,
    /// Number of clients that have introduced themselves.
    clients: u32,
    /// No new frames are accepted. The link ends after the queued frames.
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

    /// Handles a new client: discards the frames for the previous one.
    pub fn begin_anew(&self, cancel_writes: &CancelWrites) {
        let mut queue = self.lock();
        queue.frames.clear();
        queue.clients += 1;
        // Called under the lock, so that no frame for the new client is discarded.
        cancel_writes();
    }

    pub fn is_closing(&self) -> bool {
        self.lock().closing
    }

    /// Ends the link after all queued frames are sent.
    pub fn close(&self) {
        self.lock().closing = true;
        self.changed.notify_all();
    }

    /// Ends the link immediately.
    pub fn cut(&self) {
        let mut queue = self.lock();
        queue.frames.clear();
        queue.closing = true;
        self.changed.notify_all();
    }

    /// Sends frames at the handset's speed and with its faults, until the link ends.
    pub fn send_all(self: Arc<Self>, connection: &Connection, mut writer: Box<dyn LinkWrite>) {
        let mut free_at = Instant::now();
        while let Some((frame, clients)) = self.next() {
            match send(connection, writer.as_mut(), &mut free_at, &frame) {
                Ok(()) => {}
                // Cancelled because of a new client, which continues on the same link.
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
