//! The driver: reads the collections of a handset in a safe order.

mod losses;
mod pictures;
mod sim_card;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use super::lock;
use super::query::{self, Asker, Kept};
use super::reader::{Reader, Surveyed};
use super::reading::Reading;
use super::slots::{self, Slots};
use super::system::{self, System};
use super::turn::Turn;
use super::users::{self, Unread, User, Users};
use super::{address_book, calls, diary, media_store, recognition, storage, todo_lists};
use crate::handset::files_only::ListedFiles;
use crate::handset::{Handset, HandsetError};
use crate::model::{
    Asked, Batch, Bookmark, Collection, Contact, Findings, HandsetFile, Health, Holding, Identity,
    Marks, NotCovered, Past, RawReply, Record, Remedy,
};
use crate::protocol::adb::{Adb, AppOp, Query, ShellCommand};
use sim_card::whole;

/// Options of a read.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    /// Read a work profile too, although it belongs to an employer.
    pub work_profile: bool,
    /// The collections to be read; empty: all.
    pub only: Vec<Collection>,
}

impl Choices {
    fn includes(&self, what: Collection) -> bool {
        self.only.is_empty() || self.only.contains(&what)
    }
}

/// The first API level that supports several users.
const MANY_USERS: u32 = 17;

/// An Android handset.
pub struct Android {
    identity: Identity,
    reader: Reader,
    readings: BTreeMap<Collection, Reading>,
    /// Queries that run in advance, while a slower one is read.
    early: BTreeMap<Collection, JoinHandle<Early>>,
    early_surveys: BTreeMap<Collection, (Turn, JoinHandle<EarlySurvey>)>,
    /// Collections that were queried in advance. None is queried in advance twice.
    begun_early: BTreeSet<Collection>,
    sim_entries: Option<Vec<Record>>,
    /// The subscriptions of the SIM cards, once they were queried.
    subscriptions: Option<Vec<u32>>,
    findings: BTreeMap<Collection, Findings>,
    properties: HashMap<String, String>,
    /// The users and modes whose data is not read.
    not_covered: Vec<NotCovered>,
    /// Files of the storage, of which some were not handed over yet.
    files: Option<ListedFiles>,
    /// The files that the media store lists.
    listed: Vec<media_store::Listed>,
    choices: Choices,
    /// A provider of the owner's data has answered, so the handset is unlocked.
    seen_anything: bool,
}

/// The replies to the queries of one collection, and the raw replies stored with them.
type Early = Result<(Vec<query::Reply>, Kept), HandsetError>;

/// The survey of a collection, made while the previous collection is read, and the reader that made it.
type EarlySurvey = Result<(Surveyed, Reader), HandsetError>;

