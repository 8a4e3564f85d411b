//! Long lists of numbers, handed over row by row while they come: no list is held whole.

use std::sync::Arc;

use super::exact;
use super::query::{Asker, NOT_WHOLE, RETRIES, RawParts, Reply, View};
use super::refusal::{self, MAX_LEAD, Refusal};
use crate::format::content_rows::{End, Layout, RowReader};
use crate::handset::HandsetError;
use crate::protocol::adb::{Chunk, Query, ShellMode};

/// The longest list, in bytes: five million rows and more.
const MAX_LIST: u64 = 256 << 20;

/// The most that is kept of what is said beside a list, in bytes.
const MAX_ERRORS: usize = 1 << 20;

/// The result of a list.
pub struct Listed<T> {
    /// With the columns that the provider knows.
    pub view: View,
    pub made: T,
    /// Why it is not whole.
    pub refusal: Option<Refusal>,
    /// What stood in the place of a row, or behind the last one.
    pub odd_end: Option<Refusal>,
}

/// Asks for the list of a table's numbers that `query` makes of its view: without the columns that its provider doesn't
/// know, and again where the reply broke off. `each` adds a row's numbers to what is made of the list.
pub fn whole<T: Default>(
    asker: &mut Asker,
    mut view: View,
    query: impl Fn(&View) -> Query,
    mut each: impl FnMut(&mut T, &View, &[Option<i64>]),
) -> Result<Listed<T>, HandsetError> {
    let mut tries = 0;
    loop {
        let (query, mut made) = (query(&view), T::default());
        let mut take = |row: &[Option<i64>]| each(&mut made, &view, row);
        let past = asker.recalls.then(|| asker.past_reply(&query)).flatten();
        let (refusal, odd_end) = match past {
            Some(text) => {
                let reply = Reply {
                    text,
                    refusal: None,
                };
                (None, exact::each_number_row(view.numbers(), &reply, take))
            }
            None => ask(asker, &view, &query, &mut take)?,
        };
        match &refusal {
            // A reply that broke off may lack rows.
            Some(Refusal::Other(_)) if tries < RETRIES => {
                tries += 1;
                continue;
            }
            Some(Refusal::UnknownColumn(column)) => {
                if let Some(smaller) = asker.narrowed(&view, column)? {
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

/// Asks for a list of numbers, whatever was replied in an earlier part of the rescue: `each` gets a row's numbers in the
/// order of the view's. What came before a refusal was handed over too. Gives why the list is not whole, and what stood in the
/// place of a row.
fn ask(
    asker: &Asker,
    view: &View,
    query: &Query,
    mut each: impl FnMut(&[Option<i64>]),
) -> Result<(Option<Refusal>, Option<Refusal>), HandsetError> {
    let _slot = asker.slot();
    let mut stream = asker.open(query)?;
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
    let refusal = refusal::refusal(&lead, &errors);
    let refusal = refusal.or_else(|| refusal::cut_short(last.as_ref(), exit));
    let odd_end = match reader.ending() {
        End::Other(text) => Some(Refusal::sorted(&text)),
        End::Rows(_) | End::NoResult => None,
    };
    let mut request = asker.request(query);
    if refusal.is_some() {
        request.push_str(NOT_WHOLE);
    }
    parts.push(&errors);
    asker.kept.push(parts.into_reply(request));
    Ok((refusal, odd_end))
}
