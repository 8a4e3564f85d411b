//! The keys of the Look screen.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, pages, up_down};

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("verdict"),
        |app| !app.is_typing(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("apply this search"),
        |app| app.is_typing(),
    ),
    up_down(phrase("choose"), |_| true),
    pages(phrase("a page up or down"), |_| true),
    ends(phrase("first or last line"), |_| true),
    bar(
        &[
            (KeyCode::Tab, Intent::NextTab),
            (KeyCode::BackTab, Intent::PreviousTab),
            (KeyCode::Right, Intent::NextTab),
            (KeyCode::Left, Intent::PreviousTab),
        ],
        phrase("Tab ←→"),
        phrase("next list"),
        |app| !app.is_typing(),
    ),
    bar(
        &[(KeyCode::Char('/'), Intent::Search)],
        "/",
        phrase("search"),
        |app| !app.is_typing(),
    ),
];
