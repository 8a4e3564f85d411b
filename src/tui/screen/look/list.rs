//! A list that can be searched, filtered and sorted: the visible lines, the selected one, and the marked ones.
//!
//! A search in a long list goes on in slices ([`List::work`]), so that each key is answered at once.

use std::collections::HashSet;

use crate::rescue::look::{Line, Listing, Needle};
use crate::tui::keys::Intent;

/// Number of lines that one slice of a search looks at.
pub const SLICE: usize = 4_000;

/// Which lines are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Filter {
    #[default]
    All,
    OnlyHere,
    Deleted,
    Found,
    Problems,
    Marked,
    /// The lines of one place, by the index of the place.
    Place(u16),
}

/// The order of the lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sort {
    /// The order of the listing.
    #[default]
    Usual,
    Reversed,
    Name,
    Newest,
    Oldest,
    OnlyHereFirst,
    Place,
}

#[derive(Debug, Default)]
pub struct List {
    /// Search text, as typed.
    pub text: String,
    pub filter: Filter,
    pub sort: Sort,
    /// Indices in the listing of the lines that are shown.
    pub rows: Vec<u32>,
    /// Index of the selected line in `rows`.
    pub at: usize,
    /// Indices in the listing.
    pub marked: HashSet<u32>,
    /// The term was not found exactly. The rows are similar matches.
    pub nearly: bool,
    search: Option<Search>,
}

/// A search that is going on.
#[derive(Debug)]
struct Search {
    needle: Needle,
    /// The lines to look at, in the order in which they are shown.
    candidates: Vec<u32>,
    next: usize,
    /// The line that was selected before.
    wanted: Option<u32>,
}

impl List {
    /// Creates a list with all lines.
    pub fn of(length: usize) -> Self {
        Self {
            rows: all(length),
            ..Self::default()
        }
    }

    /// Index of the selected line in the listing.
    pub fn chosen(&self) -> Option<usize> {
        self.rows.get(self.at).map(|row| *row as usize)
    }

    /// True while a search goes on.
    pub fn is_searching(&self) -> bool {
        self.search.is_some()
    }

    /// True if only some lines are shown.
    pub fn is_limited(&self) -> bool {
        !self.text.is_empty() || self.filter != Filter::All
    }

    /// Moves the selection. `page`: the number of lines that a page key moves by.
    pub fn update(&mut self, intent: Intent, page: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.at = match intent {
            Intent::Up => self.at.saturating_sub(1),
            Intent::Down => self.at + 1,
            Intent::PageUp => self.at.saturating_sub(page),
            Intent::PageDown => self.at + page,
            Intent::First => 0,
            Intent::Last => last,
            _ => return,
        }
        .min(last);
        // The user has chosen another line meanwhile.
        if let Some(search) = &mut self.search {
            search.wanted = None;
        }
    }

    /// Marks the selected line or takes its mark away, and goes to the next one.
    pub fn mark(&mut self) {
        let Some(row) = self.rows.get(self.at) else {
            return;
        };
        if !self.marked.remove(row) {
            self.marked.insert(*row);
        }
        self.update(Intent::Down, 1);
    }

    /// Marks all lines that are shown; if they are marked, takes their marks away.
    pub fn mark_all(&mut self) {
        match self.rows.iter().all(|row| self.marked.contains(row)) {
            true => self.rows.iter().for_each(|row| {
                self.marked.remove(row);
            }),
            false => self.marked.extend(&self.rows),
        }
    }

    /// The marked lines in the order of the listing; without any, the selected one.
    pub fn picked(&self) -> Vec<usize> {
        let mut picked: Vec<usize> = self.marked.iter().map(|row| *row as usize).collect();
        picked.sort_unstable();
        if picked.is_empty() {
            picked.extend(self.chosen());
        }
        picked
    }

    /// Changes the search text and begins the search. The selected line stays selected if it is found.
    pub fn look_for(&mut self, change: impl FnOnce(&mut String), listing: &Listing) {
        let before = self.text.clone();
        change(&mut self.text);
        let narrower = !before.is_empty()
            && self.text.starts_with(&before)
            && self.search.is_none()
            && !self.nearly
            && Needle::new(&self.text).narrows();
        let candidates = match narrower {
            true => std::mem::take(&mut self.rows),
            false => Vec::new(),
        };
        self.begin(candidates, narrower, listing);
    }

