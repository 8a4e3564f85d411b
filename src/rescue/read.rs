//! Reading a handset: the order of the collections, where reading resumes, and which reads wait while the battery is
//! low.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::counter::Counter;
use super::error::RescueError;
use super::progress::Progress;
use super::unfinished::locked;
use crate::collections::lock;
use crate::handset::{Handset, HandsetError};
use crate::many::Fingerprints;
use crate::model::{
    Batch, Case, Charger, Collection, Condition, HandsetPath, NotCovered, RecordBody, Remedy,
    Replies, Stop,
};
use crate::phrase;
use crate::vault::{CollectionState, Vault, VaultError};

/// Free space required before a rescue begins, in bytes.
pub const SPACE: u64 = 64 << 20;

/// Additional free space required for each of the handset's rows, in bytes.
const SPACE_A_ROW: u64 = 3 << 10;

/// Battery level in percent. Below this level, and without a charger, the owner is told to plug one in, and slow reads
/// that return little wait until the rest is safe.
const LOW_BATTERY: u8 = 15;

/// Up to this number, to-dos are read before the calendar when the battery is low, because they take only a moment.
/// Contacts always stay first: they are the most precious, and their provider must be read before the calendar's
/// provider starts.
const FEW_TODOS: u64 = 500;

/// Maximum number of reads of a collection that gains records each time.
const MOST_LOOKS: usize = 4;

/// How often progress is reported.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// The inner error is the handset's and ends the read early; the outer error is the disk's.
type Done<T> = Result<Result<T, HandsetError>, RescueError>;

/// Unwraps the handset's value, or ends the read with the handset's error.
macro_rules! try_handset {
    ($done:expr) => {
        match $done {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}

mod copying;
mod looking;
mod turns;

use looking::is_whole;

/// Which part of a rescue this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    First,
    /// Resumes an earlier part that was interrupted some time ago.
    Resumed,
    /// Continues after the handset was gone or locked for a moment.
    Continued,
}

/// How a part of a rescue ended.
#[derive(Debug, Default)]
pub struct End {
    /// The collections that the handset may have; empty if the read broke off before the handset listed them.
    pub offered: Vec<Collection>,
    /// The error that ended the read early.
    pub broken: Option<HandsetError>,
    /// Some data is closed, and the owner can open it.
    pub waits: bool,
    /// Other data that a reset destroys.
    pub not_covered: Vec<NotCovered>,
    /// What the handset does not give, and another approach may give.
    pub left: BTreeSet<Collection>,
}

/// One part of a rescue, while the handset is connected.
pub struct Reader<'a> {
    handset: &'a mut dyn Handset,
    vault: &'a Mutex<Vault>,
    stop: &'a Stop,
    tell: &'a mut dyn FnMut(Progress),
    /// Replies from earlier parts of the rescue.
    replies: Arc<Replies>,
    began: Instant,
    part: Part,
    /// Link time of the earlier parts.
    before: Duration,
    /// The battery is low.
    battery_low: bool,
    /// Collections surveyed in this part, and whether each needs no more reading.
    looked: BTreeMap<Collection, (CollectionState, bool)>,
    /// Data that is sealed until the handset is unlocked, and data that one of the handset's settings hides.
    sealed: BTreeSet<Collection>,
    shut: BTreeSet<Collection>,
    /// Files listed in this part, if there was an earlier part.
    listed: Fingerprints,
    /// What other approaches to the handset cover, and what is left to them.
    covered: BTreeSet<Collection>,
    left: BTreeSet<Collection>,
    /// What people said about the handset, which changes the order and the advice.
    case: Case,
    /// How the handset is read, if another approach to it came first.
    by: Option<String>,
}

impl<'a> Reader<'a> {
    /// Creates a reader that continues where, according to the vault, the last part ended.
    pub fn new(
        handset: &'a mut dyn Handset,
        vault: &'a Mutex<Vault>,
        stop: &'a Stop,
        tell: &'a mut dyn FnMut(Progress),
        part: Part,
    ) -> Result<Self, VaultError> {
        let (replies, before, case) = {
            let vault = lock(vault);
            (vault.first_replies()?, vault.link_time()?, vault.case()?)
        };
        Ok(Self {
            handset,
            vault,
            stop,
            tell,
            replies: Arc::new(replies),
            began: Instant::now(),
            part,
            before,
            battery_low: false,
            looked: BTreeMap::new(),
            sealed: BTreeSet::new(),
            shut: BTreeSet::new(),
            listed: Fingerprints::default(),
            covered: BTreeSet::new(),
            left: BTreeSet::new(),
            case,
            by: None,
        })
    }

    /// Leaves what the handset does not give to other approaches, which cover `covered`.
    pub fn with_others(self, covered: BTreeSet<Collection>) -> Self {
        Self { covered, ..self }
    }

