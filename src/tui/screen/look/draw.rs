//! Draws the Look screen.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use unicode_width::UnicodeWidthStr;

use super::draw_calendar::{draw_calendar, draw_found};
use super::list::List;
use super::panes::{Row, detail, list, split};
use super::{Look, Open, Opened, TABS, Tab};
use crate::model::{FileKind, size};
use crate::rescue::look::{ContactLine, FileLine, Shelf, TodoLine};
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, counted, fit, wrap};

/// Draws the screen from its state only.
pub fn draw(look: &Look, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let opened = match &look.open {
        Open::NotYet => return say(frame, area, "Opening what was rescued…"),
        Open::Failed(why) => {
            let text = format!("What was rescued could not be opened: {why}");
            return say(frame, area, &text);
        }
        Open::Shelf(opened) => opened,
    };
    let [tabs, rule, head, _, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    draw_tabs(look, &opened.shelf, frame, tabs, rule, theme);
    if look.typing || look.is_searching() {
        draw_search(look, frame, head, theme);
    } else {
        let summary = match look.list().is_some_and(|list| list.rows.is_empty()) {
            true => String::new(),
            false => summary(look.tab, &opened.shelf),
        };
        frame.render_widget(Line::from(fit(&summary, usize::from(head.width))), head);
    }
    if body.is_empty() {
        return;
    }
    match look.tab {
        Tab::Contacts => draw_contacts(look, opened, frame, body, theme),
        Tab::Calendar if look.list_is_shown() => draw_found(look, opened, frame, body, theme),
        Tab::Calendar => draw_calendar(look, opened, frame, body, theme),
        Tab::Todos => draw_todos(look, opened, frame, body, theme),
        Tab::Photos => draw_files(look, opened, frame, body, theme),
    }
}

pub(super) fn say(frame: &mut Frame<'_>, area: Rect, text: &str) {
    let lines = wrap(text, usize::from(area.width));
    let lines: Vec<Line<'_>> = lines.into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// Draws the tabs, and a rule that is heavy under the current tab.
fn draw_tabs(
    look: &Look,
    shelf: &Shelf,
    frame: &mut Frame<'_>,
    tabs: Rect,
    rule: Rect,
    theme: Theme,
) {
    let mut names = Vec::new();
    let mut line = Vec::new();
    for tab in TABS {
        let text = match tab {
            Tab::Contacts => format!(" Contacts {} ", count(living(shelf).0)),
            Tab::Calendar => format!(" Calendar {} ", count(living(shelf).1)),
            Tab::Todos => format!(" To-dos {} ", count(living(shelf).2)),
            Tab::Photos => format!(" Photos {} ", count(safe_files(shelf))),
        };
        let (style, stroke) = match tab == look.tab {
            true => (theme.strong(), "━"),
            false => (theme.quiet(), "─"),
        };
        let stroke_style = if tab == look.tab {
            theme.title()
        } else {
            theme.quiet()
        };
        line.push(Span::styled(stroke.repeat(text.width()), stroke_style));
        line.push(Span::styled("──", theme.quiet()));
        names.push(Span::styled(text, style));
        names.push(Span::raw("  "));
    }
    let rest = usize::from(rule.width);
    line.push(Span::styled("─".repeat(rest), theme.quiet()));
    frame.render_widget(Line::from(names), tabs);
    frame.render_widget(Line::from(line), rule);
}

/// Numbers as in the verdict: without deleted items, SIM entries, parts of series, and items that are only in
/// exported files.
fn living(shelf: &Shelf) -> (u64, u64, u64) {
    let contacts = shelf
        .contacts
        .iter()
        .filter(|c| !c.deleted && !c.own && !c.sim && !c.found)
        .count();
    let events = shelf
        .events
        .iter()
        .filter(|e| !e.deleted && !e.part && !e.found)
        .count();
    let todos = shelf
        .todos
        .iter()
        .filter(|t| !t.deleted && !t.found)
        .count();
    (contacts as u64, events as u64, todos as u64)
}

/// Number of files with a copy.
fn safe_files(shelf: &Shelf) -> u64 {
    shelf.files.iter().filter(|file| file.safe).count() as u64
}

/// Summary of a tab in one sentence.
fn summary(tab: Tab, shelf: &Shelf) -> String {
    let living = living(shelf);
    let found = match tab {
        Tab::Contacts => shelf.contacts.iter().filter(|c| c.found).count(),
        Tab::Calendar => shelf.events.iter().filter(|e| e.found && !e.part).count(),
        Tab::Todos => shelf.todos.iter().filter(|t| t.found).count(),
        Tab::Photos => 0,
    };
    let (first, only_here, deleted, mut more) = match tab {
        Tab::Contacts => {
            let all = &shelf.contacts;
            let sim = all.iter().filter(|c| c.sim).count() as u64;
            (
                counted(living.0, "contact", "contacts"),
                all.iter()
                    .filter(|c| c.only_here && !c.deleted && !c.own && !c.sim)
                    .count(),
                all.iter().filter(|c| c.deleted).count(),
                (sim > 0).then(|| format!("{} more on the SIM card alone", count(sim))),
            )
        }
        Tab::Calendar => {
            let all = shelf.events.iter().filter(|e| !e.part);
            let undated = shelf.events.iter().filter(|e| e.day.is_none()).count() as u64;
            let calendars = counted(shelf.calendars.len() as u64, "calendar", "calendars");
            (
                format!("{} in {calendars}", counted(living.1, "event", "events")),
                all.clone().filter(|e| e.only_here).count(),
                all.filter(|e| e.deleted).count(),
                (undated > 0)
                    .then(|| format!("{} without a date: search finds them", count(undated))),
            )
        }
        Tab::Todos => {
            let open = shelf.todos.iter().filter(|t| !t.done && !t.deleted).count() as u64;
            (
                format!(
                    "{}, {} open",
                    counted(living.2, "to-do", "to-dos"),
                    count(open)
                ),
                shelf.todos.iter().filter(|t| t.only_here).count(),
                shelf.todos.iter().filter(|t| t.deleted).count(),
                None,
            )
        }
        Tab::Photos => {
            let safe = shelf.files.iter().filter(|file| file.safe);
            let bytes = safe.fold(0, |sum: u64, file| sum.saturating_add(file.size));
            let lacking = shelf.files.len() as u64 - safe_files(shelf);
            let files = counted(safe_files(shelf), "file", "files");
            (
                format!("{files}, {}", size(bytes)),
                0,
                0,
                (lacking > 0).then(|| format!("{} not copied", count(lacking))),
            )
        }
    };
    let mut parts = vec![first];
    if only_here > 0 {
        parts.push(format!("{} only on this phone", count(only_here as u64)));
    }
    parts.extend(more.take());
    if found > 0 {
        parts.push(format!("{} more from exported files", count(found as u64)));
    }
    if deleted > 0 {
        parts.push(format!("{} deleted kept", count(deleted as u64)));
    }
    parts.join(", ")
}

fn draw_search(look: &Look, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let Some(list) = look.list() else {
        return;
    };
    let what = match look.tab {
        Tab::Contacts => "Search name, number, e-mail, company: ",
        Tab::Calendar | Tab::Todos => "Search title: ",
        Tab::Photos => "Search name: ",
    };
    let found = match (list.rows.len(), look.typing) {
        (n, true) => format!("  {} found", count(n as u64)),
        (n, false) => format!("  {} found, Esc shows all", count(n as u64)),
    };
    let width = usize::from(area.width);
    let room = width.saturating_sub(what.width() + found.width() + 1);
    // The end of a long text stays visible, because the user types there.
    let mut text = list.text.as_str();
    while text.width() > room {
        let mut rest = text.chars();
        rest.next();
        text = rest.as_str();
    }
    let at = what.width() + text.width();
    let line = Line::from(vec![
        Span::styled(what, theme.quiet()),
        Span::styled(text.to_owned(), theme.strong()),
        Span::raw(" "),
        Span::styled(found, theme.quiet()),
    ]);
    frame.render_widget(line, area);
    if look.typing && at < width && area.height > 0 {
        let at = u16::try_from(at).unwrap_or(area.width);
        frame.set_cursor_position(Position::new(area.x + at, area.y));
    }
}

/// Width of the list in columns. `share` is its part of the screen in twentieths; no list needs more than 56 columns.
fn left_of(area: Rect, share: u16) -> u16 {
    (area.width / 20 * share + area.width % 20 * share / 20).min(56)
}

/// The list of a tab, drawn next to the details of its selected line.
pub(super) struct Listed<'a, T> {
    pub list: &'a List,
    /// Lines of the shelf that the list shows.
    pub lines: &'a [T],
    /// Width of the list, in twentieths of the screen.
    pub share: u16,
    /// Text for an empty list.
    pub none: &'static str,
}

impl<T> Listed<'_, T> {
    pub fn draw(
        self,
        look: &Look,
        frame: &mut Frame<'_>,
        area: Rect,
        theme: Theme,
        row: impl Fn(&T) -> Row,
    ) {
        let List { rows, at, .. } = self.list;
        if rows.is_empty() {
            return nothing(look, frame, area, self.none);
        }
        let (left, right) = split(frame, area, left_of(area, self.share), theme);
        list(frame, left, rows.len(), *at, !look.typing, theme, |index| {
            let line = rows
                .get(index)
                .and_then(|place| self.lines.get(*place as usize));
            line.map_or_else(Row::default, &row)
        });
        detail(look, frame, right, theme);
    }
}

