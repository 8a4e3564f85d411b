//! Any combination of devices must be judged correctly.

use std::collections::HashSet;

use lifeboat::handset::find::usb::{
    Access, Endpoint, Storage, SystemDisk, UsbDevice, UsbInterface,
};
use lifeboat::handset::find::{Found, Listed, Seen, State, choose, judge};
use lifeboat::protocol::adb;
use proptest::prelude::*;

/// Interface classes that don't identify a phone: audio, HID, printers, storage, hubs, smart cards, video, Bluetooth,
/// Ethernet.
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
        (access(), prop::option::of(storage())),
    )
        .prop_map(
            |((bus, ports, address), vendor_id, product_id, class, interfaces, texts, more)| {
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
                    access: more.0,
                    storage: more.1,
                }
            },
        )
}

fn storage() -> impl Strategy<Value = Storage> {
    let places = prop::sample::select(vec!["/", "/home", "/media/card", "dm-0", "\u{202e}"]);
    let disk = (
        prop_oneof![Just(0), Just(5), any::<u8>()],
        any::<bool>(),
        prop_oneof![Just(0), any::<u64>()],
        prop::collection::vec(places.prop_map(str::to_owned), 0..2),
    );
    let disk = disk.prop_map(|(kind, is_removable, size, used_as)| SystemDisk {
        kind,
        is_removable,
        size,
        used_as,
    });
    (any::<bool>(), prop::collection::vec(disk, 0..3))
        .prop_map(|(has_driver, disks)| Storage { has_driver, disks })
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

/// What is listed if nothing else is plugged in.
fn alone(device: &UsbDevice) -> Vec<Listed> {
    judge(&Seen {
        usb: Some(vec![device.clone()]),
        server: None,
        folders: Vec::new(),
    })
}

proptest! {
    #[test]
    fn whatever_is_plugged_in_is_judged_soundly(
        usb in prop::option::of(prop::collection::vec(device(), 0..6)),
        server in prop::option::of(prop::collection::vec(served(), 0..4)),
    ) {
        let seen = Seen {
            usb,
            server,
            folders: Vec::new(),
        };
        let listed = judge(&seen);
        let handsets = seen.usb.iter().flatten().filter(|d| !alone(d).is_empty()).count();
        let at_server = seen.server.iter().flatten().count();
        prop_assert!(listed.len() <= handsets + at_server);
        prop_assert!(listed.len() >= handsets);
        let ids: HashSet<&str> = listed.iter().map(|l| l.device.id.as_str()).collect();
        prop_assert_eq!(ids.len(), listed.len(), "IDs are unique");
        for Listed { device, approaches, .. } in &listed {
            let is_ready = approaches[0].ready().is_some();
            prop_assert!(!device.id.is_empty());
            prop_assert_eq!(device.state == State::Ready, is_ready);
            // A ready iPhone has advice too: its owner still has to unlock it.
            prop_assert!(device.state == State::Ready || !device.advice.is_empty());
            for text in [&device.id, &device.make, &device.model, &device.serial, &device.advice] {
                prop_assert!(!text.chars().any(char::is_control), "{:?}", text);
                prop_assert!(text.chars().count() <= 2_500);
            }
            prop_assert!(choose(listed.clone(), &device.id).is_ok() == is_ready);
        }
        Found::of(&seen);
    }

    #[test]
    fn what_is_no_handset_is_never_listed(
        mut device in device(),
        classes in prop::collection::vec(prop::sample::select(NOT_HANDSETS.to_vec()), 1..5),
    ) {
        // USB numbers and names alone can identify a phone that no family reads, such as a phone in its boot loader.
        let by_number = UsbDevice { interfaces: Vec::new(), ..device.clone() };
        let is_known = |one: &Listed| one.approaches.iter().any(|a| a.family == "others");
        prop_assume!(!alone(&by_number).iter().any(is_known));
        for interface in &mut device.interfaces {
            (interface.class, interface.subclass, interface.protocol) = classes[0];
        }
        // A memory card is recognised by its removable medium.
        device.storage = device.storage.filter(|storage| !storage.disks.is_empty());
        for disk in device.storage.iter_mut().flat_map(|storage| &mut storage.disks) {
            disk.is_removable = false;
            // A CD-ROM may belong to a phone that offers its maker's programs.
            disk.kind = 0;
        }
        device.interfaces.extend(classes.iter().map(|&(class, subclass, protocol)| UsbInterface {
            class,
            subclass,
            protocol,
            ..UsbInterface::default()
        }));
        prop_assert_eq!(alone(&device), []);
    }
}
