//! USB devices as libusb lists them, for systems without `/sys`. A device has to be opened before its names can be
//! read. This is done once each time the device is plugged in, and only if it could be a handset.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusb::{Context, Device, DeviceHandle, Direction, TransferType, UsbContext};

use super::{Access, Endpoint, UsbDevice, UsbError, UsbInterface, clean};
use crate::handset::find::judge::needs_names;
use crate::link::usb::context;

/// Timeout for one string from a device.
const ASK: Duration = Duration::from_millis(300);

/// Devices that were examined, by bus and address.
static SEEN: Mutex<Option<HashMap<(u8, u8), UsbDevice>>> = Mutex::new(None);

pub(super) fn list() -> Result<Vec<UsbDevice>, UsbError> {
    let devices = context()?.devices()?;
    let mut held = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    let seen = held.take().unwrap_or_default();
    let mut now = HashMap::new();
    for device in devices.iter() {
        let Some(read) = described(&device) else {
            continue;
        };
        let key = (read.bus, read.address);
        let known = seen
            .get(&key)
            .filter(|old| same_but_for_names(old, &read) && old.access == Access::Ok);
        let whole = match known {
            Some(known) => known.clone(),
            None => named(&device, read),
        };
        now.insert(key, whole);
    }
    let mut list: Vec<UsbDevice> = now.values().cloned().collect();
    list.sort_by(|a, b| (a.bus, &a.ports, a.address).cmp(&(b.bus, &b.ports, b.address)));
    *held = Some(now);
    Ok(list)
}

fn same_but_for_names(old: &UsbDevice, new: &UsbDevice) -> bool {
    (
        old.vendor_id,
        old.product_id,
        &old.ports,
        old.interfaces.len(),
    ) == (
        new.vendor_id,
        new.product_id,
        &new.ports,
        new.interfaces.len(),
    )
}

/// Returns what the system knows of a device without opening it.
fn described(device: &Device<Context>) -> Option<UsbDevice> {
    let descriptor = device.device_descriptor().ok()?;
    let interfaces = device
        .active_config_descriptor()
        .map(|configuration| {
            configuration
                .interfaces()
                .filter_map(|interface| {
                    let descriptor = interface.descriptors().next()?;
                    let bulk = |direction| {
                        descriptor
                            .endpoint_descriptors()
                            .find(|e| {
                                e.transfer_type() == TransferType::Bulk
                                    && e.direction() == direction
                            })
                            .map(|e| Endpoint {
                                address: e.address(),
                                packet: e.max_packet_size() & 0x07ff,
                            })
                    };
                    Some(UsbInterface {
                        number: descriptor.interface_number(),
                        alternate: descriptor.setting_number(),
                        class: descriptor.class_code(),
                        subclass: descriptor.sub_class_code(),
                        protocol: descriptor.protocol_code(),
                        name: None,
                        bulk_in: bulk(Direction::In),
                        bulk_out: bulk(Direction::Out),
                    })
                })
                .take(64)
                .collect()
        })
        .unwrap_or_default();
    Some(UsbDevice {
        bus: device.bus_number(),
        ports: device.port_numbers().unwrap_or_default(),
        address: device.address(),
        vendor_id: descriptor.vendor_id(),
        product_id: descriptor.product_id(),
        class: descriptor.class_code(),
        interfaces,
        ..UsbDevice::default()
    })
}

/// Adds the names, if the device could be a handset and can be opened.
fn named(device: &Device<Context>, mut read: UsbDevice) -> UsbDevice {
    if !needs_names(&read) {
        return read;
    }
    let handle = match device.open() {
        Ok(handle) => handle,
        Err(error) => {
            read.access = match UsbError::from(error) {
                UsbError::NoPermission => Access::NoPermission,
                UsbError::Busy => Access::Busy { by: Vec::new() },
                UsbError::Gone => Access::Gone,
                // libusb's windows_winusb.c: the driver of the device is not WinUSB, or the device has several
                // interfaces and WinUSB has none of them.
                UsbError::NotSupported => Access::SystemDriver,
                UsbError::Changed if cfg!(windows) => Access::SystemDriver,
                other => Access::Other(other.to_string()),
            };
            return read;
        }
    };
    // A device that doesn't answer has no readable strings.
    let _ = ask(device, &handle, &mut read);
    read
}

fn ask(
    device: &Device<Context>,
    handle: &DeviceHandle<Context>,
    read: &mut UsbDevice,
) -> rusb::Result<()> {
    let descriptor = device.device_descriptor()?;
    let language = handle
        .read_languages(ASK)?
        .first()
        .copied()
        .ok_or(rusb::Error::NotFound)?;
    let string = |text: rusb::Result<String>| text.ok().and_then(|text| clean(&text));
    read.manufacturer = string(handle.read_manufacturer_string(language, &descriptor, ASK));
    read.product = string(handle.read_product_string(language, &descriptor, ASK));
    read.serial = string(handle.read_serial_number_string(language, &descriptor, ASK));
    let configuration = device.active_config_descriptor()?;
    let descriptors = configuration
        .interfaces()
        .filter_map(|interface| interface.descriptors().next());
    for (descriptor, known) in descriptors.zip(&mut read.interfaces) {
        // Only the name tells a vendor-specific interface's purpose, and whether a picture interface is MTP.
        if descriptor.class_code() == 0xff || descriptor.class_code() == 0x06 {
            known.name = string(handle.read_interface_string(language, &descriptor, ASK));
        }
    }
    Ok(())
}