fn draw_contacts(look: &Look, opened: &Opened, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let listed = Listed {
        list: &opened.contacts,
        lines: &opened.shelf.contacts,
        share: 9,
        none: "This phone held no contacts that Lifeboat can read. Verdict says why.",
    };
    listed.draw(look, frame, area, theme, contact_row);
}

fn contact_row(line: &ContactLine) -> Row {
    Row {
        before: String::new(),
        name: line.name.to_string(),
        remark: match line {
            ContactLine { own: true, .. } => "owner",
            ContactLine { deleted: true, .. } => "deleted",
            ContactLine { sim: true, .. } => "SIM",
            ContactLine { found: true, .. } => "file",
            ContactLine {
                only_here: true, ..
            } => "only here",
            _ => "",
        }
        .into(),
        style: Style::new(),
    }
}

fn draw_todos(look: &Look, opened: &Opened, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let listed = Listed {
        list: &opened.todos,
        lines: &opened.shelf.todos,
        share: 11,
        none: "This phone held no to-dos that Lifeboat can read.",
    };
    listed.draw(look, frame, area, theme, |line| todo_row(line, theme));
}

fn todo_row(line: &TodoLine, theme: Theme) -> Row {
    Row {
        before: if line.done { "[x] " } else { "[ ] " }.to_owned(),
        name: line.title.to_string(),
        remark: match line {
            TodoLine { deleted: true, .. } => "deleted".into(),
            TodoLine { done: true, .. } => "done".into(),
            TodoLine { due: Some(due), .. } => due.format("%-d %b %Y").to_string().into(),
            TodoLine { due: None, .. } => "no date".into(),
        },
        style: if line.done {
            theme.quiet()
        } else {
            Style::new()
        },
    }
}