impl Android {
    /// Reads the properties, users, accounts and apps of the handset behind `adb`. Starts no provider.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn open(adb: Adb, choices: &Choices) -> Result<Self, HandsetError> {
        let approach = format!("ADB over {}", adb.name());
        let mut asker = Asker {
            adb: Arc::new(adb),
            slots: Slots::new(slots::AT_ONCE),
            ids_a_query: 250,
            user: None,
            kept: Kept::default(),
            past: Arc::default(),
            goes_on: false,
            recalls: false,
            streams: Slots::new(1),
            turn: Turn::now(),
            in_haste: Arc::default(),
            shown: Arc::default(),
        };
        let properties = system::properties(&asker.run(&ShellCommand::GetProp)?);
        let property = |names: &[&str]| {
            let found = names
                .iter()
                .find_map(|n| properties.get(*n))
                .map(|v| v.trim());
            found.unwrap_or_default().to_owned()
        };
        // Accounts are listed before anything that might start a provider.
        let mut account_dump = asker.run(&ShellCommand::Accounts)?;
        let is_starting = lock::is_starting(&account_dump);
        let is_locked =
            (is_starting || lock::is_suspected(&properties)) && lock::is_locked(&mut asker)?;
        if is_starting && !is_locked {
            account_dump = asker.run(&ShellCommand::Accounts)?;
        }
        let sdk = property(&["ro.build.version.sdk"]).parse().unwrap_or(30);
        let list = asker.run(&ShellCommand::Users)?;
        let mut users = Users::parse(&list, &asker.run(&ShellCommand::UserDump)?);
        if users.in_front.is_none() && users.all.len() > 1 && sdk >= MANY_USERS {
            users.hear_current(&asker.run(&ShellCommand::CurrentUser)?);
        }
        let mut not_covered: Vec<_> = users::hiding_mode(&properties).into_iter().collect();
        not_covered.extend(users.not_the_owner());
        let (users, skipped): (Vec<User>, Vec<User>) = users
            .all
            .into_iter()
            .partition(|user| user.id == 0 || user.kind.is_read(choices.work_profile));
        not_covered.extend(skipped.iter().map(|user| user.not_covered(Unread::LeftOut)));
        // Without a user number, the handset refuses the whole list if one user is closed, such as a Secure Folder.
        let mut packages = Vec::new();
        for user in [Some(0), None]
            .into_iter()
            .skip(usize::from(sdk < MANY_USERS))
        {
            if packages.is_empty() {
                packages = system::packages(&asker.run(&ShellCommand::Packages { user })?);
            }
        }
        let make = property(&["ro.product.manufacturer", "ro.product.brand"]);
        let release = property(&["ro.build.version.release"]);
        let identity = Identity {
            model: property(&["ro.product.model", "ro.product.device"]),
            serial: property(&["ro.serialno", "ro.boot.serialno"]),
            system: if release.is_empty() {
                "Android".into()
            } else {
                format!("Android {release}")
            },
            approach,
            make,
        };
        let samsung = identity.make.eq_ignore_ascii_case("samsung");
        let system = System::of(&asker.adb.banner().system_type, &properties);
        if sdk >= 26 {
            asker.ids_a_query = 8_000;
        }
        Ok(Self {
            identity,
            reader: Reader {
                asker,
                users,
                account_dump,
                packages_known: !packages.is_empty(),
                packages,
                samsung,
                closed_users: BTreeSet::new(),
                closed_apps: Vec::new(),
                seen_with: Vec::new(),
                system,
                sdk,
                locked: is_locked,
                silent: false,
                hides: false,
            },
            readings: BTreeMap::new(),
            early: BTreeMap::new(),
            early_surveys: BTreeMap::new(),
            begun_early: BTreeSet::new(),
            sim_entries: None,
            subscriptions: None,
            findings: BTreeMap::new(),
            properties,
            not_covered,
            files: None,
            listed: Vec::new(),
            choices: choices.clone(),
            seen_anything: false,
        })
    }

    /// Sends queries that belong to no collection. Their raw replies are discarded, because they may hold another
    /// owner's data.
    fn ask_aside<T>(&mut self, ask: impl FnOnce(&mut Asker) -> T) -> T {
        let asker = &mut self.reader.asker;
        let kept = std::mem::take(&mut asker.kept);
        let done = ask(asker);
        asker.kept = kept;
        done
    }

    /// Starts `queries` in advance. The replies are collected when the turn of their collection comes.
    fn ask_early(&mut self, what: Collection, queries: Vec<Query>) {
        if self.early.contains_key(&what) || queries.is_empty() {
            return;
        }
        let mut asker = self.reader.asker.apart();
        asker.user = None;
        asker.recalls = false;
        let job = std::thread::spawn(move || Ok((asker.ask_all(&queries)?, asker.kept)));
        self.early.insert(what, job);
    }

    /// Returns the replies to the queries that were started in advance, or else to `queries`, which start now.
    fn replies(
        &mut self,
        what: Collection,
        queries: Vec<Query>,
    ) -> Result<Vec<query::Reply>, HandsetError> {
        self.ask_early(what, queries);
        let Some(job) = self.early.remove(&what) else {
            return Ok(Vec::new());
        };
        let (replies, kept) = job.join().unwrap_or_else(|_| Err(query::broke_off()))?;
        self.reader.asker.kept.take_from(&kept);
        Ok(replies)
    }

    /// Starts the surveys of collections whose turn comes soon, unless the rescue is resumed or in haste.
    fn survey_early(&mut self, soon: &[Collection]) {
        if self.reader.asker.goes_on || self.reader.asker.is_in_haste() {
            return;
        }
        for what in soon {
            if !self.choices.includes(*what) || !self.begun_early.insert(*what) {
                continue;
            }
            let survey = match what {
                Collection::Calendar => diary::survey,
                Collection::Todos => todo_lists::survey,
                Collection::Calls => calls::survey,
                Collection::Photos => {
                    self.ask_early(Collection::Photos, vec![media_store::query()]);
                    continue;
                }
                Collection::Contacts | Collection::Sim => continue,
            };
            let mut reader = self.reader.fork();
            let turn = Turn::later();
            reader.asker.turn = turn.clone();
            let job = std::thread::spawn(move || {
                let surveyed = survey(&mut reader, &Past::default())?;
                Ok((surveyed, reader))
            });
            self.early_surveys.insert(*what, (turn, job));
        }
        self.let_next_stream();
    }

    /// Lets the first of the collections that are surveyed early stream as soon as the slot is free.
    fn let_next_stream(&self) {
        if let Some((turn, _)) = self.early_surveys.values().next() {
            turn.comes_next();
        }
    }

    /// Returns the result of an early survey, and takes over the facts that it found about the handset.
    fn take_over(
        &mut self,
        (turn, job): (Turn, JoinHandle<EarlySurvey>),
    ) -> Result<Surveyed, HandsetError> {
        turn.comes_now();
        let (surveyed, early) = job.join().unwrap_or_else(|_| Err(query::broke_off()))?;
        let reader = &mut self.reader;
        reader.asker.kept.take_from(&early.asker.kept);
        reader.hides |= early.hides;
        reader.silent |= early.silent;
        reader.closed_users.extend(early.closed_users);
        for app in early.closed_apps {
            if !reader.closed_apps.contains(&app) {
                reader.closed_apps.push(app);
            }
        }
        self.let_next_stream();
        Ok(surveyed)
    }

    /// Surveys a collection and opens the read.
    fn look_at(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError> {
        // Small tables of other providers are queried while a large one is read.
        if what == Collection::Calendar {
            self.survey_early(&[Collection::Todos, Collection::Calls, Collection::Photos]);
        }
        let surveyed = match self.early_surveys.remove(&what) {
            Some(early) => Some(self.take_over(early)?),
            None => None,
        };
        let is_doubted = |holding: &Holding| {
            // Meanwhile, events were read with the same permission.
            what == Collection::Todos
                && holding.unreadable.is_some()
                && self.reader.seen_with.contains(&AppOp::ReadCalendar)
        };
        let (holding, reading) = match (surveyed, what) {
            (Some(surveyed), _) if !is_doubted(&surveyed.0) => surveyed,
            (_, Collection::Contacts) => address_book::survey(&mut self.reader, past)?,
            (_, Collection::Calendar) => diary::survey(&mut self.reader, past)?,
            (_, Collection::Todos) => todo_lists::survey(&mut self.reader, past)?,
            (_, Collection::Sim) => return self.survey_sim(past),
            (_, Collection::Calls) => calls::survey(&mut self.reader, past)?,
            (_, Collection::Photos) => return self.survey_photos(past),
        };
        if what == Collection::Contacts && !past.goes_on {
            let uris = self.sim_uris()?;
            self.ask_early(Collection::Sim, uris.into_iter().map(whole).collect());
        }
        self.seen_anything |= reading.is_some();
        let op = match what {
            Collection::Contacts => Some(AppOp::ReadContacts),
            Collection::Calendar | Collection::Todos => Some(AppOp::ReadCalendar),
            Collection::Calls => Some(AppOp::ReadCallLog),
            Collection::Sim | Collection::Photos => None,
        };
        let shows = holding.rows.is_some_and(|rows| rows > 0);
        self.reader.seen_with.extend(op.filter(|_| shows));
        match reading {
            Some(reading) => self.readings.insert(what, reading),
            None => self.readings.remove(&what),
        };
        Ok(holding)
    }
}

