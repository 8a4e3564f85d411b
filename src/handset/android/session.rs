//! The state shared by all parts of the driver, and the messages for refusals.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use super::content::{QueryRunner, Refusal, Table, TableRead, View};
use super::phone::lock;
use super::phone::system::System;
use super::phone::users::User;
use crate::handset::HandsetError;
use crate::model::{Holding, NotCovered};
use crate::phrase;
use crate::protocol::adb::{AppOp, ShellCommand};

/// The first API level that has app-ops.
const APP_OPS: u32 = 18;

/// How often a query is repeated if its provider does not run, and the pause in between.
const RETRIES: usize = 2;
const PAUSE: Duration = Duration::from_millis(400);

/// One sentence for everything that is locked, so that it is shown only once.
const LOCKED: &str = phrase(
    "Locked: this phone has not been unlocked since it was started. Unlock it once, and leave \
     it on. The rescue then continues.",
);

/// The handset's count of a collection, and its read.
pub type Surveyed = (Holding, Option<TableRead>);

/// The state shared by all parts of the driver.
pub struct Session {
    pub runner: QueryRunner,
    /// The users whose data is read, first user first.
    pub users: Vec<User>,
    /// The output of `dumpsys account`, from before anything starts a provider.
    pub account_dump: String,
    pub packages: Vec<String>,
    pub packages_known: bool,
    pub samsung: bool,
    /// Numbers of users whose data turned out to be closed.
    pub closed_users: BTreeSet<u32>,
    /// Apps whose to-dos are private, and other data that is closed to the shell.
    pub closed_apps: Vec<NotCovered>,
    /// The system that answers.
    pub system: System,
    /// Operations that returned rows: the handset does not silently deny them.
    pub seen_with: Vec<AppOp>,
    /// The output of `getprop`.
    pub properties: HashMap<String, String>,
    /// Android's API level.
    pub sdk: u32,
    /// The handset was not unlocked since it was started.
    pub locked: bool,
    /// Samsung's Maintenance mode hides the owner's data. Unlocking doesn't end it.
    pub in_maintenance: bool,
    /// No provider of the owner's data answers, although the handset did not say that it is locked.
    pub silent: bool,
    /// A setting of the handset hides the last queried collection.
    pub hides: bool,
    /// The output of `dumpsys isub`, once it was asked for.
    pub subscriptions: Option<String>,
}

impl Session {
    /// Another session, for use at the same time. Its raw replies are stored separately.
    pub fn fork(&self) -> Self {
        Self {
            runner: self.runner.apart(),
            users: self.users.clone(),
            account_dump: self.account_dump.clone(),
            packages: self.packages.clone(),
            closed_users: self.closed_users.clone(),
            closed_apps: self.closed_apps.clone(),
            seen_with: self.seen_with.clone(),
            properties: self.properties.clone(),
            subscriptions: self.subscriptions.clone(),
            ..*self
        }
    }

    /// Takes over the raw replies and the facts about the handset of a [`fork`](Self::fork).
    pub fn take_over(&mut self, other: Self) {
        self.runner.kept.take_from(&other.runner.kept);
        self.hides |= other.hides;
        self.silent |= other.silent;
        self.closed_users.extend(other.closed_users);
        for app in other.closed_apps {
            self.closed_apps.retain(|known| known.line != app.line);
            self.closed_apps.push(app);
        }
    }

