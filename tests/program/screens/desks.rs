//! Thirteen desks: what the first five minutes show, where practice phones and recorded states can show it.

use lifeboat::coach::{Situation, guides};
use lifeboat::handset::find::{Found, Port, State};
use lifeboat::model::Condition;
use lifeboat::practice::PracticePort;
use lifeboat::practice::android::Settings;
use lifeboat::practice::fault::apply;
use lifeboat::protocol::adb;
use lifeboat::tui::app::{App, Message, Screen, Task};

use super::{app, device, drawn, flat, press};

/// What a practice phone shows on USB.
fn practice(fault: &str) -> Found {
    let mut settings = Settings::default();
    apply(fault, &mut settings).expect("a fault");
    let port: PracticePort =
        PracticePort::new(settings, adb::Options::default(), Default::default());
    port.look()
}

/// A phone in a state that USB shows.
fn seen(make: &str, model: &str, state: State, name: &'static str) -> Found {
    let situation = Situation::of(name);
    let mut device = device("SERIAL", make, model, state, &situation.paragraph(make));
    device.situations = vec![situation];
    device.has_owner = true;
    Found {
        devices: vec![device],
        notes: Vec::new(),
    }
}

fn at_desk(found: Found) -> App {
    let mut app = app();
    app.on_message(Message::Found(found));
    app
}

/// All that the pages show after these keys, at the sizes of a small and of a large window.
fn shown(app: &mut App, keys: &str) -> String {
    press(app, keys);
    let small = drawn(app, 80, 24);
    assert!(!small.contains("adb ") && !small.contains("--"), "{small}");
    drawn(app, 200, 60)
}

fn is_said(shown: &str, words: &[&str]) {
    let flat = flat(shown).replace("waiting … ", "");
    for word in words {
        let is_there = shown.contains(word) || flat.contains(word);
        assert!(is_there, "{word}: {shown}");
    }
}

#[test]
fn galaxy_with_a_black_screen() {
    let found = seen("Samsung", "Galaxy A53", State::NeedsYou, "debugging");
    let shown = shown(&mut at_desk(found), "w2");
    is_said(
        &shown,
        &[
            "every computer that it was ever connected to",
            "test screen",
            "USB-C hub with HDMI",
            "export all contacts",
            "Lifeboat reads the stick",
        ],
    );
}

#[test]
fn pixel_in_a_boot_loop() {
    let found = seen("Google", "Pixel 6", State::OutOfReach, "recovery");
    let mut app = at_desk(found);
    is_said(&drawn(&app, 80, 24), &["“Try again”"]);
    let steps = shown(&mut app, "\r");
    is_said(
        &steps,
        &[
            "choose “Try again”",
            "Don't press: “Factory data reset”",
            "a repair, and its owner decides",
        ],
    );
    is_said(&shown(&mut app, "w5"), &["“Try again”", "Charge the phone"]);
}

#[test]
fn xiaomi_without_an_account() {
    let found = seen("Xiaomi", "Redmi Note 12", State::NeedsYou, "debugging");
    let shown = shown(&mut at_desk(found), "\r");
    is_said(
        &shown,
        &[
            "“OS version”",
            "You don't need a Mi account or a SIM card",
            "Allow",
        ],
    );
    assert!(
        !shown.contains("Samsung") && !shown.contains("Auto Blocker"),
        "{shown}"
    );
}

#[test]
fn disabled_iphone() {
    let found = seen("Apple", "iPhone 13", State::Ready, "iphone");
    let shown = shown(&mut at_desk(found), "w6");
    is_said(
        &shown,
        &[
            "“iPhone Unavailable”",
            "not even Apple",
            "Don't press: “Erase iPhone”",
            "“Enter Previous Passcode”",
            "iCloud",
        ],
    );
    for name in ["iMyFone", "Tenorshare", "Dr.Fone", "4uKey"] {
        assert!(!shown.contains(name), "{name}");
    }
}

#[test]
fn full_iphone() {
    let found = seen("Apple", "iPhone 8", State::Ready, "iphone");
    let shown = shown(&mut at_desk(found), "→");
    is_said(&shown, &["Don't update or restore", "Offload App"]);
}

#[test]
fn auto_blocker_looks_like_a_charge_only_cable() {
    let found = seen("Samsung", "Galaxy S24", State::NeedsYou, "charging");
    let steps = shown(&mut at_desk(found), "\r");
    is_said(
        &steps,
        &["Unlock the phone. Then unplug", "Auto Blocker", "code"],
    );
    let found = seen("Google", "Pixel 9", State::NeedsYou, "charging");
    is_said(&shown(&mut at_desk(found), "\r"), &["Advanced Protection"]);
    let found = practice("seen-as=charging");
    is_said(
        &shown(&mut at_desk(found), "\r"),
        &["Unlock the phone. Then unplug", "waiting …"],
    );
}

#[test]
fn simple_phones() {
    let found = seen("Nokia", "6300", State::OutOfReach, "feature_phone");
    let steps = shown(&mut at_desk(found), "\r");
    is_said(
        &steps,
        &["never “move”", "Bluetooth", "calendar down by hand"],
    );
    let found = seen("Nokia", "2720 Flip", State::Ready, "kaios");
    let mut app = at_desk(found);
    let steps = shown(&mut app, "→");
    is_said(&steps, &["Export contacts", "card reader"]);
}

#[test]
fn owner_who_died() {
    let mut app = at_desk(practice("prompt=never"));
    let steps = shown(&mut app, "w8");
    is_said(
        &steps,
        &[
            "Guess no code",
            "Cancel the contract last",
            "old computers",
            "by what right",
        ],
    );
    let page = shown(&mut app, "\u{1b}\u{1b}\r");
    assert_eq!(app.screen, Screen::Owner);
    is_said(&page, &["For whom is the phone saved", "By what right"]);
}

#[test]
fn company_phone() {
    let mut app = at_desk(practice("work-profile"));
    is_said(
        &shown(&mut app, "w7"),
        &["Call the company's IT department before anything else"],
    );
    let page = shown(&mut app, "\u{1b}\u{1b}\r");
    is_said(&page, &["Who agreed?", "Only the owner's personal data"]);
}

#[test]
fn phone_that_restarts_and_wet_phone() {
    for (key, condition, words) in [
        ("4", Condition::Restarts, "unlock it after each start"),
        ("1", Condition::Wet, "plug in no charger"),
    ] {
        let mut app = at_desk(practice(""));
        let dock = shown(&mut app, &format!("w{key}\u{1b}\u{1b}"));
        is_said(&dock, &[words]);
        // No page is in the way of a phone that may be gone in a minute.
        assert!(matches!(
            press(&mut app, "\r")[..],
            [Some(Task::Rescue(..))]
        ));
        assert!(app.case.conditions.has(condition));
        is_said(&drawn(&app, 80, 24), &[words]);
    }
    let wet = guides()
        .iter()
        .find(|guide| guide.condition == Condition::Wet);
    for step in wet.expect("a guide").steps_for("Samsung") {
        assert!(!step.text.contains("Plug in a charger"), "{}", step.text);
    }
}

#[test]
fn phone_of_a_child_with_chats() {
    let found = practice("seen-as=debugging-off");
    is_said(&shown(&mut at_desk(found), "\r"), &["Family Link"]);
    let mut app = at_desk(practice(""));
    let page = shown(&mut app, "\r");
    is_said(
        &page,
        &[
            "Chat backup > Back up",
            "before files are copied",
            "Don't register its number",
        ],
    );
}
