//! Dock: the connected devices and the rescues, what each of them needs, and warnings.

mod about;
mod draw;
mod elsewhere;
mod keys;
mod known;
mod rows;
mod starts;

pub use keys::KEYS;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use draw::draw;
use rows::Row;

use crate::handset::find::{Device, Found, State};
use crate::model::{Conditions, Identity, open_lines, size};
use crate::phrase;
use crate::rescue::{Finished, Outcome, RescueList, Unfinished, is_of};
use crate::tui::app::RunId;
use crate::tui::keys::Intent;

/// What is chosen. It stays chosen while others come and go.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Key {
    /// A device, by its ID.
    Device(String),
    /// A rescue, by its folder or its archive.
    Rescue(PathBuf),
}

/// The connected devices, the rescues, and what is chosen.
#[derive(Debug, Default)]
pub struct Dock {
    found: Found,
    chosen: Option<Key>,
    parent: PathBuf,
    /// Free bytes in `parent`.
    free: Option<u64>,
    /// The ports were scanned at least once.
    looked: bool,
    /// What a person sees on the phones, by ID.
    answers: BTreeMap<String, Conditions>,
    /// The rescues in `parent`.
    rescues: RescueList,
    /// The finished rescues of this program, by the ID of the device: two connected phones can have the same serial
    /// number.
    rescued: BTreeMap<String, PathBuf>,
    /// The rescues that this program runs.
    runs: Vec<RunLine>,
    /// IDs of the devices that start together.
    marked: BTreeSet<String>,
    /// Serial numbers that two connected devices had at the same time: they no longer tell which device it is.
    twins: BTreeSet<String>,
    /// Serial number and place of each device that is connected or read, by its ID.
    places: BTreeMap<String, (String, String)>,
    /// Folders of the rescues of other programs that were asked to stop.
    stopping: BTreeSet<PathBuf>,
    /// Why something that was asked for was not done.
    note: Option<String>,
}

/// How a line of progress is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Lamp {
    #[default]
    Plain,
    Good,
    Care,
    Bad,
}

/// A rescue of this program, in a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunLine {
    pub id: RunId,
    /// ID of the device.
    pub device: String,
    /// What people call the device.
    pub name: String,
    pub folder: Option<PathBuf>,
    pub told: String,
    pub lamp: Lamp,
    pub is_reading: bool,
    /// The connection is lost, and nothing else is known to be needed than the cable.
    pub is_lost: bool,
    /// It can't go on before somebody does something to the device.
    pub waits: bool,
    /// How much is done, and of how much.
    pub share: Option<(u64, u64)>,
}

/// What Enter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enter {
    Rescue,
    /// Continue an unfinished rescue.
    Continue,
    /// Open a rescue that has ended.
    Open,
    /// Show a rescue that this program runs.
    Watch(RunId),
    /// Show a rescue that another program runs.
    Follow,
    /// Show the steps that the device needs, or those for finding one.
    Steps,
    Nothing,
}