    fn goes_on(&self) -> bool {
        self.part != Part::First
    }

    /// Returns the link time of all parts of the rescue so far.
    fn link_time(&self) -> Duration {
        self.before + self.began.elapsed()
    }

    /// Reads every requested collection, the most precious first, and the handset's list of data that no read covers.
    pub fn read_all(
        &mut self,
        only: &[Collection],
        contacts_are_read: &mut dyn FnMut(),
    ) -> Result<End, RescueError> {
        let mut end = End::default();
        let done = match self.handset.collections() {
            Ok(all) => {
                let is_left = |what: &Collection| !all.contains(what) && what.is_asked(only);
                self.left = self.covered.iter().copied().filter(is_left).collect();
                end.offered = all.iter().chain(&self.left).copied().collect();
                end.offered.sort_unstable();
                (self.tell)(Progress::Offered(end.offered.clone()));
                self.read_in_order(all, only, contacts_are_read)?
            }
            Err(error) => Err(error),
        };
        match done.and_then(|()| self.handset.not_covered()) {
            Ok(lines) => end.not_covered = lines,
            Err(_) if self.stop.is_stopped() => end.broken = Some(HandsetError::Stopped),
            Err(error) => end.broken = Some(error),
        }
        self.ended(end)
    }

    /// Reads what another approach left.
    pub fn read_left(&mut self, left: &[Collection]) -> Result<End, RescueError> {
        self.by = Some(self.handset.identity().approach.clone());
        let done = self.read_in_order(left.to_vec(), &[], &mut || {})?;
        self.ended(End {
            broken: done.err(),
            ..End::default()
        })
    }

    fn ended(&mut self, mut end: End) -> Result<End, RescueError> {
        end.waits = !self.shut.is_empty();
        if end.broken.is_none() && !self.sealed.is_empty() {
            end.broken = Some(locked(&lock(self.vault), self.handset.way_to_unlock())?);
        }
        end.left = std::mem::take(&mut self.left);
        lock(self.vault).add_link_time(self.link_time())?;
        Ok(end)
    }

    fn read_in_order(
        &mut self,
        all: Vec<Collection>,
        only: &[Collection],
        contacts_are_read: &mut dyn FnMut(),
    ) -> Done<()> {
        let contacts = [Collection::Contacts, Collection::Sim];
        let mut contacts_are_read = |left: &BTreeSet<Collection>| {
            if !contacts.iter().any(|what| left.contains(what)) {
                contacts_are_read();
            }
        };
        let (precious, last): (Vec<_>, Vec<_>) = all
            .into_iter()
            .filter(|what| what.is_asked(only))
            .partition(|what| !what.is_files());
        let (precious, behind) = self.split_at_files(precious, !last.is_empty());
        // Read missing data first. Collections already saved are checked for changes afterwards.
        let mut known = Vec::new();
        if self.goes_on() {
            let vault = lock(self.vault);
            for what in &precious {
                let state = vault.state(*what)?;
                known.extend((state.done && is_whole(&state)).then_some(*what));
            }
        }
        let precious = precious.into_iter().filter(|what| !known.contains(what));
        let mut precious: VecDeque<_> = precious.collect();
        for what in &known {
            self.tell_known(*what)?;
        }
        let mut later = Vec::new();
        let mut health = None;
        while let Some(mut what) = precious.pop_front() {
            // A collection that was read before is only checked for changes, so the battery need not be queried again.
            if health.is_none() || !lock(self.vault).state(what)?.done {
                health = Some(try_handset!(self.tell_health()));
            }
            let battery_low = health == Some(true);
            let is_hasty = self.case.conditions.are_hasty();
            self.handset.set_urgent(battery_low || is_hasty);
            let todos = precious.iter().position(|next| *next == Collection::Todos);
            if let (true, Collection::Calendar, Some(at)) = (battery_low, what, todos) {
                let holding = try_handset!(self.look(Collection::Todos)?).holding;
                let rows = holding.and_then(|holding| holding.rows).unwrap_or_default();
                if rows <= FEW_TODOS {
                    precious.remove(at);
                    precious.push_front(what);
                    what = Collection::Todos;
                }
            }
            if !self.goes_on() && what > Collection::Sim && !later.contains(&Collection::Contacts) {
                contacts_are_read(&self.left);
            }
            if !try_handset!(self.read(what)?) {
                later.push(what);
            }
        }
        self.handset.set_urgent(false);
        for what in later {
            try_handset!(self.tell_health());
            try_handset!(self.read(what)?);
        }
        // A handset that was gone for a moment may soon be gone again, so files come before the check of saved
        // collections.
        let is_continued = self.part == Part::Continued;
        let (before, after) = match is_continued {
            true => (Vec::new(), known),
            false => (known, Vec::new()),
        };
        for what in before {
            try_handset!(self.read(what)?);
        }
        let has_contacts = !behind.contains(&Collection::Contacts);
        if after.is_empty() && has_contacts {
            contacts_are_read(&self.left);
        }
        if !last.is_empty() && self.case.conditions.has(Condition::Wet) {
            (self.tell)(Progress::Advice(
                phrase(
                    "Contacts are saved. The newest photos follow. When the photos that matter are saved, press q \
                     (or Ctrl-C) and switch the phone off.",
                )
                .into(),
            ));
        }
        for what in last {
            try_handset!(self.tell_health());
            try_handset!(self.read(what)?);
        }
        let is_wet = self.case.conditions.has(Condition::Wet);
        if is_wet && !behind.is_empty() {
            (self.tell)(Progress::Advice(
                phrase(
                    "Contacts and photos are saved. Stop now: press q (or Ctrl-C) and switch the phone off. Go on only \
                     if calendar and messages matter more than the phone.",
                )
                .into(),
            ));
        }
        for what in behind {
            try_handset!(self.tell_health());
            try_handset!(self.read(what)?);
        }
        for what in after {
            try_handset!(self.read(what)?);
        }
        contacts_are_read(&self.left);
        if is_wet {
            (self.tell)(Progress::Advice(
                phrase(
                    "All that can be read was read. Unplug the phone now, switch it off, and let it dry. Plug in no charger.",
                )
                .into(),
            ));
        }
        Ok(Ok(()))
    }

