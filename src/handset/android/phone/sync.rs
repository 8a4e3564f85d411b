//! Which accounts do not synchronise, from the sync manager's table.

use std::collections::BTreeSet;

/// What the sync manager says about the first user's accounts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sync {
    /// Synchronisation is switched off for the whole phone.
    pub is_all_off: bool,
    /// The accounts that do not synchronise something, by name, each with what it does not.
    pub accounts: Vec<(String, BTreeSet<&'static str>)>,
}

/// The data that are named, by the beginning of their authority.
const NAMED: [(&str, &str); 4] = [
    ("com.android.contacts", "contacts"),
    ("com.android.calendar", "calendar"),
    ("com.google.android.keep", "notes"),
    ("com.google.android.apps.tasks", "to-dos"),
];

/// Reads `dumpsys content` (AOSP `SyncManager.dumpSyncState`). It prints `Auto sync: u0=true`, in small letters before
/// Android 9, then a table for each account: `Account NAME uUSER TYPE`, a rule, the names of the columns, and a line for
/// each authority with `syncable` (1, 0, or -1 for unknown) and `enabled`. Lines below it begin with spaces.
pub fn read(dump: &str) -> Sync {
    let mut sync = Sync::default();
    let mut account: Option<(String, BTreeSet<&'static str>)> = None;
    let mut lines = dump.lines().peekable();
    while let Some(line) = lines.next() {
        let rules = |line: &&str| line.starts_with("=====");
        if let Some(all) = value_of(line, "auto sync: ") {
            sync.is_all_off = all
                .split([',', ' '])
                .any(|user| user == "u0=false" || user == "false");
        } else if let Some(named) = line
            .strip_prefix("Account ")
            .filter(|_| lines.peek().is_some_and(rules))
        {
            sync.accounts.extend(account.take());
            account = of_first_user(named).map(|name| (name, BTreeSet::new()));
        } else if let Some((_, off)) = &mut account
            && !line.starts_with(char::is_whitespace)
        {
            off.extend(switched_off(line));
        }
    }
    sync.accounts.extend(account);
    sync.accounts.retain(|(_, off)| !off.is_empty());
    sync
}

/// The rest of a line that begins with `name` in capital or small letters.
fn value_of<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let start = line.get(..name.len())?;
    start
        .eq_ignore_ascii_case(name)
        .then(|| line.get(name.len()..))
        .flatten()
}

/// The name in `NAME u0 TYPE`. A name may contain spaces.
fn of_first_user(account: &str) -> Option<String> {
    let (rest, _kind) = account.trim_end().rsplit_once(' ')?;
    let (name, user) = rest.rsplit_once(' ')?;
    (user == "u0").then(|| name.to_owned())
}

/// Returns the name of the data that this authority could synchronise but does not.
fn switched_off(line: &str) -> Option<&'static str> {
    let mut words = line.split_whitespace();
    let (authority, syncable, enabled) = (words.next()?, words.next()?, words.next()?);
    let (_, what) = NAMED.iter().find(|(name, _)| *name == authority)?;
    let is_off = syncable.parse::<i32>().is_ok_and(|n| n > 0) && enabled == "false";
    is_off.then_some(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "Data connected: true\nBattery saver: false\nAuto sync: u0=true \nAccounts: 2\n\nSync Status\n";
    const RULE: &str = "=======================================================================\n\
                        Authority                                Syncable  Enabled  Stats  Loc\n";

    #[test]
    fn what_is_switched_off_is_named_by_account() {
        let dump = format!(
            "{HEAD}Account kim lee@example.org u0 com.google\n{RULE}\
             com.android.calendar                     1         false    Total  0    0\n\
                                                                         Today\n\
             com.android.contacts                     1         true     Total  0    0\n\
             com.google.android.gms.fitness           -1        false    Total  0    0\n\
             com.google.android.keep                  0         false    Total  0    0\n\
             Account w@example.org u10 com.google\n{RULE}\
             com.android.contacts                     1         false    Total  0    0\n\
             Account a@example.org u0 com.google\n{RULE}\
             com.android.contacts                     1         false    Total\n\nSync History\n"
        );
        let sync = read(&dump);
        let names: Vec<(&str, Vec<&str>)> = sync
            .accounts
            .iter()
            .map(|(name, off)| (name.as_str(), off.iter().copied().collect()))
            .collect();
        assert_eq!(
            names,
            [
                ("kim lee@example.org", vec!["calendar"]),
                ("a@example.org", vec!["contacts"])
            ]
        );
        assert!(!sync.is_all_off);
    }

    #[test]
    fn the_switch_of_the_phone_in_every_form() {
        for (line, is_off) in [
            ("Auto sync: u0=false\n", true),
            ("auto sync: u0=false, u10=true\n", true),
            ("auto sync: u0=true u10=false\n", false),
            ("auto sync: false\n", true),
            ("Can't find service: content\n", false),
            ("", false),
        ] {
            assert_eq!(read(line).is_all_off, is_off, "{line}");
        }
    }
}
