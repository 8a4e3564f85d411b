//! Maps keys to intents. Each screen has its own table of keys ([`Binding`]); this file has the table of those that
//! work on every screen. The line of keys at the bottom and the help are made from the tables: an entry has its label,
//! so every key that works is shown in the help.

use ratatui::crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseEventKind,
};

use super::app::{App, Screen};
use super::screen::{coach, dock, look, owner, rescue, sidekick, ticks, verdict};
use crate::coach::guides;
use crate::phrase;
use crate::tui::screen::coach::NOTHING;
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
    Look,
    Verdict,
    /// Show the page about the Sidekick.
    Sidekick,
    /// Ask for the steps for a phone that is broken, locked or not one's own.
    Coach,
    /// Show the steps out of the state that the phone is in.
    Steps,
    /// Choose the next maker of a phone that USB does not name.
    NextMaker,
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
    /// Finish the rescue without its phone.
    Finish,
    /// Pull or plug in the practice handset's cable.
    Cable,
    /// Ask another program to stop its rescue.
    StopOther,
    /// Stop and leave, without a question.
    Interrupt,
    /// Go to the left or right: a day, a tab, or the pane there.
    Left,
    Right,
    /// Open what is chosen.
    Enter,
    /// Mark the chosen line, or take its mark away.
    Mark,
    /// Mark all lines that are shown, or none.
    MarkAll,
    /// Write the marked things into a file.
    Export,
    Filter,
    Sort,
    /// Show what the phone sent about the chosen record, or the details again.
    Raw,
    /// Copy the chosen value to the clipboard.
    CopyValue,
    /// Open the file or folder with the desk's program.
    Open,
    OpenFolder,
    OpenReport,
    /// Show the contact as a QR code.
    Qr,
    /// Show the month as a grid or as a list of days.
    Agenda,
    Today,
    /// Erase the whole text, or its last word.
    EraseAll,
    EraseWord,
    /// Complete a path.
    Complete,
    /// Give the terminal back until the shell continues the program.
    Suspend,
    Help,
    Quit,
}

/// Maximum number of characters taken from a pasted text, for a search or a folder name.
const LONGEST_PASTE: usize = 400;

/// Number of lines that a turn of the mouse wheel scrolls.
const WHEEL: usize = 3;

/// Keys, the intent of each, and when they work.
pub struct Binding {
    pub keys: &'static [(KeyCode, Intent)],
    /// Label of the keys.
    pub shown: &'static str,
    pub what: &'static str,
    /// The entry is in the line of keys, too. The help has all of them.
    pub in_bar: bool,
    pub works: fn(&App) -> bool,
}

/// Keys that the line of keys shows.
pub const fn bar(
    keys: &'static [(KeyCode, Intent)],
    shown: &'static str,
    what: &'static str,
    works: fn(&App) -> bool,
) -> Binding {
    Binding {
        keys,
        shown,
        what,
        in_bar: true,
        works,
    }
}

/// Keys that only the help shows.
pub const fn more(
    keys: &'static [(KeyCode, Intent)],
    shown: &'static str,
    what: &'static str,
    works: fn(&App) -> bool,
) -> Binding {
    Binding {
        in_bar: false,
        ..bar(keys, shown, what, works)
    }
}

/// The keys that go line by line.
pub const fn up_down(what: &'static str, works: fn(&App) -> bool) -> Binding {
    bar(
        &[(KeyCode::Up, Intent::Up), (KeyCode::Down, Intent::Down)],
        "↑↓",
        what,
        works,
    )
}

/// The keys that go page by page.
pub const fn pages(what: &'static str, works: fn(&App) -> bool) -> Binding {
    more(
        &[
            (KeyCode::PageUp, Intent::PageUp),
            (KeyCode::PageDown, Intent::PageDown),
        ],
        phrase("PgUp PgDn"),
        what,
        works,
    )
}

