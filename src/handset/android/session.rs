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
    /// The label of the user whose screen is shown, if that is not the owner.
    pub other_in_front: Option<String>,
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
            other_in_front: self.other_in_front.clone(),
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
        op: AppOp,
        once: impl Fn(&mut Self) -> Result<Result<Surveyed, Refusal>, HandsetError>,
    ) -> Result<Surveyed, HandsetError> {
        let mut tries = 0;
        loop {
            let refusal = match once(self)? {
                Ok(surveyed) => return Ok(surveyed),
                Err(refusal) => refusal,
            };
            if matches!(refusal, Refusal::NoProvider(_)) && self.lacks_provider(op) {
                let holding = Holding {
                    handset_says: Some(0),
                    rows: Some(0),
                    notes: vec![phrase!(
                        "No app on this device stores {what}, so there are none."
                    )],
                    ..Holding::default()
                };
                return Ok((holding, None));
            }
            let is_closed = self.locked || self.silent;
            let passes = matches!(refusal, Refusal::NoProvider(_)) && !is_closed;
            if !passes || tries >= RETRIES {
                // The handset may have restarted meanwhile, or may not be fully unlocked yet.
                self.silent |= passes && self.look_at_lock()?;
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
    fn locked_by(&self) -> String {
        match &self.other_in_front {
            _ if self.in_maintenance => {
                phrase("Hidden until Maintenance mode ends. The rescue then continues.").to_owned()
            }
            Some(label) => phrase!(
                "Hidden: the phone shows the user {label}, and its owner's data is locked. Switch to the owner on the \
                 phone, or end its repair mode, and let the owner unlock it. The rescue then continues."
            ),
            None => LOCKED.to_owned(),
        }
    }

    /// What the owner does on the phone to end the lock.
    pub fn way_to_unlock(&self) -> &'static str {
        match &self.other_in_front {
            _ if self.in_maintenance => {
                phrase("End Maintenance mode on the phone, and let its owner unlock it.")
            }
            Some(_) => phrase(
                "The phone shows another user. Switch to the owner on the phone, and let the owner unlock it.",
            ),
            None => phrase("Unlock the phone."),
        }
    }

    /// Queries the providers; true if the owner's data is locked. A handset without these providers isn't.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        Ok(!self.lacks_providers() && lock::is_locked(&mut self.runner)?)
    }

    /// True if no app of this handset provides contacts or calendars.
    pub fn lacks_providers(&self) -> bool {
        self.lacks_provider(AppOp::ReadContacts) && self.lacks_provider(AppOp::ReadCalendar)
    }

    /// True if no app of this handset provides such data: a tablet without telephony, a reader.
    pub fn lacks_provider(&self, op: AppOp) -> bool {
        let marks: &[&str] = match op {
            AppOp::ReadContacts => &["contacts"],
            AppOp::ReadCalendar => &["calendar"],
            // The contacts' storage has the call log too, on devices that can make calls.
            AppOp::ReadCallLog => &[
                "telephony",
                "com.android.phone",
                "dialer",
                "providers.calllog",
            ],
            AppOp::ReadSms => &["telephony", "com.android.phone", "com.android.mms"],
        };
        let is_of_it = |app: &String| marks.iter().any(|mark| app.contains(mark));
        // The list of a usual Android has its system's own apps.
        let is_whole = self.packages.iter().any(|app| app == "com.android.shell");
        self.packages_known && is_whole && !self.packages.iter().any(is_of_it)
    }

    /// Why a collection can't be read, and what the user can do.
    pub fn unreadable(&self, what: &str, refusal: &Refusal) -> String {
        if let Some(other) = self.system.why_no_collections() {
            return other.to_owned();
        }
        match refusal {
            _ if self.locked => self.locked_by(),
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
        let evidence = Evidence::of(&said, permission);
        Ok(match evidence {
            Evidence::Hides(mode) => {
                self.hides = true;
                Some(phrase!(
                    "The phone hides this data from USB debugging (app-op {permission} is “{mode}”), so nothing \
                     was read. On the phone, give the app “Shell” this permission, then continue with --resume."
                ))
            }
            _ if self.locked => Some(self.locked_by()),
            Evidence::Allows => None,
            _ if answered || self.seen_with.contains(&op) => None,
            Evidence::Unclear(mode) => {
                self.hides = true;
                Some(phrase!(
                    "The phone shows nothing, and it may hide data from USB debugging (app-op {permission} is \
                     “{mode}”). On the phone, give the app “Shell” this permission, then continue with --resume. Or \
                     check on the phone itself, and export the data there."
                ))
            }
            // This Android has app-ops but does not report them: Android 4.3 to 4.4.
            Evidence::None if self.sdk >= APP_OPS => Some(phrase!(
                "The phone shows nothing, and this Android does not report whether it hides data from USB \
                 debugging (app-op {permission}). Check on the phone itself. If there is data, export it \
                 there."
            )),
            Evidence::None => None,
        })
    }
}

/// What the handset's app-ops say about an empty result.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Evidence {
    /// The shell may read: what is empty is empty.
    Allows,
    /// The shell gets nothing, in this mode.
    Hides(String),
    /// A mode that doesn't show whether the shell may read, such as MIUI's “ask”.
    Unclear(String),
    /// Nothing is reported.
    None,
}

