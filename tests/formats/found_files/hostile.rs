//! Nothing breaks the reader: random bytes, damaged files, and files made to exhaust it.

use std::time::Duration;

use lifeboat::format::found::{self, Found};
use lifeboat::format::versit::{Complaints, Fault};
use proptest::prelude::*;

use super::processor::Work;
use super::samples;

const NAMES: [&str; 5] = ["a.vcf", "a.vcs", "a.ics", "a.vnt", "a.csv"];

/// Reads the bytes and asserts that every reported place lies inside the file.
fn check(name: &str, bytes: &[u8]) -> Found {
    let found = found::read(name, bytes);
    let inside =
        |range: &std::ops::Range<usize>| range.start <= range.end && range.end <= bytes.len();
    assert!(found.contacts.iter().all(|c| inside(&c.raw)));
    assert!(found.events.iter().all(|e| inside(&e.raw)));
    assert!(found.todos.iter().all(|t| inside(&t.raw)));
    assert!(found.notes.iter().all(|n| inside(&n.raw)));
    assert!(found.unreadable.list.len() <= Complaints::LISTED);
    found
}

/// A to-do that begins after a zero byte, in a file whose own beginning is missing.
#[test]
fn reported_places_lie_inside_the_file() {
    for name in NAMES {
        check(name, b"BE\0GIN:VTODO\nS:");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn random_bytes_are_read_without_panic(bytes: Vec<u8>, name in 0..NAMES.len()) {
        check(NAMES[name], &bytes);
    }

    #[test]
    fn so_are_files_of_the_right_words_in_any_order(
        lines in proptest::collection::vec(proptest::sample::select(LINES.to_vec()), 0..60),
        ends in proptest::sample::select(vec!["\r\n", "\n", "\r", "\r\r\n"]),
    ) {
        check("a.vcs", lines.join(ends).as_bytes());
    }

    #[test]
    fn so_are_values_of_any_text(
        name in proptest::sample::select(PROPERTIES.to_vec()),
        value in "\\PC{0,60}",
        frame in proptest::sample::select(vec!["VCARD", "VEVENT", "VTODO", "VNOTE", "VCALENDAR"]),
        version in proptest::sample::select(vec!["1.0", "2.0", "2.1", "3.0", "4.0"]),
    ) {
        let file = format!(
            "BEGIN:{frame}\r\nVERSION:{version}\r\nDTSTART:20091012T090000\r\n{name}:{value}\r\nEND:{frame}\r\n"
        );
        check("a.vcs", file.as_bytes());
    }
}

const LINES: [&str; 41] = [
    "BE\0GIN:VTODO",
    "BEGIN:VCARD",
    "END:VCARD",
    "BEGIN:VCALENDAR",
    "END:VCALENDAR",
    "BEGIN:VEVENT",
    "END:VEVENT",
    "BEGIN:VTODO",
    "END:VTODO",
    "BEGIN:VALARM",
    "END:VALARM",
    "BEGIN:VNOTE",
    "END:VNOTE",
    "BEGIN:VTIMEZONE",
    "END:VTIMEZONE",
    "VERSION:2.1",
    "VERSION:1.0",
    "VERSION:3.0",
    "AGENT:",
    "AGENT:BEGIN:VCARD\\nFN:x\\nAGENT:BEGIN:VCARD\\\\nEND:VCARD\\nEND:VCARD",
    "N;ENCODING=QUOTED-PRINTABLE;CHARSET=SHIFT_JIS:=83=5C;=",
    "=3B=",
    "PHOTO;ENCODING=BASE64:AAAA",
    "BBBB",
    "",
    " ",
    " folded",
    "\t",
    "item1.X-ABLabel:_$!<Home>!$_",
    "item1.TEL:1",
    "item1.X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;x;3",
    "X-LIFEBOAT-DATA:{\"phones\":{\"more\":[[0\\,{\"number\":\"1\"}]\\,[9\\,7]]\\,\"order\":[3\\,0]}}",
    "X-LIFEBOAT-DATA:{\"start\":[\"\"\\,{\"date\":9223372036854775807}]}",
    "DTSTART;TZID=X:20091012T090000",
    "DTSTART:20091012",
    "RRULE:MP1 1+ SU #0",
    "RDATE;VALUE=PERIOD:20091012T090000/PT1H",
    "EXDATE;TZID=X:20091012T090000",
    "AALARM:20091012T080000;PT5M;3;x",
    "TRIGGER;RELATED=END:-PT5M",
    "X-LIFEBOAT-DATA:{}",
];

const PROPERTIES: [&str; 37] = [
    "FN",
    "N",
    "TEL",
    "ADR",
    "LABEL",
    "ORG",
    "TITLE",
    "BDAY",
    "PHOTO",
    "SOUND;X-IRMC-N",
    "IMPP",
    "X-ABDATE",
    "X-ANDROID-CUSTOM",
    "X-LIFEBOAT-SOURCE",
    "X-LIFEBOAT-DATA",
    "CATEGORIES",
    "NOTE;QUOTED-PRINTABLE",
    "NOTE;BASE64",
    "NOTE;CHARSET=ISO-2022-JP",
    "TZ",
    "DAYLIGHT",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "EXRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "AALARM",
    "ATTENDEE",
    "ORGANIZER",
    "ATTACH",
    "PRIORITY",
    "X-EPOCAGENDAENTRYTYPE",
    "AGENT",
];

/// Damage as memory cards, cables and attackers cause it.
fn damaged(bytes: &[u8], at: usize, kind: u8) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = at % bytes.len().max(1);
    match kind {
        0 => bytes.truncate(at),
        1 => {
            bytes.drain(..at);
        }
        2 => bytes.iter_mut().skip(at).take(16).for_each(|b| *b = 0),
        3 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 0x80;
            }
        }
        4 => bytes.retain(|b| *b != b'\n'),
        5 => bytes.retain(|b| *b != b':'),
        6 => {
            let copy = bytes.clone();
            bytes.splice(at..at, copy);
        }
        7 => bytes.insert(at, b'='),
        _ => bytes.insert(at, b'\r'),
    }
    bytes
}

