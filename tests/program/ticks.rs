//! What a reset destroys, after the rescue: listed, ticked and skipped by the program, noted in the folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lifeboat::vault::verify;
use serde_json::Value;

fn lifeboat(arguments: &[&str]) -> Output {
    let home = tempfile::tempdir().expect("a folder");
    Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .output()
        .expect("lifeboat runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A finished rescue of a small practice phone with an authenticator, a messenger and an eSIM.
fn rescued(parent: &Path) -> PathBuf {
    let to = parent.to_str().expect("text");
    let fault = "android=34,esim=O2 travel,app=com.discord,photos=2";
    let done = lifeboat(&[
        "rescue",
        "--practice",
        "--fault",
        fault,
        "--to",
        to,
        "--json",
    ]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let told: Value = serde_json::from_slice(&done.stdout).expect("JSON");
    assert_eq!(told["safe"], true, "{told:#}");
    assert_eq!(told["ready_to_reset"], false, "{told:#}");
    let headline = told["headline"].as_str().expect("text");
    assert!(headline.contains("is safe"), "{headline}");
    assert!(!headline.to_lowercase().contains("ready"), "{headline}");
    PathBuf::from(told["folder"].as_str().expect("text"))
}

fn list(folder: &Path) -> (Option<i32>, Value) {
    let done = lifeboat(&["ticks", folder.to_str().expect("text"), "--json"]);
    let told = serde_json::from_slice(&done.stdout).unwrap_or_else(|e| panic!("{e}: {done:?}"));
    (done.status.code(), told)
}

fn ids(told: &Value) -> Vec<String> {
    let lines = told["before_reset"].as_array().expect("lines").iter();
    let id = |line: &Value| line["id"].as_str().expect("an id").to_owned();
    lines.map(id).collect()
}

fn assert_whole(folder: &Path) {
    let report = verify(folder, &mut |_| {}).expect("a rescue");
    assert_eq!(report.problems, [""; 0]);
}

#[test]
fn a_phone_is_ready_once_each_line_is_done_or_skipped() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = rescued(parent.path());
    let place = folder.to_str().expect("text");
    let original = fs::read(folder.join("data/report.html")).expect("a report");
    let (code, told) = list(&folder);
    let ids = ids(&told);
    assert_eq!(
        (code, told["ready_to_reset"].as_bool()),
        (Some(3), Some(false))
    );
    for id in [
        "password",
        "google-authenticator",
        "whatsapp",
        "esim",
        "only-here",
        "signing-in",
    ] {
        assert!(ids.iter().any(|one| one == id), "{id}: {ids:?}");
    }
    let lines = told["before_reset"].as_array().expect("lines");
    let mut parts: Vec<&Value> = lines.iter().map(|line| &line["group"]).collect();
    // Those that stand alone have no heading.
    parts.dedup_by(|one, next| !one.is_null() && one == next);
    assert!(parts.len() <= 8, "{parts:?}");
    assert!(
        !folder.join("report.html").exists(),
        "nothing is written without a tick"
    );

    let (last, others) = ids.split_last().expect("lines");
    for id in others {
        let mut done = lifeboat(&["ticks", place, "--done", id, "--by", "Kim Lee"]);
        if *id == "only-here" {
            // A copy on another disk is made, not ticked.
            assert_eq!(done.status.code(), Some(1), "{done:?}");
            let why = ["--skip", id, "--reason", "no stick here"];
            done = lifeboat(&[&["ticks", place][..], &why].concat());
        }
        assert_eq!(done.status.code(), Some(3), "{done:?}");
        assert!(
            said(&done).starts_with("Not ready to reset: "),
            "{}",
            said(&done)
        );
    }
    let done = lifeboat(&["ticks", place, "--skip", last, "--reason", "old <phone>"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(
        said(&done).starts_with("Ready to reset: "),
        "{}",
        said(&done)
    );
    assert!(said(&done).contains("done by Kim Lee, "), "{}", said(&done));
    assert!(
        said(&done).contains("skipped (old <phone>), "),
        "{}",
        said(&done)
    );
    assert_whole(&folder);

    let now = fs::read_to_string(folder.join("report.html")).expect("the report with the ticks");
    assert!(
        now.contains("done by Kim Lee") && now.contains("old &lt;phone&gt;"),
        "{now}"
    );
    let unchanged = fs::read(folder.join("data/report.html")).expect("a report");
    assert_eq!(unchanged, original, "the payload never changes");

    // A copy takes the report with the ticks along.
    let to = tempfile::tempdir().expect("a folder");
    let copied = lifeboat(&["copy", place, to.path().to_str().expect("text")]);
    assert!(copied.status.success(), "{}", said(&copied));
    let name = Path::new(place).file_name().expect("a name");
    let copy = to.path().join(name).join("report.html");
    assert_eq!(fs::read_to_string(copy).expect("its report"), now);
    let again = lifeboat(&["ticks", place, "--reopen", "esim"]);
    assert_eq!(again.status.code(), Some(3), "{again:?}");
    assert!(
        said(&again).starts_with("Not ready to reset: one line"),
        "{}",
        said(&again)
    );

    // A power cut in the middle of a line loses that line only.
    let custody = folder.join("custody.jsonl");
    let mut log = fs::read(&custody).expect("a log");
    log.truncate(log.len() - 30);
    fs::write(&custody, &log).expect("a log");
    let (code, _) = list(&folder);
    assert_eq!(code, Some(0), "all others are still ticked");
    let done = lifeboat(&["ticks", place, "--reopen", "whatsapp"]);
    assert_eq!(done.status.code(), Some(3), "{done:?}");
    assert_eq!(list(&folder).0, Some(3));
    assert_whole(&folder);
}

#[test]
fn wrong_ticks_change_nothing() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = rescued(parent.path());
    let place = folder.to_str().expect("text");
    let before = fs::read(folder.join("custody.jsonl")).expect("a log");
    for (arguments, code) in [
        (&["--done", "whatsapp", "--done", "no-such-line"][..], 1),
        (&["--skip", "whatsapp"], 2),
        (&["--skip", "whatsapp", "--reason", " "], 2),
        (&["--reason", "why"], 2),
    ] {
        let done = lifeboat(&[&["ticks", place], arguments].concat());
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {done:?}");
    }
    assert_eq!(
        fs::read(folder.join("custody.jsonl")).expect("a log"),
        before
    );
    for arguments in [&["ticks", "/"][..], &["open", "/"]] {
        let done = lifeboat(arguments);
        assert_eq!(done.status.code(), Some(1), "{done:?}");
        assert!(
            String::from_utf8_lossy(&done.stderr).contains("not a rescue folder"),
            "{done:?}"
        );
    }
}

#[test]
fn the_names_behind_a_number_are_listed_on_request() {
    let parent = tempfile::tempdir().expect("a folder");
    let folder = rescued(parent.path());
    let place = folder.to_str().expect("text");
    let short = said(&lifeboat(&["ticks", place]));
    let long = said(&lifeboat(&["ticks", place, "--details"]));
    assert!(short.contains(" are only on this phone."), "{short}");
    assert!(!short.contains("- Contacts: "), "{short}");
    assert!(
        long.contains("- Contacts: ") && long.contains("- Calendar: "),
        "{long}"
    );
    assert!(long.lines().count() > 150, "{long}");
}
