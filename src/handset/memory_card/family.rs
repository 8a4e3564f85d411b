//! How a memory card shows itself, what is to be done before it can be read, and how it is opened.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{ON_WINDOWS, open_usb};
use crate::coach::Situation;
use crate::handset::Handset;
use crate::handset::family::{Approach, FILES, Family, How, Place};
use crate::handset::files_only::FilesOnly;
use crate::handset::find::usb::{Access, Storage, SystemDisk, UsbDevice};
use crate::handset::find::{Candidate, Found, Look, OpenError, Seen, State, advice, is_card};
use crate::link::usb::UsbPlace;
use crate::phrase;

/// Memory cards, in readers and in phones that appear as drives.
pub struct CardFamily;

const NAME: &str = phrase("card (USB)");

impl Family for CardFamily {
    fn name(&self) -> &'static str {
        phrase("memory card")
    }

    fn approaches(&self, device: &Candidate<'_>) -> Vec<Approach> {
        let Some((usb, look)) = device.usb else {
            return Vec::new();
        };
        // A phone with debugging may show its card as a drive, and hides it from its own programs meanwhile.
        if look != Look::Card && !(look == Look::Debugging && is_card(usb)) {
            return Vec::new();
        }
        let interface = usb.disk();
        let place = interface.and_then(|interface| usb.place(interface));
        let (mut state, mut advice) = of_storage(usb.storage.as_ref());
        if state == State::Ready {
            (state, advice) = access(&usb.access);
        }
        if place.is_none() && state == State::Ready {
            (state, advice) = access(&Access::Other(
                phrase("its storage interface has no pair of bulk endpoints").into(),
            ));
        }
        let place = place.map(|place| {
            Place::Usb(UsbPlace {
                zero_packets: false,
                is_disk: true,
                ..place
            })
        });
        vec![Approach {
            family: self.name(),
            name: NAME,
            place,
            covers: FILES,
            state,
            advice,
            ..Approach::default()
        }]
    }

    fn open(&self, approach: &Approach, how: &How) -> Result<Box<dyn Handset>, OpenError> {
        let place = approach.on_usb()?;
        let (link, last) = crate::link::usb::open_disk(place)?;
        let mut card = open_usb(link, last, &how.stop)?;
        card.remark(was_mounted(place));
        Ok(Box::new(FilesOnly::new(card)))
    }

    fn has_owner(&self) -> bool {
        false
    }

    fn notice(&self, seen: &Seen) {
        note_mounted(seen.usb.iter().flatten());
    }

    fn note(&self, found: &Found) -> Option<String> {
        let is_any_ready = found.devices.iter().any(|d| d.state == State::Ready);
        (cfg!(windows) && !is_any_ready).then(|| phrase!("For a memory card: {ON_WINDOWS}"))
    }
}

/// Returns whether a memory card can be read, by how the system uses its disks, and if not, what to do.
fn of_storage(storage: Option<&Storage>) -> (State, Situation) {
    let ready = (State::Ready, Situation::default());
    let Some(storage) = storage else {
        return ready;
    };
    let used: Vec<&str> = storage
        .disks
        .iter()
        .flat_map(|disk| &disk.used_as)
        .map(String::as_str)
        .collect();
    let is_empty = |disk: &SystemDisk| disk.size == 0;
    let situation = if !used.is_empty() {
        Situation::naming("card_used", used.join(", "))
    } else if storage.has_driver && storage.disks.is_empty() {
        Situation::of("card_checking")
    } else if !storage.disks.is_empty() && storage.disks.iter().all(is_empty) {
        Situation::of("card_none")
    } else {
        return ready;
    };
    (State::NeedsYou, situation)
}

/// Returns whether a memory card's interface can be used, and if not, what to do.
fn access(access: &Access) -> (State, Situation) {
    match access {
        Access::NoPermission if cfg!(target_os = "linux") => (
            State::NeedsYou,
            Situation::naming("card_permission", INSTALL_CARD_RULES),
        ),
        access => {
            let on_windows = Situation::naming("card_windows", ON_WINDOWS);
            advice::of_access(access, (State::OutOfReach, on_windows))
        }
    }
}

/// The commands that install the udev rules for memory cards.
const INSTALL_CARD_RULES: &str =
    "sudo cp assets/71-lifeboat-cards.rules /etc/udev/rules.d/; sudo udevadm control --reload";

/// Where cards were seen mounted since the program began, by their places on USB. The report of their rescue mentions
/// it.
static MOUNTED: Mutex<BTreeMap<(u8, Vec<u8>), String>> = Mutex::new(BTreeMap::new());

fn note_mounted<'a>(devices: impl Iterator<Item = &'a UsbDevice>) {
    let mut mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    for device in devices {
        let disks = device.storage.iter().flat_map(|storage| &storage.disks);
        let places: Vec<&str> = disks
            .flat_map(|disk| disk.used_as.iter().map(String::as_str))
            .collect();
        if !places.is_empty() {
            mounted.insert((device.bus, device.ports.clone()), places.join(", "));
        }
    }
}

fn was_mounted(place: &UsbPlace) -> Option<String> {
    let mounted = MOUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let places = mounted.get(&(place.bus, place.ports.clone()))?;
    Some(phrase!(
        "This computer had already mounted the card (as {places}), and may have written to it: a mark that the \
         card was not closed, and the times when files were opened."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handset::find::usb::Endpoint;

    #[test]
    fn a_card_that_was_mounted_is_remembered_by_its_socket() {
        let in_socket = |port: u8, used_as: &[&str]| UsbDevice {
            bus: 250,
            ports: vec![port],
            storage: Some(Storage {
                disks: vec![SystemDisk {
                    used_as: used_as.iter().map(|place| (*place).to_owned()).collect(),
                    ..SystemDisk::default()
                }],
                ..Storage::default()
            }),
            ..UsbDevice::default()
        };
        let endpoint = Endpoint {
            address: 1,
            packet: 512,
        };
        let place = |port| UsbPlace {
            bus: 250,
            ports: vec![port],
            address: 0,
            interface: 0,
            alternate: 0,
            bulk_in: endpoint,
            bulk_out: endpoint,
            zero_packets: false,
            is_disk: true,
        };
        let (mounted, other) = (in_socket(1, &["/media/alex/CARD"]), in_socket(2, &[]));
        note_mounted([&mounted, &other].into_iter());
        // The owner has unmounted it, as the advice said.
        note_mounted([&in_socket(1, &[])].into_iter());
        let said = was_mounted(&place(1)).expect("a sentence");
        assert!(said.contains("/media/alex/CARD"), "{said}");
        assert_eq!(was_mounted(&place(2)), None);
    }
}
