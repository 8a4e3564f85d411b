//! The Dock screen: the devices that are plugged in, and what Enter, n and f do with them.

use std::path::PathBuf;

use lifeboat::coach::Situation;
use lifeboat::handset::find::{Device, Found, Kind, State, Wanted};
use lifeboat::model::{Collection, Identity};
use lifeboat::rescue::{Finished, RescueList, Running, Unfinished};
use lifeboat::tui::app::{Message, Screen, Task};
use lifeboat::tui::keys::Intent;
use lifeboat::vault::copies::Copies;

use super::{app, device, drawn, one_phone, outcome, press, snapshot};

#[test]
fn dock_without_a_phone() {
    let mut app = app();
    app.on_message(Message::Found(Found {
        devices: Vec::new(),
        notes: vec!["No adb server runs on this computer.".into()],
    }));
    snapshot("dock_nothing", &app);
}

#[test]
fn dock_with_phones_in_several_states() {
    let mut app = app();
    let mut found = one_phone();
    found.devices.push(device(
        "1B9X@1-2",
        "Google",
        "Pixel 6",
        State::NeedsYou,
        "The phone only charges. Pull the notification bar down, tap the USB entry, and switch USB debugging on.",
    ));
    found.devices.push(device(
        "04e8:685d@1-3",
        "samsung",
        "in download mode",
        State::OutOfReach,
        "Hold volume down and power until it restarts.",
    ));
    app.on_message(Message::Found(found));
    snapshot("dock_ready", &app);
    app.update(Intent::Down);
    snapshot("dock_needs_you", &app);
    // The selected device stays selected when another one goes.
    let mut fewer = one_phone();
    fewer
        .devices
        .insert(0, device("0000", "Nokia", "3.4", State::Ready, ""));
    app.on_message(Message::Found(fewer));
    assert!(drawn(&app, 80, 24).contains("› Nokia 3.4"));
}

#[test]
fn dock_tells_identical_phones_apart_and_remembers_what_was_rescued() {
    let mut app = app();
    let mut found = one_phone();
    found.devices.push(found.devices[0].clone());
    for (device, socket) in found.devices.iter_mut().zip(["1-4", "1-5"]) {
        device.id = format!("R5CT60PRACT@{socket}");
    }
    app.on_message(Message::Found(found));
    app.update(Intent::Down);
    app.update(Intent::Next);
    app.on_message(Message::Ended(Box::new(outcome(true))));
    app.update(Intent::Back);
    snapshot("dock_twins", &app);
}

#[test]
fn dock_calls_rescued_only_what_the_verdict_calls_safe() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    app.update(Intent::Next);
    app.on_message(Message::Ended(Box::new(outcome(false))));
    app.update(Intent::Back);
    let screen = drawn(&app, 80, 24);
    assert!(
        !screen.contains("rescued, safe") && screen.contains("rescued, NOT SAFE"),
        "{screen}"
    );
    assert!(screen.contains("Do not reset the phone."), "{screen}");
}

fn rescues(unfinished: Vec<Unfinished>) -> Message {
    Message::RescueList(RescueList {
        unfinished,
        ..RescueList::default()
    })
}

fn finished(serial: &str, model: &str, day: &str, is_safe: bool) -> Finished {
    Finished {
        folder: format!("/home/alex/Rescues/{day} samsung {model} (PRACT)").into(),
        identity: Identity {
            make: "samsung".into(),
            model: model.into(),
            serial: serial.into(),
            ..Identity::default()
        },
        begun: day.into(),
        is_safe,
        headline: match is_safe {
            true => "Everything Lifeboat can read on this phone is safe.".into(),
            false => "Only PARTLY read: photos. Do not reset the phone.".into(),
        },
        open_lines: 2,
        copies: Copies::one(),
    }
}

