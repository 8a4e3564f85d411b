//! Copying the files that a handset has listed. The most precious come first, each is either whole or absent, and an
//! interrupted copy resumes within its file.

mod one_file;

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::turns::{CopyQueue, PlaceOnCard, place_on_card};
use super::{Done, Reader, Safe, TOLD_EVERY};
use crate::collections::{Journal as _, lock};
use crate::handset::{HandsetError, Lacking};
use crate::many::Fingerprints;
use crate::model::{
    Batch, Collection, FileCopy, HandsetFile, HandsetPath, Record, RecordBody, Stop,
};
use crate::phrase;
use crate::rescue::error::RescueError;
use crate::rescue::progress::Progress;
use crate::vault::store::{self, Closed, FileStore};
use crate::vault::{RecordKind, VaultError};

/// Number of copies that are read back between two checks of the stop flag.
const CHECKED_AT_ONCE: usize = 16;
/// Copies are made durable and recorded together, since each small file alone would wait for the disk: at the latest at
/// this number of copies, at this number of bytes, or after this time.
const MOST_PENDING: usize = 128;
const MOST_PENDING_BYTES: u64 = 8 << 20;
const LONGEST_PENDING: Duration = Duration::from_millis(500);
/// How often the battery is queried while files are copied.
const HEALTH_EVERY: Duration = Duration::from_secs(60);

/// State of the copying.
struct Copying {
    store: FileStore,
    /// There are copies from earlier parts of the rescue.
    goes_on: bool,
    /// In a resumed rescue: the paths of the files that were copied in this part.
    copied: Fingerprints,
    bytes: u64,
    /// The part of `bytes` that is on the disk in whole files.
    safe: u64,
    of_bytes: u64,
    /// When bytes were last reported, and when files were.
    told: Instant,
    counted: Instant,
    health: Instant,
    lacking: Lacking,
    in_a_row: usize,
    /// Copies that are written but not safe yet.
    pending: Vec<PendingCopy>,
    pending_bytes: u64,
    pending_since: Instant,
}

/// A copy that is written but not safe yet.
struct PendingCopy {
    copy: Closed,
    file: HandsetFile,
    /// The file is not as it was listed.
    is_changed: bool,
}

/// The result of copying a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum CopyResult {
    /// It is written, and counts once it is safe.
    Written,
    /// No part of it can be read, and it is recorded as such.
    Unreadable,
    /// It can't be copied.
    NotCopied,
}

