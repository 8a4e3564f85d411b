//! The keys of the list of what a reset destroys.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, pages, up_down};

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Char(' '), Intent::Tick)],
        phrase("Space"),
        phrase("done"),
        |app| !app.is_typing() && app.ticks.is_open(),
    ),
    bar(
        &[(KeyCode::Char(' '), Intent::Tick)],
        phrase("Space"),
        phrase("open again"),
        |app| !app.is_typing() && !app.ticks.is_open(),
    ),
    bar(
        &[(KeyCode::Char('s'), Intent::Skip)],
        "s",
        phrase("skip"),
        |app| !app.is_typing(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("details"),
        |app| !app.is_typing() && app.ticks.has_more(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("skip with this reason"),
        |app| app.is_typing(),
    ),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("don't skip"),
        |app| app.is_typing(),
    ),
    up_down(phrase("choose"), |app| !app.is_typing()),
    pages(phrase("a page up or down"), |app| !app.is_typing()),
    ends(phrase("first or last line"), |app| !app.is_typing()),
];
