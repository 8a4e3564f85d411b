//! The screens at two sizes, drawn from states that the workers' own messages produce.

mod coach;
mod desks;
mod dock;
mod elsewhere;
mod several;
mod ticks;
mod verdict;

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use lifeboat::handset::find::{Device, Found, OpenError, State, Waiting};
use lifeboat::model::{
    Charger, Collection, Health, Holding, Identity, LineState, ResetLine, Ticked, Verdict,
};
use lifeboat::protocol::adb::ALLOW;
use lifeboat::rescue::{CollectionOutcome, HandsetOutcome, Outcome, Progress, TimeToSafety};
use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::{self, Intent};
use lifeboat::tui::screen;
use lifeboat::tui::screen::verdict::CopyKind;
use lifeboat::tui::theme::Theme;
use lifeboat::vault::copies::Copies;
use lifeboat::vault::copy::{CopyProgress, Step};

fn app() -> App {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).unwrap();
    App::new(PathBuf::from("/home/alex/Rescues"), today, false)
}

fn device(id: &str, make: &str, model: &str, state: State, advice: &str) -> Device {
    Device {
        id: id.into(),
        make: make.into(),
        model: model.into(),
        serial: id.into(),
        approaches: vec!["adb over USB".into()],
        state,
        advice: advice.into(),
        ..Device::default()
    }
}

fn one_phone() -> Found {
    Found {
        devices: vec![device(
            "R5CT60PRACT",
            "samsung",
            "SM-A536B",
            State::Ready,
            "",
        )],
        notes: Vec::new(),
    }
}

/// The screen as text.
fn drawn(app: &App, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| screen::draw(app, frame, Theme::plain()))
        .unwrap();
    terminal.backend().to_string()
}

/// The words of a screen, without its line breaks.
fn flat(drawn: &str) -> String {
    let lines = drawn.lines().map(|line| line.trim_matches('"'));
    let words = lines.flat_map(str::split_whitespace);
    words.collect::<Vec<_>>().join(" ")
}

/// Takes snapshots at the sizes at which the screens must be readable.
fn snapshot(name: &str, app: &App) {
    for (width, height) in [(80, 24), (120, 40), (200, 60)] {
        snapshot_at(name, app, width, height);
    }
}

fn snapshot_at(name: &str, app: &App, width: u16, height: u16) {
    insta::assert_snapshot!(
        format!("{name}_{width}x{height}"),
        drawn(app, width, height)
    );
}

fn tell(app: &mut App, at: u64, progress: Progress) {
    app.tick(Duration::from_millis(at));
    app.on_message(Message::Progress(progress));
}

/// A rescue in the middle of the calendar.
fn reading() -> App {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    app.update(Intent::Next);
    app.on_message(Message::Opened(Identity {
        make: "samsung".into(),
        model: "SM-A536B".into(),
        serial: "R5CT60PRACT".into(),
        system: "Android 13".into(),
        approach: "ADB over USB".into(),
        is_backup: false,
    }));
    let health = Health {
        battery_percent: Some(43),
        charger: Charger::Charging,
        ..Health::default()
    };
    tell(&mut app, 500, Progress::Health(health));
    for (what, says, rows, at) in [
        (Collection::Contacts, 412, 2_900, 1_000),
        (Collection::Sim, 12, 12, 4_000),
        (Collection::Calendar, 318, 330, 5_000),
    ] {
        tell(&mut app, at, Progress::Looking(what));
        let holding = Holding {
            handset_says: Some(says),
            rows: Some(rows),
            ..Holding::default()
        };
        tell(&mut app, at + 100, Progress::Surveyed(what, holding));
        let done = what != Collection::Calendar;
        for part in 1..=if done { 10 } else { 6 } {
            let safe = Progress::Safe {
                what,
                rows: rows * part / 10,
                of: Some(rows),
                things: says * part / 10,
            };
            tell(&mut app, at + 100 + part * 200, safe);
        }
        let name = "Dentist with Ärzte-Zentrum 日本".into();
        tell(&mut app, at + 1_300, Progress::Current { what, name });
        if done {
            tell(&mut app, at + 2_200, Progress::Read(what));
        }
    }
    app
}

