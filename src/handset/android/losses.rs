//! Data that a reset destroys and that Lifeboat does not read, one sentence each.

use super::driver::Android;
use super::phone::accounts::Accounts;
use super::phone::users::Unread;
use crate::model::NotCovered;
use crate::phrase;

impl Android {
    pub(super) fn losses(&mut self) -> Vec<NotCovered> {
        let mut lines = vec![
            phrase("Picture messages (MMS), drafts, messages that were not sent, and messages in the mailbox.")
                .to_owned(),
            phrase("Data inside apps: chats, game scores, settings, downloads.").to_owned(),
        ];
        for (package, line) in [
            (
                "com.whatsapp",
                phrase(
                    "WhatsApp messages: back them up first, in WhatsApp's settings under Chats.",
                ),
            ),
            (
                "org.thoughtcrime.securesms",
                phrase("Signal messages: Signal's own backup needs its 30-digit code."),
            ),
            (
                "org.telegram.messenger",
                phrase("Telegram secret chats: they exist only on this phone."),
            ),
            (
                "com.google.android.apps.authenticator2",
                phrase("Google Authenticator codes: export them to another phone first."),
            ),
            (
                "com.azure.authenticator",
                phrase("Microsoft Authenticator codes: back them up first."),
            ),
            ("com.authy.authy", phrase("Authy codes.")),
        ] {
            if self.session.packages.iter().any(|p| p == package) {
                lines.push(line.to_owned());
            }
        }
        lines.push(
            phrase(
                "An eSIM, if the phone has one: ask your mobile provider first, and choose to keep the eSIM when the \
                 reset asks.",
            )
                .to_owned(),
        );
        let accounts = Accounts::parse(&self.session.account_dump, 0);
        for (name, kind) in accounts.iter().filter(|(_, kind)| kind == "com.google") {
            lines.push(phrase!(
                "After a reset, the phone asks for the password of {name} ({kind}). Try this password on another \
                 device first. Don't change it today: a password that was changed less than 24 hours before a \
                 reset (72 hours on old phones) locks the phone."
            ));
        }
        lines.push(
            phrase(
                "Pictures that are not in the phone's own storage: photos stored only in the cloud, in Google \
                 Photos' locked folder or in a secure folder.",
            )
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
