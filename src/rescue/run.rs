//! One rescue from its beginning to its end: read, write, read back, judge, seal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use chrono::NaiveDate;

use super::account;
use super::files;
use super::found;
use super::outcome::Outcome;
use super::pace::{Pace, Watch};
use super::read::{End, Part, Reader};
use super::same_phone;
use super::unfinished;
use super::verdict::{self, Ending};
use crate::collections::lock;
use crate::export::calendars::CalendarFilesError;
use crate::export::contacts::ContactFilesError;
use crate::export::report::is_written_here;
use crate::handset::{Handset, HandsetError};
use crate::model::{Asked, Collection, Health, Holding, Marks, Stop};
use crate::vault::{CollectionState, Desk, RescueSource, Vault, VaultError, bag, folder, store};

/// Free space required before a rescue begins, in bytes.
pub(super) const SPACE: u64 = 64 << 20;

/// How often progress is reported while files are read back, in bytes.
const TOLD_BYTES: u64 = 16 << 20;

/// The destination of the rescue.
#[derive(Debug, Clone)]
pub enum Target {
    /// The folder in which a new rescue folder is created.
    New(PathBuf),
    /// The folder of the unfinished rescue to resume.
    Resume(PathBuf),
}

/// Parameters of a rescue.
#[derive(Debug, Clone)]
pub struct Request {
    pub target: Target,
    /// The collections to rescue; empty: all.
    pub only: Vec<Collection>,
    /// The way to reach the handset again, in the command line's syntax.
    pub reach: String,
    /// Today's date in the user's time zone.
    pub today: NaiveDate,
    /// The operator and the ticket. Empty values keep the values of an earlier part of the rescue.
    pub desk: Desk,
    pub confirmed: Confirmed,
}

/// Confirmations by people, for the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// Who agreed that a work profile is read.
    pub work_profile_by: Option<String>,
    /// The owner says that the phone holds neither contacts nor events.
    pub is_empty: bool,
}

/// Events reported during a rescue.
#[derive(Debug, Clone)]
pub enum Progress {
    /// The rescue folder has been created or opened.
    Folder(PathBuf),
    Health(Health),
    /// Collections that the handset may have.
    Offered(Vec<Collection>),
    /// A collection is being surveyed.
    Looking(Collection),
    /// Everything listed is safe; additions and changes made meanwhile are being looked for.
    LookingAgain(Collection),
    /// The handset's own account of the collection.
    Surveyed(Collection, Holding),
    /// Data that is safe on the disk: the number of the handset's rows and their total, and the number of things as a
    /// person counts them.
    Safe {
        what: Collection,
        rows: u64,
        of: Option<u64>,
        things: u64,
    },
    /// Progress of the copying of files, in bytes: `bytes` were checked or received, `safe` are in whole files on the
    /// disk.
    Copied {
        what: Collection,
        bytes: u64,
        safe: u64,
        of_bytes: u64,
    },
    /// The collection has been read to its end.
    Read(Collection),
    /// The portable files are being written.
    Writing,
    /// Progress of the writing.
    Written {
        records: u64,
        of: u64,
    },
    /// How many of the written cards were read back.
    ReadBack {
        cards: u64,
        of: u64,
    },
    /// The files are being read back and sealed.
    Sealing,
    /// Progress of reading back and sealing, reported if there is a lot of data, in bytes.
    Checked {
        bytes: u64,
        of_bytes: u64,
    },
    /// A sentence for the user.
    Advice(String),
    /// The link is lost; meanwhile, the data that is safe so far is being written.
    Lost,
    /// The handset is locked; meanwhile, the data that is safe so far is being written. The sentence asks to unlock the
    /// handset and says what is saved so far.
    Locked(String),
    /// The handset was lost and is connected again, but can't be read yet: the next step for the user.
    Needs(String),
    /// The handset is back, and the rescue continues.
    Back,
}

