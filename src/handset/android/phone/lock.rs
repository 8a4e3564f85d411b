//! Tells whether the owner's data is accessible. It is encrypted until the first unlock after a restart, and while the
//! system starts no provider can be queried.
//!
//! `sys.user.0.ce_available` is only ever set to true, a moment before the providers answer (AOSP
//! `UserDataPreparer.prepareUserDataLI`). Without it the handset may be locked; with it the data may still be closed.
//! So the contacts and calendar providers are queried. Neither answers before the first unlock (AOSP
//! `ContentProviderHelper`: `getContentProviderExternal` returns no provider for a locked user).

use std::collections::HashMap;

use crate::handset::HandsetError;
use crate::handset::android::calendar::tables::CALENDARS;
use crate::handset::android::contacts::tables::RAW_CONTACTS;
use crate::handset::android::content::{QueryRunner, Refusal, View};

/// Messages of a `content` command that finds no activity manager, or one that is not ready (AOSP `Content.java`,
/// `ActivityManagerService`).
const STARTING: [&str; 4] = [
    "getContentProviderExternal",
    "before system ready",
    "is the system running",
    "Can't find service",
];

/// True if the system's properties suggest that the handset may be locked, so that a query of the providers is worth
/// its time.
pub fn is_suspected(properties: &HashMap<String, String>) -> bool {
    let is = |name: &str, value: &str| properties.get(name).is_some_and(|v| v.trim() == value);
    // File-based encryption; full-disk encryption while the system waits for the code.
    let by_file = is("ro.crypto.type", "file") && !is("sys.user.0.ce_available", "true");
    let whole = is("vold.decrypt", "trigger_restart_min_framework");
    by_file || whole || is("sys.user.0.ce_available", "false")
}

/// True if the system services are not running yet, according to the output of `dumpsys account`.
pub fn is_starting(account_dump: &str) -> bool {
    account_dump.contains("Can't find service: account")
}

/// Queries the providers; true if none of them can be reached.
///
/// # Errors
/// If the link is lost or the rescue is stopped.
pub fn is_locked(runner: &mut QueryRunner) -> Result<bool, HandsetError> {
    for table in [&RAW_CONTACTS, &CALENDARS] {
        let view = View::new(table).only(&["_id"]);
        let reply = runner.ask_anew(&view.query(view.numbers(), Some("_id=0".into())))?;
        if !reply.refusal.as_ref().is_some_and(is_out_of_reach) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// True if the provider could not be reached at all.
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
