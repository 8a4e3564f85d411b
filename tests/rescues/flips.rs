//! `verify` finds one flipped bit in any file and names the file. It also finds a missing file, an additional file and
//! an unfinished bag.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::{files_below, small};
use lifeboat::vault::{VerifyReport, custody, verify};
use proptest::prelude::*;

fn check(folder: &Path) -> VerifyReport {
    verify(folder, &mut |_| {}).expect("a folder that can be looked at")
}

/// Every file of a rescue, by its name in it.
fn files(folder: &Path) -> Vec<String> {
    let below = files_below(folder).into_keys();
    below
        .map(|path| path.to_str().expect("text").to_owned())
        .collect()
}

/// A rescue with entries added to its custody file.
fn rescued(parent: &Path) -> PathBuf {
    let folder = small::finished(parent, 3_000);
    for what in ["copied", "ticked"] {
        let entry = custody::Entry::new(what, &[("place", "/media/stick/a folder")]);
        custody::append(&folder, &entry).expect("an entry");
    }
    assert_eq!(check(&folder).problems, [""; 0]);
    folder
}

/// Flips one bit, verifies the folder, and flips the bit back.
fn with_flipped(folder: &Path, name: &str, bit: usize) -> VerifyReport {
    let path = folder.join(name);
    let mut bytes = fs::read(&path).expect("a file");
    let place = bit / 8 % bytes.len();
    bytes[place] ^= 1 << (bit % 8);
    fs::write(&path, &bytes).expect("a file");
    let report = check(folder);
    bytes[place] ^= 1 << (bit % 8);
    fs::write(&path, &bytes).expect("a file");
    report
}

/// Describes what is wrong with a report that should name one flipped bit in `name`.
fn fault(report: &VerifyReport, name: &str, bit: usize) -> Option<String> {
    let named = report.problems.iter().any(|p| p.contains(name));
    (report.ok || !named).then(|| format!("bit {bit} of {name}: {:?}", report.problems))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn one_flipped_bit_anywhere_is_found_and_its_file_named(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 40),
    ) {
        let here = tempfile::tempdir().expect("a folder");
        let folder = rescued(here.path());
        let names: Vec<String> = files(&folder)
            .into_iter()
            .filter(|name| fs::metadata(folder.join(name)).is_ok_and(|m| m.len() > 0))
            .collect();
        prop_assert_eq!(names.len(), 10);
        for (file, bit) in flips {
            let name = file.get(&names);
            let bits = fs::metadata(folder.join(name)).expect("a file").len() * 8;
            let bit = bit.index(usize::try_from(bits).expect("a small file"));
            let fault = fault(&with_flipped(&folder, name, bit), name, bit);
            prop_assert!(fault.is_none(), "{:?}", fault);
        }
        prop_assert!(check(&folder).ok);
    }
}

/// Flips every bit of the files that no manifest covers completely.
#[test]
fn every_bit_of_the_files_that_vouch_for_others_counts() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = small::finished(here.path(), 10);
    let entry = custody::Entry::new("copied", &[("place", "/media/stick")]);
    custody::append(&folder, &entry).expect("an entry");
    let mut flips = 0;
    for name in ["tagmanifest-sha256.txt", "custody.jsonl"] {
        let bits = fs::read(folder.join(name)).expect("a file").len() * 8;
        for bit in 0..bits {
            let fault = fault(&with_flipped(&folder, name, bit), name, bit);
            assert!(fault.is_none(), "{fault:?}");
            flips += 1;
        }
    }
    println!("{flips} bits were flipped, each was found");
    assert!(flips > 3_000, "{flips}");
}

#[test]
fn a_flipped_bit_is_not_blamed_on_what_is_whole() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = rescued(here.path());
    for name in ["manifest-sha256.txt", "tagmanifest-sha256.txt"] {
        // In the checksum of the first listed file, and in that file's name.
        for bit in (0..8).chain(70 * 8..71 * 8) {
            let problems = with_flipped(&folder, name, bit).problems;
            let blamed =
                |p: &&String| p.contains("since the rescue") || p.contains("it was added later");
            let blamed: Vec<&String> = problems.iter().filter(blamed).collect();
            assert!(
                blamed.len() == 1 && blamed[0].contains(name),
                "{problems:?}"
            );
        }
    }
    let report = with_flipped(&folder, "data/contacts.vcf", 9);
    assert_eq!(report.problems.len(), 1, "{report:?}");
}

#[test]
fn custody_grows_and_is_not_altered() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = rescued(here.path());
    let path = folder.join("custody.jsonl");
    let text = fs::read_to_string(&path).expect("custody");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    let says = |text: &str, sentence: &str| {
        fs::write(&path, text).expect("custody");
        let problems = check(&folder).problems;
        assert!(
            problems.iter().any(|p| p.contains(sentence)),
            "{problems:?}"
        );
    };
    says(
        &format!("{}\n{}\n", lines[0], lines[2]),
        "altered in line 2 or earlier",
    );
    says(
        &format!("{}\n{}\n{}\n", lines[0], lines[2], lines[1]),
        "altered in line 2",
    );
    says(
        &text.replace("/media/stick", "/media/other"),
        "altered in line 2",
    );
    says(
        &format!("{text}{{\"what\":\"by hand\"}}\n"),
        "line 4: the line has no seal",
    );
    says(&text[..text.len() - 10], "cut off in line 3");
    says("", "does not have Lifeboat's format");
    fs::remove_file(&path).expect("custody");
    assert!(check(&folder).problems[0].contains("custody.jsonl is missing"));
    fs::write(&path, &text).expect("custody");
    custody::append(&folder, &custody::Entry::new("ticked", &[])).expect("an entry");
    assert!(check(&folder).ok);
}

#[test]
fn two_that_append_at_once_lose_no_line() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = small::finished(here.path(), 10);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let folder = &folder;
            scope.spawn(move || {
                for number in 0..10 {
                    let text = format!("{writer}/{number}");
                    let entry = custody::Entry::new("ticked", &[("line", &text)]);
                    custody::append(folder, &entry).expect("an entry");
                }
            });
        }
    });
    assert_eq!(custody::read(&folder).expect("custody").len(), 41);
    assert!(check(&folder).ok);
}

#[test]
fn a_file_too_many_or_too_few_is_named() {
    let here = tempfile::tempdir().expect("a folder");
    let folder = rescued(here.path());
    for name in [
        "stray.txt",
        "data/stray.txt",
        "data/photos/.DS_Store",
        "strays/x",
    ] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, "x").expect("a file");
        let problems = check(&folder).problems;
        let shown = name.split("/x").next().expect("a name");
        assert!(
            problems
                .iter()
                .any(|p| p.contains(shown) && p.contains("it was added later")),
            "{problems:?}"
        );
        fs::remove_file(&path).expect("a file");
        let _ = fs::remove_dir(folder.join("strays"));
    }
    for name in files(&folder) {
        if name == "manifest-sha256.txt" {
            continue;
        }
        let bytes = fs::read(folder.join(&name)).expect("a file");
        fs::remove_file(folder.join(&name)).expect("a file");
        let report = check(&folder);
        let named = |p: &String| p.contains(&name) && p.contains("missing");
        assert!(
            !report.ok && report.problems.iter().any(named),
            "{name}: {report:?}"
        );
        fs::write(folder.join(&name), bytes).expect("a file");
    }
    assert!(check(&folder).ok);
    fs::remove_file(folder.join("manifest-sha256.txt")).expect("a file");
    let report = check(&folder);
    assert!(!report.ok && !report.finished);
    assert!(report.problems[0].contains("not finished"), "{report:?}");
}
