//! Decodes and draws thumbnails.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use ratatui::Frame;
use ratatui::crossterm::terminal;
use ratatui::layout::{Rect, Size};
use ratatui_image::picker::Picker;
use ratatui_image::protocol::Protocol;
use ratatui_image::{Image, Resize};

use crate::tui::theme::Theme;

/// Limits for a picture that is decoded: pixels on each side, and bytes in memory.
const MAX_SIDE: u32 = 30_000;
const MAX_BYTES: u64 = 512 << 20;
/// Size in pixels to which a picture is first reduced, before it is fitted to the screen.
const SMALL: u32 = 1_024;

/// Picture support of the terminal.
#[derive(Clone, Default)]
pub struct Pictures {
    /// `None`: no pictures.
    picker: Option<Picker>,
}

impl fmt::Debug for Pictures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = self.picker.as_ref().map(Picker::protocol_type);
        f.debug_tuple("Pictures").field(&way).finish()
    }
}

impl Pictures {
    /// Asks the terminal about its picture support, if it is a terminal that is known to answer. If a terminal does not
    /// answer, the next key would be taken for the answer. Call this after the terminal is taken and before keys are
    /// read.
    pub fn of_terminal(theme: Theme) -> Self {
        let picker = match theme.has_colour() {
            true if may_be_asked(|name| std::env::var(name).ok()) => {
                Picker::from_query_stdio().unwrap_or_else(|_| Picker::halfblocks())
            }
            true => Picker::halfblocks(),
            false => return Self::default(),
        };
        Self {
            picker: Some(picker),
        }
    }

    /// Uses half blocks, which work on every terminal with colours.
    pub fn in_blocks() -> Self {
        Self {
            picker: Some(Picker::halfblocks()),
        }
    }

    /// Prepares the picture in a file for the current terminal size. `None`: the file is not a picture that can be
    /// shown.
    pub fn show(&self, file: &Path) -> Option<Thumbnail> {
        let picker = self.picker.as_ref()?;
        let (columns, rows) = terminal::size().unwrap_or((80, 24));
        let room = Size::new((columns / 2).saturating_sub(4), rows.saturating_sub(6) / 2);
        // A decoder that panics on a hostile file must not end the screens.
        let made = catch_unwind(AssertUnwindSafe(|| {
            picker
                .new_protocol(decode(file)?, room, Resize::Fit(None))
                .ok()
        }));
        made.ok().flatten().map(Thumbnail)
    }
}

/// True for terminals that show pictures and answer queries about it.
fn may_be_asked(variable: impl Fn(&str) -> Option<String>) -> bool {
    let names = |name: &str, known: &[&str]| {
        let value = variable(name).unwrap_or_default().to_lowercase();
        known.iter().any(|known| value.contains(known))
    };
    let known = [
        "kitty", "ghostty", "wezterm", "foot", "contour", "mlterm", "rio",
    ];
    names("TERM", &known)
        || names(
            "TERM_PROGRAM",
            &["iterm", "wezterm", "ghostty", "mintty", "rio", "warp"],
        )
        || ["KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION"]
            .iter()
            .any(|name| variable(name).is_some_and(|value| !value.is_empty()))
}

/// Decodes a picture, turns it upright and reduces its size.
fn decode(file: &Path) -> Option<DynamicImage> {
    let mut reader = ImageReader::open(file).ok()?.with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let upright = decoder.orientation().ok();
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    if picture.width().max(picture.height()) > SMALL {
        picture = picture.thumbnail(SMALL, SMALL);
    }
    if let Some(upright) = upright {
        picture.apply_orientation(upright);
    }
    Some(picture)
}

/// A picture that is ready to be drawn.
pub struct Thumbnail(Protocol);

impl fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Thumbnail").field(&self.0.size()).finish()
    }
}

impl Thumbnail {
    /// Height in rows of the picture at the top of an area; 0: there is no room for it and text below.
    pub fn height(&self, area: Rect) -> u16 {
        let Size { width, height } = self.0.size();
        match width > area.width || height + 4 > area.height {
            true => 0,
            false => height,
        }
    }

    /// Draws the picture at the top of an area, if there is room for text below. Returns its height in rows.
    pub fn draw(&self, frame: &mut Frame<'_>, area: Rect) -> u16 {
        let Size { width, height } = self.0.size();
        if self.height(area) == 0 {
            return 0;
        }
        frame.render_widget(
            Image::new(&self.0),
            Rect {
                width,
                height,
                ..area
            },
        );
        height
    }
}

#[cfg(test)]
mod tests {
    use super::may_be_asked;

    #[test]
    fn only_terminals_that_answer_are_asked() {
        let with = |name: &'static str, value: &'static str| {
            may_be_asked(move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert!(with("TERM", "xterm-kitty") && with("TERM_PROGRAM", "iTerm.app"));
        assert!(with("WT_SESSION", "1"));
        assert!(!with("TERM", "xterm-256color") && !with("TERM", "screen") && !with("TERM", ""));
    }
}
