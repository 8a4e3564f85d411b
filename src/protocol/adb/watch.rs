//! The checks and reports of every wait on an ADB connection.

use std::time::{Duration, Instant};

use super::error::AdbError;
use crate::model::Stop;
use crate::phrase;
use crate::protocol::request_log::RequestLog;
use crate::protocol::waiting::{OnWait, Waiting};

/// What the owner does when an Android asks whether this computer may debug it.
pub const ALLOW: &str = phrase("Unlock the phone and tap “Allow” in the USB debugging message.");

/// What the owner does if it doesn't ask. An Android that has asked once doesn't ask again until debugging was switched
/// off (AOSP `adbd_auth`: a pending question blocks the next one).
const ASK_AGAIN: &str = phrase(
    "Still no permission. If the phone doesn't ask, leave it plugged in, turn its USB \
     debugging off and on again, and tap “Allow”.",
);

/// How long a silence lasts before it is reported.
const QUIET: Duration = Duration::from_secs(2);
const PERIOD: Duration = Duration::from_secs(1);
/// After this time without the owner's permission, the handset may not be showing its question.
const IN_VAIN: Duration = Duration::from_secs(30);

/// What every wait of a connection checks and reports to, and the record of requests.
#[derive(Clone)]
pub(super) struct Watch {
    pub stop: Stop,
    /// The connection was ended from this side.
    pub ended: Stop,
    pub on_wait: OnWait,
    pub request_log: RequestLog,
}

impl Watch {
    /// # Errors
    /// [`AdbError::Stopped`] if the user has stopped the rescue, or the connection was ended.
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

/// One wait, from its beginning.
pub(super) struct Wait<'a> {
    watch: &'a Watch,
    began: Instant,
    told: Option<Instant>,
}

impl Wait<'_> {
    pub fn began(&self) -> Instant {
        self.began
    }

    /// Called repeatedly during a wait. `heard` is when data last arrived over the link.
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

    /// Called repeatedly while the owner is asked for permission.
    ///
    /// # Errors
    /// [`AdbError::Stopped`].
    pub fn for_permission(&mut self) -> Result<(), AdbError> {
        self.watch.check()?;
        self.tell(match self.began.elapsed() < IN_VAIN {
            true => Waiting::ForPermission(ALLOW),
            false => Waiting::ForPermissionInVain(ASK_AGAIN),
        });
        Ok(())
    }

    fn tell(&mut self, waiting: Waiting) {
        if self.told.is_none_or(|told| told.elapsed() >= PERIOD) {
            self.told = Some(Instant::now());
            (self.watch.on_wait)(waiting);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_permission_that_does_not_come_is_told_otherwise_after_a_while() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&told);
        let watch = Watch {
            stop: Stop::new(),
            ended: Stop::new(),
            on_wait: Arc::new(move |waiting| to.lock().expect("a lock").push(waiting)),
            request_log: RequestLog::default(),
        };
        let now = Instant::now();
        for began in [Some(now), now.checked_sub(IN_VAIN)] {
            let mut wait = Wait {
                watch: &watch,
                began: began.expect("a moment"),
                told: None,
            };
            wait.for_permission().expect("no stop");
        }
        assert_eq!(
            *told.lock().expect("a lock"),
            [
                Waiting::ForPermission(ALLOW),
                Waiting::ForPermissionInVain(ASK_AGAIN)
            ]
        );
    }
}
