//! The library of photos (`Photos.sqlite`), since iOS 5: a row for each photo and film, in `ZGENERICASSET` until iOS 13 and
//! in `ZASSET` since, with more columns in each system. The names that files had before are in a table of their own.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Belongs, Lists, Medium};
use crate::handset::HandsetError;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::row::Row;
use crate::handset::iphone::databases::{Source, cocoa};
use crate::model::InLibrary;
use crate::phrase;

const DOMAIN: &str = "CameraRollDomain";
const PATH: &str = "Media/PhotoData/Photos.sqlite";
/// The domains of the files. Until iOS 7, some are in the second.
const DOMAINS: [&str; 2] = [DOMAIN, "MediaDomain"];

const ATTRIBUTES: &str = "ZADDITIONALASSETATTRIBUTES";
const NAME: &str = "ZORIGINALFILENAME";
const PAGE: usize = 1_000;
/// Most names that are kept in memory.
const MOST: usize = 2_000_000;

/// `ZSAVEDASSETTYPE`, as iLEAPP and osxphotos explain it.
const STREAM: i64 = 2;
const SHARED_ALBUM: i64 = 4;
const SENT: i64 = 12;
/// `ZBUNDLESCOPE`.
const SENT_SCOPE: i64 = 3;

/// Dates that programs write for none: the beginnings of the clocks of Core Data, QuickTime and Unix.
const NO_DATES: [i64; 3] = [978_307_200, -2_082_844_800, 0];

const COLUMNS: [&str; 9] = [
    "ZDIRECTORY",
    "ZFILENAME",
    "ZDATECREATED",
    "ZTRASHEDSTATE",
    "ZHIDDEN",
    "ZSAVEDASSETTYPE",
    "ZBUNDLESCOPE",
    "ZCLOUDOWNERHASHEDPERSONID",
    "ZADDITIONALATTRIBUTES",
];

pub fn each(
    source: &Arc<dyn Source>,
    lists: &mut Lists,
    each: &mut dyn FnMut(Medium),
) -> Result<(), HandsetError> {
    let Some(mut database) = super::open(source, DOMAIN, PATH, lists)? else {
        return Ok(());
    };
    let tables = ["ZASSET", "ZGENERICASSET"];
    let known = |table: &&str| database.has_columns(table, &["ZFILENAME"]);
    let Some(table) = tables.into_iter().find(known) else {
        lists.unread.push(phrase!(
            "This kind of library of photos is not known to Lifeboat. Send a problem report, so that it can be added. \
             The tables of {}: {}.",
            database.name,
            database.layout()
        ));
        return Ok(());
    };
    let names = Names::read(&mut database, lists);
    let mut after = i64::MIN;
    lists.has_photos = loop {
        let rows = match database.page_of(table, &COLUMNS, after, PAGE) {
            Ok(rows) => rows,
            Err(broken) => {
                lists.unread.push(broken.said());
                break false;
            }
        };
        let last = rows.last().and_then(|row| row.number("rowid"));
        let Some(last) = last.filter(|last| *last > after) else {
            break database.damage.is_empty();
        };
        after = last;
        for row in &rows {
            each(medium(row, names.of(row)));
        }
    };
    lists.unread.append(&mut database.damage);
    Ok(())
}

/// The names that photos had before, by the photos' numbers or by the numbers of their attributes.
#[derive(Default)]
struct Names {
    is_by_photo: bool,
    all: HashMap<i64, Box<str>>,
}

impl Names {
    fn read(database: &mut Database, lists: &mut Lists) -> Self {
        let mut names = Self {
            is_by_photo: database.has_columns(ATTRIBUTES, &["ZASSET"]),
            ..Self::default()
        };
        if !database.has_columns(ATTRIBUTES, &[NAME]) {
            return names;
        }
        let mut after = i64::MIN;
        while names.all.len() < MOST {
            let rows = match database.page_of(ATTRIBUTES, &["ZASSET", NAME], after, PAGE) {
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
            for row in &rows {
                let owner = if names.is_by_photo { "ZASSET" } else { "rowid" };
                if let (Some(owner), Some(name)) = (row.number(owner), row.text(NAME)) {
                    names.all.insert(owner, name.into());
                }
            }
        }
        names
    }

    fn of(&self, row: &Row) -> Option<String> {
        let number = match self.is_by_photo {
            true => row.number("rowid"),
            false => row.number("ZADDITIONALATTRIBUTES"),
        };
        self.all.get(&number?).map(|name| name.to_string())
    }
}

fn medium(row: &Row, name: Option<String>) -> Medium {
    let folder = row.text("ZDIRECTORY").unwrap_or_default();
    let folder = folder.trim_matches('/');
    let file = row.text("ZFILENAME").unwrap_or_default();
    let belongs = {
        let kind = row.number("ZSAVEDASSETTYPE");
        let is_shared = kind == Some(SHARED_ALBUM)
            || folder.starts_with("PhotoData/PhotoCloudSharingData")
            || row.text("ZCLOUDOWNERHASHEDPERSONID").is_some();
        let is_sent = kind == Some(SENT) || row.number("ZBUNDLESCOPE") == Some(SENT_SCOPE);
        // A computer's pictures are in folders such as `DCIM/100SYNCD` and `PhotoData/Sync/100SYNCD`.
        let is_synced = folder.starts_with("PhotoData/Sync/") || folder.ends_with("SYNCD");
        let is_streamed = kind == Some(STREAM) || folder.starts_with("PhotoStreamsData/");
        let kinds = [
            (is_sent, Belongs::Sent),
            (is_shared, Belongs::SharedAlbum),
            (is_synced, Belongs::Computer),
            (is_streamed, Belongs::Stream),
        ];
        let known = kinds.into_iter().find(|(is, _)| *is);
        known.map_or(Belongs::Own, |(_, belongs)| belongs)
    };
    let taken = row.real("ZDATECREATED").and_then(cocoa::millis);
    let taken = taken.map(|millis| millis.div_euclid(1000));
    let path = format!("Media/{folder}/{file}");
    Medium {
        places: match folder.is_empty() || file.is_empty() {
            true => Vec::new(),
            false => DOMAINS.map(|domain| (domain, path.clone())).to_vec(),
        },
        about: InLibrary {
            name: name.or_else(|| Some(file).filter(|file| !file.is_empty())),
            taken: taken.filter(|taken| !NO_DATES.contains(taken)),
            hidden: row.flag("ZHIDDEN"),
        },
        trashed: row.flag("ZTRASHEDSTATE"),
        belongs,
    }
}
