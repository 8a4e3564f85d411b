//! One rescue from its beginning to its end: read, write, read back, judge, seal.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use chrono::NaiveDate;

use super::approaches;
use super::error::RescueError;
use super::finished::StoredResult;
use super::found;
use super::log_header;
use super::outcome::Outcome;
use super::progress::{Pause, Progress};
use super::read::{End, Part, SPACE};
use super::request::{Request, Target};
use super::same_phone;
use super::unfinished;
use super::verdict::{self, Ending};
use super::watch::Watch;
use super::window::Window;
use crate::collections::{AllWritten, Output, Pace, is_written_here, lock, read_back, write};
use crate::handset::find::Other;
use crate::handset::{Handset, HandsetError};
use crate::model::{Advice, Asked, Collection, Marks, Stop};
use crate::phrase;
use crate::vault::{CollectionState, RescueSource, Vault, bag, folder, store};

/// How often progress is reported while files are read back, in bytes.
const TOLD_BYTES: u64 = 16 << 20;

/// Rescues what `request` asks for. If the link breaks, or `stop` is set, the files are written from the data that is
/// safe so far, and the rescue can be resumed.
///
/// # Errors
/// If no rescue can begin, or the disk fails. Committed data is safe even then.
pub fn run(
    handset: &mut dyn Handset,
    request: &Request,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
) -> Result<Outcome, RescueError> {
    let part = match request.target {
        Target::New(_) => Part::First,
        Target::Resume(_) => Part::Resumed,
    };
    let window = Window::default();
    let (outcome, _) = run_part(
        handset,
        Vec::new(),
        (request, &window),
        part,
        &[],
        stop,
        tell,
    )?;
    Ok(outcome)
}

/// Runs one part of a rescue. `window`: where the journal can be viewed meanwhile. `others`: other approaches to the same handset. `asked`: requests made while waiting for
/// the handset, for the log.
pub(super) fn run_part(
    handset: &mut dyn Handset,
    others: Vec<Other>,
    (request, window): (&Request, &Window),
    part: Part,
    asked: &[Asked],
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
) -> Result<(Outcome, Option<Pause>), RescueError> {
    let (mut vault, broken) = {
        let _held = window.hold();
        open_vault(handset, request)?
    };
    vault.log_asked(asked)?;
    tell(Progress::Folder(vault.folder().to_owned()));
    log_header::begin(handset, &mut vault, request)?;
    let only = vault.source().only.clone();
    let shared = Arc::new(Mutex::new(vault));
    window.open(&shared);
    let vault: &Mutex<Vault> = &shared;
    let pace = Pace::default();
    let write = |is_early| write(is_early, vault, &pace);
    let (end, written, unread) = std::thread::scope(|scope| {
        // The cards are written while the calendar is being read.
        let mut early = None;
        let mut contacts_are_read = || {
            early.get_or_insert_with(|| scope.spawn(|| write(true)));
        };
        // A locked handset can't be identified as the same one before its owner unlocks it.
        let is_hidden = part != Part::First && handset.is_locked();
        let broken = match broken {
            None if is_hidden => Some(unfinished::locked(&lock(vault), handset.way_to_unlock())?),
            broken => broken,
        };
        let end = match broken {
            Some(_) => End {
                broken,
                ..End::default()
            },
            None => {
                let rescue = (vault, stop, part);
                approaches::read_all(handset, others, rescue, tell, &mut contacts_are_read)?
            }
        };
        let mut early = early.unwrap_or_else(|| scope.spawn(|| write(true)));
        log_header::log_asked(handset, &mut lock(vault))?;
        // Reported before anything is written, so that the user can plug the handset in meanwhile.
        if let Some(error) = &end.broken {
            tell(match error {
                HandsetError::Lost { .. } => Progress::Lost,
                HandsetError::Locked { advice } => Progress::Locked(advice.clone()),
                error => Progress::Advice(error.explained()),
            });
        }
        tell(Progress::Writing);
        let ends_on = stops_writing(&end, stop);
        let mut watch = Watch::new(&pace, &ends_on, tell);
        if found::decode(vault, &mut watch)? {
            // The cards were written before the exported files with contacts were decoded, so write them again.
            watch.wait(early)??;
            early = scope.spawn(|| write(true));
        }
        let later = scope.spawn(|| write(false));
        let (mut written, unread) = watch.wait(later)??;
        written.append(&mut watch.wait(early)??.0);
        Ok::<_, RescueError>((end, written, unread))
    })?;
    let mut vault = window.close(shared).ok_or(RescueError::Worker)?;
    if let Some(error) = &end.broken {
        vault.log(&phrase!("Reading stopped early: {error}"))?;
    }
    let pause = match end.broken {
        Some(HandsetError::Lost { .. }) => Some(Pause::Lost),
        Some(HandsetError::Locked { .. }) => Some(Pause::Locked),
        Some(_) | None => None,
    };
    let lost = pause == Some(Pause::Lost);
    let ends_on = stops_writing(&end, stop);
    let broken = end.broken.map(|error| match error {
        HandsetError::Stopped => phrase("the rescue was stopped.").to_owned(),
        error => error.explained(),
    });
    let outcome = finish(
        vault,
        request.today,
        (written, unread, &pace),
        Ending {
            only,
            offered: end.offered,
            broken,
            waits: end.waits,
            not_covered: end.not_covered,
            is_empty_confirmed: request.confirmed.is_empty,
            is_final: false,
        },
        &ends_on,
        tell,
    )?;
    Ok((Outcome { lost, ..outcome }, pause))
}

