//! The coach: what a person sees on a phone and USB can't tell.

use lifeboat::coach::{Situation, guides};
use lifeboat::handset::find::{Found, State};
use lifeboat::model::{Collection, Condition};
use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::Intent;

use super::{app, device, drawn, press, snapshot};

fn with_phone(make: &str, model: &str, state: State) -> App {
    let mut app = app();
    app.on_message(Message::Found(one(make, model, state)));
    app
}

fn one(make: &str, model: &str, state: State) -> Found {
    Found {
        devices: vec![device("R5CT60PRACT", make, model, state, "Unlock it.")],
        notes: Vec::new(),
    }
}

/// A phone in states that USB shows.
fn in_states(make: &str, model: &str, state: State, names: &[&'static str]) -> Found {
    let mut found = one(make, model, state);
    let device = &mut found.devices[0];
    device.situations = names.iter().map(|name| Situation::of(name)).collect();
    let said: Vec<String> = device
        .situations
        .iter()
        .map(|one| one.paragraph(make))
        .collect();
    device.advice = said.join(" ");
    found
}

#[test]
fn the_steps_of_a_state_move_on_by_themselves() {
    let mut app = app();
    let names = ["debugging", "files_instead"];
    let mut off = in_states("Samsung", "Galaxy A53", State::NeedsYou, &names);
    off.devices[0].files_alone = true;
    app.on_message(Message::Found(off));
    snapshot("dock_steps", &app);
    press(&mut app, "\r");
    assert_eq!(app.screen, Screen::Coach);
    snapshot("steps_debugging_off", &app);
    // USB shows only that debugging is still off, so a person may mark what is done.
    press(&mut app, "  ");
    let shown = drawn(&app, 100, 60);
    let done = |shown: &str| {
        shown
            .lines()
            .filter(|line| line.trim_end_matches('"').trim_end().ends_with("  done"))
            .count()
    };
    assert_eq!(done(&shown), 2, "{shown}");
    for other in ["OS version", "MIUI", "adb", "--", "Java"] {
        assert!(!shown.contains(other), "{other}: {shown}");
    }
    press(&mut app, "d");
    assert!(drawn(&app, 100, 80).contains("Source: https://"));
    press(&mut app, "d");

    let asks = in_states("Samsung", "Galaxy A53", State::NeedsYou, &["allow"]);
    app.on_message(Message::Found(asks));
    snapshot("steps_allow", &app);
    let shown = drawn(&app, 100, 60);
    assert_eq!(done(&shown), 4, "{shown}");
    let waiting: Vec<&str> = shown.lines().filter(|l| l.contains("waiting …")).collect();
    assert!(
        waiting.len() == 1 && waiting[0].contains("Allow"),
        "{shown}"
    );

    app.on_message(Message::Found(one("Samsung", "Galaxy A53", State::Ready)));
    let shown = drawn(&app, 100, 60);
    assert!(shown.contains("can be read now. Press Enter"), "{shown}");
    // It falls into another state: the steps are those of this one.
    let broken = in_states("Samsung", "Galaxy A53", State::OutOfReach, &["recovery"]);
    app.on_message(Message::Found(broken));
    let shown = drawn(&app, 100, 60);
    assert!(
        shown.contains("“Factory data reset”") && done(&shown) == 0,
        "{shown}"
    );
    app.on_message(Message::Found(Found::default()));
    assert!(drawn(&app, 100, 60).contains("not connected now"));
}

#[test]
fn the_steps_lead_on_to_the_question_and_to_the_rescue() {
    let mut app = app();
    app.on_message(Message::Found(Found::default()));
    press(&mut app, "\r");
    assert_eq!(app.screen, Screen::Coach);
    assert!(drawn(&app, 100, 40).contains("No phone found yet"));
    press(&mut app, "w6");
    assert!(drawn(&app, 100, 40).contains("nobody knows"));
    press(&mut app, "\u{1b}\u{1b}");
    assert!(drawn(&app, 100, 40).contains("No phone found yet"));
    let charging = in_states("Google", "Pixel 8", State::NeedsYou, &["charging"]);
    app.on_message(Message::Found(charging));
    let shown = drawn(&app, 100, 60);
    assert!(
        shown.contains("Google Pixel 8: the phone only charges"),
        "{shown}"
    );
    app.on_message(Message::Found(one("Google", "Pixel 8", State::Ready)));
    press(&mut app, "\r");
    assert_ne!(app.screen, Screen::Coach);
}

/// A phone with a black screen names nobody over USB: a person chooses the maker, and sees its steps alone.
#[test]
fn without_a_phone_the_maker_can_be_chosen() {
    let mut app = app();
    app.on_message(Message::Found(Found::default()));
    press(&mut app, "w5");
    let all = drawn(&app, 100, 80);
    assert!(
        all.contains("all makers") && all.contains("Samsung: "),
        "{all}"
    );
    press(&mut app, "m");
    let samsung = drawn(&app, 100, 80);
    assert!(samsung.contains("Steps for Samsung."), "{samsung}");
    for other in ["Apple: ", "Xiaomi: ", "Samsung: ", "Restore iPhone"] {
        assert!(!samsung.contains(other), "{other}: {samsung}");
    }
    press(&mut app, "m");
    let apple = drawn(&app, 100, 80);
    assert!(!apple.contains("Factory data reset"), "{apple}");
    press(&mut app, "mmmmmmmm");
    assert_eq!(drawn(&app, 100, 80), all);
    // A phone that USB names has its own steps.
    app.on_message(Message::Found(one("Google", "Pixel 8", State::Ready)));
    assert!(!drawn(&app, 100, 80).contains("Press m"));
    assert!(press(&mut app, "m").is_empty());
}

#[test]
fn it_asks_what_a_person_sees_after_what_holds_for_every_phone() {
    let mut app = with_phone("Samsung", "Galaxy A53", State::NeedsYou);
    press(&mut app, "w");
    assert_eq!(app.screen, Screen::Coach);
    snapshot("coach", &app);
    let shown = drawn(&app, 80, 24);
    for guide in guides() {
        assert!(shown.contains(&guide.seen), "{}: {shown}", guide.seen);
    }
    press(&mut app, "\u{1b}");
    assert_eq!(app.screen, Screen::Dock);
}

#[test]
fn each_answer_has_steps_for_the_maker_alone() {
    let mut app = with_phone("Samsung", "Galaxy A53", State::NeedsYou);
    press(&mut app, "w2");
    snapshot("coach_black", &app);
    press(&mut app, "d");
    assert!(drawn(&app, 200, 60).contains("Source: "));
    press(&mut app, "\u{1b}\u{1b}");

    for guide in guides() {
        for (make, other) in [("Samsung", "Erase iPhone"), ("Apple", "Factory data reset")] {
            let mut app = with_phone(make, "a phone", State::NeedsYou);
            press(&mut app, &format!("w{}", guide.key));
            let shown = drawn(&app, 200, 120);
            assert!(!shown.contains(other), "{make}: {shown}");
            assert!(shown.contains("  3  "), "{make}: {shown}");
        }
    }
}

#[test]
fn a_phone_that_can_be_read_meanwhile_is_named() {
    let mut app = app();
    app.on_message(Message::Found(Found::default()));
    press(&mut app, "w2");
    let shown = drawn(&app, 120, 60);
    // Nobody knows the maker.
    assert!(shown.contains("Samsung"), "{shown}");
    app.on_message(Message::Found(one("Google", "Pixel 8", State::NeedsYou)));
    assert!(!drawn(&app, 120, 60).contains("can be read now"));
    app.on_message(Message::Found(one("Google", "Pixel 8", State::Ready)));
    let shown = drawn(&app, 120, 60);
    assert!(shown.contains("can be read now"), "{shown}");
    press(&mut app, "\u{1b}\u{1b}");
    assert_eq!(app.screen, Screen::Dock);
}

/// A phone with an owner at the desk.
fn with_owner(make: &str, model: &str) -> App {
    let mut app = app();
    let mut found = one(make, model, State::Ready);
    found.devices[0].has_owner = true;
    app.on_message(Message::Found(found));
    app
}

#[test]
fn five_minutes_with_the_owner_come_before_the_rescue() {
    let mut app = with_owner("Samsung", "Galaxy A53");
    assert_eq!(press(&mut app, "\r"), [None]);
    assert_eq!(app.screen, Screen::Owner);
    snapshot("owner", &app);
    // One key passes it.
    let tasks = press(&mut app, "\r");
    assert!(matches!(tasks[..], [Some(Task::Rescue(..))]), "{tasks:?}");
    assert!(app.case.is_empty());

    let mut app = with_owner("Samsung", "Galaxy A53");
    press(&mut app, "\r");
    for _ in 0..3 {
        app.update(Intent::Down);
    }
    press(&mut app, "2x12q?");
    assert!(!app.quit && !app.help);
    app.update(Intent::Down);
    press(&mut app, "  ");
    app.update(Intent::Down);
    press(&mut app, "  ");
    app.update(Intent::First);
    app.update(Intent::Down);
    press(&mut app, " ");
    snapshot("owner_answered", &app);
    press(&mut app, "\r");
    assert_eq!(app.case.contacts_shown, Some(212));
    assert_eq!(app.case.first, Some(Collection::Calendar));
    assert_eq!(app.case.knows_password, Some(false));
    assert_eq!(app.case.done, ["chats"]);
    let shown = drawn(&app, 100, 40);
    assert!(shown.contains("Nobody knows the password"), "{shown}");

    let mut app = with_owner("Apple", "iPhone 13");
    press(&mut app, "\r");
    snapshot("owner_iphone", &app);
    press(&mut app, "\u{1b}");
    assert_eq!(app.screen, Screen::Dock);
    // Cards and cameras have no owner at the desk.
    let mut app = with_phone("Canon", "EOS", State::Ready);
    assert!(matches!(
        press(&mut app, "\r")[..],
        [Some(Task::Rescue(..))]
    ));
}

#[test]
fn an_answer_is_remembered_and_changes_what_follows() {
    let mut app = with_owner("Samsung", "Galaxy A53");
    press(&mut app, "w1\u{1b}\u{1b}");
    snapshot("dock_wet", &app);
    assert!(!drawn(&app, 80, 24).contains("Keep the phone charging"));
    // A wet phone is read at once.
    assert!(matches!(
        press(&mut app, "\r")[..],
        [Some(Task::Rescue(..))]
    ));
    assert!(app.case.conditions.has(Condition::Wet));
    assert!(drawn(&app, 80, 24).contains("plug in no charger"));

    let mut app = with_owner("Samsung", "Galaxy A53");
    press(&mut app, "w8\u{1b}\u{1b}\r");
    snapshot("owner_died", &app);
    press(&mut app, "Kim Winter");
    app.update(Intent::Down);
    press(&mut app, "heir");
    press(&mut app, "\r");
    assert_eq!(app.case.on_behalf_of, "Kim Winter");
    assert_eq!(app.case.by_right, "heir");

    // It is taken back, and forgotten with a phone that can't be told from another one.
    let mut app = with_owner("Samsung", "Galaxy A53");
    press(&mut app, "w8\u{1b}0\u{1b}");
    assert!(!drawn(&app, 80, 24).contains("has died"));
    // Several answers add up.
    press(&mut app, "w8\u{1b}2\u{1b}\u{1b}");
    let both = drawn(&app, 100, 40);
    assert!(
        both.contains("has died") && both.contains("The screen is black"),
        "{both}"
    );
    press(&mut app, "w0\u{1b}");
    let mut nameless = one("Samsung", "Galaxy A53", State::Ready);
    nameless.devices[0].id = "usb:1-4".into();
    app.on_message(Message::Found(nameless.clone()));
    press(&mut app, "w8\u{1b}\u{1b}");
    assert!(drawn(&app, 80, 24).contains("has died"));
    app.on_message(Message::Found(Found::default()));
    app.on_message(Message::Found(nameless));
    let after = drawn(&app, 80, 24);
    assert!(!after.contains("has died"), "{after}");
    // An answer that is given before the phone is plugged in is about the next phone.
    let mut app = with_owner("Samsung", "Galaxy A53");
    app.on_message(Message::Found(Found::default()));
    press(&mut app, "w1\u{1b}\u{1b}");
    app.on_message(Message::Found(one("Samsung", "Galaxy A53", State::Ready)));
    let after = drawn(&app, 100, 40);
    assert!(after.contains("plug in no charger"), "{after}");
}