/// Why a rescue could not begin or end. Committed data is safe in any case.
#[derive(Debug, thiserror::Error)]
pub enum RescueError {
    #[error(transparent)]
    Handset(#[from] HandsetError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Contacts(#[from] ContactFilesError),
    #[error(transparent)]
    Calendars(#[from] CalendarFilesError),
    #[error("this {found} is not the phone that the rescue is of: {why}")]
    OtherPhone { found: String, why: String },
    #[error("a part of Lifeboat that writes files broke off")]
    Worker,
    #[error("stopped while the files were being written")]
    Stopped,
}

impl RescueError {
    /// Returns what to do next, in a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Handset(error) => error.advice(),
            Self::Vault(error) => error.advice().to_owned(),
            Self::Contacts(_) | Self::Calendars(_) => {
                "What was read is safe in the rescue folder's journal. Look whether its disk is still there, has room and can \
                 be written to, then run the same rescue with --resume."
                    .into()
            }
            Self::OtherPhone { .. } => {
                "Nothing was changed in the rescue's folder. Plug in the phone that it is of. To rescue this one, or if it \
                 is the same one and was emptied since, begin a new rescue: --to in place of --resume (on the screens: n)."
                    .into()
            }
            Self::Stopped => {
                "What was read is safe in the rescue folder's journal. Run the same rescue with --resume to have the files \
                 written. Do not reset the phone before."
                    .into()
            }
            Self::Worker => {
                "Run the same rescue with --resume: what was read is safe. Please report this, with the file that lifeboat \
                 report-problem makes of the folder."
                    .into()
            },
        }
    }
}

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
    let (outcome, _) = run_part(handset, request, part, &[], stop, tell)?;
    Ok(outcome)
}

/// Why a part of a rescue ended early and the rescue can continue without a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// The link is lost.
    Lost,
    /// The handset is locked.
    Locked,
}

/// Runs one part of a rescue. `asked`: requests made while waiting for the handset, for the log.
pub(super) fn run_part(
    handset: &mut dyn Handset,
    request: &Request,
    part: Part,
    asked: &[Asked],
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
) -> Result<(Outcome, Option<Pause>), RescueError> {
    let (mut vault, broken) = open_vault(handset, request)?;
    vault.log_asked(asked)?;
    tell(Progress::Folder(vault.folder().to_owned()));
    account::begin(handset, &mut vault, request)?;
    let only = vault.source().only.clone();
    let vault = Mutex::new(vault);
    let pace = Pace::default();
    let (end, written) = std::thread::scope(|scope| {
        // The cards are written while the calendar is being read.
        let mut cards = None;
        let mut contacts_are_read = || {
            cards.get_or_insert_with(|| scope.spawn(|| files::write_cards(&vault, &pace)));
        };
        // A locked handset can't be identified as the same one before its owner unlocks it.
        let is_hidden = part != Part::First && handset.is_locked();
        let broken = match broken {
            None if is_hidden => Some(unfinished::locked(&lock(&vault))?),
            broken => broken,
        };
        let end = match broken {
            Some(_) => End {
                broken,
                ..End::default()
            },
            None => Reader::new(handset, &vault, stop, tell, part)?
                .read_all(&only, &mut contacts_are_read)?,
        };
        let cards = cards.unwrap_or_else(|| scope.spawn(|| files::write_cards(&vault, &pace)));
        log_asked(handset, &mut lock(&vault))?;
        // Reported before anything is written, so that the user can plug the handset in meanwhile.
        if let Some(error) = &end.broken {
            tell(match error {
                HandsetError::Lost { .. } => Progress::Lost,
                HandsetError::Locked { advice } => Progress::Locked(advice.clone()),
                error => Progress::Advice(format!("{error}. {}", error.advice())),
            });
        }
        tell(Progress::Writing);
        let ends_on = stops_writing(&end, stop);
        let mut watch = Watch::new(&pace, &ends_on, tell);
        let mut cards = cards;
        if found::decode(&vault, &mut watch)? {
            // The cards were written before the exported files with contacts were decoded, so write them again.
            watch.wait(cards)??;
            cards = scope.spawn(|| files::write_cards(&vault, &pace));
        }
        let mut diary = files::Written::default();
        files::write_diary(&vault, &mut diary, &mut watch)?;
        files::write_calls(&vault, &mut diary, &mut watch)?;
        files::write_file_list(&vault, &mut diary, &mut watch)?;
        let mut written = watch.wait(cards)??;
        written.found = files::FoundSummary {
            contacts: written.found.contacts,
            pictures: written.found.pictures,
            ..diary.found
        };
        written.counts.append(&mut diary.counts);
        written.calendars = diary.calendars;
        written.calls = diary.calls;
        written.files = diary.files;
        Ok::<_, RescueError>((end, written))
    })?;
    let mut vault = vault.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = &end.broken {
        vault.log(&format!("The read ended early: {error}"))?;
    }
    let pause = match end.broken {
        Some(HandsetError::Lost { .. }) => Some(Pause::Lost),
        Some(HandsetError::Locked { .. }) => Some(Pause::Locked),
        Some(_) | None => None,
    };
    let lost = pause == Some(Pause::Lost);
    let ends_on = stops_writing(&end, stop);
    let broken = end.broken.map(|e| format!("{e}. {}", e.advice()));
    let outcome = finish(
        vault,
        request,
        &written,
        Ending {
            only,
            offered: end.offered,
            broken,
            waits: end.waits,
            not_covered: end.not_covered,
            is_empty_confirmed: request.confirmed.is_empty,
        },
        &ends_on,
        tell,
    )?;
    Ok((Outcome { lost, ..outcome }, pause))
}

