//! `Manifest.mbdb`, the list of files of backups up to iOS 9: records of big-endian numbers and texts with their
//! lengths.

use std::io::{self, ErrorKind, Read};

use super::{Entry, EntryKind, file_id};

const MAGIC: &[u8; 6] = b"mbdb\x05\x00";

/// Reads the entries of a list one by one.
pub struct Mbdb<R> {
    from: R,
}

/// Why a list of files could not be read further.
#[derive(Debug, thiserror::Error)]
pub enum MbdbError {
    #[error("it is no list of files")]
    Foreign,
    #[error("it ends inside an entry")]
    Cut,
    #[error("{0}")]
    Io(io::Error),
}

impl From<io::Error> for MbdbError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::UnexpectedEof => Self::Cut,
            _ => Self::Io(error),
        }
    }
}

impl<R: Read> Mbdb<R> {
    /// Begins with the first entry.
    ///
    /// # Errors
    /// If the bytes are no such list.
    pub fn new(mut from: R) -> Result<Self, MbdbError> {
        let mut magic = [0; 6];
        from.read_exact(&mut magic)?;
        match &magic == MAGIC {
            true => Ok(Self { from }),
            false => Err(MbdbError::Foreign),
        }
    }

    /// Returns the next entry; `None` at the end.
    ///
    /// # Errors
    /// If the list ends inside an entry, or can't be read.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, MbdbError> {
        let mut first = [0];
        loop {
            match self.from.read(&mut first) {
                Ok(0) => return Ok(None),
                Ok(_) => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let [first] = first;
        let second = self.number::<1>()? as u8;
        let domain = self.of_length(u16::from_be_bytes([first, second]))?;
        let (domain, path) = (
            domain.unwrap_or_default(),
            self.bytes()?.unwrap_or_default(),
        );
        let _target = self.bytes()?;
        let digest = self.bytes()?;
        let key = self.bytes()?;
        let mode = self.number::<2>()?;
        let _inode = self.number::<8>()?;
        let _user = self.number::<4>()?;
        let _group = self.number::<4>()?;
        let modified = self.number::<4>()?;
        let _accessed = self.number::<4>()?;
        let born = self.number::<4>()?;
        let size = self.number::<8>()?;
        let class = self.number::<1>()?;
        for _ in 0..self.number::<1>()? {
            self.bytes()?;
            self.bytes()?;
        }
        Ok(Some(Entry {
            kind: match mode & 0xf000 {
                0x4000 => EntryKind::Folder,
                0xa000 => EntryKind::Link,
                _ => EntryKind::File,
            },
            // Some names are not UTF-8.
            id: file_id(&domain, &path),
            domain: text(&domain),
            path: text(&path),
            size,
            modified: modified as i64,
            born: born as i64,
            class: class as u32,
            key: key.and_then(|key| super::mbfile::without_class(&key)),
            digest: digest.and_then(|digest| digest.try_into().ok()),
        }))
    }

    fn number<const N: usize>(&mut self) -> Result<u64, MbdbError> {
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        let numbers = bytes.iter();
        Ok(numbers.fold(0, |all, byte| all << 8 | u64::from(*byte)))
    }

    /// A text or bytes with their length before them; `None` where the list has nothing.
    fn bytes(&mut self) -> Result<Option<Vec<u8>>, MbdbError> {
        let length = self.number::<2>()? as u16;
        self.of_length(length)
    }

    fn of_length(&mut self, length: u16) -> Result<Option<Vec<u8>>, MbdbError> {
        if length == u16::MAX {
            return Ok(None);
        }
        let mut bytes = vec![0; usize::from(length)];
        self.from.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_was_cut_gives_what_is_before_the_cut() {
        let mut list = MAGIC.to_vec();
        for (path, mode) in [("Library", 0x41edu16), ("Library/a.db", 0x81a4)] {
            for text in ["HomeDomain", path] {
                list.extend((text.len() as u16).to_be_bytes());
                list.extend(text.as_bytes());
            }
            list.extend([0xff, 0xff]);
            list.extend([0, 20]);
            list.extend([7; 20]);
            list.extend([0, 44, 3, 0, 0, 0]);
            list.extend([9; 40]);
            list.extend(mode.to_be_bytes());
            list.extend([0; 16]);
            list.extend(1_300_000_000u32.to_be_bytes());
            list.extend([0; 8]);
            list.extend(33u64.to_be_bytes());
            list.extend([3, 1, 0, 1, b'n', 0, 1, b'v']);
        }
        let read = |bytes: &[u8]| {
            let mut from = Mbdb::new(bytes).ok()?;
            let mut all = Vec::new();
            loop {
                match from.next_entry() {
                    Ok(Some(entry)) => all.push(entry),
                    Ok(None) => return Some((all, true)),
                    Err(_) => return Some((all, false)),
                }
            }
        };
        let (all, is_whole) = read(&list).unwrap();
        assert!(is_whole);
        assert_eq!(all[0].kind, EntryKind::Folder);
        assert_eq!(
            all[1],
            Entry {
                kind: EntryKind::File,
                domain: "HomeDomain".into(),
                path: "Library/a.db".into(),
                id: file_id("HomeDomain", "Library/a.db"),
                size: 33,
                modified: 1_300_000_000,
                born: 0,
                class: 3,
                key: Some(vec![9; 40]),
                digest: Some([7; 20]),
            }
        );
        for end in 7..list.len() {
            let (all, is_whole) = read(&list[..end]).unwrap();
            assert!(all.len() < 2 && (!is_whole || all.len() == 1), "{end}");
        }
    }
}
