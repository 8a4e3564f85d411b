//! Draws the README's pictures from a real rescue of the practice handset:
//!
//!     cargo run --example picture > assets/rescue.svg
//!     cargo run --example picture -- journey > assets/journey.svg
//!
//! The first picture shows the screen in the middle of the calendar, the second one the way from the list of phones to
//! the rescued contacts. The counts are those of the rescue. Its pace, and the order in which its threads report, are
//! not: every run draws the same pictures, and `.ci/run` compares them with the README's.

mod practice;
mod svg;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

use lifeboat::handset::android::Choices;
use lifeboat::handset::find::Port;
use lifeboat::model::{Collection, Stop};
use lifeboat::practice::PracticePort;
use lifeboat::practice::android::Settings;
use lifeboat::protocol::adb::Options;
use lifeboat::rescue::Progress;
use lifeboat::rescue::look::Rescued;
use lifeboat::tui::app::{App, Message, Task};
use lifeboat::tui::keys::Intent;
use lifeboat::tui::screen;
use lifeboat::tui::screen::look::Wish;
use lifeboat::tui::theme::Theme;
use practice::End;

const COLUMNS: u16 = 80;
const LINES: u16 = 24;
/// How often the pictures' rescue reports on a collection, and how much time passes between two reports.
const REPORTS: u64 = 10;
const TICK: Duration = Duration::from_millis(400);
/// The reports on the calendar before the first picture is taken.
const BEFORE_PICTURE: u64 = 6;

/// For how long a screen of the journey is shown, in tenths of a second: one to read, and one of the progress.
const LONG: u32 = 28;
const SHORT: u32 = 5;

fn main() -> Result<()> {
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).context("a day")?;
    let port: PracticePort =
        PracticePort::new(Settings::default(), Options::default(), Choices::default());
    let rescued = practice::rescue(&port, today)?;
    let mut app = App::new(PathBuf::from("~/Rescues"), today, false);
    app.size = Size::new(COLUMNS, LINES);
    app.on_message(Message::Found(port.look()));
    let picture = match std::env::args().nth(1).as_deref() {
        None => {
            begin(&mut app, &rescued);
            read(
                &mut app,
                &rescued,
                Some(Collection::Calendar),
                &mut |_, _| Ok(()),
            )?;
            svg::still(&drawn(&app)?)
        }
        Some("journey") => journey(&mut app, &rescued)?,
        Some(other) => anyhow::bail!("there is no picture {other}"),
    };
    println!("{picture}");
    Ok(())
}

/// From the list of phones to the beginning of the reading.
fn begin(app: &mut App, rescued: &practice::Rescued) {
    // The second step leaves the page for the owner.
    app.update(Intent::Next);
    app.update(Intent::Next);
    app.on_message(Message::Opened(rescued.identity.clone()));
}

/// Reports the whole rescue, or as much as there is before the end of `last`. After each report on a collection, `shown`
/// gets the number of the report.
fn read(
    app: &mut App,
    rescued: &practice::Rescued,
    last: Option<Collection>,
    shown: &mut dyn FnMut(&App, u64) -> Result<()>,
) -> Result<()> {
    let mut clock = Duration::ZERO;
    let mut tell = |app: &mut App, progress| {
        clock += TICK;
        app.tick(clock);
        app.on_message(Message::Progress(progress));
    };
    tell(app, Progress::Health(rescued.health.clone()));
    tell(app, Progress::Folder(rescued.folder.clone()));
    tell(app, Progress::Offered(rescued.offered.clone()));
    for (what, end) in &rescued.ends {
        let (
            what,
            End {
                holding,
                rows,
                of,
                things,
            },
        ) = (*what, end);
        tell(app, Progress::Looking(what));
        tell(app, Progress::Surveyed(what, holding.clone()));
        let is_last = last == Some(what);
        let reports = if is_last { BEFORE_PICTURE } else { REPORTS };
        for part in 1..=reports {
            let safe = Progress::Safe {
                what,
                rows: rows * part / REPORTS,
                of: *of,
                things: things * part / REPORTS,
            };
            tell(app, safe);
            let names = rescued.names.get(&what).filter(|names| !names.is_empty());
            // The first picture shows one name.
            let number = if last.is_some() { 0 } else { part as usize };
            let name = names
                .and_then(|names| names.get(number % names.len()))
                .cloned();
            if let Some(name) = name.filter(|_| is_last || last.is_none()) {
                tell(app, Progress::Current { what, name });
            }
            shown(app, part)?;
        }
        if is_last {
            return Ok(());
        }
        tell(app, Progress::Read(what));
    }
    Ok(())
}

/// The way from the list of phones to the rescued contacts.
fn journey(app: &mut App, rescued: &practice::Rescued) -> Result<String> {
    let mut screens = vec![(drawn(app)?, LONG)];
    begin(app, rescued);
    read(app, rescued, None, &mut |app, part| {
        if part % 5 == 0 {
            screens.push((drawn(app)?, SHORT));
        }
        Ok(())
    })?;
    let outcome = rescued.outcome.clone();
    anyhow::ensure!(outcome.finished, "the practice phone is read to its end");
    app.on_message(Message::Ended(Box::new(outcome)));
    screens.push((drawn(app)?, LONG));
    app.update(Intent::Next);
    screens.push((drawn(app)?, 2 * LONG));
    let opened = Rescued::open(&rescued.at)?;
    app.update(Intent::Look);
    let mut task = app.on_message(Message::Overview(Ok(opened.overview(&Stop::new())?)));
    for _ in 0..3 {
        if let Some(Task::Wish(Wish::Detail(request))) = task {
            let details = opened
                .details(request.of, &request.key)?
                .unwrap_or_default();
            app.on_message(Message::Detail {
                key: request.key,
                fields: Ok(details.fields),
            });
        }
        screens.push((drawn(app)?, LONG / 2));
        task = app.update(Intent::Down);
    }
    Ok(svg::moving(&screens))
}

fn drawn(app: &App) -> Result<Buffer> {
    let mut terminal = Terminal::new(TestBackend::new(COLUMNS, LINES))?;
    terminal.draw(|frame| screen::draw(app, frame, Theme::coloured()))?;
    Ok(terminal.backend().buffer().clone())
}
