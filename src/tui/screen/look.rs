//! Look: shows the data that is safe on the disk, so that the user can check, find and export it.

mod calendar;
mod commands;
mod detail;
mod draw;
mod draw_calendar;
mod draw_over;
mod hear;
mod keys;
mod list;
mod menu;
mod over;
mod panes;
mod qr;

use chrono::NaiveDate;
use ratatui::layout::Rect;

pub use draw::draw;
pub use keys::KEYS;
pub use qr::Code;

use crate::model::{Collection, grouped};
use crate::phrase;
use crate::rescue::look::{Field, Format, Listing, Overview};
use crate::tui::app::Task;
use crate::tui::keys::Intent;
use crate::tui::widget::entry::{Completed, Entry};
use crate::tui::widget::thumbnail::Thumbnail;
use calendar::Calendar;
use detail::Detail;
use list::{Filter, List};
use over::Over;

/// A request for details of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailRequest {
    /// The collection whose list has the record.
    pub of: Collection,
    /// The key of its line.
    pub key: String,
}

/// Requests to the worker that has the rescue open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    Detail(DetailRequest),
    /// What the phone sent about the record.
    Raw(DetailRequest),
    /// The texts for the contact's QR code.
    Qr(DetailRequest),
    /// Write the records with these keys into the folder that the user typed.
    Export {
        of: Collection,
        keys: Vec<String>,
        format: Format,
        folder: String,
    },
    /// Open the copy of the file, or the folder of the rescue, with the desk's program.
    Open(DetailRequest),
}

/// The state of the screen.
#[derive(Debug)]
pub struct Look {
    today: NaiveDate,
    open: Open,
    /// Index of the current tab.
    tab: usize,
    typing: bool,
    /// The keys act on the details.
    in_detail: bool,
    detail: Option<Detail>,
    over: Option<Over>,
    /// What was done last, until the next key.
    said: Option<String>,
    /// Where the screen is drawn.
    area: Rect,
    /// The rescue goes on: there is more to come.
    pub is_partial: bool,
}

#[derive(Debug)]
enum Open {
    NotYet,
    Failed(String),
    Tabs(Vec<Tab>),
}

/// A list, and what is visible of it.
#[derive(Debug)]
struct Tab {
    listing: Listing,
    /// If there is a month, its search results.
    list: List,
    /// The month that is shown without a search, for a list that is shown in this way.
    month: Option<Calendar>,
    /// The month is shown as a list of days.
    agenda: bool,
}

impl Tab {
    fn new(listing: Listing, today: NaiveDate) -> Self {
        let is_month = listing.sheet.is_month;
        Self {
            list: List::of(listing.lines.len()),
            month: is_month.then(|| Calendar::new(&listing.lines, today)),
            listing,
            agenda: false,
        }
    }
}

impl Look {
    /// Creates the screen, which waits for the rescued data.
    pub fn new(today: NaiveDate) -> Self {
        Self {
            today,
            open: Open::NotYet,
            tab: 0,
            typing: false,
            in_detail: false,
            detail: None,
            over: None,
            said: None,
            area: Rect::new(0, 0, 78, 20),
            is_partial: false,
        }
    }

    /// True if the lists can be renewed without disturbing what the user does.
    pub fn is_calm(&self) -> bool {
        let is_unmarked = self.list().is_some_and(|list| list.marked.is_empty());
        self.is_in_list() && !self.is_in_month() && !self.is_searching() && is_unmarked
    }

    /// Chooses the list of a collection, and the line with this key, if they are there.
    fn go_to(&mut self, of: Collection, key: Option<&str>) {
        let Open::Tabs(tabs) = &mut self.open else {
            return;
        };
        let Some(place) = tabs.iter().position(|tab| tab.listing.of == of) else {
            return;
        };
        self.tab = place;
        let Some(tab) = tabs.get_mut(place) else {
            return;
        };
        let is_it = |row: &u32| {
            let line = tab.listing.lines.get(*row as usize);
            line.is_some_and(|line| Some(&*line.key) == key)
        };
        if let Some(at) = tab.list.rows.iter().position(is_it) {
            tab.list.at = at;
        }
    }

