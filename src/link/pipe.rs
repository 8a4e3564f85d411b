//! A link in memory: two ends, each of which reads what the other writes.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Link, LinkError, LinkRead, LinkWrite};

/// Maximum number of bytes in transit in one direction: a writer waits beyond that, as on a real link.
const CAPACITY: usize = 1 << 20;

/// Returns the two ends of one link.
pub fn pair() -> (Link, Link) {
    let (there, back) = (Arc::new(Way::default()), Arc::new(Way::default()));
    let end = |from: &Arc<Way>, to: &Arc<Way>| Link {
        reader: Box::new(Reader(Arc::clone(from))),
        writer: Box::new(Writer {
            to: Arc::clone(to),
            from: Arc::clone(from),
        }),
        name: "memory".into(),
    };
    (end(&back, &there), end(&there, &back))
}

/// One direction.
#[derive(Default)]
struct Way {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: VecDeque<u8>,
    closed: bool,
}

impl Way {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// Waits until `ready` is true; `None` if `timeout` has passed.
    fn wait_until(
        &self,
        timeout: Duration,
        ready: impl Fn(&State) -> bool,
    ) -> Option<MutexGuard<'_, State>> {
        let end = Instant::now() + timeout;
        let mut state = self.lock();
        while !ready(&state) {
            let left = end.checked_duration_since(Instant::now())?;
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(state)
    }
}

struct Reader(Arc<Way>);

impl LinkRead for Reader {
    fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
        let ready = |state: &State| !state.bytes.is_empty() || state.closed;
        let mut state = self
            .0
            .wait_until(timeout, ready)
            .ok_or(LinkError::TimedOut)?;
        if state.bytes.is_empty() {
            return Err(LinkError::Closed);
        }
        let mut count = 0;
        while count < buffer.len() {
            let (head, _) = state.bytes.as_slices();
            let n = head.len().min(buffer.len() - count);
            if n == 0 {
                break;
            }
            buffer[count..count + n].copy_from_slice(&head[..n]);
            state.bytes.drain(..n);
            count += n;
        }
        self.0.changed.notify_all();
        Ok(count)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.close();
    }
}

struct Writer {
    to: Arc<Way>,
    from: Arc<Way>,
}

impl LinkWrite for Writer {
    fn write_all(&mut self, mut bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
        while !bytes.is_empty() {
            let ready = |state: &State| state.bytes.len() < CAPACITY || state.closed;
            let mut state = self
                .to
                .wait_until(timeout, ready)
                .ok_or(LinkError::TimedOut)?;
            if state.closed {
                return Err(LinkError::Closed);
            }
            let n = bytes.len().min(CAPACITY - state.bytes.len());
            state.bytes.extend(&bytes[..n]);
            bytes = &bytes[n..];
            self.to.changed.notify_all();
        }
        Ok(())
    }

    fn close(&mut self) {
        self.to.close();
        self.from.close();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.to.close();
    }
}
