//! Writing marked contacts.

use std::path::Path;

use crate::collections::Format;
use crate::collections::list::keys_of;
use crate::collections::pick::{explained, missing};
use crate::export::contacts::{self as cards, ContactFiles, ContactFilesError};
use crate::phrase;
use crate::vault::{DATA, Vault};

pub const FORMATS: &[Format] = &[
    Format::of(
        phrase("vCard 3.0, one file (imports everywhere)"),
        cards::ALL,
    ),
    Format::of(phrase("vCard 4.0, one file (the fullest)"), cards::ALL_V4),
    Format::of(phrase("vCard 3.0, one file per contact"), cards::SINGLE),
    Format::of(phrase("CSV for Google Contacts"), cards::GOOGLE),
    Format::of(phrase("CSV for Outlook and spreadsheets"), cards::OUTLOOK),
];

/// See [`Pick`](crate::collections::Pick).
pub fn pick(vault: &Vault, keys: &[String], into: &Path) -> Result<(), String> {
    let failed = |error: ContactFilesError| error.to_string();
    let mut out = ContactFiles::new(into).map_err(failed)?;
    let data = vault.folder().join(DATA);
    for key in keys {
        let found = super::one(vault, keys_of(key)).map_err(explained)?;
        let (_, contact) = found.ok_or_else(missing)?;
        let photo = super::photo(&data, &contact);
        out.push(&contact, photo).map_err(failed)?;
    }
    out.finish().map_err(failed)?;
    Ok(())
}
