//! All details of a file, in reading order.

use chrono::DateTime;

use crate::collections::details::{Details, Fields, line};
use crate::model::{FileCopy, FileKind, HandsetFile};
use crate::phrase;

pub fn details(file: &HandsetFile, copy: Option<&FileCopy>) -> Details {
    let mut fields = Fields::default();
    fields.add(phrase("Name"), &name_of(file));
    let library = file.library.as_deref();
    let own = library.and_then(|library| library.name.as_deref());
    fields.add(phrase("Original name"), &line(own.unwrap_or_default()));
    let kind = match file.kind {
        FileKind::Photo => phrase("picture"),
        FileKind::Video => phrase("video"),
        FileKind::Sound => phrase("recording or music"),
        FileKind::Document => phrase("document"),
        FileKind::Data => phrase("list that the owner exported"),
    };
    fields.add(phrase("Type"), kind);
    let shown = |seconds| {
        let time = DateTime::from_timestamp(seconds, 0);
        time.map(|time| time.format("%-d %b %Y, %H:%M UTC").to_string())
    };
    let taken = library.and_then(|library| library.taken).and_then(shown);
    match taken {
        Some(taken) => {
            let label = match file.kind {
                FileKind::Sound => phrase("Recorded"),
                FileKind::Photo | FileKind::Video | FileKind::Data | FileKind::Document => {
                    phrase("Taken")
                }
            };
            fields.add(label, &taken);
        }
        None => fields.add(phrase("Changed"), &shown(file.modified).unwrap_or_default()),
    }
    fields.add(phrase("On phone"), &file.path.shown());
    match copy {
        Some(copy) => {
            fields.add(phrase("Copy"), &copy.place);
            fields.add(phrase("Bytes"), &copy.size.to_string());
            fields.add(phrase("SHA-256"), &copy.sha256);
            if copy.duplicate {
                fields.add(
                    phrase("Remark"),
                    phrase("duplicate of another file, saved once"),
                );
            }
        }
        None => {
            fields.add(phrase("Bytes"), &file.size.to_string());
            fields.add(
                phrase("Remark"),
                phrase("not copied; the verdict gives the reason"),
            );
        }
    }
    if file.trashed {
        fields.add(phrase("Remark"), phrase("in the phone's trash"));
    }
    if library.is_some_and(|library| library.hidden) {
        fields.add(phrase("Remark"), HIDDEN);
    }
    fields.done()
}

/// What is said of a photo that its owner hid from the others.
pub const HIDDEN: &str = phrase("hidden on the phone");

/// Returns the name of a file, for people.
pub fn name_of(file: &HandsetFile) -> String {
    let shown = file.relative.shown();
    shown.rsplit('/').next().unwrap_or(&shown).to_owned()
}
