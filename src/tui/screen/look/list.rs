//! A searchable list: the visible lines, and the selected one.

use crate::rescue::look::{Line, Needle};
use crate::tui::keys::Intent;

/// Number of lines that a page key moves by.
const PAGE: usize = 10;

#[derive(Debug, Default)]
pub struct List {
    /// Search text, as typed.
    pub text: String,
    /// Indices in the listing, in its order.
    pub rows: Vec<u32>,
    /// Index of the selected line in `rows`.
    pub at: usize,
}

impl List {
    /// Creates a list with all lines.
    pub fn of(length: usize) -> Self {
        Self {
            rows: (0..u32::try_from(length).unwrap_or(u32::MAX)).collect(),
            ..Self::default()
        }
    }

    /// Index of the selected line in the listing.
    pub fn chosen(&self) -> Option<usize> {
        self.rows.get(self.at).map(|row| *row as usize)
    }

    pub fn update(&mut self, intent: Intent) {
        let last = self.rows.len().saturating_sub(1);
        self.at = match intent {
            Intent::Up => self.at.saturating_sub(1),
            Intent::Down => self.at + 1,
            Intent::PageUp => self.at.saturating_sub(PAGE),
            Intent::PageDown => self.at + PAGE,
            Intent::First => 0,
            Intent::Last => last,
            _ => self.at,
        }
        .min(last);
    }

    /// Changes the search text and shows the matching lines. The selected line stays selected if it matches.
    pub fn look_for(&mut self, change: impl FnOnce(&mut String), lines: &[Line]) {
        let chosen = self.rows.get(self.at).copied();
        change(&mut self.text);
        let needle = Needle::new(&self.text);
        self.rows = (0u32..)
            .zip(lines)
            .filter(|(_, line)| needle.is_empty() || line.fits(&needle))
            .map(|(row, _)| row)
            .collect();
        let kept = chosen.and_then(|row| self.rows.binary_search(&row).ok());
        self.at = kept.unwrap_or(0);
    }
}
