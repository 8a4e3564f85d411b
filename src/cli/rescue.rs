//! `lifeboat rescue`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use clap::ValueEnum as _;

use super::arguments::Rescue;
use super::options::{Family, Source};
use super::practice::{Plugged, PracticeRequest};
use super::progress::ProgressPrinter;
use super::{FAILED, NOT_ALL, OK, connect, password};
use crate::handset::android::Choices;
use crate::handset::family::Secrets;
use crate::handset::find::{Computer, Device, Opened, Port, State, Wanted};
use crate::model::{Advice, Case, Condition, LineState, Stop, Ticked, Verdict};
use crate::phrase;
use crate::protocol::adb::Options;
use crate::rescue::{
    self, CollectionOutcome, Confirmed, Missing, Outcome, Pause, Progress, Request, RescueError,
    Target,
};
use crate::vault::Vault;

/// The pause before a phone is opened again.
const OPEN_AGAIN: Duration = Duration::from_secs(1);
/// Default time to wait for a locked handset: a person has to come and type its code.
const UNTIL_UNLOCKED: Duration = Duration::from_secs(600);

/// Maximum time to reconnect to a handset that is present.
const AT_HAND: Duration = Duration::from_secs(60);

/// Rescues a handset.
pub fn rescue(asked: &Rescue, stop: &Stop) -> Result<u8> {
    Ok(run(asked, asked.case.noted(), ProgressPrinter::new(), stop)?.0)
}

