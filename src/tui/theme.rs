//! Colours and marks. No information is shown by colour alone: there are always words or a mark as well.
//!
//! Only the 16 colours that every terminal has are used, so that they fit the user's own scheme. Content has the
//! terminal's own colour; grey is for rules and other decoration.

mod ascii;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// Styles for the parts of a screen.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colour: bool,
    /// The background is light.
    light: bool,
    ascii: bool,
}

impl Theme {
    /// Follows the user's environment: NO_COLOR (<https://no-color.org>), the background in COLORFGBG, and a locale
    /// without Unicode.
    pub fn of_user() -> Self {
        let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value);
        Self {
            colour: value("NO_COLOR").is_none(),
            light: value("COLORFGBG").is_some_and(|colours| is_light(&colours)),
            ascii: cfg!(unix) && locale.is_some_and(|locale| !has_unicode(&locale)),
        }
    }

    pub fn plain() -> Self {
        Self {
            colour: false,
            light: false,
            ascii: false,
        }
    }

    pub fn coloured() -> Self {
        Self {
            colour: true,
            ..Self::plain()
        }
    }

    /// Uses the colours for a light or a dark background.
    pub fn on_light(self, light: bool) -> Self {
        Self { light, ..self }
    }

    /// Uses only ASCII characters for everything but content.
    pub fn in_ascii(self) -> Self {
        Self {
            ascii: true,
            ..self
        }
    }

    pub fn has_colour(self) -> bool {
        self.colour
    }

    /// True if only ASCII characters may be drawn.
    pub fn is_ascii(self) -> bool {
        self.ascii
    }

    /// Replaces the marks of a frame, if the terminal shows only ASCII.
    pub fn finish(self, frame: &mut Buffer) {
        if self.ascii {
            ascii::replace_marks(frame);
        }
    }

    fn in_colour(self, dark: Color, light: Color) -> Style {
        match (self.colour, self.light) {
            (false, _) => Style::new(),
            (true, false) => Style::new().fg(dark),
            (true, true) => Style::new().fg(light),
        }
    }

    pub fn title(self) -> Style {
        self.in_colour(Color::Cyan, Color::Blue)
            .add_modifier(Modifier::BOLD)
    }

    /// Less important text: units, hints, labels. It has the terminal's own colour, because grey can't be read on
    /// every terminal.
    pub fn quiet(self) -> Style {
        Style::new()
    }

    /// Rules, borders and other decoration, which nobody has to read.
    pub fn rule(self) -> Style {
        self.in_colour(Color::DarkGray, Color::Gray)
    }

    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub fn good(self) -> Style {
        self.in_colour(Color::Green, Color::Green)
            .add_modifier(Modifier::BOLD)
    }

    /// Yellow can't be read on white.
    pub fn care(self) -> Style {
        self.in_colour(Color::Yellow, Color::Magenta)
            .add_modifier(Modifier::BOLD)
    }

    pub fn bad(self) -> Style {
        self.in_colour(Color::Red, Color::Red)
            .add_modifier(Modifier::BOLD)
    }

    /// The line that Enter acts on. It also has a mark in front.
    pub fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub fn key(self) -> Style {
        self.title()
    }
}

/// True if COLORFGBG (`15;0`, `0;default;15`) names a light background.
fn is_light(colours: &str) -> bool {
    let background = colours.rsplit(';').next().unwrap_or_default();
    matches!(background.parse::<u8>(), Ok(7 | 9..=15))
}

/// True if a locale's characters are Unicode.
fn has_unicode(locale: &str) -> bool {
    let locale = locale.to_ascii_lowercase().replace('-', "");
    locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_is_understood() {
        for (colours, light) in [
            ("15;0", false),
            ("0;15", true),
            ("0;default;7", true),
            ("12;8", false),
            ("default;default", false),
            ("", false),
        ] {
            assert_eq!(is_light(colours), light, "{colours}");
        }
        assert!(has_unicode("en_GB.UTF-8") && has_unicode("C.utf8"));
        assert!(!has_unicode("C") && !has_unicode("de_DE.ISO-8859-1"));
    }
}
