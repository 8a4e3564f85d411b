//! A view into the journal of a rescue that is running. The journal is locked for other connections while it is written,
//! so viewers of the same program use the engine's own connection, between two commits.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use crate::vault::{Vault, VaultError};

/// Access to the journal of one rescue. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Window(Arc<Mutex<Weak<Mutex<Vault>>>>);

impl Window {
    /// Keeps viewers out until the guard is dropped, while the engine opens the journal.
    pub(super) fn hold(&self) -> impl Drop + '_ {
        self.lock()
    }

    /// Lets viewers in.
    pub(super) fn open(&self, vault: &Arc<Mutex<Vault>>) {
        *self.lock() = Arc::downgrade(vault);
    }

    /// Waits until no viewer uses the journal, and returns it to its only owner. `None`: another part of the engine
    /// still has it.
    pub(super) fn close(&self, vault: Arc<Mutex<Vault>>) -> Option<Vault> {
        // A viewer holds this lock for as long as it has the journal.
        let mut shown = self.lock();
        *shown = Weak::new();
        let vault = Arc::into_inner(vault)?;
        Some(vault.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the journal of the rescue in `folder`: over the engine's connection, or over one of its own while no part
    /// of the rescue is running.
    ///
    /// # Errors
    /// As [`Vault::open_to_read`], and those of `read`.
    pub fn read<T>(
        &self,
        folder: &Path,
        read: impl FnOnce(&Vault) -> Result<T, VaultError>,
    ) -> Result<T, VaultError> {
        let shown = self.lock();
        match shown.upgrade() {
            Some(vault) => read(&vault.lock().unwrap_or_else(PoisonError::into_inner)),
            None => read(&Vault::open_to_read(folder)?),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Weak<Mutex<Vault>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
