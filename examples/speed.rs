//! Measures the screens with 100,000 contacts: the first frame, the time until the rescued data can be looked at, and
//! how long a key takes until its frame is drawn.
//!
//! `cargo run --release --example speed` on an idle machine; a number as argument is the number of contacts.

use std::io::sink;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use lifeboat::model::{
    Account, Batch, Collection, Contact, Email, Identity, Organization, PersonName, Phone, Record,
    RecordBody, Source, Stop,
};
use lifeboat::rescue::look::Rescued;
use lifeboat::rescue::{HandsetOutcome, Outcome, TimeToSafety};
use lifeboat::tui::app::{App, Message, Screen, Task};
use lifeboat::tui::keys::Intent;
use lifeboat::tui::screen;
use lifeboat::tui::screen::look::Wish;
use lifeboat::tui::theme::Theme;
use lifeboat::vault::{RescueSource, Vault};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Terminal, TerminalOptions, Viewport};

const BATCH: usize = 5_000;

type Screens = Terminal<CrosstermBackend<std::io::Sink>>;

fn contact(n: usize) -> Contact {
    let given = ["Anna", "Bjørn", "Čeněk", "Dörte", "Елена", "太郎"];
    let given = given.get(n % 6).copied().unwrap_or_default();
    let name = format!("{given} Müller-{n}");
    Contact {
        uid: format!("contact-{n}"),
        display_name: name.clone(),
        names: vec![PersonName {
            display: Some(name),
            given: Some(given.into()),
            family: Some(format!("Müller-{n}")),
            ..PersonName::default()
        }],
        phones: vec![Phone {
            number: format!("+49 171 {n:07}"),
            ..Phone::default()
        }],
        emails: vec![Email {
            address: format!("person.{n}@example.org"),
            ..Email::default()
        }],
        organizations: vec![Organization {
            company: Some(format!("Werft {}", n % 500)),
            ..Organization::default()
        }],
        sources: vec![Source {
            account: Account {
                name: Some("owner@example.org".into()),
                kind: Some("com.google".into()),
                ..Account::default()
            },
            row: i64::try_from(n).unwrap_or_default(),
            ..Source::default()
        }],
        ..Contact::default()
    }
}

/// Makes the journal of a rescue with this number of contacts.
fn rescue(folder: &std::path::Path, number: usize) {
    let mut vault = Vault::create(folder, &Identity::default(), &RescueSource::default())
        .expect("a new journal");
    for first in (0..number).step_by(BATCH) {
        let records = (first..number.min(first + BATCH)).map(|n| Record {
            key: format!("contact/{n}"),
            body: RecordBody::Contact(contact(n)),
        });
        let batch = Batch {
            records: records.collect(),
            ..Batch::default()
        };
        vault.commit(Collection::Contacts, &batch).expect("a batch");
    }
    vault.close().expect("the journal's end");
}

fn draw(terminal: &mut Screens, app: &App) {
    terminal
        .draw(|frame| screen::draw(app, frame, Theme::coloured()))
        .expect("a frame");
}

/// Does what the program does for a key: changes the state, draws, and hands details to the screen.
fn press(terminal: &mut Screens, app: &mut App, rescued: &Rescued, intent: Intent) -> Duration {
    let began = Instant::now();
    let task = app.update(intent);
    draw(terminal, app);
    let took = began.elapsed();
    if let Some(Task::Wish(Wish::Detail(request))) = task {
        let details = rescued.details(request.of, &request.key);
        let fields = details.expect("details").unwrap_or_default().fields;
        app.on_message(Message::Detail {
            key: request.key,
            fields: Ok(fields),
        });
    }
    took
}

fn main() {
    let number = std::env::args().nth(1).and_then(|n| n.parse().ok());
    let number: usize = number.unwrap_or(100_000);
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("rescue");
    std::fs::create_dir(&folder).expect("a folder");
    rescue(&folder, number);

    let began = Instant::now();
    let area = Rect::new(0, 0, 120, 40);
    let options = TerminalOptions {
        viewport: Viewport::Fixed(area),
    };
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(sink()), options).expect("a terminal");
    let today = NaiveDate::from_ymd_opt(2026, 11, 22).expect("a day");
    let mut app = App::new(PathBuf::from(home.path()), today, false);
    app.size = Size::new(120, 40);
    draw(&mut terminal, &app);
    println!("first frame           {:>9.1?}", began.elapsed());

    let began = Instant::now();
    let rescued = Rescued::open(&folder).expect("a rescue");
    let overview = rescued.overview(&Stop::new()).expect("an overview");
    app.open_again(Outcome {
        folder: folder.to_string_lossy().into_owned(),
        finished: true,
        handset: HandsetOutcome::default(),
        time_to_safety: TimeToSafety::default(),
        ..Outcome::default()
    });
    app.update(Intent::Look);
    app.on_message(Message::Overview(Ok(overview)));
    assert_eq!(app.screen, Screen::Look);
    draw(&mut terminal, &app);
    println!("{number} contacts open {:>9.1?}", began.elapsed());

    let mut keys: Vec<Duration> = Vec::new();
    let mut whole = Duration::ZERO;
    let searches = [
        "muller-9",
        "0171 0012",
        "werft 77",
        "елена",
        "ana mulller",
        "太郎",
        "zzzz",
        "org",
    ];
    for text in searches {
        let moves = [Intent::Down, Intent::PageDown, Intent::Last, Intent::First];
        for intent in moves.into_iter().cycle().take(40).chain([Intent::Search]) {
            keys.push(press(&mut terminal, &mut app, &rescued, intent));
        }
        for c in text.chars() {
            keys.push(press(&mut terminal, &mut app, &rescued, Intent::Type(c)));
            let began = Instant::now();
            while app.has_work() {
                let began = Instant::now();
                app.work();
                draw(&mut terminal, &app);
                // A key that is pressed meanwhile waits for one slice.
                keys.push(began.elapsed());
            }
            whole = whole.max(began.elapsed());
        }
        keys.push(press(&mut terminal, &mut app, &rescued, Intent::Back));
    }
    keys.sort();
    let at = |share: f64| {
        let index = (keys.len() as f64 * share) as usize;
        keys.get(index.min(keys.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    };
    println!("key to frame, median  {:>9.1?}", at(0.5));
    println!("key to frame, 99 %    {:>9.1?}", at(0.99));
    println!("key to frame, longest {:>9.1?}", at(1.0));
    println!("longest whole search  {whole:>9.1?}");
}
