//! A file for a bug report: it says what went wrong, contains no data of the phone's owner, and leaves the folder
//! unchanged.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lifeboat::handset::media_device::MediaDevice;
use lifeboat::model::{Collection, RecordBody, Stop};
use lifeboat::practice::android::{OwnerData, Settings, Sim, Software};
use lifeboat::practice::media;
use lifeboat::protocol::mtp;
use lifeboat::report_problem::replacer::Replacer;
use lifeboat::report_problem::rules::Rules;
use lifeboat::report_problem::structure::Holds;
use lifeboat::report_problem::{Report, gather, structure};
use lifeboat::rescue::{Target, finished, run};
use lifeboat::vault::ticks::Tick;
use lifeboat::vault::{RecordKind, Vault, VaultError};
use proptest::prelude::*;

use crate::common::{cut_among_photos, files_below, rescue, rescue_with, with_fault};

/// Words in the practice owner's data that are also words of structure and stay in a report: names of columns, folders
/// and kinds, and words of Lifeboat's own sentences.
const STRUCTURE: &[&str] = &[
    "accessing",
    "accountname",
    "adb",
    "add",
    "all",
    "allowed",
    "and",
    "android",
    "apps",
    "are",
    "back",
    "berlin",
    "between",
    "bitfire",
    "blob",
    "box",
    "byte",
    "calendar",
    "call",
    "camera",
    "card",
    "characters",
    "chset",
    "cid",
    "clientid",
    "cls",
    "code",
    "com",
    "contacts",
    "content",
    "creator",
    "cursor",
    "data",
    "davdroid",
    "day",
    "dcim",
    "deleted",
    "dos",
    "download",
    "email",
    "end",
    "error",
    "file",
    "first",
    "found",
    "from",
    "google",
    "group",
    "handset",
    "images",
    "img",
    "info",
    "internal",
    "item",
    "jpg",
    "kept",
    "key",
    "last",
    "lines",
    "local",
    "locked",
    "main",
    "media",
    "message",
    "missed",
    "mms",
    "more",
    "name",
    "next",
    "not",
    "null",
    "one",
    "only",
    "other",
    "own",
    "part",
    "path",
    "phone",
    "photo",
    "photos",
    "pictures",
    "practice",
    "present",
    "pri",
    "profile",
    "protocol",
    "provider",
    "read",
    "recordings",
    "reply",
    "result",
    "row",
    "samsung",
    "sdcard",
    "seen",
    "sent",
    "seq",
    "services",
    "sim",
    "sip",
    "size",
    "sms",
    "sound",
    "status",
    "storage",
    "sub",
    "system",
    "telephony",
    "telephonyconnectionservice",
    "text",
    "that",
    "the",
    "them",
    "thumbnails",
    "trashed",
    "txt",
    "type",
    "uri",
    "vcf",
    "vcs",
    "version",
    "vnd",
    "voice",
    "voicemail",
    "whatsapp",
    "when",
    "while",
    "with",
];

/// Fields whose columns contain only recurrence rules and IANA time zones.
const RULES: &[&str] = &[
    "rrule",
    "rdate",
    "exrule",
    "exdate",
    "duration",
    "zone",
    "time_zone",
];

/// Number of keys. By chance, a letter has the same replacement under n keys once in 26^(n−1) cases.
const KEYS: u8 = 5;

fn report(folder: &Path, key: u8) -> Report {
    let spare = tempfile::tempdir().expect("a folder");
    gather(folder, Replacer::with_key([key; 32]), spare.path()).expect("a report")
}

/// The parts that are equal in reports with different keys: they were kept. The byte 1 stands for each replaced byte.
fn kept(reports: &[Vec<u8>]) -> String {
    let first = &reports[0];
    assert!(reports.iter().all(|r| r.len() == first.len()), "lengths");
    let is_same = |at: usize| reports.iter().all(|report| report[at] == first[at]);
    let bytes = (0..first.len()).map(|at| if is_same(at) { first[at] } else { 1 });
    String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
}

