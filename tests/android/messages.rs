//! Messages: what a rescue of each Android has of them, and what other programs read from its files.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use rusqlite::types::Value;

use crate::common::{self, Practised, portable_files};
use lifeboat::model::{
    Collection, Message, MessageFolder, MessageKind, Party, PartyRole, Record, RecordBody, Verdict,
};
use lifeboat::practice::android::{Area, OwnerData, PracticeUser, Settings, Sim, Store};
use lifeboat::rescue::CollectionOutcome;
use lifeboat::vault::{RecordKind, Vault};

/// A phone with little data apart from its messages, with as many as there are awkward texts and more.
fn owner() -> Settings {
    Settings {
        contacts: 12,
        events: 2,
        todos: 1,
        owner: OwnerData {
            deleted_contacts: 0,
            deleted_events: 0,
            calls: 2,
            messages: 80,
            pictures: 0,
            ..OwnerData::default()
        },
        sim: Sim {
            entries: Some(1),
            ..Sim::default()
        },
        ..Settings::default()
    }
}

fn messages_of(rescued: &Practised) -> &CollectionOutcome {
    let mut all = rescued.outcome.collections.iter();
    all.find(|c| c.name == Collection::Messages)
        .expect("messages are judged")
}

fn records(rescued: &Practised) -> Vec<Message> {
    let vault = Vault::open_to_read(&rescued.folder).expect("a journal");
    let mut messages = Vec::new();
    let kinds = [RecordKind::Message];
    let read = vault.for_each_record(Collection::Messages, &kinds, |record: Record| {
        let RecordBody::Message(message) = record.body else {
            panic!("{record:?}");
        };
        messages.push(message);
        Ok::<_, lifeboat::vault::VaultError>(())
    });
    read.expect("records");
    messages
}

fn file(rescued: &Practised, name: &str) -> String {
    let files = portable_files(&rescued.folder);
    let bytes = files.get(name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(bytes.clone()).expect("UTF-8")
}

/// The pages of conversations, by name.
fn pages(rescued: &Practised) -> BTreeMap<String, String> {
    let files = portable_files(&rescued.folder).into_iter();
    files
        .filter(|(name, _)| name.starts_with("messages/"))
        .map(|(name, bytes)| (name, String::from_utf8(bytes).expect("UTF-8")))
        .collect()
}

#[test]
fn android_10_gives_its_messages() {
    for android in [29, 31, 33, 36] {
        let rescued = common::rescue(Settings { android, ..owner() });
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::Complete, "{messages:?}");
        assert_eq!((messages.handset_says, messages.rescued), (Some(80), 80));
        assert_eq!(messages.read_back, Some(80));
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        let csv = file(&rescued, "messages.csv");
        // Neither drafts nor messages that were not sent.
        assert!(!csv.contains("hidden"), "{csv}");
        let told = rescued.outcome.not_covered.join("\n");
        assert!(told.contains("Drafts"), "{told}");
    }
}

#[test]
fn an_older_android_ends_safe_and_says_what_keeps_the_messages() {
    for android in [19, 23, 24, 26, 28] {
        let rescued = common::rescue(Settings { android, ..owner() });
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::OutOfReach, "{messages:?}");
        assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
        assert_eq!(messages.rescued, 0);
        let told = rescued.outcome.not_covered.join("\n");
        assert!(told.contains("SMS Backup & Restore (Messages)"), "{told}");
        assert!(!portable_files(&rescued.folder).contains_key("messages.csv"));
    }
}

#[test]
fn a_maker_s_shell_may_show_them_earlier() {
    for android in [22, 26] {
        let mut settings = owner();
        settings.android = android;
        settings.software.shows_messages = true;
        let rescued = common::rescue(settings);
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::Complete, "{messages:?}");
        assert_eq!(messages.rescued, 80);
    }
}