    /// The output of `dumpsys isub`, which is asked for once.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn subscriptions(&mut self) -> Result<String, HandsetError> {
        if let Some(known) = &self.subscriptions {
            return Ok(known.clone());
        }
        let said = self.runner.run(&ShellCommand::Subscriptions)?;
        Ok(self.subscriptions.insert(said).clone())
    }

    /// A table as `content` prints it on this Android version: before 5 (API 21) it truncates numbers to 32 bits.
    pub fn view(&self, table: &'static Table) -> View {
        let view = match self.sdk {
            ..21 => View::new(table).with_cast(table.times),
            21.. => View::new(table),
        };
        let newer = table.since.iter().filter(|(_, level)| self.sdk < *level);
        newer.fold(view, |view, (column, _)| {
            view.without(column).unwrap_or(view)
        })
    }

    /// Surveys `what`, and tries again after a pause if its provider is being restarted. The inner error of `once` is
    /// the refusal for the first user: if it persists, the collection is unreadable.
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
                // The handset may have restarted meanwhile, or may not be fully unlocked yet.
                self.silent |= passes && lock::is_locked(&mut self.runner)?;
                let holding = Holding {
                    unreadable: Some(self.unreadable(what, &refusal)),
                    notes: detail(&refusal).into_iter().collect(),
                    ..Holding::default()
                };
                return Ok((holding, None));
            }
            std::thread::sleep(PAUSE);
            tries += 1;
        }
    }

    /// Why everything is locked.
    fn locked_by(&self) -> &'static str {
        match self.in_maintenance {
            true => phrase("Hidden until Maintenance mode ends. The rescue then continues."),
            false => LOCKED,
        }
    }

    /// Why a collection can't be read, and what the user can do.
    pub fn unreadable(&self, what: &str, refusal: &Refusal) -> String {
        if let Some(other) = self.system.gives_none() {
            return other.to_owned();
        }
        match refusal {
            _ if self.locked => self.locked_by().to_owned(),
            Refusal::Denied(_) => phrase!(
                "The phone refused access to its {what}. The phone's maker or a policy forbids access. Export them \
                 with the phone's own app."
            ),
            Refusal::NoProvider(said) => phrase!(
                "The phone's storage for {what} did not answer ({said}). Unlock the phone, leave it on, and run \
                 the rescue again."
            ),
            Refusal::NoCommand(said) => phrase!(
                "The system on this phone has no “content” command, which Lifeboat needs to read contacts, \
                 calendar and to-dos ({said}). The system is not a usual Android, or it did not start \
                 completely. Export the data with the phone's own apps to its storage or its memory card, and \
                 read it again. Lifeboat reads exported lists together with the files."
            ),
            other => phrase!(
                "The {what} could not be read: {}. Run the rescue again.",
                other.said()
            ),
        }
    }

    /// Checks whether a collection is empty only because an app-op is set to “ignore”, which returns an empty result
    /// instead of an error (AOSP `ContentProvider.Transport`). Returns the reason, or `None` if the collection is truly
    /// empty.
    ///
    /// Some Android versions do not report their app-ops. There, other rows from the same provider (`answered`), or
    /// rows read with the same operation elsewhere, are enough evidence that nothing is hidden.
    pub fn why_empty(&mut self, op: AppOp, answered: bool) -> Result<Option<String>, HandsetError> {
        let permission = match op {
            AppOp::ReadContacts => "READ_CONTACTS",
            AppOp::ReadCalendar => "READ_CALENDAR",
            AppOp::ReadCallLog => "READ_CALL_LOG",
            AppOp::ReadSms => "READ_SMS",
        };
        let said = self.runner.run(&ShellCommand::AppOps { op })?;
        let mode = said
            .lines()
            .find_map(|l| Some(l.split_once(&format!("{permission}:"))?.1.trim().to_owned()));
        let mode = mode.unwrap_or_default();
        Ok(
            if mode.starts_with("ignore") || mode.starts_with("deny") || mode.starts_with("errored")
            {
                self.hides = true;
                Some(phrase!(
                    "The phone hides this data from USB debugging (app-op {permission} is “{mode}”), so nothing \
                     was read. On the phone, give the app “Shell” this permission, then continue with --resume."
                ))
            } else if self.locked {
                Some(self.locked_by().to_owned())
            } else if mode.is_empty()
                && !(answered || self.seen_with.contains(&op))
                && !said.contains("No operations")
                && self.sdk >= APP_OPS
            {
                // This Android has app-ops but does not report them: Android 4.3 to 4.4.
                Some(phrase!(
                    "The phone shows nothing, and this Android does not report whether it hides data from USB \
                     debugging (app-op {permission}). Check on the phone itself. If there is data, export it \
                     there."
                ))
            } else {
                None
            },
        )
    }
}

/// The words of the handset behind a refusal that Lifeboat puts in its own sentence, for a technician.
fn detail(refusal: &Refusal) -> Option<String> {
    match refusal {
        Refusal::Denied(said) => Some(phrase!("The phone's own words: {said}")),
        Refusal::NoProvider(_)
        | Refusal::NoCommand(_)
        | Refusal::UnknownColumn(_)
        | Refusal::UnknownUri(_)
        | Refusal::TooLarge(_)
        | Refusal::Other(_) => None,
    }
}
