//! The lists of the Look screen: one line for each record of a collection.

use std::borrow::Cow;

use super::rooms;
use super::search_key::{Needle, search_key};
use crate::format::icalendar::days::Series;
use crate::model::{Collection, Stop, grouped};
use crate::phrase;
use crate::vault::{Vault, VaultError};
use chrono::{Days, NaiveDate};

/// The lists of everything in a rescue, in the order of their tabs.
#[derive(Debug, Clone)]
pub struct Overview {
    pub lists: Vec<Listing>,
}

/// Empty lists.
impl Default for Overview {
    fn default() -> Self {
        let all = Collection::ALL.into_iter().zip(rooms());
        let lists = all.filter_map(|(of, room)| Some(Listing::new(of, room.sheet?)));
        Self {
            lists: lists.collect(),
        }
    }
}

impl Overview {
    /// Reads all lists. Once `stop` is set, returns the lines read so far.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub fn read(journal: &Vault, stop: &Stop) -> Result<Self, VaultError> {
        let go_on = || match stop.is_stopped() {
            true => Err(Ended::Stopped),
            false => Ok(()),
        };
        let mut overview = Self::default();
        for listing in &mut overview.lists {
            match (listing.sheet.fill)(journal, &go_on, listing) {
                Ok(()) | Err(Ended::Stopped) => {}
                Err(Ended::Failed(error)) => return Err(error),
            }
        }
        Ok(overview)
    }

    /// Returns the list of a collection, if it has one.
    pub fn of(&self, what: Collection) -> Option<&Listing> {
        self.lists.iter().find(|listing| listing.of == what)
    }
}

/// Returns an error if the reading of a list must end early.
pub type GoOn<'a> = &'a dyn Fn() -> Result<(), Ended>;

/// Why the reading of a list ended early.
#[derive(Debug)]
pub enum Ended {
    Stopped,
    Failed(VaultError),
}

impl From<VaultError> for Ended {
    fn from(error: VaultError) -> Self {
        Self::Failed(error)
    }
}

/// A list on a screen.
#[derive(Debug)]
pub struct Sheet {
    /// Text for an empty list.
    pub none: &'static str,
    /// Width of the list, in twentieths of the screen.
    pub share: u16,
    /// The unit of a line, if a line is not one thing of the collection: `conversations`.
    pub unit: &'static str,
    /// Without a search, a month is shown in place of the list.
    pub is_month: bool,
    /// Fills the list in display order, with a call of [`GoOn`] for each record.
    ///
    /// Fails if the journal can't be read or the reading must end early.
    pub fill: fn(&Vault, GoOn<'_>, &mut Listing) -> Result<(), Ended>,
}

/// The list of one collection.
#[derive(Debug, Clone)]
pub struct Listing {
    pub of: Collection,
    pub sheet: &'static Sheet,
    pub lines: Vec<Line>,
    /// Follows the number of things in the summary: ` in 3 calendars`, `, 4 open`.
    pub about: String,
    /// Another part of the summary; empty: none.
    pub more: String,
    /// Where records were stored, such as the accounts.
    pub places: Vec<String>,
    /// Indices in `places` of the places of one record. Each line refers to one entry.
    pub groups: Vec<Vec<u16>>,
}

/// Maximum number of distinct places. The last place means "all others".
const MOST_PLACES: usize = 1_000;

/// One record in a list. All texts are safe to show on a terminal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Keys of the records that it was merged from: see [`keys_of`].
    pub key: Box<str>,
    pub name: Box<str>,
    /// Search text, folded ([`search_key`]), with one entry per line; empty: the name alone.
    pub search: Box<str>,
    /// Column before the name.
    pub before: &'static str,
    /// Remark after the name.
    pub remark: Cow<'static, str>,
    /// Marked deleted on the handset, but still in its cache.
    pub deleted: bool,
    /// No server can be expected to have the record in this state.
    pub only_here: bool,
    /// Found only in a file that the owner had exported.
    pub found: bool,
    /// Not one of the collection's own things as the verdict counts them: an entry of the SIM, the owner's own card, a
    /// file without a copy.
    pub aside: bool,
    /// The line is a part of another line's record, so a person would not count it.
    pub part: bool,
    /// Number of further things that the line stands for, such as the messages of a conversation.
    pub more: u64,
    /// The to-do is done.
    pub done: bool,
    /// For a list that is shown as a month.
    pub when: Option<Box<When>>,
    /// Something about it has to be looked at, such as a file that was not copied.
    pub problem: bool,
    /// Index in [`Listing::groups`].
    pub places: u16,
    /// When it took place or was changed, in milliseconds since 1970; 0: not known.
    pub at: i64,
}

/// The days of a line in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct When {
    /// First day, in the record's own zone; `None`: no day that a calendar can show.
    pub day: Option<NaiveDate>,
    /// Number of consecutive days after the first.
    pub more_days: u16,
    /// `09:30`, in the record's own zone; empty: all day.
    pub time: Box<str>,
    /// Short name of the record's zone, if that differs from the zone of most records.
    pub elsewhere: Option<Box<str>>,
    pub repeats: Repeats,
}

/// Whether an event takes place more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeats {
    No,
    On(Box<Series>),
    /// The rule is one that Lifeboat doesn't expand: only the first day is shown.
    FirstOnly,
}

