//! The Verdict screen: how a rescue ended, and its second copy.

use std::path::PathBuf;

use lifeboat::rescue::Progress;
use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::Intent;
use lifeboat::tui::screen::verdict::CopyKind;
use lifeboat::vault::copies::{Copies, Disks, OtherCopy};
use lifeboat::vault::copy::{CopyProgress, Step};
use lifeboat::vault::disk::DiskRelation;
use lifeboat::vault::drives::Drive;

use super::{drawn, outcome, press, reading, snapshot};

fn at_verdict(safe: bool) -> App {
    let mut app = reading();
    app.on_message(Message::Ended(Box::new(outcome(safe))));
    app.update(Intent::Next);
    app
}

fn drive(place: &str, free: u64, apart: DiskRelation) -> Drive {
    Drive {
        place: place.into(),
        free: Some(free),
        apart,
    }
}

fn drives() -> Vec<Drive> {
    vec![
        drive("/media/alex/STICK", 58_000_000_000, DiskRelation::TwoDisks),
        drive("/mnt/share", 2_000_000_000_000, DiskRelation::Unknown),
        drive("/data", 90_000_000_000, DiskRelation::OneDisk),
    ]
}

/// Types a folder that is on another disk.
fn typed(app: &mut App, place: &str) -> Option<Task> {
    press(app, &format!("{place}\r"));
    app.on_message(Message::Weighed {
        typed: place.into(),
        drive: Some(drive(place, 1_000_000, DiskRelation::TwoDisks)),
    })
}

/// Goes to the field for a folder.
fn ask(app: &mut App, kind: &str) {
    press(app, &format!("c{kind}"));
    app.on_message(Message::Drives(Vec::new()));
    press(app, "\r");
}

#[test]
fn a_drive_is_chosen_and_the_same_disk_is_told_before_the_copy() {
    let mut app = at_verdict(true);
    let folder = PathBuf::from(outcome(true).folder);
    assert_eq!(
        press(&mut app, "ce"),
        [None, Some(Task::Drives(folder.clone()))]
    );
    app.on_message(Message::Drives(drives()));
    snapshot("verdict_drives", &app);
    // A disk that is chosen stays chosen when another one is plugged in.
    app.update(Intent::Down);
    app.update(Intent::Down);
    let mut more = drives();
    more.insert(0, drive("/media/alex/NEW", 1, DiskRelation::TwoDisks));
    app.on_message(Message::Drives(more));
    assert_eq!(press(&mut app, "\r"), [None]);
    snapshot("verdict_same_disk", &app);
    assert!(drawn(&app, 80, 24).contains("/data is on the SAME DISK"));
    assert_eq!(
        press(&mut app, "\r"),
        [Some(Task::Copy {
            rescue: folder,
            to: "/data".into(),
            kind: CopyKind::Exact
        })]
    );
}

#[test]
fn a_second_copy_is_asked_for_made_and_counted() {
    let mut app = at_verdict(true);
    ask(&mut app, "e");
    press(&mut app, "/media/sticc\u{8}k ä?q");
    snapshot("verdict_copy_asked", &app);
    let place = "/media/stick ä?q";
    let folder = PathBuf::from(outcome(true).folder);
    let weigh = press(&mut app, "\r").pop().flatten();
    assert_eq!(
        weigh,
        Some(Task::Weigh {
            rescue: folder.clone(),
            place: place.into()
        })
    );
    let task = app.on_message(Message::Weighed {
        typed: place.into(),
        drive: Some(drive(place, 1_000_000, DiskRelation::TwoDisks)),
    });
    let Some(Task::Copy { rescue, to, kind }) = task else {
        panic!("{task:?}");
    };
    assert_eq!(
        (to.as_str(), kind, rescue),
        (place, CopyKind::Exact, folder)
    );
    app.on_message(Message::Copying(CopyProgress {
        step: Step::Checking,
        bytes_done: 30,
        bytes: 100,
    }));
    snapshot("verdict_copy_running", &app);
    // Enter and l do nothing during the copy, because they would leave its screen.
    press(&mut app, "\rlc");
    assert!(app.screen == Screen::Verdict && app.verdict.is_working());
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
    assert!(drawn(&app, 80, 24).contains("pull it out"));
}

