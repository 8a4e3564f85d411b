//! Copies a file: the disk reads ahead while earlier bytes are hashed and written.

use std::io::Write;
use std::sync::mpsc::sync_channel;

use super::MemoryCard;
use crate::format::disk::{Disk, Extents, ReadError};
use crate::handset::HandsetError;
use crate::model::{FileKind, HandsetFile, HandsetPath, Stop};
use crate::phrase;

/// Bytes per read.
const PIECE: u64 = 1 << 20;
/// Number of pieces that wait to be written.
const AHEAD: usize = 2;
/// Zeros per write, in bytes.
const ZEROS: usize = 64 << 10;

/// Maximum number of stretches of the card whose files are recorded.
const MOST_STRETCHES: usize = 1 << 20;

/// `SECTOR` is the smallest part of a card that is erased at a time, `LEAST` the smallest size at which a file shorter
/// than a sector counts as erased; both in bytes.
const SECTOR: u64 = 512;
const LEAST: u64 = 64;

/// Returns the number of bytes at the beginning that were erased: sectors (the last may be incomplete) with nothing but
/// zeros or nothing but ones.
fn erased(bytes: &[u8]) -> u64 {
    let sectors = bytes.chunks(SECTOR as usize);
    let is_erased = |sector: &&[u8]| {
        let mut bytes = sector.iter();
        let first = bytes.next();
        matches!(first, Some(0 | 0xff)) && bytes.all(|byte| Some(byte) == first)
    };
    let erased = sectors.take_while(is_erased);
    erased.map(|sector| sector.len() as u64).sum()
}

/// The result of a read.
enum Read {
    Bytes(Vec<u8>),
    /// Number of bytes that can't be read.
    Gap(u64),
}

impl MemoryCard {
    /// Copies a file from byte `from` on; see [`Handset::fetch`](crate::handset::Handset::fetch).
    pub(super) fn copy(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        let Some(lying) = self.lying.get(&file.path).copied() else {
            return Ok(None);
        };
        self.ask(phrase!("read {} from byte {from}", file.path.shown()));
        let extents = match self.last.take() {
            Some((path, extents)) if path == file.path => extents,
            _ => {
                let Some(volume) = self.volumes.get_mut(lying.volume) else {
                    return Ok(None);
                };
                let extents = volume.extents(&mut self.disk, lying.place)?;
                self.note_shared(&file.path, &extents);
                extents
            }
        };
        let told: u64 = extents.runs.iter().map(|run| run.length).sum();
        let end = lying.written.min(told);
        let is_erased_so_far = match &self.erased {
            Some((path, end)) => *path == file.path && *end == from,
            None => false,
        };
        self.erased = None;
        let done = match is_erased_so_far || from == 0 {
            true => self.erased_from(file, from, end, &extents),
            false => Ok(()),
        };
        let is_packed = is_packed(&file.relative.0);
        let done = done.and_then(|()| {
            let mut take = |read: Read| match read {
                Read::Bytes(bytes) if is_packed => write_around(&bytes, sink),
                Read::Bytes(bytes) => write(&bytes, sink),
                Read::Gap(length) => Err(HandsetError::Gap {
                    length,
                    what: phrase("the card is damaged there").into(),
                }),
            };
            copy_runs(&mut self.disk, &extents, from..end, &mut take, &self.stop)
        });
        let broken = extents.broken;
        self.last = Some((file.path.clone(), extents));
        done?;
        if told < lying.written {
            return Err(HandsetError::Gap {
                length: file.size.saturating_sub(from.max(told)),
                what: broken
                    .unwrap_or(phrase("the card does not record where the file is stored"))
                    .into(),
            });
        }
        write_zeros(
            file.size.saturating_sub(from.max(lying.written)),
            sink,
            &self.stop,
        )?;
        Ok(Some(file.clone()))
    }

    /// Detects a file whose place on the card was erased: no file of the owner begins with zeros or ones alone. Reports
    /// the erased bytes from `from` on as a gap; the copy has zeros there.
    fn erased_from(
        &mut self,
        file: &HandsetFile,
        from: u64,
        end: u64,
        extents: &Extents,
    ) -> Result<(), HandsetError> {
        let mut length = 0;
        for (at, piece) in pieces(extents, from..end.min(from + PIECE)) {
            // The first sector is usually enough.
            for part in [piece.min(SECTOR), piece] {
                let mut bytes = vec![0; part as usize];
                let is_read = self.disk.read(at, &mut bytes)?.is_empty();
                let erased = if is_read { erased(&bytes) } else { 0 };
                if part == piece || erased < part {
                    length += erased;
                    if erased < piece {
                        return self.note_erased(file, from, length, end);
                    }
                    break;
                }
            }
        }
        self.note_erased(file, from, length, end)
    }

