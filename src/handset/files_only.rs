//! Handsets that offer only files: a memory card, an image of a card, or a phone or camera that transfers files.

use std::io::Write;

use super::{Handset, HandsetError, Lacking};
use crate::many::{Fingerprints, Packed};
use crate::model::{
    Asked, Batch, Bookmark, Collection, Findings, HandsetFile, Health, Holding, Identity,
    NotCovered, Past, Record, RecordBody, Remedy, ResetLine,
};
use crate::phrase;

/// Number of files in a batch.
const FILES_AT_ONCE: usize = 500;
/// Bookmark of a complete listing.
const LISTED: &str = "listed";

/// A source of files. Every method only reads.
pub trait FileSource: Send {
    /// See [`Handset::identity`].
    fn identity(&self) -> &Identity;
    /// See [`Handset::health`].
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn health(&mut self) -> Result<Health, HandsetError> {
        Ok(Health::default())
    }
    /// Lists the owner's files (see [`owners`](super::owner_files::owners)) on all storages, in any order. Each file is
    /// passed to `found`, since there may be a million files.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn list(&mut self, found: &mut dyn FnMut(HandsetFile)) -> Result<Listing, HandsetError>;
    /// See [`Handset::fetch`].
    ///
    /// # Errors
    /// If the file can't be read, the link is lost or the rescue is stopped.
    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError>;
    /// False if only Lifeboat can reach the storages while they are read, so that their content cannot change.
    fn is_in_use(&self) -> bool {
        true
    }
    /// What was learned about the files while they were copied.
    fn findings(&mut self) -> Findings {
        Findings::default()
    }
    /// Why the source gives no contacts, events or to-dos although the device has them: [`Holding::unreadable`] if
    /// another approach would give them, [`Holding::out_of_reach`] if none does. `None` if devices of this kind have
    /// none; the device is then judged by its files alone.
    fn lacks(&self, what: Collection) -> Option<Holding>;
    /// Data outside the rescue that a reset also destroys.
    fn not_covered(&self) -> Vec<ResetLine>;
    /// See [`Handset::asked`].
    fn asked(&mut self) -> Vec<Asked>;
    /// See [`Handset::traces`].
    fn traces(&self) -> Vec<String>;
    /// See [`Handset::way_to_unlock`].
    fn way_to_unlock(&self) -> &'static str {
        phrase("Unlock the device.")
    }
    /// See [`Handset::look_at_lock`].
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        Ok(false)
    }
}

/// The result of a listing, apart from the files themselves.
#[derive(Debug)]
pub struct Listing {
    /// Folders and files that could not be listed.
    pub lacking: Lacking,
    /// Set if nothing can be listed now: why, and what to do about it. A locked or hidden storage is not an empty one.
    pub unreadable: Option<String>,
    /// The remedy, if the handset is only locked.
    pub remedy: Option<Remedy>,
    /// Evidence and remarks, each a sentence.
    pub notes: Vec<String>,
}

impl Default for Listing {
    fn default() -> Self {
        Self {
            lacking: Lacking::of(phrase("folders"), phrase("fully listed")),
            unreadable: None,
            remedy: None,
            notes: Vec::new(),
        }
    }
}

/// The handset that is made from a source of files.
pub struct FilesOnly<S> {
    source: S,
    files: ListedFiles,
    missing: Vec<String>,
}

impl<S: FileSource> FilesOnly<S> {
    pub fn new(source: S) -> Self {
        Self {
            source,
            files: ListedFiles::default(),
            missing: Vec::new(),
        }
    }
}

impl<S: FileSource> Handset for FilesOnly<S> {
    fn identity(&self) -> &Identity {
        self.source.identity()
    }

