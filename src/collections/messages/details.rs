//! A conversation in reading order: with whom it is, its extent, and its newest messages.

use std::collections::VecDeque;

use chrono::{DateTime, Local};

use super::conversations::Conversations;
use crate::collections::Journal;
use crate::collections::details::{Details, Fields, line};
use crate::export::messages::{folder_in_words, part_in_words};
use crate::model::{Message, grouped};
use crate::phrase;
use crate::vault::VaultError;

/// Number of messages that are shown. The page of the conversation has all of them.
const MOST_SHOWN: usize = 200;

/// Returns the details of the conversation with this number.
///
/// # Errors
/// If the journal can't be read.
pub fn details(
    journal: &impl Journal,
    all: &mut Conversations,
    number: u32,
) -> Result<Details, VaultError> {
    let order = std::mem::take(&mut all.order);
    let mut newest = VecDeque::new();
    for placed in order {
        if placed.conversation == number {
            newest.push_front(placed.key);
            newest.truncate(MOST_SHOWN);
        }
    }
    let mut fields = Fields::default();
    let Some(one) = all.all.get(number as usize) else {
        return Ok(fields.done());
    };
    fields.add(phrase("Who"), &all.title(one));
    for address in &one.addresses {
        let name = all.names.of(address).unwrap_or_default();
        fields.add_with(phrase("Number"), address, &[name]);
    }
    fields.add(phrase("Messages"), &grouped(one.count));
    fields.add(phrase("Oldest"), &when(one.oldest));
    let at = one.newest.as_ref().and_then(|(at, ..)| *at);
    fields.add(phrase("Newest"), &when(at));
    for key in &newest {
        let message = all.one(journal, key)?;
        fields.add(&label(message.at), &text(all, &message));
    }
    let more = one.count.saturating_sub(newest.len() as u64);
    if more > 0 {
        let more = grouped(more);
        fields.add(
            phrase("Older"),
            &phrase!("{more} more, on the conversation's page in the folder messages/"),
        );
    }
    Ok(fields.done())
}

fn local(at: Option<i64>) -> Option<DateTime<Local>> {
    let at = at.and_then(DateTime::from_timestamp_millis)?;
    Some(at.with_timezone(&Local))
}

fn when(at: Option<i64>) -> String {
    local(at).map_or_else(
        || phrase("no date").into(),
        |at| at.format("%-d %b %Y %H:%M:%S %:z").to_string(),
    )
}

/// A label as narrow as the column of labels.
fn label(at: Option<i64>) -> String {
    local(at).map_or_else(
        || phrase("no date").into(),
        |at| at.format("%d.%m. %H:%M").to_string(),
    )
}

/// A message as text: who wrote it, its text, and its parts.
fn text(all: &Conversations, message: &Message) -> String {
    // Without `..`: a new field of a message does not compile until it is handled here.
    let Message {
        kind: _,
        folder,
        people: _,
        at: _,
        sent: _,
        read: _,
        subject,
        text,
        parts,
        thread: _,
        sim: _,
        service_center: _,
        extended: _,
        source: _,
    } = message;
    let author = all.author(message);
    let author = author.unwrap_or_else(|| folder_in_words(*folder));
    let mut shown = format!("{author}: ");
    for subject in subject.iter().filter(|subject| !subject.is_empty()) {
        shown.push_str(&format!("[{}] ", line(subject)));
    }
    shown.push_str(text.as_deref().unwrap_or_default());
    for part in parts.iter().filter(|part| part.is_attachment()) {
        shown.push_str(&format!("\n[{}]", part_in_words(part)));
    }
    shown
}