fn outcome(safe: bool) -> Outcome {
    let collection =
        |name, verdict, says: u64, rescued: u64, only_here, deleted| CollectionOutcome {
            name,
            verdict,
            handset_says: Some(says),
            rescued,
            read_back: Some(rescued),
            only_here: Some(only_here),
            deleted_kept: deleted,
            found: 0,
            raw_only: 0,
            others: 0,
            notes: Vec::new(),
        };
    let calendar = if safe {
        collection(Collection::Calendar, Verdict::Complete, 318, 318, 72, 4)
    } else {
        collection(Collection::Calendar, Verdict::Partial, 318, 204, 72, 4)
    };
    let why_not =
        "Calendar: The phone ended its reply early: the provider died. Continue the rescue.";
    Outcome {
        folder: "/home/alex/Rescues/2026-11-22 samsung SM-A536B (PRACT)".into(),
        finished: true,
        handset: HandsetOutcome::default(),
        from_files: Vec::new(),
        lists_not_read: Vec::new(),
        collections: vec![
            collection(Collection::Contacts, Verdict::Complete, 412, 412, 195, 5),
            collection(Collection::Sim, Verdict::Complete, 12, 12, 12, 0),
            calendar,
            collection(Collection::Todos, Verdict::Complete, 60, 60, 42, 1),
            collection(Collection::Files, Verdict::Empty, 0, 0, 0, 0),
        ],
        headline: match safe {
            true => "Everything Lifeboat can read on this phone is safe.".into(),
            false => "Only PARTLY read: calendar. Do not reset the phone.".into(),
        },
        shows_nothing: false,
        is_somebody_left: false,
        safe,
        why_not: if safe { Vec::new() } else { vec![why_not.into()] },
        not_covered: [
            "Text messages (SMS, MMS) and the call list.",
            "Data inside apps: chats, game scores, settings, downloads.",
            "After a reset the phone asks for the password of alex.winter@gmail.example (com.google): sign in on \
             another device first.",
            "145 contacts have a picture. Android doesn't share these over USB. In the Contacts app, choose Export to \
             file. Then start a new rescue. Lifeboat then copies the pictures from that file.",
        ]
        .map(str::to_owned)
        .to_vec(),
        before_reset: before_reset(),
        ready_to_reset: false,
        warnings: Vec::new(),
        time_to_safety: TimeToSafety::default(),
        copies: Copies::one(),
        lost: false,
    }
}

