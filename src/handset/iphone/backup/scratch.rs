//! A private folder for copies of databases. It is removed when the backup is closed.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rand_core::{OsRng, RngCore as _};

use crate::system::private;

/// A folder that only the user of this computer can enter.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    next: AtomicU64,
}

impl Scratch {
    /// Creates the folder among the system's temporary files.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("lifeboat-{:016x}", OsRng.next_u64()));
        private::create_new_folder(&path)?;
        Ok(Self {
            path,
            next: AtomicU64::new(0),
        })
    }

    /// Creates a new folder inside.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn folder(&self) -> io::Result<PathBuf> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(number.to_string());
        private::create_new_folder(&path)?;
        Ok(path)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}
