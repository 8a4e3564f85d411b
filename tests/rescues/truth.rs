//! The data that a practice handset holds, read without the debug bridge, and the part of it that is missing from a
//! rescue's files.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use lifeboat::format::vcard::read::CardReader;
use lifeboat::model::Collection;
use lifeboat::practice::android::{PracticeAndroid, Settings, Sim, Store};
use lifeboat::protocol::adb::{Adb, ContentUri, Options, Query, ShellCommand};
use lifeboat::rescue::Outcome;
use rusqlite::types::Value;

/// Data that the handset holds, that is in no file and was not reported as missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    pub collection: Collection,
    pub what: String,
}

/// Texts, with the number of times that each occurs.
type Bag = HashMap<String, usize>;

/// Compares the handset's current data with the files, and with the outcome's list of data that is not covered.
pub fn lost(
    settings: &Settings,
    handset: &PracticeAndroid,
    folder: &Path,
    outcome: &Outcome,
) -> Vec<Lost> {
    let data = folder.join("data");
    let told = outcome.not_covered.join("\n");
    let mut found = Vec::new();
    let mut lose = |collection, texts: Vec<String>| {
        found.extend(texts.into_iter().map(|what| Lost { collection, what }));
    };
    let mut users = vec![0];
    users.extend(
        settings
            .owner
            .users
            .iter()
            .filter(|u| !told.contains(&u.name))
            .map(|u| u.id),
    );

    let mut cards = texts_of_cards(&data.join("contacts.vcf"));
    let mut events = summaries(&data.join("calendar.ics"));
    let (mut alarms, mut due_alarms) = (alarms(&data.join("calendar.ics")), 0);
    for user in users {
        let rows = |store, sql: &str| handset.peek(user, store, sql).expect("rows");
        // A value that several joined raw contacts share stands only once in their card.
        let people = rows(
            Store::Contacts,
            "SELECT DISTINCT coalesce(contact_id, -raw_contacts._id), mimetype, data1 FROM data \
             JOIN raw_contacts ON raw_contact_id=raw_contacts._id JOIN mimetypes ON mimetype_id=mimetypes._id \
             WHERE deleted=0 AND mimetype IN ('vnd.android.cursor.item/phone_v2', \
             'vnd.android.cursor.item/email_v2', 'vnd.android.cursor.item/note', 'vnd.android.cursor.item/name')",
        );
        lose(
            Collection::Contacts,
            take(people.iter().map(|row| &row[2]), &mut cards),
        );
        let diary = rows(
            Store::Calendar,
            "SELECT title FROM Events WHERE deleted=0 AND NOT (eventStatus=2 AND \
             (original_id IS NOT NULL OR original_sync_id IS NOT NULL) AND eventStatus IS NOT NULL)",
        );
        lose(
            Collection::Calendar,
            take(diary.iter().map(|row| &row[0]), &mut events),
        );
        let reminders = rows(
            Store::Calendar,
            "SELECT DISTINCT event_id, minutes, method FROM Reminders JOIN Events ON event_id=Events._id \
             WHERE deleted=0 AND coalesce(eventStatus,0)!=2 AND method IN (1,2,4) AND minutes>=0",
        );
        due_alarms += reminders.len();
    }
    if alarms < due_alarms {
        alarms = due_alarms - alarms;
        lose(
            Collection::Calendar,
            vec![format!("{alarms} of {due_alarms} reminders")],
        );
    }
    let mut own = texts_of_cards(&data.join("me.vcf"));
    let profile = handset.peek(
        0,
        Store::Profile,
        "SELECT 0, 0, data1 FROM data WHERE mimetype_id IN (1,5,7,12)",
    );
    if !told.contains("own card") {
        let profile = profile.expect("rows");
        lose(
            Collection::Contacts,
            take(profile.iter().map(|row| &row[2]), &mut own),
        );
    }
    if settings.samsung {
        let mut todos = summaries(&data.join("todos.ics"));
        let rows = handset.peek(
            0,
            Store::Calendar,
            "SELECT subject FROM Tasks WHERE deleted=0",
        );
        let rows = rows.expect("rows");
        lose(
            Collection::Todos,
            take(rows.iter().map(|row| &row[0]), &mut todos),
        );
    }
    for app in &settings.software.task_apps {
        let name = match *app {
            "org.dmfs.tasks" => "OpenTasks",
            "org.tasks" => "Tasks.org",
            _ => "jtx Board",
        };
        if !told.contains(name) {
            lose(Collection::Todos, vec![format!("what is in {name}")]);
        }
    }
    let told_of = |what| {
        let named = outcome.not_covered.iter();
        let mut named = named.filter_map(|line| Some(line.split_once(':')?.0));
        named.any(|whats| whats.split(", ").any(|one| one == what))
    };
    if !told_of("SIM card") {
        let cards = texts_of_cards(&data.join("contacts.vcf"));
        let lacking = sim_numbers(settings)
            .into_iter()
            .filter(|n| !cards.contains_key(n));
        lose(Collection::Sim, lacking.collect());
    }
    if settings.photos > 0 {
        lose(
            Collection::Files,
            photos_not_in(settings, &data.join("photos/DCIM/Camera")),
        );
    }
    found
}

