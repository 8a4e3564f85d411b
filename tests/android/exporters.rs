//! Files of other programs that keep messages, found on a phone: SMS Backup & Restore and its likes.

use lifeboat::model::{Collection, FromFiles, Verdict};
use lifeboat::practice::android::{OwnerData, Settings, Sim};

use crate::common::{self, Practised, portable_files};

/// A phone with few messages, none of which has a picture.
fn owner() -> Settings {
    Settings {
        contacts: 12,
        events: 2,
        todos: 1,
        owner: OwnerData {
            deleted_contacts: 0,
            deleted_events: 0,
            calls: 2,
            messages: 20,
            pictures: 0,
            ordinary: true,
            ..OwnerData::default()
        },
        sim: Sim {
            entries: Some(1),
            ..Sim::default()
        },
        ..Settings::default()
    }
}

fn with_files(files: &[(&str, &[u8])]) -> Practised {
    let mut settings = owner();
    settings.storage.exported = files
        .iter()
        .map(|(name, bytes)| (format!("SMSBackupRestore/{name}"), bytes.to_vec()))
        .collect();
    common::rescue(settings)
}

fn text_of(rescued: &Practised, name: &str) -> String {
    let files = portable_files(&rescued.folder);
    let bytes = files.get(name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(bytes.clone()).expect("UTF-8")
}

fn found(rescued: &Practised) -> &FromFiles {
    let mut all = rescued.outcome.from_files.iter();
    let of_messages = all.find(|one| one.name == Collection::Messages);
    of_messages.expect("messages from files")
}

fn verdict(rescued: &Practised) -> Verdict {
    let mut all = rescued.outcome.collections.iter();
    let messages = all.find(|one| one.name == Collection::Messages);
    messages.expect("messages are judged").verdict
}

/// The files beside the pages, by their ending and their bytes.
fn parts(rescued: &Practised) -> Vec<Vec<u8>> {
    let files = portable_files(&rescued.folder).into_iter();
    let mut parts: Vec<_> = files
        .filter(|(name, _)| name.starts_with("messages/parts/"))
        .map(|(_, bytes)| bytes)
        .collect();
    parts.sort();
    parts
}

fn pictures_on_pages(rescued: &Practised) -> usize {
    let files = portable_files(&rescued.folder);
    let pages = files.iter().filter(|(name, _)| name.ends_with(".html"));
    pages
        .map(|(_, page)| String::from_utf8_lossy(page).matches("<img ").count())
        .sum()
}

/// The bytes of pictures that only an exporter's file has are beside the pages, in the pages and in `messages.xml`.
#[test]
fn pictures_of_an_exporter_s_file_are_saved() {
    let mut settings = owner();
    settings.owner.pictures = 6;
    let first = common::rescue(settings.clone());
    let exported = text_of(&first, "messages.xml");
    assert_eq!(parts(&first).len(), 6);
    let rescued = with_files(&[("sms-20240601101112.xml", exported.as_bytes())]);
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    assert_eq!(verdict(&rescued), Verdict::Complete);
    assert_eq!(found(&rescued).found, 6, "{:?}", found(&rescued));
    assert_eq!(parts(&rescued), parts(&first));
    assert_eq!(pictures_on_pages(&rescued), 6);
    let data = |xml: &str| xml.matches(" data=\"").count();
    assert_eq!(data(&text_of(&rescued, "messages.xml")), data(&exported));
    // The same pictures on the phone and in two files are saved once.
    settings.storage.exported = vec![
        (
            "SMSBackupRestore/sms-1.xml".into(),
            exported.clone().into_bytes(),
        ),
        (
            "Download/sms-2.xml".into(),
            format!("{exported}\n").into_bytes(),
        ),
    ];
    let twice = common::rescue(settings);
    assert_eq!(found(&twice).found, 0, "{:?}", found(&twice));
    assert_eq!(parts(&twice), parts(&first));
}

/// Base64 in the forms that exporters write: lines, other alphabets, no padding. Damaged bytes are counted and named.
#[test]
fn pictures_in_every_spelling_of_base64() {
    let mms = |date: u64, data: &str| {
        format!(
            "<mms date=\"{date}000\" msg_box=\"1\"><parts><part seq=\"0\" ct=\"image/png\" name=\"a.png\" \
             text=\"null\" data=\"{data}\" /></parts><addrs><addr address=\"+4930{date}\" type=\"137\" /></addrs></mms>"
        )
    };
    let all = [
        mms(1_500_000_001, "+/+/AAE="),
        mms(1_500_000_002, "-_-_&#10;AAI"),
        mms(1_500_000_003, "+/+/\n    AAM=\n"),
        mms(1_500_000_004, "null"),
        mms(1_500_000_005, "+/+/A!!!"),
    ];
    let file = format!(
        "<?xml version='1.0' ?>\n<smses count=\"5\">{}</smses>",
        all.concat()
    );
    let rescued = with_files(&[("sms-20240601101112.xml", file.as_bytes())]);
    let bytes = |last| vec![0xfb, 0xff, 0xbf, 0, last];
    assert_eq!(parts(&rescued), [bytes(1), bytes(2), bytes(3)]);
    assert_eq!(pictures_on_pages(&rescued), 3);
    let notes = found(&rescued).notes.join("\n");
    assert!(notes.contains("damaged"), "{notes}");
    assert_eq!(verdict(&rescued), Verdict::Complete);
}

/// A file of two texts and a call, in every encoding and with everything that exporters write into it.
#[test]
fn files_in_every_encoding_are_read() {
    let file = |declaration: &str, text: &str| {
        format!(
            "{declaration}<smses count=\"1\"><sms address=\"+4930123\" date=\"1400000000000\" type=\"1\" \
             body=\"{text}\" read=\"1\" date_sent=\"0\" /></smses>"
        )
    };
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    let latin = |text: &str| -> Vec<u8> { text.chars().map(|c| c as u32 as u8).collect() };
    let utf_16 = "\u{FEFF}<?xml version='1.0' encoding='UTF-16' ?>\n";
    let latin_1 = "<?xml version='1.0' encoding='ISO-8859-1' ?>\n";
    for (what, bytes, text) in [
        ("bare", file("", "Grüße 😀").into_bytes(), "Grüße 😀"),
        ("mark", file("\u{FEFF}", "Grüße").into_bytes(), "Grüße"),
        (
            "le",
            wide(&file(utf_16, "Grüße 😀"), u16::to_le_bytes),
            "Grüße 😀",
        ),
        (
            "be",
            wide(&file(utf_16, "Grüße 😀"), u16::to_be_bytes),
            "Grüße 😀",
        ),
        ("latin", latin(&file(latin_1, "Grüße")), "Grüße"),
        ("undeclared", latin(&file("", "Grüße")), "Grüße"),
        (
            "wrong",
            file("<?xml version='1.0' encoding='UTF-16' ?>\n", "Grüße").into_bytes(),
            "Grüße",
        ),
        (
            "amp",
            file("", "Tom & Jerry; AT&T").into_bytes(),
            "Tom & Jerry; AT&T",
        ),
        ("halves", file("", "&#55357;&#56832;!").into_bytes(), "😀!"),
    ] {
        let rescued = with_files(&[("sms-20240601101112.xml", &bytes)]);
        let from_file = found(&rescued);
        assert_eq!(
            (from_file.found, from_file.verdict),
            (1, Verdict::Complete),
            "{what}: {from_file:?}"
        );
        let csv = text_of(&rescued, "messages.csv");
        assert_eq!(csv.matches(text).count(), 1, "{what}: {csv}");
        let is_told = from_file.notes.join("\n").contains("can't be read");
        assert!(!is_told, "{what}: {from_file:?}");
    }
}

/// What of a file can't be read is counted and named, and the rest is read.
#[test]
fn what_of_a_file_can_not_be_read_is_named() {
    let sms = |date: &str, text: &str| {
        format!(
            "<sms address=\"+4930123\" date=\"{date}\" type=\"1\" body=\"{text}\" read=\"1\" />"
        )
    };
    let file = [
        "<smses count=\"2\">",
        &sms("1400000000000", "half &#55357; a smile"),
        &sms("yesterday", "no date"),
        "</smses>",
    ];
    let calls = "<calls count=\"1\"><!-- a > b --><call number=\"+4930999\" contact_name=\"a > b\" duration=\"7\" \
                 date=\"1300000000000\" type=\"1\" />\n</calls>";
    let rescued = with_files(&[
        ("sms-20240601101112.xml", file.concat().as_bytes()),
        ("calls-20240601101112.xml", calls.as_bytes()),
    ]);
    let from_file = found(&rescued);
    assert_eq!(from_file.found, 2, "{from_file:?}");
    let notes = from_file.notes.join("\n");
    assert!(
        notes.contains("characters that can't be read")
            && notes.contains("dates that can't be read"),
        "{notes}"
    );
    assert!(text_of(&rescued, "calls.csv").contains("a > b"));
}

/// A name that only an exporter's file knows is in the page, the table and the list of calls.
#[test]
fn names_of_an_exporter_s_file_are_kept() {
    let sms = "<allsms count=\"1\"><sms address=\"+4930123\" time=\"Mar 4, 2014\" date=\"1400000000000\" type=\"1\" \
               body=\"hello\" read=\"1\" name=\"Kurt Nurdatei\" /></allsms>";
    let calls = "<calls count=\"1\"><call number=\"+4930124\" contact_name=\"Ida Auchnur\" duration=\"7\" \
                 date=\"1300000000000\" type=\"1\" />\n<call number=\"+4930123\" contact_name=\"(Unknown)\" \
                 duration=\"7\" date=\"1300000001000\" type=\"1\" /></calls>";
    let rescued = with_files(&[
        ("sms_20240101.xml", sms.as_bytes()),
        ("calls-20240101.xml", calls.as_bytes()),
    ]);
    let csv = text_of(&rescued, "messages.csv");
    assert!(csv.contains("Kurt Nurdatei"), "{csv}");
    assert!(text_of(&rescued, "messages.xml").contains("contact_name=\"Kurt Nurdatei\""));
    let files = portable_files(&rescued.folder);
    assert!(
        files.keys().any(|name| name.contains("Kurt Nurdatei.html")),
        "{:?}",
        files.keys()
    );
    let calls = text_of(&rescued, "calls.csv");
    assert!(calls.contains("Ida Auchnur"));
    assert_eq!(calls.matches("Kurt Nurdatei").count(), 1, "{calls}");
}

/// QUIK and Fossify keep messages as JSON: they are read with their pictures.
#[test]
fn messages_in_json_are_read() {
    let quik = r#"{"messageCount":1,"messages":[{"type":1,"address":"+4930123","date":1400000000000,"dateSent":0,
        "read":true,"status":-1,"body":"of quik","protocol":0,"serviceCenter":null,"locked":false,"subId":1}]}"#;
    let fossify = r#"[{"subscriptionId":1,"address":"+4930123","body":"of fossify","date":1500000000000,"dateSent":1,
        "locked":0,"protocol":"0","read":1,"status":-1,"type":2,"serviceCenter":null,"backupType":"sms"},
        {"contentType":"application/vnd.wap.multipart.related","date":1500000001,"messageBox":1,
        "read":1,"subject":null,"addresses":[{"address":"+4930124","type":137}],
        "parts":[{"contentType":"text/plain","text":"see"},
        {"contentType":"image/png","name":"a.png","text":null,"data":"AAEC"}],"backupType":"mms"}]"#;
    let other = r#"{"name":"a program's own"}"#;
    let rescued = with_files(&[
        ("backup-20240601101112.json", quik.as_bytes()),
        ("messages_2024.json", fossify.as_bytes()),
        ("messages_other.json", other.as_bytes()),
    ]);
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    assert_eq!(found(&rescued).found, 3, "{:?}", found(&rescued));
    let csv = text_of(&rescued, "messages.csv");
    assert!(
        csv.contains("of quik") && csv.contains("of fossify"),
        "{csv}"
    );
    assert_eq!(parts(&rescued), [vec![0, 1, 2]]);
    assert_eq!(pictures_on_pages(&rescued), 1);
    assert_eq!(rescued.outcome.lists_not_read, [""; 0]);
}

