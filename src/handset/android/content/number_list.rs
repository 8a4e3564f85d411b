//! Long lists of numbers, handed over row by row as they arrive: no list is held in memory as a whole.

use std::sync::Arc;

use super::query::{QueryRunner, RETRIES, Reply};
use super::raw::{NOT_WHOLE, RawParts};
use super::refusal::{self, MAX_LEAD, Refusal};
use super::rows;
use super::view::View;
use crate::format::content_rows::{End, Layout, RowReader};
use crate::handset::HandsetError;
use crate::protocol::adb::{Chunk, Query, ShellMode};

/// The longest list, in bytes: enough for more than five million rows.
const MAX_LIST: u64 = 256 << 20;

/// The limit on stored error output of a list, in bytes.
const MAX_ERRORS: usize = 1 << 20;

/// The result of a list.
pub struct Listed<T> {
    /// The view, with only the columns that the provider knows.
    pub view: View,
    pub made: T,
    /// Why the list is incomplete.
    pub refusal: Option<Refusal>,
    /// Text found in place of a row, or after the last row.
    pub odd_end: Option<Refusal>,
}

/// Reads the list of a table's numbers with the query that `query` builds for a view. Leaves out columns that the
/// provider doesn't know, and repeats the query if its reply breaks off. `each` adds a row's numbers to the result.
pub fn whole<T: Default>(
    runner: &mut QueryRunner,
    mut view: View,
    query: impl Fn(&View) -> Query,
    mut each: impl FnMut(&mut T, &View, &[Option<i64>]),
) -> Result<Listed<T>, HandsetError> {
    let mut tries = 0;
    loop {
        let (query, mut made) = (query(&view), T::default());
        let mut take = |row: &[Option<i64>]| each(&mut made, &view, row);
        let past = runner.recalls.then(|| runner.past_reply(&query)).flatten();
        let (refusal, odd_end) = match past {
            Some(text) => {
                let reply = Reply {
                    text,
                    refusal: None,
                };
                (None, rows::each_number_row(view.numbers(), &reply, take))
            }
            None => ask(runner, &view, &query, &mut take)?,
        };
        match &refusal {
            // A reply that broke off may lack rows.
            Some(Refusal::Other(_)) if tries < RETRIES => {
                tries += 1;
                continue;
            }
            Some(Refusal::UnknownColumn(column)) => {
                if let Some(smaller) = runner.narrowed(&view, column)? {
                    view = smaller;
                    continue;
                }
            }
            _ => {}
        }
        return Ok(Listed {
            view,
            made,
            refusal,
            odd_end,
        });
    }
}

/// Sends the query for a list of numbers, even if a reply from an earlier part of the rescue is known. Calls `each`
/// with a row's numbers in the order of the view; rows before a refusal were handed over too. Returns why the list is
/// incomplete, and the text found in place of a row.
fn ask(
    runner: &QueryRunner,
    view: &View,
    query: &Query,
    mut each: impl FnMut(&[Option<i64>]),
) -> Result<(Option<Refusal>, Option<Refusal>), HandsetError> {
    let _slot = runner.slot();
    let mut stream = runner.open(query)?;
    let mut reader = RowReader::new(&Arc::new(Layout::new(view.numbers(), &[])));
    let mut row = vec![None; view.numbers().len()];
    let mut is_list = true;
    let mut take_rows = |reader: &mut RowReader| {
        while is_list {
            match reader.next_row() {
                Ok(Some(found)) => {
                    for (column, number) in row.iter_mut().enumerate() {
                        *number = found.number(column);
                    }
                    each(&row);
                }
                Ok(None) => break,
                Err(_) => is_list = false,
            }
        }
        is_list
    };
    let (mut lead, mut errors, mut exit, mut last) = (Vec::new(), Vec::new(), 0, None);
    let (mut length, mut parts, mut goes_on) = (0, RawParts::default(), true);
    while let Some(chunk) = stream.read()? {
        match chunk {
            Chunk::Stdout(bytes) => {
                length += bytes.len() as u64;
                if length > MAX_LIST {
                    return Err(HandsetError::endless_reply());
                }
                let room = MAX_LEAD.saturating_sub(lead.len());
                lead.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
                last = bytes.last().copied().or(last);
                parts.push(&bytes);
                if goes_on {
                    reader.push(&bytes);
                    goes_on = take_rows(&mut reader);
                }
            }
            Chunk::Stderr(bytes) => {
                let room = MAX_ERRORS.saturating_sub(errors.len());
                errors.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
            }
            Chunk::Exit(code) => exit = code,
        }
    }
    if stream.mode() != ShellMode::V2 {
        let mut rest = reader.rest().to_vec();
        let cut = refusal::cut_mixed_errors(&mut rest);
        if !cut.is_empty() {
            if length <= MAX_LEAD as u64 {
                refusal::cut_mixed_errors(&mut lead);
            }
            last = rest.last().copied().or(Some(b'\n'));
            reader.replace_rest(&rest);
            errors.extend(cut);
        }
    }
    reader.end();
    take_rows(&mut reader);
    let refusal = refusal::refusal(&lead, &errors, exit);
    let refusal = refusal.or_else(|| refusal::cut_short(last.as_ref(), exit));
    let odd_end = match reader.ending() {
        End::Other(text) => Some(Refusal::sorted(&text)),
        End::Rows(_) | End::NoResult => None,
    };
    let mut request = runner.request(query);
    if refusal.is_some() {
        request.push_str(NOT_WHOLE);
    }
    parts.push(&errors);
    runner.kept.push(parts.into_reply(request));
    Ok((refusal, odd_end))
}