impl Listing {
    fn new(of: Collection, sheet: &'static Sheet) -> Self {
        Self {
            of,
            sheet,
            lines: Vec::new(),
            about: String::new(),
            more: String::new(),
            places: Vec::new(),
            groups: Vec::new(),
        }
    }

    /// Returns the number of the group of these places, which is added if it is new.
    pub fn places(&mut self, names: &[String]) -> u16 {
        let group: Vec<u16> = names.iter().map(|name| self.place(name)).collect();
        number_of(&mut self.groups, group)
    }

    fn place(&mut self, name: &str) -> u16 {
        match self.places.iter().position(|place| place == name) {
            Some(at) => u16::try_from(at).unwrap_or(u16::MAX),
            None => number_of(&mut self.places, name.to_owned()),
        }
    }

    /// Returns true if a line's record was stored at the place with this index.
    pub fn is_at(&self, line: &Line, place: u16) -> bool {
        let group = self.groups.get(usize::from(line.places));
        group.is_some_and(|group| group.contains(&place))
    }

    fn number(&self, which: impl Fn(&Line) -> bool) -> u64 {
        let lines = self.lines.iter();
        lines
            .filter(|line| !line.part && which(line))
            .map(|line| 1 + line.more)
            .sum()
    }

    /// Returns the number of things as in the verdict: without deleted ones, those aside, and those that are only in
    /// exported files.
    pub fn count(&self) -> u64 {
        self.number(|line| !line.deleted && !line.aside && !line.found)
    }

    /// Returns the summary in one sentence.
    pub fn summary(&self) -> String {
        let count = self.count();
        let counted = format!("{} {}{}", grouped(count), self.of.things(count), self.about);
        let number = |number: u64, text: &str| match number {
            0 => String::new(),
            number => format!("{} {text}", grouped(number)),
        };
        let parts = [
            counted,
            number(
                self.number(Line::is_only_here),
                phrase("only on this phone"),
            ),
            self.more.clone(),
            number(
                self.number(|line| line.found),
                phrase("more from exported files"),
            ),
            number(
                self.number(|line| line.deleted),
                phrase("deleted but saved"),
            ),
            number(
                self.lines.iter().filter(|line| line.part).count() as u64,
                phrase("changed dates of series"),
            ),
        ];
        let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    }
}

/// Returns the index of an entry, which is added if it is new and there is room.
fn number_of<T: PartialEq>(all: &mut Vec<T>, one: T) -> u16 {
    let known = all.iter().position(|other| *other == one);
    let at = known.unwrap_or_else(|| {
        if all.len() < MOST_PLACES {
            all.push(one);
        }
        all.len().saturating_sub(1)
    });
    u16::try_from(at).unwrap_or(u16::MAX)
}

impl Line {
    /// Returns true if it is one of the collection's own things of which no server has a copy.
    pub fn is_only_here(&self) -> bool {
        self.only_here && !self.deleted && !self.aside
    }

    /// Returns true if a search finds the line.
    pub fn fits(&self, needle: &Needle) -> bool {
        match self.search.is_empty() {
            true => needle.is_in(&search_key(&self.name)),
            false => needle.is_in(&self.search),
        }
    }

    /// Returns true if a search that allows typing errors finds the line.
    pub fn matches_approximately(&self, needle: &Needle) -> bool {
        match self.search.is_empty() {
            true => needle.is_nearly_in(&search_key(&self.name)),
            false => needle.is_nearly_in(&self.search),
        }
    }
}

impl When {
    /// Returns the days from `first` to `last` on which the event takes place, and whether it begins on each. An event
    /// of several days is returned for each of its days.
    pub fn days_in(&self, first: NaiveDate, last: NaiveDate) -> Vec<(NaiveDate, bool)> {
        let more = Days::new(self.more_days.into());
        let earliest = first.checked_sub_days(more).unwrap_or(first);
        let begins = match (&self.repeats, self.day) {
            (Repeats::On(series), _) => series.between(earliest, last),
            (_, Some(day)) if (earliest..=last).contains(&day) => vec![day],
            _ => return Vec::new(),
        };
        let mut days: Vec<(NaiveDate, bool)> = begins
            .into_iter()
            .flat_map(|begin| {
                let stretch = begin.iter_days().take(usize::from(self.more_days) + 1);
                stretch.map(move |day| (day, day == begin))
            })
            .filter(|(day, _)| (first..=last).contains(day))
            .collect();
        // If one occurrence lasts until the day on which the next begins, list that day once.
        days.sort_unstable_by_key(|(day, begins)| (*day, !begins));
        days.dedup_by_key(|(day, _)| *day);
        days
    }

    /// Returns the event's last day; `None`: no day that a calendar can show, or an endless series.
    pub fn last_day(&self) -> Option<NaiveDate> {
        let last = match &self.repeats {
            Repeats::On(series) => series.last()?,
            _ => self.day?,
        };
        last.checked_add_days(Days::new(self.more_days.into()))
    }
}

/// Separates the keys of the records that a line was merged from.
const KEY_SEPARATOR: &str = "\u{1F}";

/// Joins the keys of all records that a line was merged from.
pub fn key_of(keys: &[String]) -> Box<str> {
    keys.join(KEY_SEPARATOR).into()
}

/// Returns the keys in a line's key.
pub fn keys_of(key: &str) -> Vec<&str> {
    key.split(KEY_SEPARATOR).collect()
}
