//! The accounts on the handset, and the meaning of missing accounts.
//!
//! When AOSP's providers next start, they delete the rows of accounts that are no longer on the handset
//! (`ContactsProvider2.updateAccountsInBackground`, `CalendarProvider2.onAccountsUpdated`). So accounts are listed
//! before anything starts a provider.

use std::collections::BTreeSet;

use crate::model::Account;

/// Account types that mean the handset itself or its SIM, even if an app registers them: no server has their data.
/// AOSP's own local account has no type; `LOCAL` is `CalendarContract.ACCOUNT_TYPE_LOCAL`. Makers have many more types,
/// which no app registers: see [`Accounts::is_local`].
const LOCAL: &[&str] = &[
    "LOCAL",
    "vnd.sec.contact.phone",
    "vnd.sec.contact.sim",
    "vnd.sec.contact.sim2",
    "com.android.localphone",
    "com.android.contacts.default",
    "com.android.sim",
    "com.android.contacts.sim",
    "com.oppo.contacts.device",
    "com.coloros.contacts.device",
    "com.xiaomi.local",
    "com.lge.sync",
    "com.lge.phone",
    "com.htc.android.pcsc",
    "com.htc.android.localsim",
    "com.sonyericsson.localcontacts",
    "com.sonyericsson.localcalendar",
    "com.motorola.blur.contacts.UNCONNECTED_ACCOUNT",
    "com.asus.local.phone",
    "com.huawei.android.hwid.local",
    "local",
    "phone",
    "Local Phone Account",
    "USIM Account",
    "SIM Account",
];

/// The accounts that the handset lists.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    /// Name and type; `None`: the handset did not list its accounts.
    known: Option<BTreeSet<(String, String)>>,
    /// Account types for which a sign-in app is installed. Empty: the handset did not list them.
    registered: BTreeSet<String>,
}

impl Accounts {
    /// Reads `dumpsys account`. It prints a line `Accounts: N` for each user, then `Account {name=…, type=…}`, then
    /// `ServiceInfo: AuthenticatorDescription {type=…}, …` for each sign-in app (AOSP `AccountManagerService.dumpUser`,
    /// `Account.toString`, `RegisteredServicesCache.dump`).
    pub fn parse(dump: &str, user: u32) -> Self {
        let mut known = None;
        let mut registered = BTreeSet::new();
        let mut in_user = user == 0;
        for line in dump.lines() {
            let line = line.trim();
            if let Some(info) = line.strip_prefix("User UserInfo{") {
                in_user = info.split(':').next() == Some(&user.to_string());
            } else if in_user && line.starts_with("Accounts: ") {
                known.get_or_insert_with(BTreeSet::new);
            } else if let (true, Some((_, app))) =
                (in_user, line.split_once("AuthenticatorDescription {type="))
            {
                registered.extend(app.split_once('}').map(|(kind, _)| kind.to_owned()));
            } else if let (true, Some(accounts), Some(account)) =
                (in_user, &mut known, line.strip_prefix("Account {name="))
                && let Some((name, kind)) = account.rsplit_once(", type=")
            {
                accounts.insert((name.to_owned(), kind.trim_end_matches('}').to_owned()));
            }
        }
        Self { known, registered }
    }

    /// True if the handset listed its accounts.
    pub fn are_known(&self) -> bool {
        self.known.is_some()
    }

    /// The name and type of each account.
    pub fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.known.iter().flatten()
    }

    /// True if the account means the handset itself, so that no server has its data. Makers choose the names of such
    /// account types freely (`com.android.huawei.phone`, `asus.local.phone`, `com.verizon.Phone`,
    /// `vnd.oneplus.contact.phone`). In all cases, the handset does not list the account and no app signs in to it.
    pub fn is_local(&self, account: &Account) -> bool {
        let Some(kind) = account.kind.as_deref().filter(|kind| !kind.is_empty()) else {
            return true;
        };
        LOCAL.contains(&kind) || (self.is_unlisted(account) && !self.registered.contains(kind))
    }

    /// True if the account was removed from the handset: an app signs in to accounts of its type, and the handset has
    /// none of that name. The provider will delete its rows.
    pub fn is_gone(&self, account: &Account) -> bool {
        self.is_unlisted(account) && !self.is_local(account)
    }

    /// True if the handset listed its accounts, and this one is not among them.
    fn is_unlisted(&self, account: &Account) -> bool {
        let (Some(known), Some(name), Some(kind)) = (&self.known, &account.name, &account.kind)
        else {
            return false;
        };
        !known.contains(&(name.clone(), kind.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_of_each_user() {
        let dump = "User UserInfo{0:Owner:c13}:\n  Accounts: 2\n    Account {name=a, type=b@c.d, type=com.google}\n    \
                    Account {name=x, type=y}\n\n  Active Sessions: 0\n\n  RegisteredServicesCache: 2 services\n    \
                    ServiceInfo: AuthenticatorDescription {type=com.google}, ComponentInfo{a/b}, uid 10113\n    \
                    ServiceInfo: AuthenticatorDescription {type=z}, ComponentInfo{c/d}, uid 10114\n\
                    User UserInfo{10:Work:30}:\n  Accounts: 1\n    Account {name=w, type=z}\n";
        let account = |name: &str, kind: &str| Account {
            name: Some(name.into()),
            kind: Some(kind.into()),
            data_set: None,
        };
        let owner = Accounts::parse(dump, 0);
        assert!(!owner.is_gone(&account("a, type=b@c.d", "com.google")));
        assert!(owner.is_gone(&account("w", "z")));
        assert!(owner.is_gone(&account("another@c.d", "com.google")));
        assert!(!owner.is_local(&account("a, type=b@c.d", "com.google")));
        for local in [
            "com.android.huawei.phone",
            "asus.local.phone",
            "com.verizon.Phone",
            "vnd.tmobileus.contact.phone",
            "vnd.oneplus.contact.phone",
        ] {
            assert!(!owner.is_gone(&account("Phone", local)), "{local}");
            assert!(owner.is_local(&account("Phone", local)), "{local}");
        }
        assert!(!owner.is_gone(&account("Phone", "vnd.sec.contact.phone")));
        assert!(!Accounts::parse(dump, 10).is_gone(&account("w", "z")));
        assert!(!Accounts::parse("Can't find service: account", 0).is_gone(&account("w", "z")));
    }
}
