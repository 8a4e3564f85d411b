//! A tree of files and links in the layout of Linux' /sys.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use lifeboat::handset::find::usb::{Access, Endpoint, UsbDevice, scan_sysfs};
use lifeboat::handset::find::{Seen, State, judge};

struct Computer(tempfile::TempDir);

impl Computer {
    fn new() -> Self {
        let computer = Self(tempfile::tempdir().expect("a folder"));
        for part in ["devices", "nodes", "proc"] {
            fs::create_dir(computer.at(part)).expect("a folder");
        }
        computer
    }

    fn at(&self, path: &str) -> std::path::PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, folder: &str, attributes: &[(&str, &str)]) {
        let folder = self.at(folder);
        fs::create_dir_all(&folder).expect("a folder");
        for (name, value) in attributes {
            fs::write(folder.join(name), format!("{value}\n")).expect("an attribute");
        }
    }

    fn node(&self, path: &str) {
        let node = self.at("nodes").join(path);
        fs::create_dir_all(node.parent().expect("a folder")).expect("a folder");
        fs::write(node, "").expect("a node");
    }

    /// Plugs in the Galaxy of `galaxy-mtp-modem-debugging`, with its debugging interface only.
    fn plug_in(&self, driver: Option<&str>) {
        self.write(
            "devices/1-4.2",
            &[
                ("busnum", "1"),
                ("devnum", "5"),
                ("idVendor", "04e8"),
                ("idProduct", "6860"),
                ("bDeviceClass", "00"),
                ("manufacturer", "SAMSUNG"),
                ("product", "SAMSUNG_Android"),
                ("serial", "RZCT80PTHLX"),
            ],
        );
        self.write(
            "devices/1-4.2:1.4",
            &[
                ("bInterfaceNumber", "04"),
                ("bAlternateSetting", " 0"),
                ("bInterfaceClass", "ff"),
                ("bInterfaceSubClass", "42"),
                ("bInterfaceProtocol", "01"),
                ("interface", "ADB Interface"),
            ],
        );
        for (name, address, kind) in [
            ("ep_04", "04", "02"),
            ("ep_86", "86", "02"),
            ("ep_87", "87", "03"),
        ] {
            self.write(
                &format!("devices/1-4.2:1.4/{name}"),
                &[
                    ("bEndpointAddress", address),
                    ("bmAttributes", kind),
                    ("wMaxPacketSize", "0200"),
                ],
            );
        }
        if let Some(driver) = driver {
            symlink(
                Path::new("../../../bus/usb/drivers").join(driver),
                self.at("devices/1-4.2:1.4/driver"),
            )
            .expect("a link");
        }
    }

    fn scan(&self) -> Vec<UsbDevice> {
        scan_sysfs(&self.at("devices"), &self.at("nodes"), &self.at("proc")).expect("a list")
    }
}

#[test]
fn a_phone_is_read_off_the_tree_without_being_touched() {
    let computer = Computer::new();
    computer.plug_in(None);
    computer.node("001/005");
    computer.write("devices/usb1", &[("busnum", "1"), ("idVendor", "1d6b")]);
    computer.write("devices/1-0:1.0", &[("bInterfaceClass", "09")]);
    computer.write("devices/1-9", &[("busnum", "1"), ("idVendor", "no number")]);
    let found = computer.scan();
    let [device] = &found[..] else {
        panic!("{found:?}");
    };
    assert_eq!((device.path().as_str(), device.address), ("1-4.2", 5));
    assert_eq!(device.access, Access::Ok);
    let adb = device.adb().expect("its debugging interface");
    assert_eq!(adb.number, 4);
    assert_eq!(
        adb.bulk_in,
        Some(Endpoint {
            address: 0x86,
            packet: 512
        })
    );
    assert_eq!(
        adb.bulk_out,
        Some(Endpoint {
            address: 0x04,
            packet: 512
        })
    );
    let seen = Seen {
        usb: Some(found),
        server: None,
        folders: Vec::new(),
    };
    assert_eq!(judge(&seen)[0].device.state, State::Ready);
}

#[test]
fn who_uses_a_phone_is_named() {
    let computer = Computer::new();
    computer.plug_in(Some("usbfs"));
    computer.node("001/005");
    computer.write("proc/4242", &[("comm", "adb")]);
    computer.write("proc/4242/fd", &[]);
    symlink(computer.at("nodes/001/005"), computer.at("proc/4242/fd/9")).expect("a link");
    let by = vec!["adb (process 4242)".to_owned()];
    assert_eq!(computer.scan()[0].access, Access::Busy { by });
    // This program itself has the device open, and must not count as another program.
    fs::remove_dir_all(computer.at("proc/4242")).expect("gone");
    let own = format!("proc/{}/fd", std::process::id());
    computer.write(&own, &[]);
    symlink(computer.at("nodes/001/005"), computer.at(&own).join("3")).expect("a link");
    assert_eq!(computer.scan()[0].access, Access::Ok);
}

