//! What a rescue folder holds, to be looked at.

use std::path::Path;

use crate::link::Stop;
use crate::vault::{Vault, VaultError};

/// A rescue that is looked at.
pub struct Rescued(#[allow(dead_code)] Vault);

/// The lines of its lists.
#[derive(Debug, Default)]
pub struct Shelf {}

/// A label and a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub label: String,
    pub value: String,
}

impl Rescued {
    pub fn open(folder: &Path) -> Result<Self, VaultError> {
        Ok(Self(Vault::open_to_read(folder)?))
    }
    pub fn shelf(&self, _stop: &Stop) -> Result<Shelf, VaultError> {
        Ok(Shelf {})
    }
    pub fn contact(&self, _key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        Ok(None)
    }
    pub fn event(&self, _key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        Ok(None)
    }
    pub fn todo(&self, _key: &str) -> Result<Option<Vec<Field>>, VaultError> {
        Ok(None)
    }
}
