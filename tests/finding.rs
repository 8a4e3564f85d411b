//! What is plugged in: recordings of real devices, and what is said of each.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Command, Stdio};

use lifeboat::handset::find::usb::{Access, Endpoint, UsbDevice, UsbInterface};
use lifeboat::handset::find::{
    Device, Found, INSTALL_RULES, Listed, Port, Reach, Seen, State, choose, judge, kind_of,
};
use lifeboat::practice::PracticePort;
use lifeboat::practice::android::{Fault, Settings};
use lifeboat::protocol::adb;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Recording {
    /// Where the descriptors are from.
    source: String,
    seen: Seen,
    expect: Vec<Expected>,
    /// Words of each note; not given: the notes don't matter.
    notes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Expected {
    id: String,
    make: String,
    model: String,
    state: String,
    approaches: Vec<String>,
    /// Words of the advice.
    says: String,
}

fn recordings() -> Vec<(String, Recording)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/finding");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the recordings")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("text");
            let name = path.file_stem().expect("a name").to_string_lossy();
            let recording =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name.into_owned(), recording)
        })
        .collect()
}

#[test]
fn every_recording_is_judged_as_it_says() {
    let recordings = recordings();
    assert!(recordings.len() >= 25);
    for (name, recording) in recordings {
        let found = Found::of(&recording.seen);
        let ids: Vec<&str> = found.devices.iter().map(|d| d.id.as_str()).collect();
        let expected: Vec<&str> = recording.expect.iter().map(|e| e.id.as_str()).collect();
        assert_eq!(ids, expected, "{name} ({})", recording.source);
        for (device, expected) in found.devices.iter().zip(&recording.expect) {
            assert_eq!(device.state.text(), expected.state, "{name}: {device:?}");
            assert_eq!(device.make, expected.make, "{name}");
            assert_eq!(device.model, expected.model, "{name}");
            assert_eq!(device.approaches, expected.approaches, "{name}: {device:?}");
            assert!(device.advice.contains(&expected.says), "{name}: {device:?}");
            is_calm(&name, device);
        }
        if let Some(notes) = recording.notes {
            assert_eq!(found.notes.len(), notes.len(), "{name}: {:?}", found.notes);
            for (note, words) in found.notes.iter().zip(&notes) {
                assert!(note.contains(words), "{name}: {note}");
            }
        }
        let again: Seen =
            serde_json::from_str(&serde_json::to_string(&recording.seen).expect("JSON"))
                .expect("what was written");
        assert_eq!(again, recording.seen, "{name} reads back as it was");
    }
}

/// Ready says nothing; everything else says why and what to do, in sentences, and sends nobody to a reset.
fn is_calm(name: &str, device: &Device) {
    if device.state == State::Ready {
        assert_eq!(device.advice, "", "{name}");
        return;
    }
    assert!(device.advice.ends_with('.'), "{name}: {}", device.advice);
    assert!(device.advice.len() > 60, "{name}: {}", device.advice);
    assert!(!device.advice.contains('!'), "{name}: {}", device.advice);
    assert!(!device.advice.contains("  "), "{name}: {}", device.advice);
}

#[test]
fn an_id_means_the_same_phone_wherever_and_whenever_it_is_plugged_in() {
    let mut device = phone("9A1X", vec![4]);
    let at = |devices: &[UsbDevice]| {
        let seen = Seen {
            usb: Some(devices.to_vec()),
            server: None,
        };
        judge(&seen)
    };
    let first = at(&[device.clone()])[0].device.id.clone();
    device.address = 77;
    device.ports = vec![1, 3];
    assert_eq!(at(&[device.clone()])[0].device.id, first, "another socket");
    device.serial = None;
    let nameless = at(&[device.clone()])[0].device.id.clone();
    device.address = 78;
    assert_eq!(at(&[device])[0].device.id, nameless, "the same socket");

    // A twin comes and goes while one of the two is read.
    let (one, two) = (phone("SAME", vec![4]), phone("SAME", vec![5]));
    let both = at(&[one.clone(), two.clone()]);
    let ids: Vec<String> = both.iter().map(|l| l.device.id.clone()).collect();
    assert_eq!(ids, ["SAME@1-4", "SAME@1-5"]);
    assert_eq!(
        place(choose(at(std::slice::from_ref(&two)), "SAME@1-5")),
        Some(5)
    );
    assert_eq!(
        place(choose(at(std::slice::from_ref(&two)), "SAME")),
        Some(5)
    );
    assert_eq!(place(choose(at(&[one, two]), "usb:1-4")), Some(4));
    let unclear = choose(both, "SAME").unwrap_err();
    assert!(unclear.what.contains("several phones"), "{unclear}");
    assert!(choose(Vec::new(), "SAME").is_err());
}

