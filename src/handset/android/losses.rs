//! What a reset of this handset destroys or asks for, as far as the handset shows it without being changed.

use super::driver::Android;
use super::messages::survey;
use super::phone::accounts::Accounts;
use super::phone::esims::{Esims, esims};
use super::phone::sync::{self, Sync};
use super::phone::users::Unread;
use crate::handset::HandsetError;
use crate::model::{NotCovered, ResetKind, ResetLine};
use crate::phrase;
use crate::protocol::adb::ShellCommand;
use crate::reset::{self, apps, rank};

/// The first API level that asks for the password of a Google account after some resets.
const LOCKS: u32 = 22;

/// The first API level that knows eSIMs.
const ESIMS: u32 = 28;

/// Samsung's app for a Secure Folder, which is on every Samsung. A folder that is in use is a user of its own.
const SECURE_FOLDER: &str = "com.samsung.knox.securefolder";

impl Android {
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub(super) fn losses(&mut self) -> Result<Vec<NotCovered>, HandsetError> {
        let mut all = self.not_covered.clone();
        all.append(&mut self.session.closed_apps.clone());
        for user in self.session.users.iter().skip(1) {
            all.push(match self.session.closed_users.contains(&user.id) {
                true => user.not_covered(Unread::Refused),
                false => user.files(),
            });
        }
        let known = |app: &str| {
            all.iter()
                .any(|one| one.line.names.iter().any(|n| n == app))
        };
        let installed: Vec<String> = self
            .session
            .packages
            .iter()
            .filter(|one| *one != SECURE_FOLDER)
            .cloned()
            .collect();
        let of_apps = apps::lines(&installed).into_iter();
        let mut lines: Vec<ResetLine> = of_apps
            .filter(|line| line.names.iter().all(|app| !known(app)))
            .collect();
        // An app's own line says more.
        let has = |lines: &[ResetLine], id: &str| lines.iter().any(|line| line.id.starts_with(id));
        if !has(&lines, "messages") {
            lines.push(messages(self.session.sdk));
        }
        if !has(&lines, "google-photos") {
            lines.push(hidden_pictures());
        }
        lines.extend((!self.session.packages_known).then(apps_not_shown));
        lines.push(apps::the_rest());
        if self.session.sdk >= ESIMS && self.session.system.why_no_collections().is_none() {
            let dump = self.session.subscriptions()?;
            lines.extend(esim(&esims(&dump)));
        }
        let accounts = Accounts::parse(&self.session.account_dump, 0);
        lines.extend(lock(&accounts, self.session.sdk));
        if accounts.iter().next().is_some() {
            let dump = self.session.runner.run(&ShellCommand::SyncState)?;
            lines.extend(unsynced(&sync::read(&dump), &accounts));
        }
        all.extend(lines.into_iter().map(NotCovered::listed));
        Ok(all)
    }
}

fn messages(sdk: u32) -> ResetLine {
    let lost = match sdk < survey::MAY_READ {
        true => phrase(
            "Drafts and messages that were not sent were not saved, nor any message that the table above does not count: \
             most phones with this Android share none.",
        ),
        false => phrase(
            "Drafts, messages that were not sent and messages in the mailbox were not saved, nor one-time codes \
             that new systems hide for some hours.",
        ),
    };
    ResetLine {
        names: vec![phrase("unsent messages").to_owned()],
        ..reset::line(
            ResetKind::NotRead,
            "messages",
            rank::MESSAGES,
            lost,
            phrase("Back them up with the phone's own backup."),
        )
    }
}

fn hidden_pictures() -> ResetLine {
    ResetLine {
        names: vec![phrase("pictures in locked folders").to_owned()],
        ..reset::line(
            ResetKind::NotRead,
            "hidden-pictures",
            rank::HIDDEN_PICTURES,
            phrase(
                "Pictures in a locked folder, and those only in the cloud, are not shown over USB.",
            ),
            phrase(
                "Ask the owner. Move them out, or check on another device that they are in the cloud.",
            ),
        )
    }
}

