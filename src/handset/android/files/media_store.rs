//! The survey of the handset's files: compares the media store's own list with the files in the folders.

use std::collections::HashSet;

use super::storage::Storage;
use super::volumes::{is_apps_own, other_user, relative_of};
use crate::handset::HandsetError;
use crate::handset::files_only::note_about_new_files;
use crate::model::{FileKind, Findings, HandsetPath, Holding, Past};
use crate::phrase;
use crate::protocol::adb::{Adb, AdbError, ContentUri, Query};

/// A picture or video that the media store lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub path: HandsetPath,
    pub kind: FileKind,
}

/// A query for the paths of the pictures and videos in the media store.
pub fn query() -> Query {
    Query {
        uri: ContentUri::MediaFiles,
        user: None,
        projection: vec!["media_type", "_data"],
        filter: Some("media_type IN (1,3)".into()),
        sort: Some("_id".into()),
    }
}

/// Parses a reply to [`query()`] (AOSP `FileColumns.MEDIA_TYPE_IMAGE` 1, `MEDIA_TYPE_VIDEO` 3).
pub fn listed(text: &[u8]) -> Vec<Listed> {
    let lines = text.split(|byte| *byte == b'\n');
    let value = |line: &[u8]| {
        let row = line.strip_prefix(b"Row: ")?;
        let digits = row.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let rest = row.get(digits..)?.strip_prefix(b" media_type=")?;
        let (kind, path) = match rest.strip_prefix(b"3, _data=") {
            Some(path) => (FileKind::Video, path),
            None => (FileKind::Photo, rest.strip_prefix(b"1, _data=")?),
        };
        let path = HandsetPath(path.to_vec());
        Some(Listed { path, kind })
    };
    lines.filter_map(value).collect()
}

/// Surveys the handset's files, from the file listing and the media store's list (`None` if the media store does not
/// answer).
///
/// # Errors
/// If the link is lost, or the rescue is stopped.
pub fn survey(
    adb: &Adb,
    storage: &Storage,
    listed: Option<&[Listed]>,
    past: &Past,
) -> Result<(Holding, Findings), HandsetError> {
    let mut holding = Holding::default();
    let mut findings = Findings {
        missing: storage.lacking.sentences(),
        ..Findings::default()
    };
    if !storage.is_open {
        holding.unreadable = Some(
            phrase(
                "The phone does not show its storage. Unlock the phone and run the rescue again. A locked or hidden \
                 storage may still contain files.",
            )
                .into(),
        );
        return Ok((holding, findings));
    }
    let all = storage.files.len() as u64;
    holding.handset_says = Some(all);
    holding.rows = Some(all);
    match listed {
        None => holding.notes.push(
            phrase("The phone's own list of pictures did not answer. The count comes from the folders only.").into(),
        ),
        Some(listed) => {
            let Compared {
                lacking,
                stale,
                apps_own,
                of_clones,
            } = compare(adb, storage, listed)?;
            if apps_own > 0 {
                holding.notes.push(phrase!(
                    "{apps_own} pictures and videos on the phone's own list are in Android/data and Android/obb, \
                     where apps keep their own files. They were not copied."
                ));
            }
            if of_clones > 0 {
                holding.notes.push(phrase!(
                    "{of_clones} pictures and videos on the phone's own list are in the storage of cloned apps or of \
                     another user, which the phone doesn't share over USB. They were not copied. Back them up in \
                     each cloned app."
                ));
            }
            let of_others = storage.volumes.iter().filter(|one| one.is_of_other_user());
            holding.notes.extend(of_others.filter(|one| !one.name.0.is_empty()).map(|one| {
                phrase!(
                    "The pictures and videos in {} are those of cloned apps or of another user. They were copied too.",
                    one.path.shown()
                )
            }));
            if lacking > 0 {
                findings.missing.push(phrase!(
                    "The phone's own list has {lacking} pictures and videos that were not found in its folders."
                ));
            }
            if stale > 0 {
                holding.notes.push(phrase!(
                    "The phone's own list has {stale} pictures and videos that no longer exist."
                ));
            }
        }
    }
    let new = storage.files.iter();
    let new = new.filter(|file| !past.keys.contains(&file.key())).count();
    holding
        .changed
        .extend(note_about_new_files(new as u64, past));
    if all == 0 {
        holding.notes.push(
            phrase("No pictures, videos, recordings or exported lists were found on the phone.")
                .into(),
        );
    }
    Ok((holding, findings))
}

/// Counts of listed files that were not found in the folders.
#[derive(Default)]
struct Compared {
    /// Files that exist, or whose details could not be read.
    lacking: u64,
    /// Files that no longer exist.
    stale: u64,
    /// Files in the private folders of apps.
    apps_own: u64,
    /// Files in the shared storage of another user, which can't be read.
    of_clones: u64,
}

fn compare(adb: &Adb, storage: &Storage, listed: &[Listed]) -> Result<Compared, HandsetError> {
    let shown: HashSet<&HandsetPath> = storage.files.iter().map(|file| &file.relative).collect();
    let mut sync = adb.sync();
    let mut compared = Compared::default();
    for Listed { path, .. } in listed {
        if relative_of(path, &storage.volumes).is_some_and(|relative| shown.contains(&relative)) {
            continue;
        }
        if lies_in_apps_own(path) {
            compared.apps_own += 1;
            continue;
        }
        if other_user(path).is_some() {
            compared.of_clones += 1;
            continue;
        }
        match sync.stat(&path.0) {
            Ok(Some(_)) => compared.lacking += 1,
            Ok(None) => compared.stale += 1,
            Err(error) if error.is_link_lost() || matches!(error, AdbError::Stopped) => {
                return Err(error.into());
            }
            Err(_) => compared.lacking += 1,
        }
    }
    Ok(compared)
}

/// True for a file in a private folder of an app on any storage, including that of another user or a removed card.
fn lies_in_apps_own(path: &HandsetPath) -> bool {
    let starts = path.0.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    // No storage is mounted deeper.
    let mut starts = starts.map(|(at, _)| at + 1).take(6);
    starts.any(|at| path.0.get(at..).is_some_and(is_apps_own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_and_videos_are_told() {
        let text = b"Row: 0 media_type=1, _data=/storage/emulated/0/DCIM/a, b=1.jpg\nRow: 1 media_type=3, _data=NULL\nno row\n";
        let found = listed(text);
        assert_eq!(found[0].path.shown(), "/storage/emulated/0/DCIM/a, b=1.jpg");
        assert_eq!(
            (found[0].kind, found[1].kind, found.len()),
            (FileKind::Photo, FileKind::Video, 2)
        );
    }
}