#[test]
fn what_goes_away_while_it_is_looked_at_is_gone() {
    let computer = Computer::new();
    computer.plug_in(None);
    assert_eq!(computer.scan()[0].access, Access::Gone);
    assert!(
        scan_sysfs(
            &computer.at("none"),
            &computer.at("nodes"),
            &computer.at("proc")
        )
        .is_err()
    );
}

#[test]
fn a_device_that_may_not_be_opened_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let computer = Computer::new();
    computer.plug_in(None);
    computer.node("001/005");
    let node = computer.at("nodes/001/005");
    fs::set_permissions(&node, fs::Permissions::from_mode(0o000)).expect("a mode");
    let as_root = fs::OpenOptions::new().write(true).open(&node).is_ok();
    let wanted = if as_root {
        Access::Ok
    } else {
        Access::NoPermission
    };
    assert_eq!(computer.scan()[0].access, wanted);
}

/// A card reader as Linux shows it: a disk with a volume, behind the interface's driver.
fn plug_card_in(computer: &Computer, removable: &str, kind: &str, size: &str, driver: bool) {
    computer.write(
        "devices/1-2",
        &[
            ("busnum", "1"),
            ("devnum", "9"),
            ("idVendor", "058f"),
            ("idProduct", "6366"),
            ("bDeviceClass", "00"),
            ("manufacturer", "Generic"),
            ("product", "Mass Storage Device"),
        ],
    );
    let interface = "devices/1-2:1.0";
    computer.write(
        interface,
        &[
            ("bInterfaceNumber", "00"),
            ("bAlternateSetting", " 0"),
            ("bInterfaceClass", "08"),
            ("bInterfaceSubClass", "06"),
            ("bInterfaceProtocol", "50"),
        ],
    );
    for (name, address) in [("ep_81", "81"), ("ep_02", "02")] {
        computer.write(
            &format!("{interface}/{name}"),
            &[
                ("bEndpointAddress", address),
                ("bmAttributes", "02"),
                ("wMaxPacketSize", "0200"),
            ],
        );
    }
    computer.node("001/009");
    if !driver {
        return;
    }
    let bound = computer.at(&format!("{interface}/driver"));
    symlink("../../../bus/usb/drivers/usb-storage", bound).expect("a link");
    let unit = format!("{interface}/host6/target6:0:0/6:0:0:0");
    computer.write(&unit, &[("type", kind)]);
    let disk = format!("{unit}/block/sdb");
    computer.write(
        &disk,
        &[("removable", removable), ("size", size), ("dev", "8:16")],
    );
    computer.write(
        &format!("{disk}/sdb1"),
        &[("partition", "1"), ("dev", "8:17")],
    );
}

#[test]
fn a_card_is_offered_unless_the_computer_uses_it_and_a_hard_disk_never() {
    let mount =
        |place: &str| format!("36 25 8:17 / {place} rw,nosuid shared:1 - vfat /dev/sdb1 rw\n");
    for (removable, kind, size, mounts, driver, expected) in [
        (
            "1",
            "0",
            "62333952",
            String::new(),
            true,
            Some((State::Ready, "")),
        ),
        (
            "1",
            "0",
            "62333952",
            mount("/media/me/MY\\040CARD"),
            true,
            Some((State::NeedsYou, "/media/me/MY CARD")),
        ),
        (
            "1",
            "0",
            "0",
            String::new(),
            true,
            Some((State::NeedsYou, "no card in it")),
        ),
        // The card was read before and has not been plugged in again.
        (
            "1",
            "0",
            "0",
            String::new(),
            false,
            Some((State::Ready, "")),
        ),
        ("1", "0", "62333952", mount("/"), true, None),
        ("0", "0", "62333952", String::new(), true, None),
        ("0", "0", "62333952", mount("/media/backup"), true, None),
        ("1", "5", "62333952", String::new(), true, None),
    ] {
        let computer = Computer::new();
        plug_card_in(&computer, removable, kind, size, driver);
        computer.write("proc/self", &[("mountinfo", mounts.as_str())]);
        let usb = Some(computer.scan());
        let listed = judge(&Seen {
            usb,
            server: None,
            folders: Vec::new(),
        });
        let found = listed
            .first()
            .map(|one| (one.device.state, one.device.advice.as_str()));
        match (found, expected) {
            (Some((state, advice)), Some((wanted, words))) => {
                assert_eq!(state, wanted, "{advice}");
                assert!(advice.contains(words), "{advice}");
                assert_eq!(listed[0].device.approaches, ["card (USB)"]);
                let ready = listed[0].approaches[0].ready();
                assert_eq!(ready.is_some(), state == State::Ready);
            }
            (found, expected) => assert_eq!(found, expected),
        }
    }
}