    fn note_erased(
        &mut self,
        file: &HandsetFile,
        from: u64,
        length: u64,
        end: u64,
    ) -> Result<(), HandsetError> {
        // A shorter run may be a coincidence.
        let is_told = length >= SECTOR || (from == 0 && length == end && length >= LEAST);
        if !is_told || file.kind == FileKind::Document && file.relative.0.ends_with(b".txt") {
            return Ok(());
        }
        self.erased = Some((file.path.clone(), from + length));
        Err(HandsetError::Gap {
            length,
            what: phrase("this part of the card was erased").into(),
        })
    }

    /// Records where a file lies, and notes it if another file claims some of the same place. One file then contains
    /// the other file's data, and it is unknown which one.
    fn note_shared(&mut self, path: &HandsetPath, extents: &Extents) {
        for run in &extents.runs {
            let end = run.at + run.length;
            let before = self.read.range(..end).next_back();
            if let Some((_, (_, other))) = before.filter(|(_, (other_end, _))| *other_end > run.at)
            {
                if other != path {
                    let why = phrase!(
                        "it uses a part of the card that {} uses too, and one of the two contains the other's data",
                        other.shown()
                    );
                    self.shared.add(path, &why);
                    return;
                }
            } else if self.read.len() < MOST_STRETCHES {
                self.read.insert(run.at, (end, path.clone()));
            }
        }
    }
}

/// Copies a range of a file.
fn copy_runs(
    disk: &mut Disk,
    extents: &Extents,
    wanted: std::ops::Range<u64>,
    take: &mut dyn FnMut(Read) -> Result<(), HandsetError>,
    stop: &Stop,
) -> Result<(), HandsetError> {
    let mut pieces = pieces(extents, wanted.clone());
    let mut take = |read: Result<Read, ReadError>| take(read?);
    if wanted.end.saturating_sub(wanted.start) <= PIECE {
        return pieces.try_for_each(|(at, length)| {
            let mut reads = read(disk, at, length, stop);
            reads.try_for_each(&mut take)
        });
    }
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        scope.spawn(move || {
            for (at, length) in pieces {
                for read in read(disk, at, length, stop) {
                    // Nothing follows an error or a gap. The receiver is gone if, for example, this computer's disk is
                    // full.
                    let is_last = !matches!(read, Ok(Read::Bytes(_)));
                    if sender.send(read).is_err() || is_last {
                        return;
                    }
                }
            }
        });
        receiver.iter().try_for_each(take)
    })
}

/// Returns the places on the disk, with their lengths, of a range of a file.
fn pieces(extents: &Extents, wanted: std::ops::Range<u64>) -> impl Iterator<Item = (u64, u64)> {
    let mut begin = 0;
    extents.runs.iter().flat_map(move |run| {
        let (from, to) = (begin, begin + run.length);
        begin = to;
        let from = wanted.start.clamp(from, to) - from;
        let to = wanted.end.clamp(begin - run.length, to) - (begin - run.length);
        let count = to.saturating_sub(from).div_ceil(PIECE);
        let at = run.at;
        (0..count).map(move |number| {
            let start = from + number * PIECE;
            (at + start, PIECE.min(to - start))
        })
    })
}

/// Reads a piece: the bytes before the first damage, and the damage as a gap.
fn read(
    disk: &mut Disk,
    at: u64,
    length: u64,
    stop: &Stop,
) -> std::vec::IntoIter<Result<Read, ReadError>> {
    if stop.is_stopped() {
        return vec![Err(ReadError::Stopped)].into_iter();
    }
    let mut bytes = vec![0; length as usize];
    match disk.read(at, &mut bytes) {
        Err(error) => vec![Err(error)],
        Ok(gaps) => match gaps.first() {
            None => vec![Ok(Read::Bytes(bytes))],
            Some(gap) => {
                bytes.truncate((gap.start - at) as usize);
                vec![Ok(Read::Bytes(bytes)), Ok(Read::Gap(gap.end - gap.start))]
            }
        },
    }
    .into_iter()
}

