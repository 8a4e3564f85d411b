//! What the phone's own lists of photos and recordings say of the backup's files, and which photos they name that the
//! backup does not have.

use std::sync::Arc;

use chrono::DateTime;

use super::files::{owners, path_of, within};
use super::index::Index;
use super::store::Store;
use crate::format::iphone_backup::Entry;
use crate::handset::HandsetError;
use crate::handset::iphone::databases::Source;
use crate::handset::iphone::databases::media::{self, Belongs};
use crate::handset::owner_files;
use crate::model::{FileKind, FileRank, HandsetFile, HandsetPath, InLibrary, counted, grouped};
use crate::phrase;

const PHOTOS: &str = "CameraRollDomain";

/// The domains of what the lists name.
const DOMAINS: [&str; 3] = [
    PHOTOS,
    "MediaDomain",
    "AppDomainGroup-group.com.apple.VoiceMemos.shared",
];

/// Where the phone keeps small pictures: `…/DCIM/100APPLE/IMG_0001.HEIC/5003.JPG`.
const SMALL: &str = "Media/PhotoData/Thumbnails/V2/";

/// Number of missing photos that are named.
const MOST_NAMED: usize = 10;

/// What the lists name.
#[derive(Debug, Default)]
pub struct Library {
    /// The list of photos was there, and was read to its end.
    pub has_photos: bool,
    /// Things in the lists.
    listed: u64,
    /// Photos and films of the owner, without those that were deleted lately, and those of them that the backup names.
    photos: u64,
    photos_here: u64,
    /// Things without a file in the backup.
    pub photos_elsewhere: Elsewhere,
    recordings: Elsewhere,
    shared: u64,
    streamed: u64,
    sent: u64,
    on_computer: u64,
    unread: Vec<String>,
    /// The phone has a mark that “iCloud Photos” is on.
    is_in_cloud: bool,
    /// Small pictures of photos whose own files are not in the backup.
    small: u64,
}

/// Things that are in a list and whose files the backup does not name.
#[derive(Debug, Default)]
pub struct Elsewhere {
    pub count: u64,
    named: Vec<String>,
    oldest: Option<i64>,
    newest: Option<i64>,
}

impl Elsewhere {
    fn add(&mut self, about: &InLibrary) {
        self.count += 1;
        if let Some(taken) = about.taken {
            self.oldest = Some(self.oldest.map_or(taken, |oldest| oldest.min(taken)));
            self.newest = Some(self.newest.map_or(taken, |newest| newest.max(taken)));
        }
        if self.named.len() < MOST_NAMED {
            self.named.extend(about.name.clone());
        }
    }

    /// `, taken between 2019-05-01 and 2026-11-02: IMG_1.HEIC, IMG_2.HEIC and 10 more`.
    fn described(&self) -> String {
        let day = |seconds: Option<i64>| {
            let time = DateTime::from_timestamp(seconds?, 0)?;
            Some(time.format("%Y-%m-%d").to_string())
        };
        let mut text = match (day(self.oldest), day(self.newest)) {
            (Some(oldest), Some(newest)) if oldest == newest => phrase!(", of {oldest}"),
            (Some(oldest), Some(newest)) => phrase!(", of {oldest} to {newest}"),
            _ => String::new(),
        };
        if !self.named.is_empty() {
            text.push_str(&format!(": {}", self.named.join(", ")));
            let more = self.count.saturating_sub(self.named.len() as u64);
            if more > 0 {
                text.push_str(&phrase!(" and {} more", grouped(more)));
            }
        }
        text
    }
}

/// Returns the number of photos, in words.
pub fn photos(count: u64) -> String {
    counted(count, phrase("photo or video"), phrase("photos and videos"))
}

