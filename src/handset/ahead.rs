//! Reads ahead on a separate thread while earlier bytes are hashed and written.

use std::io::{self, Write};
use std::sync::mpsc::{self, SyncSender};

/// Capacity of the queue between the two threads: the largest number of pieces that are read ahead.
const WAITING: usize = 8;

/// Runs `read` on a separate thread while `sink` takes the earlier bytes, so that hashing and writing cost no time on
/// the link. After `sink` has failed, the next write of `read` fails too.
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
