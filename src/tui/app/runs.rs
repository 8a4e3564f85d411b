//! Several rescues at once: one is on the screen, the others go on behind it.

use std::path::PathBuf;

use super::{App, Message, Screen, Task};
use crate::handset::find::{Device, Wanted};
use crate::model::{Case, grouped};
use crate::phrase;
use crate::tui::screen::dock::{Lamp, RunLine};
use crate::tui::screen::look::Look;
use crate::tui::screen::rescue::{Phase, Rescue};
use crate::tui::screen::verdict::Verdict;

/// Number of a rescue of this program, in the order in which they began. 0: none.
pub type RunId = u32;

/// A rescue that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    pub device: Device,
    pub wanted: Wanted,
    /// The unfinished rescue that continues.
    pub folder: Option<PathBuf>,
}

impl Start {
    fn task(self) -> Task {
        Task::Rescue(self.device, self.wanted, self.folder)
    }
}

/// A rescue that is not on the screen.
#[derive(Default)]
pub(super) struct Run {
    rescue: Rescue,
    verdict: Verdict,
    case: Case,
    reads: Option<(Device, Wanted)>,
}

/// A rescue of this program, for its last words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub folder: PathBuf,
    pub finished: bool,
    /// ID of the phone, and what was read from it.
    pub device: String,
    pub wanted: Wanted,
}

impl App {
    /// The rescue on the screen; 0: none of this program.
    pub fn shown(&self) -> RunId {
        self.shown
    }

    /// The rescue that reads this device.
    pub fn run_of(&self, device: &str) -> Option<RunId> {
        self.all_runs()
            .find(|(_, rescue)| rescue.id() == device && rescue.is_reading())
            .map(|(id, _)| id)
    }

    pub(super) fn all_runs(&self) -> impl Iterator<Item = (RunId, &Rescue)> {
        let parked = self.parked.iter().map(|(id, run)| (*id, &run.rescue));
        parked.chain((self.shown > 0).then_some((self.shown, &self.rescue)))
    }

    /// True while this program runs the rescue on the screen.
    pub(super) fn reads_shown(&self) -> bool {
        self.rescue.is_reading() && !self.rescue.is_elsewhere()
    }

    /// True while any phone is read.
    pub fn is_reading(&self) -> bool {
        self.reads_shown() || self.parked.values().any(|run| run.rescue.is_reading())
    }

    /// Number of phones that are read.
    pub fn running(&self) -> usize {
        self.all_runs()
            .filter(|(_, rescue)| rescue.is_reading())
            .count()
    }

    /// True if no rescue can go on before somebody does something to its phone.
    pub fn only_waits(&self) -> bool {
        let mut reading = self.all_runs().filter(|(_, rescue)| rescue.is_reading());
        reading.all(|(_, rescue)| rescue.waits_for_a_person())
    }

    /// Sets the clock of the rescues behind the screen.
    pub(super) fn tick_parked(&mut self, now: std::time::Duration) {
        for run in self.parked.values_mut() {
            run.rescue.tick(now);
        }
    }

    /// The rescues of this program, the running ones last.
    pub fn left(&self) -> Vec<Left> {
        let now = self
            .all_runs()
            .filter_map(|(id, rescue)| self.left_by(id, rescue));
        let mut all: Vec<Left> = Vec::new();
        // A rescue that was continued in the same folder appears once, with its latest state.
        for left in self.left.iter().cloned().chain(now) {
            all.retain(|one| one.folder != left.folder);
            all.push(left);
        }
        all
    }

    fn left_by(&self, id: RunId, rescue: &Rescue) -> Option<Left> {
        let reads = match id == self.shown {
            true => self.reads.as_ref(),
            false => self.parked.get(&id).and_then(|run| run.reads.as_ref()),
        };
        let (device, wanted) = reads?;
        Some(Left {
            folder: rescue.folder.clone()?,
            finished: matches!(&rescue.phase, Phase::Ended(outcome) if outcome.finished),
            device: device.id.clone(),
            wanted: *wanted,
        })
    }

    /// What people said about the phone of a rescue.
    pub fn case_of(&self, id: RunId) -> Case {
        match self.parked.get(&id) {
            Some(run) => run.case.clone(),
            None => self.case.clone(),
        }
    }

    /// Begins rescues. A single one is shown.
    pub(super) fn begin_all(&mut self, starts: Vec<Start>) -> Option<Task> {
        let is_alone = starts.len() == 1;
        let first = self.case.first;
        let mut tasks = Vec::new();
        for start in starts {
            if self.run_of(&start.device.id).is_some() {
                continue;
            }
            if !is_alone {
                // The rescue on the screen keeps what was said about its own phone.
                self.park();
                // What people say about a phone is about that phone alone.
                self.case = Case {
                    conditions: self.dock.own_conditions(&start.device.id),
                    first,
                    ..Case::default()
                };
            }
            self.begin(&start.device, start.wanted);
            tasks.push(start.task());
        }
        self.screen = match is_alone {
            true => Screen::Rescue,
            false => Screen::Dock,
        };
        match tasks.len() {
            0 | 1 => tasks.pop(),
            _ => Some(Task::Several(tasks)),
        }
    }

    /// Starts or continues a rescue, and shows it.
    pub(super) fn begin(&mut self, device: &Device, wanted: Wanted) {
        self.park();
        self.last += 1;
        self.shown = self.last;
        self.rescue = Rescue::of(device, self.rescue.now);
        self.rescue.free = self.dock.free();
        self.rescue.warnings = self.case.warnings();
        self.rescue.is_desk = self.is_desk;
        self.rescue.instead = self.case.conditions.instead_of_unlocking();
        self.dock.answer_is_used();
        self.look = Look::new(self.today);
        self.looks_at = None;
        self.verdict = Verdict::default();
        self.screen = Screen::Rescue;
        self.reads = Some((device.clone(), wanted));
        self.light_lamps();
    }

