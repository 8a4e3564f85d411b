//! Runs a rescue across interruptions. A broken cable or a handset that locks itself is no failure: the rescue
//! continues once the handset can be read again.

use std::time::{Duration, Instant};

use super::back::sleep_unless_stopped;
use super::error::RescueError;
use super::outcome::Outcome;
use super::progress::{Pause, Progress};
use super::read::Part;
use super::request::{Request, Target};
use super::run::run_part;
use super::running::{RunningFile, is_running};
use super::window::Window;
use crate::handset::Handset;
use crate::handset::find::Opened;
use crate::model::{Asked, Stop};
use crate::phrase;
use crate::vault::VaultError;

/// How often a locked handset is polled.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Largest number of requests, made while waiting for a handset, that go into the log. Later requests are dropped.
const MOST_ASKED: usize = 200;

/// Reaches the same handset again, and reports meanwhile what the handset needs. After [`Pause::Lost`] this may take
/// until its user plugs the handset in. After [`Pause::Locked`] the handset is already unlocked. `None`: the wait was
/// given up.
pub type Reconnect<'a> = dyn FnMut(Pause, &mut dyn FnMut(Progress)) -> Option<Opened> + 'a;

/// Like [`run`](super::run), but continues the rescue after a lost link or a locked handset, once the handset can be
/// read again.
///
/// `patience` limits the wait for a locked handset; `None`: no limit.
///
/// # Errors
/// As [`run`](super::run).
pub fn run_until_done(
    opened: Opened,
    request: &Request,
    patience: Option<Duration>,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
    reconnect: &mut Reconnect<'_>,
) -> Result<Outcome, RescueError> {
    let mut request = request.clone();
    let mut part = match request.target {
        Target::New(_) => Part::First,
        Target::Resume(_) => Part::Resumed,
    };
    // A program that waits for the phone does not hold the journal.
    if let Target::Resume(folder) = &request.target
        && is_running(folder)
    {
        return Err(VaultError::Busy {
            folder: folder.clone(),
        }
        .into());
    }
    let mut running_file = RunningFile::new(opened.handset.identity(), stop);
    let mut shown = |progress: Progress| {
        running_file.take(&progress);
        tell(progress);
    };
    let tell: &mut dyn FnMut(Progress) = &mut shown;
    let window = Window::default();
    tell(Progress::Window(window.clone()));
    let mut asked = Vec::new();
    let Opened {
        mut handset,
        mut others,
    } = opened;
    loop {
        let done = run_part(
            handset.as_mut(),
            others,
            (&request, &window),
            part,
            &asked,
            stop,
            tell,
        )?;
        let (outcome, Some(pause)) = done else {
            return Ok(done.0);
        };
        if stop.is_stopped() {
            return Ok(outcome);
        }
        let pause = match pause {
            Pause::Lost => Pause::Lost,
            Pause::Locked => match wait_for_unlocking(handset.as_mut(), patience, stop) {
                Some(pause) => pause,
                None => return Ok(outcome),
            },
        };
        if pause == Pause::Lost && !outcome.lost {
            tell(Progress::Lost);
        }
        asked = asked_meanwhile(handset.as_mut());
        // Close a lost link before another link to the same handset is opened.
        drop(handset);
        match reconnect(pause, tell) {
            Some(found) => Opened { handset, others } = found,
            None => return Ok(outcome),
        }
        tell(Progress::Back);
        request.target = Target::Resume(outcome.folder.into());
        part = Part::Continued;
    }
}

/// Waits until a locked handset is unlocked or gone. `None`: the wait was given up.
fn wait_for_unlocking(
    handset: &mut dyn Handset,
    patience: Option<Duration>,
    stop: &Stop,
) -> Option<Pause> {
    let since = Instant::now();
    loop {
        match handset.look_at_lock() {
            Ok(false) => return Some(Pause::Locked),
            Ok(true) => {}
            Err(_) => return (!stop.is_stopped()).then_some(Pause::Lost),
        }
        if patience.is_some_and(|patience| since.elapsed() >= patience) {
            return None;
        }
        sleep_unless_stopped(LOOK_EVERY, stop);
        if stop.is_stopped() {
            return None;
        }
    }
}

/// Returns the requests that were made while waiting for the handset.
fn asked_meanwhile(handset: &mut dyn Handset) -> Vec<Asked> {
    let (mut asked, mut all) = (Vec::new(), 0);
    loop {
        let some = handset.asked();
        if some.is_empty() {
            break;
        }
        all += some.len();
        let room = MOST_ASKED.saturating_sub(asked.len());
        asked.extend(some.into_iter().take(room));
    }
    let more = all.saturating_sub(MOST_ASKED);
    if let (1.., Some(last)) = (more, asked.last().cloned()) {
        asked.push(Asked {
            what: phrase!("the same request {more} more times, until the phone was unlocked or its connection \
                           was lost"),
            ..last
        });
    }
    asked
}
