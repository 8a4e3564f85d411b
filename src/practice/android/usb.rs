//! The USB descriptors of a practice Android. They are those of real handsets: interfaces and endpoints of a Galaxy and a
//! Pixel, their fastboot, and a phone that only charges.

use super::device::Device;
use super::settings::SeenAs;
use crate::handset::find::usb::{Access, UsbDevice};
use crate::practice::device::{bulk, mtp};

/// The interface for debugging.
const DEBUGGING: (u8, u8, u8) = (0xff, 0x42, 0x01);
const FASTBOOT: (u8, u8, u8) = (0xff, 0x42, 0x03);
/// The maker's own interface.
const SILENT: (u8, u8, u8) = (0xff, 0xff, 0xff);

/// Google's number on USB, which many makers use.
const GOOGLE: u16 = 0x18d1;

/// A maker's number on USB (the USB IDs list of linux-usb.org). A DOOGEE shows the number of its chip's maker.
fn vendor(maker: &str) -> u16 {
    match maker {
        "samsung" => 0x04e8,
        "Xiaomi" => 0x2717,
        "HUAWEI" => 0x12d1,
        "OPPO" => 0x22d9,
        "OnePlus" => 0x2a70,
        "asus" => 0x0b05,
        "HMD Global" => 0x2e04,
        "DOOGEE" => 0x0e8d,
        _ => GOOGLE,
    }
}

/// Returns the USB descriptors of the handset.
pub(super) fn descriptors(device: &Device) -> UsbDevice {
    let model = device.model();
    let samsung = model.maker == "samsung";
    let seen_as = device.seen_as();
    let (interfaces, product_id) = match seen_as {
        SeenAs::Charging => (
            vec![bulk(0, SILENT, 0x81, 0x01)],
            if samsung { 0x6864 } else { 0x4ee0 },
        ),
        SeenAs::DebuggingOff => (vec![mtp()], if samsung { 0x6860 } else { 0x4ee1 }),
        SeenAs::Bootloader => (vec![bulk(0, FASTBOOT, 0x83, 0x02)], 0x4ee0),
        SeenAs::Ready | SeenAs::NoPermission | SeenAs::Claimed => (
            vec![mtp(), bulk(1, DEBUGGING, 0x83, 0x02)],
            if samsung { 0x6860 } else { 0x4ee2 },
        ),
    };
    let vendor_id = match (seen_as, vendor(model.maker)) {
        (SeenAs::Bootloader, _) => GOOGLE,
        (_, number) => number,
    };
    UsbDevice {
        vendor_id,
        product_id,
        interfaces,
        manufacturer: Some(match samsung {
            true => "SAMSUNG".to_owned(),
            false => model.maker.to_owned(),
        }),
        product: Some(model.model.to_owned()),
        serial: Some(device.serial().to_owned()),
        access: match seen_as {
            SeenAs::NoPermission => Access::NoPermission,
            SeenAs::Claimed => Access::Busy {
                by: vec!["adb (process 4711)".to_owned()],
            },
            SeenAs::Ready | SeenAs::Charging | SeenAs::DebuggingOff | SeenAs::Bootloader => {
                Access::Ok
            }
        },
        ..UsbDevice::default()
    }
}
