//! The driver: reads the collections of a handset in a safe order.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::ahead::{Ahead, Found};
use super::calendar::survey::EVENTS;
use super::calls::survey::CALLS;
use super::contacts::survey::CONTACTS;
use super::content::raw::Kept;
use super::content::slots::Slots;
use super::content::turn::Turn;
use super::content::{QueryRunner, Reply, TableRead, slots};
use super::files::survey::Files;
use super::files::{media_store, storage};
use super::messages::pictures::{Pictures, past_of_texts};
use super::messages::survey::ALL_TEXTS;
use super::phone::lock;
use super::phone::recognition;
use super::phone::system::{self, System};
use super::phone::users::{self, Unread, User, Users};
use super::session::Session;
use super::sim::survey::SimCards;
use super::table_survey::TableCollection;
use super::todos::survey::TASKS;
use crate::handset::{Handset, HandsetError};
use crate::model::{
    Asked, Batch, Bookmark, Collection, Findings, HandsetFile, Health, Holding, Identity, Marks,
    NotCovered, Past, RawReply, RecordBody, Remedy,
};
use crate::phrase;
use crate::protocol::adb::{Adb, Query, ShellCommand};

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

/// The name of the approach.
const ADB: &str = "ADB";

/// The collections that are looked at while an earlier one is read.
const AHEAD: [Collection; 5] = [
    Collection::Calendar,
    Collection::Todos,
    Collection::Calls,
    Collection::Messages,
    Collection::Files,
];

/// The first API level that supports several users.
const MANY_USERS: u32 = 17;

/// An Android handset.
pub struct Android {
    identity: Identity,
    pub(super) session: Session,
    /// The reads of the collections that are large tables.
    reads: BTreeMap<Collection, TableRead>,
    sim: SimCards,
    files: Files,
    pictures: Pictures,
    ahead: Ahead,
    /// The users and modes whose data is not read.
    pub(super) not_covered: Vec<NotCovered>,
    choices: Choices,
}