/// Logs the requests to the handset.
pub(super) fn log_asked(handset: &mut dyn Handset, vault: &mut Vault) -> Result<(), VaultError> {
    loop {
        let asked = handset.asked();
        if asked.is_empty() {
            return Ok(());
        }
        vault.log_asked(&asked)?;
    }
}

/// Returns the flag that stops the writing of the files. A stop that was set during the read has already ended the
/// read; the data that is safe is written anyway.
fn stops_writing(end: &End, stop: &Stop) -> Stop {
    match end.broken.is_some() && stop.is_stopped() {
        true => Stop::new(),
        false => stop.clone(),
    }
}

/// Creates or opens the rescue's folder. Returns the handset's error if the handset could not be checked to be the same
/// one.
fn open_vault(
    handset: &mut dyn Handset,
    request: &Request,
) -> Result<(Vault, Option<HandsetError>), RescueError> {
    let identity = handset.identity().clone();
    match &request.target {
        Target::New(parent) => {
            folder::check_space(parent, SPACE)?;
            let name = format!("{} {}", identity.make, identity.model);
            let place = folder::new_folder(parent, request.today, name.trim(), &identity.serial)?;
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
                vault.log("The handset's system was updated since the rescue began.")?;
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

/// Reads the files back, gives the verdicts, writes the report, and seals the folder unless the read broke off.
fn finish(
    mut vault: Vault,
    request: &Request,
    written: &files::Written,
    mut ending: Ending,
    stop: &Stop,
    tell: &mut dyn FnMut(Progress),
) -> Result<Outcome, RescueError> {
    tell(Progress::Sealing);
    // Copies of files are read twice: for the comparison with the data that was copied, and with all other files for
    // the manifest.
    let copied = written.files.bytes;
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
    let back = files::read_back(&vault, written, is_over, stop, &mut |more| {
        check(more, tell);
    });
    if stop.is_stopped() {
        return Err(RescueError::Stopped);
    }
    // Files with altered copies can be copied again.
    let copies = |found: &BTreeMap<Collection, u64>| found.get(&Collection::Photos).copied();
    let copied = written.counts.get(&Collection::Photos);
    let found = back.as_ref().ok().and_then(copies);
    ending.waits |= found.is_some_and(|found| copied.is_some_and(|all| found < all.living));
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
    verdict::write_report(&vault, written, &outcome, request.today)?;
    if let Some(sentence) = outcome.time_to_safety.sentence() {
        vault.log(&sentence)?;
    }
    vault.log(if outcome.finished {
        "The files are written and read back."
    } else {
        "The files of what is safe are written."
    })?;
    vault.write_log()?;
    let place = vault.folder().to_owned();
    let (identity, desk) = (vault.identity().clone(), vault.desk()?);
    vault.close()?;
    if !outcome.finished {
        return Ok(outcome);
    }
    let info = bag::BagInfo {
        date: request.today,
        make: identity.make,
        model: identity.model,
        system: identity.system,
        desk,
        description: "What Lifeboat took off a handset before it was reset: report.html in data/ tells what is in it.".into(),
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
            "This disk keeps no permissions: whoever can read the disk can read these files. Keep the disk as you would \
             keep the phone."
                .into(),
        ));
    }
    Ok(outcome)
}
