//! The screens, drawn from states that the workers' own messages make, at two sizes.

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use lifeboat::handset::find::{Device, Found, OpenError, State, Waiting, Wanted};
use lifeboat::model::{Charger, Collection, Health, Holding, Identity, Verdict};
use lifeboat::rescue::{
    CollectionOutcome, HandsetOutcome, Outcome, Progress, TimeToSafety, Unfinished,
};
use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::{self, Intent};
use lifeboat::tui::screen;
use lifeboat::tui::theme::Theme;
use lifeboat::vault::copies::{Copies, Disks, OtherCopy};
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
        files_alone: false,
        state,
        advice: advice.into(),
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

/// Both sizes at which the screens must read well.
fn snapshot(name: &str, app: &App) {
    for (width, height) in [(80, 24), (120, 40)] {
        insta::assert_snapshot!(
            format!("{name}_{width}x{height}"),
            drawn(app, width, height)
        );
    }
}

fn tell(app: &mut App, at: u64, progress: Progress) {
    app.tick(Duration::from_millis(at));
    app.hear(Message::Progress(progress));
}

/// A rescue in the middle of the calendar.
fn reading() -> App {
    let mut app = app();
    app.hear(Message::Found(one_phone()));
    app.update(Intent::Next);
    app.hear(Message::Opened(Identity {
        make: "samsung".into(),
        model: "SM-A536B".into(),
        serial: "R5CT60PRACT".into(),
        system: "Android 13".into(),
        approach: "ADB over USB".into(),
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
            notes: Vec::new(),
        };
    let calendar = if safe {
        collection(Collection::Calendar, Verdict::Complete, 318, 318, 72, 4)
    } else {
        collection(Collection::Calendar, Verdict::Partial, 318, 204, 72, 4)
    };
    let why_not = "Calendar: The handset broke off its reply: the provider died. Run the rescue again with --resume.";
    Outcome {
        folder: "/home/alex/Rescues/2026-11-22 samsung SM-A536B (PRACT)".into(),
        finished: true,
        handset: HandsetOutcome::default(),
        collections: vec![
            collection(Collection::Contacts, Verdict::Complete, 412, 412, 195, 5),
            collection(Collection::Sim, Verdict::Complete, 12, 12, 12, 0),
            calendar,
            collection(Collection::Todos, Verdict::Complete, 60, 60, 42, 1),
            collection(Collection::Photos, Verdict::Empty, 0, 0, 0, 0),
        ],
        safe,
        why_not: if safe { Vec::new() } else { vec![why_not.into()] },
        not_covered: [
            "Text messages (SMS, MMS) and the list of calls.",
            "What apps keep for themselves: chats, game scores, settings, downloads.",
            "After a reset the phone asks for the password of alex.winter@gmail.example (com.google): sign in on \
             another device first.",
            "145 contacts have a picture, which Android gives to no computer: in the Contacts app choose Export to \
             file, and keep that file too.",
        ]
        .map(str::to_owned)
        .to_vec(),
        time_to_safety: TimeToSafety::default(),
        copies: Copies::one(),
        lost: false,
    }
}

#[test]
fn dock_without_a_phone() {
    let mut app = app();
    app.hear(Message::Found(Found {
        devices: Vec::new(),
        notes: vec!["No adb server runs on this computer.".into()],
    }));
    snapshot("dock_nothing", &app);
}

#[test]
fn dock_with_phones_in_several_states() {
    let mut app = app();
    let mut found = one_phone();
    found.devices.push(device(
        "1B9X@1-2",
        "Google",
        "Pixel 6",
        State::NeedsYou,
        "The phone only charges. Pull the notification bar down, tap the USB entry, and switch USB debugging on.",
    ));
    found.devices.push(device(
        "04e8:685d@1-3",
        "samsung",
        "in download mode",
        State::OutOfReach,
        "Hold volume down and power until it restarts.",
    ));
    app.hear(Message::Found(found));
    snapshot("dock_ready", &app);
    app.update(Intent::Down);
    snapshot("dock_needs_you", &app);
    // The chosen one stays chosen while another goes.
    let mut fewer = one_phone();
    fewer
        .devices
        .insert(0, device("0000", "Nokia", "3.4", State::Ready, ""));
    app.hear(Message::Found(fewer));
    assert!(drawn(&app, 80, 24).contains("› Nokia 3.4"));
}

#[test]
fn dock_tells_identical_phones_apart_and_remembers_what_was_rescued() {
    let mut app = app();
    let mut found = one_phone();
    found.devices.push(found.devices[0].clone());
    for (device, socket) in found.devices.iter_mut().zip(["1-4", "1-5"]) {
        device.id = format!("R5CT60PRACT@{socket}");
    }
    app.hear(Message::Found(found));
    app.update(Intent::Down);
    app.update(Intent::Next);
    app.hear(Message::Ended(outcome(true)));
    app.update(Intent::Back);
    snapshot("dock_twins", &app);
}

fn unfinished(serial: &str, model: &str) -> Unfinished {
    Unfinished {
        folder: format!("/home/alex/Rescues/2026-11-21 samsung {model} (PRACT)").into(),
        identity: Identity {
            make: "samsung".into(),
            model: model.into(),
            serial: serial.into(),
            ..Identity::default()
        },
        begun: "2026-11-21".into(),
        contacts: 412,
        events: 204,
        todos: 0,
        files: 0,
    }
}

#[test]
fn dock_offers_to_go_on_with_an_unfinished_rescue() {
    let mut app = app();
    app.hear(Message::Found(one_phone()));
    app.hear(Message::Unfinished(vec![
        unfinished("R5CT60PRACT", "SM-A536B"),
        unfinished("R3X000ELSE", "SM-G950F"),
    ]));
    snapshot("dock_unfinished", &app);
    let folder = PathBuf::from("/home/alex/Rescues/2026-11-21 samsung SM-A536B (PRACT)");
    let device = one_phone().devices[0].clone();
    assert_eq!(
        app.update(Intent::Next),
        Some(Task::Rescue(device.clone(), Wanted::All, Some(folder)))
    );
    // A new one can be begun as well; and where two phones have one serial number, nobody knows whose it is.
    let mut app = self::app();
    app.hear(Message::Found(one_phone()));
    app.hear(Message::Unfinished(vec![unfinished(
        "R5CT60PRACT",
        "SM-A536B",
    )]));
    assert_eq!(
        app.update(Intent::Anew),
        Some(Task::Rescue(device.clone(), Wanted::All, None))
    );
    let mut app = self::app();
    let mut twins = one_phone();
    twins.devices.push(device);
    app.hear(Message::Found(twins));
    app.hear(Message::Unfinished(vec![unfinished(
        "R5CT60PRACT",
        "SM-A536B",
    )]));
    assert!(!drawn(&app, 80, 24).contains("go on"));
}

#[test]
fn only_what_is_ready_can_be_rescued() {
    let mut app = app();
    let mut found = one_phone();
    found.devices[0].state = State::NeedsYou;
    found.devices[0].advice = "Switch USB debugging on.".into();
    app.hear(Message::Found(found));
    assert_eq!(app.update(Intent::Next), None);
    assert!(!drawn(&app, 80, 24).contains("Enter"));
    // It can be, as soon as its owner has done so.
    app.hear(Message::Found(one_phone()));
    assert!(app.update(Intent::Next).is_some());
}

#[test]
fn rescue_while_it_runs() {
    let mut app = reading();
    snapshot("rescue_reading", &app);
    let advice = "120 contacts are marked deleted on the phone: an emptied account may be synchronising. They are \
                  kept here. Take the phone off the network (flight mode) before you go on.";
    tell(&mut app, 7_000, Progress::Advice(advice.into()));
    snapshot("rescue_advice", &app);
    tell(&mut app, 7_100, Progress::Lost);
    tell(&mut app, 7_200, Progress::Writing);
    snapshot("rescue_lost", &app);
    tell(&mut app, 9_000, Progress::Back);
    assert!(drawn(&app, 80, 24).contains("Reading, the most precious first"));
    app.update(Intent::Help);
    snapshot("rescue_help", &app);
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
        Progress::Surveyed(Collection::Photos, holding),
    );
    for second in 0..3 {
        let safe = Progress::Safe {
            what: Collection::Photos,
            rows: 100 * second,
            of: Some(2_345),
            things: 100 * second,
        };
        tell(&mut app, 9_000 + 1_000 * second, safe);
        let copied = Progress::Copied {
            what: Collection::Photos,
            bytes: 350_000_000 * second,
            of_bytes: 12_800_000_000,
        };
        tell(&mut app, 9_000 + 1_000 * second, copied);
    }
    snapshot("rescue_photos", &app);
}

#[test]
fn rescue_waits_for_its_owner() {
    let mut app = app();
    app.hear(Message::Found(one_phone()));
    app.update(Intent::Next);
    app.hear(Message::Waiting(Waiting::ForPermission));
    snapshot("rescue_allow", &app);
    app.hear(Message::CouldNotOpen(OpenError {
        what: "the phone refused this computer".into(),
        advice: "Unlock it and tap “Allow”, then press Enter and try again.".into(),
    }));
    snapshot("rescue_refused", &app);
}

#[test]
fn rescue_that_ended_and_its_verdict() {
    for (safe, name) in [(true, "safe"), (false, "not_safe")] {
        let mut app = reading();
        app.hear(Message::Ended(outcome(safe)));
        snapshot(&format!("rescue_{name}"), &app);
        app.update(Intent::Verdict);
        snapshot(&format!("verdict_{name}"), &app);
    }
}

/// What keys bring, as the terminal would tell of them.
fn press(app: &mut App, keys: &str) -> Vec<Option<Task>> {
    use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
    keys.chars()
        .flat_map(|c| {
            let code = match c {
                '\r' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                '\u{8}' => KeyCode::Backspace,
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

fn at_verdict(safe: bool) -> App {
    let mut app = reading();
    app.hear(Message::Ended(outcome(safe)));
    app.update(Intent::Verdict);
    app
}

#[test]
fn a_second_copy_is_asked_for_made_and_counted() {
    let mut app = at_verdict(true);
    press(&mut app, "c/media/sticc\u{8}k ä?q");
    snapshot("verdict_copy_asked", &app);
    let task = press(&mut app, "\r").pop().flatten();
    let Some(Task::Copy { rescue, to }) = task else {
        panic!("{task:?}");
    };
    assert_eq!(to, "/media/stick ä?q");
    assert_eq!(rescue, PathBuf::from(outcome(true).folder));
    app.hear(Message::Copying(CopyProgress {
        step: Step::Checking,
        bytes_done: 30,
        bytes: 100,
    }));
    snapshot("verdict_copy_running", &app);
    // Enter and l wait for it, as the copy would be out of sight.
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
    app.hear(Message::Copied(Ok((place, copies))));
    app.update(Intent::Last);
    snapshot("verdict_copied", &app);
}

#[test]
fn a_copy_is_left_stopped_or_fails() {
    let mut app = at_verdict(true);
    press(&mut app, "cab\u{1b}");
    assert!(!drawn(&app, 80, 24).contains("Copy to which folder"));
    assert_eq!(app.screen, Screen::Verdict);
    // Nothing typed is nothing asked for.
    assert_eq!(press(&mut app, "c \r").pop(), Some(None));
    assert!(!app.verdict.is_busy());
    press(&mut app, "cx\r");
    assert_eq!(press(&mut app, "\u{1b}"), [Some(Task::StopCopy)]);
    let why = "the copy was stopped before its end. Copy again to go on where it was.";
    app.hear(Message::Copied(Err(why.into())));
    assert!(drawn(&app, 80, 24).contains("No copy: the copy was stopped"));
    // Who leaves meanwhile leaves once it has stopped.
    press(&mut app, "cx\r");
    assert_eq!(press(&mut app, "q"), [Some(Task::StopCopy)]);
    assert!(!app.quit);
    app.hear(Message::Copied(Err(why.into())));
    assert!(app.quit);
    // What is not finished is no copy and makes none.
    let mut app = reading();
    let mut unfinished = outcome(false);
    unfinished.finished = false;
    app.hear(Message::Ended(unfinished));
    app.update(Intent::Verdict);
    assert!(press(&mut app, "c").is_empty());
}

#[test]
fn a_verdict_is_scrolled_to_its_end_and_no_further() {
    let mut app = reading();
    app.hear(Message::Ended(outcome(false)));
    app.update(Intent::Verdict);
    let top = drawn(&app, 80, 24);
    assert!(top.contains("more lines"));
    app.update(Intent::Last);
    let end = drawn(&app, 80, 24);
    assert!(
        end.contains("printed and handed over") && !end.contains("more lines"),
        "{end}"
    );
    app.update(Intent::Down);
    assert_eq!(drawn(&app, 80, 24), end);
    app.update(Intent::Up);
    assert_ne!(drawn(&app, 80, 24), end);
    app.update(Intent::First);
    assert_eq!(drawn(&app, 80, 24), top);
}

#[test]
fn enter_alone_goes_the_whole_way_and_comes_back() {
    let mut app = app();
    app.hear(Message::Found(one_phone()));
    let mut seen = vec![format!("{:?}", app.screen)];
    app.update(Intent::Next);
    seen.push(format!("{:?}", app.screen));
    // While it reads, Enter does nothing.
    app.update(Intent::Next);
    app.hear(Message::Ended(outcome(true)));
    for _ in 0..3 {
        app.update(Intent::Next);
        seen.push(format!("{:?}", app.screen));
    }
    assert_eq!(seen, ["Dock", "Rescue", "Look", "Verdict", "Dock"]);
}

#[test]
fn a_worker_that_breaks_off_is_told_on_the_screen() {
    let mut app = reading();
    app.hear(Message::Broke(
        "A part of Lifeboat broke off (index 3)".into(),
    ));
    let screen = drawn(&app, 80, 24);
    assert!(screen.contains("broke off"), "{screen}");
    assert!(app.has_ended());
}

#[test]
fn leaving_waits_until_what_is_safe_is_written() {
    let mut app = reading();
    app.update(Intent::Quit);
    assert!(!app.quit && drawn(&app, 80, 24).contains("Stopping."));
    app.hear(Message::Ended(outcome(false)));
    assert!(app.quit);
    let mut hasty = reading();
    hasty.update(Intent::Quit);
    hasty.update(Intent::Quit);
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
    app.hear(Message::Found(found));
    let mut screens = vec![drawn(&app, 80, 24)];
    app.update(Intent::Next);
    app.hear(Message::Progress(Progress::Advice(evil.into())));
    screens.push(drawn(&app, 80, 24));
    let mut outcome = outcome(false);
    outcome.why_not.push(evil.into());
    outcome.folder = evil.into();
    app.hear(Message::Ended(outcome));
    screens.push(drawn(&app, 80, 24));
    app.update(Intent::Verdict);
    screens.push(drawn(&app, 80, 24));
    for screen in screens {
        let bad = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert!(!screen.contains(bad), "{screen:?}");
    }
}

/// The keys that are shown are those that work.
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
    app.hear(Message::Found(one_phone()));
    assert!(keys(&app).contains(&"Enter"));
    app.update(Intent::Next);
    assert!(!keys(&app).contains(&"Enter"), "it goes on by itself");
    for (key, what) in keys::shown(&app) {
        assert!(drawn(&app, 80, 24).contains(&format!("{key} {what}")));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is wanted, told and resized, nothing panics.
    #[test]
    fn no_order_of_events_and_no_size_breaks_a_screen(
        steps in prop::collection::vec((0u8..27, 1u16..200, 1u16..60), 1..40),
    ) {
        let mut app = app();
        for (step, width, height) in steps {
            match step {
                0 => { app.hear(Message::Found(one_phone())); }
                1 => { app.hear(Message::Found(Found::default())); }
                2 => { app.hear(Message::Ended(outcome(width % 2 == 0))); }
                3 => { app.hear(Message::Progress(Progress::Lost)); }
                4 => { app.hear(Message::Progress(Progress::Back)); }
                5 => { app.hear(Message::Progress(Progress::Safe {
                    what: Collection::Photos, rows: u64::MAX, of: Some(1), things: u64::MAX / 8,
                })); }
                6 => { app.hear(Message::Broke("x".into())); }
                7 => { app.hear(Message::Waiting(Waiting::Silent(Duration::from_secs(width.into())))); }
                8 => app.tick(Duration::from_millis(u64::from(width) * 37)),
                9 => { app.hear(Message::Copying(CopyProgress {
                    step: Step::Copying, bytes_done: u64::MAX, bytes: u64::from(width) - 1,
                })); }
                10 => { app.hear(Message::Copied(Err("x".into()))); }
                11 => { app.hear(Message::Progress(Progress::Copied {
                    what: Collection::Photos, bytes: u64::MAX / u64::from(width), of_bytes: u64::from(height),
                })); }
                12 => { app.hear(Message::Progress(Progress::Checked { bytes: u64::MAX, of_bytes: 0 })); }
                _ => {
                    let intents = [
                        Intent::Up, Intent::Down, Intent::PageUp, Intent::PageDown, Intent::First, Intent::Last,
                        Intent::Next, Intent::Back, Intent::NextTab, Intent::PreviousTab, Intent::Search,
                        Intent::Type('ä'), Intent::Erase, Intent::Look, Intent::Help, Intent::Copy,
                    ];
                    app.update(intents[usize::from(step) % intents.len()]);
                }
            }
            drawn(&app, width, height);
        }
    }
}

#[test]
fn the_page_on_the_sidekick_is_the_readme_s_and_can_be_read_to_its_end() {
    let mut app = app();
    app.hear(Message::Found(Found::default()));
    press(&mut app, "s");
    assert_eq!(app.screen, Screen::Sidekick);
    snapshot("sidekick", &app);
    app.update(Intent::Last);
    let end = drawn(&app, 80, 24);
    assert!(end.contains("It was never tried on a Sidekick."), "{end}");
    app.update(Intent::First);
    let begin = drawn(&app, 80, 24);
    assert!(begin.contains("What destroys what is on it"), "{begin}");
    press(&mut app, "\u{1b}");
    assert_eq!(app.screen, Screen::Dock);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |name: &str| std::fs::read_to_string(root.join(name)).expect("a text");
    assert!(text("README.md").contains(&text("assets/sidekick.md")));
}

#[test]
fn the_files_of_a_phone_without_debugging_can_be_asked_for_alone() {
    let mut app = app();
    let advice = "Switch USB debugging on: Settings, Developer options.";
    let device = Device {
        files_alone: true,
        approaches: vec!["mtp (USB)".into()],
        ..device("R5CT", "samsung", "SM-A536B", State::NeedsYou, advice)
    };
    app.hear(Message::Found(Found {
        devices: vec![device.clone()],
        notes: Vec::new(),
    }));
    snapshot("dock_files_alone", &app);
    // Enter goes on with nothing that needs its user first.
    assert_eq!(press(&mut app, "\r"), []);
    assert_eq!(
        press(&mut app, "f"),
        [Some(Task::Rescue(device.clone(), Wanted::Files, None))]
    );
    assert_eq!(app.screen, Screen::Rescue);
    // What debugging began, before it could no longer be had, goes on in the same folder.
    let again = || {
        let mut app = self::app();
        app.hear(Message::Found(Found {
            devices: vec![device.clone()],
            notes: Vec::new(),
        }));
        app.hear(Message::Unfinished(vec![unfinished("R5CT", "SM-A536B")]));
        app
    };
    let mut app = again();
    snapshot("dock_files_alone_unfinished", &app);
    assert_eq!(press(&mut app, "\r"), []);
    let folder = Some(unfinished("R5CT", "SM-A536B").folder);
    assert_eq!(
        press(&mut app, "f"),
        [Some(Task::Rescue(device.clone(), Wanted::Files, folder))]
    );
    assert_eq!(
        press(&mut again(), "n"),
        [Some(Task::Rescue(device.clone(), Wanted::Files, None))]
    );
}
