//! The raw form of a record: the phone's own rows, and the record as the vault keeps it.

use super::details::line;
use super::list::keys_of;
use crate::model::{Collection, RecordBody, Source};
use crate::phrase;
use crate::vault::{Vault, VaultError};

/// The most bytes that are shown of the rows.
const MOST_SHOWN: usize = 64 << 10;

/// The longest row that is looked at.
const LONGEST_ROW: usize = 1 << 20;

/// Returns what the phone sent about the record with this key, and the record as it is kept, as text that is safe to
/// show.
///
/// # Errors
/// If the journal can't be read.
pub fn raw(vault: &Vault, of: Collection, key: &str) -> Result<String, VaultError> {
    let mut text = String::new();
    let mut rows = Vec::new();
    for key in keys_of(key) {
        for place in [of, Collection::Sim, Collection::Files] {
            let Some(record) = vault.record(place, key)? else {
                continue;
            };
            rows.extend(sources(&record.body).iter().map(|source| source.row));
            text.push_str(&phrase!("Kept in lifeboat.sqlite as {}:\n", line(key)));
            let json = serde_json::to_string_pretty(&record.body).unwrap_or_default();
            for part in json.lines() {
                text.push_str(&line_kept(part));
                text.push('\n');
            }
            text.push('\n');
            break;
        }
    }
    let sent = sent(vault, of, &rows)?;
    Ok(match sent.is_empty() {
        true => format!(
            "{text}{}",
            phrase("The phone's replies are in lifeboat.sqlite too, in the table raw.")
        ),
        false => format!("{}\n{sent}\n{text}", phrase("Sent by the phone:")),
    })
}

/// A line that is safe to show, with the blanks before it.
fn line_kept(text: &str) -> String {
    let blanks = text.len() - text.trim_start().len();
    format!("{}{}", " ".repeat(blanks), line(text))
}

fn sources(body: &RecordBody) -> &[Source] {
    match body {
        RecordBody::Contact(contact) | RecordBody::Profile(contact) => &contact.sources,
        RecordBody::Event(event) => std::slice::from_ref(&event.source),
        RecordBody::Todo(todo) => std::slice::from_ref(&todo.source),
        RecordBody::Call(call) => std::slice::from_ref(&call.source),
        RecordBody::Message(message) => std::slice::from_ref(&message.source),
        RecordBody::Note(note) => std::slice::from_ref(&note.source),
        RecordBody::Calendar(_)
        | RecordBody::File(_)
        | RecordBody::Copied(_)
        | RecordBody::Undecoded { .. } => &[],
    }
}

/// The rows of Android's tables with these numbers, one column a line.
fn sent(vault: &Vault, of: Collection, rows: &[i64]) -> Result<String, VaultError> {
    let mut text = String::new();
    if rows.is_empty() {
        return Ok(text);
    }
    let marks: Vec<String> = rows.iter().map(|row| format!("_id={row}")).collect();
    let mut open = Vec::new();
    let mut asked = String::new();
    vault.for_each_raw(of, |request, first, bytes| {
        if text.len() > MOST_SHOWN {
            return Ok(());
        }
        if first {
            show(&mut text, &asked, &open, &marks);
            open.clear();
            request.clone_into(&mut asked);
        }
        open.extend_from_slice(bytes);
        // Rows that are complete.
        if let Some(end) = memchr::memmem::rfind(&open, b"\nRow: ") {
            show(
                &mut text,
                &asked,
                open.get(..end).unwrap_or_default(),
                &marks,
            );
            open.drain(..=end);
        }
        open.truncate(LONGEST_ROW);
        Ok::<_, VaultError>(())
    })?;
    show(&mut text, &asked, &open, &marks);
    Ok(text)
}

/// Adds the rows that have one of these marks as the value of a column.
fn show(text: &mut String, asked: &str, rows: &[u8], marks: &[String]) {
    let rows = String::from_utf8_lossy(rows);
    for row in rows.split("\nRow: ") {
        let is_column = |at: usize, length: usize| {
            let before = row.get(..at).and_then(|text| text.chars().next_back());
            let after = row.get(at + length..).and_then(|text| text.chars().next());
            matches!(before, None | Some(' ')) && matches!(after, None | Some(',' | '\n' | '\r'))
        };
        let has = |mark: &String| {
            let mut places = row.match_indices(mark.as_str());
            places.any(|(at, found)| is_column(at, found.len()))
        };
        if text.len() > MOST_SHOWN || !marks.iter().any(has) {
            continue;
        }
        text.push_str(&format!("> {}\n", line(asked)));
        let row = row.strip_prefix("Row: ").unwrap_or(row);
        let columns = row.split_once(' ').map_or(row, |(_, columns)| columns);
        for column in columns.split(", ") {
            text.push_str(&format!("  {}\n", line(column)));
        }
    }
}