/// So long after a rejection, in seconds, the rejection was that of another read.
const OLD_REJECTION: u64 = 3600;

impl Evidence {
    /// Reads the output of `appops get` (AOSP `AppOpsService.Shell`): a line for the operation, and since Android 10
    /// perhaps another for all apps of the same user number. Both must allow it.
    fn of(said: &str, permission: &str) -> Self {
        let mark = format!("{permission}:");
        let modes = said
            .lines()
            .filter_map(|line| Some(line.split_once(&mark)?.1.trim()));
        let mut found = match said.contains("No operations") {
            true => Self::Allows,
            false => Self::None,
        };
        for mode in modes {
            let word = mode.split([';', ' ']).next().unwrap_or_default();
            let is_rejected = || rejected(mode).is_some_and(|ago| ago < OLD_REJECTION);
            let one = match word {
                "ignore" | "deny" | "errored" => return Self::Hides(mode.to_owned()),
                "allow" | "default" if !is_rejected() => Self::Allows,
                _ => Self::Unclear(mode.to_owned()),
            };
            if !matches!(found, Self::Unclear(_)) {
                found = one;
            }
        }
        found
    }
}

/// The seconds since the last rejection in a mode such as `allow; rejectTime=+2m3s4ms ago` (AOSP
/// `TimeUtils.formatDuration`), unless an access was allowed later.
fn rejected(mode: &str) -> Option<u64> {
    let since = |name: &str| {
        let mut parts = mode.split(';').map(str::trim);
        parts.find_map(|part| seconds(part.strip_prefix(name)?))
    };
    let rejected = since("rejectTime=")?;
    let is_later = since("time=").is_some_and(|allowed| allowed < rejected);
    (!is_later).then_some(rejected)
}

/// The seconds of `+1d2h3m4s5ms ago`.
fn seconds(text: &str) -> Option<u64> {
    let text = text.split(' ').next()?.strip_prefix('+')?;
    let (mut sum, mut number, mut rest) = (0_u64, 0_u64, text.chars().peekable());
    while let Some(c) = rest.next() {
        match c.to_digit(10) {
            Some(digit) => number = number.checked_mul(10)?.checked_add(u64::from(digit))?,
            None => {
                let unit = match c {
                    'd' => 86_400,
                    'h' => 3_600,
                    'm' if rest.peek() == Some(&'s') => 0,
                    'm' => 60,
                    's' => 1,
                    _ => return None,
                };
                sum = sum.checked_add(number.checked_mul(unit)?)?;
                // The `s` of `ms`.
                if unit == 0 {
                    rest.next();
                }
                number = 0;
            }
        }
    }
    Some(sum)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_permission_is_evidence_for_an_empty_result() {
        let of = |said: &str| Evidence::of(said, "READ_CONTACTS");
        for said in [
            "READ_CONTACTS: allow",
            "READ_CONTACTS: allow; time=+2s1ms ago",
            "READ_CONTACTS: default",
            "No operations.\nDefault mode: allow\n",
            "READ_CONTACTS: allow; time=+2s1ms ago; rejectTime=+5m0s ago",
            "READ_CONTACTS: allow; rejectTime=+21d5h3m9s14ms ago",
        ] {
            assert_eq!(of(said), Evidence::Allows, "{said}");
        }
        for said in [
            "READ_CONTACTS: ignore; rejectTime=+3ms ago",
            "READ_CONTACTS: deny",
            "READ_CONTACTS: errored",
            "Uid mode: READ_CONTACTS: ignore\nREAD_CONTACTS: allow\n",
            "Uid mode: READ_CONTACTS: allow\nREAD_CONTACTS: ignore\n",
        ] {
            assert!(matches!(of(said), Evidence::Hides(_)), "{said}");
        }
        for said in [
            "READ_CONTACTS: ask; rejectTime=+3ms ago",
            "READ_CONTACTS: mode=5",
            "READ_CONTACTS: foreground",
            "READ_CONTACTS: allow; rejectTime=+12s4ms ago",
            "READ_CONTACTS: allow; time=+5h2m1s3ms ago; rejectTime=+12ms ago",
        ] {
            assert!(matches!(of(said), Evidence::Unclear(_)), "{said}");
        }
        assert_eq!(of("/system/bin/sh: appops: not found"), Evidence::None);
    }
}
