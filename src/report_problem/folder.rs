//! The content of a rescue folder except its journal: its files, the bag's own data, and the custody log.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;

use super::Pages;
use super::rules::Rules;
use crate::phrase;
use crate::system::plain;
use crate::vault::ticks;

/// Maximum number of bytes read from a text file.
const MOST: u64 = 256 << 10;

/// Files that show how far a rescue got.
const FILES: &[&str] = &[
    "bagit.txt",
    "bag-info.txt",
    "manifest-sha256.txt",
    "tagmanifest-sha256.txt",
    "custody.jsonl",
    "data/lifeboat.sqlite",
    "data/lifeboat.sqlite-wal",
    "data/lifeboat.sqlite-journal",
    "data/log.txt",
    "data/report.html",
    "data/contacts.vcf",
    "data/contacts-v4.vcf",
    "data/calendar.ics",
    "data/todos.ics",
    "data/files.csv",
];

/// Reports on the folder.
pub fn tell(folder: &Path, rules: &Rules, pages: &mut Pages) {
    pages.part(phrase("The folder"));
    for name in FILES {
        let length = plain::length_in(folder, Path::new(name));
        pages.line(&match length {
            Some(length) => format!("{name}: {length} bytes"),
            None => format!("{name}: missing"),
        });
    }
    pages.holds(phrase("which files of the rescue exist, and their sizes").into());
    for (name, each) in [
        ("bag-info.txt", info as fn(&Rules, &str) -> String),
        ("custody.jsonl", custody),
    ] {
        let Some(lines) = lines(folder, name, pages) else {
            continue;
        };
        pages.part(name);
        for line in lines {
            pages.line(&each(rules, &line));
        }
    }
}

/// Reads the lines of a file, without those that are not text. `None`: the file does not exist or can't be read.
pub fn lines(folder: &Path, name: &str, pages: &mut Pages) -> Option<Vec<String>> {
    let file = match plain::open_in(folder, Path::new(name)) {
        Ok(file) => file,
        Err(error) => {
            pages.unread(phrase!("{name} could not be read: {error}"));
            return None;
        }
    };
    let mut lines = Vec::new();
    for line in BufReader::new(file.take(MOST)).split(b'\n') {
        match line {
            Ok(line) => lines.push(String::from_utf8_lossy(&line).into_owned()),
            Err(error) => {
                pages.unread(phrase!("{name} could not be read completely: {error}"));
                break;
            }
        }
    }
    Some(lines)
}

/// Converts a line of bag-info.txt: the operator and the ticket are replaced.
fn info(rules: &Rules, line: &str) -> String {
    match line.split_once(": ") {
        Some((name @ ("External-Identifier" | "Contact-Name"), value)) => {
            format!("{name}: {}", rules.replacer.text(value))
        }
        Some((name @ ("Bagging-Date" | "Bag-Software-Agent" | "Payload-Oxum"), value))
            if value
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b" .-".contains(&b)) =>
        {
            format!("{name}: {value}")
        }
        Some((
            name @ ("Handset-Make" | "Handset-Model" | "Handset-System" | "External-Description"),
            value,
        )) => format!("{name}: {}", rules.sentence(value)),
        Some(_) | None => rules.replacer.text(line),
    }
}

/// Converts a line of the custody log: keeps the action and its time, and replaces its details.
fn custody(rules: &Rules, line: &str) -> String {
    let Ok(serde_json::Value::Object(entry)) = serde_json::from_str(line) else {
        return rules.replacer.text(line);
    };
    let text = |name: &str| entry.get(name).and_then(|v| v.as_str()).unwrap_or_default();
    let details = entry.get("details").and_then(|d| d.as_object());
    let details = details.into_iter().flatten().map(|(name, value)| {
        let value = value.as_str().unwrap_or_default();
        let value = match name.as_str() {
            // Lifeboat's own sentences.
            ticks::LINE | ticks::TEXT => rules.sentence(value),
            _ => rules.replacer.text(value),
        };
        format!("{}={value}", rules.sentence(name))
    });
    let at = match chrono::DateTime::parse_from_rfc3339(text("at")) {
        Ok(_) => text("at").to_owned(),
        Err(_) => rules.replacer.text(text("at")),
    };
    format!(
        "{at} {} {}",
        rules.sentence(text("what")),
        details.collect::<Vec<_>>().join(", ")
    )
}
