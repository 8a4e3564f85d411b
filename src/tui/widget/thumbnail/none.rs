//! A stand-in for thumbnails in a build without image decoders.

use std::path::Path;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::tui::theme::Theme;

/// Picture support of the terminal: none.
#[derive(Debug, Clone, Default)]
pub struct Pictures(());

impl Pictures {
    pub fn of_terminal(_: Theme) -> Self {
        Self(())
    }

    pub fn show(&self, _: &Path) -> Option<Thumbnail> {
        None
    }
}

/// A picture that is never created.
#[derive(Debug)]
pub enum Thumbnail {}

impl Thumbnail {
    pub fn height(&self, _: Rect) -> u16 {
        match *self {}
    }

    pub fn draw(&self, _: &mut Frame<'_>, _: Rect) -> u16 {
        match *self {}
    }
}
