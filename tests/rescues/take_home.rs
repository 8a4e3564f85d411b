//! The owner's plain copy: it opens by itself, it says what the verdict says, and it takes nothing from the exact copy.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{Practised, files_below, rescue, with_fault};
use lifeboat::collections::take_home;
use lifeboat::model::{Stop, Verdict, grouped};
use lifeboat::practice::android::Settings;
use lifeboat::vault::copies::Copies;
use lifeboat::vault::copy::{CopyError, Step};
use lifeboat::vault::plain_copy::PlainCopied;
use lifeboat::vault::verify;

fn take_home(rescued: &Practised, to: &Path) -> Result<PlainCopied, CopyError> {
    take_home::copy(&rescued.folder, to, &Stop::new(), &mut |_| {})
}

fn awkward() -> Practised {
    rescue(with_fault(
        Settings {
            contacts: 40,
            events: 30,
            todos: 8,
            ..Settings::default()
        },
        "hostile-texts,more-files",
    ))
}

/// The targets of all links and pictures of a page.
fn links(page: &str) -> Vec<String> {
    let starts = ["href=\"", "src=\""];
    let all = starts.iter().flat_map(|start| page.split(start).skip(1));
    all.map(|rest| rest.split('"').next().unwrap_or_default().to_owned())
        .collect()
}

fn decoded(link: &str) -> PathBuf {
    let mut bytes = Vec::new();
    let mut rest = link.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                let hex = String::from_utf8(hex).expect("hexadecimal");
                bytes.push(u8::from_str_radix(&hex, 16).expect("hexadecimal"));
            }
            byte => bytes.push(byte),
        }
    }
    PathBuf::from(String::from_utf8(bytes).expect("text"))
}

#[test]
fn it_opens_by_itself_and_says_what_the_verdict_says() {
    let rescued = awkward();
    let stick = tempfile::tempdir().expect("a stick");
    let before = files_below(&rescued.folder);
    let copied = take_home(&rescued, stick.path()).expect("a plain copy");
    let here = &copied.place;
    let files = files_below(here);
    assert_eq!(copied.files, files.len() as u64);

    let mut reached = BTreeSet::from([PathBuf::from("START-HERE.html"), "report.html".into()]);
    for (name, bytes) in &files {
        if name.extension().is_none_or(|ending| ending != "html") {
            continue;
        }
        let page = String::from_utf8(bytes.clone()).expect("text");
        for word in ["<script", "<iframe", "<link", "onerror=\""] {
            assert!(!page.contains(word), "{word} in {}", name.display());
        }
        for link in links(&page) {
            // Links are relative to their page.
            let folder = name.parent().unwrap_or(Path::new(""));
            let target = folder.join(decoded(&link));
            assert!(files.contains_key(&target), "{link} in {}", name.display());
            reached.insert(target);
        }
    }
    // Every page and picture can be reached from the start.
    for name in files.keys() {
        let is_import = name.starts_with("for-your-new-phone");
        assert!(is_import || reached.contains(name), "{}", name.display());
    }

    let start = String::from_utf8(files[Path::new("START-HERE.html")].clone()).expect("text");
    for line in &rescued.outcome.collections {
        if line.verdict == Verdict::Complete {
            let row = start
                .split("<tr>")
                .find(|row| row.contains(line.name.title()));
            let row = row.expect("a row");
            let saved = format!("<td class=\"n\">{}</td>", grouped(line.rescued));
            assert!(row.contains(&saved), "{}: {row}", line.name.title());
        }
    }
    let (_, missing) = start.split_once("What is missing").expect("the list");
    assert!(missing.contains("Pictures of contacts"), "{missing}");
    let contacts = fs::read_to_string(rescued.folder.join("data/contacts.vcf")).expect("cards");
    let cards = contacts.matches("BEGIN:VCARD").count();
    assert!(
        start.contains(&format!("Expect {cards} contacts")),
        "{start}"
    );

    // The exact copy is as it was, and the plain one does not count.
    let mut after = files_below(&rescued.folder);
    let (mut was, custody) = (before, Path::new("custody.jsonl"));
    was.remove(custody);
    after.remove(custody);
    assert_eq!(was, after);
    assert!(verify(&rescued.folder, &mut |_| {}).expect("a rescue").ok);
    let copies = Copies::in_folder(&rescued.folder).expect("custody");
    assert_eq!(copies, Copies::one());
    assert!(verify(here, &mut |_| {}).is_err(), "it is no rescue");

    // The same copy again is only checked. Another folder of that name is left alone.
    assert!(
        take_home(&rescued, stick.path())
            .expect("the copy")
            .was_there
    );
    fs::write(here.join("START-HERE.html"), "mine").expect("a file");
    let refused = take_home(&rescued, stick.path());
    assert!(
        matches!(refused, Err(CopyError::Other { .. })),
        "{refused:?}"
    );
    assert_eq!(fs::read(here.join("START-HERE.html")).expect("it"), b"mine");
}

#[test]
fn a_copy_that_is_stopped_does_not_look_finished_and_goes_on() {
    let rescued = awkward();
    let stick = tempfile::tempdir().expect("a stick");
    for step in [Step::Copying, Step::Checking] {
        let stop = Stop::new();
        let stopped = take_home::copy(&rescued.folder, stick.path(), &stop, &mut |progress| {
            if progress.step == step {
                stop.stop();
            }
        });
        assert!(matches!(stopped, Err(CopyError::Stopped)), "{stopped:?}");
        let left = fs::read_dir(stick.path()).expect("the stick");
        for entry in left {
            let name = entry
                .expect("a name")
                .file_name()
                .into_string()
                .expect("text");
            assert!(name.starts_with('.') && name.ends_with(".part"), "{name}");
        }
    }
    assert!(!take_home(&rescued, stick.path()).expect("a copy").was_there);
    assert_eq!(fs::read_dir(stick.path()).expect("the stick").count(), 1);
}

#[test]
fn nothing_is_made_of_a_rescue_that_has_changed() {
    let rescued = awkward();
    let stick = tempfile::tempdir().expect("a stick");
    for name in ["data/lifeboat.sqlite", "data/contacts.vcf"] {
        let path = rescued.folder.join(name);
        let whole = fs::read(&path).expect("a file");
        let mut bytes = whole.clone();
        let last = bytes.len() - 100;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).expect("a file");
        assert!(take_home(&rescued, stick.path()).is_err(), "{name}");
        fs::write(&path, &whole).expect("a file");
    }
    assert!(take_home(&rescued, stick.path()).is_ok());
}

#[test]
fn what_is_missing_is_said() {
    let settings = Settings {
        contacts: 20,
        events: 10,
        ..Settings::default()
    };
    let rescued = rescue(with_fault(settings, "lists=+7,deny=icc"));
    let stick = tempfile::tempdir().expect("a stick");
    let copied = take_home(&rescued, stick.path()).expect("a plain copy");
    let start = fs::read_to_string(copied.place.join("START-HERE.html")).expect("a page");
    let (_, missing) = start.split_once("What is missing").expect("the list");
    assert!(missing.contains("7 of "), "{missing}");
    assert!(
        missing.contains("The SIM phonebook could not be read"),
        "{missing}"
    );
    assert!(start.contains("verdict not-yet") && start.contains("Do not reset the phone."));
}