/// Rescues a handset. Returns the exit code, and the result unless the user stopped the rescue.
pub fn run(
    asked: &Rescue,
    case: Case,
    mut teller: ProgressPrinter,
    stop: &Stop,
) -> Result<(u8, Option<Outcome>)> {
    let named_files = asked.files;
    let mut asked = with_source(asked)?;
    let work_profile_by = asked.work_profile.who_agreed()?;
    let choices = Choices {
        work_profile: work_profile_by.is_some(),
        only: asked.only.iter().map(|o| o.0).collect(),
    };
    let options = connect::options(&asked.adb_key, stop);
    let secrets = password::secrets(stop);
    let computer = Computer {
        options: options.clone(),
        choices: choices.clone(),
        secrets: Arc::clone(&secrets),
    };
    if asked.files && !named_files {
        asked.files = !is_fully_readable(&computer, &asked.source);
    }
    let asked = &asked;
    let practice = match asked.source.practice {
        Some(family) => {
            let (options, choices) = (options.clone(), choices.clone());
            let wish = PracticeRequest {
                family,
                fault: asked.fault.as_deref(),
                pace: None,
                files: asked.files,
            };
            Some(Plugged::new(&wish, options, choices, Arc::clone(&secrets))?)
        }
        None => None,
    };
    let source = &asked.source;
    let wanted = match asked.files {
        true => Wanted::Files,
        false => Wanted::All,
    };
    // A question on the phone's screen may stay unanswered.
    let stop_opening = match asked.wait.filter(|long| !long.is_zero()) {
        Some(long) => stop.until(Instant::now() + long),
        None => stop.clone(),
    };
    let waits = asked.wait.is_some_and(|long| !long.is_zero());
    let opened = loop {
        let opened = open(
            asked,
            wanted,
            &options,
            &choices,
            practice.as_ref(),
            &secrets,
            &stop_opening,
        );
        let may_pass = |error: &anyhow::Error| error.is::<connect::MayPass>();
        match &opened {
            Err(error) if waits && !stop_opening.is_stopped() && may_pass(error) => {
                crate::rescue::sleep_unless_stopped(OPEN_AGAIN, &stop_opening);
            }
            Ok(_) | Err(_) => break opened,
        }
    };
    if let (Err(_), Some(long), true) = (&opened, asked.wait, stop_opening.is_over()) {
        return Err(anyhow!(phrase!(
            "the phone could not be read within {}. Unlock it, answer the question on its screen, and try again. \
             --wait changes the time",
            how_long(long)
        )));
    }
    let opened = opened?;
    stop_opening.lift();
    let target = match (&asked.resume, &asked.to) {
        (Some(folder), _) => Target::Resume(folder.clone()),
        (None, Some(parent)) => Target::New(parent.clone()),
        (None, None) => return Err(anyhow!(phrase("no destination is named: add --to PARENT"))),
    };
    let request = Request {
        target,
        only: asked.only.iter().map(|o| o.0).collect(),
        reach: reach(asked),
        today: chrono::Local::now().date_naive(),
        desk: asked.desk.noted(),
        confirmed: Confirmed {
            work_profile_by,
            is_empty: asked.confirm_empty,
        },
        case,
    };
    for warning in request.case.warnings() {
        say!("{warning}");
    }
    // Such a phone comes back as soon as somebody has unlocked it.
    let restarts = request.case.conditions.has(Condition::Restarts);
    let patience_when_lost = match restarts {
        true => Some(asked.wait.unwrap_or(UNTIL_UNLOCKED)),
        false => asked.wait,
    };
    let missing = Missing {
        id: source.device.clone().unwrap_or_default(),
        serial: opened.handset.identity().serial.clone(),
        wanted,
    };
    let reach_again = |pause: Pause, tell: &mut dyn FnMut(Progress)| {
        // An unlocked handset is present. A handset that is gone is waited for only on request.
        let long = match pause {
            Pause::Locked => asked.wait.unwrap_or_default().max(AT_HAND),
            Pause::Lost => patience_when_lost.filter(|long| !long.is_zero())?,
        };
        let until = Instant::now() + long;
        let port: Arc<dyn Port> = match (&source.device, &practice) {
            (Some(_), _) => Arc::new(computer.clone()),
            (None, Some(practice)) => Arc::clone(&practice.port),
            (None, None) => {
                let place = source.adb.as_ref()?;
                return connect::over_network_again(place, &options, &choices, until, stop);
            }
        };
        rescue::wait_for(
            port.as_ref(),
            &missing,
            Some(until),
            &connect::tell_waits(),
            stop,
            tell,
        )
    };
    let patience = asked.wait.unwrap_or(UNTIL_UNLOCKED);
    let outcome = rescue::run_until_done(
        opened,
        &request,
        Some(patience),
        stop,
        &mut |progress| {
            teller.tell(&progress);
            let long = match progress {
                Progress::Locked(_) => patience,
                Progress::Lost => patience_when_lost.unwrap_or_default(),
                _ => Duration::ZERO,
            };
            if !long.is_zero() {
                teller.line(&phrase!(
                    "Waiting for the phone for up to {} (--wait changes this). Press Ctrl-C to stop waiting. Use \
                     --resume to continue later.",
                    how_long(long)
                ));
            }
        },
        &mut { reach_again },
    );
    let outcome = match outcome {
        Err(error @ RescueError::Stopped) => {
            teller.line(&phrase!("Stopped. {}", error.advice()));
            return Ok((NOT_ALL, None));
        }
        outcome => outcome.map_err(connect::explained)?,
    };
    tell(&outcome, &mut teller);
    if asked.json {
        connect::print(&serde_json::to_string_pretty(&outcome)?);
    } else {
        connect::print(&outcome.folder);
    }
    let tripped = practice.map(|p| p.tripped()).unwrap_or_default();
    if !tripped.is_empty() {
        say!(
            "lifeboat: the practice phone received a request that does more than read: {}",
            tripped.join("; ")
        );
        return Ok((FAILED, Some(outcome)));
    }
    let code = match outcome.all_asked_is_there() {
        true => OK,
        false => NOT_ALL,
    };
    Ok((code, Some(outcome)))
}

