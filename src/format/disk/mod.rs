//! Disks and the volumes on them: partition tables (MBR and GPT), FAT12, FAT16, FAT32 and exFAT.
//!
//! This module does not know where the bytes come from. It reads a disk only through [`Blocks`], which has no way to
//! write. Sizes that a volume claims are limited to what the disk can hold.

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
    /// Size in bytes, a whole number of blocks.
    fn size(&self) -> u64;

    /// Size of a block, in bytes: the smallest unit that can be read, a power of two and at least 512.
    fn block(&self) -> u32;

    /// Fills `buffer` with the bytes from `at` on. `at` and the buffer cover whole blocks within the disk.
    ///
    /// # Errors
    /// [`ReadError::Unreadable`] if other blocks may still be readable.
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError>;
}

/// Why blocks could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The disk reports that at least one block is damaged.
    #[error("{0}")]
    Unreadable(String),
    /// Nothing more can be read from this disk now. The advice says what to do.
    #[error("{what}")]
    Ended { what: String, advice: String },
    #[error("stopped")]
    Stopped,
}