/// How a collection is read.
enum Way {
    Table(&'static TableCollection),
    /// A table, and what can only be asked for one by one.
    Messages(&'static TableCollection),
    Sim,
    Files,
}

fn way(what: Collection) -> Way {
    match what {
        Collection::Contacts => Way::Table(&CONTACTS),
        Collection::Sim => Way::Sim,
        Collection::Calendar => Way::Table(&EVENTS),
        Collection::Todos => Way::Table(&TASKS),
        Collection::Calls => Way::Table(&CALLS),
        Collection::Messages => Way::Messages(&ALL_TEXTS),
        Collection::Files => Way::Files,
    }
}

impl Android {
    /// Reads the properties, users, accounts and apps of the handset behind `adb`. Starts no provider.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn open(adb: Adb, choices: &Choices) -> Result<Self, HandsetError> {
        Self::begin(adb, choices).map_err(HandsetError::while_opening)
    }

    fn begin(adb: Adb, choices: &Choices) -> Result<Self, HandsetError> {
        let approach = phrase!("{ADB} over {}", adb.name());
        let mut runner = QueryRunner {
            adb: Arc::new(adb),
            ids_a_query: 250,
            user: None,
            kept: Kept::default(),
            past: Arc::default(),
            goes_on: false,
            recalls: false,
            turn: Turn::now(Slots::new(slots::AT_ONCE)),
            in_haste: Arc::default(),
            shown: Arc::default(),
        };
        let properties = system::properties(&runner.run(&ShellCommand::GetProp)?);
        let property = |names: &[&str]| {
            let found = names
                .iter()
                .find_map(|n| properties.get(*n))
                .map(|v| v.trim());
            found.unwrap_or_default().to_owned()
        };
        // Accounts are listed before anything that might start a provider.
        let mut account_dump = runner.run(&ShellCommand::Accounts)?;
        let is_starting = lock::is_starting(&account_dump);
        let is_locked =
            (is_starting || lock::is_suspected(&properties)) && lock::is_locked(&mut runner)?;
        if is_starting && !is_locked {
            account_dump = runner.run(&ShellCommand::Accounts)?;
        }
        let sdk = property(&["ro.build.version.sdk"]).parse().unwrap_or(30);
        let list = runner.run(&ShellCommand::Users)?;
        let mut users = Users::parse(&list, &runner.run(&ShellCommand::UserDump)?);
        if users.in_front.is_none() && users.all.len() > 1 && sdk >= MANY_USERS {
            users.on_current(&runner.run(&ShellCommand::CurrentUser)?);
        }
        let mut not_covered: Vec<_> = users::hiding_mode(&properties).into_iter().collect();
        not_covered.extend(users.not_the_owner());
        let in_maintenance = users.are_in_maintenance() || users::is_in_maintenance(&properties);
        let other_in_front = users.other_in_front();
        let are_users_unknown = !users.are_listed && sdk >= MANY_USERS;
        let (users, skipped): (Vec<User>, Vec<User>) = users
            .all
            .into_iter()
            .partition(|user| user.id == 0 || user.kind.is_read(choices.work_profile));
        // A mode is a property, and a user too.
        for one in skipped.iter().map(|user| user.not_covered(Unread::LeftOut)) {
            if !not_covered.contains(&one) {
                not_covered.push(one);
            }
        }
        // Without a user number, the handset refuses the whole list if one user is closed, such as a Secure Folder.
        let mut packages = Vec::new();
        for user in [Some(0), None]
            .into_iter()
            .skip(usize::from(sdk < MANY_USERS))
        {
            if packages.is_empty() {
                packages = system::packages(&runner.run(&ShellCommand::Packages { user })?);
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
            is_backup: false,
        };
        let samsung = identity.make.eq_ignore_ascii_case("samsung");
        let system = System::of(&runner.adb.banner().system_type, &properties);
        if are_users_unknown && system.why_no_collections().is_none() {
            not_covered.push(users::not_listed());
        }
        if sdk >= 26 {
            runner.ids_a_query = 8_000;
        }
        let mut handset = Self {
            identity,
            session: Session {
                runner,
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
                properties,
                locked: is_locked,
                in_maintenance,
                other_in_front,
                silent: false,
                hides: false,
                subscriptions: None,
            },
            reads: BTreeMap::new(),
            sim: SimCards::default(),
            files: Files::default(),
            pictures: Pictures::default(),
            ahead: Ahead::default(),
            not_covered,
            choices: choices.clone(),
        };
        // The providers of a device that has none don't answer either.
        handset.session.locked &= !handset.session.lacks_providers();
        Ok(handset)
    }

    /// Sends queries that belong to no collection. Their raw replies are discarded, because they may hold another
    /// owner's data.
    fn ask_aside<T>(&mut self, ask: impl FnOnce(&mut QueryRunner) -> T) -> T {
        let runner = &mut self.session.runner;
        let kept = std::mem::take(&mut runner.kept);
        let done = ask(runner);
        runner.kept = kept;
        done
    }

    /// Starts the queries for collections whose turn comes soon, unless the rescue is resumed or in haste.
    fn begin_ahead(&mut self, soon: &[Collection]) {
        let runner = &self.session.runner;
        if runner.goes_on || runner.is_in_haste() {
            return;
        }
        for what in soon.iter().filter(|what| self.choices.includes(**what)) {
            match way(*what) {
                Way::Table(table) | Way::Messages(table) => {
                    self.ahead.survey(*what, &self.session, table.survey)
                }
                Way::Files => self
                    .ahead
                    .ask_once(*what, &self.session, media_store::query()),
                Way::Sim => {}
            }
        }
        self.ahead.let_next_stream();
    }

    /// The replies to queries that were started ahead, or else to `queries`, which start now.
    fn replies(
        &mut self,
        what: Collection,
        queries: Vec<Query>,
    ) -> Result<Vec<Reply>, HandsetError> {
        self.ahead.ask(what, &self.session, queries);
        match self.ahead.take(what, &mut self.session)? {
            Some(Found::Replies(replies)) => Ok(replies),
            Some(Found::Survey(_)) | None => Ok(Vec::new()),
        }
    }

    /// Surveys a collection and opens the read.
    fn look_at(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError> {
        match way(what) {
            Way::Table(table) => self.survey_table(what, table, past),
            Way::Messages(texts) => {
                let holding = self.survey_table(what, texts, &past_of_texts(past))?;
                self.pictures.survey(&mut self.session, holding, past)
            }
            Way::Sim => {
                let queries = self.sim.queries(&mut self.session)?;
                let replies = self.replies(what, queries)?;
                self.sim.survey(&mut self.session, &replies, past)
            }
            Way::Files => {
                let reply = self.replies(what, vec![media_store::query()])?.pop();
                let reply = reply.unwrap_or_default();
                self.files.survey(&self.session, &reply, past)
            }
        }
    }

    /// Surveys a collection that is a large table.
    fn survey_table(
        &mut self,
        what: Collection,
        table: &'static TableCollection,
        past: &Past,
    ) -> Result<Holding, HandsetError> {
        // Small tables of other providers are queried while a large one is read.
        if what == Collection::Calendar {
            self.begin_ahead(&AHEAD[1..]);
        }
        let found = self.ahead.take(what, &mut self.session)?;
        // Meanwhile, another collection may have been read with the same permission.
        let is_permitted = self.session.seen_with.contains(&table.op);
        let (holding, read) = match found {
            Some(Found::Survey(found)) if found.0.unreadable.is_none() || !is_permitted => *found,
            Some(Found::Survey(_) | Found::Replies(_)) | None => {
                (table.survey)(&mut self.session, past)?
            }
        };
        if what == Collection::Contacts && !past.is_resumed {
            let queries = self.sim.queries(&mut self.session)?;
            self.ahead.ask(Collection::Sim, &self.session, queries);
        }
        if holding.rows.is_some_and(|rows| rows > 0) {
            self.session.seen_with.push(table.op);
        }
        match read {
            Some(read) => self.reads.insert(what, read),
            None => self.reads.remove(&what),
        };
        Ok(holding)
    }
}

/// Closes the link, so that no thread that uses it outlives the handset.
impl Drop for Android {
    fn drop(&mut self) {
        self.session.runner.adb.hang_up();
    }
}

impl Handset for Android {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    fn health(&mut self) -> Result<Health, HandsetError> {
        let (battery_percent, charger) =
            system::battery(&self.session.runner.run(&ShellCommand::Battery)?);
        let locked_since_boot = self.session.locked;
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
            Collection::Messages,
            Collection::Files,
        ])
    }

    fn survey(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError> {
        self.session.runner.past = Arc::clone(&past.replies);
        if past.is_resumed && !self.session.runner.goes_on {
            self.session.runner.turn.few_at_first();
        }
        self.session.runner.goes_on = past.is_resumed;
        self.session.hides = false;
        let mut done = self.look_at(what, past);
        self.session.runner.recalls = false;
        if let Ok(holding) = &mut done
            && holding.unreadable.is_some()
        {
            holding.remedy = match (self.is_locked(), self.session.hides) {
                (true, _) => Some(Remedy::Unlock),
                (false, true) => Some(Remedy::Setting),
                // Restarted out of its recovery system, or given access, the phone shows them.
                (false, false) if what.is_precious() => holding.remedy.or(Some(Remedy::Setting)),
                (false, false) => holding.remedy,
            };
        }
        // Without a reply to the inventory, a resumed rescue can't tell whether the other replies still hold.
        if let (Err(_), Way::Table(table) | Way::Messages(table)) = (&done, way(what)) {
            let list = table.list.query();
            let runner = &mut self.session.runner;
            runner.user = self.session.users.first().and_then(User::to_ask);
            if runner.past_reply(&list).is_none() && !runner.kept.has(&runner.request(&list)) {
                runner.kept.take();
            }
        }
        done
    }

    fn next_batch(
        &mut self,
        what: Collection,
        after: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        match way(what) {
            Way::Table(_) => {}
            Way::Messages(_) => {
                let texts = self.reads.get_mut(&what);
                return self
                    .pictures
                    .next_batch(&mut self.session.runner, texts, after);
            }
            Way::Sim => return Ok(self.sim.next_batch(&self.session)),
            Way::Files => return Ok(self.files.next_batch(&self.session)),
        }
        let Some(read) = self.reads.get_mut(&what) else {
            return Ok(None);
        };
        let batch = read.next_batch(&mut self.session.runner, after)?;
        if what == Collection::Contacts && read.comes_fast() {
            // On a slow link the replies would delay contacts, which come first.
            let soon = if read.is_streamed() { AHEAD.len() } else { 1 };
            self.begin_ahead(AHEAD.get(..soon).unwrap_or_default());
        }
        Ok(batch)
    }

    fn look_again(&mut self, what: Collection) -> Result<bool, HandsetError> {
        match way(what) {
            Way::Files => self.files.look_again(&self.session),
            Way::Table(_) | Way::Messages(_) | Way::Sim => Ok(false),
        }
    }

    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        storage::fetch(&self.session.runner.adb, file, from, sink)
    }

    fn raw(&mut self) -> Vec<RawReply> {
        self.session.runner.kept.take()
    }

    fn set_urgent(&mut self, is_needed: bool) {
        let flag = &self.session.runner.in_haste;
        flag.store(is_needed, Ordering::Relaxed);
    }

    fn is_complete(&self, what: Collection) -> bool {
        let is_rest = match way(what) {
            Way::Messages(_) => self.pictures.is_complete(),
            Way::Table(_) | Way::Sim | Way::Files => true,
        };
        is_rest && self.reads.get(&what).is_none_or(TableRead::is_complete)
    }

    fn findings(&mut self, what: Collection) -> Result<Findings, HandsetError> {
        Ok(match way(what) {
            Way::Table(_) => {
                let read = self.reads.remove(&what);
                read.map(TableRead::findings).unwrap_or_default()
            }
            Way::Messages(_) => {
                let read = self.reads.remove(&what);
                let texts = read.map(TableRead::findings).unwrap_or_default();
                self.pictures.findings(texts)
            }
            Way::Sim => std::mem::take(&mut self.sim.findings),
            Way::Files => std::mem::take(&mut self.files.findings),
        })
    }

    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError> {
        self.losses()
    }

    fn asked(&mut self) -> Vec<Asked> {
        self.session.runner.adb.asked()
    }

    fn marks(&self) -> Marks {
        recognition::marks(&self.session.properties, &self.session.account_dump)
    }

    fn difference_from(&self, known: &Identity) -> Option<&'static str> {
        // Other approaches report other names for the same model.
        let is_of_model = known.model == self.identity.model || !known.approach.starts_with(ADB);
        (!is_of_model).then_some(phrase("this phone is another model"))
    }