/// The keys that go to the ends.
pub const fn ends(what: &'static str, works: fn(&App) -> bool) -> Binding {
    more(
        &[(KeyCode::Home, Intent::First), (KeyCode::End, Intent::Last)],
        phrase("Home End"),
        what,
        works,
    )
}

/// The keys of an input field, which end the table of each screen that has one.
pub const TYPING: &[Binding] = &[
    more(
        &[(KeyCode::Backspace, Intent::Erase)],
        phrase("Backspace"),
        phrase("erase a character"),
        App::is_typing,
    ),
    more(&[], "Ctrl-W", phrase("erase a word"), App::is_typing),
    more(&[], "Ctrl-U", phrase("erase everything"), App::is_typing),
];

/// The keys that mean the same on every screen.
const GENERAL: &[Binding] = &[
    more(
        &[(KeyCode::Char('u'), Intent::Cable)],
        "u",
        phrase("unplug the practice phone"),
        |app| app.practice == Some(true) && matches!(app.screen, Screen::Dock | Screen::Rescue),
    ),
    more(
        &[(KeyCode::Char('u'), Intent::Cable)],
        "u",
        phrase("plug in the practice phone"),
        |app| app.practice == Some(false) && matches!(app.screen, Screen::Dock | Screen::Rescue),
    ),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("back"),
        App::can_go_back,
    ),
    bar(
        &[(KeyCode::Char('?'), Intent::Help)],
        "?",
        phrase("all keys"),
        |app| !app.is_typing(),
    ),
    bar(
        &[(KeyCode::F(1), Intent::Help)],
        "F1",
        phrase("all keys"),
        App::is_typing,
    ),
    bar(
        &[(KeyCode::Char('q'), Intent::Quit)],
        "q",
        phrase("quit"),
        |app| !app.is_typing() && !app.is_reading() && !app.verdict.is_working(),
    ),
    bar(
        &[(KeyCode::Char('q'), Intent::Quit)],
        "q",
        phrase("stop copying and quit"),
        |app| app.verdict.is_working() && !app.is_reading(),
    ),
    bar(
        &[(KeyCode::Char('q'), Intent::Quit)],
        "q",
        phrase("stop"),
        |app| !app.is_typing() && app.is_reading(),
    ),
    more(
        &[],
        "Ctrl-C",
        phrase("stop and quit; saved data is kept"),
        |_| true,
    ),
    more(
        &[],
        "Ctrl-Z",
        phrase("back to the shell for a while (fg returns)"),
        |_| cfg!(unix),
    ),
];

/// The keys of the screen, most important first.
fn bindings(app: &App) -> impl Iterator<Item = &'static Binding> {
    let own = match app.screen {
        Screen::Dock => dock::KEYS,
        Screen::Rescue => rescue::KEYS,
        Screen::Look => look::KEYS,
        Screen::Verdict => verdict::KEYS,
        Screen::Ticks => ticks::KEYS,
        Screen::Sidekick => sidekick::KEYS,
        Screen::Coach => coach::KEYS,
        Screen::Owner => owner::KEYS,
    };
    own.iter().chain(TYPING).chain(GENERAL)
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
        Event::Mouse(mouse) => {
            let code = match mouse.kind {
                MouseEventKind::ScrollUp => KeyCode::Up,
                MouseEventKind::ScrollDown => KeyCode::Down,
                _ => return Vec::new(),
            };
            let key = KeyEvent::new(code, KeyModifiers::NONE);
            let turned = pressed(&key, app);
            std::iter::repeat_n(turned, WHEEL).flatten().collect()
        }
        _ => Vec::new(),
    }
}

