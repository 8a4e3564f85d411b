//! The keys of the page with steps.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, pages, up_down};

pub const KEYS: &[Binding] = &[
    // The keys are in the guides.
    bar(&[], "0-8", phrase("what you see"), |app| {
        app.coach.is_question()
    }),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("rescue"),
        |app| app.coach.is_ready(),
    ),
    bar(
        &[(KeyCode::Char(' '), Intent::Done)],
        phrase("Space"),
        phrase("step done"),
        |app| app.coach.is_steps() && !app.coach.is_ready(),
    ),
    up_down(phrase("scroll"), |_| true),
    pages(phrase("a page up or down"), |_| true),
    ends(phrase("to the top or bottom"), |_| true),
    bar(
        &[(KeyCode::Char('f'), Intent::Files)],
        "f",
        phrase("files only"),
        |app| app.coach.gives_files_alone(),
    ),
    bar(
        &[(KeyCode::Char('w'), Intent::Coach)],
        "w",
        phrase("something is wrong"),
        |app| app.coach.is_steps(),
    ),
    bar(
        &[(KeyCode::Char('m'), Intent::NextMaker)],
        "m",
        phrase("the phone's maker"),
        |app| app.coach.asks_for_maker(),
    ),
    bar(
        &[(KeyCode::Char('s'), Intent::Sidekick)],
        "s",
        phrase("a Sidekick"),
        |app| app.coach.is_question(),
    ),
    bar(
        &[(KeyCode::Char('d'), Intent::Details)],
        "d",
        phrase("details and sources"),
        |_| true,
    ),
];