#[test]
fn no_messages_are_empty_only_with_evidence() {
    let mut none = owner();
    none.owner.messages = 0;
    let empty = common::rescue(none);
    assert_eq!(messages_of(&empty).verdict, Verdict::Empty);
    assert!(empty.outcome.safe, "{:?}", empty.outcome.why_not);
    let mut hidden = owner();
    hidden.providers.ignored.insert(Area::Messages);
    let hidden = common::rescue(hidden);
    let messages = messages_of(&hidden);
    assert_eq!(messages.verdict, Verdict::Unreadable, "{messages:?}");
    assert!(messages.notes[0].contains("READ_SMS"), "{messages:?}");
    let mut denied = owner();
    denied.providers.denied.insert(Area::Messages);
    let denied = common::rescue(denied);
    let messages = messages_of(&denied);
    assert_eq!(messages.verdict, Verdict::Unreadable, "{messages:?}");
    assert!(messages.notes[0].contains("Export them"), "{messages:?}");
    assert!(!denied.outcome.safe);
}

/// Every text of an awkward owner, and one of 160,000 characters: nothing is lost, and nothing invented.
#[test]
fn every_text_is_the_phone_s_own() {
    for android in [29, 33] {
        let rescued = common::rescue(Settings { android, ..owner() });
        let sql =
            "SELECT _id, address, body, date, type FROM sms WHERE type IN (1, 2) ORDER BY _id";
        let rows = rescued.handset.peek(0, Store::Messages, sql).expect("rows");
        let mut all: Vec<_> = records(&rescued)
            .into_iter()
            .map(|message| {
                let address = message.people.first().map(|one| one.address.clone());
                let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
                let kind = if message.folder == MessageFolder::Received {
                    1
                } else {
                    2
                };
                vec![
                    Value::Integer(message.source.row),
                    text(address),
                    text(message.text),
                    message.at.map_or(Value::Null, Value::Integer),
                    Value::Integer(kind),
                ]
            })
            .collect();
        all.sort_by_key(|row| match row[0] {
            Value::Integer(id) => id,
            _ => 0,
        });
        assert_eq!(all.len(), rows.len());
        for (found, row) in all.iter().zip(&rows) {
            assert_eq!(found, row);
        }
        let longest = |row: &Vec<Value>| match &row[2] {
            Value::Text(text) => text.chars().count(),
            _ => 0,
        };
        assert_eq!(rows.iter().map(longest).max(), Some(160_000));
    }
}

#[test]
fn columns_that_a_maker_lacks_leave_the_rest() {
    for lacks in ["sub_id", "creator", "error_code:person:sub_id"] {
        let settings = common::with_fault(owner(), &format!("lacks={lacks}"));
        let rescued = common::rescue(settings);
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::Complete, "{lacks}: {messages:?}");
        assert_eq!(messages.rescued, 80, "{lacks}");
    }
}

#[test]
fn faults_of_the_provider_lose_no_message() {
    let smooth = common::rescue(owner());
    let smooth = portable_files(&smooth.folder);
    for fault in [
        "error-after-rows=messages:9",
        "end-after-rows=messages:20",
        "kill-after-rows=messages:9",
        "restarting=messages:1",
        "noise",
    ] {
        let rescued = common::rescue(common::with_fault(owner(), fault));
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::Complete, "{fault}: {messages:?}");
        let files = portable_files(&rescued.folder);
        for name in ["messages.csv", "messages.xml"] {
            assert!(files.get(name) == smooth.get(name), "{fault}: {name}");
        }
    }
}

