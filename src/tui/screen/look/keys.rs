//! The keys of the Look screen.

use ratatui::crossterm::event::KeyCode;

use crate::phrase;
use crate::tui::app::App;
use crate::tui::keys::{Binding, Intent, bar, ends, more, pages, up_down};

/// True if a record is selected and commands work.
fn on_record(app: &App) -> bool {
    (app.look.is_in_list() || app.look.is_in_detail()) && app.look.has_chosen()
}

/// True if there is something to move in.
fn moves(app: &App) -> bool {
    !app.look.types_folder() && !app.look.is_code()
}

/// True if a plain list takes the keys.
fn in_rows(app: &App) -> bool {
    app.look.is_in_list() && !app.look.is_in_month()
}

pub const KEYS: &[Binding] = &[
    bar(
        &[(KeyCode::Enter, Intent::Enter)],
        phrase("Enter"),
        phrase("details"),
        |app| app.look.is_in_list() && app.look.has_chosen(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Enter)],
        phrase("Enter"),
        phrase("close the search field, keep the results"),
        |app| app.is_typing() && !app.look.types_folder(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Enter)],
        phrase("Enter"),
        phrase("write into this folder"),
        |app| app.look.types_folder(),
    ),
    bar(
        &[(KeyCode::Tab, Intent::Complete)],
        phrase("Tab"),
        phrase("complete the path"),
        |app| app.look.types_folder(),
    ),
    bar(
        &[(KeyCode::Enter, Intent::Enter)],
        phrase("Enter"),
        phrase("apply"),
        |app| app.look.is_in_menu(),
    ),
    bar(
        &[
            (KeyCode::Enter, Intent::Back),
            (KeyCode::Char(' '), Intent::Back),
        ],
        phrase("Enter"),
        phrase("close"),
        |app| app.look.is_code(),
    ),
    bar(
        &[(KeyCode::Char('/'), Intent::Search)],
        "/",
        phrase("search"),
        |app| app.look.is_in_list() || app.look.is_in_detail(),
    ),
    bar(
        &[
            (KeyCode::Left, Intent::Left),
            (KeyCode::Right, Intent::Right),
        ],
        "←→",
        phrase("day"),
        |app| app.look.is_in_month(),
    ),
    bar(
        &[
            (KeyCode::Tab, Intent::NextTab),
            (KeyCode::BackTab, Intent::PreviousTab),
        ],
        phrase("Tab"),
        phrase("next list"),
        |app| app.look.is_in_month(),
    ),
    bar(
        &[
            (KeyCode::Left, Intent::PreviousTab),
            (KeyCode::Right, Intent::NextTab),
            (KeyCode::Tab, Intent::NextTab),
            (KeyCode::BackTab, Intent::PreviousTab),
        ],
        phrase("←→ Tab"),
        phrase("other lists"),
        in_rows,
    ),
    up_down(phrase("choose"), |app| !app.look.is_raw() && moves(app)),
    up_down(phrase("scroll"), |app| app.look.is_raw()),
    bar(
        &[(KeyCode::Char('y'), Intent::CopyValue)],
        "y",
        phrase("copy the value"),
        |app| app.look.is_in_detail() && app.look.has_chosen() && !app.look.is_raw(),
    ),
    bar(
        &[(KeyCode::Char('r'), Intent::Raw)],
        "r",
        phrase("raw form"),
        |app| on_record(app) && !app.look.is_raw(),
    ),
    bar(
        &[(KeyCode::Char('r'), Intent::Raw)],
        "r",
        phrase("values again"),
        |app| on_record(app) && app.look.is_raw(),
    ),
    bar(
        &[(KeyCode::Char(' '), Intent::Mark)],
        phrase("Space"),
        phrase("mark"),
        |app| app.look.is_in_list() && app.look.has_chosen(),
    ),
    bar(
        &[(KeyCode::Char('f'), Intent::Filter)],
        "f",
        phrase("filter"),
        |app| app.look.is_in_list(),
    ),
    bar(
        &[(KeyCode::Char('s'), Intent::Sort)],
        "s",
        phrase("sort"),
        in_rows,
    ),
    bar(
        &[(KeyCode::Char('a'), Intent::Agenda)],
        "a",
        phrase("month or agenda"),
        |app| app.look.is_in_month(),
    ),
    bar(
        &[(KeyCode::Char('t'), Intent::Today)],
        "t",
        phrase("today"),
        |app| app.look.is_in_month(),
    ),
    bar(
        &[(KeyCode::Char('e'), Intent::Export)],
        "e",
        phrase("export"),
        on_record,
    ),
    bar(
        &[(KeyCode::Char('Q'), Intent::Qr)],
        "Q",
        phrase("QR code"),
        |app| on_record(app) && app.look.is_contact(),
    ),
    bar(
        &[(KeyCode::Char('o'), Intent::Open)],
        "o",
        phrase("open the file"),
        |app| on_record(app) && app.look.is_file(),
    ),
    more(
        &[(KeyCode::Char('o'), Intent::OpenFolder)],
        "o",
        phrase("open the folder"),
        |app| on_record(app) && !app.look.is_file(),
    ),
    more(
        &[(KeyCode::Char('O'), Intent::OpenFolder)],
        "O",
        phrase("open the folder"),
        |app| on_record(app) && app.look.is_file(),
    ),
    more(
        &[(KeyCode::Char('p'), Intent::OpenReport)],
        "p",
        phrase("open the report (to print)"),
        |app| app.look.is_in_list() || app.look.is_in_detail(),
    ),
    more(
        &[(KeyCode::Char('y'), Intent::CopyValue)],
        "y",
        phrase("copy the number or name"),
        |app| app.look.is_in_list() && app.look.has_chosen(),
    ),
    more(
        &[(KeyCode::Char('*'), Intent::MarkAll)],
        "*",
        phrase("mark all that are shown, or none"),
        in_rows,
    ),
    bar(
        &[(KeyCode::Char('v'), Intent::Verdict)],
        "v",
        phrase("verdict"),
        |app| app.can_look() && (app.look.is_in_list() || app.look.is_in_detail()),
    ),
    bar(
        &[(KeyCode::Char('v'), Intent::Verdict)],
        "v",
        phrase("progress"),
        |app| !app.can_look() && (app.look.is_in_list() || app.look.is_in_detail()),
    ),
    more(
        &[(KeyCode::Left, Intent::Left)],
        "←",
        phrase("back to the list"),
        |app| app.look.is_in_detail(),
    ),
    pages(phrase("a month back or on"), |app| app.look.is_in_month()),
    ends(phrase("first or last month"), |app| app.look.is_in_month()),
    pages(phrase("a page up or down"), |app| {
        !app.look.is_in_month() && moves(app)
    }),
    ends(phrase("first or last line"), |app| {
        !app.look.is_in_month() && moves(app)
    }),
];
