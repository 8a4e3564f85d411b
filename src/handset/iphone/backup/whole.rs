//! Whether the copy of a database and its log are whole. SQLite itself reads as much of a log as is sound and says
//! nothing of the rest, and it refuses a database that is shorter than its header says.
//!
//! Source: <https://www.sqlite.org/fileformat2.html>, sections 1.3 (the header) and 4 (the log).

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::phrase;

const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// What belongs to a database beside its file. The index of the log (`-shm`) is made anew.
pub const BESIDE: [&str; 2] = ["-wal", "-journal"];

/// The name of a file beside a database.
pub fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Looks at the copy of a database and at its log, and appends zeros to a database that is shorter than its header says,
/// so that the rest of it can be read. `name` is for people. Returns what is missing or damaged, each a sentence.
///
/// # Errors
/// If the copy can't be read or written.
pub fn complete(path: &Path, name: &str) -> io::Result<Vec<String>> {
    let size = path.metadata()?.len();
    let header = Header::of(path)?;
    let lacking = header.as_ref().map_or(0..0, |header| header.lacking(size));
    let log = match File::open(beside(path, "-wal")) {
        Ok(file) => Log::of(file, &lacking)?,
        Err(error) if error.kind() == ErrorKind::NotFound => Log::default(),
        Err(error) => return Err(error),
    };
    let mut said = Vec::new();
    if let Some(header) = header.filter(|_| !lacking.is_empty()) {
        let whole = header.size();
        OpenOptions::new().write(true).open(path)?.set_len(whole)?;
        // The phone may have copied the log's pages into the database at that moment: then the log has them.
        let is_in_log = lacking.clone().all(|page| log.pages.contains(&page));
        if !is_in_log {
            said.push(phrase!(
                "{name} is cut short: {} of its {whole} bytes are missing. What can be read of the rest is saved.",
                whole.saturating_sub(size)
            ));
        }
    }
    said.extend(log.damage.map(|damage| damage.sentence(name)));
    Ok(said)
}

/// True if a file is a database whose header tells its size.
///
/// # Errors
/// If the file can't be read.
pub fn tells_size(path: &Path) -> io::Result<bool> {
    Ok(Header::of(path)?.is_some())
}

/// What the header of a database says about its size.
struct Header {
    page: u64,
    pages: u64,
}

impl Header {
    /// `None`: the file is no database, or its header does not tell the size.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(100).read_to_end(&mut bytes)?;
        let four = |at: usize| {
            let bytes = bytes.get(at..at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        let page = four(14).map(|number| number & 0xffff);
        // The size counts if the same change wrote the counter (24) and its copy (92).
        let (Some(page), Some(pages), Some(count), Some(valid)) =
            (page, four(28), four(24), four(92))
        else {
            return Ok(None);
        };
        let page = page_size(page);
        Ok((bytes.starts_with(MAGIC) && count == valid && pages > 0)
            .then_some(page)
            .flatten()
            .map(|page| Self {
                page,
                pages: u64::from(pages),
            }))
    }

    fn size(&self) -> u64 {
        self.page.saturating_mul(self.pages)
    }

    /// The numbers of the pages that a file of this size lacks.
    fn lacking(&self, size: u64) -> std::ops::Range<u64> {
        let whole = size / self.page;
        (whole + 1).min(self.pages + 1)..self.pages + 1
    }
}

/// A page size as a header gives it. 1 stands for 65,536 in the header of a database.
fn page_size(number: u32) -> Option<u64> {
    match number {
        1 => Some(65_536),
        512..=65_536 if number.is_power_of_two() => Some(u64::from(number)),
        _ => None,
    }
}

/// What is wrong with a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Damage {
    Header,
    /// It ends within a page, or within a change.
    Cut,
    /// A part before its end is not what the phone wrote.
    Altered,
}

impl Damage {
    fn sentence(self, name: &str) -> String {
        match self {
            Self::Header => phrase!(
                "{name}-wal, which holds the newest changes of {name}, is damaged and can't be read."
            ),
            Self::Cut => phrase!(
                "{name}-wal, which holds the newest changes of {name}, is cut short. The last changes are missing."
            ),
            Self::Altered => phrase!(
                "{name}-wal, which holds the newest changes of {name}, is damaged. The changes after the damage are \
                 missing."
            ),
        }
    }
}

