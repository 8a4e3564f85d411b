//! A contact as a QR code, which the camera of the new phone reads.

use qrcode::{Color, EcLevel, QrCode};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color as Colour, Style};
use ratatui::text::Line;
use ratatui::widgets::{Clear, Paragraph};

use super::draw::say;
use crate::phrase;
use crate::tui::theme::Theme;

/// Light modules around the code. The standard wants four; readers need two.
const QUIET: usize = 2;

/// A code, and what it has.
#[derive(Debug, Clone)]
pub struct Code {
    pub about: &'static str,
    width: usize,
    dark: Vec<bool>,
}

impl Code {
    /// Encodes a text. `None`: it is too long for a code.
    pub fn of(text: &str, about: &'static str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        Some(Self {
            about,
            width: code.width(),
            dark: code
                .to_colors()
                .into_iter()
                .map(|c| c == Color::Dark)
                .collect(),
        })
    }

    /// True if the module at this place is dark; those around the code are light.
    fn is_dark(&self, column: usize, row: usize) -> bool {
        let (Some(x), Some(y)) = (column.checked_sub(QUIET), row.checked_sub(QUIET)) else {
            return false;
        };
        x < self.width && y < self.width && self.dark.get(y * self.width + x) == Some(&true)
    }

    /// Columns and rows on a screen.
    fn size(&self, theme: Theme) -> (usize, usize) {
        let side = self.width + 2 * QUIET;
        match theme.is_ascii() {
            true => (2 * side, side),
            false => (side, side.div_ceil(2)),
        }
    }

    /// The lines of the code. Light modules are drawn, because most screens are dark; with colours, the code is black
    /// on white on every screen.
    fn lines(&self, theme: Theme) -> Vec<Line<'static>> {
        let side = self.width + 2 * QUIET;
        let style = match theme.has_colour() {
            true => Style::new().fg(Colour::White).bg(Colour::Black),
            false => Style::new(),
        };
        let line = |text: String| Line::styled(text, style);
        if theme.is_ascii() {
            let row = |y| (0..side).map(move |x| if self.is_dark(x, y) { "  " } else { "##" });
            return (0..side).map(|y| line(row(y).collect())).collect();
        }
        let pair = |x, y| match (self.is_dark(x, y), self.is_dark(x, y + 1) || y + 1 >= side) {
            (false, false) => '█',
            (false, true) => '▀',
            (true, false) => '▄',
            (true, true) => ' ',
        };
        let rows = (0..side).step_by(2);
        rows.map(|y| line((0..side).map(|x| pair(x, y)).collect()))
            .collect()
    }
}

/// Draws the fullest code that fits into the area, or else one that needs the whole window.
pub fn draw(codes: &[Code], frame: &mut Frame<'_>, area: Rect, theme: Theme) {
    let fits = |code: &Code, area: Rect| {
        let (width, height) = code.size(theme);
        width <= usize::from(area.width) && height + 1 < usize::from(area.height)
    };
    let found = [area, frame.area()].into_iter().find_map(|area| {
        let code = codes.iter().find(|code| fits(code, area))?;
        Some((code, area))
    });
    let Some((code, area)) = found else {
        frame.render_widget(Clear, area);
        let side = codes.last().map_or((0, 0), |code| code.size(theme));
        let text = phrase!(
            "This window is too small for the code. It needs {} columns and {} lines.",
            side.0,
            side.1 + 2
        );
        return say(frame, area, &text);
    };
    frame.render_widget(Clear, area);
    let mut lines = code.lines(theme);
    lines.push(Line::from(code.about));
    lines.push(Line::from(phrase(
        "Point the new phone's camera at the code.",
    )));
    frame.render_widget(Paragraph::new(lines).centered(), area);
}
