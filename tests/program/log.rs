//! The log: it contains every request to the handset, and none of the handset's answers.

use std::fs;
use std::path::Path;
use std::process::Command;

use lifeboat::practice::android::{PracticeAndroid, Settings, Store};
use lifeboat::practice::fault::apply;
use lifeboat::protocol::adb::{Adb, Options};
use lifeboat::vault::Vault;
use rusqlite::types::Value;

/// Length of the longest request that the log contains in full, in bytes.
const WHOLE: usize = 2_000;

fn log_of(folder: &Path) -> String {
    fs::read_to_string(folder.join("data/log.txt")).expect("a log")
}

/// The requests in the log, in order.
fn asked_in(log: &str) -> Vec<String> {
    log.lines()
        .filter_map(|line| Some(line.split_once("  asked: ")?.1.to_owned()))
        .filter(|asked| !asked.starts_with("CNXN ") && !asked.starts_with("AUTH: "))
        .collect()
}

/// A request in the form that the log uses.
fn logged(asked: &str) -> String {
    match asked.get(..WHOLE) {
        // Requests are ASCII, so bytes can be cut anywhere.
        Some(head) if asked.len() > WHOLE => format!("{head}… ({} bytes)", asked.len()),
        _ => asked.to_owned(),
    }
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort_unstable();
    lines
}

/// Handsets of several Android versions, since each gets other requests: with and without a separate error stream, with
/// a work profile, with rows that need a second look.
const HANDSETS: [&str; 5] = [
    "android=19",
    "android=24",
    "deny=contacts",
    "work-profile",
    "row-over-2mb",
];

fn faulty(spec: &str) -> Settings {
    let mut settings = Settings::default();
    apply(spec, &mut settings).expect("a fault");
    settings
}

#[test]
fn everything_that_was_asked_is_in_the_log() {
    for spec in HANDSETS {
        let rescued = crate::common::rescue(faulty(spec));
        let asked: Vec<String> = rescued.handset.asked().iter().map(|a| logged(a)).collect();
        assert!(asked.len() > 10);
        let log = log_of(&rescued.folder);
        assert_eq!(sorted(asked_in(&log)), sorted(asked), "{spec}: {log}");
        assert!(log.contains("  asked: CNXN host::"), "{spec}");
    }
}

#[test]
fn files_that_are_asked_for_are_noted_too() {
    for spec in ["android=24", "android=33"] {
        let handset = PracticeAndroid::new(faulty(spec));
        let adb = Adb::connect(handset.link(), Options::default()).expect("a connection");
        adb.sync().list(b"/sdcard/DCIM", 10).expect("a folder");
        adb.sync().stat(b"/sdcard/none").expect("an answer");
        let asked: Vec<String> = adb.asked().into_iter().skip(1).map(|a| a.what).collect();
        assert_eq!(asked, handset.asked());
        assert!(
            asked.iter().any(|a| a.ends_with("/sdcard/DCIM")),
            "{asked:?}"
        );
        assert!(adb.asked().is_empty(), "it is told once");
    }
}

#[test]
fn a_resumed_rescue_goes_on_in_the_same_log() {
    let mut rescued = crate::common::rescue(faulty("unplug-after-rows=900"));
    assert!(!rescued.outcome.finished);
    let first = log_of(&rescued.folder);
    assert!(first.contains("Reading stopped early"), "{first}");
    assert!(crate::common::resume(&mut rescued).finished);
    let both = log_of(&rescued.folder);
    let end = first
        .rfind("The data saved so far is written to files.")
        .expect("an end");
    assert!(both.starts_with(&first[..end]), "lines were changed");
    assert_eq!(both.matches("The phone's clock says ").count(), 2);
    // The handset may not have received the last requests before the cut: at most as many as were under way at once.
    let mut left = sorted(asked_in(&both));
    for asked in rescued.handset.asked() {
        let asked = logged(&asked);
        let at = left.iter().position(|line| *line == asked);
        left.remove(at.unwrap_or_else(|| panic!("not in the log: {asked}")));
    }
    assert!(left.len() <= AT_ONCE, "{left:?}");
}

/// The largest number of requests that are under way at once.
const AT_ONCE: usize = 16;

