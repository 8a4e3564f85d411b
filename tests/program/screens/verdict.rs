//! The Verdict screen: how a rescue ended, and its second copy.

use std::path::PathBuf;

use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::Intent;
use lifeboat::tui::screen::verdict::CopyKind;
use lifeboat::vault::copies::{Copies, Disks, OtherCopy};
use lifeboat::vault::copy::{CopyProgress, Step};

use super::{drawn, outcome, press, reading, snapshot};

fn at_verdict(safe: bool) -> App {
    let mut app = reading();
    app.on_message(Message::Ended(Box::new(outcome(safe))));
    app.update(Intent::Verdict);
    app
}

#[test]
fn a_second_copy_is_asked_for_made_and_counted() {
    let mut app = at_verdict(true);
    press(&mut app, "ce/media/sticc\u{8}k ä?q");
    snapshot("verdict_copy_asked", &app);
    let task = press(&mut app, "\r").pop().flatten();
    let Some(Task::Copy { rescue, to, kind }) = task else {
        panic!("{task:?}");
    };
    assert_eq!(to, "/media/stick ä?q");
    assert_eq!(kind, CopyKind::Exact);
    assert_eq!(rescue, PathBuf::from(outcome(true).folder));
    app.on_message(Message::Copying(CopyProgress {
        step: Step::Checking,
        bytes_done: 30,
        bytes: 100,
    }));
    snapshot("verdict_copy_running", &app);
    // Enter and l do nothing during the copy, because they would leave its screen.
    assert_eq!(press(&mut app, "\rlc"), [None, None, None][..0]);
    let mut copies = Copies::one();
    copies.count = 2;
    copies.disks = Disks::Several;
    copies.others.push(OtherCopy {
        place: "/media/stick/2026-11-22 samsung SM-A536B (PRACT)".into(),
        checked: "2026-11-22T10:00:00.000Z".into(),
        on_another_disk: Some(true),
    });
    let place = PathBuf::from(&copies.others[0].place);
    app.on_message(Message::Copied(Ok((place, Some(copies)))));
    app.update(Intent::Last);
    snapshot("verdict_copied", &app);
}

#[test]
fn the_owner_s_plain_copy_is_one_key_away_and_not_counted() {
    let mut app = at_verdict(true);
    press(&mut app, "c");
    let asked = drawn(&app, 80, 24);
    assert!(
        asked.contains("Which copy?") && asked.contains("p  Plain copy"),
        "{asked}"
    );
    let task = press(&mut app, "p/media/stick\r").pop().flatten();
    assert!(
        matches!(
            task,
            Some(Task::Copy {
                kind: CopyKind::Plain,
                ..
            })
        ),
        "{task:?}"
    );
    let place = PathBuf::from("/media/stick/2026-11-22 phone to take home");
    app.on_message(Message::Copied(Ok((place, None))));
    let done = drawn(&app, 80, 24);
    assert!(
        done.contains("to take home") && done.contains("One copy, on one disk."),
        "{done}"
    );
}

#[test]
fn a_copy_is_left_stopped_or_fails() {
    let mut app = at_verdict(true);
    press(&mut app, "cl\r\u{1b}");
    assert!(!app.verdict.is_busy() && app.screen == Screen::Verdict && !app.quit);
    press(&mut app, "ceab\u{1b}");
    assert!(!drawn(&app, 80, 24).contains("Copy to which folder"));
    assert_eq!(app.screen, Screen::Verdict);
    // An empty input starts nothing.
    assert_eq!(press(&mut app, "ce \r").pop(), Some(None));
    assert!(!app.verdict.is_busy());
    press(&mut app, "cex\r");
    assert_eq!(press(&mut app, "\u{1b}"), [Some(Task::StopCopy)]);
    let why = "the copy was stopped before it was complete. Copy again to continue where the copy stopped.";
    app.on_message(Message::Copied(Err(why.into())));
    assert!(drawn(&app, 80, 24).contains("No copy was made: the copy was stopped"));
    // Quitting during a copy takes effect once the copy has stopped.
    press(&mut app, "cpx\r");
    assert_eq!(press(&mut app, "q"), [Some(Task::StopCopy)]);
    assert!(!app.quit);
    app.on_message(Message::Copied(Err(why.into())));
    assert!(app.quit);
    // An unfinished rescue can't be copied.
    let mut app = reading();
    let mut unfinished = outcome(false);
    unfinished.finished = false;
    app.on_message(Message::Ended(Box::new(unfinished)));
    app.update(Intent::Verdict);
    assert!(press(&mut app, "c").is_empty());
}

#[test]
fn a_verdict_is_scrolled_to_its_end_and_no_further() {
    let mut app = reading();
    app.on_message(Message::Ended(Box::new(outcome(false))));
    app.update(Intent::Verdict);
    let top = drawn(&app, 80, 24);
    assert!(top.contains("more lines"));
    app.update(Intent::Last);
    let end = drawn(&app, 80, 24);
    assert!(
        end.contains("print data/report.html and hand it over") && !end.contains("more lines"),
        "{end}"
    );
    app.update(Intent::Down);
    assert_eq!(drawn(&app, 80, 24), end);
    app.update(Intent::Up);
    assert_ne!(drawn(&app, 80, 24), end);
    app.update(Intent::First);
    assert_eq!(drawn(&app, 80, 24), top);
}
