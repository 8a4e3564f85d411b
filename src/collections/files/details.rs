//! All details of a file, in reading order.

use chrono::DateTime;

use crate::collections::details::{Details, Fields};
use crate::model::{FileCopy, FileKind, HandsetFile};

pub fn details(file: &HandsetFile, copy: Option<&FileCopy>) -> Details {
    let mut fields = Fields::default();
    fields.add("Name", &name_of(file));
    let kind = match file.kind {
        FileKind::Photo => "picture",
        FileKind::Video => "video",
        FileKind::Sound => "recording or music",
        FileKind::Document => "document",
        FileKind::Data => "list that the owner exported",
    };
    fields.add("Type", kind);
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
                fields.add("Remark", "duplicate of another file, saved once");
            }
        }
        None => {
            fields.add("Bytes", &file.size.to_string());
            fields.add("Remark", "not copied; the verdict gives the reason");
        }
    }
    if file.trashed {
        fields.add("Remark", "in the phone's trash");
    }
    fields.done()
}

/// Returns the name of a file, for people.
pub fn name_of(file: &HandsetFile) -> String {
    let shown = file.relative.shown();
    shown.rsplit('/').next().unwrap_or(&shown).to_owned()
}