#[test]
fn the_log_says_which_tool_when_by_both_clocks_and_what_reading_leaves() {
    let rescued = crate::common::rescue(Settings::default());
    let log = log_of(&rescued.folder);
    assert!(log.starts_with(concat!("What Lifeboat ", env!("CARGO_PKG_VERSION"))));
    assert!(log.contains(", this computer's clock says 20"), "{log}");
    assert!(log.contains("debugging key"), "{log}");
    for line in log.lines().skip(2) {
        let (at, event) = line.split_once("  ").expect("a time and an event");
        assert!(chrono::DateTime::parse_from_rfc3339(at).is_ok(), "{line}");
        assert!(!event.is_empty());
    }
    // The file is the journal's log, in a form that is readable without a program.
    let vault = Vault::open_to_read(&rescued.folder).expect("the vault");
    let entries = vault.log_entries().expect("its log");
    assert_eq!(entries.len(), log.lines().count() - 2);
    assert!(
        fs::read_to_string(rescued.folder.join("data/report.html"))
            .expect("a report")
            .contains("log.txt")
    );
}

/// The owner's texts: names, numbers, addresses, titles, notes.
fn owners_words(rescued: &crate::common::Practised) -> Vec<String> {
    let mut words = Vec::new();
    for (store, table, columns) in [
        (
            Store::Contacts,
            "data",
            &["data1", "data2", "data3", "data4", "data5"][..],
        ),
        (
            Store::Contacts,
            "raw_contacts",
            &["display_name", "sourceid"],
        ),
        (
            Store::Calendar,
            "Events",
            &["title", "description", "eventLocation", "_sync_id"],
        ),
        (
            Store::Calendar,
            "Attendees",
            &["attendeeName", "attendeeEmail"],
        ),
    ] {
        for column in columns {
            let sql = format!("SELECT DISTINCT {column} FROM {table}");
            let rows = rescued
                .handset
                .peek(0, store, &sql)
                .expect("the owner's data");
            words.extend(rows.into_iter().flatten().filter_map(|value| match value {
                Value::Text(text) => Some(text),
                _ => None,
            }));
        }
    }
    words
}

#[test]
fn nothing_of_what_the_owner_has_is_in_the_log() {
    for spec in [
        "android=33",
        "row-over-2mb",
        "error-after-rows=contacts:700",
    ] {
        let rescued = crate::common::rescue(faulty(spec));
        // The log may name the handset's make and model.
        let log: String = log_of(&rescued.folder)
            .lines()
            .filter(|line| !line.contains("  Lifeboat "))
            .collect();
        let words: Vec<String> = owners_words(&rescued)
            .into_iter()
            // Single letters and short numbers (types, flags) occur in any text. NULL and BLOB are names of two
            // contacts and also words in queries.
            .filter(|word| word.chars().count() >= 4 && !matches!(&**word, "NULL" | "BLOB"))
            .collect();
        assert!(words.len() > 500, "{}", words.len());
        let found: Vec<&String> = words.iter().filter(|word| log.contains(&***word)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}

#[test]
fn a_ticket_and_a_name_go_into_the_log_the_report_and_the_bag() {
    let parent = tempfile::tempdir().expect("a folder");
    let lifeboat = |more: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_lifeboat"))
            .args(["rescue", "--practice"])
            .args(more)
            .env("HOME", parent.path())
            .env("XDG_CONFIG_HOME", parent.path())
            .output()
            .expect("lifeboat runs")
    };
    let to = parent.path().join("out");
    let to = to.to_str().expect("text");
    let given = ["--ticket", "INC-4711 <b>", "--operator", "Kim\u{1b} Doe"];
    let cut = lifeboat(
        &[
            &["--to", to, "--fault", "unplug-after-rows=900"],
            &given[..],
        ]
        .concat(),
    );
    let folder = String::from_utf8(cut.stdout).expect("a folder");
    let folder = Path::new(folder.trim());
    // Another person does the second half, for the same ticket.
    let done = lifeboat(&[
        "--resume",
        folder.to_str().expect("text"),
        "--operator",
        "Lee",
    ]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let log = log_of(folder);
    for line in ["Ticket: INC-4711 <b>", "Done by: Kim Doe", "Done by: Lee"] {
        assert!(log.contains(line), "{line}: {log}");
    }
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect("a file");
    let info = read("bag-info.txt");
    assert!(
        info.contains("\nExternal-Identifier: INC-4711 <b>\nContact-Name: Lee\n"),
        "{info}"
    );
    let report = read("data/report.html");
    assert!(report.contains("<dt>Ticket</dt><dd><bdi>INC-4711 &lt;b&gt;</bdi>"));
    assert!(report.contains("<dt>Done by</dt><dd><bdi>Lee</bdi>"));
}
