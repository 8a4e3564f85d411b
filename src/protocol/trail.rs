//! The record of what was asked of a handset, for the log.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{SecondsFormat, Utc};

use crate::many::Packed;
use crate::model::Asked;

/// The longest request that is noted whole, in bytes: some name thousands of rows by their numbers.
const LONGEST: usize = 2_000;

/// So many requests are taken at a time: a list of a million files is asked for in as many.
const AT_ONCE: usize = 1 << 12;

/// Notes what leaves for a handset, in order, until the log takes it. Clones share it.
#[derive(Clone)]
pub(in crate::protocol) struct Trail(Arc<Mutex<Packed<Asked>>>);

impl Default for Trail {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Packed::by(AT_ONCE))))
    }
}

impl Trail {
    /// To be called before `what` is sent.
    pub fn note(&self, what: &str) {
        let asked = Asked {
            at: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            what: shortened(what),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(asked);
    }

    /// The first of what was noted and not taken yet; none: that was all.
    pub fn take(&self) -> Vec<Asked> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

fn shortened(what: &str) -> String {
    if what.len() <= LONGEST {
        return what.to_owned();
    }
    let starts = what.char_indices().map(|(at, _)| at);
    let end = starts.take_while(|at| *at <= LONGEST).last();
    let head = what.get(..end.unwrap_or_default()).unwrap_or_default();
    format!("{head}… ({} bytes)", what.len())
}