/// Closes the link, so that no thread that uses it outlives the handset.
impl Drop for Android {
    fn drop(&mut self) {
        self.reader.asker.adb.hang_up();
        for (_, job) in std::mem::take(&mut self.early) {
            // The replies are no longer needed.
            let _ = job.join();
        }
        for (_, (turn, job)) in std::mem::take(&mut self.early_surveys) {
            turn.comes_now();
            let _ = job.join();
        }
    }
}

impl Handset for Android {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn health(&mut self) -> Result<Health, HandsetError> {
        let (battery_percent, charger) =
            system::battery(&self.reader.asker.run(&ShellCommand::Battery)?);
        let locked_since_boot = self.reader.locked;
        Ok(Health {
            battery_percent,
            charger,
            locked_since_boot,
            warnings: Vec::new(),
        })
    }

    fn collections(&mut self) -> Result<Vec<Collection>, HandsetError> {
        Ok(vec![
            Collection::Contacts,
            Collection::Sim,
            Collection::Calendar,
            Collection::Todos,
            Collection::Calls,
            Collection::Photos,
        ])
    }

    fn survey(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError> {
        self.reader.asker.past = Arc::clone(&past.replies);
        if past.goes_on && !self.reader.asker.goes_on {
            self.reader.asker.slots = self.reader.asker.slots.few_at_first();
        }
        self.reader.asker.goes_on = past.goes_on;
        self.reader.hides = false;
        let mut done = self.look_at(what, past);
        self.reader.asker.recalls = false;
        if let Ok(holding) = &mut done
            && holding.unreadable.is_some()
        {
            holding.remedy = match (self.is_locked(), self.reader.hides) {
                (true, _) => Some(Remedy::Unlock),
                (false, true) => Some(Remedy::Setting),
                (false, false) => None,
            };
        }
        // Without a reply to the inventory, a resumed rescue can't tell whether the other replies still hold.
        let list = match what {
            Collection::Contacts => Some(address_book::inventory().1),
            Collection::Calendar => Some(diary::inventory()),
            Collection::Todos => Some(todo_lists::inventory()),
            Collection::Calls => Some(calls::inventory()),
            Collection::Sim | Collection::Photos => None,
        };
        if let (Err(_), Some(list)) = (&done, list) {
            let asker = &mut self.reader.asker;
            asker.user = self.reader.users.first().and_then(User::to_ask);
            if asker.past_reply(&list).is_none() && !asker.kept.has(&asker.request(&list)) {
                asker.kept.take();
            }
        }
        done
    }

    fn next_batch(
        &mut self,
        what: Collection,
        after: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        if what == Collection::Sim {
            let Some(records) = self.sim_entries.take().filter(|r| !r.is_empty()) else {
                return Ok(None);
            };
            let rows = records.len() as u64;
            return Ok(Some(Batch {
                raw: self.raw(),
                records,
                bookmark: Some(Bookmark("all".into())),
                rows,
            }));
        }
        if what == Collection::Photos {
            return Ok(self.next_files());
        }
        let Some(reading) = self.readings.get_mut(&what) else {
            return Ok(None);
        };
        let batch = reading.next_batch(&mut self.reader.asker, after)?;
        if what == Collection::Contacts && reading.came_fast() {
            // On a slow link the replies would delay the last contacts, which come first.
            self.survey_early(&[
                Collection::Calendar,
                Collection::Todos,
                Collection::Calls,
                Collection::Photos,
            ]);
        }
        Ok(batch)
    }

    fn look_again(&mut self, what: Collection) -> Result<bool, HandsetError> {
        match what {
            Collection::Photos => self.look_for_files(),
            _ => Ok(false),
        }
    }

    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        storage::fetch(&self.reader.asker.adb, file, from, sink)
    }

