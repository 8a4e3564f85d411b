//! Which file is copied when, without the list of all in memory.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Reader;
use crate::collections::lock;
use crate::handset::RecordBody;
use crate::handset::owner_files::SHARED_STORAGE;
use crate::many::{Fingerprints, Sorted};
use crate::model::{Collection, FileCopy, FileOrder, HandsetFile, HandsetPath};
use crate::vault::{RecordKind, VaultError};

/// When a file's turn is. Those of an earlier part that were not listed again come last: their storage may be gone, or it
/// is not shown by this approach.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Turn {
    is_unlisted: bool,
    order: FileOrder,
}

/// All files of a collection.
#[derive(Debug, Default)]
pub(super) struct Turns {
    pub order: Sorted<Turn>,
    /// How many they all have.
    pub bytes: u64,
    /// Those that were not listed again, by where they lie on their cards.
    pub unlisted: Fingerprints,
}

/// Where a file lies on its card, its size and its time.
pub(super) type PlaceOnCard = (Vec<u8>, u64, i64);

/// What a file of a phone's memory card is by whichever approach: without the card's own place, `/storage/1A2B-3C4D/` or
/// `/SD card/`. `None`: it is none, or tells no time.
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
    pub(super) fn turns(&self, what: Collection) -> Result<Turns, VaultError> {
        let mut turns = Turns::default();
        self.each_file(what, |file| {
            let is_unlisted = self.is_unlisted(&file);
            turns.bytes = turns.bytes.saturating_add(file.size);
            if let Some(place) = place_on_card(&file).filter(|_| is_unlisted) {
                turns.unlisted.insert(&place, ());
            }
            turns.order.push(Turn {
                is_unlisted,
                order: file.order(),
            });
        })?;
        Ok(turns)
    }

    /// The files that are listed now and lie where `unlisted` ones do.
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

    /// The file whose turn it is.
    pub(super) fn file_of(
        &self,
        what: Collection,
        turn: Turn,
    ) -> Result<Option<HandsetFile>, VaultError> {
        let (_, _, path) = turn.order;
        let record = lock(self.vault).record(what, &HandsetFile::key_at(&path))?;
        Ok(match record.map(|record| record.body) {
            Some(RecordBody::File(file)) => Some(file),
            Some(_) | None => None,
        })
    }

    /// The copy of a file, if there is one.
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