impl Library {
    /// Reads the lists, and notes in the index what they say of each file.
    ///
    /// # Errors
    /// If the rescue is stopped, or the disk is full.
    pub fn read(store: &Arc<Store>) -> Result<Self, HandsetError> {
        let source: Arc<dyn Source> = store.clone();
        let mut library = Self::default();
        let mut done = Ok(media::Lists::default());
        let filled = store.index.fill_library(&mut |add| {
            let mut failed = None;
            done = media::each(&source, &mut |medium| {
                let mut places = medium.places.iter();
                let has = |(domain, path): &&(&str, String)| {
                    store.index.has(domain, path).unwrap_or_default()
                };
                let here = places.find(has);
                let is_here = here.is_some();
                if let Some((domain, path)) = here.or(medium.places.first()) {
                    let added = add(domain, path, &medium.about, medium.trashed);
                    failed = added.err().or(failed.take());
                }
                let is_own = medium.belongs == Belongs::Own && !medium.trashed;
                library.listed += 1;
                library.photos += u64::from(is_own);
                library.photos_here += u64::from(is_own && is_here);
                match medium.belongs {
                    _ if is_here => {}
                    Belongs::Own if is_own => library.photos_elsewhere.add(&medium.about),
                    Belongs::Recording if !medium.trashed => library.recordings.add(&medium.about),
                    Belongs::Own | Belongs::Recording => {}
                    Belongs::SharedAlbum => library.shared += 1,
                    Belongs::Stream => library.streamed += 1,
                    Belongs::Sent => library.sent += 1,
                    Belongs::Computer => library.on_computer += 1,
                }
            });
            failed.map_or(Ok(()), Err)
        });
        filled.map_err(|error| super::handset::no_index(&error))?;
        let lists = done?;
        (library.has_photos, library.unread) = (lists.has_photos, lists.unread);
        // Source: the list of files of a backup of iOS 14.3 (mvt's test data).
        let marker = "Media/PhotoData/cpl_enabled_marker";
        library.is_in_cloud = store.index.has(PHOTOS, marker).unwrap_or_default();
        Ok(library)
    }

    /// Takes back what was counted, if the list of photos is not that of the photos which are in the backup: it names other
    /// places. `photos`: the number of photos and films of the phone's camera in the backup.
    pub fn compare(&mut self, photos: u64) {
        if photos > 0 && self.photos > 0 && self.photos_here == 0 {
            self.photos_elsewhere = Elsewhere::default();
            self.has_photos = false;
            self.unread.push(
                phrase(
                    "None of the photos in the phone's list is in the backup, which has others.",
                )
                .to_owned(),
            );
        }
    }

    /// Returns a file with its entry in the phone's lists, or the small picture of a photo whose own file is not in the
    /// backup. `None`: the entry is not a file of the owner.
    ///
    /// # Errors
    /// If the private copy of the list can't be read.
    pub fn owners(
        &mut self,
        index: &Index,
        entry: &Entry,
    ) -> rusqlite::Result<Option<HandsetFile>> {
        let may_be_listed = self.listed > 0 && DOMAINS.contains(&entry.domain.as_str());
        match owners(entry) {
            Some(file) if may_be_listed => described(index, entry, file).map(Some),
            Some(file) => Ok(Some(file)),
            None if may_be_listed => {
                let small = small_picture(index, entry)?;
                self.small += u64::from(small.is_some());
                Ok(small)
            }
            None => Ok(None),
        }
    }

    /// Remarks on the photos and recordings, those that are not saved first.
    pub fn notes(&self, is_whole: bool) -> Vec<String> {
        let mut notes = Vec::new();
        let elsewhere = &self.photos_elsewhere;
        if elsewhere.count > 0 {
            let why = match (is_whole, self.is_in_cloud) {
                (true, true) => phrase(
                    "“iCloud Photos” is on, so that they are in iCloud. Check at icloud.com that they are there.",
                ),
                (true, false) => phrase(
                    "The phone may have put them into iCloud. Check on the phone and at icloud.com where they are.",
                ),
                (false, _) => {
                    phrase("The backup was not finished, or its list of files is damaged.")
                }
            };
            notes.push(phrase!(
                "NOT saved, since the backup does not have their files: {} of the {} in the phone's library{}. {why}",
                grouped(elsewhere.count),
                photos(self.photos),
                elsewhere.described()
            ));
        }
        if self.small > 0 {
            notes.push(phrase!(
                "Small pictures of photos that are not in the backup, saved in the folder “Small pictures”: {}.",
                grouped(self.small)
            ));
        }
        if self.recordings.count > 0 {
            notes.push(phrase!(
                "NOT saved, since the backup does not have their files: {} voice memos{}. They may be in iCloud.",
                grouped(self.recordings.count),
                self.recordings.described()
            ));
        }
        if self.has_photos {
            notes.push(
                phrase(
                    "The phone's own list of photos is among the documents (Photos.sqlite): it has the albums, people and \
                     captions, which Lifeboat does not read.",
                )
                .to_owned(),
            );
        }
        let mut more = |count: u64, sentence: &dyn Fn(String) -> String| {
            if count > 0 {
                notes.push(sentence(grouped(count)));
            }
        };
        more(self.on_computer, &|n| {
            phrase!(
                "Photos that a computer put on the phone are not in backups: {n}. The computer has them."
            )
        });
        more(self.shared, &|n| {
            phrase!(
                "Photos in shared albums of iCloud, which are not in backups: {n}. They stay in the album as long as \
                 its owner keeps it."
            )
        });
        more(self.streamed, &|n| {
            phrase!(
                "Photos of “My Photo Stream”, which are not in backups: {n}. The device that took them has them."
            )
        });
        more(self.sent, &|n| {
            phrase!(
                "Photos that the library shows because somebody sent them, and that were not saved in it: {n}. They \
                 are among the attachments of messages."
            )
        });
        if !self.unread.is_empty() {
            notes.push(phrase!(
                "The phone's list of its photos or recordings can't be read to its end, so that names and dates are \
                 missing, and the photos that are only in iCloud can't be counted: {}",
                self.unread.join(" ")
            ));
        }
        notes
    }
}

