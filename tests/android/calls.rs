//! The list of calls: what a rescue of each Android has of it, and what other programs read from its files.

use std::process::{Command, Stdio};

use crate::common::{self, Practised, portable_files};
use lifeboat::model::{Call, CallKind, Collection, Presentation, Record, RecordBody, Verdict};
use lifeboat::practice::android::{Area, OwnerData, PracticeUser, Settings, Sim};
use lifeboat::rescue::CollectionOutcome;
use lifeboat::vault::{RecordKind, Vault};

/// A phone with little besides its calls.
fn owner() -> Settings {
    Settings {
        contacts: 3,
        events: 2,
        todos: 1,
        owner: OwnerData {
            deleted_contacts: 0,
            deleted_events: 0,
            calls: 40,
            ..OwnerData::default()
        },
        sim: Sim {
            entries: Some(1),
            ..Sim::default()
        },
        ..Settings::default()
    }
}

fn calls_of(rescued: &Practised) -> &CollectionOutcome {
    let mut all = rescued.outcome.collections.iter();
    all.find(|c| c.name == Collection::Calls)
        .expect("calls are judged")
}

fn records(rescued: &Practised) -> Vec<Call> {
    let vault = Vault::open_to_read(&rescued.folder).expect("a journal");
    let mut calls = Vec::new();
    let kinds = [RecordKind::Call];
    let read = vault.for_each_record(Collection::Calls, &kinds, |record: Record| {
        let RecordBody::Call(call) = record.body else {
            panic!("{record:?}");
        };
        calls.push(call);
        Ok::<_, lifeboat::vault::VaultError>(())
    });
    read.expect("records");
    calls
}