/// The rows of `tests/FIELD.md`.
#[test]
fn rows_as_phones_have_them_are_kept() {
    let mut settings = owner();
    settings.owner.odd_messages = true;
    settings.owner.ordinary = true;
    let rescued = common::rescue(settings);
    let messages = messages_of(&rescued);
    assert_eq!(messages.verdict, Verdict::Complete, "{messages:?}");
    assert_eq!((messages.handset_says, messages.rescued), (Some(95), 95));
    let all = records(&rescued);
    let of = |row: i64| {
        let found = all.iter().find(|message| message.source.row == row);
        found.unwrap_or_else(|| panic!("no row {row}"))
    };
    assert!(of(800_001).people.is_empty() && of(800_002).people.is_empty());
    assert_eq!(of(800_003).at, Some(1_500_000_000_000));
    assert_eq!(of(800_003).sent, Some(1_500_000_000_000));
    let kept = ("date".to_owned(), "1500000000".to_owned());
    assert!(of(800_003).extended.contains(&kept), "{:?}", of(800_003));
    assert_eq!(of(800_004).sent, Some(1_500_000_059_000));
    assert_eq!(of(800_006).at, None);
    assert_eq!(
        (of(800_006).text.as_deref(), of(800_006).read),
        (None, None)
    );
    assert_eq!(of(800_007).text.as_deref(), Some(""));
    assert_eq!(of(800_008).subject.as_deref(), Some("a subject"));
    let twice = |row| Message {
        source: Default::default(),
        ..of(row).clone()
    };
    assert_eq!(twice(800_009), twice(800_010));
    let service = Party {
        role: PartyRole::From,
        address: "Alerts & Co".into(),
    };
    assert_eq!(of(800_011).people, [service]);
    let csv = file(&rescued, "messages.csv");
    for expected in [
        "2017-07-14T02:40:00Z,SMS,received,+4930123,",
        ",SMS,received,Alerts & Co,,,no thread,",
    ] {
        assert!(csv.contains(expected), "{expected}\n{csv}");
    }
    assert!(
        pages(&rescued)
            .keys()
            .any(|name| name.contains("Alerts & Co"))
    );
}

/// The provider is one for all users: a work profile has no messages of its own.
#[test]
fn a_work_profile_gets_no_message_twice() {
    let mut settings = owner();
    settings.owner.users = vec![PracticeUser::work()];
    let rescued = common::rescue_with(settings, true);
    let messages = messages_of(&rescued);
    assert_eq!(
        (messages.verdict, messages.rescued),
        (Verdict::Complete, 80),
        "{messages:?}"
    );
}

/// Texts that XML, spreadsheets and browsers could take for something else, read by programs that Lifeboat does not
/// know.
#[test]
fn python_reads_the_same_messages() {
    let script = r#"
import base64, csv, html.parser, pathlib, sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "smses", root.tag
files = {path.name: path.read_bytes() for path in pathlib.Path(sys.argv[3]).glob("parts/*")}
pictures = [base64.b64decode(part.get("data")) for part in root.iter("part") if part.get("data")]
assert sorted(pictures) == sorted(files.values()), files.keys()
messages = list(root)
assert int(root.get("count")) == len(messages) == len(list(root))
csv.field_size_limit(1 << 24)
rows = list(csv.DictReader(open(sys.argv[2], encoding="utf-8", newline="")))
assert len(rows) == len(messages), (len(rows), len(messages))
SMS = "protocol address date type subject body toa sc_toa service_center read status locked date_sent"
MMS = "date ct_t msg_box rr sub read_status address m_id read m_size m_type sim_slot"[:-9]
for row, message in zip(rows, messages):
    assert int(message.get("date")) > 10 ** 12, message.attrib
    for name in {"sms": SMS, "mms": MMS}[message.tag].split():
        assert message.get(name) is not None, (name, message.attrib)
    folder = message.get("type") or message.get("msg_box")
    assert row["Folder"] == {"1": "received", "2": "sent"}[folder]
    assert row["Kind"] == message.tag.upper()
    if message.tag == "mms":
        senders = [a for a in message.iter("addr") if a.get("type") == "137"]
        assert len(senders) == 1 and len(list(message.iter("addr"))) > 1, message.attrib
    for cell in row.values():
        assert not cell.startswith(("=", "@", "\t", "\r")), row
class Page(html.parser.HTMLParser):
    articles, tags = 0, set()
    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.articles += tag == "article"
        for name, value in attributes:
            assert not name.startswith("on"), (tag, attributes)
            assert not (name in ("src", "href") and ":" in value), (tag, attributes)
page = Page()
for path in pathlib.Path(sys.argv[3]).glob("*.html"):
    page.feed(path.read_text(encoding="utf-8"))
assert page.articles == len(messages), page.articles
allowed = set("html head meta title style body h1 h2 p small a bdi article b table tr td img br".split())
assert page.tags <= allowed, page.tags - allowed
print(len(messages))
"#;
    for hostile_texts in [false, true] {
        let mut settings = owner();
        settings.owner.hostile_texts = hostile_texts;
        settings.owner.pictures = 6;
        let rescued = common::rescue(settings);
        assert_eq!(messages_of(&rescued).verdict, Verdict::Complete);
        let data = rescued.folder.join("data");
        let judged = Command::new("python3")
            .args(["-c", script])
            .args(["messages.xml", "messages.csv", "messages"].map(|name| data.join(name)))
            .stdin(Stdio::null())
            .output();
        let Ok(judged) = judged else {
            return common::cannot::cannot_run("there is no Python");
        };
        let said = String::from_utf8_lossy(&judged.stderr).into_owned();
        assert!(judged.status.success(), "{said}");
        assert_eq!(String::from_utf8_lossy(&judged.stdout).trim(), "86");
    }
}

