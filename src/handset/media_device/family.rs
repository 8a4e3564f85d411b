//! How a media device shows itself, what its owner is told, and how it is opened. Also for other families whose devices
//! transfer files.

use super::MediaDevice;
use crate::handset::Handset;
use crate::handset::family::{Approach, FILES, Family, How, Place};
use crate::handset::find::usb::{Access, UsbDevice, clean};
use crate::handset::find::vendors;
use crate::handset::find::{Candidate, Look, OpenError, State, advice};
use crate::phrase;
use crate::protocol::mtp;

/// Cameras, players, and phones that transfer files.
pub struct MediaFamily;

const MTP: &str = phrase("mtp (USB)");
const PTP: &str = phrase("ptp (USB)");

impl Family for MediaFamily {
    fn name(&self) -> &'static str {
        phrase("media device")
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
        let Some((usb, look)) = device.usb else {
            return Vec::new();
        };
        let on_windows = usb.access == Access::SystemDriver;
        let instead = match look {
            Look::Card | Look::Apple => return Vec::new(),
            Look::Camera | Look::Gadget => None,
            Look::Phone if on_windows => Some(FILES_INSTEAD_ON_WINDOWS),
            Look::Phone => Some(FILES_INSTEAD),
            Look::WindowsPhone | Look::FeaturePhone if on_windows => Some(FILES_ON_WINDOWS),
            Look::WindowsPhone | Look::FeaturePhone => Some(ALSO_FILES),
            Look::Debugging
            | Look::Recovery
            | Look::Bootloader
            | Look::Loader(_)
            | Look::SamsungDownload
            | Look::Tethering
            | Look::ChargingOnly => Some(""),
        };
        match (over_usb(self, usb, look == Look::Camera), instead) {
            (Some(approach), None) => vec![approach],
            (Some(approach), Some(instead)) => vec![Approach {
                advice: instead.to_owned(),
                ..approach
            }],
            (None, None) => vec![Approach::not_now(self, State::OutOfReach, INCOMPLETE)],
            (None, Some(_)) => Vec::new(),
        }
    }

    fn open(&self, approach: &Approach, how: &How) -> Result<Box<dyn Handset>, OpenError> {
        open(approach, how)
    }
}

/// Returns the approach to the files of a device; `None` if it has no complete interface for them. `is_camera`: it speaks
/// PTP, unless it says MTP.
pub fn over_usb(family: &dyn Family, device: &UsbDevice, is_camera: bool) -> Option<Approach> {
    let interface = device.media()?;
    let makes = vendors::of(device.vendor_id).map(|vendor| vendor.makes);
    let mut place = device.place(interface)?;
    // MTP commands never fill a packet, so they need no zero-length packet.
    place.zero_packets = false;
    let (state, advice) = access(&device.access);
    Some(Approach {
        family: family.name(),
        name: match is_camera && !interface.is_called_mtp() {
            true => PTP,
            false => MTP,
        },
        place: Some(Place::Usb(place)),
        covers: FILES,
        state,
        advice,
        makes,
        ..Approach::default()
    })
}

/// Opens a device that transfers files.
///
/// # Errors
/// See [`MediaDevice::open_made_by`].
pub fn open(approach: &Approach, how: &How) -> Result<Box<dyn Handset>, OpenError> {
    let options = mtp::Options {
        stop: how.stop.clone(),
        on_wait: how.on_wait.clone(),
        ..mtp::Options::default()
    };
    let link = crate::link::usb::open(approach.on_usb()?)?;
    Ok(MediaDevice::open_made_by(approach.makes, link, &options)?)
}

/// Returns whether an interface for files can be used, and if not, what to do.
fn access(access: &Access) -> (State, String) {
    match access {
        Access::Busy { by } => {
            let by: Vec<String> = by.iter().filter_map(|name| clean(name)).collect();
            let by = match by.is_empty() {
                true => String::new(),
                false => format!(": {}", by.join(", ")),
            };
            let text = phrase!(
                "Another program is using its pictures{by}. Close that program, or eject the device in the file \
                 manager without unplugging it. Then try again."
            );
            (State::NeedsYou, text)
        }
        access => advice::of_access(access, (State::OutOfReach, FILES_ON_WINDOWS.to_owned())),
    }
}

const INCOMPLETE: &str = phrase(
    "A device with pictures is connected, but its picture interface is incomplete. Copy the \
     pictures from its memory card.",
);

/// The fallback if debugging can't be switched on: contacts that were exported first are then among the files.
const FILES_INSTEAD: &str = phrase(
    "If you can't turn on USB debugging: first export the contacts in the Contacts app \
     to a file on the phone. Then choose “File transfer” in the phone's USB message, and \
     copy its files: lifeboat rescue --device ID --files.",
);

const FILES_INSTEAD_ON_WINDOWS: &str = phrase(
    "If you can't turn on USB debugging: first export the contacts in the \
     Contacts app to a file on the phone. Then choose “File transfer” in the \
     phone's USB message, and copy its files with Explorer (under “This PC”). \
     Lifeboat can't read them here, because Windows uses its own driver. \
     Lifeboat on Linux copies and checks the files.",
);

const ALSO_FILES: &str =
    phrase("Lifeboat can copy its pictures: lifeboat rescue --device ID --files.");

const FILES_ON_WINDOWS: &str = phrase(
    "Lifeboat can't read its files here, because Windows uses its own driver. Copy \
     the pictures with Explorer (under “This PC”), or use Lifeboat on Linux, which \
     reads and checks them. Don't delete anything on the device.",
);