fn place(chosen: Result<(Reach, Option<String>), impl std::fmt::Debug>) -> Option<u8> {
    match chosen {
        Ok((Reach::Usb(place), _)) => place.ports.first().copied(),
        _ => None,
    }
}

fn phone(serial: &str, ports: Vec<u8>) -> UsbDevice {
    let endpoint = |address| {
        Some(Endpoint {
            address,
            packet: 512,
        })
    };
    UsbDevice {
        bus: 1,
        ports,
        address: 9,
        vendor_id: 0x18d1,
        product_id: 0x4ee7,
        interfaces: vec![UsbInterface {
            class: 0xff,
            subclass: 0x42,
            protocol: 0x01,
            bulk_in: endpoint(0x81),
            bulk_out: endpoint(0x01),
            ..UsbInterface::default()
        }],
        serial: Some(serial.into()),
        ..UsbDevice::default()
    }
}

fn practice(faults: &str) -> PracticePort {
    let mut settings = Settings {
        contacts: 3,
        events: 2,
        todos: 1,
        ..Settings::default()
    };
    faults
        .parse::<Fault>()
        .expect("a fault")
        .apply(&mut settings);
    PracticePort::new(settings, adb::Options::default(), Default::default())
}

#[test]
fn a_practice_handset_shows_every_state_and_is_opened_only_when_it_is_ready() {
    for (fault, state, says) in [
        ("", State::Ready, ""),
        ("prompt=never", State::Ready, ""),
        ("seen-as=charging", State::NeedsYou, "only charges"),
        ("seen-as=debugging-off", State::NeedsYou, "Build number"),
        ("seen-as=no-permission", State::NeedsYou, INSTALL_RULES[0]),
        ("seen-as=claimed", State::NeedsYou, "adb (process"),
        ("seen-as=bootloader", State::OutOfReach, "bootloader"),
    ] {
        let port = practice(fault);
        let found = port.look();
        let [device] = &found.devices[..] else {
            panic!("{fault}: {found:?}");
        };
        assert_eq!(device.state, state, "{fault}");
        assert!(device.advice.contains(says), "{fault}: {}", device.advice);
        assert_eq!(device.id, "R5CT60PRACT", "{fault}");
        is_calm(fault, device);
        if state != State::Ready {
            let refused = open(&port, &device.id).expect_err("not ready");
            assert_eq!(refused.advice, device.advice, "{fault}");
        }
    }
    let port = practice("");
    assert!(open(&port, "R5CT60PRACT").is_ok());
    assert!(open(&port, "another").is_err());
    port.android().unplug();
    assert!(port.look().devices.is_empty());
    assert!(open(&port, "R5CT60PRACT").is_err());
}

fn open(port: &PracticePort, id: &str) -> Result<(), lifeboat::handset::find::OpenError> {
    let stop = lifeboat::link::Stop::new();
    port.open(id, &stop, std::sync::Arc::new(|_| {})).map(drop)
}

#[test]
fn a_practice_handset_becomes_ready_in_its_time() {
    let port = practice("seen-as=debugging-off:300ms");
    assert_eq!(port.look().devices[0].state, State::NeedsYou);
    std::thread::sleep(std::time::Duration::from_millis(350));
    assert_eq!(port.look().devices[0].state, State::Ready);
    assert!(open(&port, "R5CT60PRACT").is_ok());
}

#[test]
fn twins_are_told_apart_and_each_is_read() {
    let port = practice("twin");
    let ids: Vec<String> = port.look().devices.into_iter().map(|d| d.id).collect();
    assert_eq!(ids, ["R5CT60PRACT@1-4", "R5CT60PRACT@1-5"]);
    for id in &ids {
        assert!(open(&port, id).is_ok(), "{id}");
    }
    port.android().unplug();
    assert!(open(&port, &ids[1]).is_ok(), "the other one is still there");
    assert!(open(&port, &ids[0]).is_err());
    assert!(port.tripped().is_empty(), "{:?}", port.tripped());
}

