//! The pictures and recordings of messages, each in a file beside the pages.

use std::collections::{BTreeSet, HashMap};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use super::page::link;
use super::{FOLDER, part_in_words};
use crate::format::phone_xml;
use crate::model::{FileCopy, FoundPart, MessagePart, PartFile};
use crate::phrase;
use crate::system::{plain, private};

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

/// Where the bytes of a part are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Held {
    /// In the journal, as the reply to this request.
    Reply(String),
    InFile(FoundPart),
}

fn held(part: &MessagePart) -> Option<Held> {
    let reply = part.reply.clone().map(Held::Reply);
    reply.or_else(|| part.found.clone().map(Held::InFile))
}

/// The files of parts.
pub struct Parts {
    folder: PathBuf,
    /// File names by what holds the bytes, and whether the file is there.
    names: HashMap<Held, (String, bool)>,
    /// The exported files that hold parts.
    places: BTreeSet<String>,
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
            places: BTreeSet::new(),
            copies: Vec::new(),
            open: None,
        })
    }

    /// Notes a part whose bytes the journal or an exported file has.
    pub fn expect(&mut self, part: &MessagePart) {
        let Some(held) = held(part) else {
            return;
        };
        let name = match &held {
            Held::Reply(_) => format!("{}.{}", part.id, ending(part)),
            Held::InFile(found) => {
                self.places.insert(found.place.clone());
                // The number of each name is its own: two files may have parts of the same numbers.
                format!("found-{}.{}", self.names.len() + 1, ending(part))
            }
        };
        self.names.entry(held).or_insert((name, false));
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
            self.begin(&Held::Reply(request.to_owned()))?;
        }
        match &mut self.open {
            Some(file) => file.write_all(bytes),
            None => Ok(()),
        }
    }

    /// Begins the file of a part, if it is wanted and not there.
    fn begin(&mut self, held: &Held) -> io::Result<()> {
        self.close()?;
        let Some((name, is_there)) = self.names.get_mut(held) else {
            return Ok(());
        };
        if !std::mem::replace(is_there, true) {
            private::create_folder(&self.folder)?;
            self.open = Some(private::create_file(&self.folder.join(name))?);
        }
        Ok(())
    }

    /// Adds the parts that exported files hold. `data` is the payload folder of the rescue. `look` is called for each part.
    ///
    /// # Errors
    /// If a copy of a file can't be read or the disk refuses writes, and those of `look`.
    pub fn add_found<E: From<io::Error>>(
        &mut self,
        data: &Path,
        mut look: impl FnMut() -> Result<(), E>,
    ) -> Result<(), E> {
        for place in std::mem::take(&mut self.places) {
            let file = plain::open_in(data, Path::new(&place))?;
            let (mut last, mut stopped) = (0, None);
            let read = phone_xml::each_part(BufReader::new(file), &mut |number, bytes| {
                if number != last {
                    last = number;
                    if let Err(error) = look() {
                        stopped = Some(error);
                        return Err(io::ErrorKind::Interrupted.into());
                    }
                    let place = place.clone();
                    self.begin(&Held::InFile(FoundPart { place, number }))?;
                }
                match &mut self.open {
                    Some(file) => file.write_all(bytes),
                    None => Ok(()),
                }
            });
            match stopped {
                Some(error) => return Err(error),
                None => read?,
            }
            self.close()?;
        }
        Ok(())
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

    /// Returns the name of a part's file, if it is there.
    fn file(&self, part: &MessagePart) -> Option<&str> {
        let (name, is_there) = self.names.get(&held(part)?)?;
        is_there.then_some(name)
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

    /// Describes a part as [`part_in_words`] does, and says whether its file was copied.
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
        let name = self.file(part)?;
        Some(format!("{PARTS}/{name}"))
    }

    /// Returns a reader of the bytes of a part; `None`: there are none.
    ///
    /// # Errors
    /// If the file can't be read.
    pub fn bytes(&self, part: &MessagePart) -> io::Result<Option<Box<dyn Read>>> {
        let Some(name) = self.file(part) else {
            return Ok(None);
        };
        let file = File::open(self.folder.join(name))?;
        Ok(Some(Box::new(BufReader::new(file))))
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
