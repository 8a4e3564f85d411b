//! Writing marked files.

use std::path::Path;

use crate::collections::Format;
use crate::collections::list::keys_of;
use crate::collections::pick::{explained, missing};
use crate::phrase;
use crate::system::private;
use crate::vault::Vault;

const FOLDER: &str = "files";

pub const FORMATS: &[Format] = &[Format::of(phrase("the files themselves"), FOLDER)];

/// See [`Pick`](crate::collections::Pick).
pub fn pick(vault: &Vault, keys: &[String], into: &Path) -> Result<(), String> {
    let folder = into.join(FOLDER);
    private::create_folder(&folder).map_err(|error| error.to_string())?;
    for key in keys {
        let found = super::details(vault, &keys_of(key)).map_err(explained)?;
        let details = found.ok_or_else(missing)?;
        let copy = details.copy.ok_or_else(|| {
            phrase("One of the marked files was not copied from the phone. Unmark it.").to_owned()
        })?;
        super::copy_to(&copy, &folder).map_err(|error| error.to_string())?;
    }
    Ok(())
}