fn words(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_alphabetic());
    let parts = parts.filter(|word| word.chars().count() >= 3);
    let numbers = text.split(|c: char| !c.is_ascii_digit());
    let numbers = numbers.filter(|number| number.len() >= 4);
    parts.chain(numbers).map(str::to_lowercase).collect()
}

/// Collects every text in a value.
fn texts(value: &serde_json::Value, into: &mut String) {
    match value {
        serde_json::Value::String(text) => {
            into.push_str(text);
            into.push('\n');
        }
        serde_json::Value::Array(all) => all.iter().for_each(|v| texts(v, into)),
        // Rules and zones stay in a report, because they cause many faults of calendars.
        serde_json::Value::Object(all) => all
            .iter()
            .filter(|(name, _)| !RULES.contains(&name.as_str()))
            .for_each(|(_, value)| texts(value, into)),
        _ => {}
    }
}

/// All words and numbers in the texts of a rescue's records.
fn words_of_owner(folder: &Path) -> BTreeSet<String> {
    let spare = tempfile::tempdir().expect("a folder");
    let data = spare.path().join("data");
    fs::create_dir(&data).expect("a folder");
    for (path, bytes) in files_below(&folder.join("data")) {
        let name = path.to_string_lossy().into_owned();
        if name.starts_with("lifeboat.sqlite") {
            fs::write(data.join(name), bytes).expect("a copy");
        }
    }
    let vault = Vault::open_to_read(spare.path()).expect("the journal");
    let mut all = String::new();
    for what in Collection::ALL {
        let read = vault.for_each_record(what, &RecordKind::ALL, |mut record| {
            // The names of further columns are not the owner's words.
            if let RecordBody::Call(call) = &mut record.body {
                call.extended.iter_mut().for_each(|(name, _)| name.clear());
            }
            let value = serde_json::to_value(&record.body).expect("JSON");
            texts(&value, &mut all);
            Ok::<_, VaultError>(())
        });
        read.expect("records");
    }
    all.push_str(&vault.identity().serial);
    all.push_str("\nTicket-77123 Kim Longoperator");
    words(&all)
}

/// The kept text, without cells that hold row numbers, flags, times or rules, and without Lifeboat's own counts.
fn without_row_numbers(kept: &str) -> String {
    let is_plain = |cell: &&str| {
        let name = cell.split('=').next().unwrap_or_default();
        let name = name.rsplit(' ').next().unwrap_or_default();
        !matches!(
            structure::column(name.as_bytes()),
            Some(Holds::Numbers | Holds::Times | Holds::Rules)
        )
    };
    let replies = kept.lines().filter_map(|line| line.strip_prefix("  | "));
    let cells = replies.flat_map(|line| line.split(", ").filter(is_plain));
    let cells = cells.map(|cell| match cell.strip_prefix("Row: ") {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => cell,
    });
    let log = kept
        .lines()
        .filter(|line| line.starts_with("20") && !line.contains("asked: "));
    let log = log
        .filter_map(|line| line.split_once("  "))
        .map(|(_, event)| event);
    cells.chain(log).collect::<Vec<_>>().join("\n")
}