impl Reader<'_> {
    /// Copies the listed files of a collection that are not copied yet. Returns a sentence for each file that could not
    /// be copied.
    pub(super) fn copy_files(&mut self, what: Collection, safe: &mut Safe) -> Done<Vec<String>> {
        self.copy_listed(what, safe, false)
    }

    /// Copies the files that an earlier part listed, without querying the handset first: a handset that was gone for a
    /// moment may soon be gone again. The first file that can't be read ends the copying, since its storage may not be
    /// there yet.
    pub(super) fn copy_on(&mut self, what: Collection, safe: &mut Safe) -> Done<()> {
        try_handset!(self.copy_listed(what, safe, true)?);
        Ok(Ok(()))
    }

    fn copy_listed(
        &mut self,
        what: Collection,
        safe: &mut Safe,
        is_early: bool,
    ) -> Done<Vec<String>> {
        let mut copying = self.begin_copying(what)?;
        let done = self.copy_in_turn(what, safe, is_early, &mut copying)?;
        // Written copies are kept even if the handset is gone.
        self.make_safe(what, &mut copying, safe)?;
        try_handset!(done);
        if is_early {
            return Ok(Ok(Vec::new()));
        }
        let altered_copies = try_handset!(self.altered_copies(what, &copying)?);
        if !altered_copies.is_empty() {
            let done = self.copy_again(what, &altered_copies, &mut copying, safe)?;
            self.make_safe(what, &mut copying, safe)?;
            try_handset!(done);
        }
        self.tell_copied(what, &copying, safe);
        Ok(Ok(copying.lacking.sentences()))
    }

    /// Copies the listed files that are not copied yet, the most precious first.
    fn copy_in_turn(
        &mut self,
        what: Collection,
        safe: &mut Safe,
        is_early: bool,
        copying: &mut Copying,
    ) -> Done<()> {
        let CopyQueue {
            order,
            bytes,
            unlisted,
        } = self.turns(what)?;
        copying.of_bytes = bytes;
        safe.of = Some(order.len() as u64);
        safe.rows = 0;
        safe.counter.living = 0;
        let listed = self.listed_otherwise(what, &unlisted)?;
        drop(unlisted);
        for turn in order {
            let Some(file) = self.file_of(what, turn)? else {
                continue;
            };
            let file = &file;
            // What is looked up must be recorded.
            let is_pending = copying.pending.iter().any(|one| one.file.path == file.path);
            if is_pending || self.is_unlisted(file) {
                self.make_safe(what, copying, safe)?;
            }
            let copy = self.copy_of(what, &file.path)?;
            let copy = match copy {
                None if self.is_unlisted(file) => {
                    self.copy_by_another_path(what, file, &listed, copying)?
                }
                copy => copy,
            };
            let there = copy.filter(|copy| copy.is_of(file) && copying.store.has(copy));
            match there {
                Some(copy) => copying.count(&copy, file, safe),
                None => match try_handset!(self.copy_file(what, file, copying, safe)?) {
                    CopyResult::Written => copying.in_a_row = 0,
                    CopyResult::Unreadable => {
                        copying.in_a_row = 0;
                        safe.rows += 1;
                    }
                    CopyResult::NotCopied if is_early => return Ok(Ok(())),
                    CopyResult::NotCopied => safe.rows += 1,
                },
            }
            copying.bytes = copying.bytes.saturating_add(file.size);
            if copying.counted.elapsed() >= TOLD_EVERY {
                self.tell_copied(what, copying, safe);
                (copying.counted, copying.told) = (Instant::now(), Instant::now());
            }
            if copying.health.elapsed() >= HEALTH_EVERY {
                copying.health = Instant::now();
                try_handset!(self.tell_health());
            }
        }
        Ok(Ok(()))
    }

    /// Makes the written copies durable, and records them.
    fn make_safe(
        &mut self,
        what: Collection,
        copying: &mut Copying,
        safe: &mut Safe,
    ) -> Result<(), VaultError> {
        copying.pending_bytes = 0;
        let pending = std::mem::take(&mut copying.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let (mut copies, mut files) = (Vec::new(), Vec::new());
        for PendingCopy {
            copy,
            file,
            is_changed,
        } in pending
        {
            copies.push(copy);
            files.push((file, is_changed));
        }
        let all = copies.into_iter().zip(files.iter().map(|(file, _)| file));
        let put = copying.store.put(all.collect())?;
        let mut records = Vec::new();
        for (copy, (file, is_changed)) in put.into_iter().zip(files) {
            copying.note(&copy);
            copying.count(&copy, &file, safe);
            records.push(Record {
                key: copy.key(),
                body: RecordBody::Copied(copy),
            });
            if is_changed {
                // Replace the earlier listing by the current one.
                records.push(Record {
                    key: file.key(),
                    body: RecordBody::File(file),
                });
            }
        }
        let batch = Batch {
            records,
            ..Batch::default()
        };
        self.log_asked()?;
        lock(self.vault).commit(what, &batch)
    }

    /// Returns the initial state, including the copies that already exist.
    fn begin_copying(&self, what: Collection) -> Result<Copying, VaultError> {
        let vault = lock(self.vault);
        let mut store = FileStore::new(vault.folder(), std::iter::empty());
        let mut goes_on = false;
        vault.for_each_record(what, &[RecordKind::Copied], |record| {
            if let RecordBody::Copied(copy) = record.body {
                goes_on = true;
                store.note(&copy);
            }
            Ok::<_, VaultError>(())
        })?;
        Ok(Copying {
            store,
            goes_on,
            copied: Fingerprints::default(),
            bytes: 0,
            safe: 0,
            of_bytes: 0,
            told: Instant::now(),
            counted: Instant::now(),
            health: Instant::now(),
            lacking: Lacking::of(phrase("files"), phrase("copied")),
            in_a_row: 0,
            pending: Vec::new(),
            pending_bytes: 0,
            pending_since: Instant::now(),
        })
    }

    /// Copies the files again whose copies were in these places.
    fn copy_again(
        &mut self,
        what: Collection,
        altered_copies: &HashSet<String>,
        copying: &mut Copying,
        safe: &mut Safe,
    ) -> Done<()> {
        for turn in self.turns(what)?.order {
            let Some(file) = self.file_of(what, turn)? else {
                continue;
            };
            let copy = self.copy_of(what, &file.path)?;
            let Some(copy) = copy.filter(|copy| altered_copies.contains(&copy.place)) else {
                continue;
            };
            safe.counter.living -= u64::from(copy.damaged == 0).min(safe.counter.living);
            safe.rows = safe.rows.saturating_sub(1);
            copying.safe = copying.safe.saturating_sub(copy.size.min(file.size));
            if try_handset!(self.copy_file(what, &file, copying, safe)?) != CopyResult::Written {
                safe.rows += 1;
            }
        }
        Ok(Ok(()))
    }

    /// Removes copies from earlier parts that have been altered since, so that their files are copied again while the
    /// handset is connected. Returns the places of the removed copies.
    fn altered_copies(&mut self, what: Collection, copying: &Copying) -> Done<HashSet<String>> {
        let mut altered_copies = HashSet::new();
        if !copying.goes_on {
            return Ok(Ok(altered_copies));
        }
        (self.tell)(Progress::LookingAgain(what));
        let folder = lock(self.vault).folder().to_owned();
        let stop = self.stop;
        let mut some = Vec::new();
        let mut check = |some: &mut Vec<FileCopy>| {
            if stop.is_stopped() {
                return Err(RescueError::Stopped);
            }
            let changed = store::changed(&folder, some.iter(), &Stop::new(), &mut |_| {});
            altered_copies.extend(changed);
            some.clear();
            Ok(())
        };
        let checked = self.vault.each(what, &[RecordKind::Copied], |record| {
            if let RecordBody::Copied(copy) = record.body
                && !copying.copied.contains(&copy.path)
                && copying.store.has(&copy)
            {
                some.push(copy);
            }
            match some.len() < CHECKED_AT_ONCE {
                true => Ok(()),
                false => check(&mut some),
            }
        });
        match checked.and_then(|()| check(&mut some)) {
            Err(RescueError::Stopped) => return Ok(Err(HandsetError::Stopped)),
            checked => checked?,
        }
        for place in &altered_copies {
            copying.store.discard(place)?;
            lock(self.vault).log(&phrase!(
                "{}: a copy was changed after it was made, so the file is copied again: {place}",
                what.name()
            ))?;
        }
        Ok(Ok(altered_copies))
    }

    /// Finds the copy of a file from an earlier part that is now listed by another path: approaches name a phone's
    /// memory card differently.
    fn copy_by_another_path(
        &mut self,
        what: Collection,
        file: &HandsetFile,
        listed: &HashMap<PlaceOnCard, HandsetPath>,
        copying: &mut Copying,
    ) -> Result<Option<FileCopy>, VaultError> {
        let path = place_on_card(file).and_then(|place| listed.get(&place));
        let copy = path.map(|path| self.copy_of(what, path)).transpose()?;
        let Some(copy) = copy.flatten() else {
            return Ok(None);
        };
        let copy = FileCopy {
            path: file.path.clone(),
            duplicate: true,
            ..copy
        };
        let batch = Batch {
            records: vec![Record {
                key: copy.key(),
                body: RecordBody::Copied(copy.clone()),
            }],
            ..Batch::default()
        };
        self.log_asked()?;
        lock(self.vault).commit(what, &batch)?;
        copying.note(&copy);
        Ok(Some(copy))
    }

    fn tell_copied(&mut self, what: Collection, copying: &Copying, safe: &Safe) {
        self.tell_safe(what, safe);
        (self.tell)(Progress::Copied {
            what,
            bytes: copying.bytes,
            safe: copying.safe,
            of_bytes: copying.of_bytes,
        });
    }
}

