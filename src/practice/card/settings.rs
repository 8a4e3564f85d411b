//! Properties of a practice card.

use crate::practice::OwnersFile;

/// All options of a practice card.
#[derive(Debug, Clone)]
pub struct Settings {
    pub photos: u32,
    /// Two cards with the same seed have the same contents.
    pub seed: u64,
    /// Number of photos that have one unreadable block each.
    pub bad_sectors: u32,
    /// Further unreadable blocks, by number.
    pub bad_blocks: Vec<u64>,
    /// Further files.
    pub owned: Vec<OwnersFile>,
    /// Damage to blocks.
    pub harm: Vec<(Spot, Harm)>,
    /// Data that folders have lost about some files, by path.
    pub untold: Vec<(String, Untold)>,
    /// The card has only this number of blocks but reports its full size, as a counterfeit card does.
    pub ends_at: Option<u64>,
    /// The slot is empty.
    pub no_medium: bool,
    /// The first read reports the preceding reset, as the kernel's gadget does.
    pub unit_attention: bool,
    /// Reading speed, in bytes a second.
    pub bytes_per_second: Option<u64>,
    /// The cable comes out after this number of bytes; each entry once, in order.
    pub unplug_after: Vec<u64>,
}

/// A block of a card, by its purpose. If there are several, the number selects one; it wraps around.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    PartitionTable,
    Boot,
    SecondBoot,
    /// A block of one of the two allocation tables.
    Table(usize, usize),
    /// A block of a folder, by path.
    Folder(String, usize),
    /// A block of a file, by path.
    File(String, usize),
}

/// Damage to a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// The block cannot be read.
    Unreadable,
    /// The block can no longer be read after the cable was out.
    UnreadableLater,
    /// The block reads as zeros without an error, as on a card whose controller gave the block up, or in an image
    /// made around damage.
    Blank,
    /// The block reads as ones without an error, as erased flash does.
    Erased,
}

/// Data that a folder has lost about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Untold {
    /// Its length: the file was never finished.
    Length,
    /// Its long name: only the short name is left, with an extension of three letters.
    Name,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            photos: 12,
            seed: 1,
            bad_sectors: 0,
            bad_blocks: Vec::new(),
            owned: Vec::new(),
            harm: Vec::new(),
            untold: Vec::new(),
            ends_at: None,
            no_medium: false,
            unit_attention: true,
            bytes_per_second: None,
            unplug_after: Vec::new(),
        }
    }
}
