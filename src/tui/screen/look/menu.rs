//! A menu on top of the screen: filters, orders, formats.

use super::Tab;
use super::list::{Filter, Sort};
use crate::model::grouped;
use crate::phrase;
use crate::rescue::look::{Format, Listing, formats};
use crate::tui::keys::Intent;

/// Number of places that the menu of filters offers.
const MOST_PLACES: usize = 40;

/// What a menu's entry does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Filter(Filter),
    Sort(Sort),
    Format(Format),
}

/// A menu, and its selected entry.
#[derive(Debug, Clone)]
pub struct Menu {
    pub title: &'static str,
    pub entries: Vec<(String, Choice)>,
    pub at: usize,
}

impl Menu {
    fn new(title: &'static str, entries: Vec<(String, Choice)>, now: Choice) -> Self {
        let at = entries.iter().position(|(_, choice)| *choice == now);
        Self {
            title,
            entries,
            at: at.unwrap_or(0),
        }
    }

    /// The filters that show something, with the number of lines that each shows.
    pub(super) fn of_filters(tab: &Tab) -> Self {
        let lines = &tab.listing.lines;
        let count = |filter: Filter| {
            let rows = (0u32..).zip(lines);
            let shown =
                rows.filter(|(row, line)| filter.shows(&tab.listing, line, *row, &tab.list.marked));
            shown.count() as u64
        };
        let mut entries = vec![entry(phrase("everything"), Filter::All, lines.len() as u64)];
        for (name, filter) in [
            (phrase("only on this phone"), Filter::OnlyHere),
            (phrase("deleted, but still readable"), Filter::Deleted),
            (phrase("from exported files"), Filter::Found),
            (phrase("with problems"), Filter::Problems),
            (phrase("marked"), Filter::Marked),
        ] {
            let number = count(filter);
            if number > 0 || filter == tab.list.filter {
                entries.push(entry(name, filter, number));
            }
        }
        let places = &tab.listing.places;
        if places.len() > 1 {
            let counts = places_of(&tab.listing);
            let mut all: Vec<(u16, &String, u64)> = (0u16..)
                .zip(places)
                .zip(counts)
                .map(|((at, place), count)| (at, place, count))
                .collect();
            all.sort_by_key(|(at, _, count)| (std::cmp::Reverse(*count), *at));
            for (at, place, count) in all.into_iter().take(MOST_PLACES) {
                entries.push(entry(&phrase!("in {place}"), Filter::Place(at), count));
            }
        }
        Self::new(phrase("Show"), entries, Choice::Filter(tab.list.filter))
    }

    pub(super) fn of_sorts(tab: &Tab) -> Self {
        let has_times = tab.listing.lines.iter().any(|line| line.at != 0);
        let mut entries = vec![
            (phrase("usual order"), Sort::Usual),
            (phrase("usual order, reversed"), Sort::Reversed),
            (phrase("by name"), Sort::Name),
        ];
        if has_times {
            entries.push((phrase("newest first"), Sort::Newest));
            entries.push((phrase("oldest first"), Sort::Oldest));
        }
        entries.push((phrase("only on this phone first"), Sort::OnlyHereFirst));
        if tab.listing.places.len() > 1 {
            entries.push((phrase("by account or folder"), Sort::Place));
        }
        let entries = entries
            .into_iter()
            .map(|(name, sort)| (name.to_owned(), Choice::Sort(sort)));
        Self::new(
            phrase("Sort"),
            entries.collect(),
            Choice::Sort(tab.list.sort),
        )
    }

    /// The formats in which the things of a tab can be written.
    pub(super) fn of_formats(tab: &Tab) -> Option<Self> {
        let all = formats(tab.listing.of);
        let first = *all.first()?;
        let entries = all
            .iter()
            .map(|format| (format.name().to_owned(), Choice::Format(*format)));
        Some(Self::new(
            phrase("Export as"),
            entries.collect(),
            Choice::Format(first),
        ))
    }

    pub fn update(&mut self, intent: Intent) {
        let last = self.entries.len().saturating_sub(1);
        self.at = match intent {
            Intent::Up => self.at.saturating_sub(1),
            Intent::Down => self.at + 1,
            Intent::First | Intent::PageUp => 0,
            Intent::Last | Intent::PageDown => last,
            _ => return,
        }
        .min(last);
    }

    pub fn choice(&self) -> Option<Choice> {
        self.entries.get(self.at).map(|(_, choice)| *choice)
    }
}

fn entry(name: &str, filter: Filter, count: u64) -> (String, Choice) {
    (
        format!("{name}: {}", grouped(count)),
        Choice::Filter(filter),
    )
}

/// Number of lines at each place.
fn places_of(listing: &Listing) -> Vec<u64> {
    let mut counts = vec![0; listing.places.len()];
    for line in &listing.lines {
        let group = listing.groups.get(usize::from(line.places));
        for place in group.into_iter().flatten() {
            if let Some(count) = counts.get_mut(usize::from(*place)) {
                *count += 1;
            }
        }
    }
    counts
}

/// The filter in words, for the line above the list.
pub fn in_words(filter: Filter, places: &[String]) -> Option<String> {
    Some(match filter {
        Filter::All => return None,
        Filter::OnlyHere => phrase("only on this phone").to_owned(),
        Filter::Deleted => phrase("deleted").to_owned(),
        Filter::Found => phrase("from exported files").to_owned(),
        Filter::Problems => phrase("with problems").to_owned(),
        Filter::Marked => phrase("marked").to_owned(),
        Filter::Place(at) => {
            let place = places.get(usize::from(at));
            phrase!("in {}", place.map_or("", String::as_str))
        }
    })
}
