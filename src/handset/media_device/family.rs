//! How a media device shows itself, what its owner is told, and how it is opened. Also for other families whose devices
//! transfer files.

use super::MediaDevice;
use crate::coach::Situation;
use crate::handset::Handset;
use crate::handset::family::{Approach, FILES, Family, How, Place};
use crate::handset::find::usb::{Access, UsbDevice};
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
            Look::Phone if on_windows => Some("files_instead_windows"),
            Look::Phone => Some("files_instead"),
            Look::WindowsPhone | Look::FeaturePhone if on_windows => Some("files_windows"),
            Look::WindowsPhone | Look::FeaturePhone => Some("also_files"),
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
                advice: Situation::of(instead),
                ..approach
            }],
            (None, None) => vec![Approach::not_now(
                self,
                State::OutOfReach,
                Situation::of("media_incomplete"),
            )],
            (None, Some(_)) => Vec::new(),
        }
    }

    fn open(&self, approach: &Approach, how: &How) -> Result<Box<dyn Handset>, OpenError> {
        open(approach, how)
    }

    fn has_owner(&self) -> bool {
        false
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
fn access(access: &Access) -> (State, Situation) {
    match access {
        Access::Busy { by } => {
            let busy = Situation::naming("media_busy", advice::names(by));
            (State::NeedsYou, busy)
        }
        access => advice::of_access(access, (State::OutOfReach, Situation::of("files_windows"))),
    }
}