#[test]
fn names_come_from_the_contacts() {
    let rescued = common::rescue(owner());
    let csv = file(&rescued, "messages.csv");
    let named = |line: &&str| line.split(',').nth(5).is_some_and(|name| !name.is_empty());
    assert!(csv.lines().skip(1).filter(named).count() > 20, "{csv}");
    let index = file(&rescued, "messages/index.html");
    let cards = file(&rescued, "contacts.vcf");
    let name = cards.lines().find_map(|line| line.strip_prefix("FN:"));
    let all: Vec<&str> = cards
        .lines()
        .filter_map(|line| line.strip_prefix("FN:"))
        .filter(|name| index.contains(name.trim()))
        .collect();
    assert!(all.len() > 2, "{name:?}\n{index}");
}

#[test]
fn a_cut_loses_nothing() {
    let smooth = common::rescue(owner());
    for fault in [
        "unplug-after-rows=60",
        "unplug-after-rows=90",
        "unplug-after-rows=120",
    ] {
        let mut rescued = common::rescue(common::with_fault(owner(), fault));
        assert!(!rescued.outcome.finished, "{fault}");
        let outcome = common::resume(&mut rescued);
        let all = &outcome.collections;
        let messages = all.iter().find(|c| c.name == Collection::Messages);
        let messages = messages.expect("messages are judged");
        assert_eq!(
            (messages.verdict, messages.rescued),
            (Verdict::Complete, 80),
            "{fault}: {messages:?}"
        );
        assert_eq!(pages(&rescued), pages(&smooth), "{fault}");
    }
}

/// The log and the report count messages, and hold no text and no number of theirs.
#[test]
fn log_and_report_hold_counts() {
    let mut settings = owner();
    settings.owner.odd_messages = true;
    let rescued = common::rescue(settings);
    let sql = "SELECT DISTINCT body FROM sms UNION SELECT DISTINCT address FROM sms";
    let words = rescued.handset.peek(0, Store::Messages, sql).expect("rows");
    let read = |name: &str| {
        let path = rescued.folder.join("data").join(name);
        std::fs::read_to_string(path).expect("a file")
    };
    let (log, report) = (read("log.txt"), read("report.html"));
    let mut tried = 0;
    for word in words.into_iter().flatten() {
        let Value::Text(word) = word else { continue };
        // Shorter ones are words of any text.
        if word.chars().count() < 9 || word.starts_with("No result") {
            continue;
        }
        tried += 1;
        assert!(!log.contains(&word), "{word:?} is in the log");
        assert!(!report.contains(&word), "{word:?} is in the report");
    }
    assert!(tried > 20, "{tried}");
}

/// A file that is too long for the app is split. Each part states its own count.
#[test]
fn many_messages_take_several_files() {
    let mut settings = owner();
    settings.owner.ordinary = true;
    settings.owner.messages = 20_100;
    let rescued = common::rescue(settings);
    let messages = messages_of(&rescued);
    assert_eq!(
        (messages.verdict, messages.read_back),
        (Verdict::Complete, Some(20_100)),
        "{messages:?}"
    );
    for (name, count) in [("messages.xml", 20_000), ("messages-2.xml", 100)] {
        let xml = file(&rescued, name);
        assert!(xml.contains(&format!("<smses count=\"{count}\"")), "{name}");
        assert_eq!(xml.matches("<sms ").count(), count, "{name}");
    }
}

