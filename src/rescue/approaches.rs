//! Several approaches to one device, one after the other: each collection is read by the first that gives it.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::error::RescueError;
use super::log_header;
use super::progress::Progress;
use super::read::{End, Part, Reader};
use crate::collections::lock;
use crate::handset::Handset;
use crate::handset::find::Other;
use crate::model::{Collection, Stop};
use crate::phrase;
use crate::vault::Vault;

/// Reads all collections of a handset, then reads the missing collections by the other approaches. Each approach is
/// opened only if it is needed, after the previous approach was closed.
pub(super) fn read_all(
    handset: &mut dyn Handset,
    others: Vec<Other>,
    (vault, stop, part): (&Mutex<Vault>, &Stop, Part),
    tell: &mut dyn FnMut(Progress),
    contacts_are_read: &mut dyn FnMut(),
) -> Result<End, RescueError> {
    let only = lock(vault).source().only.clone();
    let mut end = Reader::new(handset, vault, stop, tell, part)?
        .with_others(covered(&others))
        .read_all(&only, contacts_are_read)?;
    log_header::log_asked(handset, &mut lock(vault))?;
    let mut others = others.into_iter();
    while let Some(other) = others.next() {
        let left = end.left.iter().copied();
        let mine: Vec<Collection> = left.filter(|what| other.covers.contains(what)).collect();
        if end.broken.is_some() || mine.is_empty() {
            continue;
        }
        handset.hang_up();
        match (other.open)() {
            Ok(mut next) => {
                log_header::goes_on(next.as_ref(), &mut lock(vault), &mine)?;
                let more = Reader::new(next.as_mut(), vault, stop, tell, part)?
                    .with_others(covered(others.as_slice()))
                    .read_left(&mine)?;
                log_header::log_asked(next.as_mut(), &mut lock(vault))?;
                end.left.retain(|what| !mine.contains(what));
                end.left.extend(more.left);
                end.broken = more.broken;
                end.waits |= more.waits;
            }
            Err(error) => {
                let why = format!("{error}. {}", error.advice);
                lock(vault).log(&phrase!(
                    "Another way to read it could not be opened: {why}"
                ))?;
                tell(Progress::Advice(why));
                // It can be read when that is done.
                end.waits = true;
            }
        }
    }
    Ok(end)
}

fn covered(others: &[Other]) -> BTreeSet<Collection> {
    others
        .iter()
        .flat_map(|other| other.covers.iter().copied())
        .collect()
}
