//! A rescue that another program runs: its Rescue screen, live; and what is asked about a phone that is being read.

use lifeboat::rescue::{Report, RescueList, Running};

use super::*;

const FOLDER: &str = "/home/alex/Rescues/2026-11-22 Samsung SM-A536B (PRACT)";

/// What another program tells about its rescue.
fn running(is_alone: bool, reports: &[Progress]) -> Running {
    let reports = (1..).zip(reports).map(|(number, progress)| Report {
        number,
        at: Duration::from_secs(number),
        progress: progress.clone(),
    });
    Running {
        folder: PathBuf::from(FOLDER),
        process: 4_217,
        make: "samsung".into(),
        model: "SM-A536B".into(),
        serial: "R5CT60PRACT".into(),
        is_alone,
        reports: reports.collect(),
        ..Running::default()
    }
}

fn list(running: &[Running]) -> Message {
    Message::RescueList(RescueList {
        running: running.to_vec(),
        ..RescueList::default()
    })
}

fn safe(what: Collection, things: u64) -> Progress {
    Progress::Safe {
        what,
        rows: things,
        of: None,
        things,
    }
}

fn holds(what: Collection, says: u64) -> Progress {
    let holding = Holding {
        handset_says: Some(says),
        ..Holding::default()
    };
    Progress::Surveyed(what, holding)
}

fn reports() -> Vec<Progress> {
    vec![
        Progress::Folder(PathBuf::from(FOLDER)),
        Progress::Health(Health {
            battery_percent: Some(83),
            charger: Charger::Charging,
            ..Health::default()
        }),
        holds(Collection::Contacts, 400),
        safe(Collection::Contacts, 400),
        Progress::Read(Collection::Contacts),
        Progress::Looking(Collection::Calendar),
        holds(Collection::Calendar, 284),
        safe(Collection::Calendar, 120),
    ]
}

#[test]
fn the_rescue_of_a_closed_window_is_shown_live() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    let mut told = reports();
    assert_eq!(app.on_message(list(&[running(true, &told)])), None);
    assert_eq!(app.screen, Screen::Rescue);
    let screen = drawn(&app, 80, 24);
    for text in [
        "battery 83 %, charging",
        "400 of 400",
        "saved after 5 s",
        "120 of 284",
        "520 items",
        "x stop that rescue",
        "q quit",
    ] {
        assert!(screen.contains(text), "{text}: {screen}");
    }
    assert!(!screen.contains("l look"), "{screen}");
    snapshot("rescue_elsewhere", &app);

    app.tick(Duration::from_secs(2));
    told.push(safe(Collection::Calendar, 200));
    app.on_message(list(&[running(true, &told)]));
    let screen = drawn(&app, 80, 24);
    assert!(
        screen.contains("200 of 284") && screen.contains("40 a second"),
        "{screen}"
    );
    told.push(Progress::Lost);
    app.on_message(list(&[running(true, &told)]));
    let screen = drawn(&app, 80, 24);
    assert!(
        screen.contains("Paused: the connection was lost."),
        "{screen}"
    );

    // Leaving stops nothing.
    assert_eq!(press(&mut app, "x"), [None]);
    assert!(drawn(&app, 80, 24).contains("Stop the rescue"));
    assert_eq!(press(&mut app, "n"), [None]);
    press(&mut app, "q");
    assert!(app.quit);
}

#[test]
fn a_watched_rescue_ends_in_its_verdict() {
    let mut app = app();
    app.on_message(list(&[running(true, &reports())]));
    assert_eq!(app.screen, Screen::Rescue);
    let task = app.on_message(list(&[]));
    assert_eq!(task, Some(Task::Reopen(PathBuf::from(FOLDER))));
    app.on_message(Message::Reopened(Ok(Box::new(outcome(true)))));
    assert_eq!(app.screen, Screen::Verdict);
    assert!(drawn(&app, 80, 24).contains("is safe"));
}

#[test]
fn a_watched_rescue_whose_folder_is_gone_leads_back_to_the_phones() {
    let mut app = app();
    app.on_message(list(&[running(true, &reports())]));
    app.on_message(list(&[]));
    app.on_message(Message::Reopened(Err("The folder is sealed.".into())));
    assert_eq!(app.screen, Screen::Dock);
    assert!(drawn(&app, 80, 24).contains("The folder is sealed."));
}

#[test]
fn a_rescue_that_somebody_watches_is_shown_on_demand() {
    for found in [Found::default(), one_phone()] {
        let mut app = app();
        app.on_message(Message::Found(found));
        app.on_message(list(&[running(false, &reports())]));
        assert_eq!(app.screen, Screen::Dock);
        let screen = drawn(&app, 80, 24);
        // Once: in the row of its phone, if that is seen.
        assert_eq!(screen.matches("Samsung SM-A536B  ").count(), 1, "{screen}");
        if app.dock.chosen().is_none() {
            press(&mut app, "j");
            app.update(Intent::Down);
        }
        assert!(drawn(&app, 80, 24).contains("Enter watch"));
        app.update(Intent::Next);
        assert_eq!(app.screen, Screen::Rescue);
        app.update(Intent::Back);
        assert_eq!(app.screen, Screen::Dock);
        assert!(flat(&drawn(&app, 80, 24)).contains("Press Enter to watch the rescue."));
    }
    // A key was pressed before: no screen appears by itself.
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    press(&mut app, "?");
    press(&mut app, "x");
    app.on_message(list(&[running(true, &reports())]));
    assert_eq!(app.screen, Screen::Dock);
}

#[test]
fn what_is_wrong_can_be_asked_while_a_phone_is_read() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    app.update(Intent::Next);
    app.on_message(Message::Waiting(Waiting::ForPermissionInVain(ALLOW)));
    let screen = drawn(&app, 80, 24);
    assert!(
        screen.contains("→ steps") && screen.contains("w what is wrong?"),
        "{screen}"
    );
    app.update(Intent::Steps);
    assert_eq!(app.screen, Screen::Coach);
    let steps = flat(&drawn(&app, 80, 24));
    assert!(
        steps.contains("Revoke USB debugging") && !steps.contains("Enter rescue"),
        "{steps}"
    );
    // The list of phones goes on being renewed, and the steps stay.
    app.on_message(Message::Found(one_phone()));
    assert!(flat(&drawn(&app, 80, 24)).contains("Revoke USB debugging"));
    app.update(Intent::Back);
    assert_eq!(app.screen, Screen::Rescue);
    press(&mut app, "w");
    let asked = drawn(&app, 80, 24);
    assert!(asked.contains("What do you see?"), "{asked}");
    app.update(Intent::Back);
    assert_eq!(app.screen, Screen::Rescue);
    app.on_message(Message::Opened(Identity::default()));
    assert!(!drawn(&app, 80, 24).contains("→ steps"));
    assert!(drawn(&app, 80, 24).contains("w what is wrong?"));
}
