//! A read-only view of a rescue folder, finished or not. The content comes from the folder's journal; nothing is
//! written.
//!
//! The journal is opened for each query and released in between, so that viewing an unfinished rescue does not prevent
//! it from being resumed. All returned texts are safe to show on a terminal.

use std::path::{Path, PathBuf};

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
}

impl Rescued {
    /// Checks that the folder is a rescue that can be viewed.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`].
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        Vault::open_to_read(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
        })
    }

    /// Reads the lists. Once `stop` is set, returns the lines read so far.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`], and if a record is damaged.
    pub fn overview(&self, stop: &Stop) -> Result<Overview, VaultError> {
        Overview::read(&Vault::open_to_read(&self.folder)?, stop)
    }

    /// Returns all details of the record with this key ([`Line::key`]). `None`: no such record.
    ///
    /// # Errors
    /// As [`Rescued::overview`].
    pub fn details(&self, of: Collection, key: &str) -> Result<Option<Details>, VaultError> {
        (room(of).details)(&Vault::open_to_read(&self.folder)?, &keys_of(key))
    }
}
