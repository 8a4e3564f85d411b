//! The keys of the Dock.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, more, pages, up_down};

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("rescue"),
        |app| app.dock.ready().is_some() && app.dock.unfinished().is_none(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("continue the rescue"),
        |app| app.dock.ready().is_some() && app.dock.unfinished().is_some(),
    ),
    bar(
        &[
            (KeyCode::Enter, Intent::Steps),
            (KeyCode::Right, Intent::Steps),
        ],
        phrase("Enter →"),
        phrase("what to do, step by step"),
        |app| app.dock.ready().is_none() && app.dock.has_steps(),
    ),
    bar(
        &[(KeyCode::Right, Intent::Steps)],
        "→",
        phrase("steps"),
        |app| app.dock.ready().is_some() && app.dock.has_steps(),
    ),
    bar(
        &[(KeyCode::Char('n'), Intent::Anew)],
        "n",
        phrase("new rescue"),
        |app| app.dock.unfinished().is_some(),
    ),
    up_down(phrase("choose"), |app| app.dock.has_choice()),
    pages(phrase("first or last phone"), |app| app.dock.has_choice()),
    ends(phrase("first or last phone"), |app| app.dock.has_choice()),
    bar(
        &[(KeyCode::Char('f'), Intent::Files)],
        "f",
        phrase("files only"),
        |app| app.dock.files_alone().is_some(),
    ),
    bar(
        &[(KeyCode::Char('w'), Intent::Coach)],
        "w",
        phrase("something is wrong"),
        |_| true,
    ),
    more(
        &[(KeyCode::Char('s'), Intent::Sidekick)],
        "s",
        phrase("Sidekick"),
        |_| true,
    ),
];
