//! Whether the owner's data are open: before the first unlocking since a restart they are sealed, and while the system
//! is starting nobody can be asked for them.
//!
//! `sys.user.0.ce_available` is only ever set to true, a moment before the stores answer (AOSP
//! `UserDataPreparer.prepareUserDataLI`), so its absence is a suspicion and its presence no proof: the stores of
//! contacts and of the calendar are asked. Neither answers before the first unlocking (AOSP `ContentProviderHelper`, whose
//! `getContentProviderExternal` gives none to a user who is locked).

use std::collections::HashMap;

use super::query::{Asker, View};
use super::refusal::Refusal;
use super::tables;
use crate::handset::HandsetError;

/// What a `content` command says that finds no activity manager, or one that is not ready (AOSP `Content.java`,
/// `ActivityManagerService`).
const STARTING: [&str; 4] = [
    "getContentProviderExternal",
    "before system ready",
    "is the system running",
    "Can't find service",
];

/// True where what the system tells of itself makes a look at the stores worth its time.
pub fn is_suspected(properties: &HashMap<String, String>) -> bool {
    let is = |name: &str, value: &str| properties.get(name).is_some_and(|v| v.trim() == value);
    // Encryption by file; encryption of the whole, where the system waits for its code.
    let by_file = is("ro.crypto.type", "file") && !is("sys.user.0.ce_available", "true");
    let whole = is("vold.decrypt", "trigger_restart_min_framework");
    by_file || whole || is("sys.user.0.ce_available", "false")
}

/// True where the services of the system are not there yet, by the answer to `dumpsys account`.
pub fn is_starting(account_dump: &str) -> bool {
    account_dump.contains("Can't find service: account")
}

/// Asks the stores; true where none of them can be reached.
///
/// # Errors
/// If the link is lost or the rescue is stopped.
pub fn is_locked(asker: &mut Asker) -> Result<bool, HandsetError> {
    for table in [&tables::RAW_CONTACTS, &tables::CALENDARS] {
        let view = View::new(table).only(&["_id"]);
        let reply = asker.ask_anew(&view.query(view.numbers(), Some("_id=0".into())))?;
        if !reply.refusal.as_ref().is_some_and(is_out_of_reach) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True where no store could be reached at all.
fn is_out_of_reach(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::NoProvider(_) => true,
        Refusal::Other(said) => STARTING.iter().any(|mark| said.contains(mark)),
        Refusal::Denied(_)
        | Refusal::UnknownColumn(_)
        | Refusal::UnknownUri(_)
        | Refusal::NoCommand(_)
        | Refusal::TooLarge(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn properties(list: &[(&str, &str)]) -> HashMap<String, String> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        list.iter().map(owned).collect()
    }

    #[test]
    fn what_is_not_said_to_be_open_is_looked_at() {
        let file = ("ro.crypto.type", "file");
        let ce = "sys.user.0.ce_available";
        for (list, is) in [
            (&[file, (ce, "true")][..], false),
            (&[file], true),
            (&[file, (ce, "")], true),
            (&[(ce, "false")], true),
            (&[("ro.crypto.type", "block")], false),
            (&[("vold.decrypt", "trigger_restart_min_framework")], true),
            (&[("vold.decrypt", "trigger_restart_framework")], false),
            (&[], false),
        ] {
            assert_eq!(is_suspected(&properties(list)), is, "{list:?}");
        }
    }
}
