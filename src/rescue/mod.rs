//! The engine: survey, order, read, commit, resume, write, verify, verdict. It knows no terminals: it tells what
//! happens as [`Progress`].

mod files;
pub mod look;
mod outcome;
mod run;
mod series_join;
mod sim_join;
mod verdict;

pub use outcome::{CollectionOutcome, HandsetOutcome, Outcome};
pub use run::{Progress, Request, RescueError, Target, run};
