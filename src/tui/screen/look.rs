//! Look: are these the right things?

use chrono::NaiveDate;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::rescue::look::{Field, Shelf};
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;

/// A detail to be read, by its record's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    Contact(String),
    Event(String),
    Todo(String),
}

pub struct Look {
    open: bool,
}

impl Look {
    pub fn new(_today: NaiveDate) -> Self {
        Self { open: false }
    }
    pub fn is_open(&self) -> bool {
        self.open
    }
    pub fn is_typing(&self) -> bool {
        false
    }
    /// Esc means something here: it ends the search.
    pub fn takes_back(&self) -> bool {
        false
    }
    pub fn hear(&mut self, _shelf: Result<Shelf, String>) -> Option<Wish> {
        self.open = true;
        None
    }
    pub fn hear_detail(&mut self, _key: &str, _fields: Result<Vec<Field>, String>) {}
    pub fn update(&mut self, _intent: Intent) -> Option<Wish> {
        None
    }
}

pub fn draw(_look: &Look, _frame: &mut Frame<'_>, _area: Rect, _theme: Theme) {}