/// Adds the phone that an unfinished rescue was read from, if none is named.
fn with_source(asked: &Rescue) -> Result<Rescue> {
    let mut asked = asked.clone();
    let Some(folder) = asked.resume.as_ref().filter(|_| asked.source.is_missing()) else {
        return Ok(asked);
    };
    let vault = Vault::peek(folder).map_err(connect::explained)?;
    let reach = vault.map(|vault| vault.source().reach.clone());
    let reach = reach.unwrap_or_default();
    let (reach, files) = match reach.strip_suffix(" --files") {
        Some(reach) => (reach, true),
        None => (reach.as_str(), false),
    };
    asked.files |= files;
    let (option, value) = reach.split_once(' ').unwrap_or((reach, ""));
    let value = value.to_owned();
    match option {
        "--device" => asked.source.device = Some(value),
        "--adb" => asked.source.adb = Some(value),
        "--image" => asked.source.image = Some(value.into()),
        "--iphone-backup" => asked.source.iphone_backup = Some(value.into()),
        "--practice" => {
            let family = Family::from_str(&value, true);
            asked.source.practice = Some(family.unwrap_or(Family::Android));
        }
        // The journal names no source.
        _ => {}
    }
    Ok(asked)
}

/// True if the phone, whose files were rescued before, can now be read completely: its owner has turned on USB
/// debugging.
fn is_fully_readable(port: &dyn Port, source: &Source) -> bool {
    let is_ready = |device: &Device| {
        Some(&device.id) == source.device.as_ref() && device.state == State::Ready
    };
    source.device.is_some() && port.look().devices.iter().any(is_ready)
}

/// Finishes an unfinished rescue without its phone.
pub fn finish(folder: &Path, json: bool, stop: &Stop) -> Result<u8> {
    let outcome = finish_as_it_is(folder, ProgressPrinter::new(), stop)?;
    if json {
        connect::print(&serde_json::to_string_pretty(&outcome)?);
    } else {
        connect::print(&outcome.folder);
    }
    Ok(if outcome.all_asked_is_there() {
        OK
    } else {
        NOT_ALL
    })
}

/// Finishes an unfinished rescue without its phone, and tells the result.
pub fn finish_as_it_is(folder: &Path, mut teller: ProgressPrinter, stop: &Stop) -> Result<Outcome> {
    let today = chrono::Local::now().date_naive();
    let outcome = rescue::finish_as_it_is(folder, today, stop, &mut |progress| {
        teller.tell(&progress);
    })
    .map_err(connect::explained)?;
    tell(&outcome, &mut teller);
    Ok(outcome)
}

/// Opens the phone that the command line names.
fn open(
    asked: &Rescue,
    wanted: Wanted,
    options: &Options,
    choices: &Choices,
    practice: Option<&Plugged>,
    secrets: &Secrets,
    stop: &Stop,
) -> Result<Opened> {
    let source = &asked.source;
    let options = Options {
        stop: stop.clone(),
        ..options.clone()
    };
    if let Some(folder) = &source.iphone_backup {
        return connect::to_backup(folder, secrets, stop);
    }
    match (&source.device, &source.adb, &source.image, practice) {
        (Some(id), ..) => {
            let computer = Computer {
                options,
                choices: choices.clone(),
                secrets: Arc::clone(secrets),
            };
            computer
                .open(id, wanted, stop, connect::tell_waits())
                .map_err(connect::explained)
        }
        (_, Some(place), ..) => connect::over_network(place, options, choices),
        (_, _, Some(file), _) => connect::to_image(file, stop),
        (.., Some(practice)) => practice
            .open(wanted, stop, connect::tell_waits())
            .map_err(connect::explained),
        _ => Err(anyhow!(phrase(
            "no phone is named: add --device ID, --adb HOST:PORT, --image FILE, --iphone-backup FOLDER or --practice"
        ))),
    }
}

/// `10 minutes`, `90 seconds`.
fn how_long(long: Duration) -> String {
    match long.as_secs() {
        1 => phrase("1 second").to_owned(),
        60 => phrase("1 minute").to_owned(),
        seconds if seconds % 60 == 0 => phrase!("{} minutes", seconds / 60),
        seconds => phrase!("{seconds} seconds"),
    }
}

/// The options to reach the same handset again, for the journal.
fn reach(asked: &Rescue) -> String {
    let source = &asked.source;
    match (&source.device, &source.adb, &source.image) {
        (Some(id), ..) if asked.files => format!("--device {id} --files"),
        (Some(id), ..) => format!("--device {id}"),
        (_, Some(place), _) => format!("--adb {place}"),
        (.., Some(file)) => format!("--image {}", file.display()),
        _ if source.iphone_backup.is_some() => {
            let folder = source.iphone_backup.clone().unwrap_or_default();
            format!("--iphone-backup {}", folder.display())
        }
        _ => {
            let files = if asked.files { " --files" } else { "" };
            format!(
                "{}{files}",
                source.practice.map_or("--practice", Family::reach)
            )
        }
    }
}