/// What Lifeboat can't read is kept, and named by its program with what opens it.
#[test]
fn backups_of_other_programs_are_named() {
    let all = [
        "signal-2024-06-01-10-11-12.backup",
        "msgstore.db.crypt14",
        "msgstore.db.crypt8",
        "Message.spbm",
        "messages-2024-06-01.zip",
        "sms-ie.ndjson",
        "sms-20240601101112.zip",
    ];
    let files: Vec<(&str, &[u8])> = all.iter().map(|name| (*name, name.as_bytes())).collect();
    let rescued = with_files(&files);
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    let kept = portable_files(&rescued.folder);
    for name in all {
        assert!(
            kept.keys()
                .any(|path| path.starts_with("documents/") && path.ends_with(name)),
            "{name}"
        );
    }
    let files = rescued.outcome.collections.iter();
    let notes: Vec<_> = files.flat_map(|one| &one.notes).cloned().collect();
    let notes = notes.join("\n");
    for program in [
        "Signal: 1 (",
        "passphrase of 30 digits",
        "WhatsApp: 2 (",
        "Samsung Smart Switch: 1 (",
        "SMS Import / Export: 2 (",
        "SMS Backup & Restore: 1 (",
    ] {
        assert!(notes.contains(program), "{program}: {notes}");
    }
    let report =
        std::fs::read_to_string(rescued.folder.join("data/report.html")).expect("a report");
    assert!(report.contains("Signal: 1 ("));
}

