//! A handset that restarts: gone, started, locked until its owner types the code, open again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::settings::{Restarts, Settings, Uptime};

/// How far the handset is since it was last switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It is not on the bus.
    Gone,
    /// Its debugging answers, and none of its services is there yet.
    Starting,
    /// Nobody has unlocked it yet: contacts, calendar and files are sealed (AOSP, "Direct Boot").
    Locked,
    Open,
}

/// The longest that it takes to be seen again, and for its services to start; a fifth and a tenth of the time to the
/// unlocking, where that is shorter.
const GONE: Duration = Duration::from_secs(3);
const STARTING: Duration = Duration::from_secs(2);

/// When it restarts, and what follows from that.
pub(super) struct Power {
    restarts: Option<Restarts>,
    /// Nobody ever unlocks it.
    stays_locked: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When it was last opened: first by a client that came.
    open_since: Option<Instant>,
    /// The last restart.
    restarted: Option<Instant>,
    boots: u32,
    /// Rows that it printed since it was opened.
    rows: u64,
}

impl Power {
    pub fn new(settings: &Settings) -> Self {
        Self {
            restarts: settings.restarts,
            stays_locked: settings.locked_since_boot,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A client connects.
    pub fn welcome(&self) {
        let mut state = self.lock();
        if state.restarted.is_none() {
            state.open_since.get_or_insert_with(Instant::now);
        }
    }

    /// How far it is now.
    pub fn phase(&self) -> Phase {
        let open = match self.stays_locked {
            true => Phase::Locked,
            false => Phase::Open,
        };
        let Some(restarts) = self.restarts else {
            return open;
        };
        let mut state = self.lock();
        if let (Uptime::Time(every), Some(since)) = (restarts.every, state.open_since)
            && since.elapsed() >= every
        {
            state.restart();
        }
        let Some(since) = state.restarted.map(|at| at.elapsed()) else {
            return open;
        };
        let gone = GONE.min(restarts.unlocked_after / 5);
        let started = gone + STARTING.min(restarts.unlocked_after / 10);
        match since {
            since if since < gone => Phase::Gone,
            since if since < started => Phase::Starting,
            since if since < restarts.unlocked_after => Phase::Locked,
            _ => {
                state.open_since.get_or_insert_with(Instant::now);
                open
            }
        }
    }

    /// How often it was restarted: a connection of before is gone.
    pub fn boots(&self) -> u32 {
        // It may be time for it.
        self.phase();
        self.lock().boots
    }

    /// Counts a printed row; true where it restarts after it.
    pub fn row_printed(&self) -> bool {
        let Some(Restarts {
            every: Uptime::Rows(most),
            ..
        }) = self.restarts
        else {
            return false;
        };
        let mut state = self.lock();
        // What a connection of before still prints is heard by nobody.
        state.rows += u64::from(state.open_since.is_some());
        let over = state.rows >= most;
        if over {
            state.restart();
        }
        over
    }
}

impl State {
    fn restart(&mut self) {
        *self = Self {
            open_since: None,
            restarted: Some(Instant::now()),
            boots: self.boots.wrapping_add(1),
            rows: 0,
        };
    }
}
