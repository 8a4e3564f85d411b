//! How iPhones are seen, and what their owners are told. The product numbers of recovery mode and DFU mode come from
//! libirecovery.

use crate::coach::Situation;
use crate::handset::Handset;
use crate::handset::family::{Approach, Family, How};
use crate::handset::find::usb::{Access, UsbDevice};
use crate::handset::find::{Candidate, Look, OpenError, State};
use crate::handset::media_device;

/// Apple's phones, tablets and players.
pub struct IPhone;

impl Family for IPhone {
    fn name(&self) -> &'static str {
        "iphone"
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
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
        media_device::open(approach, how)
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
