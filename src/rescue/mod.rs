//! The rescue engine: survey, order, read, commit, resume, write, verify, verdict. The engine has no user interface: it
//! reports events as [`Progress`].

mod account;
mod again;
mod back;
mod error;
mod found;
pub mod look;
mod outcome;
mod progress;
mod read;
mod request;
mod run;
mod same_phone;
mod tally;
mod unfinished;
mod verdict;
mod watch;

pub use crate::model::{CollectionOutcome, FromFiles};
pub use again::{Again, run_until_done};
pub use back::{Missing, nap, wait_for};
pub use error::RescueError;
pub use outcome::{HandsetOutcome, Outcome, TimeToSafety};
pub use progress::{Pause, Progress};
pub use request::{Confirmed, Request, Target};
pub use run::run;
pub use unfinished::{Unfinished, unfinished};
