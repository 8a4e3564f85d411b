#![no_main]
//! The description of a USB device as Linux gives it.

use std::cell::OnceCell;
use std::fs;

use lifeboat::handset::find::usb::{clean, scan_sysfs};
use tempfile::TempDir;

thread_local! {
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = clean(&String::from_utf8_lossy(data));
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| {
            let memory = std::path::Path::new("/dev/shm");
            let place = if memory.is_dir() {
                memory.to_owned()
            } else {
                std::env::temp_dir()
            };
            let folder = tempfile::tempdir_in(place).unwrap();
            fs::create_dir_all(folder.path().join("1-4")).unwrap();
            fs::create_dir_all(folder.path().join("1-4:1.0/ep_81")).unwrap();
            folder
        });
        let folder = folder.path();
        let mut parts = data.split(|byte| *byte == 1);
        for name in [
            "1-4/devnum",
            "1-4/idVendor",
            "1-4/idProduct",
            "1-4/bDeviceClass",
            "1-4/manufacturer",
            "1-4/product",
            "1-4/serial",
            "1-4:1.0/bInterfaceNumber",
            "1-4:1.0/bAlternateSetting",
            "1-4:1.0/bInterfaceClass",
            "1-4:1.0/bInterfaceSubClass",
            "1-4:1.0/bInterfaceProtocol",
            "1-4:1.0/interface",
            "1-4:1.0/ep_81/bmAttributes",
            "1-4:1.0/ep_81/bEndpointAddress",
            "1-4:1.0/ep_81/wMaxPacketSize",
        ] {
            fs::write(folder.join(name), parts.next().unwrap_or_default()).unwrap();
        }
        for device in scan_sysfs(folder, folder, folder).unwrap() {
            let texts = [device.manufacturer, device.product, device.serial];
            assert!(
                texts
                    .iter()
                    .flatten()
                    .all(|text| !text.contains(char::is_control))
            );
        }
    });
});
