//! A computer with a practice card plugged in.

use super::PracticeCard;
use crate::handset::files_only::FilesOnly;
use crate::handset::find::usb::{Endpoint, Storage, SystemDisk, UsbDevice, UsbInterface};
use crate::handset::find::{Found, OnWait, OpenError, Port, Seen, Wanted, choose, judge};
use crate::handset::{Handset, memory_card};
use crate::model::Stop;
use crate::practice::port::listed;

/// A port with only a practice card. Real devices are not visible. The card is judged in the same way as a real
/// device.
pub struct CardPort(pub PracticeCard);

/// Socket number of the reader.
const SOCKET: u8 = 6;

impl CardPort {
    fn see(&self) -> Seen {
        let device = self.0.is_plugged().then(|| self.snapshot());
        Seen {
            usb: Some(device.into_iter().collect()),
            server: None,
        }
    }

    /// USB descriptors of the card, with the numbers of the kernel's mass-storage gadget.
    fn snapshot(&self) -> UsbDevice {
        let endpoint = |address| {
            Some(Endpoint {
                address,
                packet: 512,
            })
        };
        let size = if self.0.has_medium() {
            self.0.image().len() as u64
        } else {
            0
        };
        UsbDevice {
            bus: 1,
            ports: vec![SOCKET],
            address: SOCKET.wrapping_add(self.0.pluggings() as u8),
            vendor_id: 0x0525,
            product_id: 0xa4a5,
            interfaces: vec![UsbInterface {
                class: 0x08,
                subclass: 0x06,
                protocol: 0x50,
                bulk_in: endpoint(0x81),
                bulk_out: endpoint(0x01),
                ..UsbInterface::default()
            }],
            manufacturer: Some("Practice".to_owned()),
            product: Some("flip-out phone".to_owned()),
            storage: Some(Storage {
                has_driver: true,
                disks: vec![SystemDisk {
                    is_removable: true,
                    size,
                    ..SystemDisk::default()
                }],
            }),
            ..UsbDevice::default()
        }
    }
}

impl Port for CardPort {
    fn look(&self) -> Found {
        listed(&self.see())
    }

    fn open(
        &self,
        id: &str,
        _: Wanted,
        stop: &Stop,
        _: OnWait,
    ) -> Result<Box<dyn Handset>, OpenError> {
        let listed = judge(&self.see());
        if listed.is_empty() {
            return Err(OpenError {
                what: "the practice card is not plugged in".into(),
                advice: "Plug it in again.".into(),
            });
        }
        choose(listed, id)?;
        let card = memory_card::open_usb(self.0.link(), 0, stop)?;
        Ok(Box::new(FilesOnly::new(card)))
    }
}
