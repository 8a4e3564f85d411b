//! The printable report: its contents, and that no data from a handset can change its structure.

use lifeboat::export::report::{self, Continuation, FileLine, LossLine, Report, render};
use lifeboat::model::{Collection, CollectionOutcome, FromFiles, Identity, Verdict};
use lifeboat::vault::{Desk, for_display};
use proptest::prelude::*;

fn line(name: Collection, verdict: Verdict) -> CollectionOutcome {
    CollectionOutcome {
        name,
        handset_says: Some(1204),
        rescued: 1204,
        read_back: Some(1204),
        only_here: Some(37),
        deleted_kept: 7,
        found: 0,
        raw_only: 0,
        others: 0,
        verdict,
        notes: vec!["120 contacts were marked deleted since this morning.".into()],
    }
}

fn safe() -> Report {
    Report {
        title: "Rescue of Google Pixel 6".into(),
        date: "2026-11-22".into(),
        folder: "2026-11-22 Pixel 6 (9A1X)".into(),
        handset: Identity {
            make: "Google".into(),
            model: "Pixel 6".into(),
            serial: "1A2B3C9A1X".into(),
            system: "Android 13".into(),
            approach: "ADB over TCP (127.0.0.1:5555)".into(),
            is_backup: false,
        },
        warnings: Vec::new(),
        said: Vec::new(),
        on_behalf_of: String::new(),
        by_right: String::new(),
        desk: Desk::default(),
        headline: SAFE.into(),
        reasons: vec![],
        collections: vec![
            line(Collection::Contacts, Verdict::Complete),
            CollectionOutcome {
                handset_says: None,
                rescued: 0,
                read_back: None,
                only_here: None,
                deleted_kept: 0,
                notes: vec![],
                ..line(Collection::Sim, Verdict::OutOfReach)
            },
        ],
        not_covered: vec![
            "messages in WhatsApp".into(),
            "Google Authenticator codes".into(),
        ],
        before_reset: Vec::new(),
        files: vec![FileLine {
            name: "contacts.vcf".into(),
            purpose: "all contacts".into(),
        }],
        from_files: vec![FromFiles {
            name: Collection::Contacts,
            verdict: Verdict::Complete,
            found: 12,
            known: 3,
            notes: vec!["Both on the phone and in exported files (found/), and joined: 3.".into()],
        }],
        lists_not_read: vec!["found/Download/list.csv: line 1: an unknown file format.".into()],
        losses: vec![LossLine {
            format: "contacts-outlook.csv".into(),
            field: "second birthday".into(),
            count: 3,
        }],
        goes_on: Continuation::default(),
    }
}

const SAFE: &str = "Everything Lifeboat can read on this phone is safe.";

#[test]
fn the_page_of_a_safe_phone() {
    let page = render(&safe());
    let body = page.split_once("<body>").unwrap().1;
    insta::assert_snapshot!(body.replace(env!("CARGO_PKG_VERSION"), "VERSION"));
    assert!(!page.contains("eset the phone.") && !page.contains("don't reset"));
}

#[test]
fn the_page_of_a_phone_that_is_not_safe() {
    let mut report = safe();
    report.headline = "Only PARTLY read: calendar. Do not reset the phone.".into();
    report.reasons = vec!["The cable was pulled.".into()];
    report.collections = vec![
        line(Collection::Contacts, Verdict::Complete),
        line(Collection::Calendar, Verdict::Partial),
    ];
    let page = render(&report);
    let end = page.find("</section>").unwrap();
    insta::assert_snapshot!(&page[page.find("<section").unwrap()..end]);
}

/// A sealed folder is never resumed, and an image is no device.
#[test]
fn the_page_says_only_what_can_be_done() {
    for (goes_on, says, resumes) in [
        (Continuation::WithPhone, "--resume FOLDER --device ID", true),
        (
            Continuation::WithImage,
            "--resume FOLDER --image FILE",
            true,
        ),
        (Continuation::NewRescue, "start a new rescue", false),
    ] {
        let page = render(&Report {
            reasons: vec!["The cable was pulled.".into()],
            goes_on,
            ..safe()
        });
        assert!(page.contains(says), "{goes_on:?}");
        assert_eq!(page.contains("--resume"), resumes, "{goes_on:?}");
    }
}

