//! The keys of the page about the Sidekick.

use crate::phrase;
use crate::tui::keys::{Binding, ends, pages, up_down};

pub const KEYS: &[Binding] = &[
    up_down(phrase("scroll"), |_| true),
    pages(phrase("a page up or down"), |_| true),
    ends(phrase("to the top or bottom"), |_| true),
];
