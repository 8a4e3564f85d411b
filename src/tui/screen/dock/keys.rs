//! The keys of the Dock.

use ratatui::crossterm::event::KeyCode;

use super::Enter;
use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, pages, up_down};

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("rescue"),
        |app| app.dock.enter() == Enter::Rescue,
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("continue"),
        |app| app.dock.enter() == Enter::Continue,
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("open"),
        |app| app.dock.enter() == Enter::Open,
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("watch"),
        |app| matches!(app.dock.enter(), Enter::Watch(_) | Enter::Follow),
    ),
    bar(
        &[
            (KeyCode::Enter, Intent::Steps),
            (KeyCode::Right, Intent::Steps),
        ],
        phrase("Enter →"),
        phrase("what to do, step by step"),
        |app| app.dock.enter() == Enter::Steps,
    ),
    bar(
        &[(KeyCode::Right, Intent::Steps)],
        "→",
        phrase("steps"),
        |app| app.dock.enter() != Enter::Steps && app.dock.has_steps(),
    ),
    bar(
        &[(KeyCode::Char(' '), Intent::Mark)],
        phrase("Space"),
        phrase("mark"),
        |app| app.dock.can_mark(),
    ),
    bar(
        &[(KeyCode::Char('n'), Intent::Anew)],
        "n",
        phrase("new rescue"),
        |app| app.dock.can_begin_anew() || app.dock.marked() > 0,
    ),
    bar(
        &[(KeyCode::Char('x'), Intent::StopOther)],
        "x",
        phrase("stop that rescue"),
        |app| app.dock.running_elsewhere().is_some(),
    ),
    up_down(phrase("choose"), |app| app.dock.has_choice()),
    pages(phrase("ten rows up or down"), |app| app.dock.has_choice()),
    ends(phrase("first or last row"), |app| app.dock.has_choice()),
    bar(
        &[(KeyCode::Char('f'), Intent::Files)],
        "f",
        phrase("files only"),
        |app| app.dock.files_alone().is_some(),
    ),
    bar(
        &[(KeyCode::Char('w'), Intent::Coach)],
        "w",
        phrase("what is wrong?"),
        |app| !app.dock.chosen().is_some_and(|device| device.is_backup),
    ),
];