#[test]
fn it_never_says_safe_where_the_table_says_otherwise() {
    for verdict in [Verdict::Partial, Verdict::Unreadable] {
        let mut report = safe();
        report.collections.push(line(Collection::Calendar, verdict));
        assert!(!report.is_safe());
        assert!(!render(&report).contains(SAFE));
        assert!(render(&report).contains("Not yet: do not reset the phone."));
    }
    let mut report = safe();
    report.collections[0].read_back = Some(1203);
    assert!(!report.is_safe());
    let mut report = safe();
    report.collections.remove(0);
    assert!(!report.is_safe(), "all of it was out of reach");
    assert!(!Report::default().is_safe(), "nothing was looked at");
    assert!(render(&Report::default()).contains("Nothing has been read."));
    assert!(safe().is_safe());
}

/// A report in which every text of external origin is `text`.
fn everywhere(text: &str) -> Report {
    let s = || text.to_owned();
    Report {
        goes_on: Continuation::default(),
        title: s(),
        date: s(),
        folder: s(),
        warnings: Vec::new(),
        said: Vec::new(),
        on_behalf_of: String::new(),
        by_right: String::new(),
        desk: Desk {
            ticket: s(),
            operator: s(),
        },
        handset: Identity {
            make: s(),
            model: s(),
            serial: s(),
            system: s(),
            approach: s(),
            is_backup: false,
        },
        headline: s(),
        reasons: vec![s()],
        collections: vec![CollectionOutcome {
            notes: vec![s()],
            ..line(Collection::Contacts, Verdict::Complete)
        }],
        not_covered: vec![s()],
        before_reset: Vec::new(),
        files: vec![FileLine {
            name: s(),
            purpose: s(),
        }],
        from_files: vec![FromFiles {
            name: Collection::Calendar,
            verdict: Verdict::Partial,
            found: 1,
            known: 0,
            notes: vec![s()],
        }],
        lists_not_read: vec![s()],
        losses: vec![LossLine {
            format: s(),
            field: s(),
            count: 1,
        }],
    }
}

fn tags(page: &str) -> Vec<&str> {
    page.split('<')
        .skip(1)
        .map(|t| t.split('>').next().unwrap())
        .collect()
}

#[test]
fn a_handsets_text_can_not_become_markup() {
    let attack =
        "</title></style><script>alert(1)</script><img src=x onerror='x'>\" onload=\"y & &lt;";
    let page = render(&everywhere(attack));
    assert_eq!(tags(&page), tags(&render(&everywhere("plain"))));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("onerror=&#39;x&#39;&gt;&quot; onload=&quot;y &amp; &amp;lt;"));
}

#[test]
fn the_page_asks_for_nothing_from_elsewhere() {
    let page = render(&safe());
    for word in [
        "<script", "<link", "<img", "<iframe", "@import", "url(", "http:", "https:", "src=",
    ] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("default-src 'none'"));
}

proptest! {
    #[test]
    fn no_text_changes_the_pages_structure(text in any::<String>()) {
        let page = render(&everywhere(&text));
        if !for_display(&text).trim().is_empty() {
            let plain = render(&everywhere("plain"));
            prop_assert_eq!(tags(&page), tags(&plain));
        }
        let moves = |c: char| {
            c != '\n' && c.is_control()
                || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
        };
        prop_assert!(!page.contains(moves));
    }
}

#[test]
fn a_flood_of_text_stays_a_page() {
    let mut report = everywhere(&"x".repeat(1 << 20));
    report.not_covered = vec!["y".into(); 100_000];
    let page = render(&report);
    assert!(page.len() < 70_000, "{}", page.len());
    assert!(page.contains("… and 99,800 more."));
    let first = &page[..page.find("</section>").unwrap()];
    assert!(first.len() < 16_000, "{}", first.len());
    assert!(first.contains("more (see page 2)"), "a list is cut");
}

#[test]
fn the_file_is_private_and_says_what_each_file_is_for() {
    let here = tempfile::tempdir().unwrap();
    for name in [
        "lifeboat.sqlite",
        "lifeboat.sqlite-wal",
        "contacts.vcf",
        "calendar.ics",
        "strange.bin",
    ] {
        std::fs::write(here.path().join(name), "").unwrap();
    }
    std::fs::create_dir(here.path().join("contacts")).unwrap();
    let files = lifeboat::collections::files_in(here.path()).unwrap();
    let names: Vec<&str> = files.iter().map(|f| &*f.name).collect();
    assert_eq!(
        names,
        [
            "contacts.vcf",
            "contacts/",
            "calendar.ics",
            "report.html",
            "log.txt",
            "lifeboat.sqlite",
            "strange.bin"
        ]
    );
    assert!(files[0].purpose.contains("Import this file"));

    let path = here.path().join("report.html");
    report::write(&safe(), &path).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), render(&safe()));
    assert!(
        report::write(&safe(), &path).is_err(),
        "it overwrote a report"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }
}
