//! The keys of the Rescue screen.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, pages, up_down};

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("open the backup"),
        |app| app.is_typing(),
    ),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("don't open the backup"),
        |app| app.is_typing(),
    ),
    bar(
        &[
            (KeyCode::Enter, Intent::Next),
            (KeyCode::Char('v'), Intent::Verdict),
        ],
        phrase("Enter v"),
        phrase("verdict"),
        |app| app.has_ended() && app.can_look(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("back to the phones"),
        |app| app.has_ended() && !app.can_look(),
    ),
    bar(
        &[(KeyCode::Char('l'), Intent::Look)],
        "l",
        phrase("look"),
        |app| app.can_look_now(),
    ),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("other phones"),
        |app| !app.has_ended() && !app.is_typing(),
    ),
    bar(
        &[(KeyCode::Right, Intent::Steps)],
        "→",
        phrase("steps"),
        |app| app.has_steps_for_rescue(),
    ),
    bar(
        &[(KeyCode::Char('w'), Intent::Coach)],
        "w",
        phrase("what is wrong?"),
        |app| app.can_ask_about_rescue(),
    ),
    bar(
        &[(KeyCode::Char('x'), Intent::StopOther)],
        "x",
        phrase("stop that rescue"),
        |app| app.can_stop_watched(),
    ),
    up_down(phrase("scroll"), |app| app.rescue_overflows()),
    pages(phrase("a page up or down"), |app| app.rescue_overflows()),
    ends(phrase("to the top or bottom"), |app| app.rescue_overflows()),
];
