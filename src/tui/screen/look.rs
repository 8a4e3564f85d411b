//! Look: shows contacts, calendar, to-dos and photos as they are safe on disk, so that the user can check them.

mod calendar;
mod draw;
mod draw_calendar;
mod list;
mod panes;

use chrono::NaiveDate;

pub use draw::draw;

use crate::rescue::look::{Field, Needle, Shelf, fold};
use crate::tui::keys::Intent;
use crate::tui::widget::thumbnail::Thumbnail;
use calendar::Calendar;
use list::List;

/// A request for details, by the key of the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    Contact(String),
    Event(String),
    Todo(String),
    File(String),
}

/// The tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Contacts,
    Calendar,
    Todos,
    Photos,
}

const TABS: [Tab; 4] = [Tab::Contacts, Tab::Calendar, Tab::Todos, Tab::Photos];

/// The state of the screen.
#[derive(Debug)]
pub struct Look {
    today: NaiveDate,
    open: Open,
    tab: Tab,
    typing: bool,
    detail: Option<Detail>,
    /// Current page of the details. A number past the last page wraps around.
    page: usize,
}

#[derive(Debug)]
enum Open {
    NotYet,
    Failed(String),
    Shelf(Box<Opened>),
}

#[derive(Debug)]
struct Opened {
    shelf: Shelf,
    contacts: List,
    /// Search results in the calendar. Without a search, the month is shown.
    events: List,
    calendar: Calendar,
    todos: List,
    files: List,
}

/// Details of a requested record.
#[derive(Debug)]
struct Detail {
    wish: Wish,
    /// `None`: not loaded yet.
    fields: Option<Result<Vec<Field>, String>>,
    /// The picture in the file, if it can be shown.
    picture: Option<Thumbnail>,
}

impl Wish {
    fn key(&self) -> &str {
        match self {
            Self::Contact(key) | Self::Event(key) | Self::Todo(key) | Self::File(key) => key,
        }
    }
}

impl Look {
    /// Creates the screen, which waits for the rescued data.
    pub fn new(today: NaiveDate) -> Self {
        Self {
            today,
            open: Open::NotYet,
            tab: Tab::Contacts,
            typing: false,
            detail: None,
            page: 0,
        }
    }

    /// True if the rescued data is loaded.
    pub fn is_open(&self) -> bool {
        matches!(self.open, Open::Shelf(_))
    }

    /// True while a search text is typed. Letters are then not commands.
    pub fn is_typing(&self) -> bool {
        self.typing
    }

    /// True if [`Intent::Back`] has an effect here: it ends the search.
    pub fn takes_back(&self) -> bool {
        self.typing || self.is_searching()
    }

    /// True if only search results are shown.
    pub fn is_searching(&self) -> bool {
        self.list().is_some_and(|list| !list.text.is_empty())
    }

    /// Takes the rescued data, or the reason why it cannot be shown. Returns the first request for details.
    pub fn hear(&mut self, shelf: Result<Shelf, String>) -> Option<Wish> {
        self.typing = false;
        self.open = match shelf {
            Err(why) => Open::Failed(why),
            Ok(shelf) => Open::Shelf(Box::new(Opened {
                contacts: List::of(shelf.contacts.len()),
                events: List::of(shelf.events.len()),
                calendar: Calendar::new(&shelf.events, self.today),
                todos: List::of(shelf.todos.len()),
                files: List::of(shelf.files.len()),
                shelf,
            })),
        };
        self.detail = None;
        self.wish()
    }

    /// Takes requested details. Details that are no longer selected are ignored.
    pub fn hear_detail(&mut self, key: &str, fields: Result<Vec<Field>, String>) {
        if let Some(detail) = self
            .detail
            .as_mut()
            .filter(|detail| detail.wish.key() == key)
        {
            detail.fields = Some(fields);
        }
    }

    /// Takes the picture of a file.
    pub fn hear_picture(&mut self, key: &str, picture: Thumbnail) {
        if let Some(detail) = self
            .detail
            .as_mut()
            .filter(|detail| detail.wish.key() == key)
        {
            detail.picture = Some(picture);
        }
    }