/// Messages with pictures, of an awkward owner: their people, texts, subjects and bytes.
#[test]
fn pictures_come_whole() {
    for android in [29, 34] {
        let mut settings = Settings { android, ..owner() };
        settings.owner.pictures = 30;
        let rescued = common::rescue(settings);
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::Complete, "{messages:?}");
        assert_eq!((messages.handset_says, messages.rescued), (Some(110), 110));
        assert_eq!(messages.read_back, Some(110));
        let peek = |sql| rescued.handset.peek(0, Store::Messages, sql).expect("rows");
        let files = portable_files(&rescued.folder);
        let bytes = peek("SELECT part, bytes FROM file");
        assert_eq!(bytes.len(), 30);
        for row in bytes {
            let [Value::Integer(part), Value::Blob(bytes)] = &row[..] else {
                panic!("{row:?}");
            };
            let name = format!("messages/parts/{part}.jpg");
            assert!(files.get(&name) == Some(bytes), "{name}");
        }
        let all = records(&rescued);
        let texts = peek("SELECT mid, text FROM part WHERE ct = 'text/plain'");
        for row in texts {
            let found = all.iter().find(|message| {
                message.kind == MessageKind::Mms && Value::Integer(message.source.row) == row[0]
            });
            let text = found.expect("the message").text.clone();
            assert_eq!(text.map(Value::Text).as_ref(), Some(&row[1]));
        }
        let first = all
            .iter()
            .find(|m| m.kind == MessageKind::Mms && m.source.row == 1);
        let first = first.expect("the first");
        assert_eq!(first.subject.as_deref(), Some("Grüße 😀"));
        assert_eq!(first.people.len(), 2);
        assert_eq!(first.at.map(|at| at % 1000), Some(0));
        let pages = pages_with_pictures(&rescued);
        assert_eq!(pages, 30);
        assert!(rescued.handset.most_contents() <= 4);
    }
}

fn pages_with_pictures(rescued: &Practised) -> usize {
    let files = portable_files(&rescued.folder);
    let pages = files.iter().filter(|(name, _)| name.ends_with(".html"));
    pages
        .map(|(_, page)| String::from_utf8_lossy(page).matches("<img ").count())
        .sum()
}

/// The rows of `tests/FIELD.md`.
#[test]
fn picture_messages_as_phones_have_them_are_kept() {
    let mut settings = owner();
    settings.owner.odd_messages = true;
    settings.owner.ordinary = true;
    settings.owner.pictures = 1;
    let rescued = common::rescue(settings);
    let messages = messages_of(&rescued);
    // A file that the phone itself has lost makes nothing partial, and is named.
    assert_eq!(messages.verdict, Verdict::Complete, "{messages:?}");
    assert_eq!(messages.rescued, 80 + 11 + 1 + 4);
    let notes = messages.notes.join("\n");
    assert!(notes.contains("lists 1 picture or recording"), "{notes}");
    let all = records(&rescued);
    let of = |row: i64| {
        let mut all = all.iter().filter(|m| m.kind == MessageKind::Mms);
        all.find(|m| m.source.row == row).expect("the message")
    };
    assert_eq!(of(700_001).people.len(), 50);
    assert_eq!(of(700_002).parts[0].size, None);
    assert_eq!(of(700_002).text.as_deref(), Some("a picture is lost"));
    assert_eq!(of(700_002).at, Some(1_600_000_060_000));
    assert_eq!(of(700_003).at, Some(1_600_000_120_000));
    assert_eq!(of(700_003).parts[0].size, Some(7));
    assert!(of(700_004).people.is_empty() && of(700_004).parts.is_empty());
    assert!(portable_files(&rescued.folder).contains_key("messages/parts/700004.amr"));
}

