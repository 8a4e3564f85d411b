//! The coach: what a person sees on a phone and USB can't tell.

use lifeboat::coach::guides;
use lifeboat::handset::find::{Found, State};
use lifeboat::tui::app::{App, Message, Screen};

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
