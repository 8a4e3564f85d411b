//! No thumbnails: the build is without image decoders.

use std::path::Path;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::tui::theme::Theme;

/// How the terminal shows pictures: not at all.
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

/// A picture that is never made.
#[derive(Debug)]
pub enum Thumbnail {}

impl Thumbnail {
    pub fn draw(&self, _: &mut Frame<'_>, _: Rect) -> u16 {
        match *self {}
    }
}
