//! The rescue engine: survey, order, read, commit, resume, write, verify, verdict. The engine has no user interface: it
//! reports events as [`Progress`].

mod approaches;
mod as_it_is;
mod back;
mod counter;
mod error;
pub mod finished;
mod found;
mod log_header;
pub mod look;
mod outcome;
mod progress;
mod read;
mod reconnect;
mod request;
mod rescue_list;
mod run;
mod running;
mod same_phone;
mod unfinished;
mod verdict;
mod watch;
mod window;

pub use crate::model::{CollectionOutcome, FromFiles};
pub use as_it_is::finish_as_it_is;
pub use back::{Missing, sleep_unless_stopped, wait_for};
pub use error::RescueError;
pub use outcome::{HandsetOutcome, Outcome, TimeToSafety};
pub use progress::{Pause, Progress};
pub use reconnect::{Reconnect, run_until_done};
pub use request::{Confirmed, Request, Target};
pub use rescue_list::{Finished, RescueList, RescueLister, Sealed};
pub use run::run;
pub use running::{Report, Running, ask_to_stop, leave_alone, running};
pub use unfinished::{Unfinished, is_of, unfinished};
pub use window::Window;
