//! A list that can be searched: which of the shelf's lines are shown, and which one is chosen.

use super::Fits;
use crate::rescue::look::Needle;
use crate::tui::keys::Intent;

/// Lines that a page key moves by.
const PAGE: usize = 10;

#[derive(Debug, Default)]
pub struct List {
    /// What is looked for, as it was typed.
    pub text: String,
    /// Places in the shelf, in its order.
    pub rows: Vec<u32>,
    /// The place of the chosen one in `rows`.
    pub at: usize,
}

impl List {
    /// Of everything.
    pub fn of(length: usize) -> Self {
        Self {
            rows: (0..u32::try_from(length).unwrap_or(u32::MAX)).collect(),
            ..Self::default()
        }
    }

    /// The chosen one's place in the shelf.
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

    /// Changes what is looked for, and shows the lines that fit it. The chosen line stays chosen if it does.
    pub fn look_for<T>(&mut self, change: impl FnOnce(&mut String), lines: &[T], fits: Fits<T>) {
        let chosen = self.rows.get(self.at).copied();
        change(&mut self.text);
        let needle = Needle::new(&self.text);
        self.rows = (0u32..)
            .zip(lines)
            .filter(|(_, line)| needle.is_empty() || fits(line, &needle))
            .map(|(row, _)| row)
            .collect();
        let kept = chosen.and_then(|row| self.rows.binary_search(&row).ok());
        self.at = kept.unwrap_or(0);
    }
}
