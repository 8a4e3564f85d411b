#![no_main]
//! Files that an owner exported: cards, calendars, notes and tables of any program.

use std::ops::Range;

use lifeboat::format::found;
use lifeboat::format::versit::Complaints;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let names = ["a.vcf", "a.vcs", "a.ics", "a.vnt", "a.csv", "a"];
    let name = names[usize::from(*kind) % names.len()];
    let found = found::read(name, bytes);
    let inside = |range: &Range<usize>| range.start <= range.end && range.end <= bytes.len();
    assert!(found.contacts.iter().all(|c| inside(&c.raw)));
    assert!(found.events.iter().all(|e| inside(&e.raw)));
    assert!(found.todos.iter().all(|t| inside(&t.raw)));
    assert!(found.notes.iter().all(|n| inside(&n.raw)));
    assert!(found.unreadable.list.len() <= Complaints::LISTED);
    assert_eq!(found, found::read(name, bytes));
});
