//! Writes one card per file on a separate thread: creating a file waits for the disk, formatting a card does not.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::{ContactFilesError, Result, at};
use crate::system::private::create_file;

/// Maximum number of cards waiting to be written.
const WAITING: usize = 256;

/// Writer of the single cards.
#[derive(Debug)]
pub struct Singles {
    cards: SyncSender<(PathBuf, Vec<u8>)>,
    thread: JoinHandle<Result<()>>,
}

impl Singles {
    /// Starts the thread.
    ///
    /// # Errors
    /// If the system can't start a thread.
    pub fn start(folder: &Path) -> Result<Self> {
        let (cards, waiting) = sync_channel::<(PathBuf, Vec<u8>)>(WAITING);
        let write = move || {
            for (path, card) in waiting {
                at(
                    &path,
                    create_file(&path).and_then(|mut file| file.write_all(&card)),
                )?;
            }
            Ok(())
        };
        let thread = at(
            folder,
            thread::Builder::new()
                .name("single cards".into())
                .spawn(write),
        )?;
        Ok(Self { cards, thread })
    }

    /// Passes on a card. If the thread has failed, [`Singles::finish`] returns the error.
    pub fn push(&self, path: PathBuf, card: &[u8]) {
        let _ = self.cards.send((path, card.to_vec()));
    }

    /// Waits until all cards are written.
    ///
    /// # Errors
    /// If a card could not be written.
    pub fn finish(self) -> Result<()> {
        drop(self.cards);
        self.thread.join().unwrap_or(Err(ContactFilesError::Thread))
    }
}