#[test]
fn a_cut_among_pictures_loses_none() {
    let mut settings = owner();
    settings.owner.pictures = 25;
    let smooth = portable_files(&common::rescue(settings.clone()).folder);
    for rows in [420, 440, 460] {
        let fault = format!("unplug-after-rows={rows}");
        let mut rescued = common::rescue(common::with_fault(settings.clone(), &fault));
        if rescued.outcome.finished {
            continue;
        }
        let outcome = common::resume(&mut rescued);
        let mut all = outcome.collections.iter();
        let messages = all.find(|c| c.name == Collection::Messages);
        let messages = messages.expect("messages are judged");
        assert_eq!(
            (messages.verdict, messages.rescued),
            (Verdict::Complete, 105),
            "{fault}: {messages:?}"
        );
        let files = portable_files(&rescued.folder);
        for (name, bytes) in smooth
            .iter()
            .filter(|(name, _)| name.starts_with("messages"))
        {
            assert!(files.get(name) == Some(bytes), "{fault}: {name}");
        }
    }
}

/// The files of SMS Backup & Restore that lie on the phone: what the phone has is not taken twice, the rest is added.
#[test]
fn files_of_the_exporter_are_joined() {
    let mut settings = owner();
    settings.owner.ordinary = true;
    settings.owner.calls = 30;
    settings.owner.pictures = 3;
    let first = common::rescue(settings.clone());
    let messages = file(&first, "messages.xml");
    let older = "<sms protocol=\"0\" address=\"+4930999\" date=\"1300000000000\" type=\"1\" subject=\"null\" \
        body=\"an older one\" read=\"1\" status=\"-1\" date_sent=\"0\" />\n</smses>";
    let messages = messages
        .replace("count=\"83\"", "count=\"84\"")
        .replace("</smses>", older);
    let calls = file(&first, "calls.xml");
    let call =
        "<call number=\"+4930999\" duration=\"7\" date=\"1300000000000\" type=\"1\" />\n</calls>";
    let calls = calls
        .replace("count=\"30\"", "count=\"31\"")
        .replace("</calls>", call);
    settings.storage.exported = vec![
        (
            "SMSBackupRestore/sms-20240601101112.xml".into(),
            messages.clone().into_bytes(),
        ),
        (
            "Download/sms-20240601101112.xml".into(),
            messages.into_bytes(),
        ),
        (
            "SMSBackupRestore/calls-20240601101112.xml".into(),
            calls.into_bytes(),
        ),
        (
            "Signal/signal-2024-06-01-10-11-12.backup".into(),
            b"sealed".to_vec(),
        ),
        (
            "SmartSwitch/MESSAGE/Message.spbm".into(),
            b"sealed otherwise".to_vec(),
        ),
    ];
    let rescued = common::rescue(settings);
    assert!(rescued.outcome.safe, "{:?}", rescued.outcome.why_not);
    let own = messages_of(&rescued);
    assert_eq!(
        (own.verdict, own.rescued, own.read_back),
        (Verdict::Complete, 83, Some(83))
    );
    for (what, known) in [(Collection::Messages, 83), (Collection::Calls, 30)] {
        let mut all = rescued.outcome.from_files.iter();
        let joined = all.find(|joined| joined.name == what).expect("from files");
        assert_eq!((joined.found, joined.known), (1, known), "{joined:?}");
    }
    let csv = file(&rescued, "messages.csv");
    assert_eq!(csv.matches("an older one").count(), 1);
    assert_eq!(file(&rescued, "calls.csv").matches("+4930999").count(), 1);
    assert!(file(&rescued, "messages.xml").contains("<smses count=\"84\">"));
    let files = portable_files(&rescued.folder);
    let kept = |name: &str| files.keys().any(|path| path.ends_with(name));
    assert!(
        kept("signal-2024-06-01-10-11-12.backup") && kept("Message.spbm"),
        "{:?}",
        files.keys()
    );
}

/// An owner of some texts and six messages with a picture each.
fn with_mms(fault: &str) -> Settings {
    let mut settings = owner();
    settings.owner.ordinary = true;
    settings.owner.pictures = 6;
    common::with_fault(settings, fault)
}

fn mms_of(rescued: &Practised) -> Vec<Message> {
    let all = records(rescued).into_iter();
    all.filter(|message| message.kind == MessageKind::Mms)
        .collect()
}

