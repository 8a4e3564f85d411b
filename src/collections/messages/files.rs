//! Writing the files of messages, if there are any.

use std::io;
use std::path::Path;
use std::sync::Mutex;

use super::conversations::Conversations;
use crate::collections::{Count, Journal, Output, Pace, WriteError, Written, expect, lock};
use crate::export::messages::{self, CSV, FOLDER, Lists, Pages, Parts, XML};
use crate::many::Sorted;
use crate::model::{Collection, FileCopy, Message, Origin, PartFile, RecordBody};
use crate::phrase;
use crate::vault::{DATA, RecordKind, Vault, VaultError};

/// The files, each with its purpose.
pub const FILES: &[(&str, &str)] = &[
    (
        FOLDER,
        phrase("the messages to read: a page for each conversation; begin with index.html"),
    ),
    (CSV, phrase("all messages as a table, to search and print")),
    (
        XML,
        phrase(
            "the same for the app SMS Backup & Restore, which puts them into an Android's list of messages",
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
    expect(vault, pace, Collection::Messages, &[RecordKind::Message])?;
    let mut count = Count::default();
    let mut parts = Parts::new(&data).map_err(failed)?;
    let mut found = Conversations::read_each(vault, |_, message| {
        if message.source.origin != Origin::File {
            count.add(std::slice::from_ref(&message.source), false);
        }
        message.parts.iter().for_each(|part| parts.expect(part));
        pace.look()
    })?;
    count.undecoded = found.undecoded;
    let expect = |message: &Message| message.parts.iter().for_each(|part| parts.expect(part));
    let completed = found.each_completed(vault, expect)?;
    let mut written = Written {
        count,
        ..Written::default()
    };
    let joins = std::mem::take(&mut found.joins);
    let found_only = joins.new;
    written.exported.joins = joins;
    if completed > 0 {
        let note = phrase!(
            "Messages whose pictures the phone did not give, completed from exported files: {completed}."
        );
        written.exported.notes.push(note);
    }
    let all = written.count.living + found_only;
    if all > 0 {
        let order = std::mem::take(&mut found.order);
        let files = pages(vault, &found, order, &mut parts, &data, pace);
        let by_time = files.map_err(|error| match error {
            Failed::Write(error) => error,
            Failed::Disk(error) => failed(error),
        })?;
        let mut lists = Lists::new(&data, all).map_err(failed)?;
        for (_, key) in by_time {
            pace.wrote(1)?;
            let message = found.one(vault, &key)?;
            let names = found.named(&message);
            parts.set_copies(copies(vault, &message)?);
            lists
                .push(&message, names.as_deref(), &parts)
                .map_err(failed)?;
        }
        written
            .losses
            .push((XML.into(), lists.finish().map_err(failed)?));
    }
    Ok(Output {
        written: vec![(Collection::Messages, written)],
        check: Some(Box::new(move |_| {
            let there = if all > 0 {
                messages::read_back(&data)?
            } else {
                0
            };
            Ok(vec![(
                Collection::Messages,
                there.saturating_sub(found_only),
            )])
        })),
    })
}

enum Failed {
    Write(WriteError),
    Disk(io::Error),
}

impl From<WriteError> for Failed {
    fn from(error: WriteError) -> Self {
        Self::Write(error)
    }
}

impl From<VaultError> for Failed {
    fn from(error: VaultError) -> Self {
        Self::Write(error.into())
    }
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// The keys of all messages, the newest first.
type ByTime = Sorted<(std::cmp::Reverse<(Option<i64>, i64)>, String)>;

/// Returns the copies of the handset's files that are parts of a message.
fn copies(vault: &Mutex<Vault>, message: &Message) -> Result<Vec<FileCopy>, VaultError> {
    let mut copies = Vec::new();
    for part in &message.parts {
        if let Some(PartFile::At(path)) = &part.file {
            let record = vault.one(Collection::Files, &FileCopy::key_at(path))?;
            copies.extend(record.and_then(|record| match record.body {
                RecordBody::Copied(copy) => Some(copy),
                _ => None,
            }));
        }
    }
    Ok(copies)
}

/// Writes a page for each conversation.
fn pages(
    vault: &Mutex<Vault>,
    found: &Conversations,
    order: Sorted<super::conversations::Placed>,
    parts: &mut Parts,
    data: &Path,
    pace: &Pace,
) -> Result<ByTime, Failed> {
    let mut by_time = ByTime::default();
    let mut pages = Pages::new(data)?;
    if !parts.is_empty() {
        lock(vault).for_each_raw(Collection::Messages, |request, first, bytes| {
            parts.add(request, first, bytes).map_err(Failed::from)
        })?;
        parts.close()?;
        parts.add_found(data, || pace.look().map_err(Failed::from))?;
    }
    let mut open = None;
    for placed in order {
        let number = placed.conversation as usize;
        let Some(conversation) = found.all.get(number) else {
            continue;
        };
        if open != Some(number) {
            let title = found.title(conversation);
            pages.begin(&title, &conversation.addresses, conversation.count)?;
            open = Some(number);
        }
        let message = found.one(vault, &placed.key)?;
        parts.set_copies(copies(vault, &message)?);
        pages.push(&message, found.author(&message).as_deref(), parts)?;
        by_time.push((std::cmp::Reverse((placed.at, placed.row)), placed.key));
    }
    pages.finish()?;
    Ok(by_time)
}
