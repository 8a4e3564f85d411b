//! Writing marked to-dos.

use std::path::Path;

use crate::collections::Format;
use crate::collections::list::keys_of;
use crate::collections::pick::{explained, missing};
use crate::export::calendars::{self, CalendarFiles, CalendarFilesError};
use crate::phrase;
use crate::vault::Vault;

pub const FORMATS: &[Format] = &[Format::of(phrase("iCalendar (.ics)"), calendars::TODOS)];

/// See [`Pick`](crate::collections::Pick).
pub fn pick(vault: &Vault, keys: &[String], into: &Path) -> Result<(), String> {
    let failed = |error: CalendarFilesError| error.to_string();
    let mut out = CalendarFiles::new(into, Vec::new()).map_err(failed)?;
    for key in keys {
        let found = super::one(vault, keys_of(key)).map_err(explained)?;
        let mut todo = found.ok_or_else(missing)?;
        todo.source.deleted = false;
        out.push_todo(&todo).map_err(failed)?;
    }
    out.finish().map_err(failed)?;
    Ok(())
}
