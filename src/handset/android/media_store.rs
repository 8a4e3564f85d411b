//! What the handset says of its files: its media store's own list, held against what the folders show.

use std::collections::HashSet;

use super::storage::Storage;
use crate::handset::files_only::came_since;
use crate::handset::{Findings, HandsetError, Past};
use crate::model::{HandsetPath, Holding};
use crate::protocol::adb::{Adb, AdbError, ContentUri, Query};

/// The pictures and videos that the media store lists, by their paths.
pub fn query() -> Query {
    Query {
        uri: ContentUri::MediaFiles,
        user: None,
        projection: vec!["_data"],
        filter: Some("media_type IN (1,3)".into()),
        sort: Some("_id"),
    }
}

/// The paths in a reply to [`query()`].
pub fn paths(text: &[u8]) -> Vec<HandsetPath> {
    let lines = text.split(|byte| *byte == b'\n');
    let value = |line: &[u8]| {
        let row = line.strip_prefix(b"Row: ")?;
        let digits = row.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let path = row.get(digits..)?.strip_prefix(b" _data=")?;
        Some(HandsetPath(path.to_vec()))
    };
    lines.filter_map(value).collect()
}

/// What the handset says of its files, from their listing and from what its media store lists (`None`: that does not
/// answer).
///
/// # Errors
/// If the link is lost, or the rescue is stopped.
pub fn survey(
    adb: &Adb,
    storage: &Storage,
    listed: Option<&[HandsetPath]>,
    past: &Past,
) -> Result<(Holding, Findings), HandsetError> {
    let mut holding = Holding::default();
    let mut findings = Findings {
        missing: storage.lacking.sentences(),
        ..Findings::default()
    };
    if !storage.is_open {
        holding.unreadable = Some(
            "The phone shows nothing of its storage: unlock it, and run the rescue again. What is locked or hidden is \
             not empty."
                .into(),
        );
        return Ok((holding, findings));
    }
    let all = storage.files.len() as u64;
    holding.handset_says = Some(all);
    holding.rows = Some(all);
    match listed {
        None => holding.notes.push(
            "The handset's list of its pictures did not answer: the count is that of the folders alone.".into(),
        ),
        Some(listed) => {
            let (lacking, stale) = compare(adb, storage, listed)?;
            if lacking > 0 {
                findings.missing.push(format!(
                    "The handset's own list has {lacking} pictures and videos that its folders did not show."
                ));
            }
            if stale > 0 {
                holding.notes.push(format!(
                    "The handset's own list names {stale} pictures and videos that are no longer there."
                ));
            }
        }
    }
    holding.changed.extend(came_since(&storage.files, past));
    if all == 0 {
        holding
            .notes
            .push("The handset holds no pictures, videos, recordings or exported lists.".into());
    }
    Ok((holding, findings))
}

/// How many of `listed` the folders did not show, though they are there; and how many are not there.
fn compare(
    adb: &Adb,
    storage: &Storage,
    listed: &[HandsetPath],
) -> Result<(u64, u64), HandsetError> {
    let shown: HashSet<&HandsetPath> = storage.files.iter().map(|file| &file.relative).collect();
    let mut sync = adb.sync();
    let (mut lacking, mut stale) = (0, 0);
    for path in listed {
        if relative_of(path).is_some_and(|relative| shown.contains(&relative)) {
            continue;
        }
        match sync.stat(&path.0) {
            Ok(Some(_)) => lacking += 1,
            Ok(None) => stale += 1,
            Err(error) if error.is_link_lost() || matches!(error, AdbError::Stopped) => {
                return Err(error.into());
            }
            Err(_) => lacking += 1,
        }
    }
    Ok((lacking, stale))
}

/// Where a path of the media store's lies in its storage.
fn relative_of(path: &HandsetPath) -> Option<HandsetPath> {
    let mut parts = path.0.splitn(4, |byte| *byte == b'/').skip(1);
    let (mount, volume, rest) = (parts.next()?, parts.next()?, parts.next()?);
    match (mount, volume) {
        (b"storage", b"emulated") => {
            let inside = rest.splitn(2, |byte| *byte == b'/').nth(1)?;
            Some(HandsetPath(inside.to_vec()))
        }
        (b"storage" | b"mnt", b"sdcard" | b"sdcard0") => Some(HandsetPath(rest.to_vec())),
        (b"storage", card) => Some(HandsetPath(card.to_vec()).join(rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_store_s_paths_are_found_in_the_folders() {
        let text = b"Row: 0 _data=/storage/emulated/0/DCIM/a, b=1.jpg\nRow: 1 _data=NULL\nno row\n";
        assert_eq!(
            paths(text),
            [
                HandsetPath(b"/storage/emulated/0/DCIM/a, b=1.jpg".to_vec()),
                HandsetPath(b"NULL".to_vec())
            ]
        );
        for (path, relative) in [
            ("/storage/emulated/0/DCIM/1.jpg", Some("DCIM/1.jpg")),
            (
                "/storage/1A2B-3C4D/DCIM/1.jpg",
                Some("1A2B-3C4D/DCIM/1.jpg"),
            ),
            ("/mnt/sdcard/DCIM/1.jpg", Some("DCIM/1.jpg")),
            ("NULL", None),
        ] {
            let found = relative_of(&HandsetPath(path.into()));
            assert_eq!(
                found,
                relative.map(|text| HandsetPath(text.into())),
                "{path}"
            );
        }
    }
}