#[test]
fn finished_rescues_stay_in_the_list_and_a_second_one_has_its_own_key() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    let rescues = RescueList {
        finished: vec![
            finished("R5CT60PRACT", "SM-A536B", "2026-11-22", true),
            finished("R3X000ELSE", "SM-G950F", "2026-11-20", false),
        ],
        // An older one of the same phone.
        unfinished: vec![unfinished("R5CT60PRACT", "SM-A536B")],
        ..RescueList::default()
    };
    app.on_message(Message::RescueList(rescues));
    app.on_message(Message::Free(212_000_000_000));
    snapshot("dock_rescues", &app);
    let newest = PathBuf::from("/home/alex/Rescues/2026-11-22 samsung SM-A536B (PRACT)");
    assert_eq!(
        press(&mut app, "\r"),
        [Some(Task::Reopen(newest))],
        "Enter starts no second rescue"
    );
    // The older one can be continued from its own row.
    app.update(Intent::Down);
    app.update(Intent::Down);
    let older = unfinished("R5CT60PRACT", "SM-A536B").folder;
    let device = one_phone().devices[0].clone();
    assert_eq!(
        app.update(Intent::Next),
        Some(Task::Rescue(device.clone(), Wanted::All, Some(older)))
    );
    app.update(Intent::Back);
    // The phone is being read now: neither Enter nor n starts another rescue.
    app.update(Intent::First);
    assert!(press(&mut app, "n").is_empty());
    press(&mut app, "\r");
    assert_eq!(app.screen, Screen::Rescue);
    // n starts a second rescue of a phone that was rescued.
    let mut app = self::app();
    app.on_message(Message::Found(one_phone()));
    app.on_message(Message::RescueList(RescueList {
        finished: vec![finished("R5CT60PRACT", "SM-A536B", "2026-11-22", true)],
        ..RescueList::default()
    }));
    assert_eq!(
        press(&mut app, "n"),
        [Some(Task::Rescue(device, Wanted::All, None))]
    );
}

#[test]
fn a_rescue_of_another_lifeboat_is_shown_and_not_begun_twice() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    let folder = PathBuf::from("/home/alex/Rescues/2026-11-22 samsung SM-A536B (PRACT)");
    app.on_message(Message::RescueList(RescueList {
        running: vec![Running {
            folder: folder.clone(),
            process: 4_217,
            make: "samsung".into(),
            model: "SM-A536B".into(),
            serial: "R5CT60PRACT".into(),
            what: Some(Collection::Calendar),
            things: 204,
            of: Some(318),
            ..Running::default()
        }],
        ..RescueList::default()
    }));
    snapshot("dock_elsewhere", &app);
    assert_eq!(press(&mut app, "n"), [] as [Option<Task>; 0]);
    // Stopping it is asked about first, as for an own one.
    assert_eq!(press(&mut app, "x"), [None]);
    snapshot("dock_stop_elsewhere", &app);
    assert_eq!(press(&mut app, "n"), [None]);
    assert!(!drawn(&app, 80, 24).contains("stopping"));
    assert_eq!(
        press(&mut app, "xx"),
        [None, Some(Task::StopOther(folder.clone()))]
    );
    let stopping = drawn(&app, 80, 24);
    assert!(
        stopping.contains("stopping …") && !stopping.contains("Press x"),
        "{stopping}"
    );
    assert!(press(&mut app, "x").is_empty());
    app.dock.could_not_stop(&folder, "No.".into());
    assert!(!drawn(&app, 80, 24).contains("stopping …"));
}

fn twin(id: &str, place: &str) -> Device {
    Device {
        serial: "R5CT60PRACT".into(),
        place: place.into(),
        ..device(id, "samsung", "SM-A536B", State::Ready, "")
    }
}

fn found(devices: &[Device]) -> Message {
    Message::Found(Found {
        devices: devices.to_vec(),
        notes: Vec::new(),
    })
}