/// Asserts that the report of this folder contains no words of the owner's except words of structure.
fn assert_nothing_is_left(name: &str, folder: &Path) {
    let before = files_below(folder);
    let reports: Vec<Vec<u8>> = (1..=KEYS)
        .map(|key| report(folder, key).text.into_bytes())
        .collect();
    assert_eq!(files_below(folder), before, "{name}: the folder is touched");
    let kept = kept(&reports);
    let owner = words_of_owner(folder);
    assert!(owner.len() > 10, "{name}: {owner:?}");
    let letters = words(&kept)
        .into_iter()
        .filter(|w| !w.starts_with(|c: char| c.is_ascii_digit()));
    let numbers = words(&without_row_numbers(&kept)).into_iter();
    let numbers = numbers.filter(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let found: Vec<String> = letters
        .chain(numbers)
        .filter(|word| owner.contains(word))
        .collect();
    let other: Vec<&String> = found
        .iter()
        .filter(|word| !STRUCTURE.contains(&word.as_str()))
        .collect();
    assert!(other.is_empty(), "{name}: {other:?}");
    // Long words in other encodings. Replaced bytes are no text any more, so checking one report is enough.
    let long = |word: &&String| word.chars().filter(|c| c.is_alphabetic()).count() >= 6;
    for word in owner.iter().filter(long) {
        if STRUCTURE.contains(&word.as_str()) {
            continue;
        }
        for (way, written) in ways(word) {
            assert!(
                !kept.contains(&written),
                "{name}: {word} as {way}: {written}"
            );
        }
    }
}

/// A word in the encodings that phones use.
fn ways(word: &str) -> Vec<(&'static str, String)> {
    use base64::Engine as _;
    let each = |sign: &str| -> String { word.bytes().map(|b| format!("{sign}{b:02X}")).collect() };
    let json = word.encode_utf16().map(|u| format!("\\u{u:04x}"));
    let mut ways = vec![
        ("percent", each("%")),
        ("quoted-printable", each("=")),
        ("JSON", json.collect()),
        (
            "UTF-16 little",
            word.chars().map(|c| format!("{c}\0")).collect(),
        ),
        (
            "UTF-16 big",
            word.chars().map(|c| format!("\0{c}")).collect(),
        ),
        ("upper case", word.to_uppercase()),
    ];
    for shift in 0..3 {
        let shifted = ["", "x", "xx"][shift].to_owned() + word;
        let all = base64::engine::general_purpose::STANDARD_NO_PAD.encode(shifted);
        // The first and last letters depend on the text around the word.
        let inner = all.get(shift + 1..all.len() - 1).unwrap_or_default();
        ways.push(("base64", inner.to_owned()));
    }
    ways
}

#[test]
fn nothing_of_the_owner_is_left_in_a_report() {
    let awkward = rescue(Settings {
        contacts: 120,
        events: 60,
        todos: 20,
        photos: 4,
        more_files: true,
        ..Settings::default()
    });
    assert_nothing_is_left("awkward", &awkward.folder);
    let hostile = rescue(Settings {
        owner: OwnerData {
            hostile_texts: true,
            ..OwnerData::default()
        },
        ..Settings::default()
    });
    assert_nothing_is_left("hostile", &hostile.folder);
    let old = rescue(Settings {
        android: 19,
        contacts: 40,
        events: 20,
        todos: 5,
        sim: Sim {
            entries: Some(8),
            ..Sim::default()
        },
        ..Settings::default()
    });
    assert_nothing_is_left("old", &old.folder);
    let cut = cut_among_photos();
    assert_nothing_is_left("cut", &cut.folder);
    let denied = rescue_with(
        with_fault(
            Settings {
                contacts: 20,
                ..Settings::default()
            },
            "deny=calendar",
        ),
        true,
    );
    assert_nothing_is_left("denied", &denied.folder);
}

/// Ticks and what people said about the phone stay readable, except for names and reasons.
#[test]
fn what_was_ticked_and_said_can_be_read_in_a_report() {
    let phone = rescue(Settings {
        contacts: 5,
        ..Settings::default()
    });
    let line = phone.outcome.before_reset.first().expect("a line");
    let skip = Tick::Skip("Hildegard said so".into());
    let ticked = finished::tick(&phone.folder, &line.line.id, &skip, "Kim Longoperator");
    ticked.expect("a tick").expect("the line");
    let text = report(&phone.folder, 1).text;
    let skipped = text.lines().find(|line| line.contains(" skipped "));
    let skipped = skipped.unwrap_or_else(|| panic!("{text}"));
    assert!(
        skipped.contains("line=") && skipped.contains("reason="),
        "{skipped}"
    );
    for word in ["Hildegard", "Kim", "Longoperator"] {
        assert!(!text.contains(word), "{word}");
    }
    let sentences = Rules {
        replacer: Replacer::with_key([1; 32]),
        own: Vec::new(),
    };
    for said in [
        "What matters most to the owner: photos.",
        "The owner backed up WhatsApp on the phone before the rescue.",
    ] {
        assert_eq!(sentences.sentence(said), said);
    }
}

#[test]
fn a_folder_that_is_no_rescue_is_refused() {
    let other = tempfile::tempdir().expect("a folder");
    let spare = tempfile::tempdir().expect("a folder");
    for folder in [other.path(), &other.path().join("missing")] {
        let refused = gather(folder, Replacer::with_key([1; 32]), spare.path());
        assert!(
            matches!(refused, Err(VaultError::NotARescue { .. })),
            "{refused:?}"
        );
    }
}

#[test]
fn nothing_of_a_media_device_s_files_is_left_in_a_report() {
    let settings = media::Settings {
        photos: 4,
        more_files: true,
        ..media::Settings::default()
    };
    let device = media::PracticeMedia::new(settings);
    let parent = tempfile::tempdir().expect("a folder");
    let options = mtp::Options {
        stop: Stop::new(),
        on_wait: std::sync::Arc::new(|_| {}),
        handshake_timeout: std::time::Duration::from_secs(2),
        patience: std::time::Duration::from_secs(2),
        pause: std::time::Duration::from_millis(300),
    };
    let mut handset = MediaDevice::open(device.link(), &options).expect("it opens");
    let target = Target::New(parent.path().to_owned());
    let request = crate::common::request(target, "--practice media");
    let outcome = run(handset.as_mut(), &request, &options.stop, &mut |_| {}).expect("a rescue");
    assert_nothing_is_left("media", Path::new(&outcome.folder));
}

#[test]
fn words_of_structure_are_words_of_the_lists() {
    // The last four are words of the report's own lines (`bag-info.txt`), and SQL's name of a database in a request.
    let kept = structure::kept_words().chain(["characters", "sound", "info", "main"]);
    let lists: String = kept.collect::<Vec<_>>().join(" ");
    let zones = chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
    let zones: String = zones.collect::<Vec<_>>().join(" ");
    let lists: BTreeSet<String> = words(&lists).union(&words(&zones)).cloned().collect();
    let strange: Vec<_> = STRUCTURE.iter().filter(|w| !lists.contains(**w)).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

fn rules(key: u8) -> Rules {
    Rules {
        replacer: Replacer::with_key([key; 32]),
        own: Vec::new(),
    }
}

#[test]
fn a_name_is_replaced_however_it_is_written() {
    let plain = "Annegret Müllerová";
    for (way, written) in ways(plain).into_iter().chain([
        ("plain", plain.to_owned()),
        (
            "quoted-printable, parts",
            "Annegret M=C3=BCllerov=C3=A1".into(),
        ),
        ("percent, parts", "Annegret%20M%C3%BCllerov%c3%a1".into()),
        (
            "ISO 8859-1, quoted",
            "ENCODING=QUOTED-PRINTABLE:M=FCllerov=E1".into(),
        ),
        ("UTF-7", "M+APw-llerov+AOE-".into()),
        (
            "JSON, parts",
            "{\"n\":\"Annegret M\\u00fcllerov\\u00e1\"}".into(),
        ),
    ]) {
        let reply = format!("Row: 0 _id=1, data1={written}\n");
        let all: Vec<Vec<u8>> = (1..=KEYS)
            .map(|key| rules(key).reply("content query --uri x", reply.as_bytes()))
            .collect();
        let kept = kept(&all);
        for part in [
            "nne", "gret", "ller", "lle", "rov", "FCl", "BCl", "APw", "QW5u", "bmVnc", "ZWdyZX",
        ] {
            assert!(!kept.contains(part), "{way}: {kept:?}");
        }
        assert!(kept.starts_with("Row: 0 _id=1, data1="), "{way}: {kept:?}");
    }
    // The same name gets the same replacement, in whatever encoding.
    let one = Replacer::with_key([7; 32]);
    let other = one.text("Müllerová");
    assert_eq!(one.text("MÜLLEROVÁ"), other.to_uppercase());
    let encoded = |text: &str| -> String { text.bytes().map(|b| format!("%{b:02X}")).collect() };
    assert_eq!(one.text(&encoded("Müllerová")), encoded(&other));
    let wide = |text: &str| -> String { text.chars().map(|c| format!("{c}\0")).collect() };
    assert_eq!(one.text(&wide("Müllerová")), wide(&other));
    assert_ne!(
        one.text("Müllerová"),
        Replacer::with_key([8; 32]).text("Müllerová")
    );
    // A number with and without its country code gets the same replacement.
    let (long, short) = (one.text("+49 171 5550100"), one.text("0171/5550100"));
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    assert_eq!(digits(&long)[2..], digits(&short)[1..]);
    assert_eq!(one.text("+49 171 5550100").len(), "+49 171 5550100".len());
}

#[test]
fn requests_keep_everything_except_file_names() {
    let rules = rules(1);
    for kept in [
        r"content query --uri content://icc/adn --where '_id IN (1,2) AND data1 IN ('\''NULL'\'')'",
        "GetObjectHandles 00010001 00000000 ffffffff",
        "shell,v2,raw:date +%s",
        "sync RCV2 /sdcard/DCIM/Camera/",
    ] {
        assert_eq!(rules.request(kept), kept);
    }
    let other = rules.request("papers/To Do Anna.ics from byte 12 on");
    assert!(other.ends_with(".ics from byte 12 on"), "{other}");
    for part in ["papers", "To", "Do", "Anna"] {
        assert!(!other.contains(part), "{other}");
    }
    let other = rules.request(r"content query --where 'data1='\''Anna'\'''");
    assert!(!other.contains("Anna"), "{other}");
}

#[test]
fn what_makes_a_reply_hard_to_read_stays() {
    let reply = "WARNING: linker: x has text relocations\n\
                 Row: 0 _id=1, data1=Anna\nRow: 7 no row, data2=5, mimetype=vnd.android.cursor.item/note, data3=NULL\r\n\
                 Row: 1 _id=2, data1=BLOB, rrule=FREQ=WEEKLY;UNTIL=20250101T000000Z;BYDAY=MO, dtstart=1712000000000\n\
                 Error while accessing provider:com.android.contacts\n\
                 java.lang.SecurityException: Permission Denial: opening provider Anna\n";
    let other = rules(1).reply("content query --uri x", reply.as_bytes());
    let other = String::from_utf8(other).expect("text");
    for part in [
        "WARNING: linker: ",
        "\nRow: 7 ",
        ", data2=5, mimetype=vnd.android.cursor.item/note, data3=NULL\r\n",
        "data1=BLOB, rrule=FREQ=WEEKLY;UNTIL=20250101T000000Z;BYDAY=MO, dtstart=1712000000000\n",
        "Error while accessing provider:com.android.contacts\njava.lang.SecurityException: Permission Denial: opening provider ",
    ] {
        assert!(other.contains(part), "{part:?} in {other}");
    }
    assert!(!other.contains("Anna"), "{other}");
}

/// The class of a character, independent of which character of the class it is.
fn class(c: char) -> (usize, bool, bool, bool, bool, Option<char>) {
    let is_replaced = c.is_alphanumeric();
    (
        c.len_utf8(),
        c.is_alphabetic(),
        c.is_numeric(),
        c.is_uppercase(),
        c.is_lowercase(),
        (!is_replaced && c.is_ascii()).then_some(c),
    )
}

proptest! {
    #[test]
    fn shapes_stay(text in "\\PC{0,60}|[a-zA-Z0-9 %=+\\\\u,.:-]{0,60}|[\\w\\s@/%=\\x00]{0,40}") {
        let one = Replacer::with_key([3; 32]);
        let other = one.text(&text);
        prop_assert_eq!(other.len(), text.len());
        prop_assert_eq!(other.chars().count(), text.chars().count());
        // Escapes encode other characters. They are tested above.
        if !text.contains(['%', '=', '\\']) {
            for (a, b) in text.chars().zip(other.chars()) {
                prop_assert_eq!(class(a), class(b), "{:?} {:?}", a, b);
            }
        }
        prop_assert_eq!(one.text(&text), other);
    }

    #[test]
    fn the_same_word_is_the_same_everywhere(word in "[a-zäöüéа-я]{3,12}", before in "[a-z]{3,8}") {
        let one = Replacer::with_key([4; 32]);
        let other = one.text(&word);
        let within = one.text(&format!("{before} {word}, x"));
        prop_assert_eq!(within.split([' ', ',']).nth(1), Some(other.as_str()));
        prop_assert_eq!(one.text(&word.to_uppercase()), other.to_uppercase());
    }

    #[test]
    fn bytes_of_any_kind_keep_their_number(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let one = Replacer::with_key([5; 32]);
        prop_assert_eq!(one.bytes(&bytes).len(), bytes.len());
        let rows = rules(5).rows(&bytes);
        prop_assert_eq!(rows.len(), bytes.len());
    }
}

fn lifeboat(home: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(arguments)
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .expect("lifeboat runs")
}

fn run_on(home: &Path, folder: &Path) -> (String, PathBuf) {
    let before = files_below(folder);
    let done = lifeboat(home, &["report-problem", folder.to_str().expect("text")]);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(0), "{errors}");
    assert_eq!(files_below(folder), before, "the folder is touched");
    let name = said.split(" (").next().expect("a name").to_owned();
    (said, home.join(name))
}

#[test]
fn the_command_makes_a_private_file_and_says_what_is_in_it() {
    let home = tempfile::tempdir().expect("a folder");
    let whole = rescue(Settings {
        contacts: 5,
        events: 3,
        todos: 2,
        ..Settings::default()
    });
    let (said, first) = run_on(home.path(), &whole.folder);
    for words in [
        "contains:",
        "are replaced by made-up text",
        "Nothing was sent anywhere",
        "replies of the phone",
    ] {
        assert!(said.contains(words), "{said}");
    }
    let text = fs::read_to_string(&first).expect("the report");
    for words in [
        "Lifeboat 0.",
        "samsung",
        "SM-A536B",
        "verdict Some(Complete)",
        "> getprop",
        "  | Row: 0 ",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(!text.contains("R5CT60PRACT"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(&first).expect("it").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // A second report has its own file name and other replacements.
    let (_, second) = run_on(home.path(), &whole.folder);
    assert_ne!(first, second);
    assert_ne!(fs::read_to_string(&second).expect("the report"), text);
    let folder = whole.folder.to_str().expect("text");
    let place = first.to_str().expect("text");
    let refused = lifeboat(home.path(), &["report-problem", folder, "--to", place]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("was not replaced"));
    assert_eq!(fs::read_to_string(&first).expect("the report"), text);
    let missing = lifeboat(home.path(), &["report-problem", "nowhere"]);
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn a_folder_that_is_unfinished_locked_or_damaged_gives_what_can_be_read() {
    let home = tempfile::tempdir().expect("a folder");
    let (said, path) = run_on(home.path(), &cut_among_photos().folder);
    assert!(said.contains("replies of the phone"), "{said}");
    assert!(
        fs::read_to_string(path)
            .expect("it")
            .contains("data/lifeboat.sqlite")
    );
    let locked = rescue(Settings {
        software: Software {
            locked_since_boot: true,
            ..Software::default()
        },
        ..Settings::default()
    });
    let (_, path) = run_on(home.path(), &locked.folder);
    assert!(fs::read_to_string(path).expect("it").contains("unlock"));

    let whole = rescue(Settings {
        contacts: 5,
        events: 3,
        todos: 2,
        ..Settings::default()
    });
    let journal = whole.folder.join("data/lifeboat.sqlite");
    let bytes = fs::read(&journal).expect("the journal");
    for (damage, words) in [
        (bytes[..bytes.len() / 2].to_vec(), "could not be read"),
        (vec![7; 5000], "The journal could not be read"),
        (Vec::new(), "The journal could not be read"),
    ] {
        fs::write(&journal, damage).expect("damage");
        let (said, path) = run_on(home.path(), &whole.folder);
        assert!(said.contains(words), "{said}");
        let text = fs::read_to_string(path).expect("it");
        assert!(
            text.contains("The log") && text.contains("asked: "),
            "{text}"
        );
        assert!(!text.contains("R5CT60PRACT"));
    }
    fs::remove_dir_all(whole.folder.join("data")).expect("gone");
    let (said, _) = run_on(home.path(), &whole.folder);
    assert!(said.contains("could not be read"), "{said}");
}
