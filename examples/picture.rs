//! Draws the README's picture from a real rescue of the practice handset:
//!
//!     cargo run --example picture > assets/rescue.svg
//!
//! The picture shows the screen in the middle of the calendar. The clock counts messages instead of time, so that every
//! run draws the same picture.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

use lifeboat::handset::android::Choices;
use lifeboat::handset::find::{Port, Wanted};
use lifeboat::model::{Collection, Stop};
use lifeboat::practice::PracticePort;
use lifeboat::practice::android::{LinkSettings, Settings};
use lifeboat::protocol::adb::Options;
use lifeboat::rescue::{self, Progress, Request, Target};
use lifeboat::tui::app::{App, Message};
use lifeboat::tui::keys::Intent;
use lifeboat::tui::screen;
use lifeboat::tui::theme::Theme;

const COLUMNS: u16 = 80;
const LINES: u16 = 24;
/// Time that one message adds to the picture's clock.
const TICK: Duration = Duration::from_millis(90);

fn main() -> Result<()> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).context("a day")?;
    let home = tempfile::tempdir()?;
    let settings = Settings {
        link: LinkSettings {
            bytes_per_second: Some(400_000),
            ..LinkSettings::default()
        },
        ..Settings::default()
    };
    let port: PracticePort = PracticePort::new(settings, Options::default(), Choices::default());
    let mut app = App::new(PathBuf::from("~/Rescues"), today, false);
    app.on_message(Message::Found(port.look()));
    app.update(Intent::Next);
    let stop = Stop::new();
    let id = port.look().devices.first().context("a phone")?.id.clone();
    let mut handset = port
        .open(&id, Wanted::All, &stop, Arc::new(|_| {}))?
        .handset;
    app.on_message(Message::Opened(handset.identity().clone()));
    let request = Request {
        desk: Default::default(),
        confirmed: Default::default(),
        target: Target::New(home.path().to_owned()),
        only: Vec::new(),
        reach: "--practice".into(),
        today,
    };
    let mut clock = Duration::ZERO;
    let mut picture = None;
    rescue::run(handset.as_mut(), &request, &stop, &mut |progress| {
        let is_half = matches!(
            progress,
            Progress::Safe {
                what: Collection::Calendar,
                ..
            }
        );
        clock += TICK;
        app.tick(clock);
        app.on_message(Message::Progress(progress));
        if is_half && picture.is_none() {
            picture = caught(&app).ok();
        }
    })?;
    println!("{}", svg(&picture.context("the calendar was not read")?));
    Ok(())
}

fn caught(app: &App) -> Result<Buffer> {
    let mut terminal = Terminal::new(TestBackend::new(COLUMNS, LINES))?;
    terminal.draw(|frame| screen::draw(app, frame, Theme::coloured()))?;
    Ok(terminal.backend().buffer().clone())
}

/// Size of one cell, in pixels.
const CELL: (f32, f32) = (8.4, 18.0);
const MARGIN: f32 = 12.0;

/// Draws a screen as an SVG picture. Text stays text, in the reader's own fixed-width font.
fn svg(screen: &Buffer) -> String {
    let (columns, lines) = (f32::from(screen.area.width), f32::from(screen.area.height));
    let (width, height) = (
        columns * CELL.0 + 2.0 * MARGIN,
        lines * CELL.1 + 2.0 * MARGIN,
    );
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#16191d\"/>\n"
    );
    for y in 0..screen.area.height {
        let mut x = 0;
        while x < screen.area.width {
            let Some(cell) = screen.cell((x, y)) else {
                break;
            };
            let alike = |other: u16| {
                screen.cell((other, y)).is_some_and(|c| {
                    c.fg == cell.fg && c.modifier == cell.modifier && c.symbol().width() == 1
                })
            };
            let mut end = x + 1;
            while end < screen.area.width && alike(end) {
                end += 1;
            }
            let run: String = (x..end)
                .filter_map(|x| screen.cell((x, y)))
                .map(|c| c.symbol())
                .collect();
            if !run.trim().is_empty() {
                text(&mut svg, x, y, &run, cell.fg, cell.modifier);
            }
            x = end;
        }
    }
    svg.push_str("</svg>");
    svg
}

fn text(svg: &mut String, x: u16, y: u16, run: &str, colour: Color, modifier: Modifier) {
    let blanks = run.len() - run.trim_start().len();
    let left = MARGIN + (f32::from(x) + blanks as f32) * CELL.0;
    let base = MARGIN + f32::from(y) * CELL.1 + CELL.1 * 0.75;
    let run = run.trim();
    let length = run.width() as f32 * CELL.0;
    let fill = match colour {
        Color::Cyan => "#5cc8d7",
        Color::Green => "#7ccf7c",
        Color::Yellow => "#e3c065",
        Color::Red => "#ef7a74",
        Color::DarkGray => "#7a828c",
        _ => "#d8dde3",
    };
    let weight = if modifier.contains(Modifier::BOLD) {
        " font-weight=\"bold\""
    } else {
        ""
    };
    let escaped = run
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _infallible = writeln!(
        svg,
        "<text x=\"{left:.1}\" y=\"{base:.1}\" fill=\"{fill}\"{weight} textLength=\"{length:.1}\" \
         lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">{escaped}</text>"
    );
}
