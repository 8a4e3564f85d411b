//! The questions whether running rescues are to be stopped.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

use crate::phrase;
use crate::tui::app::App;
use crate::tui::theme::Theme;
use crate::tui::widget::text::{count, hanging, paragraph};

/// Draws the question on top of the screen.
pub fn draw(app: &App, frame: &mut Frame<'_>, theme: Theme) {
    let running = app.running() as u64;
    let (title, stop) = match running {
        1 => (
            phrase("A rescue is running.").to_owned(),
            phrase("Stop, write what is saved, and quit. The rescue can be continued later."),
        ),
        _ => (
            phrase!("{} rescues are running.", count(running)),
            phrase("Stop, write what is saved, and quit. The rescues can be continued later."),
        ),
    };
    let instead = match running {
        1 => phrase(
            "To leave it running, close this window instead. The rescue goes on without it, and Lifeboat shows it \
             when you start Lifeboat again.",
        ),
        _ => phrase(
            "To leave them running, close this window instead. The rescues go on without it, and Lifeboat shows them \
             when you start Lifeboat again.",
        ),
    };
    let keys = [("q", stop), (phrase("Esc"), phrase("Continue the rescue."))];
    question(phrase(" Quit? "), &title, keys, instead, frame, theme);
}

/// Draws the question whether the rescue of another program is to be stopped.
pub fn draw_stop(name: &str, frame: &mut Frame<'_>, theme: Theme) {
    let title = phrase!("Stop the rescue of the {name}?");
    let keys = [
        (
            "x",
            phrase("Stop. What is saved stays, and the rescue can be continued later."),
        ),
        (phrase("Esc"), phrase("Continue the rescue.")),
    ];
    let instead = phrase("Another Lifeboat is reading this phone, perhaps without a window.");
    question(phrase(" Stop? "), &title, keys, instead, frame, theme);
}

fn question(
    heading: &'static str,
    title: &str,
    keys: [(&str, &str); 2],
    instead: &str,
    frame: &mut Frame<'_>,
    theme: Theme,
) {
    let area = frame.area();
    let width = 70.min(area.width);
    let inner = usize::from(width).saturating_sub(2);
    let mut lines = vec![Line::from("")];
    lines.extend(paragraph(title, theme.strong(), inner));
    lines.push(Line::from(""));
    for (key, what) in keys {
        lines.extend(hanging(
            &format!("  {key:<5}"),
            theme.key(),
            what,
            inner.saturating_sub(2),
        ));
    }
    lines.push(Line::from(""));
    lines.extend(paragraph(instead, theme.quiet(), inner));
    let height = u16::try_from(lines.len() + 2)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: (area.width - width) / 2,
        y: (area.height - height) / 2,
        width,
        height,
    };
    frame.render_widget(Clear, place);
    let heading = Span::styled(heading, theme.care());
    let block = Block::bordered().title(heading);
    frame.render_widget(Paragraph::new(lines).block(block), place);
}