    fn raw(&mut self) -> Vec<RawReply> {
        self.reader.asker.kept.take()
    }

    fn hurry(&mut self, is_needed: bool) {
        let flag = &self.reader.asker.in_haste;
        flag.store(is_needed, Ordering::Relaxed);
    }

    fn is_through(&self, what: Collection) -> bool {
        self.readings.get(&what).is_none_or(Reading::is_through)
    }

    fn findings(&mut self, what: Collection) -> Result<Findings, HandsetError> {
        let mut findings = self.findings.remove(&what).unwrap_or_default();
        if let Some(reading) = self.readings.remove(&what) {
            findings = reading.findings();
        }
        Ok(findings)
    }

    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError> {
        Ok(self.losses())
    }

    fn asked(&mut self) -> Vec<Asked> {
        self.reader.asker.adb.asked()
    }

    fn marks(&self) -> Marks {
        recognition::marks(&self.properties, &self.reader.account_dump)
    }

    fn contacts_again(&mut self, saved: &[Contact]) -> Result<Option<Vec<Contact>>, HandsetError> {
        self.reader.asker.user = self.reader.users.first().and_then(User::to_ask);
        self.ask_aside(|asker| asker.anew(|asker| recognition::contacts_again(asker, saved)))
    }

    fn is_locked(&self) -> bool {
        self.reader.locked || self.reader.silent
    }

    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        let is_locked = self.ask_aside(lock::is_locked)?;
        (self.reader.locked, self.reader.silent) = (is_locked, false);
        Ok(is_locked)
    }

    fn clock(&mut self) -> Result<Option<i64>, HandsetError> {
        let said = self.reader.asker.run(&ShellCommand::Date)?;
        Ok(said.lines().find_map(|line| line.trim().parse().ok()))
    }

    fn traces(&self) -> Vec<String> {
        [
            "A debugging key of this computer, if one had to be offered and was allowed: Developer options, Revoke USB \
             debugging authorisations removes it. Android 11 and later also note when an allowed key was last used.",
            "Lines in the phone's own system log, and a shell's share in its battery statistics: later ones replace them.",
            "Looking at contacts or the calendar starts Android's own store of them, which by itself drops rows of \
             accounts that are no longer on the phone. Accounts were looked at first, contacts next, the calendar after.",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}
