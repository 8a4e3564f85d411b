//! Several phones at once: marked phones start together, and each has its line of progress.

use lifeboat::handset::find::{Found, State};
use lifeboat::model::{Collection, Condition, Conditions, Holding, Identity};
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
    assert!(dock.contains("rescued, safe"), "{dock}");
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
    let page = drawn(&app, 80, 24);
    assert!(page.contains("and 1 more"), "{page}");
    // Nothing is asked that is about one phone alone.
    for about_one in ["Contacts screen", "WhatsApp", "password", "Unlock"] {
        assert!(!page.contains(about_one), "{page}");
    }
    app.update(Intent::Last);
    app.update(Intent::Up);
    press(&mut app, "T-4711");
    snapshot("owner_ticket", &app);
    let tasks = press(&mut app, "\r");
    assert!(matches!(tasks.as_slice(), [Some(Task::Several(two))] if two.len() == 2));
    assert_eq!(app.desk.ticket, "T-4711");
}

#[test]
fn what_is_said_of_one_phone_is_noted_for_no_other_one() {
    let mut app = app();
    app.on_message(Message::Found(two_phones(true)));
    app.dock
        .answer("1B9X", [Condition::Company].into_iter().collect());
    press(&mut app, " ");
    app.update(Intent::Down);
    press(&mut app, " \r");
    // The first row is about all phones.
    press(&mut app, " \r");
    let case = |id: &str| app.case_of(app.run_of(id).unwrap());
    let (samsung, google) = (case("R5CT60PRACT"), case("1B9X"));
    assert_eq!(samsung.first, Some(Collection::Contacts));
    assert_eq!(google.first, Some(Collection::Contacts));
    assert_eq!(samsung.conditions, Conditions::default());
    assert!(google.conditions.has(Condition::Company));
    for case in [samsung, google] {
        assert_eq!(case.contacts_shown, None);
        assert!(case.done.is_empty() && case.knows_password.is_none());
    }
}

#[test]
fn a_phone_whose_rescue_ended_by_itself_is_called_by_its_verdict() {
    let mut app = both();
    progress(&mut app, "R5CT60PRACT", 100, 412);
    progress(&mut app, "1B9X", 7, 9);
    tell(
        &mut app,
        "R5CT60PRACT",
        Message::Ended(Box::new(outcome(false))),
    );
    let mut early = outcome(false);
    early.finished = false;
    tell(&mut app, "1B9X", Message::Ended(Box::new(early)));
    let dock = drawn(&app, 80, 24);
    assert!(dock.contains("rescued, NOT SAFE"), "{dock}");
    assert!(dock.contains("ended early: 688 saved"), "{dock}");
    assert!(!dock.contains("stopped"), "{dock}");
}

#[test]
fn a_phone_without_its_cable_keeps_its_name() {
    let mut app = both();
    progress(&mut app, "R5CT60PRACT", 100, 412);
    progress(&mut app, "1B9X", 7, 9);
    tell(&mut app, "1B9X", Message::Progress(Progress::Lost));
    let mut found = two_phones(false);
    found.devices.remove(1);
    app.on_message(Message::Found(found));
    app.tick(std::time::Duration::from_secs(3));
    snapshot("dock_unplugged", &app);
    let dock = drawn(&app, 80, 24);
    assert!(
        dock.contains("Google Pixel 6") && dock.contains("PAUSED: plug it in"),
        "{dock}"
    );
    // It is there again, and is not read yet.
    app.on_message(Message::Found(two_phones(false)));
    let dock = drawn(&app, 80, 24);
    assert!(
        dock.contains("reconnecting …") && !dock.contains("PAUSED"),
        "{dock}"
    );
    tell(&mut app, "1B9X", Message::Progress(Progress::Back));
    app.tick(std::time::Duration::from_secs(4));
    assert!(!drawn(&app, 80, 24).contains("reconnecting"));
}

#[test]
fn a_rescue_that_was_continued_is_named_once_on_leaving() {
    let mut app = app();
    let phone = || Found {
        devices: vec![two_phones(false).devices.swap_remove(0)],
        notes: Vec::new(),
    };
    app.on_message(Message::Found(phone()));
    press(&mut app, "\r");
    let folder = outcome(true).folder;
    app.on_message(Message::Progress(Progress::Folder(folder.clone().into())));
    let mut empty = outcome(false);
    (empty.finished, empty.shows_nothing) = (false, true);
    app.on_message(Message::Ended(Box::new(empty)));
    app.update(Intent::Verdict);
    app.update(Intent::ConfirmEmpty);
    app.on_message(Message::Progress(Progress::Folder(folder.into())));
    app.on_message(Message::Ended(Box::new(outcome(true))));
    let left = app.left();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].finished);
}