fn apps_not_shown() -> ResetLine {
    reset::line(
        ResetKind::Other,
        "apps-not-shown",
        rank::SECURE_FOLDER,
        phrase("The phone did not show which apps it has."),
        phrase(
            "Go through its apps with the owner: authenticators, banking apps, messengers, wallets, notes.",
        ),
    )
}

fn esim(esims: &Esims) -> Option<ResetLine> {
    let (lost, names) = match esims {
        Esims::Unknown => (
            phrase("The phone does not show whether it has an eSIM.").to_owned(),
            Vec::new(),
        ),
        Esims::Named(names) => {
            let named: Vec<&str> = names
                .iter()
                .map(String::as_str)
                .filter(|name| !name.is_empty())
                .collect();
            let named = match named.is_empty() {
                true => String::new(),
                false => format!(" ({})", named.join(", ")),
            };
            let lost = match names.len() {
                0 => return None,
                1 => phrase!("An eSIM is stored in this phone{named}."),
                number => phrase!("{number} eSIMs are stored in this phone{named}."),
            };
            (lost, names.clone())
        }
    };
    Some(ResetLine {
        names,
        ..reset::line(
            ResetKind::Esim,
            "esim",
            rank::ESIM,
            lost,
            phrase(
                "When the reset asks about eSIMs, choose to keep them. Ask the mobile provider now how to get a new \
                 one.",
            ),
        )
    })
}

/// Accounts whose password is needed, by type, and the rule of their maker. Google's is published
/// (<https://support.google.com/android/answer/6172890>); the others are desk practice.
fn rule(kind: &str, name: &str) -> Option<String> {
    Some(match kind {
        "com.google" => phrase!(
            "After a reset with its keys or from another device, this phone asks for the password of {name} (Google)."
        ),
        "com.osp.app.signin" => {
            phrase!("A reset in Settings asks for the password of {name} (Samsung account).")
        }
        "com.xiaomi" => phrase!(
            "While “Find device” is on, every reset asks for the password of {name} (Xiaomi account)."
        ),
        "com.huawei.hwid" | "com.hihonor.id" => phrase!(
            "While “Find device” is on, every reset asks for the password of {name} (Huawei or Honor ID)."
        ),
        _ => return None,
    })
}

fn lock(accounts: &Accounts, sdk: u32) -> Option<ResetLine> {
    let asked = |kind: &str| sdk >= LOCKS || kind != "com.google";
    let all = accounts.iter().filter(|(_, kind)| asked(kind));
    let rules: Vec<String> = all.filter_map(|(name, kind)| rule(kind, name)).collect();
    let lost = match rules.as_slice() {
        [] => return None,
        [one] => one.clone(),
        [first, _] => phrase!("{first} The details list 1 more account."),
        [first, others @ ..] => phrase!("{first} The details list {} more accounts.", others.len()),
    };
    Some(ResetLine {
        names: rules,
        ..reset::line(
            ResetKind::Lock,
            "password",
            rank::LOCK,
            lost,
            phrase(
                "Try the password on another device. Don't change it today: a password that was changed less than 24 \
                 hours before a reset (72 hours on old phones) locks the phone.",
            ),
        )
    })
}

fn unsynced(sync: &Sync, accounts: &Accounts) -> Option<ResetLine> {
    let has_server = accounts.iter().any(|(_, kind)| kind == "com.google");
    let (lost, names) = if sync.is_all_off && has_server {
        (
            phrase("Automatic synchronisation is switched off on this phone. What was added since then is in no account.")
                .to_owned(),
            Vec::new(),
        )
    } else {
        let named: Vec<String> = sync
            .accounts
            .iter()
            .map(|(name, off)| {
                let off: Vec<&str> = off.iter().copied().collect();
                format!("{name} ({})", off.join(", "))
            })
            .collect();
        if named.is_empty() {
            return None;
        }
        let lost = phrase!(
            "Synchronisation is switched off: {}. What was added since then is in no account.",
            named.join("; ")
        );
        (lost, named)
    };
    Some(ResetLine {
        names,
        ..reset::line(
            ResetKind::Account,
            "synchronise",
            rank::UNSYNCED,
            lost,
            phrase(
                "Lifeboat has saved the contacts and the calendar. Ask the owner before switching it on: an emptied \
                 account empties the phone.",
            ),
        )
    })
}
