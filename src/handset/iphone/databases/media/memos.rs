//! The list of voice memos: `Recordings.db` until iOS 11, `CloudRecordings.db` since, at two places. A memo's file is called
//! by its time. The name that a person knows is only in the list.

use std::sync::Arc;

use super::{Belongs, Lists, Medium};
use crate::handset::HandsetError;
use crate::handset::iphone::databases::row::Row;
use crate::handset::iphone::databases::{Source, cocoa};
use crate::model::InLibrary;

/// Where lists and recordings may be: domain and folder.
const PLACES: [(&str, &str); 2] = [
    (
        "AppDomainGroup-group.com.apple.VoiceMemos.shared",
        "Recordings/",
    ),
    ("MediaDomain", "Media/Recordings/"),
];
const LISTS: [&str; 2] = ["CloudRecordings.db", "Recordings.db"];
const TABLES: [&str; 2] = ["ZCLOUDRECORDING", "ZRECORDING"];

/// The name is in the first filled one of these; it is plain in spite of the column's name. The last one has the time in
/// new systems.
const NAMES: [&str; 3] = ["ZENCRYPTEDTITLE", "ZCUSTOMLABELFORSORTING", "ZCUSTOMLABEL"];
const PAGE: usize = 1_000;

pub fn each(
    source: &Arc<dyn Source>,
    lists: &mut Lists,
    each: &mut dyn FnMut(Medium),
) -> Result<(), HandsetError> {
    for (domain, folder) in PLACES {
        for list in LISTS {
            let path = format!("{folder}{list}");
            let Some(mut database) = super::open(source, domain, &path, lists)? else {
                continue;
            };
            for table in TABLES {
                if !database.has_columns(table, &["ZPATH"]) {
                    continue;
                }
                let columns: Vec<&str> = NAMES
                    .into_iter()
                    .chain(["ZPATH", "ZDATE", "ZEVICTIONDATE"])
                    .collect();
                let mut after = i64::MIN;
                loop {
                    let rows = match database.page_of(table, &columns, after, PAGE) {
                        Ok(rows) => rows,
                        Err(broken) => {
                            lists.unread.push(broken.said());
                            break;
                        }
                    };
                    let last = rows.last().and_then(|row| row.number("rowid"));
                    let Some(last) = last.filter(|last| *last > after) else {
                        break;
                    };
                    after = last;
                    rows.iter().for_each(|row| each(medium(row, domain)));
                }
            }
            lists.unread.append(&mut database.damage);
        }
    }
    Ok(())
}

fn medium(row: &Row, domain: &'static str) -> Medium {
    // Old lists have whole paths: `/var/mobile/Media/Recordings/20150101 120000.m4a`.
    let path = row.text("ZPATH").unwrap_or_default();
    let path = path
        .rsplit_once("/Recordings/")
        .map_or(&*path, |(_, rest)| rest);
    let path = path.trim_start_matches('/');
    let mut places: Vec<_> = PLACES
        .into_iter()
        .map(|(domain, folder)| (domain, format!("{folder}{path}")))
        .filter(|_| !path.is_empty())
        .collect();
    places.sort_by_key(|(other, _)| *other != domain);
    let name = NAMES.into_iter().find_map(|column| {
        let name = String::from_utf8(row.bytes(column)?.to_vec()).ok()?;
        let is_time = chrono::DateTime::parse_from_rfc3339(&name).is_ok();
        (!is_time && !name.trim().is_empty()).then_some(name)
    });
    let taken = row.real("ZDATE").and_then(cocoa::millis);
    Medium {
        places,
        about: InLibrary {
            name,
            taken: taken.map(|millis| millis.div_euclid(1000)),
            hidden: false,
        },
        trashed: row.real("ZEVICTIONDATE").is_some(),
        belongs: Belongs::Recording,
    }
}