fn draw_files(look: &Look, opened: &Opened, frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let listed = Listed {
        list: &opened.files,
        lines: &opened.shelf.files,
        share: 10,
        none: "There are no pictures, videos or recordings that Lifeboat can read. Verdict says why.",
    };
    listed.draw(look, frame, area, theme, file_row);
}

fn file_row(line: &FileLine) -> Row {
    let kind = match line.kind {
        FileKind::Photo => "",
        FileKind::Video => "video",
        FileKind::Sound => "sound",
        FileKind::Data => "list",
        FileKind::Document => "document",
    };
    let day = line.day.map(|day| day.format("%-d %b %Y").to_string());
    let remark = match line {
        FileLine { safe: false, .. } => "NOT COPIED",
        FileLine { trashed: true, .. } => "thrown away",
        _ => kind,
    };
    let day = day.unwrap_or_default();
    Row {
        before: String::new(),
        name: line.name.to_string(),
        remark: match remark {
            "" => day.into(),
            remark => format!("{remark}, {day}").into(),
        },
        style: Style::new(),
    }
}

/// Tells why the list is empty.
pub(super) fn nothing(look: &Look, frame: &mut Frame<'_>, area: Rect, what: &str) {
    let text = match look.is_searching() {
        true => "Nothing found. Parts of words do, in any order; Esc shows all again.",
        false => what,
    };
    say(frame, area, text);
}