/// Returns the flag that stops the writing of the files. A stop that was set during the read has already ended the
/// read; the data that is safe is written anyway.
fn stops_writing(end: &End, stop: &Stop) -> Stop {
    match end.broken.is_some() && stop.is_stopped() {
        true => Stop::new(),
        false => stop.clone(),
    }
}

/// True if a folder, which need not exist yet, is in another or is the same.
fn is_within(place: &Path, around: &Path) -> bool {
    let absolute = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let Ok(around) = around.canonicalize() else {
        return false;
    };
    let there = absolute.ancestors().find_map(|one| one.canonicalize().ok());
    there.is_some_and(|there| there.starts_with(around))
}

/// Creates or opens the rescue's folder. Returns the handset's error if the handset could not be checked to be the same
/// one.
fn open_vault(
    handset: &mut dyn Handset,
    request: &Request,
) -> Result<(Vault, Option<HandsetError>), RescueError> {
    let identity = handset.identity().clone();
    let (Target::New(place) | Target::Resume(place)) = &request.target;
    if let Some(source) = handset.folder()
        && is_within(place, source)
    {
        return Err(RescueError::Handset(HandsetError::Protocol {
            what: phrase!(
                "{} is inside {}, which is to be read and not to be changed",
                place.display(),
                source.display()
            ),
            advice: phrase("Name a folder outside the backup.").into(),
        }));
    }
    match &request.target {
        Target::New(parent) => {
            folder::check_space(parent, SPACE)?;
            let name = identity.name();
            let place = folder::new_folder(parent, request.today, &name, &identity.serial)?;
            let source = RescueSource {
                reach: request.reach.clone(),
                only: request.only.clone(),
            };
            let mut vault = Vault::create(&place, &identity, &source)?;
            vault.set_marks(&same_phone::digested(&handset.marks()))?;
            Ok((vault, None))
        }
        Target::Resume(place) => {
            let source = RescueSource {
                reach: request.reach.clone(),
                only: request.only.clone(),
            };
            let checked = same_phone::check(handset, place)?;
            let mut vault = Vault::open_or_begin(place, &identity, &source)?;
            vault.check_handset(&identity)?;
            folder::check_space(place, SPACE)?;
            vault.read_through()?;
            folder::clear_exports(place, is_written_here)?;
            let (before, now) = (vault.marks()?, same_phone::digested(&handset.marks()));
            if !before.system.is_empty() && !now.system.is_empty() && before.system != now.system {
                vault.log(phrase(
                    "The phone's system was updated after the rescue began.",
                ))?;
            }
            // The handset may now report what it could not report then.
            vault.set_marks(&Marks {
                system: match now.system.is_empty() {
                    true => before.system,
                    false => now.system,
                },
                accounts: before.accounts.or(now.accounts),
            })?;
            Ok((vault, checked.err()))
        }
    }
}

