//! The USB view of a practice handset.
//!
//! The descriptors are those of real handsets: interfaces and endpoints of a Galaxy and a Pixel, their fastboot, and
//! a phone that only charges.

use super::android::{PracticeAndroid, SeenAs};
use crate::handset::find::usb::{Access, Endpoint, UsbDevice, UsbInterface};

/// Returns the USB descriptors of the handset in this socket of a computer.
pub fn snapshot(android: &PracticeAndroid, socket: u8) -> UsbDevice {
    let (make, _, serial) = android.name();
    let samsung = make == "samsung";
    let seen_as = android.seen_as();
    let (interfaces, product_id) = match seen_as {
        SeenAs::Charging => (vec![silent()], if samsung { 0x6864 } else { 0x4ee0 }),
        SeenAs::DebuggingOff => (vec![mtp()], if samsung { 0x6860 } else { 0x4ee1 }),
        SeenAs::Bootloader => (vec![android_interface(0, 0x03)], 0x4ee0),
        SeenAs::Ready | SeenAs::NoPermission | SeenAs::Claimed => (
            vec![mtp(), android_interface(1, 0x01)],
            if samsung { 0x6860 } else { 0x4ee2 },
        ),
    };
    let google_number = !samsung || seen_as == SeenAs::Bootloader;
    UsbDevice {
        bus: 1,
        ports: vec![socket],
        address: socket.wrapping_add(android.pluggings().to_le_bytes()[0]),
        vendor_id: if google_number { 0x18d1 } else { 0x04e8 },
        product_id,
        class: 0,
        interfaces,
        manufacturer: Some(if samsung { "SAMSUNG" } else { "Google" }.to_owned()),
        product: Some(android.name().1.to_owned()),
        serial: Some(serial.to_owned()),
        access: match seen_as {
            SeenAs::NoPermission => Access::NoPermission,
            SeenAs::Claimed => Access::Busy {
                by: vec!["adb (process 4711)".to_owned()],
            },
            _ => Access::Ok,
        },
        storage: None,
    }
}

fn mtp() -> UsbInterface {
    UsbInterface {
        class: 0x06,
        subclass: 0x01,
        protocol: 0x01,
        name: Some("MTP".to_owned()),
        ..bulk(0, 0x81, 0x01)
    }
}

/// Protocol 1 is debugging, protocol 3 is fastboot.
fn android_interface(number: u8, protocol: u8) -> UsbInterface {
    UsbInterface {
        class: 0xff,
        subclass: 0x42,
        protocol,
        ..bulk(number, 0x83, 0x02)
    }
}

/// A vendor-specific interface.
fn silent() -> UsbInterface {
    UsbInterface {
        class: 0xff,
        subclass: 0xff,
        protocol: 0xff,
        ..bulk(0, 0x81, 0x01)
    }
}

fn bulk(number: u8, bulk_in: u8, bulk_out: u8) -> UsbInterface {
    let endpoint = |address| {
        Some(Endpoint {
            address,
            packet: 512,
        })
    };
    UsbInterface {
        number,
        bulk_in: endpoint(bulk_in),
        bulk_out: endpoint(bulk_out),
        ..UsbInterface::default()
    }
}
