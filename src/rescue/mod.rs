//! The rescue engine: survey, order, read, commit, resume, write, verify, verdict. The engine has no user interface: it
//! reports events as [`Progress`].

mod account;
mod again;
mod back;
mod files;
mod found;
mod from_files;
pub mod look;
mod outcome;
mod pace;
mod read;
mod run;
mod same_phone;
mod tally;
mod unfinished;
mod verdict;

pub use crate::model::{CollectionOutcome, FromFiles};
pub use again::{Again, run_until_done};
pub use back::{Missing, nap, wait_for};
pub use outcome::{HandsetOutcome, Outcome, TimeToSafety};
pub use run::{Confirmed, Pause, Progress, Request, RescueError, Target, run};
pub use unfinished::{Unfinished, unfinished};
