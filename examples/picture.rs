//! Draws the README's picture from a real rescue of the practice handset:
//!
//!     cargo run --example picture > assets/rescue.svg
//!
//! The picture shows the screen in the middle of the calendar. The counts are those of the rescue. Its pace, and the
//! order in which its threads report, are not: every run draws the same picture, and `.ci/run` compares it with the
//! README's.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
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
use lifeboat::model::{Collection, Health, Holding, Identity, Stop};
use lifeboat::practice::PracticePort;
use lifeboat::practice::android::Settings;
use lifeboat::protocol::adb::Options;
use lifeboat::rescue::{self, Progress, Request, Target, look};
use lifeboat::tui::app::{App, Message};
use lifeboat::tui::keys::Intent;
use lifeboat::tui::screen;
use lifeboat::tui::theme::Theme;

const COLUMNS: u16 = 80;
const LINES: u16 = 24;
/// How often the picture's rescue reports on a collection, and how much time passes between two reports.
const REPORTS: u64 = 10;
const TICK: Duration = Duration::from_millis(400);
/// The reports on the calendar before the picture is taken.
const BEFORE_PICTURE: u64 = 6;

/// The end of a collection's reading.
struct End {
    holding: Holding,
    rows: u64,
    of: Option<u64>,
    things: u64,
}

/// The practice handset as a whole rescue reports it.
#[derive(Default)]
struct Rescued {
    identity: Identity,
    health: Health,
    offered: Vec<Collection>,
    ends: BTreeMap<Collection, End>,
    /// The rescue folder, as if it were in the user's own folder.
    folder: PathBuf,
    /// The name of an event.
    event: String,
}

fn main() -> Result<()> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).context("a day")?;
    let settings = Settings::default();
    let port: PracticePort = PracticePort::new(settings, Options::default(), Choices::default());
    let rescued = rescue(&port, today)?;
    let mut app = App::new(PathBuf::from("~/Rescues"), today, false);
    app.on_message(Message::Found(port.look()));
    // The second step leaves the page for the owner.
    app.update(Intent::Next);
    app.update(Intent::Next);
    app.on_message(Message::Opened(rescued.identity));
    let mut clock = Duration::ZERO;
    let mut tell = |progress| {
        clock += TICK;
        app.tick(clock);
        app.on_message(Message::Progress(progress));
    };
    tell(Progress::Health(rescued.health));
    tell(Progress::Folder(rescued.folder));
    tell(Progress::Offered(rescued.offered));
    for (what, end) in rescued.ends {
        let End {
            holding,
            rows,
            of,
            things,
        } = end;
        tell(Progress::Looking(what));
        tell(Progress::Surveyed(what, holding));
        let is_last = what == Collection::Calendar;
        for part in 1..=if is_last { BEFORE_PICTURE } else { REPORTS } {
            tell(Progress::Safe {
                what,
                rows: rows * part / REPORTS,
                of,
                things: things * part / REPORTS,
            });
            if is_last {
                let name = rescued.event.clone();
                tell(Progress::Current { what, name });
            }
        }
        if is_last {
            break;
        }
        tell(Progress::Read(what));
    }
    println!("{}", svg(&drawn(&app)?));
    Ok(())
}

fn rescue(port: &PracticePort, today: NaiveDate) -> Result<Rescued> {
    let home = tempfile::tempdir()?;
    let stop = Stop::new();
    let id = port.look().devices.first().context("a phone")?.id.clone();
    let opened = port.open(&id, Wanted::All, &stop, Arc::new(|_| {}))?;
    let mut handset = opened.handset;
    let request = Request {
        desk: Default::default(),
        confirmed: Default::default(),
        case: lifeboat::model::Case::default(),
        target: Target::New(home.path().to_owned()),
        only: Vec::new(),
        reach: "--practice".into(),
        today,
    };
    let mut rescued = Rescued {
        identity: handset.identity().clone(),
        ..Rescued::default()
    };
    let outcome = rescue::run(
        handset.as_mut(),
        &request,
        &stop,
        &mut |progress| match progress {
            Progress::Health(health) => rescued.health = health,
            Progress::Offered(offered) => rescued.offered = offered,
            Progress::Surveyed(what, holding) => {
                let end = End {
                    holding,
                    rows: 0,
                    of: None,
                    things: 0,
                };
                rescued.ends.insert(what, end);
            }
            Progress::Safe {
                what,
                rows,
                of,
                things,
            } => {
                if let Some(end) = rescued.ends.get_mut(&what) {
                    (end.rows, end.of, end.things) = (rows, of, things);
                }
            }
            _ => {}
        },
    )?;
    let folder = PathBuf::from(&outcome.folder);
    let lists = look::Rescued::open(&folder)?.overview(&stop)?;
    let events = lists.of(Collection::Calendar).context("a calendar")?;
    let named = events
        .lines
        .iter()
        .find(|line| line.name.is_ascii() && line.name.len() > 12);
    rescued.event = named.context("an event")?.name.to_string();
    rescued.folder = Path::new("~/Rescues").join(folder.file_name().context("a name")?);
    Ok(rescued)
}

fn drawn(app: &App) -> Result<Buffer> {
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
