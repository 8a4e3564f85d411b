//! The contact files of a rescue folder.
//!
//! All files are written in a staging folder inside the data folder, flushed to the disk, and only then moved into
//! place. An interrupted export can therefore simply be run again.

mod google;
mod read_back;
mod singles;
mod v4_thread;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::safe_name;
use crate::format::Losses;
use crate::format::contact_csv::{GoogleCsv, OutlookCsv};
use crate::format::vcard::{Photo, formatted_name, v3};
use crate::model::Contact;
use crate::system::place as seam;
use crate::system::private::{create_file, create_folder};
use google::{Part, count, split, write_google};
use singles::Singles;
use v4_thread::V4Thread;

pub use google::GOOGLE_MAX_CARDS;
pub use read_back::{ReadBack, ReadBackError, read_back, read_back_while};

/// Every card, vCard 3.0.
pub const ALL: &str = "contacts.vcf";
/// Every card, vCard 4.0.
pub const ALL_V4: &str = "contacts-v4.vcf";
/// A folder with one card per file (Outlook reads only the first card of a file).
pub const SINGLE: &str = "contacts";
pub const GOOGLE: &str = "contacts-google.csv";
pub const OUTLOOK: &str = "contacts-outlook.csv";
/// Cards that were deleted on the handset and are still in its cache.
pub const DELETED: &str = "contacts-deleted.vcf";
/// The owner's own card.
pub const ME: &str = "me.vcf";
/// A folder with the same cards in parts that Google Contacts accepts; only if there are too many for one import.
pub const GOOGLE_PARTS: &str = "for-google";
const STAGING: &str = ".contacts.unfinished";
const GOOGLE_SPOOL: &str = "google.spool";

/// Size of the write buffer, in bytes.
const BUFFER: usize = 1 << 18;

/// Why the contact files could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ContactFilesError {
    #[error(
        "{path} could not be written: {source}; free some space or choose another disk, then run the rescue again"
    )]
    Io { path: PathBuf, source: io::Error },
    #[error(
        "writing contacts-v4.vcf failed; run the rescue again, and report the error if it happens twice"
    )]
    V4,
    #[error(
        "writing the single contact files failed; run the rescue again, and report the error if it happens twice"
    )]
    Thread,
}

type Result<T> = std::result::Result<T, ContactFilesError>;

fn at<T, E: Into<io::Error>>(path: &Path, result: std::result::Result<T, E>) -> Result<T> {
    result.map_err(|error| ContactFilesError::Io {
        path: path.to_owned(),
        source: error.into(),
    })
}

/// Counts of what was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactSummary {
    /// Cards in contacts.vcf, and in each other file of living contacts.
    pub living: u64,
    /// Cards in contacts-deleted.vcf.
    pub deleted: u64,
    /// Values that vCard 4.0's types don't allow and that contacts-v4.vcf contains as extension properties.
    pub v4_extensions: u64,
    /// Cards of which contacts-v4.vcf contains all but name and UID as extension properties.
    pub v4_plain: u64,
    /// Cards that can't be written as vCard 4.0 at all, and are missing only from contacts-v4.vcf.
    pub v4_refused: u64,
    /// The files, sorted; the single cards are represented by their folder.
    pub files: Vec<PathBuf>,
    /// By file name: data that the file's format, or the programs that read it, don't support.
    pub losses: BTreeMap<String, Losses>,
}

/// Writes the contact files as contacts are added; memory use doesn't grow with their number.
#[derive(Debug)]
pub struct ContactFiles {
    data: PathBuf,
    staging: PathBuf,
    all: Output,
    google: GoogleCsv<File>,
    outlook: OutlookCsv<BufWriter<File>>,
    v4: V4Thread,
    singles: Singles,
    deleted: Option<Output>,
    me: Option<Output>,
    parts: Vec<Part>,
    card: Vec<u8>,
    living: u64,
    deleted_cards: u64,
    losses: BTreeMap<&'static str, Losses>,
}

#[derive(Debug)]
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
}