/// Prints the verdict for a person.
pub fn tell(outcome: &Outcome, teller: &mut ProgressPrinter) {
    teller.line("");
    for c in outcome
        .collections
        .iter()
        .filter(|c| !c.name.is_files() || c.handset_says != Some(0))
    {
        teller.line(&summary(c));
    }
    for files in &outcome.from_files {
        let cut = match files.verdict {
            Verdict::Partial => phrase(", incomplete"),
            _ => "",
        };
        teller.line(&format!("{}: {}{cut}", files.title(), files.counts()));
    }
    for list in &outcome.lists_not_read {
        teller.line(&phrase!("Could not read {list}"));
    }
    teller.line("");
    teller.line(&outcome.headline);
    for why in &outcome.why_not {
        teller.line(&format!("  - {why}"));
    }
    let is_new = |warning: &&String| !outcome.why_not.contains(warning);
    for warning in outcome.warnings.iter().filter(is_new) {
        teller.line(&format!("  ! {warning}"));
    }
    if let Some(readiness) = outcome.readiness() {
        teller.line(&readiness);
    }
    if !outcome.before_reset.is_empty() {
        teller.line(phrase("A reset destroys or asks for these:"));
        let mut group = "";
        for Ticked { line, state } in &outcome.before_reset {
            if std::mem::replace(&mut group, &line.group) != line.group && !line.group.is_empty() {
                teller.line(&format!("  {}", line.group));
            }
            // A screen reader does not read boxes well, and the next question offers to tick the lines.
            let mark = match (teller.is_linear(), state) {
                (false, state) => state.mark(),
                (true, LineState::Open) => phrase("Open:"),
                (true, LineState::Done { .. }) => phrase("Done:"),
                (true, LineState::Skipped { .. }) => phrase("Skipped:"),
            };
            teller.line(&format!("  {mark} {}", line.sentence()));
        }
        if outcome.finished && !teller.is_linear() {
            teller.line(&phrase!(
                "To tick these lines: lifeboat ticks {:?}, or lifeboat open {:?}",
                outcome.folder,
                outcome.folder
            ));
        }
    } else if !outcome.not_covered.is_empty() {
        teller.line(match outcome.handset.is_backup {
            true => phrase("The phone may hold these. They are not in the backup:"),
            false => phrase("A reset also destroys these. Lifeboat has not saved them:"),
        });
        for line in &outcome.not_covered {
            teller.line(&format!("  - {line}"));
        }
    }
    if outcome.finished {
        teller.line(&phrase!(
            "{} To make another copy: lifeboat copy \"{}\" FOLDER-ON-A-STICK",
            outcome.copies.sentence(),
            outcome.folder
        ));
    } else {
        teller.line(&phrase!(
            "To continue: run the same command with --resume \"{}\" instead of --to",
            outcome.folder
        ));
        teller.line(&phrase!(
            "If the phone gives no more: lifeboat finish \"{}\"",
            outcome.folder
        ));
    }
}

fn summary(c: &CollectionOutcome) -> String {
    let word = c.verdict.word();
    let counted = c.counted(|n| n.to_string());
    let counted = counted.map_or(String::new(), |counted| format!(": {counted}"));
    let here = c
        .only_here
        .filter(|n| *n > 0)
        .map_or(String::new(), |n| phrase!(", {n} only on this phone"));
    let deleted = if c.deleted_kept > 0 {
        phrase!(", {} deleted but saved", c.deleted_kept)
    } else {
        String::new()
    };
    let found = match c.found {
        0 => String::new(),
        found => phrase!(", {found} more from exported files"),
    };
    let others = c
        .other_files()
        .map_or(String::new(), |others| format!(", {others}"));
    format!(
        "{:<10} {word}{counted}{others}{here}{deleted}{found}",
        c.title()
    )
}