    /// Sets where the screen is drawn, which limits how far texts can be scrolled.
    pub fn set_area(&mut self, area: Rect) {
        self.area = area;
    }

    /// True if the rescued data is loaded.
    pub fn is_open(&self) -> bool {
        matches!(self.open, Open::Tabs(_))
    }

    /// True while a search text or a folder is typed. Letters are then not commands.
    pub fn is_typing(&self) -> bool {
        self.typing || self.types_folder()
    }

    /// True while a folder is typed.
    pub fn types_folder(&self) -> bool {
        matches!(self.over, Some(Over::Folder { .. }))
    }

    /// True while a QR code is shown, which any key closes.
    pub fn is_code(&self) -> bool {
        matches!(self.over, Some(Over::Qr(_)))
    }

    pub fn is_in_menu(&self) -> bool {
        matches!(self.over, Some(Over::Menu(_)))
    }

    /// True if the lists take the keys.
    pub fn is_in_list(&self) -> bool {
        self.over.is_none() && !self.typing && !self.in_detail
    }

    /// True if the details take the keys.
    pub fn is_in_detail(&self) -> bool {
        self.over.is_none() && !self.typing && self.in_detail
    }

    /// True if a month or its days are shown.
    pub fn is_in_month(&self) -> bool {
        self.is_in_list() && !self.list_is_shown()
    }

    /// True if the raw form is shown.
    pub fn is_raw(&self) -> bool {
        self.detail.as_ref().is_some_and(|d| d.raw.is_some())
    }

    /// True if a record is selected.
    pub fn has_chosen(&self) -> bool {
        self.detail.is_some()
    }

    /// True if the selected record is a contact.
    pub fn is_contact(&self) -> bool {
        self.has_chosen()
            && self
                .tab()
                .is_some_and(|tab| tab.listing.of == Collection::Contacts)
    }

    /// True if the selected record is a file.
    pub fn is_file(&self) -> bool {
        self.has_chosen() && self.tab().is_some_and(|tab| tab.listing.of.is_files())
    }

    /// True if [`Intent::Back`] has an effect here.
    pub fn takes_back(&self) -> bool {
        self.over.is_some() || self.in_detail || self.typing || self.is_searching()
    }

    /// True if only search results or the lines of a filter are shown.
    pub fn is_searching(&self) -> bool {
        self.list().is_some_and(List::is_limited)
    }

    /// Continues a long search. Returns the request for details of what is selected now, and whether anything changed.
    pub fn work(&mut self) -> (bool, Option<Task>) {
        let Some(Tab { listing, list, .. }) = self.tab_mut() else {
            return (false, None);
        };
        match list.work(listing) {
            true => (true, self.request()),
            false => (false, None),
        }
    }

    /// True while a long search goes on.
    pub fn has_work(&self) -> bool {
        self.list().is_some_and(List::is_searching)
    }

    /// Carries out an intent. Returns the resulting task.
    pub fn update(&mut self, intent: Intent) -> Option<Task> {
        self.said = None;
        if self.over.is_some() {
            return self.update_over(intent);
        }
        let task = match intent {
            Intent::Search if self.is_open() => {
                self.typing = true;
                self.in_detail = false;
                None
            }
            Intent::Next | Intent::Enter if self.typing => {
                self.typing = false;
                None
            }
            Intent::Back if self.is_raw() && !self.typing => return self.show_raw(),
            Intent::Back if self.in_detail && !self.typing => {
                self.leave_detail();
                None
            }
            Intent::Back => {
                self.end_search();
                None
            }
            Intent::Type(_) | Intent::Erase | Intent::EraseAll | Intent::EraseWord
                if self.typing =>
            {
                let mut entry = Entry::default();
                self.look_for(|text| {
                    entry.text = std::mem::take(text);
                    entry.update(intent);
                    *text = entry.text;
                });
                None
            }
            intent if self.typing => {
                self.go(intent);
                None
            }
            intent => self.command(intent),
        };
        let request = self.request();
        task.or(request)
    }