    fn hang_up(&mut self) {
        self.session.runner.adb.hang_up();
    }

    fn read_again(
        &mut self,
        what: Collection,
        rows: &[i64],
    ) -> Result<Option<Vec<RecordBody>>, HandsetError> {
        self.session.runner.user = self.session.users.first().and_then(User::to_ask);
        self.ask_aside(|runner| runner.anew(|runner| recognition::read_again(runner, what, rows)))
    }

    fn is_locked(&self) -> bool {
        self.session.locked || self.session.silent
    }

    fn way_to_unlock(&self) -> &'static str {
        self.session.way_to_unlock()
    }

    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        let kept = std::mem::take(&mut self.session.runner.kept);
        let is_locked = self.session.look_at_lock();
        self.session.runner.kept = kept;
        let is_locked = is_locked?;
        (self.session.locked, self.session.silent) = (is_locked, false);
        Ok(is_locked)
    }

    fn clock(&mut self) -> Result<Option<i64>, HandsetError> {
        let said = self.session.runner.run(&ShellCommand::Date)?;
        Ok(said.lines().find_map(|line| line.trim().parse().ok()))
    }

    fn traces(&self) -> Vec<String> {
        [
            phrase(
                "A debugging key of this computer, if the phone asked for a key and the owner allowed it. To remove \
                 the key: Developer options > Revoke USB debugging authorisations. Android 11 and later also record \
                 when an allowed key was last used.",
            ),
            phrase(
                "Lines in the phone's system log, and an entry for the shell in its battery statistics. Newer lines \
                 and entries replace them.",
            ),
            phrase(
                "Reading contacts or the calendar starts Android's own storage for them. When it starts, this \
                 storage removes data of accounts that are no longer on the phone. Accounts were read first, then \
                 contacts, then the calendar.",
            ),
        ]
        .map(str::to_owned)
        .to_vec()
    }
}