impl Copying {
    /// Takes a copy that is written.
    fn add_pending(&mut self, pending: PendingCopy) {
        if self.pending.is_empty() {
            self.pending_since = Instant::now();
        }
        self.pending_bytes = self.pending_bytes.saturating_add(pending.copy.length);
        self.pending.push(pending);
    }

    /// True if the written copies have to be made safe now.
    fn is_full(&self) -> bool {
        self.pending.len() >= MOST_PENDING
            || self.pending_bytes >= MOST_PENDING_BYTES
            || self.pending_since.elapsed() >= LONGEST_PENDING
    }

    /// Counts a safe copy of a file, and records if the copy is not whole.
    fn count(&mut self, copy: &FileCopy, file: &HandsetFile, safe: &mut Safe) {
        if copy.damaged > 0 {
            self.note_damage(copy);
        }
        safe.rows += 1;
        safe.counter.living += u64::from(copy.damaged == 0);
        let bytes = copy.size.saturating_sub(copy.damaged);
        self.safe = self.safe.saturating_add(bytes.min(file.size));
    }

    /// Records that a file was copied in this part.
    fn note(&mut self, copy: &FileCopy) {
        if self.goes_on {
            self.copied.insert(&copy.path, ());
        }
    }

    /// Records that a copy is not whole.
    fn note_damage(&mut self, copy: &FileCopy) {
        self.lacking.add(
            &copy.path,
            &phrase!(
                "{} bytes of the file can't be read; the other bytes are saved as {}",
                copy.damaged,
                copy.place
            ),
        );
    }
}
