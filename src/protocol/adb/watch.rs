//! What every wait of an ADB connection looks at, and whom it tells.

use std::time::{Duration, Instant};

use super::error::AdbError;
use crate::link::Stop;
use crate::protocol::trail::Trail;
use crate::protocol::waiting::{OnWait, Waiting};

/// How long a silence lasts before it is told of.
const QUIET: Duration = Duration::from_secs(2);
const PERIOD: Duration = Duration::from_secs(1);

/// What every wait of a connection looks at and reports to, and where what is sent is noted.
#[derive(Clone)]
pub(super) struct Watch {
    pub stop: Stop,
    /// The connection was ended from this side.
    pub ended: Stop,
    pub on_wait: OnWait,
    pub trail: Trail,
}

impl Watch {
    /// # Errors
    /// [`AdbError::Stopped`] once the user asked for that, or the connection was ended.
    pub fn check(&self) -> Result<(), AdbError> {
        if self.stop.is_stopped() || self.ended.is_stopped() {
            return Err(AdbError::Stopped);
        }
        Ok(())
    }

    /// Begins a wait.
    pub fn wait(&self) -> Wait<'_> {
        Wait {
            watch: self,
            began: Instant::now(),
            told: None,
        }
    }
}

/// One wait, from its beginning on.
pub(super) struct Wait<'a> {
    watch: &'a Watch,
    began: Instant,
    told: Option<Instant>,
}

impl Wait<'_> {
    pub fn began(&self) -> Instant {
        self.began
    }

    /// To be called every so often. `heard` is when anything last came over the link.
    ///
    /// # Errors
    /// [`AdbError::Stopped`].
    pub fn for_bytes(&mut self, heard: Instant) -> Result<(), AdbError> {
        self.watch.check()?;
        let silent = self.began.max(heard).elapsed();
        if silent >= QUIET {
            self.tell(Waiting::Silent(silent));
        }
        Ok(())
    }

    /// The same while the owner is asked for permission.
    ///
    /// # Errors
    /// [`AdbError::Stopped`].
    pub fn for_permission(&mut self) -> Result<(), AdbError> {
        self.watch.check()?;
        self.tell(Waiting::ForPermission);
        Ok(())
    }

    fn tell(&mut self, waiting: Waiting) {
        if self.told.is_none_or(|told| told.elapsed() >= PERIOD) {
            self.told = Some(Instant::now());
            (self.watch.on_wait)(waiting);
        }
    }
}