/// Returns the small picture of a photo whose own file is not in the backup: then it is all that there is. `None`: the entry
/// is something else.
///
/// # Errors
/// If the private copy of the list can't be read.
fn small_picture(index: &Index, entry: &Entry) -> rusqlite::Result<Option<HandsetFile>> {
    let place = entry.path.strip_prefix(SMALL);
    let Some((photo, size)) = place.and_then(|place| place.rsplit_once('/')) else {
        return Ok(None);
    };
    let path = format!("Media/{photo}");
    let kind = owner_files::kind_of(size.as_bytes());
    if entry.domain != PHOTOS || kind != Some(FileKind::Photo) || index.has(PHOTOS, &path)? {
        return Ok(None);
    }
    let Some((about, false)) = index.in_library(PHOTOS, &path)? else {
        return Ok(None);
    };
    let name = with_ending_of(photo, size);
    let to = format!("{}{name}", phrase("Small pictures/"));
    Ok(Some(HandsetFile {
        path: path_of(entry),
        relative: HandsetPath(within(&to).into_bytes()),
        size: entry.size,
        exact: true,
        modified: about.taken.unwrap_or(entry.modified),
        kind: FileKind::Photo,
        rank: FileRank::Cache,
        trashed: false,
        library: Some(Box::new(about)),
    }))
}

/// Returns the file with its entry in the phone's lists.
///
/// # Errors
/// If the private copy of the list can't be read.
fn described(index: &Index, entry: &Entry, file: HandsetFile) -> rusqlite::Result<HandsetFile> {
    let Some((mut about, trashed, is_exact)) = find(index, &entry.domain, &entry.path)? else {
        return Ok(file);
    };
    let own_name = entry.path.rsplit('/').next().unwrap_or_default();
    if !is_exact {
        // The film of a Live Photo, the recipe of an edit, the edited picture.
        about.name = about.name.map(|name| with_ending_of(&name, own_name));
    }
    Ok(HandsetFile {
        // The list of files has the time at which the file was written on this phone: later than the photo was taken, if
        // it came from another phone, from a camera or from iCloud.
        modified: about.taken.unwrap_or(file.modified),
        trashed: file.trashed || trashed,
        library: Some(Box::new(about)),
        ..file
    })
}

fn find(
    index: &Index,
    domain: &str,
    path: &str,
) -> rusqlite::Result<Option<(InLibrary, bool, bool)>> {
    let exact = index.in_library(domain, path)?;
    if let Some((about, trashed)) = exact {
        return Ok(Some((about, trashed, true)));
    }
    let mutation = path
        .strip_prefix("Media/PhotoData/Mutations/")
        .and_then(|rest| rest.split_once("/Adjustments/"))
        .map(|(photo, _)| format!("Media/{photo}"));
    let composition = path
        .split_once(".composition/")
        .map(|(memo, _)| memo.to_owned());
    let stem = mutation
        .or(composition)
        .unwrap_or_else(|| stem(path).to_owned());
    let found = index.with_stem(domain, &stem)?;
    Ok(found.map(|(about, trashed)| (about, trashed, false)))
}

/// A path without the extension of its name.
pub fn stem(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, ending)) if !ending.contains('/') => stem,
        Some(_) | None => path,
    }
}

fn with_ending_of(name: &str, other: &str) -> String {
    match other.rsplit_once('.') {
        Some((_, ending)) => format!("{}.{ending}", stem(name)),
        None => name.to_owned(),
    }
}