    fn turn(&mut self, ahead: bool) {
        let last = match &self.open {
            Open::Tabs(tabs) => tabs.len().saturating_sub(1),
            Open::NotYet | Open::Failed(_) => return,
        };
        self.in_detail = false;
        self.tab = match (ahead, self.tab) {
            (true, tab) if tab >= last => 0,
            (true, tab) => tab + 1,
            (false, 0) => last,
            (false, tab) => tab - 1,
        };
    }

    fn tab(&self) -> Option<&Tab> {
        match &self.open {
            Open::Tabs(tabs) => tabs.get(self.tab),
            Open::NotYet | Open::Failed(_) => None,
        }
    }

    fn tab_mut(&mut self) -> Option<&mut Tab> {
        match &mut self.open {
            Open::Tabs(tabs) => tabs.get_mut(self.tab),
            Open::NotYet | Open::Failed(_) => None,
        }
    }

    fn go(&mut self, intent: Intent) {
        let list_is_shown = self.list_is_shown();
        let area = self.area;
        if self.in_detail {
            let place = panes::detail_area(self, area);
            if let Some(detail) = &mut self.detail {
                detail.update(intent, place);
            }
            return;
        }
        let page = usize::from(draw::rows_of(area)).saturating_sub(1).max(1);
        let Some(tab) = self.tab_mut() else {
            return;
        };
        match (&mut tab.month, intent) {
            (Some(month), _) if !list_is_shown => month.update(intent, &tab.listing.lines),
            (_, Intent::Right) => self.turn(true),
            (_, Intent::Left) => self.turn(false),
            _ => tab.list.update(intent, page),
        }
    }

    /// True if a list is shown. A month gives way to search results.
    fn list_is_shown(&self) -> bool {
        let is_month = self.tab().is_some_and(|tab| tab.month.is_some());
        !is_month || self.typing || self.is_searching()
    }

    fn look_for(&mut self, change: impl FnOnce(&mut String)) {
        if let Some(Tab { listing, list, .. }) = self.tab_mut() {
            list.look_for(change, listing);
        }
    }

    /// Ends the search and shows everything. The selected search result stays selected.
    fn end_search(&mut self) {
        let was_shown = self.list_is_shown();
        self.typing = false;
        let chosen = self.list().and_then(List::chosen);
        if let Some(Tab { listing, list, .. }) = self.tab_mut() {
            list.filter = Filter::All;
            list.look_for(String::clear, listing);
        }
        if let (Some(tab), true) = (self.tab_mut(), was_shown)
            && let (Some(month), Some(line)) = (&mut tab.month, chosen)
        {
            month.show_event(&tab.listing.lines, line);
        }
    }

    fn list(&self) -> Option<&List> {
        self.tab().map(|tab| &tab.list)
    }

    /// Returns a request for the selected record, if the selection changed.
    fn request(&mut self) -> Option<Task> {
        let chosen = self.chosen();
        if self.detail.as_ref().map(|detail| &detail.request) == chosen.as_ref() {
            return None;
        }
        self.in_detail &= chosen.is_some();
        self.detail = chosen.clone().map(Detail::new);
        chosen.map(|request| Task::Wish(Wish::Detail(request)))
    }

    fn chosen(&self) -> Option<DetailRequest> {
        let tab = self.tab()?;
        let line = match &tab.month {
            Some(month) if !self.list_is_shown() => month.entry()?.line,
            _ => tab.list.chosen()?,
        };
        Some(DetailRequest {
            of: tab.listing.of,
            key: tab.listing.lines.get(line)?.key.to_string(),
        })
    }
}

/// Position and counts of a list: `3 of 419`, or `3 of 40 found (419 in all)`.
fn position(tab: &Tab) -> String {
    let list = &tab.list;
    let all = grouped(tab.listing.lines.len() as u64);
    let at = match list.rows.is_empty() {
        true => 0,
        false => list.at as u64 + 1,
    };
    let shown = grouped(list.rows.len() as u64);
    let at = grouped(at);
    let text = match list.is_limited() {
        true => phrase!("{at} of {shown} found"),
        false => phrase!("{at} of {all}"),
    };
    let text = match tab.listing.sheet.unit {
        "" => text,
        unit => format!("{text} {unit}"),
    };
    match list.is_limited() {
        true => phrase!("{text} ({all} in all)"),
        false => text,
    }
}