/// Only a file that is not there is gone. Any other error leaves the messages partial, in the phone's words.
#[test]
fn a_picture_that_can_not_be_opened_is_not_gone() {
    for (fault, verdict, word) in [
        ("mms-lost=EACCES", Verdict::Partial, "EACCES"),
        ("mms-lost=EIO", Verdict::Partial, "EIO"),
        ("mms-lost=ENOENT", Verdict::Complete, "lists 6 pictures"),
    ] {
        let rescued = common::rescue(with_mms(fault));
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, verdict, "{fault}: {messages:?}");
        let notes = messages.notes.join("\n");
        assert!(notes.contains(word), "{fault}: {notes}");
    }
}

/// A list of parts that answers nothing is no evidence: the parts are asked for in other ways.
#[test]
fn parts_that_are_not_listed_are_asked_for() {
    for fault in [
        "mms-silent=parts",
        "mms-silent=parts-end",
        "lacks=cd:fn:name",
        "lacks=creator:sub_id:text_only",
        "lacks=charset",
    ] {
        let rescued = common::rescue(with_mms(fault));
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::Complete, "{fault}: {messages:?}");
        let all = mms_of(&rescued);
        assert_eq!(all.len(), 6, "{fault}");
        for message in &all {
            assert_eq!(message.parts.len(), 3, "{fault}: {message:?}");
            assert!(message.text.is_some(), "{fault}: {message:?}");
            assert!(!message.people.is_empty(), "{fault}: {message:?}");
        }
        let files = portable_files(&rescued.folder);
        let parts = files.keys().filter(|name| name.contains("messages/parts/"));
        assert_eq!(parts.count(), 6, "{fault}");
    }
}

#[test]
fn what_answers_nothing_at_all_is_not_complete() {
    for (fault, word) in [
        ("mms-silent=all-parts", "does not list all of their parts"),
        ("mms-silent=addresses", "has no people"),
        ("mms-silent=list", "does not list them"),
        ("mms-silent=boxes", "does not list them"),
    ] {
        let rescued = common::rescue(with_mms(fault));
        let messages = messages_of(&rescued);
        assert_eq!(messages.verdict, Verdict::Partial, "{fault}: {messages:?}");
        let notes = messages.notes.join("\n");
        assert!(notes.contains(word), "{fault}: {notes}");
        assert!(!notes.contains("kept changing"), "{fault}: {notes}");
    }
}

fn exported(name: &str, bytes: &[u8]) -> Practised {
    let mut settings = owner();
    settings.owner.ordinary = true;
    settings.storage.exported = vec![(format!("SMSBackupRestore/{name}"), bytes.to_vec())];
    common::rescue(settings)
}

/// No text and no number of a file that Lifeboat does not know reaches a person's screen or the report.
#[test]
fn an_unknown_file_of_messages_is_not_quoted() {
    let secret = "<texts><sms address=\"+4930998877\" body=\"SECRET WORDS 4711\" /></texts>";
    for name in ["sms-20240101101112.xml", "calls-20240101101112.xml"] {
        let rescued = exported(name, secret.as_bytes());
        let told = format!("{:?}", rescued.outcome);
        assert!(told.contains(name), "{told}");
        for file in ["report.html", "log.txt"] {
            let text = file_of(&rescued, file);
            assert!(
                !text.contains("SECRET") && !text.contains("998877"),
                "{file}"
            );
        }
        assert!(
            !told.contains("SECRET") && !told.contains("998877"),
            "{told}"
        );
    }
}

fn file_of(rescued: &Practised, name: &str) -> String {
    let path = rescued.folder.join("data").join(name);
    std::fs::read_to_string(path).expect("a file")
}

/// A time at the limit of the numbers ends nothing.
#[test]
fn times_at_the_limit_are_kept() {
    let file = format!(
        "<?xml version='1.0' ?>\n<smses count=\"1\"><mms date=\"{0}\" date_sent=\"{0}\" msg_box=\"1\"><parts>\
         <part ct=\"TEXT/PLAIN; charset=utf-8\" text=\"far away\" /></parts><addrs><addr address=\"+4930\" \
         type=\"137\" /></addrs></mms></smses>",
        i64::MAX
    );
    let rescued = exported("sms-20240601101112.xml", file.as_bytes());
    let csv = crate::messages::file(&rescued, "messages.csv");
    assert_eq!(csv.matches("far away").count(), 1, "{csv}");
}