impl Output {
    fn create(path: PathBuf) -> Result<Self> {
        let file = at(&path, create_file(&path))?;
        Ok(Self {
            path,
            file: BufWriter::with_capacity(BUFFER, file),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        at(&self.path, self.file.write_all(bytes))
    }

    /// Flushes the whole file to the disk.
    fn sync(mut self) -> Result<()> {
        at(&self.path, self.file.flush())?;
        at(&self.path, self.file.get_ref().sync_all())
    }
}

impl ContactFiles {
    /// Starts the files of one rescue; `data_folder` must exist. The remains of an interrupted export in its staging
    /// folder are removed.
    ///
    /// # Errors
    /// If the folder can't be written.
    pub fn new(data_folder: &Path) -> Result<Self> {
        let staging = data_folder.join(STAGING);
        if staging.symlink_metadata().is_ok() {
            at(&staging, fs::remove_dir_all(&staging))?;
        }
        let single = staging.join(SINGLE);
        at(&single, create_folder(&single))?;
        let spool = staging.join(GOOGLE_SPOOL);
        at(&spool, create_file(&spool))?;
        // The spool is read again, and a file created for writing only can't be read.
        let spool_file = at(&spool, File::options().read(true).write(true).open(&spool))?;
        let outlook = staging.join(OUTLOOK);
        let outlook_file = at(&outlook, create_file(&outlook))?;
        let outlook_file = BufWriter::with_capacity(BUFFER, outlook_file);
        Ok(Self {
            data: data_folder.to_owned(),
            all: Output::create(staging.join(ALL))?,
            google: GoogleCsv::new(spool_file),
            outlook: at(&outlook, OutlookCsv::new(outlook_file))?,
            singles: Singles::start(&single)?,
            v4: V4Thread::start(Output::create(staging.join(ALL_V4))?)?,
            staging,
            deleted: None,
            me: None,
            parts: Vec::new(),
            card: Vec::new(),
            living: 0,
            deleted_cards: 0,
            losses: BTreeMap::new(),
        })
    }

    /// Adds a contact to every file of living contacts, and its picture to the cards.
    ///
    /// # Errors
    /// If a file can't be written.
    pub fn push(&mut self, contact: &Contact, photo: Option<Photo>) -> Result<()> {
        self.card.clear();
        v3::write(contact, &mut self.card, self.losses.entry(ALL).or_default());
        if let Some(photo) = &photo {
            photo.put_into_v3(&mut self.card);
        }
        self.v4.push(contact, photo)?;
        self.all.write(&self.card)?;
        self.living += 1;
        let name = safe_name(&formatted_name(contact), "Unnamed");
        let path = self
            .staging
            .join(SINGLE)
            .join(format!("{:05} {name}.vcf", self.living));
        self.singles.push(path, &self.card);
        count(&mut self.parts, self.card.len() as u64);
        let path = self.staging.join(GOOGLE);
        at(
            &path,
            self.google
                .push(contact, self.losses.entry(GOOGLE).or_default()),
        )?;
        let path = self.staging.join(OUTLOOK);
        at(
            &path,
            self.outlook
                .push(contact, self.losses.entry(OUTLOOK).or_default()),
        )
    }

    /// Adds a contact that was deleted on the handset and is still in its cache.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn push_deleted(&mut self, contact: &Contact) -> Result<()> {
        self.deleted_cards += 1;
        let losses = self.losses.entry(DELETED).or_default();
        append(
            &mut self.deleted,
            self.staging.join(DELETED),
            contact,
            losses,
        )
    }

    /// Adds the owner's own card.
    ///
    /// # Errors
    /// If the file can't be written.
    pub fn profile(&mut self, contact: &Contact) -> Result<()> {
        append(
            &mut self.me,
            self.staging.join(ME),
            contact,
            self.losses.entry(ME).or_default(),
        )
    }

    /// Writes the remaining data, flushes all files to the disk, and moves them into place. Files of an earlier export
    /// into the same folder are replaced.
    ///
    /// # Errors
    /// If a file can't be written or moved.
    pub fn finish(self) -> Result<ContactSummary> {
        let Self {
            data,
            staging,
            all,
            google,
            outlook,
            v4,
            singles,
            parts,
            living,
            mut losses,
            ..
        } = self;
        let mut names = Vec::new();
        singles.finish()?;
        let written = v4.finish()?;
        all.sync()?;
        let path = staging.join(OUTLOOK);
        let file = at(&path, outlook.finish())?;
        Output { path, file }.sync()?;
        let several = parts.len() > 1;
        write_google(&staging, google, if several { &parts } else { &[] })?;
        at(&staging, fs::remove_file(staging.join(GOOGLE_SPOOL)))?;
        if several {
            split(&staging, &parts)?;
            sync_folder(&staging.join(GOOGLE_PARTS))?;
            names.push(GOOGLE_PARTS);
        }
        sync_folder(&staging.join(SINGLE))?;
        if living > 0 {
            names.extend([ALL, ALL_V4, SINGLE, GOOGLE, OUTLOOK]);
        }
        for (output, name) in [(self.deleted, DELETED), (self.me, ME)] {
            if let Some(output) = output {
                output.sync()?;
                names.push(name);
            }
        }
        for name in [
            ALL,
            ALL_V4,
            SINGLE,
            GOOGLE,
            OUTLOOK,
            DELETED,
            ME,
            GOOGLE_PARTS,
        ] {
            replace(&staging, &data, name, names.contains(&name))?;
        }
        at(&staging, fs::remove_dir_all(&staging))?;
        sync_folder(&data)?;
        losses.insert(ALL_V4, written.losses);
        names.sort_unstable();
        Ok(ContactSummary {
            living,
            deleted: self.deleted_cards,
            v4_extensions: written.extensions,
            v4_plain: written.plain,
            v4_refused: written.refused,
            files: names.into_iter().map(|name| data.join(name)).collect(),
            losses: losses
                .into_iter()
                .filter(|(_, losses)| !losses.0.is_empty())
                .map(|(name, losses)| (name.to_owned(), losses))
                .collect(),
        })
    }
}

fn append(
    output: &mut Option<Output>,
    path: PathBuf,
    contact: &Contact,
    losses: &mut Losses,
) -> Result<()> {
    let mut card = Vec::new();
    v3::write(contact, &mut card, losses);
    match output {
        Some(output) => output.write(&card),
        None => output.insert(Output::create(path)?).write(&card),
    }
}

/// Moves a file or folder from the staging folder into place, or removes one left by an earlier export.
fn replace(staging: &Path, data: &Path, name: &str, wanted: bool) -> Result<()> {
    if name == GOOGLE_PARTS {
        return replace_parts(&staging.join(name), &data.join(name), wanted);
    }
    let place = data.join(name);
    match place.symlink_metadata() {
        Ok(old) if old.is_dir() => at(&place, fs::remove_dir_all(&place))?,
        Ok(_) => at(&place, fs::remove_file(&place))?,
        Err(_) => {}
    }
    if wanted {
        at(&place, seam::rename(&staging.join(name), &place))
    } else {
        Ok(())
    }
}

/// As [`replace`], for the parts for Google, whose folder also contains the calendar's parts.
fn replace_parts(staged: &Path, place: &Path, wanted: bool) -> Result<()> {
    let names = |folder: &Path| -> Result<Vec<PathBuf>> {
        let entries = at(folder, fs::read_dir(folder))?;
        entries
            .map(|entry| at(folder, entry).map(|entry| entry.path()))
            .collect()
    };
    if place.is_dir() {
        let is_ours = |path: &&PathBuf| {
            path.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("contacts"))
        };
        for old in names(place)?.iter().filter(is_ours) {
            at(old, fs::remove_file(old))?;
        }
    }
    if wanted {
        at(place, create_folder(place))?;
        for part in names(staged)? {
            if let Some(name) = part.file_name() {
                at(&part, seam::rename(&part, &place.join(name)))?;
            }
        }
        sync_folder(place)?;
    }
    Ok(())
}

/// Makes the names of a folder's files durable, if the system supports that.
fn sync_folder(folder: &Path) -> Result<()> {
    at(folder, seam::sync_folder(folder))
}
