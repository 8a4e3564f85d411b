//! The record of requests to a handset, for the log.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{SecondsFormat, Utc};

use crate::many::Packed;
use crate::model::Asked;
use crate::phrase;

/// The longest request that is recorded whole, in bytes: some list thousands of row numbers.
const LONGEST: usize = 2_000;

/// Number of requests that are taken at a time: listing a million files takes a million requests.
const AT_ONCE: usize = 1 << 12;

/// Records the requests to a handset, in order, until the log takes them. Clones share the record.
#[derive(Clone)]
pub(in crate::protocol) struct RequestLog(Arc<Mutex<Packed<Asked>>>);

impl Default for RequestLog {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Packed::by(AT_ONCE))))
    }
}

impl RequestLog {
    /// Records a request. Called before `what` is sent.
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

    /// Takes the oldest requests that were not taken yet; empty if there are no more.
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
    phrase!("{head}… ({} bytes)", what.len())
}