    /// Takes those collections apart that come after the files, by what people said: photos matter most to the owner,
    /// or the handset is wet, so that the newest photos follow the contacts.
    fn split_at_files(
        &self,
        all: Vec<Collection>,
        has_files: bool,
    ) -> (Vec<Collection>, Vec<Collection>) {
        let are_files_first = self.case.first.is_some_and(Collection::is_files);
        let is_wet = self.case.conditions.has(Condition::Wet);
        let is_before = |what: &Collection| match (has_files && !self.goes_on(), is_wet) {
            (false, _) => true,
            (true, true) => *what <= Collection::Sim,
            (true, false) => !are_files_first,
        };
        let (mut before, behind): (Vec<_>, Vec<_>) = all.into_iter().partition(is_before);
        // Contacts stay before the calendar: their provider must be read before the calendar's starts.
        let first = self.case.first.filter(|what| *what > Collection::Sim);
        if let Some(first) = first {
            before.sort_by_key(|what| (*what > Collection::Sim, *what != first, *what));
        }
        (before, behind)
    }

    /// Reports a collection that an earlier part read to its end.
    fn tell_known(&mut self, what: Collection) -> Result<(), RescueError> {
        let (holding, safe) = {
            let vault = lock(self.vault);
            let holding = vault.state(what)?.holding.unwrap_or_default();
            let rows = vault.rows(what)?;
            let safe = Safe {
                rows,
                of: Some(rows),
                counter: Counter::of(&vault, what)?,
            };
            (holding, safe)
        };
        (self.tell)(Progress::Surveyed(what, holding));
        self.tell_safe(what, &safe);
        (self.tell)(Progress::Read(what));
        Ok(())
    }

    /// Reports the handset's health, and advises once that the battery is low. Returns true while the battery is low.
    fn tell_health(&mut self) -> Result<bool, HandsetError> {
        let health = self.handset.health()?;
        let low = health
            .battery_percent
            .filter(|p| *p < LOW_BATTERY && health.charger != Charger::Charging);
        if let (Some(percent), false) = (low, self.battery_low) {
            self.battery_low = true;
            (self.tell)(Progress::Advice(
                match self.case.conditions.has(Condition::Wet) {
                    true => phrase!(
                        "The battery is at {percent} %. Plug in no charger: the phone is wet or its battery is swollen. \
                     Contacts come first, then the newest photos."
                    ),
                    false => phrase!(
                        "The battery is at {percent} % and not charging. Plug in a charger, unless the phone is wet or \
                     swollen. Contacts come first, then the smallest lists; slow items come last."
                    ),
                },
            ));
        }
        (self.tell)(Progress::Health(health));
        Ok(low.is_some())
    }

