//! A handset that restarts: it disappears, starts, is locked until its owner enters the code, and is open again.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::settings::{Restarts, Settings, Uptime};

/// Progress of the handset since it was last switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The handset is not on the bus.
    Gone,
    /// Debugging works, but no service has started yet.
    Starting,
    /// The handset was not yet unlocked: contacts, calendar and files are encrypted (AOSP, "Direct Boot").
    Locked,
    Open,
}

/// Maximum time until the handset is visible again, and until its services start. If the unlock comes early, these
/// take a fifth and a tenth of the time to it.
const GONE: Duration = Duration::from_secs(3);
const STARTING: Duration = Duration::from_secs(2);

/// The times of restarts, and the resulting state.
pub(super) struct Power {
    restarts: Option<Restarts>,
    /// The handset is never unlocked.
    stays_locked: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the handset last became open; the first time, when a client connected.
    open_since: Option<Instant>,
    /// Time of the last restart.
    restarted: Option<Instant>,
    boots: u32,
    /// Number of rows printed since the handset became open.
    rows: u64,
}

impl Power {
    pub fn new(settings: &Settings) -> Self {
        Self {
            restarts: settings.power.restarts,
            stays_locked: settings.software.locked_since_boot,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that a client connected.
    pub fn welcome(&self) {
        let mut state = self.lock();
        if state.restarted.is_none() {
            state.open_since.get_or_insert_with(Instant::now);
        }
    }

    /// The current phase.
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

    /// Number of restarts. Connections from before a restart are gone.
    pub fn boots(&self) -> u32 {
        // A restart may be due.
        self.phase();
        self.lock().boots
    }

    /// Counts a printed row. Returns true if the handset restarts after it.
    pub fn row_printed(&self) -> bool {
        let Some(Restarts {
            every: Uptime::Rows(most),
            ..
        }) = self.restarts
        else {
            return false;
        };
        let mut state = self.lock();
        // Rows printed on a connection from before a restart do not count.
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