    /// Puts the rescue on the screen behind it, if it is running. A rescue that has ended is in the list of rescues.
    pub(super) fn park(&mut self) {
        let (now, free) = (self.rescue.now, self.rescue.free);
        let id = std::mem::take(&mut self.shown);
        let run = Run {
            rescue: std::mem::take(&mut self.rescue),
            verdict: std::mem::take(&mut self.verdict),
            case: self.case.clone(),
            reads: self.reads.take(),
        };
        (self.rescue.now, self.rescue.free) = (now, free);
        if run.rescue.is_reading() && id > 0 {
            self.parked.insert(id, run);
        } else if id > 0
            && let (Some((device, wanted)), Some(folder)) = (run.reads, run.rescue.folder)
        {
            self.left.retain(|left| left.folder != folder);
            self.left.push(Left {
                finished: matches!(&run.rescue.phase, Phase::Ended(outcome) if outcome.finished),
                folder,
                device: device.id,
                wanted,
            });
        }
    }

    /// Shows a rescue that runs behind the screen.
    pub(super) fn show_run(&mut self, id: RunId) {
        if id != self.shown {
            let Some(run) = self.parked.remove(&id) else {
                return;
            };
            self.park();
            self.take(id, run);
            self.look = Look::new(self.today);
            self.looks_at = None;
        }
        self.screen = Screen::Rescue;
    }

    fn take(&mut self, id: RunId, run: Run) {
        let (now, free) = (self.rescue.now, self.rescue.free);
        self.shown = id;
        self.rescue = run.rescue;
        (self.rescue.now, self.rescue.free) = (now, free);
        self.verdict = run.verdict;
        self.case = run.case;
        self.reads = run.reads;
    }

    /// Handles a message about one rescue, on the screen or behind it.
    pub(super) fn on_message_of(&mut self, id: RunId, message: Message) -> Option<Task> {
        if id == self.shown {
            return self.on_message(message);
        }
        let Some(run) = self.parked.remove(&id) else {
            return self.on_late(message);
        };
        let (shown, screen) = (self.shown, self.screen);
        let now = Run {
            rescue: std::mem::take(&mut self.rescue),
            verdict: std::mem::take(&mut self.verdict),
            case: std::mem::take(&mut self.case),
            reads: self.reads.take(),
        };
        self.rescue.now = now.rescue.now;
        self.rescue.free = now.rescue.free;
        self.take(id, run);
        let mut aside = Some(now);
        if shown > 0 {
            self.parked.extend(aside.take().map(|now| (shown, now)));
        }
        // A rescue behind the screen changes nothing on it.
        self.screen = Screen::Dock;
        let task = self.on_message(message);
        let then = Run {
            rescue: std::mem::take(&mut self.rescue),
            verdict: std::mem::take(&mut self.verdict),
            case: std::mem::take(&mut self.case),
            reads: self.reads.take(),
        };
        let now = aside.or_else(|| self.parked.remove(&shown));
        self.parked.insert(id, then);
        let now = now.unwrap_or_default();
        (self.rescue.now, self.rescue.free) = (now.rescue.now, now.rescue.free);
        self.take(shown, now);
        self.screen = screen;
        self.light_lamps();
        task
    }

    /// A message about a rescue that its user has left already.
    fn on_late(&mut self, message: Message) -> Option<Task> {
        let Message::Sealed(done) = message else {
            return None;
        };
        self.sealing = self.sealing.saturating_sub(1);
        if let Err(why) | Ok((_, Some(why))) = done {
            self.dock.note(phrase!("The rescue is NOT sealed: {why}"));
        }
        self.leave_if_done();
        Some(Task::FindRescues)
    }

    /// Updates the progress of this program's rescues in the Dock.
    pub(super) fn light_lamps(&mut self) {
        let lines: Vec<RunLine> = self
            .all_runs()
            .filter(|(_, rescue)| !matches!(rescue.phase, Phase::Idle) && !rescue.is_again())
            .map(|(id, rescue)| {
                let (told, lamp) = match &rescue.phase {
                    Phase::Failed { what, .. } => (phrase!("stopped: {what}"), Lamp::Bad),
                    Phase::Ended(outcome) if outcome.safe => {
                        (phrase("rescued, safe").into(), Lamp::Good)
                    }
                    Phase::Ended(outcome) if outcome.finished => {
                        (phrase("rescued, NOT SAFE").into(), Lamp::Bad)
                    }
                    Phase::Ended(outcome) => {
                        let saved = outcome.collections.iter().map(|one| one.rescued).sum();
                        let saved = grouped(saved);
                        let told = match rescue.was_stopped() {
                            true => phrase!("stopped: {saved} saved"),
                            false => phrase!("ended early: {saved} saved"),
                        };
                        (told, Lamp::Care)
                    }
                    _ if rescue.waits_for_a_person() => (rescue.in_short(), Lamp::Care),
                    _ => (rescue.in_short(), Lamp::Plain),
                };
                RunLine {
                    id,
                    device: rescue.id().to_owned(),
                    name: rescue.name(),
                    folder: rescue.folder.clone(),
                    told,
                    lamp,
                    is_reading: rescue.is_reading(),
                    waits: rescue.waits_for_a_person()
                        && !matches!(rescue.phase, Phase::Opening(None)),
                    is_lost: matches!(rescue.phase, Phase::Lost(None)),
                    share: rescue.share(),
                }
            })
            .collect();
        self.dock.set_runs(lines);
    }
}