#[test]
fn the_owner_s_plain_copy_is_one_key_away_and_not_counted() {
    let mut app = at_verdict(true);
    press(&mut app, "c");
    let asked = drawn(&app, 80, 24);
    assert!(
        asked.contains("Which copy?") && asked.contains("p: plain copy"),
        "{asked}"
    );
    press(&mut app, "\u{1b}");
    ask(&mut app, "p");
    let task = typed(&mut app, "/media/stick");
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
    // Esc goes back a step at a time.
    ask(&mut app, "e");
    press(&mut app, "ab\u{1b}");
    assert!(!drawn(&app, 80, 24).contains("Copy to which folder"));
    press(&mut app, "\u{1b}");
    assert!(!app.verdict.is_busy() && app.screen == Screen::Verdict);
    // An empty input starts nothing.
    ask(&mut app, "e");
    assert_eq!(press(&mut app, " \r").pop(), Some(None));
    press(&mut app, "\u{1b}\u{1b}");
    assert!(!app.verdict.is_busy());
    ask(&mut app, "e");
    assert!(typed(&mut app, "/media/x").is_some());
    assert_eq!(press(&mut app, "\u{1b}"), [Some(Task::StopCopy)]);
    let why = "the copy was stopped before it was complete. Copy again to continue where the copy stopped.";
    app.on_message(Message::Copied(Err(why.into())));
    let screen = drawn(&app, 80, 24);
    assert!(
        screen.contains("No copy was made: the copy was"),
        "{screen}"
    );
    // The path is still there.
    press(&mut app, "c");
    assert!(drawn(&app, 80, 24).contains("/media/x_"));
    // Quitting during a copy takes effect once the copy has stopped.
    assert!(
        typed(&mut app, "y").is_none(),
        "the whole path is looked at"
    );
    let place = "/media/xy".to_owned();
    let gone = Message::Weighed {
        typed: place,
        drive: None,
    };
    assert!(matches!(app.on_message(gone), Some(Task::Copy { .. })));
    assert_eq!(press(&mut app, "q"), [Some(Task::StopCopy)]);
    assert!(!app.quit);
    app.on_message(Message::Copied(Err(why.into())));
    assert!(app.quit);
    // An unfinished rescue can't be copied.
    let mut app = reading();
    let mut unfinished = outcome(false);
    unfinished.finished = false;
    app.on_message(Message::Ended(Box::new(unfinished)));
    app.update(Intent::Next);
    assert!(press(&mut app, "c").is_empty());
}

/// The rescue of a phone that has died is finished from the screen: asked first, told as progress, then a verdict that
/// can be copied.
#[test]
fn an_unfinished_rescue_is_finished_without_its_phone() {
    let mut app = reading();
    let mut unfinished = outcome(false);
    unfinished.finished = false;
    let folder = PathBuf::from(&unfinished.folder);
    app.on_message(Message::Ended(Box::new(unfinished)));
    app.update(Intent::Next);
    assert_eq!(press(&mut app, "f"), [None]);
    snapshot("verdict_finish_asked", &app);
    // Esc keeps the rescue as it is.
    press(&mut app, "\u{1b}");
    assert!(!app.verdict.is_busy() && app.screen == Screen::Verdict);
    assert_eq!(press(&mut app, "f\r"), [None, Some(Task::Finish(folder))]);
    let far = Progress::Checked {
        bytes: 30,
        of_bytes: 100,
    };
    app.on_message(Message::Finishing(far));
    assert!(drawn(&app, 80, 24).contains("Checking the files: 30 %"));
    assert_eq!(press(&mut app, "\u{1b}"), [Some(Task::StopCopy)]);
    app.on_message(Message::FinishedAsItIs(Err(None)));
    assert!(app.verdict.can_finish());
    press(&mut app, "f\r");
    let why = "the disk is full. Make room.".to_owned();
    app.on_message(Message::FinishedAsItIs(Err(Some(why))));
    assert!(drawn(&app, 80, 24).contains("Not finished: the disk is full."));
    press(&mut app, "f\r");
    app.on_message(Message::FinishedAsItIs(Ok(Box::new(outcome(false)))));
    assert!(app.verdict.can_copy() && !app.verdict.can_finish());
}

#[test]
fn a_verdict_is_scrolled_to_its_end_and_no_further() {
    let mut app = reading();
    app.on_message(Message::Ended(Box::new(outcome(false))));
    app.update(Intent::Next);
    let top = drawn(&app, 80, 24);
    assert!(top.contains("more lines"));
    app.update(Intent::Last);
    let end = drawn(&app, 80, 24);
    assert!(
        end.contains("and hand it over") && !end.contains("more lines"),
        "{end}"
    );
    app.update(Intent::Down);
    assert_eq!(drawn(&app, 80, 24), end);
    app.update(Intent::Up);
    assert_ne!(drawn(&app, 80, 24), end);
    app.update(Intent::First);
    assert_eq!(drawn(&app, 80, 24), top);
}
