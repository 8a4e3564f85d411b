//! The details of the selected record: its values, or what the phone sent about it.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::DetailRequest;
use crate::phrase;
use crate::rescue::look::Field;
use crate::tui::keys::Intent;
use crate::tui::theme::Theme;
use crate::tui::widget::fields;
use crate::tui::widget::text::wrap;
use crate::tui::widget::thumbnail::Thumbnail;

/// Details of a requested record.
#[derive(Debug)]
pub struct Detail {
    pub request: DetailRequest,
    /// `None`: not loaded yet.
    pub fields: Option<Result<Vec<Field>, String>>,
    /// The picture in the file, if it can be shown.
    pub picture: Option<Thumbnail>,
    /// Index of the selected value.
    pub at: usize,
    /// Lines that were scrolled from the selected value on.
    pub scrolled: usize,
    /// What the phone sent, if that is shown; `Some(None)`: not loaded yet.
    pub raw: Option<Option<Result<String, String>>>,
}

impl Detail {
    pub fn new(request: DetailRequest) -> Self {
        Self {
            request,
            fields: None,
            picture: None,
            at: 0,
            scrolled: 0,
            raw: None,
        }
    }

    /// The selected value.
    pub fn value(&self) -> Option<&Field> {
        self.loaded().get(self.at)
    }

    /// The value that people want first: a number, an address, or else the name.
    pub fn main_value(&self) -> Option<&Field> {
        let fields = self.loaded();
        let wanted = [phrase("Phone"), phrase("Number"), phrase("E-mail")];
        let main = wanted
            .iter()
            .find_map(|label| fields.iter().find(|field| field.label == *label));
        main.or_else(|| fields.first())
    }

    fn loaded(&self) -> &[Field] {
        match &self.fields {
            Some(Ok(fields)) => fields,
            Some(Err(_)) | None => &[],
        }
    }

    /// Moves the selection, or scrolls the text, within its area.
    pub fn update(&mut self, intent: Intent, area: Rect) {
        let height = usize::from(area.height).max(1);
        let page = height.saturating_sub(1).max(1);
        let (lines, starts) = self.lines(area.width, Theme::plain());
        let last_top = lines.len().saturating_sub(height);
        let top = self.top(&starts, lines.len(), height);
        if self.raw.is_some() || starts.is_empty() {
            self.scrolled = match intent {
                Intent::Up => self.scrolled.saturating_sub(1),
                Intent::Down => self.scrolled + 1,
                Intent::PageUp => self.scrolled.saturating_sub(page),
                Intent::PageDown => self.scrolled + page,
                Intent::First => 0,
                Intent::Last => last_top,
                _ => self.scrolled,
            }
            .min(last_top);
            return;
        }
        let last = starts.len().saturating_sub(1);
        let start = |at: usize| starts.get(at).copied().unwrap_or_default();
        match intent {
            // A value that is longer than the area is read to its end before the next one.
            Intent::Down if start(self.at + 1) > top + height && self.at < last => {
                self.scrolled += 1;
            }
            Intent::Down if self.at == last && top < last_top => self.scrolled += 1,
            Intent::Down => self.choose((self.at + 1).min(last)),
            Intent::Up if self.scrolled > 0 => self.scrolled -= 1,
            Intent::Up => self.choose(self.at.saturating_sub(1)),
            Intent::PageDown => {
                let next = starts.partition_point(|line| *line < top + height);
                match next.min(last) {
                    next if next > self.at => self.choose(next),
                    _ if top < last_top => self.scrolled += page.min(last_top - top),
                    _ => self.choose(last),
                }
            }
            Intent::PageUp if self.scrolled > 0 => {
                self.scrolled = self.scrolled.saturating_sub(page);
            }
            Intent::PageUp => {
                let wanted = start(self.at).saturating_sub(page);
                let before = starts.partition_point(|line| *line <= wanted);
                self.choose(before.saturating_sub(1).min(self.at.saturating_sub(1)));
            }
            Intent::First => self.choose(0),
            Intent::Last => self.choose(last),
            _ => {}
        }
    }

    fn choose(&mut self, at: usize) {
        self.at = at;
        self.scrolled = 0;
    }

    /// The lines, and the index of the first line of each value.
    pub fn lines(&self, width: u16, theme: Theme) -> (Vec<Line<'static>>, Vec<usize>) {
        // Two columns before the text, and one behind it for the scroll bar.
        let width = usize::from(width).saturating_sub(3).max(1);
        let text = |text: &str| -> Vec<Line<'static>> {
            let lines = text.lines().flat_map(|line| wrap(line, width));
            lines.map(|line| Line::from(format!("  {line}"))).collect()
        };
        match (&self.raw, &self.fields) {
            (Some(None), _) => (text(phrase("Reading what the phone sent…")), Vec::new()),
            (Some(Some(Ok(raw))), _) => (text(raw), Vec::new()),
            (Some(Some(Err(why))), _) | (None, Some(Err(why))) => {
                (text(&phrase!("This could not be read: {why}")), Vec::new())
            }
            (None, None) => (Vec::new(), Vec::new()),
            (None, Some(Ok(all))) => fields::lines(all, width, theme),
        }
    }

    /// The first line that is shown in an area of this height.
    pub fn top(&self, starts: &[usize], length: usize, height: usize) -> usize {
        let last = length.saturating_sub(height);
        let start = starts.get(self.at).copied().unwrap_or_default();
        let end = starts.get(self.at + 1).copied().unwrap_or(length);
        // The whole value is shown if it fits, and what is before it.
        let top = match end.saturating_sub(height) {
            needed if needed <= start => needed,
            _ => start,
        };
        (top + self.scrolled).min(last)
    }
}
