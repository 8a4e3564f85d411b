//! A read-only view of a rescue folder, finished or not. The content comes from the folder's journal; nothing is
//! written.
//!
//! The journal is opened for each query and released in between, so that viewing an unfinished rescue does not prevent
//! it from being resumed. All returned texts are safe to show on a terminal.

use std::path::{Path, PathBuf};

use super::window::Window;
use crate::collections::list::keys_of;
use crate::collections::room;
use crate::model::{Collection, Stop};
use crate::vault::{Vault, VaultError};

pub use crate::collections::details::{Details, Field};
pub use crate::collections::list::{Line, Listing, Overview, Repeats, Sheet, When};
pub use crate::collections::search_key::Needle;

/// A rescue that can be viewed.
#[derive(Debug)]
pub struct Rescued {
    folder: PathBuf,
    /// Of a rescue that this program runs.
    window: Window,
}

impl Rescued {
    /// Checks that the folder is a rescue that can be viewed.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`].
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        Self::open_through(folder, Window::default())
    }

    /// As [`Self::open`], for a rescue that this program may be running.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_through(folder: &Path, window: Window) -> Result<Self, VaultError> {
        window.read(folder, |_| Ok(()))?;
        Ok(Self {
            folder: folder.to_owned(),
            window,
        })
    }

    /// Reads the lists. Once `stop` is set, returns the lines read so far.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`], and if a record is damaged.
    pub fn overview(&self, stop: &Stop) -> Result<Overview, VaultError> {
        self.read(|vault| Overview::read(vault, stop))
    }

    /// Returns all details of the record with this key ([`Line::key`]). `None`: no such record.
    ///
    /// # Errors
    /// As [`Rescued::overview`].
    pub fn details(&self, of: Collection, key: &str) -> Result<Option<Details>, VaultError> {
        self.read(|vault| (room(of).details)(vault, &keys_of(key)))
    }

    fn read<T>(&self, read: impl FnOnce(&Vault) -> Result<T, VaultError>) -> Result<T, VaultError> {
        self.window.read(&self.folder, read)
    }
}
