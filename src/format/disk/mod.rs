//! Disks and the volumes on them: partition tables (MBR and GPT), FAT12, FAT16, FAT32 and exFAT.
//!
//! Where the bytes come from is another room's matter: all that is asked of a disk is [`Blocks`], which can't be asked
//! to write. Whatever a volume says of itself is bounded by what the disk can hold.

mod clusters;
mod exfat;
mod fat;
mod folder;
mod foreign;
mod gpt;
mod mbr;
mod names;
mod patience;
mod stamp;
mod table;
mod volume;

pub use clusters::{Claim, Claims};
pub use foreign::Foreign;
pub use patience::Disk;
pub use stamp::Stamp;
pub use table::{Found, Part, find};
pub use volume::{Entry, Extent, Extents, FileSystem, Folder, Place, Volume};

/// A disk that can be read, block by block.
pub trait Blocks: Send {
    /// In bytes: a whole number of blocks.
    fn size(&self) -> u64;

    /// The least that can be read by itself, in bytes: a power of two, 512 at least.
    fn block(&self) -> u32;

    /// Fills `buffer` with what lies from `at` on. Both `at` and the buffer are whole blocks, within the disk.
    ///
    /// # Errors
    /// [`ReadError::Unreadable`] where others may still be read.
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError>;
}

/// Why blocks could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// One of them at least is damaged, as the disk says.
    #[error("{0}")]
    Unreadable(String),
    /// Nothing more can be read of this disk now, and what to do about it.
    #[error("{what}")]
    Ended { what: String, advice: String },
    #[error("stopped")]
    Stopped,
}
