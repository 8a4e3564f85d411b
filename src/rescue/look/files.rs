//! The handset's files (pictures, videos, recordings and exported lists) and the state of their copies.

use std::collections::HashMap;

use chrono::DateTime;

use super::{Field, Fields, FileLine, line};
use crate::model::{Collection, FileCopy, FileKind, HandsetFile, RecordBody};
use crate::vault::{RecordKind, Vault, VaultError};

/// Returns the lines of all files, in the order in which they are copied. An error from `go_on` ends the reading early.
pub fn lines<E: From<VaultError>>(
    journal: &Vault,
    go_on: impl Fn() -> Result<(), E>,
) -> Result<Vec<FileLine>, E> {
    let (mut files, mut copied) = (Vec::new(), HashMap::new());
    let kinds = [RecordKind::File, RecordKind::Copied];
    journal.for_each_record(Collection::Photos, &kinds, |record| {
        go_on()?;
        match record.body {
            RecordBody::File(file) => files.push(file),
            RecordBody::Copied(copy) => {
                copied.insert(copy.path.clone(), (copy.size, copy.modified));
            }
            _ => {}
        }
        Ok::<_, E>(())
    })?;
    files.sort_by_cached_key(HandsetFile::order);
    let is_safe = |file: &HandsetFile| {
        let copy = copied.get(&file.path);
        copy.is_some_and(|(size, modified)| *modified == file.modified && file.is_whole_at(*size))
    };
    Ok(files
        .iter()
        .map(|file| FileLine {
            key: file.key().into(),
            name: line(&name_of(file)).into(),
            day: day(file.modified),
            size: file.size,
            kind: file.kind,
            trashed: file.trashed,
            safe: is_safe(file),
        })
        .collect())
}

/// Returns the details of a file; the first is its name.
pub fn fields(file: &HandsetFile, copy: Option<&FileCopy>) -> Vec<Field> {
    let mut fields = Fields::default();
    fields.add("Name", &name_of(file));
    let kind = match file.kind {
        FileKind::Photo => "picture",
        FileKind::Video => "video",
        FileKind::Sound => "recording or music",
        FileKind::Document => "document",
        FileKind::Data => "list that the owner had exported",
    };
    fields.add("What", kind);
    let time = DateTime::from_timestamp(file.modified, 0);
    let time = time.map(|time| time.format("%-d %b %Y, %H:%M UTC").to_string());
    fields.add("Changed", &time.unwrap_or_default());
    fields.add("On phone", &file.path.shown());
    match copy {
        Some(copy) => {
            fields.add("Copy", &copy.place);
            fields.add("Bytes", &copy.size.to_string());
            fields.add("SHA-256", &copy.sha256);
            if copy.duplicate {
                fields.add("Remark", "the same bytes as another file, stored once");
            }
        }
        None => {
            fields.add("Bytes", &file.size.to_string());
            fields.add("Remark", "not copied: Verdict says why");
        }
    }
    if file.trashed {
        fields.add("Remark", "thrown away on the phone, and still there");
    }
    fields.0
}

fn name_of(file: &HandsetFile) -> String {
    let shown = file.relative.shown();
    shown.rsplit('/').next().unwrap_or(&shown).to_owned()
}

/// Returns the day on which a file was changed, in UTC.
fn day(seconds: i64) -> Option<chrono::NaiveDate> {
    DateTime::from_timestamp(seconds, 0).map(|time| time.date_naive())
}
