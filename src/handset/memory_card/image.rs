//! A card as an image file, or as a block device of the system, opened read-only.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::Path;

use super::map::{self, Beside};
use super::{MemoryCard, Reader};
use crate::format::disk::{Blocks, Disk, ReadError};
use crate::handset::HandsetError;
use crate::model::{Advice, Stop};
use crate::phrase;
use crate::system::plain;

/// Block size of an image, in bytes.
const BLOCK: u32 = 512;

/// Opens an image of a card.
///
/// # Errors
/// If the file can't be opened, or is too short for any card.
pub fn open(path: &Path, stop: &Stop) -> Result<MemoryCard, ImageError> {
    let failed = |source| ImageError::File {
        path: path.display().to_string(),
        source,
    };
    let mut file = open_unused(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.is_dir() {
        return Err(failed(ErrorKind::IsADirectory.into()));
    }
    // A block device reports no length, but can be sought to its end.
    let size = file.seek(SeekFrom::End(0)).map_err(failed)? / u64::from(BLOCK) * u64::from(BLOCK);
    if size == 0 {
        return Err(failed(ErrorKind::UnexpectedEof.into()));
    }
    let beside = match file.metadata().map_err(failed)?.is_file() {
        true => map::beside(path),
        false => Beside::Nothing,
    };
    let (mut holes, mut lacks) = (Vec::new(), None);
    let mut remark = None;
    match beside {
        Beside::Nothing => {}
        Beside::Map(map) => {
            let name = map.name.clone();
            holes = map.within(size);
            let bytes: u64 = holes.iter().map(|hole| hole.end - hole.start).sum();
            remark = (bytes > 0).then(|| {
                phrase!(
                    "According to the map {name}, {bytes} bytes of the image were never read from the card."
                )
            });
        }
        Beside::Unreadable(name) => {
            lacks = Some(phrase!(
                "The map {name} beside the image can't be read, so Lifeboat can't know which parts of the image \
                 are missing."
            ));
        }
    }
    let has_holes = !holes.is_empty();
    let image = Image {
        file,
        size,
        holes,
        stop: stop.clone(),
    };
    let name = path.file_name().unwrap_or(path.as_os_str());
    let reader = Reader {
        approach: phrase!("image file {}", name.to_string_lossy()),
        traces: vec![phrase("None: Lifeboat read a file on this computer.").into()],
        ..Reader::default()
    };
    let mut card = MemoryCard::open(Disk::new(Box::new(image)), reader, stop)?;
    card.remark(remark);
    card.missing.extend(lacks);
    card.has_holes = has_holes;
    Ok(card)
}

/// Opens a file for reading. A block device is opened only if nothing on it is mounted: with O_EXCL, open(2) fails if
/// the device is in use.
#[cfg(target_os = "linux")]
fn open_unused(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};

    if !path.metadata()?.file_type().is_block_device() {
        return plain::open_chosen(path);
    }
    let alone = rustix::fs::OFlags::EXCL.bits();
    let mut options = File::options();
    options.read(true);
    options.custom_flags(i32::try_from(alone).unwrap_or_default());
    options.open(path)
}

#[cfg(not(target_os = "linux"))]
fn open_unused(path: &Path) -> io::Result<File> {
    // A raw disk on Windows is no regular file.
    match path.metadata().is_ok_and(|found| found.is_file()) {
        true => plain::open_chosen(path),
        false => File::open(path),
    }
}

/// Windows mounts each card, and lets only administrators read the raw device.
pub const ON_WINDOWS: &str = phrase(
    "On Windows, Lifeboat can't read a memory card itself. Don't write to the card: if \
     Windows offers “format” or “scan and fix”, answer no. Make an image of the card \
     with an imaging program that you run as administrator (such as Win32 Disk Imager \
     or FTK Imager), and take the card out. Then run: lifeboat rescue --image FILE --to \
     FOLDER. Or use Lifeboat on Linux.",
);

/// The beginning of Windows' own names of disks.
const WINDOWS_DEVICE: &str = r"\\.\";

/// Why an image could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    #[error("{path} could not be opened: {source}")]
    File { path: String, source: io::Error },
    #[error(transparent)]
    Card(#[from] HandsetError),
}

impl Advice for ImageError {
    fn advice(&self) -> String {
        match self {
            Self::File { path, .. } if path.starts_with(WINDOWS_DEVICE) => ON_WINDOWS.into(),
            Self::File { source, .. } if source.kind() == ErrorKind::PermissionDenied => {
                phrase("Copy the image to one of your own folders, or give yourself permission to read it.").into()
            }
            Self::File { source, .. } if source.kind() == ErrorKind::ResourceBusy => {
                phrase(
                    "Unmount the card, leave it plugged in, and run the same command again. Lifeboat does not touch \
                     a mounted card.",
                ).into()
            }
            Self::File { .. } => {
                phrase(
                    "Give the file that contains the whole card, as dd or ddrescue creates it. Unpack a packed file \
                     first.",
                )
                    .into()
            }
            Self::Card(error) => error.advice(),
        }
    }
}

struct Image {
    file: File,
    size: u64,
    /// The parts that hold no data of the card, in bytes, in order.
    holes: Vec<Range<u64>>,
    /// Checked before each read, since a failing device takes seconds for each block.
    stop: Stop,
}

impl Blocks for Image {
    fn size(&self) -> u64 {
        self.size
    }

    fn block(&self) -> u32 {
        BLOCK
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        if self.stop.is_stopped() {
            return Err(ReadError::Stopped);
        }
        let end = at.saturating_add(buffer.len() as u64);
        let next = self.holes.partition_point(|hole| hole.end <= at);
        if self.holes.get(next).is_some_and(|hole| hole.start < end) {
            return Err(ReadError::Unreadable(
                phrase("this part was never read from the card").into(),
            ));
        }
        let read = self
            .file
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.file.read_exact(buffer));
        read.map_err(|error| match error.kind() {
            // The errors of a device that was unplugged.
            ErrorKind::NotFound | ErrorKind::BrokenPipe | ErrorKind::StaleNetworkFileHandle => {
                gone(&error)
            }
            _ if error.raw_os_error() == Some(NO_DEVICE) => gone(&error),
            _ => ReadError::Unreadable(error.to_string()),
        })
    }
}

/// ENXIO: the same number on all systems that have it.
const NO_DEVICE: i32 = 6;

fn gone(error: &io::Error) -> ReadError {
    ReadError::Ended {
        what: phrase!("the image can no longer be read: {error}"),
        advice: phrase(
            "Check that the disk with the image is still connected, then continue the rescue.",
        )
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_by_windows_name_for_it_is_answered_with_the_way_round() {
        let Err(error) = open(Path::new(r"\\.\PhysicalDrive2"), &Stop::new()) else {
            panic!("the file does not exist");
        };
        assert_eq!(error.advice(), ON_WINDOWS);
    }
}
