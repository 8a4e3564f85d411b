//! A rescue that another program runs, shown from what that program tells.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::{Phase, Rescue};
use crate::handset::find::Kind;
use crate::model::called;
use crate::rescue::{Progress, Running};

impl Rescue {
    /// Shows the rescue of another program. `kind`: the kind of device, if it is known.
    pub fn of_another(running: &Running, kind: Kind, now: Duration) -> Self {
        let today = SystemTime::now().duration_since(UNIX_EPOCH);
        let mut rescue = Self {
            phase: Phase::Reading,
            folder: Some(running.folder.clone()),
            name: called(&running.make, &running.model),
            is_backup: running.is_backup,
            kind,
            began: now,
            now,
            before: match running.began {
                Duration::ZERO => Duration::ZERO,
                began => today.unwrap_or_default().saturating_sub(began),
            },
            elsewhere: Some(0),
            ..Self::default()
        };
        rescue.watch(running);
        rescue
    }

    /// True for a rescue that another program runs.
    pub fn is_elsewhere(&self) -> bool {
        self.elsewhere.is_some()
    }

    /// Takes what the other program has told since the last time.
    pub fn watch(&mut self, running: &Running) {
        let Some(seen) = self.elsewhere else {
            return;
        };
        for report in running.reports.iter().filter(|one| one.number > seen) {
            self.elsewhere = Some(report.number);
            match &report.progress {
                // The time counts at which it was read.
                Progress::Read(what) => self.row(*what).read(report.at),
                other => self.on_message(other.clone()),
            }
        }
    }
}
