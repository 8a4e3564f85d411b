//! Writing the files of calls, if there are any.

use std::sync::Mutex;

use crate::collections::{Count, Output, Pace, WriteError, Written, expect, lock};
use crate::export::calls::{CSV, CallFiles, XML, read_back};
use crate::model::Collection;
use crate::phrase;
use crate::vault::{DATA, RecordKind, Vault, VaultError};

/// The files, each with its purpose.
pub const FILES: &[(&str, &str)] = &[
    (
        CSV,
        phrase("the list of calls as a table, to read, search and print"),
    ),
    (
        XML,
        phrase(
            "the same for the app SMS Backup & Restore, which puts them into an Android's list of calls",
        ),
    ),
];

/// Writes the files.
///
/// # Errors
/// As [`crate::collections::Write`].
pub fn write(vault: &Mutex<Vault>, pace: &Pace) -> Result<Output, WriteError> {
    let data = lock(vault).folder().join(DATA);
    let path = data.join(CSV);
    let failed = |error| WriteError::from(VaultError::io(phrase("write"), &path)(error));
    expect(vault, pace, Collection::Calls, &[RecordKind::Call])?;
    let counts = lock(vault).counts(Collection::Calls)?;
    let all = counts.get(&RecordKind::Call).copied().unwrap_or_default();
    let (mut files, mut count) = (None, Count::default());
    count.undecoded = super::each(vault, |_, call| {
        pace.wrote(1)?;
        let files = match &mut files {
            Some(files) => files,
            none => none.insert(CallFiles::new(&data, all).map_err(failed)?),
        };
        files.push(&call).map_err(failed)?;
        count.add(std::slice::from_ref(&call.source), false);
        Ok::<_, WriteError>(())
    })?;
    let mut written = Written {
        count,
        ..Written::default()
    };
    let are_there = files.is_some();
    if let Some(files) = files {
        let losses = files.finish().map_err(failed)?;
        written.losses.push((XML.into(), losses));
    }
    Ok(Output {
        written: vec![(Collection::Calls, written)],
        check: Some(Box::new(move |_| {
            let found = if are_there { read_back(&data)? } else { 0 };
            Ok(vec![(Collection::Calls, found)])
        })),
    })
}