/// A text in a form that both sides can be compared in: without the characters that files can't hold.
fn plain(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: String = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .collect();
    kept.trim().to_owned()
}

/// Removes texts from a bag. Returns the texts that it does not contain.
fn take<'v>(texts: impl Iterator<Item = &'v Value>, bag: &mut Bag) -> Vec<String> {
    let mut lacking = Vec::new();
    for text in texts {
        let Value::Text(text) = text else { continue };
        let text = plain(text);
        match bag.get_mut(&text) {
            _ if text.is_empty() => {}
            Some(left) if *left > 0 => *left -= 1,
            _ => lacking.push(text),
        }
    }
    lacking
}

/// Every text of every card.
fn texts_of_cards(path: &Path) -> Bag {
    let mut bag = Bag::new();
    let Ok(bytes) = fs::read(path) else {
        return bag;
    };
    for card in CardReader::new(&bytes[..]) {
        let card = card.expect("a card");
        for property in &card.properties {
            let mut texts = vec![property.text()];
            texts.extend(property.text().strip_prefix("tel:").map(str::to_owned));
            // The exact values that the card does not show.
            if property.name.eq_ignore_ascii_case("X-LIFEBOAT-DATA") {
                let exact: serde_json::Value =
                    serde_json::from_str(&property.text()).expect("exact values");
                strings_of(&exact, &mut texts);
            }
            texts.dedup();
            for text in texts {
                *bag.entry(plain(&text)).or_default() += 1;
            }
        }
    }
    bag
}

/// Adds all strings of a JSON value.
fn strings_of(value: &serde_json::Value, texts: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => texts.push(text.clone()),
        serde_json::Value::Array(all) => all.iter().for_each(|one| strings_of(one, texts)),
        serde_json::Value::Object(all) => all.values().for_each(|one| strings_of(one, texts)),
        _ => {}
    }
}

fn unfolded(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.replace("\r\n ", "").replace("\r\n\t", "")
}

/// The SUMMARY of every component except alarms.
fn summaries(path: &Path) -> Bag {
    let mut bag = Bag::new();
    let (mut in_alarm, text) = (false, unfolded(path));
    for line in text.split("\r\n") {
        match line {
            "BEGIN:VALARM" => in_alarm = true,
            "END:VALARM" => in_alarm = false,
            _ if in_alarm => {}
            line => {
                if let Some(value) = line.strip_prefix("SUMMARY:") {
                    *bag.entry(plain(&unescaped(value))).or_default() += 1;
                }
            }
        }
    }
    bag
}

fn alarms(path: &Path) -> usize {
    unfolded(path).matches("BEGIN:VALARM").count()
}

/// RFC 5545 section 3.3.11.
fn unescaped(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('n' | 'N') => text.push('\n'),
                other => text.extend(other),
            },
            c => text.push(c),
        }
    }
    text
}

/// A handset with the same files and SIM card, but without faults.
fn open_twin(settings: &Settings) -> PracticeAndroid {
    PracticeAndroid::new(Settings {
        android: 30,
        contacts: 0,
        events: 0,
        todos: 0,
        seed: settings.seed,
        sim: Sim {
            entries: settings.sim.entries,
            ..Sim::default()
        },
        photos: settings.photos,
        ..Settings::default()
    })
}

/// Photos without a copy that has the same bytes.
fn photos_not_in(settings: &Settings, folder: &Path) -> Vec<String> {
    let adb = Adb::connect(open_twin(settings).link(), Options::default()).expect("a connection");
    let mut sync = adb.sync();
    let listing = sync.list(b"/sdcard/DCIM/Camera", 1_000).expect("a folder");
    let mut lacking = Vec::new();
    for entry in listing.entries {
        let name = String::from_utf8(entry.name).expect("text");
        let mut bytes = Vec::new();
        sync.recv(format!("/sdcard/DCIM/Camera/{name}").as_bytes(), &mut bytes)
            .expect("a photo");
        if fs::read(folder.join(&name)).ok() != Some(bytes) {
            lacking.push(name);
        }
    }
    lacking
}

/// The numbers on the SIM card.
fn sim_numbers(settings: &Settings) -> Vec<String> {
    if settings.sim.entries.is_none_or(|count| count == 0) {
        return Vec::new();
    }
    let open = open_twin(settings);
    let adb = Adb::connect(open.link(), Options::default()).expect("a connection");
    let query = ShellCommand::ContentQuery(Query {
        uri: ContentUri::IccAdn,
        user: None,
        projection: Vec::new(),
        filter: None,
        sort: None,
    });
    let output = adb.run(&query, 1 << 20).expect("a reply").stdout;
    let text = String::from_utf8_lossy(&output).into_owned();
    let number = |line: &str| {
        Some(
            line.split_once(", number=")?
                .1
                .split(", emails=")
                .next()?
                .to_owned(),
        )
    };
    text.lines()
        .filter_map(number)
        .map(|n| plain(&n))
        .filter(|n| !n.is_empty() && n != "NULL")
        .collect()
}
