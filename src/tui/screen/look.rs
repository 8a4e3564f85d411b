//! Look: shows contacts, calendar, to-dos and photos as they are safe on disk, so that the user can check them.

mod calendar;
mod draw;
mod draw_calendar;
mod keys;
mod list;
mod panes;

pub use keys::KEYS;

use chrono::NaiveDate;

pub use draw::draw;

use crate::model::Collection;
use crate::rescue::look::{Field, Listing, Overview};
use crate::tui::keys::Intent;
use crate::tui::widget::thumbnail::Thumbnail;
use calendar::Calendar;
use list::List;

/// A request for details of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailRequest {
    /// The collection whose list has the record.
    pub of: Collection,
    /// The key of its line.
    pub key: String,
}

/// The state of the screen.
#[derive(Debug)]
pub struct Look {
    today: NaiveDate,
    open: Open,
    /// Index of the current tab.
    tab: usize,
    typing: bool,
    detail: Option<Detail>,
    /// Current page of the details. A number past the last page wraps around.
    page: usize,
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
}

impl Tab {
    fn new(listing: Listing, today: NaiveDate) -> Self {
        let is_month = listing.sheet.is_month;
        Self {
            list: List::of(listing.lines.len()),
            month: is_month.then(|| Calendar::new(&listing.lines, today)),
            listing,
        }
    }
}

/// Details of a requested record.
#[derive(Debug)]
struct Detail {
    request: DetailRequest,
    /// `None`: not loaded yet.
    fields: Option<Result<Vec<Field>, String>>,
    /// The picture in the file, if it can be shown.
    picture: Option<Thumbnail>,
}

impl Look {
    /// Creates the screen, which waits for the rescued data.
    pub fn new(today: NaiveDate) -> Self {
        Self {
            today,
            open: Open::NotYet,
            tab: 0,
            typing: false,
            detail: None,
            page: 0,
        }
    }

    /// True if the rescued data is loaded.
    pub fn is_open(&self) -> bool {
        matches!(self.open, Open::Tabs(_))
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
    pub fn on_message(&mut self, overview: Result<Overview, String>) -> Option<DetailRequest> {
        self.typing = false;
        self.open = match overview {
            Err(why) => Open::Failed(why),
            Ok(overview) => {
                let lists = overview.lists.into_iter();
                Open::Tabs(lists.map(|list| Tab::new(list, self.today)).collect())
            }
        };
        self.detail = None;
        self.request()
    }

    /// Takes requested details. Details that are no longer selected are ignored.
    pub fn on_detail(&mut self, key: &str, fields: Result<Vec<Field>, String>) {
        if let Some(detail) = self
            .detail
            .as_mut()
            .filter(|detail| detail.request.key == key)
        {
            detail.fields = Some(fields);
        }
    }

    /// Takes the picture of a file.
    pub fn on_picture(&mut self, key: &str, picture: Thumbnail) {
        if let Some(detail) = self
            .detail
            .as_mut()
            .filter(|detail| detail.request.key == key)
        {
            detail.picture = Some(picture);
        }
    }

    /// Carries out an intent. Returns the resulting request for details.
    pub fn update(&mut self, intent: Intent) -> Option<DetailRequest> {
        match intent {
            Intent::NextTab if !self.typing => self.turn(true),
            Intent::PreviousTab if !self.typing => self.turn(false),
            Intent::Search if self.is_open() => self.typing = true,
            Intent::Next => self.typing = false,
            Intent::Back => self.end_search(),
            Intent::Type(c) if self.typing => self.look_for(|text| text.push(c)),
            Intent::Erase if self.typing => self.look_for(|text| {
                text.pop();
            }),

            intent => self.go(intent),
        }
        self.request()
    }

    fn turn(&mut self, ahead: bool) {
        let last = match &self.open {
            Open::Tabs(tabs) => tabs.len().saturating_sub(1),
            Open::NotYet | Open::Failed(_) => return,
        };
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
        let Some(tab) = self.tab_mut() else {
            return;
        };
        match &mut tab.month {
            Some(month) if !list_is_shown => month.update(intent, &tab.listing.lines),
            _ => tab.list.update(intent),
        }
    }

    /// True if a list is shown. A month gives way to search results.
    fn list_is_shown(&self) -> bool {
        let is_month = self.tab().is_some_and(|tab| tab.month.is_some());
        !is_month || self.typing || self.is_searching()
    }

    fn look_for(&mut self, change: impl FnOnce(&mut String)) {
        if let Some(Tab { listing, list, .. }) = self.tab_mut() {
            list.look_for(change, &listing.lines);
        }
    }

    /// Ends the search and shows everything. The selected search result stays selected.
    fn end_search(&mut self) {
        let was_shown = self.list_is_shown();
        self.typing = false;
        self.look_for(String::clear);
        if let (Some(tab), true) = (self.tab_mut(), was_shown)
            && let (Some(month), Some(line)) = (&mut tab.month, tab.list.chosen())
        {
            month.show_event(&tab.listing.lines, line);
        }
    }

    fn list(&self) -> Option<&List> {
        self.tab().map(|tab| &tab.list)
    }

    /// Returns a request for the selected record, if the selection changed.
    fn request(&mut self) -> Option<DetailRequest> {
        let chosen = self.chosen();
        if self.detail.as_ref().map(|detail| &detail.request) == chosen.as_ref() {
            return None;
        }
        self.page = 0;
        self.detail = chosen.clone().map(|request| Detail {
            request,
            fields: None,
            picture: None,
        });
        chosen
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