/// What a reset destroys, with a line in each state.
fn before_reset() -> Vec<Ticked> {
    let line = |id: &str, lost: &str, first: &str, names: &[&str]| ResetLine {
        id: id.into(),
        lost: lost.into(),
        first: first.into(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        ..ResetLine::default()
    };
    let at = "2026-11-22T10:00:00.000Z".to_owned();
    let mut lines = [
        line(
            "password",
            "A reset asks for the password of alex.winter@gmail.example. Without it, the phone stays locked.",
            "Try the password on another device.",
            &[],
        ),
        line(
            "whatsapp",
            "WhatsApp: Chats that are not in a backup in a Google account are lost.",
            "Open Settings, Chats, Chat backup, and tap Back up.",
            &[],
        ),
        line(
            "only-here",
            "195 contacts, 72 events and 42 to-dos are only on this phone. Lifeboat has saved them.",
            "Make a copy of this rescue on another disk.",
            &["Contacts: Kim Lee", "Calendar: Dentist", "To-dos: Milk"],
        ),
        line(
            "other-apps",
            "Data inside other apps was not saved: games, settings, downloads.",
            "Open each app that matters, and check that it has an account or a backup of its own.",
            &[],
        ),
    ]
    .map(ResetLine::open);
    lines[1].state = LineState::Done {
        by: "Kim".into(),
        at: at.clone(),
    };
    lines[3].state = LineState::Skipped {
        reason: "only games".into(),
        by: String::new(),
        at,
    };
    lines.to_vec()
}

#[test]
fn rescue_while_it_runs() {
    let mut app = reading();
    snapshot("rescue_reading", &app);
    app.on_message(Message::Progress(Progress::Folder(
        "/home/alex/Rescues/2026-11-22 samsung SM-A536B (PRACT)".into(),
    )));
    let advice = "120 contacts are marked as deleted on the phone. An emptied account may be syncing. Lifeboat saves \
                  deleted items too. If you can use the touchscreen, turn on airplane mode before you continue.";
    tell(&mut app, 7_000, Progress::Advice(advice.into()));
    snapshot("rescue_advice", &app);
    tell(&mut app, 7_100, Progress::Lost);
    tell(&mut app, 7_200, Progress::Writing);
    snapshot("rescue_lost", &app);
    tell(&mut app, 9_000, Progress::Back);
    assert!(drawn(&app, 80, 24).contains("Reading. Contacts come first."));
    app.update(Intent::Help);
    snapshot("rescue_help", &app);
}

#[test]
fn rescue_waits_for_a_phone_that_is_gone_or_locked() {
    let mut app = reading();
    assert!(drawn(&app, 80, 24).contains("saved after 3 s"));
    tell(&mut app, 7_000, Progress::Lost);
    tell(&mut app, 7_100, Progress::Writing);
    let needs = "Choose Start on the phone: it is in its bootloader.";
    tell(&mut app, 9_000, Progress::Needs(needs.into()));
    let gone = drawn(&app, 80, 24);
    assert!(
        gone.contains(needs) && gone.contains("not connected"),
        "{gone}"
    );
    // Values that were measured before the phone was disconnected.
    for stale in ["charging", "a second", " left"] {
        assert!(!gone.contains(stale), "{stale}: {gone}");
    }
    app.on_message(Message::Waiting(Waiting::ForPermission(ALLOW)));
    assert!(drawn(&app, 80, 24).contains("tap “Allow”"));
    tell(&mut app, 12_000, Progress::Back);
    let unlock_it = "Unlock the phone. So far, 412 contacts and 190 of 318 events are saved.";
    tell(&mut app, 12_100, Progress::Locked(unlock_it.into()));
    tell(&mut app, 12_200, Progress::Sealing);
    snapshot("rescue_locked", &app);
    tell(&mut app, 50_000, Progress::Back);
    // The progress of an earlier part is reported again. The phone now lists less than that.
    let holding = Holding {
        handset_says: Some(410),
        ..Holding::default()
    };
    let what = Collection::Contacts;
    tell(&mut app, 50_100, Progress::Surveyed(what, holding));
    let safe = Progress::Safe {
        what,
        rows: 2_900,
        of: Some(2_900),
        things: 412,
    };
    tell(&mut app, 50_100, safe);
    tell(&mut app, 50_100, Progress::Read(what));
    let back = drawn(&app, 80, 24);
    assert!(back.contains("saved after 3 s"), "{back}");
    assert!(back.contains(" 412 ") && !back.contains("of 410"), "{back}");
}

#[test]
fn an_unknown_count_is_not_shown_as_zero() {
    let mut app = reading();
    let mut outcome = outcome(false);
    outcome.collections[0].handset_says = Some(397);
    outcome.collections[1].handset_says = None;
    outcome.collections[2].verdict = Verdict::Unreadable;
    (
        outcome.collections[2].handset_says,
        outcome.collections[2].rescued,
    ) = (None, 0);
    let told: Vec<_> = outcome
        .collections
        .iter()
        .map(|c| c.counted(|n| n.to_string()))
        .collect();
    let told: Vec<_> = told.iter().map(Option::as_deref).collect();
    let expected = [
        Some("412 (the phone lists 397)"),
        Some("12"),
        None,
        Some("60 of 60"),
        Some("0 of 0"),
    ];
    assert_eq!(told, expected);
    app.on_message(Message::Ended(Box::new(outcome)));
    let screen = drawn(&app, 80, 24);
    assert!(
        !screen.contains("of ?") && !screen.contains("of 397"),
        "{screen}"
    );
}

#[test]
fn photos_are_told_by_files_and_bytes() {
    let mut app = reading();
    tell(&mut app, 7_000, Progress::Read(Collection::Calendar));
    let holding = Holding {
        handset_says: Some(2_345),
        rows: Some(2_345),
        ..Holding::default()
    };
    tell(
        &mut app,
        8_000,
        Progress::Surveyed(Collection::Files, holding),
    );
    for second in 0..3 {
        let safe = Progress::Safe {
            what: Collection::Files,
            rows: 100 * second,
            of: Some(2_345),
            things: 100 * second,
        };
        tell(&mut app, 9_000 + 1_000 * second, safe);
        let copied = Progress::Copied {
            what: Collection::Files,
            bytes: 350_000_000 * second,
            safe: 350_000_000 * second,
            of_bytes: 12_800_000_000,
        };
        tell(&mut app, 9_000 + 1_000 * second, copied);
        let name = "/sdcard/DCIM/Camera/VID_20261120_101500.mp4".into();
        let what = Collection::Files;
        tell(
            &mut app,
            9_900 + 1_000 * second,
            Progress::Current { what, name },
        );
    }
    snapshot("rescue_photos", &app);
    let all = Progress::Safe {
        what: Collection::Files,
        rows: 2_345,
        of: Some(2_345),
        things: 2_345,
    };
    tell(&mut app, 40_000, all);
    let again = Progress::LookingAgain(Collection::Files);
    tell(&mut app, 40_000, again);
    snapshot("rescue_looking_again", &app);
}

#[test]
fn rescue_waits_for_its_owner() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    app.update(Intent::Next);
    app.on_message(Message::Waiting(Waiting::ForPermission(ALLOW)));
    snapshot("rescue_allow", &app);
    app.on_message(Message::CouldNotOpen(OpenError {
        may_pass: false,
        what: "the phone refused this computer".into(),
        advice: "Unlock it and tap “Allow”, then press Enter and try again.".into(),
    }));
    snapshot("rescue_refused", &app);
}