/// Extensions of compressed formats, in which no whole sector repeats a single byte.
const PACKED: [&[u8]; 20] = [
    b"jpg", b"jpeg", b"jpe", b"heic", b"heif", b"hif", b"avif", b"png", b"webp", b"gif", b"mp4",
    b"m4v", b"3gp", b"3gpp", b"webm", b"m4a", b"aac", b"mp3", b"ogg", b"opus",
];

fn is_packed(name: &[u8]) -> bool {
    let ending = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    PACKED
        .iter()
        .any(|known| known.eq_ignore_ascii_case(ending))
}

/// Writes a piece of a compressed file up to the first erased sectors inside it, and reports those as a gap.
fn write_around(bytes: &[u8], sink: &mut dyn Write) -> Result<(), HandsetError> {
    let Some(gap) = erased_within(bytes) else {
        return write(bytes, sink);
    };
    write(bytes.get(..gap.start).unwrap_or_default(), sink)?;
    Err(HandsetError::Gap {
        length: (gap.end - gap.start) as u64,
        what: phrase("this part of the card was erased").into(),
    })
}

/// Finds the first whole sectors of zeros or ones that begin and end on sector boundaries: space that a program leaves
/// empty in a file begins or ends elsewhere. The first and the last sector of the piece are not examined.
fn erased_within(bytes: &[u8]) -> Option<std::ops::Range<usize>> {
    let sector = SECTOR as usize;
    let mut at = sector;
    while at + sector < bytes.len() {
        let fill = *bytes.get(at)?;
        let length = match fill {
            0 | 0xff => bytes
                .get(at..)?
                .iter()
                .take_while(|byte| **byte == fill)
                .count(),
            _ => 0,
        };
        let end = at + length;
        let begins_here = bytes.get(at - 1).is_some_and(|before| *before != fill);
        if length >= sector && begins_here && end.is_multiple_of(sector) && end < bytes.len() {
            return Some(at..end);
        }
        at += length.max(1).next_multiple_of(sector);
    }
    None
}

fn write(bytes: &[u8], sink: &mut dyn Write) -> Result<(), HandsetError> {
    sink.write_all(bytes)
        .map_err(|error| HandsetError::Protocol {
            what: phrase!("the data could not be saved: {error}"),
            advice: phrase("Check that this computer's disk has free space and can be written to.")
                .into(),
        })
}

/// Writes zeros for the bytes after a file's written part (exFAT's ValidDataLength).
fn write_zeros(count: u64, sink: &mut dyn Write, stop: &Stop) -> Result<(), HandsetError> {
    let zeros = [0; ZEROS];
    let mut left = count;
    while left > 0 {
        if stop.is_stopped() {
            return Err(HandsetError::Stopped);
        }
        let length = left.min(ZEROS as u64);
        write(zeros.get(..length as usize).unwrap_or_default(), sink)?;
        left -= length;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sectors_that_were_erased_in_the_middle_of_a_file_are_told_from_empty_room_in_it() {
        let noise: Vec<u8> = (0..10 * 512u32)
            .map(|at| (at.wrapping_mul(2_654_435_761) >> 13) as u8 | 1)
            .collect();
        let noise: Vec<u8> = noise
            .into_iter()
            .map(|byte| if byte == 0xff { 3 } else { byte })
            .collect();
        let with = |from: usize, to: usize, fill: u8| {
            let mut bytes = noise.clone();
            bytes[from..to].fill(fill);
            erased_within(&bytes)
        };
        for fill in [0, 0xff] {
            assert_eq!(with(512, 1024, fill), Some(512..1024));
            assert_eq!(with(1024, 4096, fill), Some(1024..4096));
            for (from, to) in [
                (511, 1024),
                (512, 1025),
                (512, 1023),
                (600, 3000),
                (0, 1024),
                (4096, 5120),
            ] {
                assert_eq!(with(from, to, fill), None, "{from} {to}");
            }
        }
        assert_eq!(with(512, 1024, 0xaa), None);
        assert_eq!(erased_within(&[0; 2000]), None);
        assert_eq!(erased_within(&[]), None);
        assert!(is_packed(b"DCIM/1.JPG") && !is_packed(b"a.txt") && !is_packed(b"noending"));
    }
}
