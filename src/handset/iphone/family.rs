//! How iPhones are seen, and what their owners are told. The product numbers of recovery mode and DFU mode come from
//! libirecovery.

use crate::handset::Handset;
use crate::handset::family::{Approach, Family, How};
use crate::handset::find::usb::{Access, UsbDevice};
use crate::handset::find::{Candidate, Look, OpenError, State};
use crate::handset::media_device;
use crate::phrase;

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
        let out_of_reach = |text: String| Approach::not_now(self, State::OutOfReach, text);
        let approach = match usb.product_id {
            0x1280..=0x1283 => out_of_reach(in_recovery()),
            0x1222 | 0x1227 | 0xf014 => out_of_reach(in_dfu()),
            0x1290..=0x12af if shows_services(usb) => {
                match media_device::over_usb(self, usb, true) {
                    Some(approach) => told(approach, &usb.access),
                    None => out_of_reach(NO_PICTURES.to_owned()),
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
        approach.advice = READY.to_owned();
    } else if *access == Access::SystemDriver {
        approach.advice = format!("{} {BACKUP}", approach.advice);
    }
    approach
}

const READY: &str = phrase(
    "Unlock the device, tap “Trust” if it asks, and keep the device unlocked. Lifeboat can copy \
     its pictures. For its contacts and calendar, make a backup with Apple's own program.",
);

const BACKUP: &str = phrase(
    "For its contacts and calendar, make a backup with Apple's own program (Apple Devices or \
     iTunes).",
);

const NO_PICTURES: &str = phrase(
    "An iPhone, iPad or iPod is connected, but it does not show its pictures. Unlock it, \
     plug it in again, and tap “Trust”. Don't reset it. First make a backup with Apple's \
     own program (Finder on a Mac, Apple Devices or iTunes on Windows).",
);

const RESTART: &str = phrase(
    "Unplug the device and restart it with its keys: press Volume Up, press Volume Down, then \
     hold the side key until the Apple logo appears. On an iPhone 7, hold Volume Down and the \
     side key. On older ones, hold the home key and the top key. A restart erases nothing.",
);

fn in_recovery() -> String {
    phrase!(
        "An iPhone or iPad is connected in recovery mode: its screen shows a cable and a computer. Nothing can \
         be read in this mode, but all data is still on the device. {RESTART} If the same screen comes back, \
         Apple's own program may offer “Update”, which keeps the data, and “Restore”, which erases it. Choose \
         only “Update”, and stop if it fails."
    )
}

fn in_dfu() -> String {
    phrase!(
        "An iPhone or iPad is connected in DFU mode, with a black screen. Nothing can be read in this mode, but \
         all data is still on the device. Don't click “Restore” in Apple's own program: it erases the device. \
         {RESTART} If the screen stays black, take the device to a repair shop that keeps the data."
    )
}
