//! All details of a file, in reading order.

use chrono::DateTime;

use crate::collections::details::{Details, Fields};
use crate::model::{FileCopy, FileKind, HandsetFile};
use crate::phrase;

pub fn details(file: &HandsetFile, copy: Option<&FileCopy>) -> Details {
    let mut fields = Fields::default();
    fields.add(phrase("Name"), &name_of(file));
    let kind = match file.kind {
        FileKind::Photo => phrase("picture"),
        FileKind::Video => phrase("video"),
        FileKind::Sound => phrase("recording or music"),
        FileKind::Document => phrase("document"),
        FileKind::Data => phrase("list that the owner exported"),
    };
    fields.add(phrase("Type"), kind);
    let time = DateTime::from_timestamp(file.modified, 0);
    let time = time.map(|time| time.format("%-d %b %Y, %H:%M UTC").to_string());
    fields.add(phrase("Changed"), &time.unwrap_or_default());
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
    fields.done()
}

/// Returns the name of a file, for people.
pub fn name_of(file: &HandsetFile) -> String {
    let shown = file.relative.shown();
    shown.rsplit('/').next().unwrap_or(&shown).to_owned()
}