#[test]
fn two_phones_with_one_serial_number_keep_their_rescues() {
    let (first, second) = (
        twin("R5CT60PRACT@1-4", "1-4"),
        twin("R5CT60PRACT@1-5", "1-5"),
    );
    let mut app = app();
    app.on_message(Message::RescueList(RescueList {
        finished: vec![finished("R5CT60PRACT", "SM-A536B", "2026-11-22", true)],
        ..RescueList::default()
    }));
    app.on_message(found(&[first.clone(), second.clone()]));
    press(&mut app, " ");
    app.update(Intent::Down);
    press(&mut app, " \r");
    for phone in [&first, &second] {
        let run = app.run_of(&phone.id).unwrap();
        let message = Message::Opened(Identity::default());
        app.on_message(Message::Of(run, Box::new(message)));
    }
    app.tick(std::time::Duration::from_secs(1));
    assert_eq!(drawn(&app, 80, 24).matches("reading").count(), 2);
    // One is unplugged: the other one is alone, and its ID has no place.
    app.on_message(found(&[twin("R5CT60PRACT", "1-5")]));
    snapshot("dock_twin_left", &app);
    let dock = drawn(&app, 80, 24);
    assert_eq!(dock.matches("reading").count(), 2, "{dock}");
    assert_eq!(dock.matches("  not connected").count(), 1, "{dock}");
    assert!(!dock.contains("rescued, safe"), "{dock}");
    // It comes back at its place while the other one is away.
    app.on_message(found(&[]));
    app.on_message(found(&[twin("R5CT60PRACT", "1-4")]));
    let dock = drawn(&app, 80, 24);
    assert_eq!(dock.matches("  not connected").count(), 1, "{dock}");
    let stopped = || Message::Ended(Box::new(outcome(false)));
    for phone in [&first, &second] {
        let run = app.run_of(&phone.id).unwrap();
        app.on_message(Message::Of(run, Box::new(stopped())));
    }
    assert!(!drawn(&app, 80, 24).contains("rescued, safe"));
}

#[test]
fn an_old_rescue_is_not_shown_for_a_phone_that_has_had_a_twin() {
    let mut app = app();
    app.on_message(Message::RescueList(RescueList {
        finished: vec![finished("R5CT60PRACT", "SM-A536B", "2026-11-22", true)],
        ..RescueList::default()
    }));
    app.on_message(found(&[twin("R5CT60PRACT", "1-4")]));
    assert!(drawn(&app, 80, 24).contains("rescued, safe"));
    // A mark stays with its phone.
    press(&mut app, "n");
    app.update(Intent::Back);
    let both = [
        twin("R5CT60PRACT@1-4", "1-4"),
        twin("R5CT60PRACT@1-5", "1-5"),
    ];
    let mut app = self::app();
    app.on_message(Message::RescueList(RescueList {
        finished: vec![finished("R5CT60PRACT", "SM-A536B", "2026-11-22", true)],
        ..RescueList::default()
    }));
    app.on_message(found(&both));
    app.on_message(found(&[twin("R5CT60PRACT", "1-5")]));
    let dock = drawn(&app, 80, 24);
    assert!(!dock.contains("rescued, safe"), "{dock}");
    assert!(
        dock.contains("Two phones have this serial number"),
        "{dock}"
    );
}

#[test]
fn a_mark_stays_with_its_phone_when_a_twin_comes() {
    let mut app = app();
    let other = device("1B9X", "Google", "Pixel 6", State::Ready, "");
    app.on_message(found(&[twin("R5CT60PRACT", "1-4"), other.clone()]));
    press(&mut app, " ");
    app.on_message(found(&[
        twin("R5CT60PRACT@1-3", "1-3"),
        twin("R5CT60PRACT@1-4", "1-4"),
        other,
    ]));
    let task = press(&mut app, "\r").pop().flatten();
    let Some(Task::Rescue(device, ..)) = task else {
        panic!("{task:?}");
    };
    assert_eq!(device.place, "1-4");
}

