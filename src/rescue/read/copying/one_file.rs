//! Copying one file: tries, unreadable bytes, room on the disk.

use std::time::Instant;

use super::super::{Done, Reader, SPACE, Safe, TOLD_EVERY};
use super::{CopyResult, Copying, PendingCopy};
use crate::collections::lock;
use crate::handset::HandsetError;
use crate::model::{Advice, Collection, HandsetFile};
use crate::phrase;
use crate::rescue::error::RescueError;
use crate::rescue::progress::Progress;
use crate::vault::store::Partial;
use crate::vault::{VaultError, folder};

/// How often a file is read again if it changes while it is read.
const TRIES: usize = 3;
/// After this number of unreadable files in a row, the handset's storage counts as gone.
const MOST_IN_A_ROW: usize = 50;

impl Reader<'_> {
    /// Copies one file. Bytes that can't be read are recorded.
    pub(super) fn copy_file(
        &mut self,
        what: Collection,
        listed: &HandsetFile,
        copying: &mut Copying,
        safe: &mut Safe,
    ) -> Done<CopyResult> {
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
                    return Ok(Ok(CopyResult::NotCopied));
                }
            };
            let damage = partial.damage();
            if damage > 0 && damage >= file.size {
                partial.restart()?;
                copying
                    .lacking
                    .add(&file.path, phrase("no part of the file can be read"));
                return Ok(Ok(CopyResult::Unreadable));
            }
            let Some(after) = after else {
                partial.restart()?;
                copying
                    .lacking
                    .add(&file.path, phrase("the file is no longer on the phone"));
                return Ok(Ok(CopyResult::NotCopied));
            };
            let is_whole = damage > 0 || after.is_whole_at(partial.len());
            if after.modified == file.modified && is_whole {
                let copy = partial.close(file.modified)?;
                let is_changed = file != *listed;
                copying.add_pending(PendingCopy {
                    copy,
                    file,
                    is_changed,
                });
                if copying.is_full() {
                    self.make_safe(what, copying, safe)?;
                }
                return Ok(Ok(CopyResult::Written));
            }
            partial.restart()?;
            file = after;
        }
        copying.lacking.add(
            &listed.path,
            phrase("the file kept changing while it was read"),
        );
        Ok(Ok(CopyResult::NotCopied))
    }

    /// Reads one file, skipping the bytes that can't be read.
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

    /// Reads the rest of one file, or the whole file if the handset can't start in its middle.
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
                    let name = file.path.shown();
                    tell(Progress::Current { what, name });
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

    /// Checks that a file fits on the disk together with the rest of the rescue.
    fn make_room(&mut self, file: &HandsetFile) -> Result<Result<(), HandsetError>, VaultError> {
        let place = lock(self.vault).folder().to_owned();
        match folder::check_space(&place, SPACE.saturating_add(file.size)) {
            Err(error @ VaultError::NoSpace { .. }) => Ok(Err(HandsetError::NoRoom {
                what: error.to_string(),
                advice: error.advice(),
            })),
            Err(error) => Err(error),
            Ok(_) => Ok(Ok(())),
        }
    }
}

/// A partial copy that reports its progress at intervals.
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