    /// Carries out an intent. Returns the resulting request for details.
    pub fn update(&mut self, intent: Intent) -> Option<Wish> {
        match intent {
            Intent::NextTab if !self.typing => self.turn(1),
            Intent::PreviousTab if !self.typing => self.turn(TABS.len() - 1),
            Intent::Search if self.is_open() => self.typing = true,
            Intent::Next => self.typing = false,
            Intent::Back => self.end_search(),
            Intent::Type(c) if self.typing => self.look_for(|text| text.push(c)),
            Intent::Erase if self.typing => self.look_for(|text| {
                text.pop();
            }),
            Intent::More => self.page = self.page.wrapping_add(1),
            intent => self.go(intent),
        }
        self.wish()
    }

    fn turn(&mut self, by: usize) {
        let at = TABS.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        self.tab = TABS
            .get((at + by) % TABS.len())
            .copied()
            .unwrap_or(self.tab);
    }

    fn go(&mut self, intent: Intent) {
        let list_is_shown = self.list_is_shown();
        let Open::Shelf(opened) = &mut self.open else {
            return;
        };
        match self.tab {
            Tab::Contacts => opened.contacts.update(intent),
            Tab::Todos => opened.todos.update(intent),
            Tab::Photos => opened.files.update(intent),
            Tab::Calendar if list_is_shown => opened.events.update(intent),
            Tab::Calendar => opened.calendar.update(intent, &opened.shelf.events),
        }
    }

    /// True if a list is shown. In the calendar, the search results take the place of the month.
    fn list_is_shown(&self) -> bool {
        self.tab != Tab::Calendar || self.typing || self.is_searching()
    }

    fn look_for(&mut self, change: impl FnOnce(&mut String)) {
        let Open::Shelf(opened) = &mut self.open else {
            return;
        };
        let shelf = &opened.shelf;
        match self.tab {
            Tab::Contacts => opened
                .contacts
                .look_for(change, &shelf.contacts, |line, needle| {
                    needle.is_in(&line.search)
                }),
            Tab::Calendar => opened
                .events
                .look_for(change, &shelf.events, |line, needle| {
                    needle.is_in(&fold(&line.title))
                }),
            Tab::Todos => opened.todos.look_for(change, &shelf.todos, |line, needle| {
                needle.is_in(&fold(&line.title))
            }),
            Tab::Photos => opened.files.look_for(change, &shelf.files, |line, needle| {
                needle.is_in(&fold(&line.name))
            }),
        }
    }

    /// Ends the search and shows everything. The selected search result stays selected.
    fn end_search(&mut self) {
        let was_shown = self.list_is_shown();
        self.typing = false;
        self.look_for(String::clear);
        if let (Open::Shelf(opened), Tab::Calendar, true) = (&mut self.open, self.tab, was_shown)
            && let Some(line) = opened.events.chosen()
        {
            opened.calendar.show_event(&opened.shelf.events, line);
        }
    }

    fn list(&self) -> Option<&List> {
        let Open::Shelf(opened) = &self.open else {
            return None;
        };
        Some(match self.tab {
            Tab::Contacts => &opened.contacts,
            Tab::Calendar => &opened.events,
            Tab::Todos => &opened.todos,
            Tab::Photos => &opened.files,
        })
    }

    /// Returns a request for the selected record, if the selection changed.
    fn wish(&mut self) -> Option<Wish> {
        let chosen = self.chosen();
        if self.detail.as_ref().map(|detail| &detail.wish) == chosen.as_ref() {
            return None;
        }
        self.page = 0;
        self.detail = chosen.clone().map(|wish| Detail {
            wish,
            fields: None,
            picture: None,
        });
        chosen
    }

    fn chosen(&self) -> Option<Wish> {
        let Open::Shelf(opened) = &self.open else {
            return None;
        };
        let shelf = &opened.shelf;
        match self.tab {
            Tab::Contacts => {
                let line = shelf.contacts.get(opened.contacts.chosen()?)?;
                Some(Wish::Contact(line.key.to_string()))
            }
            Tab::Calendar => {
                let line = match self.list_is_shown() {
                    true => opened.events.chosen()?,
                    false => opened.calendar.entry()?.line,
                };
                Some(Wish::Event(shelf.events.get(line)?.key.to_string()))
            }
            Tab::Todos => {
                let line = shelf.todos.get(opened.todos.chosen()?)?;
                Some(Wish::Todo(line.key.to_string()))
            }
            Tab::Photos => {
                let line = shelf.files.get(opened.files.chosen()?)?;
                Some(Wish::File(line.key.to_string()))
            }
        }
    }
}

/// Decides whether a line matches the search.
type Fits<T> = fn(&T, &Needle) -> bool;
