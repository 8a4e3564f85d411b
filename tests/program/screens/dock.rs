//! The Dock screen: the devices that are plugged in, and what Enter, n and f do with them.

use std::path::PathBuf;

use lifeboat::handset::find::{Device, Found, State, Wanted};
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
    assert_eq!(press(&mut app, "\rn"), [] as [Option<Task>; 0]);
    assert_eq!(press(&mut app, "x"), [Some(Task::StopOther(folder))]);
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
