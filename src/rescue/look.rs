//! A read-only view of a rescue folder, finished or not. The content comes from the folder's journal; nothing is
//! written.
//!
//! The journal is opened for each query and released in between, so that viewing an unfinished rescue does not prevent
//! it from being resumed. All returned texts are safe to show on a terminal.

use std::path::{Path, PathBuf};

use super::window::Window;
use crate::collections::list::keys_of;
use crate::collections::{
    contacts, pick,
    raw::{raw, tell_accounts},
    room,
};
use crate::model::{Advice as _, Collection, Stop};
use crate::vault::{Vault, VaultError};

pub use crate::collections::Format;
pub use crate::collections::details::{Details, Field};
pub use crate::collections::list::{Line, Listing, Overview, Repeats, Sheet, When};
pub use crate::collections::pick::formats;
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
        self.read(|vault| {
            let keys = keys_of(key);
            let mut details = (room(of).details)(vault, &keys)?;
            if let (Some(details), true) = (&mut details, keys.len() > 1) {
                let mut parts = Vec::new();
                for key in keys {
                    parts.extend((room(of).details)(vault, &[key])?);
                }
                details.tell_origins(&parts);
            }
            Ok(details)
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Vault) -> Result<T, VaultError>) -> Result<T, VaultError> {
        self.window.read(&self.folder, read)
    }

    /// Returns what the phone sent about a record, and the record as the vault keeps it.
    ///
    /// # Errors
    /// As [`Rescued::overview`].
    pub fn raw(&self, of: Collection, key: &str) -> Result<String, VaultError> {
        self.read(|vault| raw(vault, of, key))
    }

    /// Notes at each value which of the phone's accounts have it. Returns false if there is nothing to note. This takes
    /// longer than reading the details, so it ends early once `is_over` returns true.
    ///
    /// # Errors
    /// As [`Rescued::overview`].
    pub fn tell_accounts(
        &self,
        of: Collection,
        key: &str,
        fields: &mut [Field],
        is_over: &mut dyn FnMut() -> bool,
    ) -> Result<bool, VaultError> {
        self.read(|vault| tell_accounts(vault, of, key, fields, is_over))
    }

    /// Returns the texts for a contact's QR code, the fullest first, and what each has.
    ///
    /// # Errors
    /// As [`Rescued::overview`].
    pub fn for_qr(&self, key: &str) -> Result<Vec<(String, &'static str)>, VaultError> {
        let contact = self.read(|vault| contacts::one(vault, keys_of(key)))?;
        Ok(contact.map_or(Vec::new(), |(_, contact)| contacts::qr::texts(&contact)))
    }

    /// Writes some records into a folder in one format. Returns the new file or folder.
    ///
    /// # Errors
    /// What went wrong, and what to do about it.
    pub fn export(
        &self,
        of: Collection,
        keys: &[String],
        format: Format,
        folder: &Path,
    ) -> Result<PathBuf, String> {
        self.read(|vault| Ok(pick::export(vault, of, keys, format, folder)))
            .unwrap_or_else(|error| Err(error.explained()))
    }

    /// The folder of the rescue.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
