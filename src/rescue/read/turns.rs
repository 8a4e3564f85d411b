//! The order in which files are copied, without keeping all files in memory.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Reader;
use crate::collections::lock;
use crate::handset::owner_files::SHARED_STORAGE;
use crate::many::{Fingerprints, Sorted};
use crate::model::{Collection, FileCopy, FileOrder, HandsetFile, HandsetPath, RecordBody};
use crate::vault::{RecordKind, VaultError};

/// A file's position in the copying order. Files of an earlier part that were not listed again come last: their storage
/// may be gone, or this approach doesn't show it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct CopyPosition {
    is_unlisted: bool,
    order: FileOrder,
}

/// All files of a collection.
#[derive(Debug, Default)]
pub(super) struct CopyQueue {
    pub order: Sorted<CopyPosition>,
    /// Total size of the files.
    pub bytes: u64,
    /// Places on their memory cards of the files that were not listed again.
    pub unlisted: Fingerprints,
}

/// A file's place on its memory card, its size and its modification time.
pub(super) type PlaceOnCard = (Vec<u8>, u64, i64);

/// Identifies a file on a phone's memory card independently of the approach: the path without the card's mount point,
/// `/storage/1A2B-3C4D/` or `/SD card/`. `None`: the file is not on a memory card, or has no modification time.
pub(super) fn place_on_card(file: &HandsetFile) -> Option<PlaceOnCard> {
    let path = file
        .path
        .0
        .strip_prefix(b"/storage")
        .unwrap_or(&file.path.0);
    let (storage, place) = path.split_at(path.iter().skip(1).position(|byte| *byte == b'/')? + 1);
    let is_card = storage != SHARED_STORAGE && file.modified != 0;
    is_card.then(|| (place.to_vec(), file.size, file.modified))
}

impl Reader<'_> {
    pub(super) fn turns(&self, what: Collection) -> Result<CopyQueue, VaultError> {
        let mut turns = CopyQueue::default();
        self.each_file(what, |file| {
            let is_unlisted = self.is_unlisted(&file);
            turns.bytes = turns.bytes.saturating_add(file.size);
            if let Some(place) = place_on_card(&file).filter(|_| is_unlisted) {
                turns.unlisted.insert(&place, ());
            }
            turns.order.push(CopyPosition {
                is_unlisted,
                order: file.order(),
            });
        })?;
        Ok(turns)
    }

    /// Returns the currently listed files that have the same place as `unlisted` files.
    pub(super) fn listed_otherwise(
        &self,
        what: Collection,
        unlisted: &Fingerprints,
    ) -> Result<HashMap<PlaceOnCard, HandsetPath>, VaultError> {
        let mut listed = HashMap::new();
        if unlisted.is_empty() {
            return Ok(listed);
        }
        self.each_file(what, |file| {
            if let Some(place) = place_on_card(&file)
                && unlisted.contains(&place)
                && !self.is_unlisted(&file)
            {
                listed.insert(place, file.path);
            }
        })?;
        Ok(listed)
    }

    fn each_file(
        &self,
        what: Collection,
        mut each: impl FnMut(HandsetFile),
    ) -> Result<(), VaultError> {
        lock(self.vault).for_each_record(what, &[RecordKind::File], |record| {
            if let RecordBody::File(file) = record.body {
                each(file);
            }
            Ok(())
        })
    }

    /// Returns the file for a position in the order.
    pub(super) fn file_of(
        &self,
        what: Collection,
        turn: CopyPosition,
    ) -> Result<Option<HandsetFile>, VaultError> {
        let (_, _, path) = turn.order;
        let record = lock(self.vault).record(what, &HandsetFile::key_at(&path))?;
        Ok(match record.map(|record| record.body) {
            Some(RecordBody::File(file)) => Some(file),
            Some(_) | None => None,
        })
    }

    /// Returns the copy of a file, if there is one.
    pub(super) fn copy_of(
        &self,
        what: Collection,
        path: &HandsetPath,
    ) -> Result<Option<FileCopy>, VaultError> {
        let record = lock(self.vault).record(what, &FileCopy::key_at(path))?;
        Ok(match record.map(|record| record.body) {
            Some(RecordBody::Copied(copy)) => Some(copy),
            Some(_) | None => None,
        })
    }

    pub(super) fn is_unlisted(&self, file: &HandsetFile) -> bool {
        self.goes_on() && !self.listed.contains(&file.path)
    }
}