fn unfinished(serial: &str, model: &str) -> Unfinished {
    Unfinished {
        folder: format!("/home/alex/Rescues/2026-11-21 samsung {model} (PRACT)").into(),
        identity: Identity {
            make: "samsung".into(),
            model: model.into(),
            serial: serial.into(),
            ..Identity::default()
        },
        begun: "2026-11-21".into(),
        saved: [
            (Collection::Contacts, 412),
            (Collection::Calendar, 204),
            (Collection::Todos, 0),
        ]
        .into(),
    }
}

#[test]
fn dock_offers_to_go_on_with_an_unfinished_rescue() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    app.on_message(rescues(vec![
        unfinished("R5CT60PRACT", "SM-A536B"),
        unfinished("R3X000ELSE", "SM-G950F"),
    ]));
    snapshot("dock_unfinished", &app);
    let folder = PathBuf::from("/home/alex/Rescues/2026-11-21 samsung SM-A536B (PRACT)");
    let device = one_phone().devices[0].clone();
    assert_eq!(
        app.update(Intent::Next),
        Some(Task::Rescue(device.clone(), Wanted::All, Some(folder)))
    );
    // A new rescue can be started as well. If two phones have the same serial number, the unfinished rescue could
    // belong to either, and is not offered.
    let mut app = self::app();
    app.on_message(Message::Found(one_phone()));
    app.on_message(rescues(vec![unfinished("R5CT60PRACT", "SM-A536B")]));
    assert_eq!(
        app.update(Intent::Anew),
        Some(Task::Rescue(device.clone(), Wanted::All, None))
    );
    let mut app = self::app();
    let mut twins = one_phone();
    twins.devices.push(device);
    app.on_message(Message::Found(twins));
    app.on_message(rescues(vec![unfinished("R5CT60PRACT", "SM-A536B")]));
    assert!(!drawn(&app, 80, 24).contains("continue"));
}

#[test]
fn only_what_is_ready_can_be_rescued() {
    let mut app = app();
    let mut found = one_phone();
    found.devices[0].state = State::NeedsYou;
    found.devices[0].advice = "Switch USB debugging on.".into();
    app.on_message(Message::Found(found));
    assert_eq!(app.update(Intent::Next), None);
    assert!(!drawn(&app, 80, 24).contains("Enter"));
    // The phone can be rescued as soon as its owner has done that.
    app.on_message(Message::Found(one_phone()));
    assert!(app.update(Intent::Next).is_some());
}

#[test]
fn the_files_of_a_phone_without_debugging_can_be_asked_for_alone() {
    let mut app = app();
    let advice = "Switch USB debugging on: Settings, Developer options.";
    let device = Device {
        files_alone: true,
        approaches: vec!["mtp (USB)".into()],
        ..device("R5CT", "samsung", "SM-A536B", State::NeedsYou, advice)
    };
    app.on_message(Message::Found(Found {
        devices: vec![device.clone()],
        notes: Vec::new(),
    }));
    snapshot("dock_files_alone", &app);
    // Enter does not start a rescue of a device that needs its user first.
    assert_eq!(press(&mut app, "\r"), []);
    assert_eq!(
        press(&mut app, "f"),
        [Some(Task::Rescue(device.clone(), Wanted::Files, None))]
    );
    assert_eq!(app.screen, Screen::Rescue);
    // A rescue that debugging began goes on in the same folder, even when debugging no longer works.
    let again = || {
        let mut app = self::app();
        app.on_message(Message::Found(Found {
            devices: vec![device.clone()],
            notes: Vec::new(),
        }));
        app.on_message(rescues(vec![unfinished("R5CT", "SM-A536B")]));
        app
    };
    let mut app = again();
    snapshot("dock_files_alone_unfinished", &app);
    assert_eq!(press(&mut app, "\r"), []);
    let folder = Some(unfinished("R5CT", "SM-A536B").folder);
    assert_eq!(
        press(&mut app, "f"),
        [Some(Task::Rescue(device.clone(), Wanted::Files, folder))]
    );
    assert_eq!(
        press(&mut again(), "n"),
        [Some(Task::Rescue(device.clone(), Wanted::Files, None))]
    );
}

