//! The keys of the Verdict.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::keys::{Binding, Intent, bar, ends, pages, up_down};
use crate::tui::screen::verdict::CopyKind;

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("copy to this folder"),
        |app| app.is_typing(),
    ),
    bar(
        &[(KeyCode::Tab, Intent::Complete)],
        phrase("Tab"),
        phrase("complete the path"),
        |app| app.is_typing(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("copy there"),
        |app| app.verdict.is_picking() && !app.verdict.is_at_other_folder(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("type the folder"),
        |app| app.verdict.is_at_other_folder(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("copy there anyway"),
        |app| app.verdict.is_confirming(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("finish"),
        |app| app.verdict.is_asking_to_finish(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Next)],
        phrase("Enter"),
        phrase("done"),
        |app| !app.verdict.is_busy(),
    ),
    bar(
        &[(KeyCode::Char('l'), Intent::Look)],
        "l",
        phrase("look"),
        |app| app.can_look_now() && !app.verdict.is_busy(),
    ),
    bar(
        &[(KeyCode::Char('t'), Intent::Ticks)],
        "t",
        phrase("tick"),
        |app| app.verdict.to_tick().is_some() && !app.verdict.is_busy(),
    ),
    bar(
        &[(KeyCode::Char('c'), Intent::Copy)],
        "c",
        phrase("copy"),
        |app| app.verdict.can_copy(),
    ),
    bar(
        &[(KeyCode::Char('f'), Intent::Finish)],
        "f",
        phrase("finish without the phone"),
        |app| app.verdict.can_finish(),
    ),
    bar(
        &[(KeyCode::Char('e'), Intent::CopyAs(CopyKind::Exact))],
        "e",
        phrase("exact copy"),
        |app| app.verdict.is_choosing(),
    ),
    bar(
        &[(KeyCode::Char('p'), Intent::CopyAs(CopyKind::Plain))],
        "p",
        phrase("plain copy"),
        |app| app.verdict.is_choosing(),
    ),
    bar(
        &[(KeyCode::Char('e'), Intent::ConfirmEmpty)],
        "e",
        phrase("owner confirms: phone is empty"),
        |app| app.verdict.shows_nothing().is_some(),
    ),
    bar(
        &[(KeyCode::Char('o'), Intent::OpenFolder)],
        "o",
        phrase("open the folder"),
        |app| app.verdict.folder_to_open().is_some(),
    ),
    bar(
        &[(KeyCode::Char('r'), Intent::OpenReport)],
        "r",
        phrase("report"),
        |app| app.verdict.folder_to_open().is_some(),
    ),
    up_down(phrase("choose"), |app| app.verdict.is_picking()),
    up_down(phrase("scroll"), |app| !app.verdict.is_picking()),
    pages(phrase("a page up or down"), |_| true),
    ends(phrase("to the top or bottom"), |_| true),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("don't copy"),
        |app| app.verdict.is_choosing() || app.verdict.is_picking(),
    ),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("back"),
        |app| app.verdict.is_typing() || app.verdict.is_confirming(),
    ),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("don't finish"),
        |app| app.verdict.is_asking_to_finish(),
    ),
    bar(
        &[(KeyCode::Esc, Intent::Back)],
        phrase("Esc"),
        phrase("stop"),
        |app| app.verdict.is_working(),
    ),
];
