//! The raw form of a record: the phone's own rows, and the record as the vault keeps it.

use super::details::{Field, line, places};
use super::list::keys_of;
use crate::model::Collection;
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
            rows.extend(record.body.sources().iter().map(|source| source.row));
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

/// The rows of Android's tables with these numbers, one column a line.
fn sent(vault: &Vault, of: Collection, rows: &[i64]) -> Result<String, VaultError> {
    let mut text = String::new();
    let mut requests: Vec<String> = Vec::new();
    each_row(vault, of, rows, &mut || false, &mut |asked, _, row| {
        let number = match requests.iter().position(|one| one == asked) {
            Some(place) => place + 1,
            None => {
                requests.push(asked.to_owned());
                requests.len()
            }
        };
        text.push_str(&phrase!("In the reply to request {number}:\n"));
        let row = row.strip_prefix("Row: ").unwrap_or(row);
        let columns = row.split_once(' ').map_or(row, |(_, columns)| columns);
        for column in columns.split(", ") {
            text.push_str(&format!("  {}\n", line(column)));
        }
        text.len() <= MOST_SHOWN
    })?;
    // The requests are long, and the values are what a reader looks for.
    for (place, asked) in requests.iter().enumerate() {
        text.push_str(&phrase!("\nRequest {}:\n  {}\n", place + 1, line(asked)));
    }
    Ok(text)
}

/// For a contact that the phone joined from several accounts, notes at each value the accounts that have it, if the
/// phone's rows show them. Returns false if there is nothing to note. Ends early once `is_over` returns true.
///
/// # Errors
/// If the journal can't be read.
pub fn tell_accounts(
    vault: &Vault,
    of: Collection,
    key: &str,
    fields: &mut [Field],
    is_over: &mut dyn FnMut() -> bool,
) -> Result<bool, VaultError> {
    let keys = keys_of(key);
    let [key] = keys.as_slice() else {
        return Ok(false);
    };
    let Some(record) = vault.record(of, key)? else {
        return Ok(false);
    };
    let sources = record.body.sources();
    let all = places(sources);
    if all.len() < 2 {
        return Ok(false);
    }
    let rows: Vec<i64> = sources.iter().map(|source| source.row).collect();
    let mut found: Vec<Vec<String>> = vec![Vec::new(); fields.len()];
    each_row(vault, of, &rows, is_over, &mut |_, number, row| {
        let source = sources.iter().find(|source| source.row == number);
        let place = source.map(|source| places(std::slice::from_ref(source)).concat());
        for (field, found) in fields.iter().zip(&mut found) {
            let value = bare(&field.value);
            if let (Some(place), true) = (&place, value.len() > 2 && row.contains(value))
                && !found.contains(place)
            {
                found.push(place.clone());
            }
        }
        true
    })?;
    let mut some = false;
    let stored = [phrase("Stored in"), phrase("Only here")];
    for (field, found) in fields.iter_mut().zip(found).skip(1) {
        if !found.is_empty() && found.len() < all.len() && !stored.contains(&field.label.as_str()) {
            field.origin = found.join(", ");
            some = true;
        }
    }
    Ok(some)
}

/// The first line of a value, without a remark in brackets after it.
fn bare(value: &str) -> &str {
    let first = value.lines().next().unwrap_or_default();
    match first.rsplit_once(" (") {
        Some((value, remark)) if remark.ends_with(')') => value,
        _ => first,
    }
}

/// What a row is handed to: the request, the row's number and its text. Returns false to end.
type Each<'a> = &'a mut dyn FnMut(&str, i64, &str) -> bool;

/// Calls `each` with the rows of Android's tables that have one of these numbers as the value of a column `_id`. Ends
/// once `is_over` returns true.
fn each_row(
    vault: &Vault,
    of: Collection,
    rows: &[i64],
    is_over: &mut dyn FnMut() -> bool,
    each: Each<'_>,
) -> Result<(), VaultError> {
    if rows.is_empty() {
        return Ok(());
    }
    let marks: Vec<(i64, String)> = rows
        .iter()
        .map(|row| (*row, format!("_id={row}")))
        .collect();
    let (mut open, mut asked, mut goes_on) = (Vec::new(), String::new(), true);
    vault.for_each_raw(of, |request, first, bytes| {
        goes_on = goes_on && !is_over();
        if !goes_on {
            return Ok(());
        }
        if first {
            goes_on = look_into(&asked, &open, &marks, each);
            open.clear();
            request.clone_into(&mut asked);
        }
        open.extend_from_slice(bytes);
        // Rows that are complete.
        if let Some(end) = memchr::memmem::rfind(&open, b"\nRow: ") {
            let complete = open.get(..end).unwrap_or_default();
            goes_on = goes_on && look_into(&asked, complete, &marks, each);
            open.drain(..=end);
        }
        open.truncate(LONGEST_ROW);
        Ok::<_, VaultError>(())
    })?;
    if goes_on {
        look_into(&asked, &open, &marks, each);
    }
    Ok(())
}

/// Hands on the rows that have one of these marks as the value of a column.
fn look_into(asked: &str, rows: &[u8], marks: &[(i64, String)], each: Each<'_>) -> bool {
    let rows = String::from_utf8_lossy(rows);
    for row in rows.split("\nRow: ") {
        let is_column = |at: usize, length: usize| {
            let before = row.get(..at).and_then(|text| text.chars().next_back());
            let after = row.get(at + length..).and_then(|text| text.chars().next());
            matches!(before, None | Some(' ')) && matches!(after, None | Some(',' | '\n' | '\r'))
        };
        let has = |mark: &&(i64, String)| {
            let mut places = row.match_indices(mark.1.as_str());
            places.any(|(at, found)| is_column(at, found.len()))
        };
        if let Some((number, _)) = marks.iter().find(has)
            && !each(asked, *number, row)
        {
            return false;
        }
    }
    true
}
