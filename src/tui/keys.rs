//! Maps keys to intents. A single table defines which keys work where. The line of keys on each screen and the help
//! are made from it, so every key that is shown works, and every key that works is shown.

use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::app::{App, Screen};
use super::screen::coach::NOTHING;
use super::screen::dock::Enter;
use crate::coach::guides;
use crate::phrase;
use crate::tui::screen::verdict::CopyKind;

/// Intents of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    Up,
    Down,
    PageUp,
    PageDown,
    First,
    Last,
    /// The next step: start or continue the rescue, or go to the next screen.
    Next,
    /// Start a new rescue although an earlier one could be continued.
    Anew,
    /// Rescue only the files.
    Files,
    Back,
    /// Go to the next tab of the screen.
    NextTab,
    PreviousTab,
    Search,
    Type(char),
    Erase,
    /// Show the next page of the details.
    More,
    Look,
    Verdict,
    /// Show the page about the Sidekick.
    Sidekick,
    /// Ask for the steps for a phone that is broken, locked or not one's own.
    Coach,
    /// Show the steps out of the state that the phone is in.
    Steps,
    /// Mark a step as done.
    Done,
    /// What a person sees on the phone, by its key.
    Answer(char),
    /// Show or hide technical background.
    Details,
    /// Show what to do before a reset.
    Ticks,
    /// The chosen line is done, or open again.
    Tick,
    /// Skip the chosen line, with a reason.
    Skip,
    /// Make a second copy of the rescue.
    Copy,
    /// Choose what to copy.
    CopyAs(CopyKind),
    /// The owner confirms that the phone is empty.
    ConfirmEmpty,
    /// Mark the chosen line, or take its mark away.
    Mark,
    /// Ask another program to stop its rescue.
    StopOther,
    /// Erase the whole text, or its last word.
    EraseAll,
    EraseWord,
    /// Complete a path.
    Complete,
    /// Stop and leave, without a question.
    Interrupt,
    /// Pull or plug in the practice handset's cable.
    Cable,
    Help,
    Quit,
}

/// Maximum number of characters taken from a pasted text, for a search or a folder name.
const LONGEST_PASTE: usize = 400;

/// A key, its effect, and the screens where it works.
struct Binding {
    keys: &'static [KeyCode],
    /// Label of the key; empty if another entry shows it.
    shown: &'static str,
    what: &'static str,
    intent: Intent,
    works: fn(&App) -> bool,
}