/// The newest rescue of a device.
enum Latest<'a> {
    Finished(&'a Finished),
    Unfinished(&'a Unfinished),
}

impl Dock {
    pub fn new(parent: PathBuf) -> Self {
        Self {
            parent,
            ..Self::default()
        }
    }

    /// Text next to the title.
    pub fn beside(&self) -> String {
        match self.free {
            None => phrase!("saves to {}", self.parent.display()),
            // In a small window, the end of the path is cut.
            Some(free) => phrase!("{} free, saves to {}", size(free), self.parent.display()),
        }
    }

    /// Free bytes where rescues are saved.
    pub fn free(&self) -> Option<u64> {
        self.free
    }

    pub fn on_free(&mut self, bytes: u64) {
        self.free = Some(bytes);
    }

    /// Shows why something was not done.
    pub fn note(&mut self, why: String) {
        self.note = Some(why);
    }

    /// The device that is chosen.
    pub fn chosen(&self) -> Option<&Device> {
        match self.row()? {
            Row::Device(device) => Some(device),
            Row::Run(_)
            | Row::Running(_)
            | Row::Unfinished(_)
            | Row::Finished(_)
            | Row::Sealed(_) => None,
        }
    }

    /// Selects a device, if it is there.
    pub fn choose(&mut self, id: &str) {
        self.chosen = Some(Key::Device(id.to_owned()));
    }

    /// The ID of the next phone to be plugged in: people often describe a black or wet phone before they plug it in.
    pub const NEXT: &str = "";

    /// Forgets the answer that was given before a phone was plugged in: a rescue has begun with it.
    pub fn answer_is_used(&mut self) {
        self.answers.remove(Self::NEXT);
    }

    /// Remembers what a person sees on a phone.
    pub fn answer(&mut self, id: &str, conditions: Conditions) {
        self.answers.insert(id.to_owned(), conditions);
    }

    /// What a person sees on a phone.
    pub fn conditions(&self, id: &str) -> Conditions {
        let answer = self.answers.get(id).or(self.answers.get(Self::NEXT));
        answer.cloned().unwrap_or_default()
    }

    /// What a person sees on this phone, and on no other one.
    pub fn own_conditions(&self, id: &str) -> Conditions {
        self.answers.get(id).cloned().unwrap_or_default()
    }

    /// What a person sees on the selected phone.
    pub fn answers(&self) -> Conditions {
        self.conditions(self.chosen().map_or(Self::NEXT, |device| &device.id))
    }

    /// There are steps for the selected device, or for finding one.
    pub fn has_steps(&self) -> bool {
        match self.row() {
            Some(Row::Device(device)) => !device.situations.is_empty(),
            Some(_) => false,
            None => self.looked,
        }
    }

    /// The selected device, if it can be rescued now.
    pub fn ready(&self) -> Option<&Device> {
        self.chosen().filter(|d| d.state == State::Ready)
    }

    /// The selected device, if only its files can be read now.
    pub fn files_alone(&self) -> Option<&Device> {
        self.chosen()
            .filter(|d| d.files_alone && self.run_of(d).is_none())
    }

    /// The rescue of this program that reads a device, or that has just ended.
    fn run_of(&self, device: &Device) -> Option<&RunLine> {
        self.runs.iter().find(|run| run.device == device.id)
    }

    /// True if what `is_of` knows belongs to this device, and to no other one that is connected.
    fn is_only(&self, device: &Device, is_of: impl Fn(&Device) -> bool) -> bool {
        is_of(device) && self.found.devices.iter().filter(|d| is_of(d)).count() == 1
    }

    /// Two devices with the serial number of this one were seen: an earlier rescue can be of either.
    pub(super) fn is_twin(&self, device: &Device) -> bool {
        self.twins.contains(&device.serial)
    }

    /// The newest rescue of a device. None if two devices with the same serial number were seen, because the right one
    /// is then unknown, unless this program has read the device.
    fn latest(&self, device: &Device) -> Option<Latest<'_>> {
        let is_of_it = |identity: &Identity| {
            !self.is_twin(device)
                && self.is_only(device, |d| is_of(identity, &d.make, &d.model, &d.serial))
        };
        let rescues = &self.rescues;
        let folder = self.rescued.get(&device.id);
        let own = rescues
            .finished
            .iter()
            .find(|one| Some(&one.folder) == folder);
        let finished = own.or_else(|| rescues.finished.iter().find(|one| is_of_it(&one.identity)));
        let unfinished = rescues
            .unfinished
            .iter()
            .find(|one| is_of_it(&one.identity));
        match (finished, unfinished) {
            (Some(finished), Some(unfinished)) if is_newer(unfinished, finished) => {
                Some(Latest::Unfinished(unfinished))
            }
            (Some(finished), _) => Some(Latest::Finished(finished)),
            (None, Some(unfinished)) => Some(Latest::Unfinished(unfinished)),
            (None, None) => None,
        }
    }

    fn unfinished_of(&self, device: &Device) -> Option<&Unfinished> {
        match self.latest(device)? {
            Latest::Unfinished(unfinished) => Some(unfinished),
            Latest::Finished(_) => None,
        }
    }

    /// The device of an unfinished rescue, if it can be read now.
    fn device_of(&self, unfinished: &Unfinished) -> Option<&Device> {
        let is_of = |d: &Device| unfinished.is_of(&d.make, &d.model, &d.serial);
        self.found
            .devices
            .iter()
            .find(|d| d.state == State::Ready && self.run_of(d).is_none() && self.is_only(d, is_of))
    }

    /// What Enter does with the chosen row.
    pub fn enter(&self) -> Enter {
        let Some(row) = self.row() else {
            return if self.has_steps() {
                Enter::Steps
            } else {
                Enter::Nothing
            };
        };
        match row {
            Row::Run(run) => Enter::Watch(run.id),
            Row::Device(device) => self.enter_device(device),
            Row::Finished(_) => Enter::Open,
            Row::Unfinished(unfinished) => match self.device_of(unfinished) {
                Some(_) => Enter::Continue,
                None => Enter::Open,
            },
            Row::Running(_) => Enter::Follow,
            Row::Sealed(_) => Enter::Nothing,
        }
    }

    fn enter_device(&self, device: &Device) -> Enter {
        if let Some(run) = self.run_of(device) {
            return Enter::Watch(run.id);
        }
        if self.elsewhere(device).is_some() {
            return Enter::Follow;
        }
        if device.state != State::Ready {
            return match device.situations.is_empty() {
                true => Enter::Nothing,
                false => Enter::Steps,
            };
        }
        if !self.marked.is_empty() {
            return match self.starts(false).is_empty() {
                true => Enter::Nothing,
                false => Enter::Rescue,
            };
        }
        match self.latest(device) {
            None => Enter::Rescue,
            Some(Latest::Unfinished(_)) => Enter::Continue,
            Some(Latest::Finished(_)) => Enter::Open,
        }
    }

    /// True if a second rescue of the chosen device can begin although there is an earlier one.
    pub fn can_begin_anew(&self) -> bool {
        let is_old = |device: &Device| self.latest(device).is_some();
        self.ready().or(self.files_alone()).is_some_and(|device| {
            is_old(device) && self.run_of(device).is_none() && self.elsewhere(device).is_none()
        })
    }

    /// The folder that Enter opens.
    pub fn chosen_folder(&self) -> Option<PathBuf> {
        match self.row()? {
            Row::Device(device) => match self.latest(device)? {
                Latest::Finished(finished) => Some(finished.folder.clone()),
                Latest::Unfinished(unfinished) => Some(unfinished.folder.clone()),
            },
            Row::Finished(finished) => Some(finished.folder.clone()),
            Row::Unfinished(unfinished) => Some(unfinished.folder.clone()),
            Row::Run(_) | Row::Running(_) | Row::Sealed(_) => None,
        }
    }

    /// True if there is something else to choose.
    pub fn has_choice(&self) -> bool {
        let rows = self.rows();
        rows.len() > 1 || (self.index(&rows).is_none() && !rows.is_empty())
    }

    pub fn on_rescue_list(&mut self, rescues: RescueList) {
        let is_running = |folder: &PathBuf| rescues.running.iter().any(|one| one.folder == *folder);
        self.stopping.retain(is_running);
        self.rescues = rescues;
    }

    /// A rescue of a device has ended: it is in the list before the folder is looked at again.
    pub fn on_ended(&mut self, device: &Device, outcome: &Outcome) {
        if !outcome.finished {
            return;
        }
        let folder = PathBuf::from(&outcome.folder);
        self.rescued.insert(device.id.clone(), folder.clone());
        let finished = Finished {
            identity: Identity {
                make: device.make.clone(),
                model: device.model.clone(),
                serial: device.serial.clone(),
                ..Identity::default()
            },
            begun: begun(&folder),
            is_safe: outcome.safe,
            headline: outcome.headline.clone(),
            open_lines: open_lines(&outcome.before_reset),
            copies: outcome.copies.clone(),
            folder: folder.clone(),
        };
        self.rescues.unfinished.retain(|one| one.folder != folder);
        self.rescues.finished.retain(|one| one.folder != folder);
        self.rescues.finished.insert(0, finished);
    }

    /// Takes the rescues of this program.
    pub fn set_runs(&mut self, runs: Vec<RunLine>) {
        self.runs = runs;
    }

    pub fn on_message(&mut self, found: Found) {
        // A phone that restarts or changes its USB mode is away for a moment. A phone without a serial number can't be
        // distinguished from another phone at the same port.
        let is_known = |id: &str| !id.starts_with("usb:") && id != "unnamed";
        let is_there = |id: &String| found.devices.iter().any(|device| device.id == **id);
        self.answers.retain(|id, _| is_known(id) || is_there(id));
        self.marked.retain(is_there);
        // Another device with the same serial number can be plugged in at the same place.
        let twins = &self.twins;
        let is_twin =
            |id: &str| twins.contains(id.split_once('@').map_or(id, |(serial, _)| serial));
        self.rescued.retain(|id, _| !is_twin(id) || is_there(id));
        let is_read = |id: &String| self.runs.iter().any(|run| run.device == *id);
        self.places.retain(|id, _| is_read(id));
        for device in &found.devices {
            let place = (device.serial.clone(), device.place.clone());
            self.places.insert(device.id.clone(), place);
        }
        self.found = found;
        self.looked = true;
    }

    pub fn update(&mut self, intent: Intent) {
        self.note = None;
        if intent == Intent::Mark {
            return self.mark();
        }
        let rows = self.rows();
        let last = rows.len().saturating_sub(1);
        let Some(now) = self.index(&rows) else {
            self.chosen = rows.first().map(Row::key);
            return;
        };
        let next = match intent {
            Intent::Up => now.saturating_sub(1),
            Intent::Down => (now + 1).min(last),
            Intent::PageUp => now.saturating_sub(PAGE),
            Intent::PageDown => (now + PAGE).min(last),
            Intent::First => 0,
            Intent::Last => last,
            _ => return,
        };
        self.chosen = rows.get(next).map(Row::key);
    }
}

/// Number of rows that PgUp and PgDn go.
const PAGE: usize = 10;

/// The day in the name of a rescue folder.
fn begun(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.chars().take(10).collect()
}

/// Folders are named after their day, and numbered within a day.
fn is_newer(unfinished: &Unfinished, finished: &Finished) -> bool {
    match unfinished.begun.cmp(&finished.begun) {
        std::cmp::Ordering::Equal => {
            let length = |folder: &Path| folder.as_os_str().len();
            (length(&unfinished.folder), &unfinished.folder)
                > (length(&finished.folder), &finished.folder)
        }
        order => order.is_gt(),
    }
}