/// What the machine these tests run on has can't be known; what is said has to be calm anyhow.
#[test]
fn devices_says_a_calm_sentence_where_no_phone_is() {
    let home = tempfile::tempdir().expect("a folder");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_lifeboat"))
            .args(arguments)
            .env("HOME", home.path())
            .env("ANDROID_ADB_SERVER_PORT", "1")
            .stdin(Stdio::null())
            .output()
            .expect("lifeboat runs")
    };
    let listed = run(&["devices", "--json"]);
    let errors = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert_eq!(listed.status.code(), Some(0), "{errors}");
    let devices: Vec<serde_json::Value> = serde_json::from_slice(&listed.stdout).expect("JSON");
    if !Path::new("/sys/bus/usb").exists() {
        assert!(errors.contains("This computer has no USB"), "{errors}");
    }
    if devices.is_empty() {
        assert!(errors.contains("USB"), "{errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
    for device in devices {
        for key in [
            "id",
            "make",
            "model",
            "serial",
            "approaches",
            "state",
            "advice",
        ] {
            assert!(device.get(key).is_some(), "{key}: {device}");
        }
    }
    let dump = run(&["devices", "--dump"]);
    let _: Seen = serde_json::from_slice(&dump.stdout).expect("what can be a fixture");
}

#[test]
fn the_udev_rules_are_lines_that_udev_reads() {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/70-lifeboat.rules");
    let text = std::fs::read_to_string(&place).expect("the rules");
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let (mut labels, mut jumps) = (Vec::new(), Vec::new());
    for line in &lines {
        for part in line.split(", ") {
            let (key, value) = part.split_once('"').expect("a value in quotes");
            let value = value.strip_suffix('"').expect("its end");
            let name = key.trim_end_matches(['=', '!', '+']);
            let operator = &key[name.len()..];
            assert!(["==", "!=", "=", "+="].contains(&operator), "{line}");
            let known = ["ACTION", "SUBSYSTEM", "GOTO", "LABEL", "TAG"];
            let of = name.split('{').next().expect("a name");
            assert!(
                known.contains(&name) || ["ENV", "ATTR"].contains(&of),
                "{line}"
            );
            match name {
                "LABEL" => labels.push(value),
                "GOTO" => jumps.push(value),
                _ => {}
            }
        }
    }
    assert_eq!(labels, ["lifeboat_end"]);
    assert!(jumps.iter().all(|jump| labels.contains(jump)));
    for class in ["ff4201", "dc0201"] {
        let opens = |line: &&&str| line.contains(class) && line.contains(r#"TAG+="uaccess""#);
        assert_eq!(lines.iter().filter(opens).count(), 1, "{class}");
    }
    for command in INSTALL_RULES {
        assert!(text.contains(command), "{command}");
    }
    let number: u32 = "70-lifeboat.rules"[..2].parse().expect("a number");
    assert!(number < 73, "73-seat-late.rules gives the access");
    if let Ok(verified) = Command::new("udevadm").arg("verify").arg(&place).output() {
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        let unknown = said.contains("unrecognized") || said.contains("missing or unknown");
        assert!(verified.status.success() || unknown, "{said}");
    }
}

/// Classes that no phone is told by: audio, HID, printers, storage, hubs, smart cards, video, Bluetooth, Ethernet.
const NOT_HANDSETS: [(u8, u8, u8); 10] = [
    (0x01, 0x01, 0x00),
    (0x03, 0x01, 0x01),
    (0x07, 0x01, 0x02),
    (0x08, 0x06, 0x50),
    (0x08, 0x06, 0x62),
    (0x09, 0x00, 0x00),
    (0x0b, 0x00, 0x00),
    (0x0e, 0x01, 0x00),
    (0xe0, 0x01, 0x01),
    (0x02, 0x06, 0x00),
];

fn interface() -> impl Strategy<Value = UsbInterface> {
    let telling = prop::sample::select(vec![
        (0xff, 0x42, 0x01),
        (0xdc, 0x02, 0x01),
        (0xff, 0x42, 0x03),
        (0x06, 0x01, 0x01),
        (0xff, 0xff, 0x00),
        (0x02, 0x02, 0x01),
        (0x02, 0x08, 0x00),
        (0x02, 0x0e, 0x00),
        (0xe0, 0x01, 0x03),
    ]);
    let triple = prop_oneof![
        telling,
        prop::sample::select(NOT_HANDSETS.to_vec()),
        any::<(u8, u8, u8)>()
    ];
    let endpoint = || {
        prop::option::of(
            (any::<u8>(), any::<u16>()).prop_map(|(address, packet)| Endpoint { address, packet }),
        )
    };
    let name = prop::option::of(prop_oneof![Just("MTP".to_owned()), ".{0,9}"]);
    (any::<u8>(), triple, name, endpoint(), endpoint()).prop_map(
        |(number, (class, subclass, protocol), name, bulk_in, bulk_out)| UsbInterface {
            number,
            alternate: 0,
            class,
            subclass,
            protocol,
            name,
            bulk_in,
            bulk_out,
        },
    )
}

fn text() -> impl Strategy<Value = Option<String>> {
    let same = prop::sample::select(vec!["SAME", "usb:1-1", "SAME@1-1", "usb:1-1#2", "Android"]);
    prop::option::of(prop_oneof![same.prop_map(str::to_owned), any::<String>()])
}

fn access() -> impl Strategy<Value = Access> {
    prop_oneof![
        Just(Access::Ok),
        Just(Access::NoPermission),
        prop::collection::vec(any::<String>(), 0..3).prop_map(|by| Access::Busy { by }),
        Just(Access::Gone),
        any::<String>().prop_map(Access::Other),
    ]
}

fn device() -> impl Strategy<Value = UsbDevice> {
    let vendors = prop::sample::select(vec![
        0x04e8, 0x05ac, 0x18d1, 0x0bb4, 0x0421, 0x0e8d, 0x1e0e, 0x04a9, 0x12d1, 0x045e,
    ]);
    let products = prop::sample::select(vec![0x6860, 0x685d, 0x4ee7, 0x12a8, 0xd001, 0x2000]);
    (
        (0..3u8, prop::collection::vec(1..3u8, 0..3), any::<u8>()),
        prop_oneof![vendors, any::<u16>()],
        prop_oneof![products, any::<u16>()],
        prop_oneof![Just(0), Just(0x09), any::<u8>()],
        prop::collection::vec(interface(), 0..4),
        (text(), text(), text()),
        access(),
    )
        .prop_map(
            |((bus, ports, address), vendor_id, product_id, class, interfaces, texts, access)| {
                UsbDevice {
                    bus,
                    ports,
                    address,
                    vendor_id,
                    product_id,
                    class,
                    interfaces,
                    manufacturer: texts.0,
                    product: texts.1,
                    serial: texts.2,
                    access,
                }
            },
        )
}

fn served() -> impl Strategy<Value = adb::Device> {
    let states = prop::sample::select(vec![
        "device",
        "unauthorized",
        "offline",
        "recovery",
        "no permissions",
        "bootloader",
        "?",
    ]);
    let path = prop::option::of(prop_oneof![Just("usb:1-1".to_owned()), any::<String>()]);
    (text(), states, path, text()).prop_map(|(serial, state, path, model)| adb::Device {
        serial: serial.unwrap_or_default(),
        state: state.to_owned(),
        path,
        model,
        ..adb::Device::default()
    })
}

proptest! {
    #[test]
    fn whatever_is_plugged_in_is_judged_soundly(
        usb in prop::option::of(prop::collection::vec(device(), 0..6)),
        server in prop::option::of(prop::collection::vec(served(), 0..4)),
    ) {
        let seen = Seen { usb, server };
        let listed = judge(&seen);
        let handsets = seen.usb.iter().flatten().filter(|d| kind_of(d).is_some()).count();
        let at_server = seen.server.iter().flatten().count();
        prop_assert!(listed.len() <= handsets + at_server);
        prop_assert!(listed.len() >= handsets);
        let ids: HashSet<&str> = listed.iter().map(|l| l.device.id.as_str()).collect();
        prop_assert_eq!(ids.len(), listed.len(), "IDs are unique");
        for Listed { device, reach, .. } in &listed {
            prop_assert!(!device.id.is_empty());
            prop_assert_eq!(device.state == State::Ready, reach.is_some());
            prop_assert_eq!(device.state == State::Ready, device.advice.is_empty());
            for text in [&device.id, &device.make, &device.model, &device.serial, &device.advice] {
                prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
                prop_assert!(text.chars().count() <= 1000);
            }
            prop_assert!(choose(listed.clone(), &device.id).is_ok() == reach.is_some());
        }
        Found::of(&seen);
    }

    #[test]
    fn what_is_no_handset_is_never_listed(
        mut device in device(),
        classes in prop::collection::vec(prop::sample::select(NOT_HANDSETS.to_vec()), 1..5),
    ) {
        // Numbers that stand for a phone's loader whatever its interfaces are.
        prop_assume!(!matches!((device.vendor_id, device.product_id), (0x05c6, 0x9008) | (0x0e8d, 3 | 0x2000)));
        for interface in &mut device.interfaces {
            (interface.class, interface.subclass, interface.protocol) = classes[0];
        }
        device.interfaces.extend(classes.iter().map(|&(class, subclass, protocol)| UsbInterface {
            class,
            subclass,
            protocol,
            ..UsbInterface::default()
        }));
        prop_assert_eq!(kind_of(&device), None);
    }
}

/// A tree as Linux has it, of files and links.
#[cfg(target_os = "linux")]
mod sysfs {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    use lifeboat::handset::find::usb::{Access, scan_sysfs};

    use super::*;

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

        /// A Galaxy as `galaxy-mtp-modem-debugging` has it, its debugging interface alone.
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
        // This program itself reads it: that is no other program.
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
}
