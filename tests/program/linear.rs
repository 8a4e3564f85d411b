//! The whole journey by question and answer, and the removal of a rescue.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lifeboat::coach::{OwnerOf, owner_steps};
use lifeboat::model::Conditions;

fn lifeboat(home: &Path, arguments: &[&str], answers: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .env("HOME", home)
        .env("XDG_CONFIG_HOME", home.join("config"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(answers.as_bytes()).unwrap();
    drop(input);
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn only_folder(parent: &Path) -> PathBuf {
    let mut folders: Vec<_> = std::fs::read_dir(parent)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(folders.len(), 1, "{folders:?}");
    folders.remove(0)
}

#[test]
fn the_whole_journey_by_question_and_answer() {
    let home = tempfile::tempdir().unwrap();
    let stick = home.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    // The owner leaves out every question except the ticket, the last but one.
    let questions = owner_steps("Samsung", OwnerOf::Phone, &Conditions::default()).len();
    let owner = format!("{}T-4711\n\n", "\n".repeat(questions - 2));
    let look = "l\n171 5550100\n1\n\n";
    let tick = "t\nd\ns\nnot needed\n\n\n\n\n\n\n";
    let copy = format!("c\n{}\ny\n", stick.display());
    let answers = format!("1\n{owner}{look}{copy}{tick}\n\n1\n\n2\n\nq\n");
    let done = lifeboat(home.path(), &["--plain", "--practice"], &answers);
    let said = said(&done);
    assert_eq!(done.status.code(), Some(0), "{said}");
    for text in [
        "1: phone Samsung SM-A536B",
        "Everything Lifeboat can read on this phone is safe.",
        "You can unplug the phone.",
        "Alex Winter",
        "SAME DISK",
        "Copied and checked",
        "Type d if that is done",
        "Rescue it again, into a new folder?",
        "2: rescue of the Samsung SM-A536B",
    ] {
        assert!(said.contains(text), "{text}: {said}");
    }
    // A screen reader reads lines: nothing is drawn over.
    assert!(!said.contains('\r') && !said.contains('\u{1b}'), "{said:?}");
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(folder.join("manifest-sha256.txt").is_file());
    let info = std::fs::read_to_string(folder.join("bag-info.txt")).unwrap();
    assert!(info.contains("T-4711"), "{info}");
    let custody = std::fs::read_to_string(folder.join("custody.jsonl")).unwrap();
    assert!(custody.contains("not needed"), "{custody}");
    assert!(only_folder(&stick).join("data/contacts.vcf").is_file());
}

#[test]
fn a_phone_that_is_lost_continues_in_the_same_folder() {
    let home = tempfile::tempdir().unwrap();
    let questions =
        "\n".repeat(owner_steps("Samsung", OwnerOf::Phone, &Conditions::default()).len());
    let answers = format!("1\n{questions}y\n\nq\n");
    let arguments = ["--plain", "--practice", "--fault", "unplug-after-rows=900"];
    let done = lifeboat(home.path(), &arguments, &answers);
    let said = said(&done);
    assert!(said.contains("Continue now?"), "{said}");
    let folder = only_folder(&home.path().join("Rescues/Practice"));
    assert!(folder.join("data/lifeboat.sqlite").is_file());
}

#[test]
fn a_rescue_is_forgotten_only_if_that_is_confirmed_and_every_file_is_listed() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let to = out.to_str().unwrap();
    let rescued = lifeboat(home.path(), &["rescue", "--practice", "--to", to], "");
    assert!(rescued.status.success());
    let folder = only_folder(&out);
    let place = folder.to_str().unwrap();
    let asked = lifeboat(home.path(), &["forget", place], "yes\n");
    assert_eq!(asked.status.code(), Some(1));
    assert!(said(&asked).contains("--yes") && folder.is_dir());
    let done = lifeboat(home.path(), &["forget", place, "--yes"], "");
    let said = said(&done);
    assert_eq!(done.status.code(), Some(0), "{said}");
    assert!(said.contains("Flash memory"), "{said}");
    let listed = String::from_utf8_lossy(&done.stdout).into_owned();
    for name in ["data/contacts.vcf", "data/lifeboat.sqlite", "bagit.txt"] {
        assert!(listed.lines().any(|line| line == name), "{name}: {listed}");
    }
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), 0);
    let nothing = lifeboat(home.path(), &["forget", to, "--yes"], "");
    assert_eq!(nothing.status.code(), Some(1));
    assert!(out.is_dir(), "a folder that is no rescue stays");
}

/// The report and `verify` say `lifeboat rescue --resume FOLDER`: the folder knows its phone.
#[test]
fn an_unfinished_rescue_knows_its_phone() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let to = out.to_str().unwrap();
    let fault = "unplug-after-rows=900";
    let cut = [
        "rescue",
        "--practice",
        "--fault",
        fault,
        "--wait",
        "0",
        "--to",
        to,
    ];
    assert_eq!(lifeboat(home.path(), &cut, "").status.code(), Some(3));
    let folder = only_folder(&out);
    let resumed = lifeboat(
        home.path(),
        &["rescue", "--resume", folder.to_str().unwrap()],
        "",
    );
    assert_eq!(resumed.status.code(), Some(0), "{}", said(&resumed));
    let nobody = lifeboat(home.path(), &["rescue", "--to", to], "");
    assert_eq!(nobody.status.code(), Some(2));
    assert!(said(&nobody).contains("no phone is named"));
}
