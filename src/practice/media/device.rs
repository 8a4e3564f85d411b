//! State shared by all connections to one practice media device: contents, faults, cable and tripwire.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::settings::{Settings, Trouble};
use super::store::Store;
use crate::model::Stop;
use crate::practice::owned::Deeds;

/// Time for which the cable is out after a fault pulled it.
const OUT_FOR: Duration = Duration::from_secs(3);

pub struct Device {
    pub settings: Settings,
    state: Mutex<State>,
}

/// The mutable state.
pub struct State {
    pub store: Store,
    pub session: Option<u32>,
    /// A file for an earlier program is still being sent.
    pub left_over: bool,
    pub busy: u32,
    /// No request is answered until the device is plugged in again.
    pub is_mute: bool,
    pub changes: u32,
    /// A request for part of a file counts as a request for a file.
    deeds: Deeds,
    /// Number of bytes sent to clients.
    sent: u64,
    unplug_bytes: VecDeque<u64>,
    /// The owner unlocked the device.
    unlocked: bool,
    /// Time of the first request for the storages.
    asked_first: Option<Instant>,
    asked: Vec<String>,
    tripped: Vec<String>,
    links: Stop,
    out: Out,
}

/// Reason why the cable is out.
enum Out {
    No,
    Until(Instant),
    UntilPluggedIn,
}

impl Device {
    pub fn new(settings: Settings) -> Self {
        let state = State {
            store: Store::new(&settings),
            session: settings.left_over.then_some(7),
            left_over: settings.left_over,
            busy: settings.busy,
            is_mute: false,
            changes: settings.changes,
            deeds: Deeds::of(&settings.deeds),
            sent: 0,
            unplug_bytes: settings.unplug_after.iter().copied().collect(),
            unlocked: false,
            asked_first: None,
            asked: Vec::new(),
            tripped: Vec::new(),
            links: Stop::new(),
            out: Out::No,
        };
        Self {
            settings,
            state: Mutex::new(state),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stops when the cable is pulled.
    pub fn cable(&self) -> Stop {
        self.state().links.clone()
    }

    pub fn is_plugged(&self) -> bool {
        let mut state = self.state();
        if matches!(state.out, Out::Until(when) if Instant::now() >= when) {
            state.out = Out::No;
        }
        matches!(state.out, Out::No)
    }

    pub fn unplug(&self) {
        let mut state = self.state();
        state.out = Out::UntilPluggedIn;
        std::mem::take(&mut state.links).stop();
    }

    pub fn plug_in(&self) {
        self.state().out = Out::No;
    }

    pub fn unlock(&self) {
        self.state().unlocked = true;
    }

    pub fn note(&self, what: String) {
        self.state().asked.push(what);
    }

    pub fn trip(&self, what: String) {
        self.state().tripped.push(what);
    }

    pub fn asked(&self) -> Vec<String> {
        self.state().asked.clone()
    }

    pub fn tripped(&self) -> Vec<String> {
        self.state().tripped.clone()
    }

    /// True while the device shows its storages. `is_asked`: the storages are being requested now.
    pub fn is_open(&self, is_asked: bool) -> bool {
        let mut state = self.state();
        if is_asked {
            state.asked_first.get_or_insert_with(Instant::now);
        }
        let waited = state.asked_first.map(|first| first.elapsed());
        let opens = match self.settings.unlocked_after {
            Some(after) => waited.is_some_and(|waited| waited >= after),
            None => !self.settings.locked,
        };
        let locks = self.settings.locks_after;
        state.unlocked || (opens && locks.is_none_or(|most| state.sent < most))
    }

    /// The fault of an object.
    pub fn trouble(&self, handle: u32) -> Option<Trouble> {
        let path = self.state().store.path_of(handle)?;
        let mut troubles = self.settings.troubles.iter();
        troubles
            .find(|(of, _)| *of == path)
            .map(|(_, trouble)| *trouble)
    }

    /// Counts a file request and applies the changes that are due.
    pub fn fetched(&self) {
        let mut state = self.state();
        for deed in state.deeds.fetched() {
            state.store.happen(&deed);
        }
    }

    /// Counts bytes to be sent. If the cable is pulled among them, returns the number of bytes sent before that.
    pub fn charge(&self, count: usize) -> Option<usize> {
        let mut state = self.state();
        state.sent += count as u64;
        let left = state.unplug_bytes.front_mut()?;
        let cut = usize::try_from(*left).unwrap_or(usize::MAX);
        if cut >= count {
            *left -= count as u64;
            return None;
        }
        state.unplug_bytes.pop_front();
        state.out = Out::Until(Instant::now() + OUT_FOR);
        Some(cut)
    }
}