/// What a log holds.
#[derive(Default)]
struct Log {
    /// The wanted pages that the log holds, in the state of the last complete change.
    pages: HashSet<u64>,
    damage: Option<Damage>,
}

impl Log {
    fn of(file: File, wanted: &std::ops::Range<u64>) -> io::Result<Self> {
        let mut log = Self::default();
        let mut file = BufReader::with_capacity(1 << 20, file);
        let mut header = [0; LOG_HEADER];
        match fill(&mut file, &mut header)? {
            // An empty log is the rule.
            0 => return Ok(log),
            LOG_HEADER => {}
            _ => {
                log.damage = Some(Damage::Cut);
                return Ok(log);
            }
        }
        let Some((mut sum, page, salt)) = Sum::begin(&header) else {
            log.damage = Some(Damage::Header);
            return Ok(log);
        };
        let mut frame = vec![0; FRAME_HEADER + page];
        // Frames are sound up to the first that is not: the rest of the file is older, as a rule.
        let (mut is_sound, mut is_within) = (true, false);
        let mut pages = Vec::new();
        loop {
            let length = fill(&mut file, &mut frame)?;
            let (head, content) = frame.split_at(FRAME_HEADER);
            if length < frame.len() {
                if is_sound && (length > 0 || is_within) {
                    log.damage = Some(Damage::Cut);
                }
                return Ok(log);
            }
            let is_last_of_change = four(head, 4) != 0;
            let is_of_this_log = head.get(8..16) == Some(&salt);
            if is_sound && is_of_this_log {
                sum.add(head.get(..8).unwrap_or_default());
                sum.add(content);
                is_sound = sum.is(head.get(16..).unwrap_or_default());
            } else {
                is_sound = false;
            }
            if is_sound {
                is_within = !is_last_of_change;
                let number = u64::from(four(head, 0));
                if wanted.contains(&number) {
                    pages.push(number);
                }
                if is_last_of_change {
                    log.pages.extend(pages.drain(..));
                }
            } else if is_of_this_log && is_last_of_change {
                // A change that was taken back leaves frames too, but never the last one of a change.
                log.damage = Some(Damage::Altered);
                return Ok(log);
            }
        }
    }
}

/// The running checksum of a log.
struct Sum {
    values: (u32, u32),
    /// The first byte of a number is its highest.
    is_big_endian: bool,
}

impl Sum {
    /// Reads the header of a log. Returns its checksum, the size of a page, and the mark of its frames.
    fn begin(header: &[u8; LOG_HEADER]) -> Option<(Self, usize, [u8; 8])> {
        let is_big_endian = match four(header, 0) {
            0x377f_0682 => false,
            0x377f_0683 => true,
            _ => return None,
        };
        let mut sum = Self {
            values: (0, 0),
            is_big_endian,
        };
        sum.add(header.get(..24)?);
        let page = usize::try_from(page_size(four(header, 8))?).ok()?;
        let salt = header.get(16..24)?.try_into().ok()?;
        sum.is(header.get(24..)?).then_some((sum, page, salt))
    }

    fn add(&mut self, bytes: &[u8]) {
        let (mut first, mut second) = self.values;
        for eight in bytes.chunks_exact(8) {
            let number = |at: usize| {
                let number = four(eight, at);
                match self.is_big_endian {
                    true => number,
                    false => number.swap_bytes(),
                }
            };
            first = first.wrapping_add(number(0)).wrapping_add(second);
            second = second.wrapping_add(number(4)).wrapping_add(first);
        }
        self.values = (first, second);
    }

    fn is(&self, written: &[u8]) -> bool {
        (four(written, 0), four(written, 4)) == self.values
    }
}

/// The number in four bytes, the highest first.
fn four(bytes: &[u8], at: usize) -> u32 {
    let bytes = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    u32::from_be_bytes(bytes.unwrap_or_default())
}