/// Reads the files back, gives the verdicts, writes the report, and seals the folder unless the read ended early.
pub(super) fn finish(
    mut vault: Vault,
    today: NaiveDate,
    (mut written, unread, pace): (AllWritten, Vec<Output>, &Pace),
    mut ending: Ending,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
) -> Result<Outcome, RescueError> {
    tell(Progress::Sealing);
    for output in unread {
        written.extend(output.read_back(pace));
    }
    let written = &written;
    // Copies of files are read twice: for the comparison with the data that was copied, and with all other files for
    // the manifest.
    let copied: u64 = written.values().map(|own| own.copied).sum();
    let (of_bytes, mut bytes) = (copied.saturating_add(bag::payload_bytes(vault.folder())), 0);
    let mut check = |more: u64, tell: &mut dyn FnMut(Progress)| {
        let before = bytes / TOLD_BYTES;
        bytes += more;
        if bytes / TOLD_BYTES > before {
            tell(Progress::Checked {
                bytes: bytes.min(of_bytes),
                of_bytes,
            });
        }
    };
    // An interrupted rescue reads its copies back at its end: there may be many of them, and the handset may be back
    // soon.
    let is_over = ending.broken.is_none();
    let back = read_back(&vault, written, is_over, stop, &mut |more| {
        check(more, tell);
    });
    if stop.is_stopped() {
        return Err(RescueError::Stopped);
    }
    // Files with altered copies can be copied again.
    let is_altered = |found: &BTreeMap<Collection, u64>| {
        let mut all = written.iter().filter(|(what, _)| what.is_files());
        all.any(|(what, own)| found.get(what).is_some_and(|n| *n < own.count.living))
    };
    ending.waits |= back.as_ref().is_ok_and(is_altered);
    let outcome = verdict::judge(&vault, written, &back, &ending)?;
    for collection in &outcome.collections {
        let state = vault.state(collection.name)?;
        vault.set_state(
            collection.name,
            &CollectionState {
                verdict: Some(collection.verdict),
                ..state
            },
        )?;
    }
    let report = verdict::write_report(&vault, written, &outcome, today)?;
    let kept = StoredResult {
        outcome,
        report,
        offered: ending.offered,
        not_covered: ending.not_covered,
    };
    vault.keep_result(&kept)?;
    let outcome = kept.outcome;
    if let Some(sentence) = outcome.time_to_safety.sentence() {
        vault.log(&sentence)?;
    }
    vault.log(if outcome.finished {
        phrase("The files are written and checked.")
    } else {
        phrase("The data saved so far is written to files.")
    })?;
    vault.write_log()?;
    let place = vault.folder().to_owned();
    let (identity, desk, case) = (vault.identity().clone(), vault.desk()?, vault.case()?);
    vault.close()?;
    if !outcome.finished {
        return Ok(outcome);
    }
    let info = bag::BagInfo {
        date: today,
        make: identity.make,
        model: identity.model,
        system: identity.system,
        desk,
        case,
        description: phrase(
            "Data that Lifeboat copied from a phone before a reset. Read data/report.html first.",
        )
        .into(),
    };
    // Sealing hashes each file as it is on the disk.
    store::remove_partials(&place)?;
    let sealed = bag::seal(&place, &info, stop, &mut |more| check(more, tell));
    let sealed = match sealed {
        Err(_) if stop.is_stopped() => return Err(RescueError::Stopped),
        sealed => sealed?,
    };
    if !sealed.private {
        tell(Progress::Advice(
            phrase(
                "This disk does not store file permissions. Anyone who can read the disk can read these files. Keep \
                 the disk as safe as the phone.",
            )
                .into(),
        ));
    }
    Ok(outcome)
}