/// A picture that the phone lists and has lost comes from the file. No message is there twice.
#[test]
fn a_picture_that_the_phone_lost_comes_from_the_file() {
    let mut settings = owner();
    settings.owner.pictures = 6;
    let first = common::rescue(settings.clone());
    let exported = text_of(&first, "messages.xml").into_bytes();
    settings.storage.exported = vec![("SMSBackupRestore/sms-1.xml".into(), exported)];
    for fault in ["mms-lost=ENOENT", "mms-lost=EACCES"] {
        let rescued = common::rescue(common::with_fault(settings.clone(), fault));
        let from_file = found(&rescued);
        assert_eq!(from_file.found, 0, "{fault}: {from_file:?}");
        let notes = from_file.notes.join("\n");
        assert!(
            notes.contains("completed from exported files: 6"),
            "{fault}: {notes}"
        );
        assert_eq!(parts(&rescued), parts(&first), "{fault}");
        assert_eq!(pictures_on_pages(&rescued), 6, "{fault}");
        let count = |rescued: &Practised| text_of(rescued, "messages.xml").matches("<mms ").count();
        assert_eq!(count(&rescued), count(&first), "{fault}");
    }
}

/// What has no content is named on its page. A time beyond the calendar stands as it is.
#[test]
fn messages_without_content_are_named() {
    let mms = |kind: u32, date: u64| {
        format!(
            "<mms date=\"{date}\" msg_box=\"1\" m_type=\"{kind}\"><parts></parts><addrs><addr address=\"+4930123\" \
             type=\"137\" /></addrs></mms>"
        )
    };
    let file = [
        "<smses count=\"3\">",
        &mms(134, 1_500_000_000_000),
        &mms(130, 1_500_000_001_000),
        &mms(132, 9_000_000_000_000_000_000),
        "</smses>",
    ];
    let rescued = with_files(&[("sms-1.xml", file.concat().as_bytes())]);
    let files = portable_files(&rescued.folder).into_iter();
    let pages = files.filter(|(name, _)| name.ends_with(".html"));
    let pages: String = pages
        .map(|(_, page)| String::from_utf8_lossy(&page).into_owned())
        .collect();
    for what in ["a report of delivery", "had not fetched"] {
        assert_eq!(pages.matches(what).count(), 1, "{what}");
    }
    assert!(text_of(&rescued, "messages.csv").contains("date=9000000000000000000"));
}
