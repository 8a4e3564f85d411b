//! Measures how fast 10,000 usual cards are written as vCard 3.0: Lifeboat's writer against calcard's, with the same
//! cards.

use std::hint::black_box;
use std::time::{Duration, Instant};

use calcard::vcard::{VCard, VCardVersion};
use calcard::{Entry, Parser};
use criterion::{Criterion, criterion_group, criterion_main};
use lifeboat::format::Losses;
use lifeboat::format::vcard::v3;
use lifeboat::model::*;

const CARDS: usize = 10_000;

fn contacts() -> Vec<Contact> {
    let some = |text: String| Some(text);
    (0..CARDS)
        .map(|n| Contact {
            uid: format!("lifeboat-{n:016x}"),
            display_name: format!("Änne Example {n}"),
            names: vec![PersonName {
                given: some(format!("Änne {n}")),
                family: some("Example".to_owned()),
                ..PersonName::default()
            }],
            phones: vec![
                Phone {
                    number: format!("+49 170 {n:07}"),
                    label: Label::Mobile,
                    primary: true,
                    ..Phone::default()
                },
                Phone {
                    number: format!("030 {n:06}"),
                    label: Label::Custom("Boat".to_owned()),
                    ..Phone::default()
                },
            ],
            emails: vec![Email {
                address: format!("anne.{n}@example.org"),
                label: Label::Home,
                ..Email::default()
            }],
            addresses: vec![PostalAddress {
                street: some(format!("Long Street {n}")),
                city: some("Köln".to_owned()),
                postcode: some("50667".to_owned()),
                country: some("Germany".to_owned()),
                label: Label::Home,
                ..PostalAddress::default()
            }],
            organizations: vec![Organization {
                company: some("Example, Inc.".to_owned()),
                title: some("Captain".to_owned()),
                ..Organization::default()
            }],
            dates: vec![ContactDate { date: "1985-04-12".to_owned(), kind: DateKind::Birthday }],
            notes: vec![format!(
                "Met at the harbour; she said: \"come back\", and I did.\nBoat number {n}, berth 7, quay 3."
            )],
            groups: vec!["Family".to_owned()],
            ..Contact::default()
        })
        .collect()
}

fn ours(contacts: &[Contact]) -> Vec<u8> {
    let mut out = Vec::with_capacity(6 << 20);
    let mut losses = Losses::default();
    for contact in contacts {
        v3::write(contact, &mut out, &mut losses);
    }
    out
}

fn theirs(cards: &[VCard]) -> String {
    let mut out = String::with_capacity(6 << 20);
    for card in cards {
        card.write_to(&mut out, VCardVersion::V3_0)
            .expect("a string takes everything");
    }
    out
}

fn fastest(mut write: impl FnMut()) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        write();
        best = best.min(start.elapsed());
    }
    best
}

fn bench(criterion: &mut Criterion) {
    let contacts = contacts();
    let text = String::from_utf8(ours(&contacts)).expect("clean UTF-8");
    let mut parser = Parser::new(&text);
    let mut cards = Vec::new();
    while let Entry::VCard(card) = parser.entry() {
        cards.push(card);
    }
    assert_eq!(cards.len(), CARDS);

    let mut group = criterion.benchmark_group("vcard_3_write_10k");
    group.sample_size(30);
    group.bench_function("lifeboat", |b| b.iter(|| black_box(ours(&contacts))));
    group.bench_function("calcard", |b| b.iter(|| black_box(theirs(&cards))));
    group.finish();

    let (own, other) = (
        fastest(|| drop(black_box(ours(&contacts)))),
        fastest(|| drop(black_box(theirs(&cards)))),
    );
    println!(
        "lifeboat {own:?} ({} bytes), calcard {other:?} ({} bytes): ratio {:.2} (1 or more: ours is as fast)",
        text.len(),
        theirs(&cards).len(),
        other.as_secs_f64() / own.as_secs_f64(),
    );
}

criterion_group!(benches, bench);
criterion_main!(benches);
