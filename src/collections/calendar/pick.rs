//! Writing marked events.

use std::path::Path;

use crate::collections::Format;
use crate::collections::list::keys_of;
use crate::collections::pick::{explained, missing};
use crate::export::calendars::{self, CalendarFiles, CalendarFilesError};
use crate::phrase;
use crate::vault::Vault;

pub const FORMATS: &[Format] = &[Format::of(phrase("iCalendar (.ics)"), calendars::ALL)];

/// See [`Pick`](crate::collections::Pick).
pub fn pick(vault: &Vault, keys: &[String], into: &Path) -> Result<(), String> {
    let failed = |error: CalendarFilesError| error.to_string();
    let mut events = Vec::new();
    let mut names = Vec::new();
    for key in keys {
        let found = super::one(vault, keys_of(key)).map_err(explained)?;
        let (mut event, own) = found.ok_or_else(missing)?;
        // What is marked is written, whatever the phone had planned for it.
        event.source.deleted = false;
        names.extend(own);
        events.push(event);
    }
    names.sort_by_key(|calendar| calendar.row);
    names.dedup_by_key(|calendar| calendar.row);
    let mut out = CalendarFiles::new(into, names).map_err(failed)?;
    for event in &events {
        out.push_event(event).map_err(failed)?;
    }
    out.finish().map_err(failed)?;
    Ok(())
}
