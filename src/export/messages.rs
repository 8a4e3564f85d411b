//! The files of messages: `messages.xml`, which SMS Backup & Restore restores on an Android, `messages.csv`, and a page
//! for each conversation.

mod lists;
mod page;
mod parts;

use std::fs;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::format::messages_xml;
use crate::model::{Message, MessageFolder, MessagePart, PartFile, size};
use crate::phrase;
use crate::vault::for_display;

pub use lists::Lists;
pub use page::{INDEX, Pages};
pub use parts::{PARTS, Parts};

/// The files' names in the payload folder.
pub const CSV: &str = "messages.csv";
pub const XML: &str = "messages.xml";
pub const FOLDER: &str = "messages";
/// The folders that hold the pages and what they show, below the data folder.
pub const FOLDERS: &[&str] = &[FOLDER, "messages/parts"];
/// The first page, below the data folder.
pub const FIRST_PAGE: &str = "messages/index.html";

/// Returns the name of a part of `messages.xml`, from 1.
fn xml_name(number: usize) -> String {
    match number {
        0 | 1 => XML.to_owned(),
        number => format!("messages-{number}.xml"),
    }
}

/// Returns the number of messages in the files on the disk.
///
/// # Errors
/// A sentence, if a file can't be read or the files don't agree.
pub fn read_back(data: &Path) -> Result<u64, String> {
    let failed = |name: &str, error: &dyn std::fmt::Display| format!("{name}: {error}");
    let (mut messages, mut in_parts) = (0, 0);
    for number in 1.. {
        let name = xml_name(number);
        let path = data.join(&name);
        if number > 1 && !path.exists() {
            break;
        }
        let xml = File::open(path).map_err(|e| failed(&name, &e))?;
        let mut here = 0;
        let said = messages_xml::read(BufReader::new(xml), |message| {
            here += 1;
            in_parts += message
                .parts
                .iter()
                .filter_map(|part| part.size)
                .sum::<u64>();
        });
        let said = said.map_err(|e| failed(&name, &e))?;
        if said != Some(here) {
            return Err(phrase!(
                "{name} does not hold as many messages as it states"
            ));
        }
        messages += here;
    }
    let mut rows = 0;
    let mut csv = csv::Reader::from_path(data.join(CSV)).map_err(|e| failed(CSV, &e))?;
    for row in csv.byte_records() {
        row.map_err(|e| failed(CSV, &e))?;
        rows += 1;
    }
    let folder = data.join(FOLDER);
    let mut on_pages = 0;
    for entry in fs::read_dir(&folder).map_err(|e| failed(FOLDER, &e))? {
        let path = entry.map_err(|e| failed(FOLDER, &e))?.path();
        if path.extension().is_some_and(|ending| ending == "html") {
            on_pages += page::count(&path).map_err(|e| failed(FOLDER, &e))?;
        }
    }
    let beside = parts::size(data).map_err(|e| failed(FOLDER, &e))?;
    if in_parts != beside {
        return Err(phrase!(
            "the pictures of messages have {beside} bytes in {FOLDER}/, and {in_parts} in {XML}"
        ));
    }
    match rows == messages && on_pages == messages {
        true => Ok(messages),
        false => Err(phrase!(
            "{CSV} holds {rows} messages, {XML} {messages}, and the pages {on_pages}"
        )),
    }
}

/// Returns where a message lies, in words.
pub fn folder_in_words(folder: MessageFolder) -> String {
    match folder {
        MessageFolder::Received => phrase("received").into(),
        MessageFolder::Sent => phrase("sent").into(),
        MessageFolder::Draft => phrase("draft").into(),
        MessageFolder::Outbox => phrase("being sent").into(),
        MessageFolder::Failed => phrase("not sent").into(),
        MessageFolder::Queued => phrase("to be sent").into(),
        MessageFolder::Other(number) => phrase!("the maker's kind {number}"),
        MessageFolder::Unknown => String::new(),
    }
}

/// Returns what a message without content is (AOSP `PduHeaders.MESSAGE_TYPE_…`): a report, or a message that the phone
/// had not fetched.
pub fn without_content(message: &Message) -> Option<&'static str> {
    if message.text.is_some() || !message.parts.is_empty() {
        return None;
    }
    Some(match message.other("m_type")? {
        "130" => phrase("a message that the phone had not fetched from the network"),
        "134" => phrase("a report of delivery"),
        "135" | "136" => phrase("a report of reading"),
        _ => return None,
    })
}

/// Describes a part: its name or type, and its size.
pub fn part_in_words(part: &MessagePart) -> String {
    let name = part.name.as_deref().map(str::trim).unwrap_or_default();
    let name = match name.is_empty() {
        true => for_display(&part.media_type),
        false => for_display(name),
    };
    match (&part.file, part.size) {
        (Some(PartFile::Missing), _) => phrase!("{name}, missing: its file was not there"),
        (_, Some(bytes)) => format!("{name}, {}", size(bytes)),
        // The pages say where its copy is.
        (Some(PartFile::At(_)), None) => name,
        (None, None) => phrase!("{name}, not read"),
    }
}
