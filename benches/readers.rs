//! Measures how fast files of realistic size are read: 10,000 cards, 5,000 events, and a table of 10,000 contacts. The
//! comparison is calcard's reader for cards and events and the csv crate's reader for the table, in the same run.
//! Lifeboat's reader also detects charsets, joins folded and broken lines and builds records; the other readers only
//! parse.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use calcard::{Entry, Parser};
use criterion::{Criterion, criterion_group, criterion_main};
use lifeboat::format::found;

const CARDS: usize = 10_000;
const EVENTS: usize = 5_000;

fn cards() -> String {
    let mut text = String::new();
    for n in 0..CARDS {
        let _infallible = write!(
            text,
            "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Änne Example {n}\r\nN:Example;Änne {n};;;\r\nTEL;TYPE=CELL:+49 170 {n:07}\r\n\
             TEL;TYPE=HOME,VOICE:030 {n:06}\r\nEMAIL;TYPE=INTERNET,HOME:anne.{n}@example.org\r\n\
             ADR;TYPE=HOME:;;Long Street {n};Köln;;50667;Germany\r\nORG:Example\\, Inc.\r\nTITLE:Captain\r\n\
             BDAY:1985-04-12\r\nNOTE:Met at the harbour\\; she said \"come back\"\\, and I did.\\nBoat num\r\n ber {n}\\, berth 7\r\n\
             CATEGORIES:Family\r\nEND:VCARD\r\n"
        );
    }
    text
}

fn events() -> String {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
    for n in 0..EVENTS {
        let (month, day, hour) = (1 + n % 12, 1 + n % 28, n % 24);
        let _infallible = write!(
            text,
            "BEGIN:VEVENT\r\nUID:e{n}@example.org\r\nDTSTAMP:20240101T000000Z\r\n\
             DTSTART;TZID=Europe/Berlin:2024{month:02}{day:02}T{hour:02}0000\r\n\
             DTEND;TZID=Europe/Berlin:2024{month:02}{day:02}T{hour:02}3000\r\nSUMMARY:Event {n}\r\n\
             DESCRIPTION:Bring tea\\, and a towel\r\nLOCATION:Pier {n}\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n\
             BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\n"
        );
    }
    text.push_str("END:VCALENDAR\r\n");
    text
}

fn table() -> String {
    let mut text = String::from(
        "First Name,Last Name,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Birthday,Notes\r\n",
    );
    for n in 0..CARDS {
        let _infallible = write!(
            text,
            "Änne {n},Example,anne.{n}@example.org,Mobile,+49 170 {n:07},1985-04-12,\"Met at the harbour,\nberth 7\"\r\n"
        );
    }
    text
}

fn parsed(text: &str) -> usize {
    let mut parser = Parser::new(text);
    let mut count = 0;
    loop {
        match parser.entry() {
            Entry::VCard(_) => count += 1,
            Entry::ICalendar(calendar) => count += calendar.components.len(),
            Entry::Eof => return count,
            _ => {}
        }
    }
}

fn rows(text: &str) -> usize {
    csv::Reader::from_reader(text.as_bytes()).records().count()
}

fn median(mut run: impl FnMut() -> usize) -> Duration {
    let mut times: Vec<Duration> = (0..7)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed()
        })
        .collect();
    times.sort();
    times[3]
}

fn bench(c: &mut Criterion) {
    let (cards, events, table) = (cards(), events(), table());
    let read = |name: &str, text: &str| {
        let found = found::read(name, text.as_bytes());
        assert!(
            found.unreadable.list.is_empty(),
            "{:?}",
            found.unreadable.list.first()
        );
        found.records()
    };
    assert_eq!(read("a.vcf", &cards), CARDS);
    assert_eq!(read("a.ics", &events), EVENTS);
    assert_eq!(read("a.csv", &table), CARDS);
    assert_eq!((parsed(&cards), rows(&table)), (CARDS, CARDS));
    for (what, name, text, peer) in [
        ("10,000 cards", "a.vcf", &cards, parsed as fn(&str) -> usize),
        ("5,000 events", "a.ics", &events, parsed),
        ("a table of 10,000 contacts", "a.csv", &table, rows),
    ] {
        let ours = median(|| read(name, text));
        let theirs = median(|| peer(text));
        println!(
            "{what}: ours {ours:.1?}, the peer's parser {theirs:.1?}: {:.2} times as long",
            ours.as_secs_f64() / theirs.as_secs_f64()
        );
        c.bench_function(&format!("read {what}"), |b| {
            b.iter(|| black_box(read(name, text)))
        });
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