#[test]
fn damaged_samples_are_read_without_panic() {
    let Some(files) = samples::all() else { return };
    let mut random = 7_u64;
    for file in files {
        let name = file
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if file.bytes.len() > 200_000 {
            continue;
        }
        for kind in 0..9 {
            for _ in 0..2 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let at = usize::try_from(random >> 33).unwrap_or_default();
                check(&name, &damaged(&file.bytes, at, kind));
            }
        }
    }
}

/// Reads a file that was made to take long, and asserts a time limit.
#[track_caller]
fn timed(what: &str, bytes: &[u8]) -> Found {
    let work = Work::begin();
    let name = if what.starts_with("table") {
        "a.csv"
    } else {
        "a.vcf"
    };
    let found = check(name, bytes);
    let took = work.done();
    // Linear work takes some seconds here; quadratic work would take hours.
    assert!(took < Duration::from_secs(30), "{what}: {took:?}");
    found
}

#[test]
fn large_and_malicious_files_are_read_in_bounded_time() {
    const SIZE: usize = 2 << 20;
    let fill = |piece: &str| piece.repeat(SIZE / piece.len());
    let framed = |piece: &str| format!("BEGIN:VCARD\nVERSION:2.1\n{}END:VCARD\n", fill(piece));
    let event = |piece: &str| {
        format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART:20091012T090000\n{}END:VEVENT\nEND:VCALENDAR\n",
            fill(piece)
        )
    };
    for (what, text) in [
        ("nothing but BEGIN", fill("BEGIN:VCARD\n")),
        ("nothing but END", fill("END:VCARD\n")),
        ("empty cards", fill("BEGIN:VCARD\nEND:VCARD\n")),
        ("blank lines", fill("\n")),
        ("CR", fill("\r")),
        (
            "CR in a line",
            format!("BEGIN:VCARD\nN:{}\nEND:VCARD", fill("\r")),
        ),
        ("zeros", fill("\0")),
        (
            "soft breaks",
            format!("BEGIN:VCARD\nN;QUOTED-PRINTABLE:{}", fill("a=\n")),
        ),
        (
            "soft breaks and blank lines",
            framed("N;QUOTED-PRINTABLE:a=\n\n"),
        ),
        ("folds", framed(" x\n")),
        (
            "folds without a colon",
            format!("BEGIN:VCARD\nN{}", fill("\n x")),
        ),
        ("quotes", framed("N;A=\"\":1\n")),
        ("IMPP", framed("IMPP:xmpp:a\n")),
        ("birthdays", framed("BDAY:20000101\nBDAY:x\n")),
        ("one group", framed("g.TEL:1\ng.X-ABLABEL:x\n")),
        ("organisations", framed("ORG:a\nTITLE:b\n")),
        ("whole addresses", framed("LABEL:a\n")),
        ("custom rows", framed("g.X-ANDROID-CUSTOM:a;1\n")),
        ("exact values", framed("X-LIFEBOAT-DATA:{}\n")),
        (
            "many exact values",
            format!(
                "BEGIN:VCARD\nVERSION:3.0\nX-LIFEBOAT-DATA:{{\"phones\":{{\"more\":[{}[0\\,{{}}]]}}}}\nEND:VCARD\n",
                fill("[0\\,{}]\\,")
            ),
        ),
        ("agents", framed("AGENT:BEGIN:VCARD\\nFN:x\\nEND:VCARD\n")),
        ("attendees", event("ATTENDEE:mailto:a@b.c\n")),
        ("dates left out", event("EXDATE:20091012T090000Z\n")),
        ("alarms", event("AALARM:20091012T080000\n")),
        (
            "one long line",
            format!("BEGIN:VCARD\nN:{}\nEND:VCARD", fill("x")),
        ),
        (
            "parameters",
            format!("BEGIN:VCARD\nN{}:x\nEND:VCARD", fill(";A=1")),
        ),
    ] {
        timed(what, text.as_bytes());
    }
    let years: String = (0..60_000)
        .map(|n| {
            format!(
                "BEGIN:VEVENT\nDTSTART;TZID=z{}:{:04}0701T090000\nEND:VEVENT\n",
                n % 150,
                n % 9000 + 500
            )
        })
        .collect();
    let zones: String = (0..150)
        .map(|n| {
            format!(
                "BEGIN:VTIMEZONE\nTZID:z{n}\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0{0}00\n\
                 TZOFFSETTO:+0{0}00\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:19700501T000000\n\
                 RRULE:FREQ=YEARLY;BYDAY=1SU\nTZOFFSETTO:+0900\nEND:DAYLIGHT\nEND:VTIMEZONE\n",
                n % 8
            )
        })
        .collect();
    let file = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{zones}{years}END:VCALENDAR\n");
    let found = timed("zones", file.as_bytes());
    assert_eq!(found.events.len(), 60_000);
}