    fn way_to_unlock(&self) -> &'static str {
        self.source.way_to_unlock()
    }

    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        self.source.look_at_lock()
    }

    fn health(&mut self) -> Result<Health, HandsetError> {
        self.source.health()
    }

    fn collections(&mut self) -> Result<Vec<Collection>, HandsetError> {
        let all = Collection::ALL.into_iter();
        let is_missed =
            |what: &Collection| what.is_precious() && self.source.lacks(*what).is_some();
        let is_offered = |what: &Collection| what.is_files() || is_missed(what);
        Ok(all.filter(is_offered).collect())
    }

    fn survey(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError> {
        if what != Collection::Files {
            return Ok(self.source.lacks(what).unwrap_or_default());
        }
        self.files.forget();
        self.files.begin();
        let (mut all, mut new) = (0_u64, 0_u64);
        let listing = self.source.list(&mut |file| {
            all += 1;
            new += u64::from(!past.keys.contains(&file.key()));
            self.files.add(file);
        })?;
        self.missing = listing.lacking.sentences();
        let mut holding = Holding {
            notes: listing.notes,
            unreadable: listing.unreadable,
            remedy: listing.remedy,
            ..Holding::default()
        };
        if let Some(why) = &holding.unreadable {
            // The files of an earlier part are only hidden now: the rescue can continue when they are visible again.
            return match past.bookmark.is_some() {
                true if holding.remedy == Some(Remedy::Unlock) => Err(HandsetError::Locked {
                    advice: self.source.way_to_unlock().into(),
                }),
                true => Err(hidden(why.clone())),
                false => Ok(holding),
            };
        }
        (holding.handset_says, holding.rows) = (Some(all), Some(all));
        holding.changed.extend(note_about_new_files(new, past));
        if all == 0 {
            holding.notes.push(
                phrase("No pictures, videos, recordings or exported lists were found.").into(),
            );
        }
        self.files.end();
        Ok(holding)
    }

    fn next_batch(
        &mut self,
        what: Collection,
        _: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        Ok(match what {
            Collection::Files => self.files.next_batch(),
            _ => None,
        })
    }

    fn look_again(&mut self, what: Collection) -> Result<bool, HandsetError> {
        if what != Collection::Files || !self.source.is_in_use() {
            return Ok(false);
        }
        self.files.begin();
        let listing = self.source.list(&mut |file| self.files.add(file))?;
        if let Some(why) = listing.unreadable {
            return Err(hidden(why));
        }
        self.missing = listing.lacking.sentences();
        Ok(self.files.end())
    }

    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        self.source.fetch(file, from, sink)
    }

    fn findings(&mut self, what: Collection) -> Result<Findings, HandsetError> {
        if what != Collection::Files {
            return Ok(Findings::default());
        }
        let mut findings = self.source.findings();
        findings.missing.splice(..0, self.missing.drain(..));
        Ok(findings)
    }

    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError> {
        let lines = self.source.not_covered();
        Ok(lines.into_iter().map(NotCovered::listed).collect())
    }

    fn asked(&mut self) -> Vec<Asked> {
        self.source.asked()
    }

    fn traces(&self) -> Vec<String> {
        self.source.traces()
    }
}

/// Returns the error for files that were listed before and are hidden now: the rescue can continue when they are
/// visible again.
fn hidden(advice: String) -> HandsetError {
    HandsetError::Lost {
        what: phrase("the device no longer shows the files that it listed before").into(),
        advice,
    }
}

/// The files that a handset lists, collected into batches.
#[derive(Debug)]
pub(super) struct ListedFiles {
    /// Files not yet handed over.
    waiting: Packed<HandsetFile>,
    /// Fingerprints of each file's path, size and time: `before` in the last complete list, `now` in the current one.
    before: Fingerprints,
    now: Fingerprints,
}

impl Default for ListedFiles {
    fn default() -> Self {
        Self {
            waiting: Packed::by(FILES_AT_ONCE),
            before: Fingerprints::default(),
            now: Fingerprints::default(),
        }
    }
}

impl ListedFiles {
    /// Forgets the last list.
    pub fn forget(&mut self) {
        self.before = Fingerprints::default();
    }

    /// Begins a new list of all files.
    pub fn begin(&mut self) {
        self.waiting = Packed::by(FILES_AT_ONCE);
        self.now = Fingerprints::default();
    }

    /// Adds a file to the list. If the file is new or has changed since the last list, it waits to be handed over.
    pub fn add(&mut self, file: HandsetFile) {
        let as_it_is = (&file.path, file.size, file.modified);
        self.now.insert(&as_it_is, ());
        if !self.before.contains(&as_it_is) {
            self.waiting.push(file);
        }
    }

    /// Ends the list. True if files wait to be handed over.
    pub fn end(&mut self) -> bool {
        self.before = std::mem::take(&mut self.now);
        !self.waiting.is_empty()
    }

    /// Returns the next waiting files as records; `None` if no files are left.
    pub fn next_batch(&mut self) -> Option<Batch> {
        let listed = |file: HandsetFile| Record {
            key: file.key(),
            body: RecordBody::File(file),
        };
        let records: Vec<_> = self.waiting.take().into_iter().map(listed).collect();
        let bookmark = self.waiting.is_empty().then(|| Bookmark(LISTED.into()));
        (!records.is_empty()).then(|| Batch {
            records,
            bookmark,
            ..Batch::default()
        })
    }
}

/// Returns the note that `new` files were added or moved since an earlier part of the rescue listed the files.
pub(super) fn note_about_new_files(new: u64, past: &Past) -> Option<String> {
    // An incomplete earlier listing does not tell which files are new.
    if !past.is_resumed || past.bookmark.is_none() {
        return None;
    }
    (new > 0).then(|| {
        phrase!(
            "{new} files were added or moved since the earlier part of this rescue. They were read too."
        )
    })
}