    /// Shows other lines.
    pub fn limit_to(&mut self, filter: Filter, listing: &Listing) {
        self.filter = filter;
        self.begin(Vec::new(), false, listing);
    }

    /// Shows the lines in another order.
    pub fn sort_by(&mut self, sort: Sort, listing: &Listing) {
        self.sort = sort;
        self.begin(Vec::new(), false, listing);
    }

    fn begin(&mut self, candidates: Vec<u32>, narrower: bool, listing: &Listing) {
        let waiting = self.search.as_ref().and_then(|search| search.wanted);
        let wanted = match narrower {
            true => candidates.get(self.at).copied(),
            false => waiting.or_else(|| self.rows.get(self.at).copied()),
        };
        let needle = Needle::new(&self.text);
        self.nearly = false;
        self.at = 0;
        let candidates = match narrower {
            true => candidates,
            false => sorted(self.sort, &listing.lines),
        };
        if needle.is_empty() && self.filter == Filter::All {
            self.search = None;
            self.rows = candidates;
            self.at = self.position(wanted);
            return;
        }
        self.rows.clear();
        self.search = Some(Search {
            needle,
            candidates,
            next: 0,
            wanted,
        });
        self.work(listing);
    }

    fn position(&self, wanted: Option<u32>) -> usize {
        let kept = wanted.and_then(|wanted| self.rows.iter().position(|row| *row == wanted));
        kept.unwrap_or(0)
    }

    /// Continues a search by one slice. Returns true if it changed what is shown.
    pub fn work(&mut self, listing: &Listing) -> bool {
        let Some(mut search) = self.search.take() else {
            return false;
        };
        let mut left = SLICE;
        while left > 0 {
            let slice = search.candidates.iter().skip(search.next).take(left);
            let mut seen = 0;
            for row in slice {
                seen += 1;
                let Some(line) = listing.lines.get(*row as usize) else {
                    continue;
                };
                let fits = match self.nearly {
                    false => search.needle.is_empty() || line.fits(&search.needle),
                    true => line.matches_approximately(&search.needle),
                };
                if fits && self.filter.shows(listing, line, *row, &self.marked) {
                    if search.wanted == Some(*row) {
                        self.at = self.rows.len();
                    }
                    self.rows.push(*row);
                }
            }
            search.next += seen;
            left = left.saturating_sub(seen.max(1));
            if search.next < search.candidates.len() {
                continue;
            }
            if !self.rows.is_empty() || self.nearly || search.needle.is_empty() {
                return true;
            }
            // Nothing: look again, and forgive slips. A narrower search may have left lines out.
            self.nearly = true;
            search.next = 0;
            search.candidates = sorted(self.sort, &listing.lines);
        }
        self.search = Some(search);
        true
    }
}

impl Filter {
    /// True if the filter shows this line.
    pub fn shows(self, listing: &Listing, line: &Line, row: u32, marked: &HashSet<u32>) -> bool {
        match self {
            Self::All => true,
            Self::OnlyHere => line.is_only_here(),
            Self::Deleted => line.deleted,
            Self::Found => line.found,
            Self::Problems => line.problem,
            Self::Marked => marked.contains(&row),
            Self::Place(place) => listing.is_at(line, place),
        }
    }
}

fn all(length: usize) -> Vec<u32> {
    (0..u32::try_from(length).unwrap_or(u32::MAX)).collect()
}

/// All lines in this order. Lines that are equal keep the order of the listing.
fn sorted(sort: Sort, lines: &[Line]) -> Vec<u32> {
    let mut rows = all(lines.len());
    let line = |row: &u32| lines.get(*row as usize);
    let name = |row: &u32| {
        let line = line(row)?;
        Some(line.search.split('\n').next().unwrap_or(&line.name))
    };
    // Lines without a time come last.
    let time = |row: &u32| line(row).map(|line| line.at).filter(|at| *at != 0);
    match sort {
        Sort::Usual => {}
        Sort::Reversed => rows.reverse(),
        Sort::Name => rows.sort_by(|a, b| name(a).cmp(&name(b))),
        Sort::Newest => rows.sort_by_key(|row| std::cmp::Reverse(time(row))),
        Sort::Oldest => rows.sort_by_key(|row| (time(row).is_none(), time(row))),
        Sort::OnlyHereFirst => {
            rows.sort_by_key(|row| !line(row).is_some_and(|line| line.is_only_here()));
        }
        Sort::Place => rows.sort_by_key(|row| line(row).map(|line| line.places)),
    }
    rows
}