/// Fills a buffer as far as the file goes. Returns the number of bytes.
fn fill(file: &mut impl Read, mut buffer: &mut [u8]) -> io::Result<usize> {
    let size = buffer.len();
    while !buffer.is_empty() {
        match file.read(buffer) {
            Ok(0) => break,
            Ok(length) => buffer = buffer.get_mut(length..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(size - buffer.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

    /// A database and its log, with ten changes in it.
    fn made() -> (Vec<u8>, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made");
        let db = Connection::open(&path).unwrap();
        db.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a TEXT);
             INSERT INTO t SELECT hex(randomblob(2000)) FROM (VALUES (1), (2), (3), (4), (5), (6));
             PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
        for _ in 0..10 {
            db.execute_batch("INSERT INTO t VALUES (hex(randomblob(2000)));")
                .unwrap();
        }
        let log = std::fs::read(beside(&path, "-wal")).unwrap();
        (std::fs::read(&path).unwrap(), log)
    }

    fn said(main: &[u8], log: &[u8]) -> (Vec<String>, u64) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy");
        std::fs::write(&path, main).unwrap();
        std::fs::write(beside(&path, "-wal"), log).unwrap();
        let said = complete(&path, "sms.db").unwrap();
        (said, path.metadata().unwrap().len())
    }

    #[test]
    fn a_whole_database_with_its_log_is_whole() {
        let (main, log) = made();
        for log in [&log[..], &[]] {
            assert_eq!(said(&main, log), (Vec::new(), main.len() as u64));
        }
        // A used log keeps frames of its earlier life behind the new ones.
        let old = [&log[..], &[7; FRAME_HEADER + 4096]].concat();
        assert_eq!(said(&main, &old).0, Vec::<String>::new());
        // The database may lack pages that the log has.
        let page = 4096;
        let numbers = log[LOG_HEADER..].chunks(FRAME_HEADER + page);
        let numbers: HashSet<u32> = numbers.map(|frame| four(frame, 0)).collect();
        let pages = (main.len() / page) as u32;
        let short = main.len() - page;
        let is_in_log = numbers.contains(&pages);
        assert_eq!(said(&main[..short], &log).0.is_empty(), is_in_log);
    }

    #[test]
    fn a_log_that_is_cut_or_altered_anywhere_is_named() {
        let (main, log) = made();
        let frame = FRAME_HEADER + 4096;
        let frames = (log.len() - LOG_HEADER) / frame;
        assert!(frames > 10);
        let (mut cut, mut unseen) = (0, 0);
        for length in (1..log.len()).step_by(509) {
            match said(&main, &log[..length]).0.is_empty() {
                false => cut += 1,
                true => unseen += 1,
            }
        }
        // Only a cut between two changes leaves a log that is whole in itself.
        assert!(cut > 80 && unseen <= 1, "{cut} {unseen}");
        for at in (0..log.len()).step_by(509) {
            let mut log = log.clone();
            log[at] ^= 0x55;
            // The number of a checkpoint and the version are not used, but they are part of the header's checksum.
            assert!(!said(&main, &log).0.is_empty(), "{at}");
        }
        assert!(!said(&main, &[0x5a; 9000]).0.is_empty());
        assert!(!said(&main, &[0; 9000]).0.is_empty());
        for lost in 1..frames - 1 {
            let mut log = log.clone();
            let from = LOG_HEADER + lost * frame;
            log[from..from + frame].fill(0);
            assert!(!said(&main, &log).0.is_empty(), "frame {lost}");
        }
    }

    #[test]
    fn a_database_that_is_cut_gets_the_size_that_its_header_says() {
        let (main, _) = made();
        for length in [main.len() - 1, main.len() - 4096, 4096, 100] {
            let (said, size) = said(&main[..length], &[]);
            assert_eq!((said.len(), size), (1, main.len() as u64), "{length}");
            assert!(said[0].contains("sms.db is cut short"), "{said:?}");
        }
        for other in [&b""[..], b"x", &[0; 5000], &MAGIC[..]] {
            assert_eq!(said(other, &[]), (Vec::new(), other.len() as u64));
        }
    }
}