#[test]
fn large_tables_are_read_in_bounded_time() {
    let rows = "Nora,Beck,+49 170 1234567,4/12/1985,Normal\n".repeat(30_000);
    let found = timed(
        "table of many rows",
        format!("First Name,Last Name,Mobile Phone,Birthday,Priority\n{rows}").as_bytes(),
    );
    assert_eq!(found.contacts.len(), 30_000);
    assert_eq!(found.unreadable.list, []);
    let header: String = (0..1_000).map(|n| format!(",Extra {n}")).collect();
    let row = format!("Nora,1234{}\n", ",x".repeat(1_000));
    let found = timed(
        "table of many columns",
        format!("Name,Phone{header}\n{}", row.repeat(500)).as_bytes(),
    );
    assert_eq!(found.contacts.len(), 500);
    assert!(found.contacts[499].contact.notes[0].ends_with("Extra 999: x"));
    let note = "x".repeat(10 << 20);
    let found = timed(
        "table with a long cell",
        format!("Name,Phone,Notes\nNora,1234,\"{note}\"\nBen,5678,\n").as_bytes(),
    );
    assert_eq!(found.contacts.len(), 2);
    assert_eq!(found.contacts[0].contact.notes[0].len(), note.len());
    for (what, piece) in [
        ("table of quotes", "\""),
        ("table of opening quotes", "a,\"b\n"),
        ("table of headings", "Name,Phone\n"),
        ("table of separators", ",;|\t"),
        ("table of letters", "x"),
        ("table of several", "a ::: "),
        ("table of bad bytes", "\u{E9}\u{FFFD},"),
    ] {
        timed(what, piece.repeat((512 << 10) / piece.len()).as_bytes());
        let rows = piece.repeat((512 << 10) / piece.len());
        timed(
            what,
            format!("Name,Phone,Notes\nNora,1234,{rows}").as_bytes(),
        );
    }
}

#[test]
fn data_beyond_the_limits_of_a_table_is_counted_and_named() {
    let header: String = (0..2_100).map(|n| format!(",Extra {n}")).collect();
    let file = format!("Name,Phone{header}\nNora,1234{}\n", ",x".repeat(2_100));
    let found = check("a.csv", file.as_bytes());
    let fault = &found.unreadable.list[0];
    assert_eq!(
        (fault.fault, fault.text.as_str()),
        (Fault::TooMany, "102 cells")
    );
    let rows = "Nora,1234\n".repeat(found::MAX_RECORDS + 3);
    let found = check("a.csv", format!("Name,Phone\n{rows}").as_bytes());
    assert_eq!(found.contacts.len(), found::MAX_RECORDS);
    let fault = &found.unreadable.list[0];
    assert_eq!(
        (fault.fault, fault.text.as_str()),
        (Fault::TooMany, "3 rows")
    );
}

#[test]
fn a_file_beyond_every_measure_is_named_and_left_alone() {
    let zeros = vec![b'\n'; found::MAX_FILE + 1];
    let found = check("a.vcf", &zeros);
    assert_eq!(found.unreadable.list[0].fault, Fault::TooLarge);
}