const BINDINGS: &[Binding] = &[
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("rescue"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Dock && app.dock.enter() == Enter::Rescue,
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("continue the rescue"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Dock && app.dock.enter() == Enter::Continue,
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("open the rescue"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Dock && app.dock.enter() == Enter::Open,
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("see its rescue"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Dock && matches!(app.dock.enter(), Enter::Watch(_)),
    },
    Binding {
        keys: &[KeyCode::Enter, KeyCode::Right],
        shown: phrase("Enter"),
        what: phrase("what to do, step by step"),
        intent: Intent::Steps,
        works: |app| app.screen == Screen::Dock && app.dock.enter() == Enter::Steps,
    },
    Binding {
        keys: &[KeyCode::Right],
        shown: "→",
        what: phrase("steps"),
        intent: Intent::Steps,
        works: |app| {
            app.screen == Screen::Dock && app.dock.enter() != Enter::Steps && app.dock.has_steps()
        },
    },
    Binding {
        keys: &[KeyCode::Char(' ')],
        shown: phrase("Space"),
        what: phrase("mark"),
        intent: Intent::Mark,
        works: |app| app.screen == Screen::Dock && app.dock.can_mark(),
    },
    Binding {
        keys: &[KeyCode::Char('x')],
        shown: "x",
        what: phrase("stop that rescue"),
        intent: Intent::StopOther,
        works: |app| app.screen == Screen::Dock && app.dock.running_elsewhere().is_some(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("rescue"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Coach && app.coach.is_ready(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("start the rescue"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Owner,
    },
    Binding {
        keys: &[KeyCode::Char(' '), KeyCode::Right],
        shown: phrase("Space"),
        what: phrase("tick or change"),
        intent: Intent::Done,
        works: |app| app.screen == Screen::Owner && !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Char(' ')],
        shown: phrase("Space"),
        what: phrase("step done"),
        intent: Intent::Done,
        works: |app| app.screen == Screen::Coach && app.coach.is_steps() && !app.coach.is_ready(),
    },
    Binding {
        keys: &[KeyCode::Char('n')],
        shown: "n",
        what: phrase("new rescue"),
        intent: Intent::Anew,
        works: |app| {
            app.screen == Screen::Dock && (app.dock.can_begin_anew() || app.dock.marked() > 0)
        },
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("view the rescued data"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Rescue && app.has_ended() && app.can_look(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("back to the phones"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Rescue && app.has_ended() && !app.can_look(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("verdict"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Look && !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("apply this search"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Look && app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("copy to this folder"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Verdict && app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("copy there"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Verdict && app.verdict.is_picking(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("copy there anyway"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Verdict && app.verdict.is_confirming(),
    },
    Binding {
        keys: &[KeyCode::Tab],
        shown: phrase("Tab"),
        what: phrase("complete"),
        intent: Intent::Complete,
        works: |app| app.screen == Screen::Verdict && app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("done"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Verdict && !app.verdict.is_busy(),
    },
    Binding {
        keys: &[KeyCode::Up],
        shown: "↑↓",
        what: phrase("choose"),
        intent: Intent::Up,
        works: |app| can_move(app) && !is_text(app),
    },
    Binding {
        keys: &[KeyCode::Up],
        shown: "↑↓",
        what: phrase("scroll"),
        intent: Intent::Up,
        works: |app| can_move(app) && is_text(app),
    },
    Binding {
        keys: &[KeyCode::Down],
        shown: "",
        what: "",
        intent: Intent::Down,
        works: can_move,
    },
    Binding {
        keys: &[KeyCode::PageUp],
        shown: "",
        what: "",
        intent: Intent::PageUp,
        works: can_move,
    },
    Binding {
        keys: &[KeyCode::PageDown],
        shown: "",
        what: "",
        intent: Intent::PageDown,
        works: can_move,
    },
    Binding {
        keys: &[KeyCode::Home],
        shown: "",
        what: "",
        intent: Intent::First,
        works: can_move,
    },
    Binding {
        keys: &[KeyCode::End],
        shown: "",
        what: "",
        intent: Intent::Last,
        works: can_move,
    },
    Binding {
        keys: &[KeyCode::Tab, KeyCode::Right],
        shown: phrase("Tab"),
        what: phrase("next list"),
        intent: Intent::NextTab,
        works: |app| app.screen == Screen::Look && !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::BackTab, KeyCode::Left],
        shown: "",
        what: "",
        intent: Intent::PreviousTab,
        works: |app| app.screen == Screen::Look && !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Char('/')],
        shown: "/",
        what: phrase("search"),
        intent: Intent::Search,
        works: |app| app.screen == Screen::Look && !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Char(' ')],
        // The screen shows this key if there are several pages.
        shown: "",
        what: "",
        intent: Intent::More,
        works: |app| app.screen == Screen::Look && !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Backspace],
        shown: "",
        what: "",
        intent: Intent::Erase,
        works: App::is_typing,
    },
    Binding {
        keys: &[KeyCode::Char('l')],
        shown: "l",
        what: phrase("look"),
        intent: Intent::Look,
        works: |app| match app.screen {
            Screen::Verdict => app.can_look_now() && !app.verdict.is_busy(),
            Screen::Rescue => app.can_look_now() && !app.has_ended(),
            _ => false,
        },
    },
    Binding {
        keys: &[KeyCode::Char('t')],
        shown: "t",
        what: phrase("tick"),
        intent: Intent::Ticks,
        works: |app| {
            app.screen == Screen::Verdict
                && app.verdict.to_tick().is_some()
                && !app.verdict.is_busy()
        },
    },
    Binding {
        keys: &[KeyCode::Char(' ')],
        shown: phrase("Space"),
        what: phrase("done"),
        intent: Intent::Tick,
        works: |app| app.screen == Screen::Ticks && !app.is_typing() && app.ticks.is_open(),
    },
    Binding {
        keys: &[KeyCode::Char(' ')],
        shown: phrase("Space"),
        what: phrase("open again"),
        intent: Intent::Tick,
        works: |app| app.screen == Screen::Ticks && !app.is_typing() && !app.ticks.is_open(),
    },
    Binding {
        keys: &[KeyCode::Char('s')],
        shown: "s",
        what: phrase("skip"),
        intent: Intent::Skip,
        works: |app| app.screen == Screen::Ticks && !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("details"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Ticks && !app.is_typing() && app.ticks.has_more(),
    },
    Binding {
        keys: &[KeyCode::Enter],
        shown: phrase("Enter"),
        what: phrase("skip with this reason"),
        intent: Intent::Next,
        works: |app| app.screen == Screen::Ticks && app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Esc],
        shown: phrase("Esc"),
        what: phrase("don't skip"),
        intent: Intent::Back,
        works: |app| app.screen == Screen::Ticks && app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Char('c')],
        shown: "c",
        what: phrase("copy"),
        intent: Intent::Copy,
        works: |app| app.screen == Screen::Verdict && app.verdict.can_copy(),
    },
    Binding {
        keys: &[KeyCode::Char('e')],
        shown: "e",
        what: phrase("exact copy"),
        intent: Intent::CopyAs(CopyKind::Exact),
        works: |app| app.screen == Screen::Verdict && app.verdict.is_choosing(),
    },
    Binding {
        keys: &[KeyCode::Char('p')],
        shown: "p",
        what: phrase("plain copy"),
        intent: Intent::CopyAs(CopyKind::Plain),
        works: |app| app.screen == Screen::Verdict && app.verdict.is_choosing(),
    },
    Binding {
        keys: &[KeyCode::Char('e')],
        shown: "e",
        what: phrase("owner confirms: phone is empty"),
        intent: Intent::ConfirmEmpty,
        works: |app| app.screen == Screen::Verdict && app.verdict.shows_nothing().is_some(),
    },
    Binding {
        keys: &[KeyCode::Char('f')],
        shown: "f",
        what: phrase("files only"),
        intent: Intent::Files,
        works: |app| match app.screen {
            Screen::Dock => app.dock.files_alone().is_some(),
            Screen::Coach => app.coach.gives_files_alone(),
            _ => false,
        },
    },
    Binding {
        keys: &[KeyCode::Char('w')],
        shown: "w",
        what: phrase("something is wrong"),
        intent: Intent::Coach,
        works: |app| {
            app.screen == Screen::Dock || (app.screen == Screen::Coach && app.coach.is_steps())
        },
    },
    Binding {
        // The keys are in the guides.
        keys: &[],
        shown: "0-8",
        what: phrase("what you see"),
        intent: Intent::Coach,
        works: |app| app.screen == Screen::Coach && app.coach.is_question(),
    },
    Binding {
        keys: &[KeyCode::Char('d')],
        shown: "d",
        what: phrase("details and sources"),
        intent: Intent::Details,
        works: |app| app.screen == Screen::Coach,
    },
    Binding {
        keys: &[KeyCode::Char('s')],
        shown: "s",
        what: phrase("Sidekick"),
        intent: Intent::Sidekick,
        works: |app| app.screen == Screen::Coach && app.coach.is_question(),
    },
    Binding {
        keys: &[KeyCode::Char('v')],
        shown: "v",
        what: phrase("verdict"),
        intent: Intent::Verdict,
        works: |app| app.screen == Screen::Rescue && app.has_ended() && app.can_look(),
    },
    Binding {
        keys: &[KeyCode::Char('u')],
        shown: "u",
        what: phrase("unplug the practice phone"),
        intent: Intent::Cable,
        works: |app| {
            app.practice == Some(true) && matches!(app.screen, Screen::Dock | Screen::Rescue)
        },
    },
    Binding {
        keys: &[KeyCode::Char('u')],
        shown: "u",
        what: phrase("plug in the practice phone"),
        intent: Intent::Cable,
        works: |app| {
            app.practice == Some(false) && matches!(app.screen, Screen::Dock | Screen::Rescue)
        },
    },
    Binding {
        keys: &[KeyCode::Esc],
        shown: phrase("Esc"),
        what: phrase("don't copy"),
        intent: Intent::Back,
        works: |app| {
            app.screen == Screen::Verdict && app.verdict.is_busy() && !app.verdict.is_copying()
        },
    },
    Binding {
        keys: &[KeyCode::Esc],
        shown: phrase("Esc"),
        what: phrase("stop copying"),
        intent: Intent::Back,
        works: |app| app.screen == Screen::Verdict && app.verdict.is_copying(),
    },
    Binding {
        keys: &[KeyCode::Esc],
        shown: phrase("Esc"),
        what: phrase("other phones"),
        intent: Intent::Back,
        works: |app| app.screen == Screen::Rescue && !app.has_ended(),
    },
    Binding {
        keys: &[KeyCode::Esc],
        shown: phrase("Esc"),
        what: phrase("back"),
        intent: Intent::Back,
        works: |app| app.can_go_back(),
    },
    Binding {
        keys: &[KeyCode::Char('?'), KeyCode::F(1)],
        shown: "?",
        what: phrase("keys"),
        intent: Intent::Help,
        works: |app| !app.is_typing(),
    },
    Binding {
        keys: &[KeyCode::Char('q')],
        shown: "q",
        what: phrase("quit"),
        intent: Intent::Quit,
        works: |app| !app.is_typing() && !app.is_reading() && !app.verdict.is_copying(),
    },
    Binding {
        keys: &[KeyCode::Char('q')],
        shown: "q",
        what: phrase("stop copying and quit"),
        intent: Intent::Quit,
        works: |app| app.verdict.is_copying() && !app.is_reading(),
    },
    Binding {
        keys: &[KeyCode::Char('q')],
        shown: "q",
        what: phrase("stop"),
        intent: Intent::Quit,
        works: |app| !app.is_typing() && app.is_reading(),
    },
];

fn can_move(app: &App) -> bool {
    match app.screen {
        Screen::Dock => app.dock.has_choice(),
        Screen::Rescue => app.rescue_overflows(),
        Screen::Ticks => !app.ticks.is_typing(),
        Screen::Look | Screen::Verdict | Screen::Sidekick | Screen::Coach | Screen::Owner => true,
    }
}

/// True for a screen with only text, where nothing can be selected.
fn is_text(app: &App) -> bool {
    matches!(
        app.screen,
        Screen::Rescue | Screen::Verdict | Screen::Sidekick | Screen::Coach
    )
}

/// Returns the intents for a terminal event, in order; none if the event has no meaning here. Pasted text is typed
/// into an open input field and is never treated as commands.
pub fn intents(event: &Event, app: &App) -> Vec<Intent> {
    match event {
        Event::Key(key) => pressed(key, app).into_iter().collect(),
        Event::Paste(text) if app.is_typing() => text
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_PASTE)
            .map(Intent::Type)
            .collect(),
        _ => Vec::new(),
    }
}

fn pressed(key: &KeyEvent, app: &App) -> Option<Intent> {
    // Windows also reports key releases. A key that is held down may move the selection but not confirm anything.
    let repeats = matches!(
        key.code,
        KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown | KeyCode::Backspace
    );
    match key.kind {
        KeyEventKind::Press => {}
        KeyEventKind::Repeat if repeats => {}
        _ => return None,
    }
    if is_interrupt(key) {
        return Some(Intent::Interrupt);
    }
    if app.asks_to_leave {
        return Some(match key.code {
            KeyCode::Char('q') => Intent::Quit,
            _ => Intent::Back,
        });
    }
    if app.is_typing() && key.code == KeyCode::Char('u') && key.modifiers == KeyModifiers::CONTROL {
        return Some(Intent::EraseAll);
    }
    if app.is_typing() && key.code == KeyCode::Char('w') && key.modifiers == KeyModifiers::CONTROL {
        return Some(Intent::EraseWord);
    }
    if app.help {
        return Some(Intent::Help);
    }
    if let (KeyCode::Char(c), true) = (key.code, app.is_typing()) {
        let plain = !key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
        return (plain && !c.is_control()).then_some(Intent::Type(c));
    }
    if key
        .modifiers
        .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
    {
        return None;
    }
    if let (KeyCode::Char(c), Screen::Coach) = (key.code, app.screen)
        && app.coach.is_question()
        && (c == NOTHING || guides().iter().any(|guide| guide.key == c))
    {
        return Some(Intent::Answer(c));
    }
    BINDINGS
        .iter()
        .find(|binding| binding.keys.contains(&key.code) && (binding.works)(app))
        .map(|binding| binding.intent)
}

/// Ctrl-C, which arrives as a key in raw mode.
fn is_interrupt(key: &KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL) && matches!(key.code, KeyCode::Char('c' | 'C'))
}

/// The keys that work now: label and effect of each.
pub fn shown(app: &App) -> Vec<(&'static str, &'static str)> {
    BINDINGS
        .iter()
        .filter(|binding| !binding.shown.is_empty() && (binding.works)(app))
        .map(|binding| (binding.shown, binding.what))
        .collect()
}
