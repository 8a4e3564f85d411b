//! Several phones at once: marked phones start together, and each has its line of progress.

use lifeboat::handset::find::{Found, State};
use lifeboat::model::{Collection, Holding, Identity};
use lifeboat::rescue::Progress;
use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::Intent;

use super::{app, device, drawn, outcome, press, snapshot};

fn two_phones(have_owners: bool) -> Found {
    let mut devices = vec![
        device("R5CT60PRACT", "samsung", "SM-A536B", State::Ready, ""),
        device("1B9X", "Google", "Pixel 6", State::Ready, ""),
        device("04e8", "Nokia", "3.4", State::NeedsYou, "Unlock it."),
    ];
    for device in &mut devices {
        device.has_owner = have_owners;
    }
    Found {
        devices,
        notes: Vec::new(),
    }
}

fn both() -> App {
    let mut app = app();
    app.on_message(Message::Found(two_phones(false)));
    press(&mut app, " ");
    app.update(Intent::Down);
    press(&mut app, " ");
    snapshot("dock_marked", &app);
    let tasks = press(&mut app, "\r");
    let [Some(Task::Several(tasks))] = tasks.as_slice() else {
        panic!("{tasks:?}");
    };
    assert_eq!(tasks.len(), 2);
    assert_eq!(app.screen, Screen::Dock);
    app
}

fn tell(app: &mut App, device: &str, message: Message) {
    let run = app.run_of(device).unwrap();
    app.on_message(Message::Of(run, Box::new(message)));
}

fn progress(app: &mut App, device: &str, things: u64, of: u64) {
    tell(app, device, Message::Opened(Identity::default()));
    let what = Collection::Contacts;
    let holding = Holding {
        handset_says: Some(of),
        rows: Some(of),
        ..Holding::default()
    };
    tell(
        app,
        device,
        Message::Progress(Progress::Surveyed(what, holding)),
    );
    let safe = Progress::Safe {
        what,
        rows: things,
        of: Some(of),
        things,
    };
    tell(app, device, Message::Progress(safe));
}

#[test]
fn marked_phones_start_together_and_each_shows_its_progress() {
    let mut app = both();
    progress(&mut app, "R5CT60PRACT", 100, 412);
    progress(&mut app, "1B9X", 7, 9);
    snapshot("dock_two_running", &app);
    // Enter shows the rescue of the chosen phone, Esc goes back while both continue.
    app.update(Intent::First);
    app.update(Intent::Next);
    assert_eq!(app.screen, Screen::Rescue);
    assert!(drawn(&app, 80, 24).contains("100 of 412"));
    app.update(Intent::Back);
    app.update(Intent::Down);
    app.update(Intent::Next);
    let second = drawn(&app, 80, 24);
    assert!(
        second.contains("7 of 9") && !second.contains("412"),
        "{second}"
    );
    // One that ends behind the screen leaves the screen alone.
    tell(
        &mut app,
        "R5CT60PRACT",
        Message::Ended(Box::new(outcome(true))),
    );
    assert_eq!(app.screen, Screen::Rescue);
    assert!(drawn(&app, 80, 24).contains("7 of 9"));
    assert!(app.is_reading());
    app.update(Intent::Back);
    let dock = drawn(&app, 80, 24);
    assert!(dock.contains("safe"), "{dock}");
    // Quitting stops what still runs, and waits for it.
    assert_eq!(press(&mut app, "qq"), [None, Some(Task::Stop)]);
    assert!(!app.quit);
    tell(&mut app, "1B9X", Message::Ended(Box::new(outcome(false))));
    assert!(app.quit);
}

#[test]
fn what_only_owners_know_is_asked_once_and_the_ticket_is_kept() {
    let mut app = app();
    app.on_message(Message::Found(two_phones(true)));
    press(&mut app, " ");
    app.update(Intent::Down);
    press(&mut app, " ");
    assert_eq!(press(&mut app, "\r"), [None]);
    assert_eq!(app.screen, Screen::Owner);
    assert!(drawn(&app, 80, 24).contains("and 1 more"));
    app.update(Intent::Last);
    app.update(Intent::Up);
    press(&mut app, "T-4711");
    snapshot("owner_ticket", &app);
    let tasks = press(&mut app, "\r");
    assert!(matches!(tasks.as_slice(), [Some(Task::Several(two))] if two.len() == 2));
    assert_eq!(app.desk.ticket, "T-4711");
}
