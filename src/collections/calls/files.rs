//! Writing the files of calls, if there are any.

use std::sync::Mutex;

use super::Calls;
use crate::collections::{Count, Output, Pace, WriteError, Written, expect, lock};
use crate::export::calls::{CSV, CallFiles, XML, read_back};
use crate::model::{Collection, Origin};
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
    let mut calls = Calls::read(vault)?;
    let all = calls.order.len() as u64;
    let (undecoded, joins) = (calls.undecoded, std::mem::take(&mut calls.joins));
    let (mut files, mut count) = (None, Count::default());
    calls.each(vault, |_, call| {
        pace.wrote(1)?;
        let files = match &mut files {
            Some(files) => files,
            none => none.insert(CallFiles::new(&data, all).map_err(failed)?),
        };
        files.push(&call).map_err(failed)?;
        if call.source.origin != Origin::File {
            count.add(std::slice::from_ref(&call.source), false);
        }
        Ok::<_, WriteError>(())
    })?;
    count.undecoded = undecoded;
    let found_only = joins.new;
    let mut written = Written {
        count,
        ..Written::default()
    };
    written.exported.joins = joins;
    let are_there = files.is_some();
    if let Some(files) = files {
        let losses = files.finish().map_err(failed)?;
        written.losses.push((XML.into(), losses));
    }
    Ok(Output {
        written: vec![(Collection::Calls, written)],
        check: Some(Box::new(move |_| {
            let found = if are_there { read_back(&data)? } else { 0 };
            Ok(vec![(Collection::Calls, found.saturating_sub(found_only))])
        })),
    })
}
