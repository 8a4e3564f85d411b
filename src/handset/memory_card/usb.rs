//! A card behind USB mass storage: in a reader, or in a phone that appears as a drive.

use super::{MemoryCard, Reader};
use crate::format::disk::{Blocks, Disk, ReadError};
use crate::handset::HandsetError;
use crate::link::Link;
use crate::model::{Advice, Stop};
use crate::phrase;
use crate::protocol::scsi::{ScsiDisk, ScsiError};

/// Opens the card behind a link; `last` is the highest logical unit number of the device.
///
/// # Errors
/// If there is no card, the link is lost, or the rescue is stopped.
pub fn open(link: Link, last: u8, stop: &Stop) -> Result<MemoryCard, HandsetError> {
    let disk = ScsiDisk::open(link, last, stop)?;
    let reader = Reader {
        make: disk.inquiry.vendor.clone(),
        model: disk.inquiry.product.clone(),
        approach: phrase!("USB mass storage ({})", disk.name()),
        traces: vec![
            phrase(
                "Nothing on the card. Lifeboat kept this computer's own driver away from the card, so that no \
                 program mounted it. The driver returns when the card is plugged in again.",
            )
                .into(),
        ],
    };
    MemoryCard::open(Disk::new(Box::new(disk)), reader, stop)
}

impl Blocks for ScsiDisk {
    fn size(&self) -> u64 {
        self.blocks * u64::from(self.block)
    }

    fn block(&self) -> u32 {
        self.block
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.read(at / u64::from(self.block.max(1)), buffer)
            .map_err(|error| match error {
                ScsiError::Stopped => ReadError::Stopped,
                ScsiError::Unreadable { .. } => ReadError::Unreadable(error.to_string()),
                error => ReadError::Ended {
                    advice: error.advice(),
                    what: error.to_string(),
                },
            })
    }
}

impl From<ScsiError> for HandsetError {
    fn from(error: ScsiError) -> Self {
        match error {
            ScsiError::Stopped => Self::Stopped,
            error => Self::of(&error, error.is_link_lost()),
        }
    }
}
