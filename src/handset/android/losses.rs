//! Data that a reset destroys and that Lifeboat does not read, one sentence each.

use super::driver::Android;
use super::phone::accounts::Accounts;
use super::phone::users::Unread;
use crate::model::NotCovered;

impl Android {
    pub(super) fn losses(&mut self) -> Vec<NotCovered> {
        let mut lines = vec![
            "Text messages (SMS, MMS) and messages in the mailbox.".to_owned(),
            "What apps keep for themselves: chats, game scores, settings, downloads.".to_owned(),
        ];
        for (package, line) in [
            (
                "com.whatsapp",
                "WhatsApp's messages: in its settings, Chats, back them up first.",
            ),
            (
                "org.thoughtcrime.securesms",
                "Signal's messages: its own backup needs its 30-digit code.",
            ),
            (
                "org.telegram.messenger",
                "Telegram's secret chats, which are on this phone only.",
            ),
            (
                "com.google.android.apps.authenticator2",
                "Codes in Google Authenticator: export them to another phone first.",
            ),
            (
                "com.azure.authenticator",
                "Codes in Microsoft Authenticator: back them up first.",
            ),
            ("com.authy.authy", "Codes in Authy."),
        ] {
            if self.session.packages.iter().any(|p| p == package) {
                lines.push(line.to_owned());
            }
        }
        lines.push(
            "An eSIM, if there is one: choose to keep it where the reset asks, and ask the operator before."
                .to_owned(),
        );
        let accounts = Accounts::parse(&self.session.account_dump, 0);
        for (name, kind) in accounts.iter().filter(|(_, kind)| kind == "com.google") {
            lines.push(format!(
                "After a reset the phone asks for the password of {name} ({kind}): try it on another device first. Do not \
                 change it today: a password that was changed less than 24 hours before a reset (72 on old phones) \
                 locks the phone."
            ));
        }
        lines.push(
            "Pictures that are not in the phone's own storage: those freed up and kept in a cloud alone, in Google \
             Photos' locked folder, in a secure folder."
                .to_owned(),
        );
        let mut all = self.not_covered.clone();
        all.append(&mut self.session.closed_apps.clone());
        for user in self.session.users.iter().skip(1) {
            all.push(match self.session.closed_users.contains(&user.id) {
                true => user.not_covered(Unread::Refused),
                false => user.files(),
            });
        }
        all.extend(lines.into_iter().map(NotCovered::listed));
        all
    }
}
