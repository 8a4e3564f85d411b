//! Copying the files that a handset has listed: the most precious first, each whole or not there, going on inside one.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use super::{Done, Reader, SPACE, Safe, TOLD_EVERY};
use crate::collections::lock;
use crate::handset::owner_files::SHARED_STORAGE;
use crate::handset::{Batch, HandsetError, Lacking, Record, RecordBody};
use crate::link::Stop;
use crate::model::{Collection, FileCopy, HandsetFile, HandsetPath};
use crate::rescue::run::{Progress, RescueError};
use crate::vault::store::{self, FileStore, Partial};
use crate::vault::{RecordKind, VaultError, folder};

/// How often a file that changes while it is read is read again.
const TRIES: usize = 3;
/// So many files in a row that can't be read: the handset's storage is gone, not the files.
const MOST_IN_A_ROW: usize = 50;
/// So many copies are read back before the stop flag is looked at.
const CHECKED_AT_ONCE: usize = 16;
/// How often the battery is asked for meanwhile.
const HEALTH_EVERY: Duration = Duration::from_secs(60);

/// How far the copying is.
struct Copying {
    store: FileStore,
    /// The copies that there are, by the paths of their files.
    copies: HashMap<HandsetPath, FileCopy>,
    /// Those of earlier parts of the rescue.
    earlier: Vec<FileCopy>,
    bytes: u64,
    /// The part of `bytes` that is on the disk, each file whole.
    safe: u64,
    of_bytes: u64,
    /// When bytes were told, and when files.
    told: Instant,
    counted: Instant,
    health: Instant,
    lacking: Lacking,
    in_a_row: usize,
}

