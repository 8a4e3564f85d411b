//! Colours and marks. No information is shown by colour alone: there are always words or a mark as well.

use ratatui::style::{Color, Modifier, Style};

/// Styles for the parts of a screen.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colour: bool,
}

impl Theme {
    /// Disables colours if the user asks for this (<https://no-color.org>).
    pub fn of_user() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colour: !unwanted }
    }

    pub fn plain() -> Self {
        Self { colour: false }
    }

    pub fn coloured() -> Self {
        Self { colour: true }
    }

    pub fn has_colour(self) -> bool {
        self.colour
    }

    fn in_colour(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    pub fn title(self) -> Style {
        self.in_colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// Less important text: units, hints, rules.
    pub fn quiet(self) -> Style {
        self.in_colour(Color::DarkGray)
    }

    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub fn good(self) -> Style {
        self.in_colour(Color::Green).add_modifier(Modifier::BOLD)
    }

    pub fn care(self) -> Style {
        self.in_colour(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    pub fn bad(self) -> Style {
        self.in_colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// The line that Enter acts on. It also has a mark in front.
    pub fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub fn key(self) -> Style {
        self.in_colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }
}
