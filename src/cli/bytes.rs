//! Progress of reading or writing many bytes, on standard error: a bar on a terminal, nothing elsewhere.

use std::io::Write;
use std::time::{Duration, Instant};

use super::connect::is_watched;
use crate::model::size;
use crate::phrase;
use crate::vault::for_display;

const BAR: usize = 24;

/// Interval between updates of the bar.
const EVERY: Duration = Duration::from_millis(100);

/// A progress bar on its own line.
pub struct Bar {
    drawn: Option<Instant>,
    is_watched: bool,
}

impl Bar {
    pub fn new() -> Self {
        Self {
            drawn: None,
            is_watched: is_watched(),
        }
    }

    /// Shows that `done` of `of` bytes are done. `doing` names the step.
    pub fn tell(&mut self, doing: &str, done: u64, of: u64) {
        let is_due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= EVERY) || done == of;
        if !self.is_watched || !is_due || of == 0 {
            return;
        }
        self.drawn = Some(Instant::now());
        draw(&phrase!(
            "{doing:<10} {} {} of {}",
            drawn(done, of),
            size(done),
            size(of)
        ));
    }

    /// Removes the bar.
    pub fn end(&mut self) {
        if self.drawn.take().is_some() {
            draw("");
        }
    }
}

/// Overwrites the current line of standard error. Errors are ignored.
pub fn draw(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "\r\x1b[2K{}", for_display(text)).and_then(|()| out.flush());
}

/// Returns a progress bar as text.
pub fn drawn(done: u64, of: u64) -> String {
    let filled = u128::from(done.min(of)) * BAR as u128 / u128::from(of.max(1));
    let filled = "#".repeat(usize::try_from(filled).unwrap_or_default());
    format!("[{filled:<BAR$}]")
}
