//! The lines of the list of files.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate};

use super::details::name_of;
use crate::collections::details::line;
use crate::collections::list::{Ended, GoOn, Line, Listing, Sheet};
use crate::model::{Collection, FileKind, HandsetFile, RecordBody, grouped, size};
use crate::phrase;
use crate::vault::{RecordKind, Vault};

pub static SHEET: Sheet = Sheet {
    search: phrase("name"),
    none: phrase("No pictures, videos or recordings were read. See the verdict for the reason."),
    share: 10,
    is_month: false,
    fill,
};

/// Fills the list in the order in which files are copied: the most precious kind first, and the newest first within
/// each.
fn fill(journal: &Vault, go_on: GoOn<'_>, listing: &mut Listing) -> Result<(), Ended> {
    let (mut files, mut copied) = (Vec::new(), HashMap::new());
    let kinds = [RecordKind::File, RecordKind::Copied];
    journal.for_each_record(Collection::Files, &kinds, |record| {
        go_on()?;
        match record.body {
            RecordBody::File(file) => files.push(file),
            RecordBody::Copied(copy) => {
                copied.insert(copy.path.clone(), (copy.size, copy.modified));
            }
            _ => {}
        }
        Ok::<_, Ended>(())
    })?;
    files.sort_by_cached_key(HandsetFile::order);
    let (mut bytes, mut lacking) = (0u64, 0);
    for file in &files {
        let copy = copied.get(&file.path);
        let is_safe = copy
            .is_some_and(|(size, modified)| *modified == file.modified && file.is_whole_at(*size));
        match is_safe {
            true => bytes = bytes.saturating_add(file.size),
            false => lacking += 1,
        }
        listing.lines.push(file_line(file, is_safe));
    }
    listing.about = format!(", {}", size(bytes));
    if lacking > 0 {
        listing.more = phrase!("{} not copied", grouped(lacking));
    }
    Ok(())
}

fn file_line(file: &HandsetFile, is_safe: bool) -> Line {
    let kind = match file.kind {
        FileKind::Photo => "",
        FileKind::Video => phrase("video"),
        FileKind::Sound => phrase("sound"),
        FileKind::Data => phrase("list"),
        FileKind::Document => phrase("document"),
    };
    let state = match (is_safe, file.trashed) {
        (false, _) => phrase("NOT COPIED"),
        (true, true) => phrase("thrown away"),
        (true, false) => kind,
    };
    let day = day(file.modified).map(|day| day.format("%-d %b %Y").to_string());
    let day = day.unwrap_or_default();
    Line {
        key: file.key().into(),
        name: line(&name_of(file)).into(),
        remark: match state {
            "" => day.into(),
            state => format!("{state}, {day}").into(),
        },
        aside: !is_safe,
        ..Line::default()
    }
}

/// Returns the day on which a file was changed, in UTC.
fn day(seconds: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp(seconds, 0).map(|time| time.date_naive())
}
