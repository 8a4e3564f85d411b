//! A broken cable is not a failure: the rescue goes on when the handset is there again.

use super::outcome::Outcome;
use super::run::{Progress, Request, RescueError, Target, run};
use crate::handset::Handset;
use crate::link::Stop;

/// As [`run`]; and where the link is lost, `again` is asked for the same handset, which may take as long as its
/// user takes to plug it in, and the rescue goes on. `again` gives `None` where nobody waits any longer.
///
/// # Errors
/// As [`run`].
pub fn run_until_done(
    mut handset: Box<dyn Handset>,
    request: &Request,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
    again: &mut dyn FnMut() -> Option<Box<dyn Handset>>,
) -> Result<Outcome, RescueError> {
    let mut request = request.clone();
    loop {
        let outcome = run(handset.as_mut(), &request, stop, tell)?;
        if !outcome.lost || stop.is_stopped() {
            return Ok(outcome);
        }
        // A link that is lost is closed before another to the same handset is opened.
        drop(handset);
        match again() {
            Some(found) => handset = found,
            None => return Ok(outcome),
        }
        tell(Progress::Back);
        request.target = Target::Resume(outcome.folder.into());
    }
}
