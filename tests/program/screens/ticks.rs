//! The screen with what a reset destroys: its lines are ticked, and skipped with a reason.

use lifeboat::model::LineState;
use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::Intent;
use lifeboat::vault::ticks::Tick;

use super::{drawn, outcome, press, reading, snapshot};

fn at_ticks() -> App {
    let mut app = reading();
    app.on_message(Message::Ended(Box::new(outcome(true))));
    app.update(Intent::Next);
    press(&mut app, "t");
    assert_eq!(app.screen, Screen::Ticks);
    app
}

fn tick(app: &mut App, keys: &str) -> (String, Tick) {
    match press(app, keys).pop().flatten() {
        Some(Task::Tick { line, tick, .. }) => (line, tick),
        other => panic!("{other:?}"),
    }
}

#[test]
fn lines_are_ticked_and_skipped_with_a_reason() {
    let mut app = at_ticks();
    snapshot("ticks", &app);
    assert_eq!(tick(&mut app, " "), ("password".into(), Tick::Done));
    // Another tick waits until this one is on the disk.
    assert_eq!(press(&mut app, " ").pop(), Some(None));
    let mut done = outcome(true);
    let mut lines = done.before_reset.clone();
    lines[0].state = LineState::Done {
        by: String::new(),
        at: "2026-11-22T10:00:00.000Z".into(),
    };
    done.set_before_reset(lines.clone());
    app.on_message(Message::Ticked(Box::new(Ok(done.clone()))));
    assert!(drawn(&app, 80, 24).contains("Not ready to reset: one line is open."));

    app.update(Intent::Down);
    assert_eq!(tick(&mut app, " "), ("whatsapp".into(), Tick::Reopen));
    app.on_message(Message::Ticked(Box::new(Err("the disk is full.".into()))));
    assert!(drawn(&app, 80, 24).contains("Not noted: the disk is full."));

    app.update(Intent::Down);
    press(&mut app, "\r");
    snapshot("ticks_details", &app);
    press(&mut app, "\rsowner has a copz\u{8}y?");
    snapshot("ticks_reason", &app);
    let skipped = tick(&mut app, "\r");
    assert_eq!(
        skipped,
        ("only-here".into(), Tick::Skip("owner has a copy?".into()))
    );

    for line in &mut lines {
        line.state = LineState::Done {
            by: "Kim".into(),
            at: "2026-11-22T10:00:00.000Z".into(),
        };
    }
    done.set_before_reset(lines);
    app.on_message(Message::Ticked(Box::new(Ok(done))));
    assert!(drawn(&app, 80, 24).contains("Ready to reset: "));
    press(&mut app, "\u{1b}");
    assert_eq!(app.screen, Screen::Verdict);
    snapshot("verdict_ready", &app);
}

#[test]
fn an_empty_reason_skips_nothing() {
    let mut app = at_ticks();
    assert_eq!(press(&mut app, "s \r").pop(), Some(None));
    assert!(!app.is_typing());
    press(&mut app, "sx\u{1b}");
    assert!(!app.is_typing());
    assert_eq!(app.screen, Screen::Ticks);
}

#[test]
fn a_rescue_is_opened_again() {
    let mut app = super::app();
    app.open_again(outcome(true));
    assert_eq!(app.screen, Screen::Verdict);
    let shown = drawn(&app, 80, 40);
    assert!(
        shown.contains("c copy") && shown.contains("l look") && shown.contains("t tick"),
        "{shown}"
    );
    let look = press(&mut app, "l");
    assert!(matches!(look[..], [Some(Task::Look(_))]), "{look:?}");
    press(&mut app, "\u{1b}");
    assert_eq!(app.screen, Screen::Verdict);
    press(&mut app, "\r");
    assert_eq!(app.screen, Screen::Dock);
}

/// Nothing that is not finished can be ticked.
#[test]
fn an_unfinished_rescue_has_no_ticks() {
    let mut app = reading();
    let mut ended = outcome(false);
    ended.finished = false;
    app.on_message(Message::Ended(Box::new(ended)));
    app.update(Intent::Next);
    press(&mut app, "t");
    assert_eq!(app.screen, Screen::Verdict);
}
