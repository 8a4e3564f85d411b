//! Determines the kind of a file on a card, by its name, or by its content if the name does not tell.

use super::MemoryCard;
use super::listing::Walk;
use crate::format::disk::Entry;
use crate::format::found::begins_table;
use crate::handset::HandsetError;
use crate::handset::content::{
    EMPTY_PHONE_COLLECTIONS, LOOKED_AT_PIECE, is_text, kind_by_content, kind_of_piece,
};
use crate::handset::owner_files::{is_of_program, is_plain, is_recovered, is_text_name, kind_of};
use crate::model::{FileKind, HandsetPath};
use crate::phrase;

/// The first bytes of a file in which macOS keeps metadata that FAT can't store. It is named after the file that it
/// belongs to, with `._` before the name (AppleSingle and AppleDouble Formats, 1990).
const APPLE_DOUBLE: [u8; 4] = [0, 5, 0x16, 7];

/// A file's kind, and the extension that its copy gets if its own name has no known extension.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nature {
    pub kind: FileKind,
    pub ending: &'static str,
}

impl MemoryCard {
    /// Returns the kind of a file, by its name, or by its content if the name does not tell; `None` if it is not the
    /// owner's, as far as can be known.
    pub(super) fn nature(
        &mut self,
        number: usize,
        path: &HandsetPath,
        entry: &Entry,
        walk: &mut Walk,
    ) -> Result<Option<Nature>, HandsetError> {
        let by_name = kind_of(&entry.name).map(|kind| Nature { kind, ending: "" });
        let may_be_notes = entry.name.starts_with(b"._");
        let may_be_list = is_text_name(&entry.name) && entry.size > 0 && !is_apps_own(path);
        if is_plain(&entry.name) && !may_be_notes && !may_be_list {
            return Ok(by_name);
        }
        let is_kept = is_recovered(path);
        let is_piece = is_kept && !is_plain(&entry.name);
        let by_place = is_kept.then_some(Nature {
            kind: FileKind::Document,
            ending: "",
        });
        let is_left = is_of_program(&entry.name) || is_apps_own(path);
        if by_name.is_none() && !is_kept && (entry.size == 0 || is_left) {
            return Ok(None);
        }
        let Some(volume) = self.volumes.get_mut(number) else {
            return Ok(None);
        };
        let Some(begin) = volume.beginning(&mut self.disk, entry.place, EMPTY_PHONE_COLLECTIONS)?
        else {
            let known = by_name.or(by_place);
            if known.is_none() {
                walk.listing.lacking.add(
                    path,
                    phrase("the kind of file is unknown, because its beginning can't be read"),
                );
            }
            return Ok(known);
        };
        if may_be_notes && begin.starts_with(&APPLE_DOUBLE) {
            return Ok(None);
        }
        let known = kind_by_content(&begin);
        let by_content = match (is_piece, may_be_list) {
            (true, _) => match known.or_else(|| kind_of_piece(&begin)) {
                // The first record may be a long one, with a picture.
                None if is_text(&begin) && entry.size > begin.len() as u64 => {
                    let more = volume.beginning(&mut self.disk, entry.place, LOOKED_AT_PIECE)?;
                    more.and_then(|more| kind_of_piece(&more))
                }
                known => known,
            },
            // Only a text that is a list from its beginning on is one.
            (false, true) => known
                .filter(|(kind, _)| *kind == FileKind::Data)
                .or_else(|| begins_table(&begin).then_some((FileKind::Data, ""))),
            (false, false) => known,
        };
        let by_content = by_content.map(|(kind, ending)| Nature {
            kind,
            ending: match is_plain(&entry.name) {
                true => "",
                false => ending,
            },
        });
        Ok(by_content.or(by_name).or(by_place))
    }
}

/// True for folders that apps keep for themselves, and for caches and thumbnails: files there are known only by their
/// names.
fn is_apps_own(path: &HandsetPath) -> bool {
    let shown = path.shown().to_lowercase();
    let (folders, _) = shown.rsplit_once('/').unwrap_or_default();
    let is_cache = |folder: &str| folder.contains("cache") || folder.contains("thumbnail");
    folders.contains("android/data")
        || folders.contains("android/obb")
        || folders.split('/').any(is_cache)
}