fn file(rescued: &Practised, name: &str) -> String {
    let files = portable_files(&rescued.folder);
    let bytes = files.get(name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(bytes.clone()).expect("UTF-8")
}

#[test]
fn android_13_gives_its_calls() {
    for android in [33, 34, 36] {
        let rescued = common::rescue(Settings { android, ..owner() });
        let calls = calls_of(&rescued);
        assert_eq!(calls.verdict, Verdict::Complete, "{calls:?}");
        assert_eq!((calls.handset_says, calls.rescued), (Some(40), 40));
        assert_eq!(calls.read_back, Some(40));
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        let csv = file(&rescued, "calls.csv");
        // A cell may hold a line break.
        let rows = csv::Reader::from_reader(csv.as_bytes()).into_records();
        let times: Vec<String> = rows.map(|row| row.expect("a row")[1].to_owned()).collect();
        assert_eq!(times.len(), 40);
        assert!(times.is_sorted_by(|one, next| one >= next), "{times:?}");
        // Neither the message in the mailbox nor the call of a SIM that is gone.
        assert!(!csv.contains("hidden"), "{csv}");
    }
}

#[test]
fn an_older_android_ends_safe_and_says_what_keeps_the_calls() {
    for android in [19, 24, 29, 32] {
        let rescued = common::rescue(Settings { android, ..owner() });
        let calls = calls_of(&rescued);
        assert_eq!(calls.verdict, Verdict::OutOfReach, "{calls:?}");
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        assert_eq!(calls.rescued, 0);
        let told = rescued.outcome.not_covered.join("\n");
        assert!(told.contains("SMS Backup & Restore"), "{told}");
        assert!(!portable_files(&rescued.folder).contains_key("calls.csv"));
    }
}

#[test]
fn a_maker_s_shell_may_show_them_earlier() {
    for android in [26, 31] {
        let mut settings = owner();
        settings.android = android;
        settings.software.shows_calls = true;
        let rescued = common::rescue(settings);
        let calls = calls_of(&rescued);
        assert_eq!(calls.verdict, Verdict::Complete, "{calls:?}");
        assert_eq!(calls.rescued, 40);
    }
}

#[test]
fn no_calls_are_empty_only_with_evidence() {
    let mut none = owner();
    none.owner.calls = 0;
    let empty = common::rescue(none);
    assert_eq!(calls_of(&empty).verdict, Verdict::Empty);
    assert!(empty.outcome.safe, "{:?}", empty.outcome.why_not);
    let mut hidden = owner();
    hidden.providers.ignored.insert(Area::Calls);
    let hidden = common::rescue(hidden);
    let calls = calls_of(&hidden);
    assert_eq!(calls.verdict, Verdict::Unreadable, "{calls:?}");
    assert!(calls.notes[0].contains("READ_CALL_LOG"), "{calls:?}");
    let mut denied = owner();
    denied.providers.denied.insert(Area::Calls);
    let denied = common::rescue(denied);
    let calls = calls_of(&denied);
    assert_eq!(calls.verdict, Verdict::Unreadable, "{calls:?}");
    assert!(calls.notes[0].contains("Export them"), "{calls:?}");
    assert!(!denied.outcome.safe);
}

#[test]
fn columns_that_a_maker_lacks_leave_the_rest() {
    for lacks in [
        "transcription",
        "is_read",
        "geocoded_location:subject:data_usage",
    ] {
        let settings = common::with_fault(owner(), &format!("lacks={lacks}"));
        let rescued = common::rescue(settings);
        let calls = calls_of(&rescued);
        assert_eq!(calls.verdict, Verdict::Complete, "{lacks}: {calls:?}");
        let named = records(&rescued)
            .iter()
            .filter(|c| c.name.is_some())
            .count();
        assert!(named > 10, "{lacks}: {named}");
    }
}

#[test]
fn faults_of_the_provider_lose_no_call() {
    let smooth = common::rescue(owner());
    let smooth = portable_files(&smooth.folder);
    for fault in [
        "error-after-rows=calls:9",
        "end-after-rows=calls:20",
        "kill-after-rows=calls:9",
        "restarting=calls:1",
        "noise",
    ] {
        let rescued = common::rescue(common::with_fault(owner(), fault));
        let calls = calls_of(&rescued);
        assert_eq!(calls.verdict, Verdict::Complete, "{fault}: {calls:?}");
        let files = portable_files(&rescued.folder);
        for name in ["calls.csv", "calls.xml"] {
            assert!(files.get(name) == smooth.get(name), "{fault}: {name}");
        }
    }
}

/// The rows of `tests/FIELD.md`.
#[test]
fn rows_as_phones_have_them_are_kept() {
    let mut settings = owner();
    settings.owner.odd_calls = true;
    settings.owner.ordinary = true;
    let rescued = common::rescue(settings);
    let calls = calls_of(&rescued);
    assert_eq!(calls.verdict, Verdict::Complete, "{calls:?}");
    assert_eq!((calls.handset_says, calls.rescued), (Some(52), 52));
    let all = records(&rescued);
    let of = |row: i64| {
        let found = all.iter().find(|call| call.source.row == row);
        found.unwrap_or_else(|| panic!("no row {row}"))
    };
    assert_eq!(of(200_001).presentation, Presentation::Unknown);
    assert_eq!(of(200_002).presentation, Presentation::Restricted);
    assert_eq!(of(200_003).presentation, Presentation::Payphone);
    assert_eq!(of(200_004).number, None);
    assert_eq!(
        (of(200_004).kind, of(200_004).duration),
        (CallKind::Missed, Some(30))
    );
    assert_eq!(of(200_005).kind, CallKind::Other(100));
    assert_eq!(of(200_006).kind, CallKind::Other(101));
    assert_eq!(of(200_007).kind, CallKind::Rejected);
    // Seconds in place of milliseconds.
    assert_eq!(of(200_008).at, Some(1_500_000_000_000));
    let kept = ("date".to_owned(), "1500000000".to_owned());
    assert!(of(200_008).extended.contains(&kept), "{:?}", of(200_008));
    assert_eq!((of(200_009).at, of(200_009).duration), (None, Some(-1)));
    assert_eq!((of(200_010).at, of(200_010).duration), (None, None));
    let twice = |row| Call {
        source: Default::default(),
        ..of(row).clone()
    };
    assert_eq!(twice(200_011), twice(200_012));
    let csv = file(&rescued, "calls.csv");
    for expected in [
        "2011-04-21T11:26:16Z,incoming,,,unknown,0:06:13,373,",
        "the maker's kind 100,+4930123,",
        "2017-07-14T02:40:00Z,incoming,+4930125,",
        ",,outgoing,+4930126,,,,-1,",
    ] {
        assert!(csv.contains(expected), "{expected}\n{csv}");
    }
}

#[test]
fn a_work_profile_has_calls_of_its_own() {
    let mut settings = owner();
    settings.owner.users = vec![PracticeUser::work()];
    let rescued = common::rescue_with(settings, true);
    let calls = calls_of(&rescued);
    assert_eq!(
        (calls.verdict, calls.rescued),
        (Verdict::Complete, 44),
        "{calls:?}"
    );
    assert!(file(&rescued, "calls.csv").contains("user=Work profile"));
}

/// Texts that XML and spreadsheets could take for something else, read by programs that Lifeboat does not know.
#[test]
fn python_reads_the_same_calls() {
    let script = r#"
import csv, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "calls", root.tag
calls = root.findall("call")
assert int(root.get("count")) == len(calls)
rows = list(csv.DictReader(open(sys.argv[2], encoding="utf-8", newline="")))
assert len(rows) == len(calls), (len(rows), len(calls))
for row, call in zip(rows, calls):
    assert int(call.get("date")) > 0 and int(call.get("type")) > 0 and int(call.get("presentation")) > 0
    assert row["Seconds"] == call.get("duration"), (row, call.attrib)
    for cell in row.values():
        assert not cell.startswith(("=", "@", "\t", "\r")), row
print(len(calls))
"#;
    let mut settings = owner();
    settings.owner.hostile_texts = true;
    let rescued = common::rescue(settings);
    assert_eq!(calls_of(&rescued).verdict, Verdict::Complete);
    let data = rescued.folder.join("data");
    let judged = Command::new("python3")
        .args(["-c", script])
        .args([data.join("calls.xml"), data.join("calls.csv")])
        .stdin(Stdio::null())
        .output();
    let Ok(judged) = judged else {
        return common::cannot::cannot_run("there is no Python");
    };
    let said = String::from_utf8_lossy(&judged.stderr).into_owned();
    assert!(judged.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&judged.stdout).trim(), "40");
}

#[test]
fn a_change_between_two_parts_is_noticed() {
    let mut rescued = common::rescue(common::with_fault(owner(), "unplug-after-rows=30"));
    assert!(!rescued.outcome.finished);
    let outcome = common::resume(&mut rescued);
    let calls = outcome
        .collections
        .iter()
        .find(|c| c.name == Collection::Calls);
    let calls = calls.expect("calls are judged");
    assert_eq!(
        (calls.verdict, calls.rescued),
        (Verdict::Complete, 40),
        "{calls:?}"
    );
}