fn pressed(key: &KeyEvent, app: &App) -> Option<Intent> {
    // Windows also reports key releases. A key that is held down may move the selection but not confirm anything.
    let repeats = matches!(
        key.code,
        KeyCode::Up
            | KeyCode::Down
            | KeyCode::Left
            | KeyCode::Right
            | KeyCode::PageUp
            | KeyCode::PageDown
            | KeyCode::Backspace
    );
    match key.kind {
        KeyEventKind::Press => {}
        KeyEventKind::Repeat if repeats => {}
        _ => return None,
    }
    if let Some(intent) = with_ctrl(key, app) {
        return intent;
    }
    if app.asks_to_leave {
        return Some(match key.code {
            KeyCode::Char('q') => Intent::Quit,
            _ => Intent::Back,
        });
    }
    if app.asks_to_stop.is_some() {
        return Some(match key.code {
            KeyCode::Char('x') => Intent::StopOther,
            _ => Intent::Back,
        });
    }
    if app.help {
        return Some(match key.code {
            KeyCode::Up => Intent::Up,
            KeyCode::Down => Intent::Down,
            KeyCode::PageUp => Intent::PageUp,
            KeyCode::PageDown => Intent::PageDown,
            KeyCode::Home => Intent::First,
            KeyCode::End => Intent::Last,
            _ => Intent::Help,
        });
    }
    if let (KeyCode::Char(c), true) = (key.code, app.is_typing()) {
        return (!c.is_control()).then_some(Intent::Type(c));
    }
    if let (KeyCode::Char(c), Screen::Coach) = (key.code, app.screen)
        && app.coach.is_question()
        && (c == NOTHING || guides().iter().any(|guide| guide.key == c))
    {
        return Some(Intent::Answer(c));
    }
    bindings(app)
        .filter(|binding| (binding.works)(app))
        .flat_map(|binding| binding.keys)
        .find(|(code, _)| *code == key.code)
        .map(|(_, intent)| *intent)
}

/// The meaning of a key that is pressed with Ctrl or Alt: `Some(None)` for none. Ctrl-C and Ctrl-Z arrive as keys in
/// raw mode.
fn with_ctrl(key: &KeyEvent, app: &App) -> Option<Option<Intent>> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    match key.code {
        // AltGr is reported as both, and types characters.
        KeyCode::Char(_) if ctrl && alt && app.is_typing() => None,
        KeyCode::Char('c' | 'C') if ctrl => Some(Some(Intent::Interrupt)),
        KeyCode::Char('z' | 'Z') if ctrl && cfg!(unix) => Some(Some(Intent::Suspend)),
        KeyCode::Char('u' | 'U') if ctrl && app.is_typing() => Some(Some(Intent::EraseAll)),
        KeyCode::Char('w' | 'W') if ctrl && app.is_typing() => Some(Some(Intent::EraseWord)),
        KeyCode::Char('h' | 'H') if ctrl && app.is_typing() => Some(Some(Intent::Erase)),
        _ if ctrl || alt => Some(None),
        _ => None,
    }
}

/// Labels and effects of keys.
pub type Labels = Vec<(&'static str, &'static str)>;

/// The keys in the line at the bottom, most important first.
pub fn shown(app: &App) -> Labels {
    labels(app, |binding| binding.in_bar)
}

/// All keys that work now.
pub fn all(app: &App) -> Labels {
    labels(app, |_| true)
}

fn labels(app: &App, which: fn(&Binding) -> bool) -> Labels {
    bindings(app)
        .filter(|binding| which(binding) && (binding.works)(app))
        .map(|binding| match app.is_ascii {
            true => (spelled(binding.shown), binding.what),
            false => (binding.shown, binding.what),
        })
        .collect()
}

/// A label of keys with words for arrows, which ASCII can't show: `^v` reads as Ctrl-V.
fn spelled(shown: &'static str) -> &'static str {
    match shown {
        "↑↓" => phrase("Up/Down"),
        "←→" => phrase("Left/Right"),
        "→" => phrase("Right"),
        "←" => phrase("Left"),
        "Enter →" => phrase("Enter Right"),
        "Space →" => phrase("Space Right"),
        other => other,
    }
}
