//! The keys of the questions to the owner.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, pages, up_down};

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("start the rescue"),
        |_| true,
    ),
    bar(
        &[
            (KeyCode::Char(' '), Intent::Done),
            (KeyCode::Right, Intent::Done),
        ],
        phrase("Space →"),
        phrase("tick or change"),
        |app| !app.is_typing(),
    ),
    up_down(phrase("choose"), |_| true),
    pages(phrase("a page up or down"), |_| true),
    ends(phrase("to the top or bottom"), |_| true),
];
