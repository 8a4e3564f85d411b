//! The screens, one file each. They draw a frame from the state.

pub mod coach;
pub mod dock;
mod leave;
pub mod look;
pub mod owner;
pub mod password;
pub mod rescue;
pub mod sidekick;
pub mod ticks;
pub mod verdict;

use ratatui::Frame;
use ratatui::widgets::Paragraph;

use super::app::{App, Screen};
use super::keys;
use super::theme::Theme;
use super::widget::chrome;
use crate::phrase;

/// Draws the whole terminal from the state only.
pub fn draw(app: &App, frame: &mut Frame<'_>, theme: Theme) {
    let area = frame.area();
    if area.width < chrome::SMALLEST.0 || area.height < chrome::SMALLEST.1 {
        let text = phrase(
            "This window is too small. Lifeboat needs 60 columns and 15 lines. Nothing has stopped.",
        );
        let text = super::widget::text::wrap(text, usize::from(area.width)).join("\n");
        return frame.render_widget(Paragraph::new(text), area);
    }
    let shown = keys::shown(app);
    let (title, beside) = match app.screen {
        Screen::Dock => (phrase("Lifeboat"), app.dock.beside()),
        Screen::Rescue => (phrase("Rescue"), app.rescue.beside()),
        Screen::Look => (phrase("Rescued data"), app.rescue.name()),
        Screen::Verdict => (phrase("Verdict"), app.rescue.name()),
        Screen::Ticks => (phrase("Before the reset"), app.rescue.name()),
        Screen::Sidekick => (phrase("Sidekick (Danger hiptop)"), String::new()),
        Screen::Coach => (phrase("First steps"), app.coach.beside()),
        Screen::Owner => (phrase("Five minutes with the owner"), app.owner.beside()),
    };
    let inside = chrome::frame(frame, title, &beside, &shown, theme);
    match app.screen {
        Screen::Dock => dock::draw(&app.dock, frame, inside, theme),
        Screen::Rescue => rescue::draw(&app.rescue, app.leaving, frame, inside, theme),
        Screen::Look => look::draw(&app.look, frame, inside, theme),
        Screen::Verdict => verdict::draw(&app.verdict, frame, inside, theme),
        Screen::Ticks => ticks::draw(&app.ticks, frame, inside, theme),
        Screen::Sidekick => sidekick::draw(&app.sidekick, frame, inside, theme),
        Screen::Coach => coach::draw(&app.coach, frame, inside, theme),
        Screen::Owner => owner::draw(&app.owner, frame, inside, theme),
    }
    if app.help {
        chrome::help(frame, &keys::all(app), app.help_scroll, theme);
    }
    if app.asks_to_leave {
        leave::draw(app, frame, theme);
    }
    if let Some((_, name)) = &app.asks_to_stop {
        leave::draw_stop(name, frame, theme);
    }
    theme.finish(frame.buffer_mut());
}
