//! The pictures and recordings of messages, each in a file beside the pages.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::page::link;
use super::{FOLDER, part_in_words};
use crate::model::{FileCopy, MessagePart, PartFile};
use crate::phrase;
use crate::system::private;

/// The folder within that of the pages.
pub const PARTS: &str = "parts";

/// File name extensions by media type, for parts whose names have none.
const ENDINGS: [(&str, &str); 30] = [
    ("image/jpeg", "jpg"),
    ("image/jpg", "jpg"),
    ("image/png", "png"),
    ("image/gif", "gif"),
    ("image/webp", "webp"),
    ("video/mp4", "mp4"),
    ("video/3gpp", "3gp"),
    ("audio/amr", "amr"),
    ("audio/mp4", "m4a"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("text/x-vcard", "vcf"),
    ("text/vcard", "vcf"),
    ("text/x-vcalendar", "vcs"),
    ("text/calendar", "ics"),
    ("text/plain", "txt"),
    ("image/bmp", "bmp"),
    ("image/x-ms-bmp", "bmp"),
    ("image/vnd.wap.wbmp", "wbmp"),
    ("image/heic", "heic"),
    ("image/heif", "heif"),
    ("image/avif", "avif"),
    ("video/quicktime", "mov"),
    ("video/webm", "webm"),
    ("audio/3gpp", "3gp"),
    ("audio/aac", "aac"),
    ("audio/x-wav", "wav"),
    ("audio/wav", "wav"),
    ("audio/midi", "mid"),
    ("application/pdf", "pdf"),
];

/// Other extensions that a part keeps. A browser or a click runs nothing in such a file.
const SAFE: [&str; 24] = [
    "jpeg", "tif", "tiff", "dng", "3g2", "3gpp", "m4v", "mkv", "avi", "qcp", "opus", "oga", "flac",
    "imy", "rtx", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "zip", "gpx",
];

/// The files of parts.
pub struct Parts {
    folder: PathBuf,
    /// File names by the request whose reply holds the bytes, and whether the file is there.
    names: HashMap<String, (String, bool)>,
    /// The copies of the handset's files that are parts of the current message.
    copies: Vec<FileCopy>,
    open: Option<File>,
}

impl Parts {
    /// Creates the folder for the parts in the payload folder.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn new(data: &Path) -> io::Result<Self> {
        let folder = data.join(FOLDER).join(PARTS);
        Ok(Self {
            folder,
            names: HashMap::new(),
            copies: Vec::new(),
            open: None,
        })
    }

    /// Notes a part whose bytes the journal has.
    pub fn expect(&mut self, part: &MessagePart) {
        if let Some(request) = &part.reply {
            let name = format!("{}.{}", part.id, ending(part));
            self.names.insert(request.clone(), (name, false));
        }
    }

    /// Returns true if no message has a part with bytes.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Adds a piece of the reply to a request; `first` is true for its first piece. A part that was read twice is
    /// written once.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn add(&mut self, request: &str, first: bool, bytes: &[u8]) -> io::Result<()> {
        if first {
            self.close()?;
            let Some((name, is_there)) = self.names.get_mut(request) else {
                return Ok(());
            };
            if std::mem::replace(is_there, true) {
                return Ok(());
            }
            private::create_folder(&self.folder)?;
            self.open = Some(private::create_file(&self.folder.join(name))?);
        }
        match &mut self.open {
            Some(file) => file.write_all(bytes),
            None => Ok(()),
        }
    }

    /// Finishes the last file.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn close(&mut self) -> io::Result<()> {
        match self.open.take() {
            Some(file) => file.sync_all(),
            None => Ok(()),
        }
    }

    /// Sets the copies of the files that are parts of the next message.
    pub fn set_copies(&mut self, copies: Vec<FileCopy>) {
        self.copies = copies;
    }

    /// Returns the copy of the handset's file that a part is; `None`: the part is none, or was not copied.
    fn copy(&self, part: &MessagePart) -> Option<&FileCopy> {
        let Some(PartFile::At(path)) = &part.file else {
            return None;
        };
        self.copies.iter().find(|copy| copy.path == *path)
    }

    /// Returns what a part is, in words: as [`part_in_words`], with what became of its file.
    pub fn in_words(&self, part: &MessagePart) -> String {
        match (&part.file, self.copy(part)) {
            (Some(PartFile::At(_)), Some(copy)) => part_in_words(&MessagePart {
                size: Some(copy.size),
                ..part.clone()
            }),
            (Some(PartFile::At(_)), None) => phrase!("{}, not copied", part_in_words(part)),
            (Some(PartFile::Missing) | None, _) => part_in_words(part),
        }
    }

    /// Returns a link to a part's file, from the folder of the pages; `None`: there is none.
    pub fn name(&self, part: &MessagePart) -> Option<String> {
        if let Some(copy) = self.copy(part) {
            return Some(format!("../{}", link(&copy.place)));
        }
        let name = self.names.get(part.reply.as_ref()?);
        let (name, is_there) = name?;
        is_there.then(|| format!("{PARTS}/{name}"))
    }

    /// Returns the bytes of a part; `None`: there are none.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn bytes(&self, part: &MessagePart) -> io::Result<Option<Vec<u8>>> {
        let Some((name, true)) = part.reply.as_ref().and_then(|reply| self.names.get(reply)) else {
            return Ok(None);
        };
        fs::read(self.folder.join(name)).map(Some)
    }
}

fn ending(part: &MessagePart) -> String {
    let named = part.name.as_deref().and_then(|name| name.rsplit_once('.'));
    let named = named.map(|(_, ending)| ending.to_ascii_lowercase());
    let is_safe =
        |ending: &str| SAFE.contains(&ending) || ENDINGS.iter().any(|(_, safe)| *safe == ending);
    let kind = part.media_type.split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let known = ENDINGS.iter().find(|(known, _)| *known == kind);
    match (known, named.filter(|ending| is_safe(ending))) {
        (Some((_, ending)), _) => (*ending).to_owned(),
        (None, Some(ending)) => ending,
        (None, None) => "bin".to_owned(),
    }
}

/// Returns the size of all parts on the disk, in bytes.
///
/// # Errors
/// If the folder can't be read.
pub fn size(data: &Path) -> io::Result<u64> {
    let folder = data.join(FOLDER).join(PARTS);
    if !folder.exists() {
        return Ok(0);
    }
    let mut size = 0;
    for entry in fs::read_dir(folder)? {
        size += entry?.metadata()?.len();
    }
    Ok(size)
}
