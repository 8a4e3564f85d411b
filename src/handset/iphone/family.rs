//! How iPhones are seen, and what their owners are told. The product numbers of recovery mode and DFU mode come from
//! libirecovery.

use super::backup;
use crate::coach::Situation;
use crate::handset::Handset;
use crate::handset::family::{Approach, Family, How, Place};
use crate::handset::find::usb::{Access, UsbDevice};
use crate::handset::find::{Candidate, Look, OpenError, SeenFolder, State};
use crate::handset::media_device;
use crate::model::Collection;
use crate::phrase;

/// The family's name.
pub const NAME: &str = "iphone";

/// Apple's phones, tablets and players.
pub struct IPhone;

impl Family for IPhone {
    fn name(&self) -> &'static str {
        NAME
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
        if let Some(folder) = device.folder.filter(|folder| folder.family == self.name()) {
            return vec![Approach {
                family: self.name(),
                name: phrase("backup"),
                place: Some(Place::Folder(folder.path.clone())),
                covers: &Collection::ALL,
                state: State::Ready,
                ..Approach::default()
            }];
        }
        let Some((usb, Look::Apple)) = device.usb else {
            return Vec::new();
        };
        let out_of_reach = |state| Approach::not_now(self, State::OutOfReach, Situation::of(state));
        let approach = match usb.product_id {
            0x1280..=0x1283 => out_of_reach("iphone_recovery"),
            0x1222 | 0x1227 | 0xf014 => out_of_reach("iphone_dfu"),
            0x1290..=0x12af if shows_services(usb) => {
                match media_device::over_usb(self, usb, true) {
                    Some(approach) => told(approach, &usb.access),
                    None => out_of_reach("iphone_blind"),
                }
            }
            // Keyboards, screens and adapters.
            _ => return Vec::new(),
        };
        vec![approach]
    }

    fn open(&self, approach: &Approach, how: &How) -> Result<Box<dyn Handset>, OpenError> {
        match &approach.place {
            Some(Place::Folder(path)) => {
                Ok(backup::open(path, &how.secrets, &how.on_wait, &how.stop)?)
            }
            Some(Place::Usb(_) | Place::Server(_)) | None => media_device::open(approach, how),
        }
    }

    fn folders(&self) -> Vec<SeenFolder> {
        backup::seen(&backup::usual())
    }
}

/// True if a device has the multiplexer for Apple's services, or shows pictures, as it does before it trusts a computer.
fn shows_services(device: &UsbDevice) -> bool {
    let mut all = device.interfaces.iter();
    all.any(|one| matches!(one.triple(), (0xff, 0xfe, 0x02) | (0x06, 0x01, 0x01)))
}

/// Adds what the owner of an iPhone has to know.
fn told(mut approach: Approach, access: &Access) -> Approach {
    if approach.state == State::Ready {
        approach.advice = Situation::of("iphone");
    } else if *access == Access::SystemDriver {
        approach.advice = Situation::of("iphone_windows");
    }
    approach
}