    /// Reads one collection from where the last read ended. Returns false if some of it was left for later.
    fn read(&mut self, what: Collection) -> Done<bool> {
        if what.is_files() && self.part == Part::Continued {
            let (bookmark, mut safe) = {
                let vault = lock(self.vault);
                let safe = Safe {
                    rows: 0,
                    of: None,
                    counter: Counter::of(&vault, what)?,
                };
                (vault.bookmark(what)?, safe)
            };
            if bookmark.is_some() && !self.is_of_another(what)? {
                try_handset!(self.copy_on(what, &mut safe)?);
            }
        }
        let mut state = try_handset!(self.look(what)?);
        let needs_no_more = self.looked.get(&what).is_some_and(|(_, no_more)| *no_more);
        let holding = state.holding.clone().unwrap_or_default();
        let mut safe = {
            let vault = lock(self.vault);
            Safe {
                rows: vault.rows(what)?,
                of: holding.rows,
                counter: Counter::of(&vault, what)?,
            }
        };
        if self.left.contains(&what) {
            return Ok(Ok(true));
        }
        let is_shut = holding.remedy == Some(Remedy::Setting) && holding.is_closed() && !state.done;
        if is_shut || self.sealed.contains(&what) {
            if is_shut {
                self.shut.insert(what);
            }
            self.tell_safe(what, &safe);
            return Ok(Ok(true));
        }
        if !needs_no_more {
            let mut not_copied = Vec::new();
            if holding.has_something_to_read() {
                not_copied = try_handset!(self.read_whole(what, &mut safe)?);
            }
            if !self.handset.is_complete(what) {
                self.tell_safe(what, &safe);
                return Ok(Ok(false));
            }
            let mut findings = try_handset!(self.handset.findings(what));
            findings.missing.append(&mut not_copied);
            state.findings = Some(findings);
            state.done = true;
            state.safe_after = Some(self.link_time());
            self.keep_raw(what)?;
            let mut vault = lock(self.vault);
            vault.set_state(what, &state)?;
            vault.log(&phrase!(
                "{}: everything was read, {} rows",
                what.name(),
                safe.rows
            ))?;
        }
        safe.of = Some(safe.rows);
        self.tell_safe(what, &safe);
        (self.tell)(Progress::Read(what));
        Ok(Ok(true))
    }

    /// Reads the records of a collection and copies its files, then reads what was added or changed meanwhile. Returns
    /// a sentence for each thing that could not be read.
    fn read_whole(&mut self, what: Collection, safe: &mut Safe) -> Done<Vec<String>> {
        let mut not_copied = Vec::new();
        for _ in 0..MOST_LOOKS {
            try_handset!(self.read_batches(what, safe)?);
            if what.is_files() {
                not_copied = try_handset!(self.copy_files(what, safe)?);
            }
            if what.is_files() {
                (self.tell)(Progress::LookingAgain(what));
            }
            let is_more = self.handset.look_again(what);
            self.log_asked()?;
            if !try_handset!(is_more) {
                return Ok(Ok(not_copied));
            }
        }
        not_copied.push(
            phrase(
                "New items kept coming while Lifeboat read the phone. Don't use the phone, and run the same rescue \
                 again.",
            ).into(),
        );
        Ok(Ok(not_copied))
    }

    /// Commits batches until there are no more.
    fn read_batches(&mut self, what: Collection, safe: &mut Safe) -> Done<()> {
        let mut after = lock(self.vault).bookmark(what)?;
        let mut told = Instant::now();
        loop {
            if self.stop.is_stopped() {
                return Ok(Err(HandsetError::Stopped));
            }
            let batch = self.handset.next_batch(what, after.as_ref());
            self.log_asked()?;
            let batch = match batch {
                Ok(Some(batch)) => batch,
                Ok(None) => return Ok(Ok(())),
                Err(error) => {
                    self.keep_raw(what)?;
                    return Ok(Err(error));
                }
            };
            lock(self.vault).commit(what, &batch)?;
            if self.goes_on() {
                for path in files_of(&batch) {
                    self.listed.insert(path, ());
                }
            }
            safe.rows += batch.rows;
            let has_screen = self.case.conditions.leave_screen();
            if let Some(advice) = safe.counter.add(what, &batch.records, has_screen) {
                (self.tell)(Progress::Advice(advice));
            }
            after = batch.bookmark.clone().or(after);
            if told.elapsed() >= TOLD_EVERY {
                if let Some(name) = batch.records.last().and_then(|last| last.body.label()) {
                    (self.tell)(Progress::Current { what, name });
                }
                self.tell_safe(what, safe);
                told = Instant::now();
            }
        }
    }

    fn tell_safe(&mut self, what: Collection, safe: &Safe) {
        (self.tell)(Progress::Safe {
            what,
            rows: safe.rows,
            of: safe.of,
            things: safe.counter.living,
        });
    }
}

/// Data of one collection that is on the disk.
struct Safe {
    rows: u64,
    of: Option<u64>,
    counter: Counter,
}

fn files_of(batch: &Batch) -> impl Iterator<Item = &HandsetPath> {
    batch
        .records
        .iter()
        .filter_map(|record| match &record.body {
            RecordBody::File(file) => Some(&file.path),
            _ => None,
        })
}
