//! Detection of devices: recordings of real devices, and what Lifeboat says about each.

mod anything;
#[cfg(target_os = "linux")]
mod sysfs;

use std::path::Path;
use std::process::{Command, Stdio};

use lifeboat::handset::family::{Approach, Place};
use lifeboat::handset::find::usb::{
    Access, Endpoint, Storage, SystemDisk, UsbDevice, UsbInterface,
};
use lifeboat::handset::find::{
    Device, Found, INSTALL_RULES, OpenError, Port, Seen, State, choose, choose_files, judge,
};
use lifeboat::practice::PracticePort;
use lifeboat::practice::android::Settings;
use lifeboat::practice::fault::apply;
use lifeboat::protocol::adb;
use lifeboat::report_problem::replacer::Replacer;
use lifeboat::report_problem::{Dump, dump};
use serde::Deserialize;

#[derive(Deserialize)]
struct Recording {
    /// Where the descriptors come from.
    source: String,
    seen: Seen,
    expect: Vec<Expected>,
    /// Words that each note must contain. If they are not given, the notes don't matter.
    notes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Expected {
    id: String,
    make: String,
    model: String,
    state: String,
    approaches: Vec<String>,
    /// Words that the advice must contain.
    says: String,
}

fn recordings() -> Vec<(String, Recording)> {
    read_all("tests/android/finding")
}

/// Reads the JSON files of a folder, by name.
fn read_all<T: serde::de::DeserializeOwned>(folder: &str) -> Vec<(String, T)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the recordings")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
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

/// A ready device has no advice, except an iPhone and KaiOS, which can give more. Every other device says why it is not
/// ready and what to do, in sentences, and never suggests a reset.
fn is_calm(name: &str, device: &Device) {
    let has_more = device.make == "Apple" || device.advice.contains("KaiOS");
    if device.state == State::Ready && !has_more {
        assert_eq!(device.advice, "", "{name}");
        return;
    }
    assert!(device.advice.ends_with('.'), "{name}: {}", device.advice);
    assert!(device.advice.len() > 60, "{name}: {}", device.advice);
    assert!(!device.advice.contains('!'), "{name}: {}", device.advice);
    assert!(!device.advice.contains("  "), "{name}: {}", device.advice);
}

/// The output of `lifeboat devices --dump` from a bug report goes into this folder unchanged.
#[test]
fn every_dump_of_a_bug_report_is_classified_without_a_panic() {
    let dumps: Vec<(String, Dump)> = read_all("tests/android/finding/dumps");
    assert!(!dumps.is_empty());
    for (name, dump) in dumps {
        assert!(dump.lifeboat[0].starts_with("Lifeboat "), "{name}");
        let found = Found::of(&dump.seen);
        assert!(!found.devices.is_empty(), "{name}");
        for device in &found.devices {
            is_calm(&name, device);
        }
    }
}

#[test]
fn a_dump_is_judged_as_what_was_seen_and_holds_no_serial_number() {
    for (name, recording) in recordings() {
        let dump = dump(&recording.seen, Replacer::with_key([9; 32]));
        let text = serde_json::to_string_pretty(&dump).expect("JSON");
        let read: Seen = serde_json::from_str(&text).expect("what can be a fixture");
        let (before, after) = (Found::of(&recording.seen), Found::of(&read));
        let said = |found: &Found| -> Vec<_> {
            let devices = found.devices.iter().map(|d| {
                let Device {
                    id: _,
                    make,
                    model,
                    serial: _,
                    approaches,
                    state,
                    advice,
                    files_alone,
                    situations,
                    has_owner,
                    is_backup: _,
                    place: _,
                    gives_files_alone: _,
                    kind: _,
                } = d.clone();
                let said = (state, advice, files_alone, situations, has_owner);
                (make, model, approaches, said)
            });
            devices.collect()
        };
        assert_eq!(said(&after), said(&before), "{name}");
        assert_eq!(after.notes, before.notes, "{name}");
        let seen = recording.seen.usb.iter().flatten();
        let serials = seen.filter_map(|device| device.serial.as_deref());
        let served = recording.seen.server.iter().flatten();
        let served = served.map(|device| device.serial.as_str());
        for serial in serials
            .chain(served)
            .filter(|s| s.len() > 5 && !s.starts_with('('))
        {
            assert!(!text.contains(serial), "{name}: {serial}");
        }
    }
}

#[test]
fn what_people_have_named_is_not_in_a_dump() {
    let mut player = phone("9A1XSERIAL", vec![4]);
    player.product = Some("Annegret's player".into());
    player.access = Access::Busy {
        by: vec!["annegrets-tool (process 4711)".into()],
    };
    player.storage = Some(Storage {
        has_driver: true,
        disks: vec![SystemDisk {
            used_as: vec!["/media/annegret/ANNEGRETS STICK".into()],
            ..SystemDisk::default()
        }],
    });
    let server = adb::Device {
        serial: "adb-9A1XSERIAL-abc (2)._adb-tls-connect._tcp".into(),
        ..adb::Device::default()
    };
    let seen = Seen {
        usb: Some(vec![player]),
        server: Some(vec![server]),
        folders: Vec::new(),
    };
    let text = serde_json::to_string(&dump(&seen, Replacer::with_key([1; 32]))).expect("JSON");
    let small = text.to_lowercase();
    assert!(!small.contains("annegret"), "{text}");
    assert!(!small.contains("9a1xserial"), "{text}");
    assert!(text.contains("/media/"), "{text}");
}

#[test]
fn an_id_means_the_same_phone_wherever_and_whenever_it_is_plugged_in() {
    let mut device = phone("9A1X", vec![4]);
    let at = |devices: &[UsbDevice]| {
        let seen = Seen {
            usb: Some(devices.to_vec()),
            server: None,
            folders: Vec::new(),
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

    // A second phone with the same serial number comes and goes while the first one is read.
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

#[test]
fn a_serial_with_blanks_is_asked_for_by_the_servers_number() {
    let recordings = recordings();
    let (_, recording) = recordings
        .iter()
        .find(|(name, _)| name == "server-with-blanks")
        .expect("it");
    let chosen = choose(judge(&recording.seen), &recording.expect[0].id);
    let (approaches, path) = chosen.expect("the phone");
    let name = Place::Server("transport_id:3".into());
    assert_eq!((approaches[0].ready(), path), (Some(&name), None));
}

#[test]
fn files_alone_are_had_only_where_nothing_more_can_be() {
    let recordings = recordings();
    let files = |name: &str| {
        let (_, recording) = recordings.iter().find(|(n, _)| n == name).expect("it");
        choose_files(judge(&recording.seen), &recording.expect[0].id)
    };
    for name in [
        "galaxy-debugging-off",
        "mi-note-2-debugging-off",
        "iphone",
        "camera",
    ] {
        let approach = files(name).expect(name);
        assert!(approach.gives_files_alone(), "{name}");
    }
    // Switching this phone to file transfer would end its debugging.
    let refused = files("galaxy-mtp-modem-debugging").expect_err("debugging");
    assert!(refused.advice.contains("Leave out --files"), "{refused:?}");
    assert!(files("camera-held").is_err());
    assert!(files("galaxy-download-mode").is_err());
}

/// File transfer that is on beside debugging gives what debugging can't. Neither ends the other.
#[test]
fn what_is_offered_beside_debugging_is_a_second_way_and_is_not_listed() {
    let recordings = recordings();
    let (_, recording) = recordings
        .iter()
        .find(|(name, _)| name == "galaxy-mtp-modem-debugging")
        .expect("it");
    let listed = judge(&recording.seen);
    assert_eq!(listed[0].device.approaches, ["adb (USB)"]);
    let (approaches, _) = choose(listed, &recording.expect[0].id).expect("the phone");
    let names: Vec<&str> = approaches.iter().map(|one| one.name).collect();
    assert_eq!(names, ["adb (USB)", "mtp (USB)"]);
}

fn place(chosen: Result<(Vec<Approach>, Option<String>), OpenError>) -> Option<u8> {
    match chosen.ok()?.0.first()?.ready()? {
        Place::Usb(place) => place.ports.first().copied(),
        Place::Server(_) | Place::Folder(_) => None,
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
    apply(faults, &mut settings).expect("a fault");
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
    port.device().unplug();
    assert!(port.look().devices.is_empty());
    assert!(open(&port, "R5CT60PRACT").is_err());
}

fn open(port: &PracticePort, id: &str) -> Result<(), lifeboat::handset::find::OpenError> {
    let stop = lifeboat::model::Stop::new();
    let all = lifeboat::handset::find::Wanted::All;
    port.open(id, all, &stop, std::sync::Arc::new(|_| {}))
        .map(drop)
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
    port.device().unplug();
    assert!(open(&port, &ids[1]).is_ok(), "the other one is still there");
    assert!(open(&port, &ids[0]).is_err());
    assert!(port.tripped().is_empty(), "{:?}", port.tripped());
}

/// The devices of the test machine are unknown, but the message must be calm in any case.
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
        assert!(errors.contains("can't use USB here"), "{errors}");
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
    let said = String::from_utf8_lossy(&dump.stderr).into_owned();
    assert!(said.contains("Nothing was sent anywhere"), "{said}");
    let place = home.path().join("seen.json");
    let place = place.to_str().expect("text");
    assert!(run(&["devices", "--dump", "--to", place]).status.success());
    let text = std::fs::read_to_string(place).expect("the dump");
    let _: Dump = serde_json::from_str(&text).expect("what can be a fixture");
    assert!(
        !run(&["devices", "--dump", "--to", place]).status.success(),
        "it is replaced"
    );
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
    for class in ["ff4201", "dc0201", "060101"] {
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
        // systemd has had this check since version 254.
        let unknown = ["unrecognized", "missing or unknown", "Unknown command verb"];
        let unknown = unknown.iter().any(|words| said.contains(words));
        assert!(verified.status.success() || unknown, "{said}");
    }
}