#[test]
fn rescue_that_ended_and_its_verdict() {
    for (safe, name) in [(true, "safe"), (false, "not_safe")] {
        let mut app = reading();
        app.on_message(Message::Ended(Box::new(outcome(safe))));
        snapshot(&format!("rescue_{name}"), &app);
        app.update(Intent::Next);
        snapshot(&format!("verdict_{name}"), &app);
    }
}

/// Presses keys as the terminal would report them. Returns the tasks that they start.
fn press(app: &mut App, keys: &str) -> Vec<Option<Task>> {
    use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
    keys.chars()
        .flat_map(|c| {
            let code = match c {
                '\r' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\u{8}' => KeyCode::Backspace,
                '→' => KeyCode::Right,
                c => KeyCode::Char(c),
            };
            let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
            keys::intents(&event, app)
                .into_iter()
                .map(|intent| app.update(intent))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn enter_alone_goes_the_whole_way_and_comes_back() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    let mut seen = vec![format!("{:?}", app.screen)];
    app.update(Intent::Next);
    seen.push(format!("{:?}", app.screen));
    // Enter does nothing while the phone is read.
    app.update(Intent::Next);
    app.on_message(Message::Ended(Box::new(outcome(true))));
    for _ in 0..2 {
        app.update(Intent::Next);
        seen.push(format!("{:?}", app.screen));
    }
    assert_eq!(seen, ["Dock", "Rescue", "Verdict", "Dock"]);
}

#[test]
fn a_crashed_worker_is_reported_on_the_screen() {
    let mut app = reading();
    app.on_message(Message::Broke(
        "A part of Lifeboat crashed (index 3)".into(),
    ));
    let screen = drawn(&app, 80, 24);
    assert!(screen.contains("crashed"), "{screen}");
    assert!(app.has_ended());
}

#[test]
fn leaving_waits_until_what_is_safe_is_written() {
    let mut app = reading();
    assert_eq!(press(&mut app, "q"), [None]);
    snapshot("quit_asked", &app);
    // Any other key goes on reading.
    press(&mut app, "\r");
    assert!(!app.asks_to_leave && !app.leaving);
    assert_eq!(press(&mut app, "qq"), [None, Some(Task::Stop)]);
    assert!(!app.quit && drawn(&app, 80, 24).contains("Stopping."));
    app.on_message(Message::Ended(Box::new(outcome(false))));
    assert!(app.quit);
    let mut hasty = reading();
    hasty.update(Intent::Interrupt);
    assert!(!hasty.quit);
    hasty.update(Intent::Interrupt);
    assert!(hasty.quit);
}

#[test]
fn nothing_a_phone_says_reaches_the_terminal_as_a_command() {
    let mut app = app();
    let evil = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}name\r\n";
    let mut found = one_phone();
    found.devices[0].model = evil.into();
    found.devices[0].advice = evil.into();
    found.notes.push(evil.into());
    app.on_message(Message::Found(found));
    let mut screens = vec![drawn(&app, 80, 24)];
    app.update(Intent::Next);
    app.on_message(Message::Progress(Progress::Advice(evil.into())));
    screens.push(drawn(&app, 80, 24));
    let mut outcome = outcome(false);
    outcome.why_not.push(evil.into());
    outcome.folder = evil.into();
    app.on_message(Message::Ended(Box::new(outcome)));
    screens.push(drawn(&app, 80, 24));
    app.update(Intent::Next);
    screens.push(drawn(&app, 80, 24));
    for screen in screens {
        let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!screen.contains(bad), "{screen:?}");
    }
}

/// The keys that a screen shows are the keys that work.
#[test]
fn each_screen_shows_its_keys() {
    let mut app = app();
    let keys = |app: &App| {
        keys::shown(app)
            .into_iter()
            .map(|(key, _)| key)
            .collect::<Vec<_>>()
    };
    assert!(!keys(&app).contains(&"Enter"), "there is nothing to rescue");
    app.on_message(Message::Found(one_phone()));
    assert!(keys(&app).contains(&"Enter"));
    app.update(Intent::Next);
    assert!(!keys(&app).contains(&"Enter"), "it goes on by itself");
    for (key, what) in keys::shown(&app) {
        assert!(drawn(&app, 80, 24).contains(&format!("{key} {what}")));
    }
}