#[test]
fn each_phone_says_in_three_words_what_it_needs_or_gives() {
    let of = |id: &str, model: &str, state: State, situation: &'static str| Device {
        situations: vec![Situation::of(situation)],
        ..device(id, "", model, state, "")
    };
    let alone = |device: Device| Device {
        gives_files_alone: true,
        ..device
    };
    let devices = [
        of("1", "Pixel 6", State::NeedsYou, "debugging"),
        of("2", "Pixel 7", State::NeedsYou, "permission"),
        of("3", "Pixel 8", State::OutOfReach, "bootloader"),
        alone(of("4", "iPhone", State::Ready, "iphone")),
        alone(of("5", "6300", State::Ready, "also_files")),
        Device {
            kind: Kind::Card,
            ..alone(of("6", "SD card", State::Ready, ""))
        },
        of("7", "Pixel 9", State::Ready, ""),
    ];
    let mut app = app();
    app.on_message(found(&devices));
    snapshot("dock_states", &app);
    let dock = drawn(&app, 200, 60);
    for (name, state) in [
        ("Pixel 6", "turn on debugging"),
        ("Pixel 7", "no permission"),
        ("Pixel 8", "in its bootloader"),
        ("iPhone", "ready: pictures only"),
        ("6300", "ready: files only"),
        ("SD card", "ready"),
        ("Pixel 9", "ready"),
    ] {
        let line = dock.lines().find(|line| line.contains(name)).unwrap();
        let line = line.trim_end_matches('"').trim_end();
        assert!(line.ends_with(state), "{line}");
    }
    assert!(!dock.contains("needs you"), "{dock}");
}

#[test]
fn a_card_is_not_called_a_phone() {
    let card = Device {
        kind: Kind::Card,
        gives_files_alone: true,
        ..device("card", "", "SD card", State::Ready, "")
    };
    let mut app = app();
    app.on_message(found(&[card]));
    let dock = drawn(&app, 120, 40);
    assert!(
        dock.contains("changes nothing on the card") && dock.contains("Leave the card plugged in"),
        "{dock}"
    );
    press(&mut app, "\r");
    app.on_message(Message::Opened(Identity::default()));
    let rescue = drawn(&app, 80, 24);
    assert!(rescue.contains("Don't unplug the card."), "{rescue}");
    app.on_message(Message::Ended(Box::new(outcome(true))));
    let rescue = drawn(&app, 80, 24);
    assert!(rescue.contains("You can unplug the card."), "{rescue}");
}

#[test]
fn rescues_are_in_view_without_a_phone() {
    let mut app = app();
    app.on_message(Message::RescueList(RescueList {
        finished: vec![
            finished("R5CT60PRACT", "SM-A536B", "2026-11-22", true),
            finished("R3X000ELSE", "SM-G950F", "2026-11-20", false),
        ],
        unfinished: vec![unfinished("R5CT60PRACT", "SM-A536B")],
        ..RescueList::default()
    }));
    app.on_message(found(&[]));
    snapshot("dock_rescues_alone", &app);
    let dock = drawn(&app, 80, 24);
    assert!(dock.contains("No phone found yet"), "{dock}");
    assert!(
        dock.contains("22") && dock.contains("SM-G950F") && dock.contains("UNFINISHED"),
        "{dock}"
    );
}

#[test]
fn in_a_small_window_the_main_key_and_the_end_of_sentences_are_told() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    app.on_message(Message::Free(5_000_000_000));
    app.on_message(rescues(vec![
        unfinished("R5CT60PRACT", "SM-A536B"),
        unfinished("R3X000ELSE", "SM-G950F"),
    ]));
    super::snapshot_at("dock_unfinished", &app, 60, 15);
    let dock = drawn(&app, 60, 15);
    assert!(dock.contains("Enter continue"), "{dock}");
    assert!(dock.contains("5.0 GB free"), "{dock}");
    assert!(dock.contains("21 Nov"), "{dock}");
    assert!(!dock.contains("sign in or out"), "{dock}");
}
