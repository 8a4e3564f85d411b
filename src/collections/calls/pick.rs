//! Writing marked calls.

use std::io;
use std::path::Path;

use crate::collections::Format;
use crate::collections::pick::{explained, missing};
use crate::export::calls::{self, CallFiles};
use crate::phrase;
use crate::vault::Vault;

pub const FORMATS: &[Format] = &[
    Format::of(phrase("CSV table"), calls::CSV),
    Format::of(phrase("XML for the app SMS Backup & Restore"), calls::XML),
];

/// See [`Pick`](crate::collections::Pick).
pub fn pick(vault: &Vault, keys: &[String], into: &Path) -> Result<(), String> {
    let failed = |error: io::Error| error.to_string();
    let mut out = CallFiles::new(into, keys.len() as u64).map_err(failed)?;
    for key in keys {
        let call = super::with_name(vault, key).map_err(explained)?;
        out.push(&call.ok_or_else(missing)?).map_err(failed)?;
    }
    out.finish().map_err(failed)?;
    Ok(())
}
