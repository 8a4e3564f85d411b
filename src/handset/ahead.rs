//! Reading ahead on a thread of its own, while earlier bytes are hashed and written.

use std::io::{self, Write};
use std::sync::mpsc::{self, SyncSender};

/// How many pieces may wait to be taken: so much is read ahead at most.
const WAITING: usize = 8;

/// Reads on a thread of its own while what came before is taken by `sink`: hashing and writing then cost no time on the
/// link. A `sink` that takes no more fails the next write of `read`.
pub fn read_ahead<T: Send>(
    sink: &mut dyn Write,
    read: impl FnOnce(&mut dyn Write) -> T + Send,
) -> T {
    let (filled, pieces) = mpsc::sync_channel(WAITING);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || read(&mut Pieces(filled)));
        for piece in &pieces {
            if sink.write_all(&piece).is_err() {
                break;
            }
        }
        drop(pieces);
        match reading.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

struct Pieces(SyncSender<Vec<u8>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.send(bytes.to_vec()) {
            Ok(()) => Ok(bytes.len()),
            Err(_) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