/// The help has every key, on any window: what does not fit is scrolled to.
#[test]
fn the_help_has_every_key() {
    let mut app = app();
    app.on_message(Message::Found(one_phone()));
    for (width, height) in [(60, 15), (80, 24), (200, 60)] {
        app.size = ratatui::layout::Size::new(width, height);
        app.update(Intent::Help);
        let mut seen = String::new();
        for _ in 0..30 {
            seen.push_str(&drawn(&app, width, height));
            app.update(Intent::Down);
        }
        app.update(Intent::Help);
        assert!(!app.help);
        for (key, what) in keys::all(&app) {
            assert!(seen.contains(key) && seen.contains(what), "{key} {what}");
        }
    }
}

/// No window is refused from 60 columns and 15 lines on, and the way to the help is always shown.
#[test]
fn small_windows_are_not_refused() {
    for (width, height) in [(60, 15), (79, 24), (80, 23), (240, 70)] {
        let mut app = reading();
        app.on_message(Message::Ended(Box::new(outcome(true))));
        for intent in [Intent::Up, Intent::Next, Intent::Look] {
            let screen = drawn(&app, width, height);
            assert!(screen.contains("? all keys"), "{screen}");
            assert!(screen.contains("q quit"), "{screen}");
            app.update(intent);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// No order of inputs, messages and sizes may make a screen panic.
    #[test]
    fn no_order_of_events_and_no_size_breaks_a_screen(
        steps in prop::collection::vec((0u8..27, 1u16..200, 1u16..60), 1..40),
    ) {
        let mut app = app();
        for (step, width, height) in steps {
            match step {
                0 => { app.on_message(Message::Found(one_phone())); }
                1 => { app.on_message(Message::Found(Found::default())); }
                2 => { app.on_message(Message::Ended(Box::new(outcome(width % 2 == 0)))); }
                3 => { app.on_message(Message::Progress(Progress::Lost)); }
                4 => { app.on_message(Message::Progress(Progress::Back)); }
                5 => { app.on_message(Message::Progress(Progress::Safe {
                    what: Collection::Files, rows: u64::MAX, of: Some(1), things: u64::MAX / 8,
                })); }
                6 => { app.on_message(Message::Broke("x".into())); }
                7 => { app.on_message(Message::Waiting(Waiting::Silent(Duration::from_secs(width.into())))); }
                8 => app.tick(Duration::from_millis(u64::from(width) * 37)),
                9 => { app.on_message(Message::Copying(CopyProgress {
                    step: Step::Copying, bytes_done: u64::MAX, bytes: u64::from(width) - 1,
                })); }
                10 => { app.on_message(Message::Copied(Err("x".into()))); }
                11 => { app.on_message(Message::Progress(Progress::Copied {
                    what: Collection::Files, bytes: u64::MAX / u64::from(width), safe: 0, of_bytes: u64::from(height),
                })); }
                12 => { app.on_message(Message::Progress(Progress::Checked { bytes: u64::MAX, of_bytes: 0 })); }
                _ => {
                    let intents = [
                        Intent::Up, Intent::Down, Intent::PageUp, Intent::PageDown, Intent::First, Intent::Last,
                        Intent::Next, Intent::Back, Intent::NextTab, Intent::PreviousTab, Intent::Search,
                        Intent::Type('ä'), Intent::Erase, Intent::Look, Intent::Help, Intent::Copy, Intent::Mark,
                        Intent::Anew, Intent::CopyAs(CopyKind::Exact), Intent::Complete, Intent::EraseWord,
                    ];
                    app.update(intents[usize::from(step) % intents.len()]);
                }
            }
            drawn(&app, width, height);
        }
    }
}

#[test]
fn the_page_on_the_sidekick_can_be_read_to_its_end() {
    let mut app = app();
    app.on_message(Message::Found(Found::default()));
    press(&mut app, "ws");
    assert_eq!(app.screen, Screen::Sidekick);
    snapshot("sidekick", &app);
    app.update(Intent::Last);
    let end = drawn(&app, 80, 24);
    assert!(
        end.contains("Lifeboat was never tried on a Sidekick."),
        "{end}"
    );
    app.update(Intent::First);
    let begin = drawn(&app, 80, 24);
    assert!(begin.contains("What destroys its data"), "{begin}");
    press(&mut app, "\u{1b}");
    assert_eq!(app.screen, Screen::Dock);
}
