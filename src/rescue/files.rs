//! Reading back what was written, for the verdict.

use std::collections::BTreeMap;

use crate::collections::{AllWritten, rooms};
use crate::model::{Collection, Stop};
use crate::vault::Vault;

/// Returns the number of things found on the disk again, by collection, or why some file is not what was written. The
/// written files were read back when they were written.
///
/// If `are_copies_read` is set, all copies of files are read again. `progress` receives the bytes read since its last
/// call. Once `stop` is set, the result is meaningless.
pub fn read_back(
    vault: &Vault,
    written: &AllWritten,
    are_copies_read: bool,
    stop: &Stop,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeMap<Collection, u64>, String> {
    let mut back = BTreeMap::new();
    for (what, own) in written {
        if let Some(count) = &own.back {
            back.insert(*what, count.clone()?);
        }
    }
    for (what, room) in Collection::ALL.into_iter().zip(rooms()) {
        if !are_copies_read {
            break;
        }
        let whole = (room.read_copies)(vault, stop, progress);
        back.extend(whole.map_err(|e| e.to_string())?.map(|whole| (what, whole)));
    }
    Ok(back)
}

#[cfg(test)]
mod tests;
