//! The list of calls. Nothing is joined: each call on the phone is one call in the files.

use std::cmp::Reverse;

use super::Journal;
use crate::model::{Call, Collection, RecordBody};
use crate::vault::{RecordKind, VaultError};

/// Calls `each` with every call, the newest first. Returns the number of rows that could not be decoded.
///
/// # Errors
/// If the journal can't be read, and those of `each`.
pub fn each<E: From<VaultError>>(
    journal: &impl Journal,
    mut each: impl FnMut(&str, Call) -> Result<(), E>,
) -> Result<u64, E> {
    let (mut order, mut undecoded) = (Vec::new(), 0);
    let kinds = [RecordKind::Call, RecordKind::Undecoded];
    journal.each(Collection::Calls, &kinds, |record| {
        match record.body {
            RecordBody::Call(call) => {
                let Call { at, source, .. } = call;
                order.push((Reverse(at), source.place, Reverse(source.row), record.key));
            }
            _ => undecoded += 1,
        }
        Ok::<_, E>(())
    })?;
    order.sort_unstable();
    for (_, _, _, key) in order {
        match journal
            .one(Collection::Calls, &key)?
            .map(|record| record.body)
        {
            Some(RecordBody::Call(call)) => each(&key, call)?,
            _ => return Err(journal.lacks(&key).into()),
        }
    }
    Ok(undecoded)
}
