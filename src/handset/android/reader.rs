//! What every part of the driver asks with, and what it says where a handset refuses.

use std::collections::BTreeSet;
use std::time::Duration;

use super::lock;
use super::query::{Asker, View};
use super::reading::Reading;
use super::refusal::Refusal;
use super::system::System;
use super::tables::{self, Table};
use super::users::User;
use crate::handset::HandsetError;
use crate::model::{Holding, NotCovered};
use crate::protocol::adb::{AppOp, ContentUri, ShellCommand};

/// The first API level with app-ops.
const APP_OPS: u32 = 18;

/// How often a provider that isn't there is asked again, and after how long.
const RETRIES: usize = 2;
const PAUSE: Duration = Duration::from_millis(400);

/// One sentence for all that is locked, so that it is said once.
const LOCKED: &str = "Locked: nobody has unlocked this phone since it was started. Unlock it once, and leave it on: \
                      the rescue goes on then.";

/// The handset's count of a collection, and the read.
pub type Surveyed = (Holding, Option<Reading>);

/// What every part of the driver asks with.
pub struct Reader {
    pub asker: Asker,
    /// The users whose data is read, the first one first.
    pub users: Vec<User>,
    /// `dumpsys account`, taken before anything starts a provider.
    pub account_dump: String,
    pub packages: Vec<String>,
    pub packages_known: bool,
    pub samsung: bool,
    /// Numbers of users who turned out to be closed.
    pub closed_users: BTreeSet<u32>,
    /// Apps that keep their to-dos to themselves, and other data that is closed to the shell.
    pub closed_apps: Vec<NotCovered>,
    /// Which system answers.
    pub system: System,
    /// Operations with which something was seen: they are not denied without a word.
    pub seen_with: Vec<AppOp>,
    /// Android's API level.
    pub sdk: u32,
    /// Nobody has unlocked it since it was started.
    pub locked: bool,
    /// No store of its owner's data answers, though it did not say that it is locked.
    pub silent: bool,
    /// A setting of the handset's hides the collection that was asked for last.
    pub hides: bool,
}

impl Reader {
    /// Another one, to ask at the same time; its replies are kept apart.
    pub fn fork(&self) -> Self {
        Self {
            asker: self.asker.apart(),
            users: self.users.clone(),
            account_dump: self.account_dump.clone(),
            packages: self.packages.clone(),
            closed_users: self.closed_users.clone(),
            closed_apps: self.closed_apps.clone(),
            seen_with: self.seen_with.clone(),
            ..*self
        }
    }

    /// A table as this Android's `content` prints it: before 5 (API 21) it cuts numbers to 32 bits.
    pub fn view(&self, table: &'static Table) -> View {
        let times: &[&str] = match table.uri {
            ContentUri::Events => tables::EVENT_TIMES,
            ContentUri::SamsungTasks => tables::TASK_TIMES,
            _ => &[],
        };
        if self.sdk < 21 {
            View::new(table).with_cast(times)
        } else {
            View::new(table)
        }
    }

    /// Asks what there is of `what`, and again after a pause where a provider is being started anew. The inner error of
    /// `once` is the first user's refusal: one that stays makes the collection unreadable.
    pub fn survey_patiently(
        &mut self,
        what: &str,
        once: impl Fn(&mut Self) -> Result<Result<Surveyed, Refusal>, HandsetError>,
    ) -> Result<Surveyed, HandsetError> {
        let mut tries = 0;
        loop {
            let refusal = match once(self)? {
                Ok(surveyed) => return Ok(surveyed),
                Err(refusal) => refusal,
            };
            let is_closed = self.locked || self.silent;
            let passes = matches!(refusal, Refusal::NoProvider(_)) && !is_closed;
            if !passes || tries >= RETRIES {
                // It may have been restarted since it was reached, or be on its way to be open.
                self.silent |= passes && lock::is_locked(&mut self.asker)?;
                let holding = Holding {
                    unreadable: Some(self.unreadable(what, &refusal)),
                    ..Holding::default()
                };
                return Ok((holding, None));
            }
            std::thread::sleep(PAUSE);
            tries += 1;
        }
    }

    /// Why something can't be read, and what to do.
    pub fn unreadable(&self, what: &str, refusal: &Refusal) -> String {
        if let Some(other) = self.system.gives_none() {
            return other.to_owned();
        }
        match refusal {
            _ if self.locked => LOCKED.to_owned(),
            Refusal::Denied(said) => format!(
                "The handset does not let its shell read the {what} ({said}). Its maker or a policy forbids it: export \
                 them with the handset's own app."
            ),
            Refusal::NoProvider(said) => format!(
                "The handset's store of {what} did not answer ({said}). Unlock the handset, leave it on, and run the \
                 rescue again."
            ),
            Refusal::NoCommand(said) => format!(
                "The system on this phone has no “content” command, by which an Android gives contacts, calendar and to-dos \
                 ({said}): it is no usual Android, or it did not start whole. Let the phone's own apps export them to its storage or its \
                 memory card, and read it again: exported lists are read with the files."
            ),
            other => format!(
                "The {what} could not be read: {}. Run the rescue again.",
                other.said()
            ),
        }
    }

    /// An app-op set to “ignore” gives an empty answer in place of an error (AOSP `ContentProvider.Transport`):
    /// asks whether that is why a collection is empty. `answered`: the same provider has shown other rows, which is evidence
    /// enough where an Android does not tell its app-ops; so are rows seen with the same operation elsewhere. `None`: it
    /// is truly empty.
    pub fn why_empty(
        &mut self,
        permission: &str,
        op: AppOp,
        answered: bool,
    ) -> Result<Option<String>, HandsetError> {
        let said = self.asker.run(&ShellCommand::AppOps { op })?;
        let mode = said
            .lines()
            .find_map(|l| Some(l.split_once(&format!("{permission}:"))?.1.trim().to_owned()));
        let mode = mode.unwrap_or_default();
        Ok(
            if mode.starts_with("ignore") || mode.starts_with("deny") || mode.starts_with("errored")
            {
                self.hides = true;
                Some(format!(
                    "The handset hides them from its shell (app-op {permission} is “{mode}”): nothing was read. On the \
                 handset, allow the app “Shell” this permission, then go on with --resume."
                ))
            } else if self.locked {
                Some(LOCKED.to_owned())
            } else if mode.is_empty()
                && !(answered || self.seen_with.contains(&op))
                && !said.contains("No operations")
                && self.sdk >= APP_OPS
            {
                // It has app-ops and does not tell them: Android 4.3 to 4.4.
                Some(format!(
                    "The handset shows nothing, and this Android does not say whether it hides something from its shell \
                     (app-op {permission}). Look on the handset itself: if there is anything, export it there."
                ))
            } else {
                None
            },
        )
    }
}
