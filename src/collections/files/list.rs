//! The lines of the list of files.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate};

use super::details::{HIDDEN, name_of};
use crate::collections::details::line;
use crate::collections::list::{Ended, GoOn, Line, Listing, Sheet};
use crate::collections::search_key::SearchText;
use crate::model::{Collection, FileKind, HandsetFile, RecordBody, counted, grouped, size};
use crate::phrase;
use crate::vault::{RecordKind, Vault};

pub static SHEET: Sheet = Sheet {
    unit: "",
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
    let (mut bytes, mut lacking, mut trashed) = (0u64, 0, 0);
    let mut kinds = [0u64; 5];
    for file in &files {
        let copy = copied.get(&file.path);
        let is_safe = copy
            .is_some_and(|(size, modified)| *modified == file.modified && file.is_whole_at(*size));
        match is_safe {
            true => {
                bytes = bytes.saturating_add(file.size);
                trashed += u64::from(file.trashed);
                if let Some(kind) = kinds.get_mut(file.kind as usize) {
                    *kind += 1;
                }
            }
            false => lacking += 1,
        }
        let mut line = file_line(file, is_safe);
        line.places = listing.places(&[folder_of(file)]);
        listing.lines.push(line);
    }
    listing.about = format!(", {}", size(bytes));
    let [photos, videos, sounds, data, documents] = kinds;
    let parts = [
        (photos, [phrase("picture"), phrase("pictures")]),
        (videos, [phrase("video"), phrase("videos")]),
        (sounds, [phrase("recording"), phrase("recordings")]),
        (data, [phrase("exported list"), phrase("exported lists")]),
        (documents, [phrase("document"), phrase("documents")]),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let mut more: Vec<String> = parts
        .map(|(number, [one, many])| counted(number, one, many))
        .collect();
    // A single kind is what the tab says.
    if more.len() == 1 && photos > 0 {
        more.clear();
    }
    if trashed > 0 {
        more.push(phrase!("{} of them from the trash", grouped(trashed)));
    }
    if lacking > 0 {
        more.push(phrase!("{} not copied", grouped(lacking)));
    }
    listing.more = more.join(", ");
    Ok(())
}

/// What is said of a file in the trash of the handset.
pub const TRASHED: &str = phrase("from the trash");

fn file_line(file: &HandsetFile, is_safe: bool) -> Line {
    let kind = match file.kind {
        FileKind::Photo => "",
        FileKind::Video => phrase("video"),
        FileKind::Sound => phrase("sound"),
        FileKind::Data => phrase("list"),
        FileKind::Document => phrase("document"),
    };
    let is_hidden = file.library.as_deref().is_some_and(|one| one.hidden);
    let state = match (is_safe, file.trashed) {
        (false, _) => phrase("NOT COPIED"),
        (true, true) => TRASHED,
        (true, false) if is_hidden => HIDDEN,
        (true, false) => kind,
    };
    let day = day(file.modified).map(|day| day.format("%-d %b %Y").to_string());
    let day = day.unwrap_or_default();
    let name = line(&name_of(file));
    let mut search = SearchText::of(&name);
    search.add(&file.path.shown());
    let own = file.library.as_deref().and_then(|one| one.name.as_deref());
    let own = line(own.unwrap_or_default());
    search.add(&own);
    // A recording's own name is all that a person knows of it.
    let title = match file.kind {
        FileKind::Sound => own,
        FileKind::Photo | FileKind::Video | FileKind::Data | FileKind::Document => String::new(),
    };
    Line {
        key: file.key().into(),
        name: name.into(),
        remark: [state, title.as_str(), &day]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
            .into(),
        aside: !is_safe,
        problem: !is_safe,
        search: search.done(),
        at: file.modified.saturating_mul(1000),
        ..Line::default()
    }
}

/// Returns the folder of a file on the phone.
fn folder_of(file: &HandsetFile) -> String {
    let shown = file.relative.shown();
    let folder = shown.rsplit_once('/').map(|(folder, _)| folder);
    line(folder.unwrap_or("/"))
}

/// Returns the day on which a file was changed, in UTC.
fn day(seconds: i64) -> Option<NaiveDate> {
    DateTime::from_timestamp(seconds, 0).map(|time| time.date_naive())
}