impl Reader<'_> {
    /// Copies what a collection's records list and is not copied yet. Gives what could not be copied, each a sentence.
    pub(super) fn copy_files(&mut self, what: Collection, safe: &mut Safe) -> Done<Vec<String>> {
        self.copy_listed(what, safe, false)
    }

    /// The same for what an earlier part listed, without a look at the handset: one that was gone for a moment may soon be
    /// gone again. The first file that can't be read ends it, since its storage may not be there yet.
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
        let (mut files, copies) = self.files_and_copies(what)?;
        // Those of an earlier part that were not listed again come last: their storage may be gone, or it is not shown by
        // this approach.
        files.sort_by_cached_key(|file| (self.is_unlisted(file), file.order()));
        let folder = lock(self.vault).folder().to_owned();
        let mut copying = Copying {
            store: FileStore::new(&folder, copies.values()),
            earlier: copies.values().cloned().collect(),
            copies,
            bytes: 0,
            safe: 0,
            of_bytes: files
                .iter()
                .fold(0, |sum: u64, file| sum.saturating_add(file.size)),
            told: Instant::now(),
            counted: Instant::now(),
            health: Instant::now(),
            lacking: Lacking::of("files", "copied"),
            in_a_row: 0,
        };
        safe.of = Some(files.len() as u64);
        safe.rows = 0;
        safe.tally.living = 0;
        let listed: HashMap<_, _> = files
            .iter()
            .filter(|file| self.goes_on() && !self.is_unlisted(file))
            .filter_map(|file| Some((place_on_card(file)?, file.path.clone())))
            .collect();
        for file in &files {
            let copy = copying.copies.get(&file.path).cloned();
            let copy = match copy {
                None if self.is_unlisted(file) => {
                    self.copy_by_another_path(what, file, &listed, &mut copying)?
                }
                copy => copy,
            };
            let there = copy.filter(|copy| copy.is_of(file) && copying.store.has(copy));
            let is_there = there.as_ref().is_some_and(|copy| copy.damaged == 0);
            let is_copied = match there {
                Some(copy) if copy.damaged > 0 => {
                    copying.note_damage(&copy);
                    true
                }
                Some(_) => true,
                None if try_handset!(self.copy_file(what, file, &mut copying, safe)?) => {
                    copying.in_a_row = 0;
                    true
                }
                None if is_early => return Ok(Ok(Vec::new())),
                None => false,
            };
            copying.bytes = copying.bytes.saturating_add(file.size);
            if is_copied {
                let copy = copying.copies.get(&file.path);
                let bytes = copy.map_or(0, |copy| copy.size.saturating_sub(copy.damaged));
                copying.safe = copying.safe.saturating_add(bytes.min(file.size));
            }
            safe.rows += 1;
            if is_there {
                safe.tally.living += 1;
            }
            if copying.counted.elapsed() >= TOLD_EVERY {
                self.tell_copied(what, &copying, safe);
                (copying.counted, copying.told) = (Instant::now(), Instant::now());
            }
            if copying.health.elapsed() >= HEALTH_EVERY {
                copying.health = Instant::now();
                try_handset!(self.tell_health());
            }
        }
        if is_early {
            return Ok(Ok(Vec::new()));
        }
        let spoilt = try_handset!(self.spoilt(what, &copying)?);
        for file in &files {
            let copy = copying.copies.get(&file.path);
            let Some(copy) = copy.filter(|copy| spoilt.contains(&copy.place)) else {
                continue;
            };
            safe.tally.living -= u64::from(copy.damaged == 0).min(safe.tally.living);
            try_handset!(self.copy_file(what, file, &mut copying, safe)?);
        }
        self.tell_copied(what, &copying, safe);
        Ok(Ok(copying.lacking.sentences()))
    }

    /// Copies of earlier parts may have been altered since. Those that are not what was copied any more are taken away, so
    /// that their files are copied again while the handset is there; their places are given.
    fn spoilt(&mut self, what: Collection, copying: &Copying) -> Done<HashSet<String>> {
        let is_there = |copy: &&FileCopy| {
            copying.copies.get(&copy.path) == Some(*copy) && copying.store.has(copy)
        };
        let earlier: Vec<&FileCopy> = copying.earlier.iter().filter(is_there).collect();
        let folder = lock(self.vault).folder().to_owned();
        let mut spoilt = HashSet::new();
        if !earlier.is_empty() {
            (self.tell)(Progress::LookingAgain(what));
        }
        for some in earlier.chunks(CHECKED_AT_ONCE) {
            if self.stop.is_stopped() {
                return Ok(Err(HandsetError::Stopped));
            }
            let stop = &Stop::new();
            spoilt.extend(store::changed(
                &folder,
                some.iter().copied(),
                stop,
                &mut |_| {},
            ));
        }
        for place in &spoilt {
            copying.store.discard(place)?;
            lock(self.vault).log(&format!(
                "{}: a copy was altered since it was made, and its file is copied again: {place}",
                what.name()
            ))?;
        }
        Ok(Ok(spoilt))
    }

    fn is_unlisted(&self, file: &HandsetFile) -> bool {
        self.goes_on() && !self.listed.contains(&file.path)
    }

    /// The copy of a file of an earlier part that is listed by another path now: approaches call a phone's memory card by
    /// different names.
    fn copy_by_another_path(
        &mut self,
        what: Collection,
        file: &HandsetFile,
        listed: &HashMap<PlaceOnCard, HandsetPath>,
        copying: &mut Copying,
    ) -> Result<Option<FileCopy>, VaultError> {
        let path = place_on_card(file).and_then(|place| listed.get(&place));
        let Some(copy) = path.and_then(|path| copying.copies.get(path)) else {
            return Ok(None);
        };
        let copy = FileCopy {
            path: file.path.clone(),
            duplicate: true,
            ..copy.clone()
        };
        self.commit_copy(what, copy.clone(), None)?;
        copying.copies.insert(copy.path.clone(), copy.clone());
        Ok(Some(copy))
    }

    /// Notes a copy; `file` is what the handset lists by now, where that has changed.
    fn commit_copy(
        &mut self,
        what: Collection,
        copy: FileCopy,
        file: Option<HandsetFile>,
    ) -> Result<(), VaultError> {
        let record = |key, body| Record { key, body };
        let mut records = vec![record(copy.key(), RecordBody::Copied(copy))];
        records.extend(file.map(|file| record(file.key(), RecordBody::File(file))));
        let batch = Batch {
            records,
            ..Batch::default()
        };
        self.log_asked()?;
        lock(self.vault).commit(what, &batch)
    }

    fn files_and_copies(
        &self,
        what: Collection,
    ) -> Result<(Vec<HandsetFile>, HashMap<HandsetPath, FileCopy>), VaultError> {
        let (mut files, mut copies) = (Vec::new(), HashMap::new());
        let kinds = [RecordKind::File, RecordKind::Copied];
        lock(self.vault).for_each_record(what, &kinds, |record| {
            match record.body {
                RecordBody::File(file) => files.push(file),
                RecordBody::Copied(copy) => {
                    copies.insert(copy.path.clone(), copy);
                }
                _ => {}
            }
            Ok::<_, VaultError>(())
        })?;
        Ok((files, copies))
    }

    /// Copies one file. False: it can't be, and that is noted.
    fn copy_file(
        &mut self,
        what: Collection,
        listed: &HandsetFile,
        copying: &mut Copying,
        safe: &mut Safe,
    ) -> Done<bool> {
        let mut file = listed.clone();
        for _ in 0..TRIES {
            if self.stop.is_stopped() {
                return Ok(Err(HandsetError::Stopped));
            }
            try_handset!(self.make_room(&file)?);
            let mut partial = copying.store.begin(&file)?;
            if partial.len() > file.size {
                partial.restart()?;
            }
            let fetched = self.fetch_around(what, &file, &mut partial, copying)?;
            let after = match fetched {
                Ok(after) => after,
                Err(error) if error.is_link_lost() || matches!(error, HandsetError::Stopped) => {
                    partial.keep()?;
                    return Ok(Err(error));
                }
                Err(error) => {
                    partial.restart()?;
                    copying.in_a_row += usize::from(!self.is_unlisted(listed));
                    if copying.in_a_row >= MOST_IN_A_ROW {
                        return Ok(Err(error));
                    }
                    copying.lacking.add(&file.path, &error.to_string());
                    return Ok(Ok(false));
                }
            };
            let damage = partial.damage();
            if damage > 0 && damage >= file.size {
                partial.restart()?;
                copying.lacking.add(&file.path, "none of it can be read");
                return Ok(Ok(true));
            }
            let Some(after) = after else {
                partial.restart()?;
                copying.lacking.add(&file.path, "it is no longer there");
                return Ok(Ok(false));
            };
            let is_whole = damage > 0 || after.is_whole_at(partial.len());
            if after.modified == file.modified && is_whole {
                let copy = copying.store.put(partial, &file)?;
                if damage > 0 {
                    copying.note_damage(&copy);
                }
                copying.copies.insert(copy.path.clone(), copy.clone());
                // What it is now, in place of what it was.
                let changed = (file != *listed).then_some(file);
                self.commit_copy(what, copy, changed)?;
                safe.tally.living += u64::from(damage == 0);
                return Ok(Ok(true));
            }
            partial.restart()?;
            file = after;
        }
        copying
            .lacking
            .add(&listed.path, "it changed again and again while it was read");
        Ok(Ok(false))
    }

    /// Reads one file around the bytes of it that can't be read.
    fn fetch_around(
        &mut self,
        what: Collection,
        file: &HandsetFile,
        partial: &mut Partial,
        copying: &mut Copying,
    ) -> Done<Option<HandsetFile>> {
        loop {
            let length = match self.fetch(what, file, partial, copying)? {
                Err(HandsetError::Gap { length, .. }) => length.max(1),
                done => return Ok(done),
            };
            try_handset!(self.make_room(file)?);
            let is_last = partial.len().saturating_add(length) >= file.size;
            partial.gap(length, file.size)?;
            if is_last {
                return Ok(Ok(Some(file.clone())));
            }
            if self.stop.is_stopped() {
                return Ok(Err(HandsetError::Stopped));
            }
        }
    }

    /// Reads what is left of one file, from its start if the handset can't begin in its middle.
    fn fetch(
        &mut self,
        what: Collection,
        file: &HandsetFile,
        partial: &mut Partial,
        copying: &mut Copying,
    ) -> Done<Option<HandsetFile>> {
        loop {
            let from = partial.len();
            let tell = &mut self.tell;
            let mut told = Watched {
                partial: &mut *partial,
                told: &mut copying.told,
                tell: &mut |within: u64| {
                    tell(Progress::Copied {
                        what,
                        bytes: copying.bytes.saturating_add(within),
                        safe: copying.safe,
                        of_bytes: copying.of_bytes,
                    });
                },
            };
            let done = self.handset.fetch(file, from, &mut told);
            if let Some(error) = partial.take_error() {
                return Err(RescueError::from(error));
            }
            match done {
                Err(error)
                    if from > 0
                        && !error.is_link_lost()
                        && !matches!(error, HandsetError::Stopped | HandsetError::Gap { .. }) =>
                {
                    partial.restart()?;
                }
                done => return Ok(done),
            }
        }
    }

    /// Makes sure that a file fits on the disk, beside what the rest of the rescue needs.
    fn make_room(&mut self, file: &HandsetFile) -> Result<Result<(), HandsetError>, VaultError> {
        let place = lock(self.vault).folder().to_owned();
        match folder::check_space(&place, SPACE.saturating_add(file.size)) {
            Err(error @ VaultError::NoSpace { .. }) => Ok(Err(HandsetError::NoRoom {
                what: error.to_string(),
                advice: error.advice().to_owned(),
            })),
            Err(error) => Err(error),
            Ok(_) => Ok(Ok(())),
        }
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

/// Where a file lies on its card, its size and its time.
type PlaceOnCard = (Vec<u8>, u64, i64);

/// What a file of a phone's memory card is by whichever approach: without the card's own place, `/storage/1A2B-3C4D/` or
/// `/SD card/`. `None`: it is none, or tells no time.
fn place_on_card(file: &HandsetFile) -> Option<PlaceOnCard> {
    let path = file
        .path
        .0
        .strip_prefix(b"/storage")
        .unwrap_or(&file.path.0);
    let (storage, place) = path.split_at(path.iter().skip(1).position(|byte| *byte == b'/')? + 1);
    let is_card = storage != SHARED_STORAGE && file.modified != 0;
    is_card.then(|| (place.to_vec(), file.size, file.modified))
}

impl Copying {
    /// Notes that a copy is not whole.
    fn note_damage(&mut self, copy: &FileCopy) {
        self.lacking.add(
            &copy.path,
            &format!(
                "{} of its bytes can't be read; the others are kept as {}",
                copy.damaged, copy.place
            ),
        );
    }
}

/// A copy that tells now and then how far it is.
struct Watched<'a> {
    partial: &'a mut Partial,
    told: &'a mut Instant,
    tell: &'a mut dyn FnMut(u64),
}

impl std::io::Write for Watched<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.partial.write(bytes)?;
        if self.told.elapsed() >= TOLD_EVERY {
            *self.told = Instant::now();
            (self.tell)(self.partial.len());
        }
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.partial.flush()
    }
}
