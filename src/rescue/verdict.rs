//! How each collection ended, and what that means for the phone.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::error::RescueError;
use super::outcome::{HandsetOutcome, Outcome, TimeToSafety};
use crate::collections::{AllWritten, Count, Written, files_in, from_files};
use crate::export::report::{self, Continuation, LossLine, Report};
use crate::model::{
    Case, Collection, CollectionOutcome, FromFiles, NotCovered, ResetKind, ResetLine, Standing,
    Ticked, Verdict, by_reason, titles,
};
use crate::phrase;
use crate::reset;
use crate::vault::copies::Copies;
use crate::vault::{CollectionState, DATA, Vault, VaultError};

mod shown_count;

/// How the read ended.
#[derive(Debug, Default)]
pub struct Ending {
    /// The collections asked for; empty: all.
    pub only: Vec<Collection>,
    /// The collections that the handset may have; empty: the handset did not list them, so that each collection is
    /// judged.
    pub offered: Vec<Collection>,
    /// The error that ended the read early, and what to do about it.
    pub broken: Option<String>,
    /// Some data is closed, and the owner can open it: the rescue can then be resumed.
    pub waits: bool,
    pub not_covered: Vec<NotCovered>,
    /// The owner confirms that the phone holds neither contacts nor events.
    pub is_empty_confirmed: bool,
    /// Nothing more can be read: the folder is sealed with what it holds.
    pub is_final: bool,
}

impl Ending {
    /// Returns true if nothing is left to do. Files that can't be read back can be written again from the journal.
    fn is_finished<T>(&self, back: &Result<T, String>, waits: bool) -> bool {
        let is_complete = self.broken.is_none() && !self.waits && !waits;
        back.is_ok() && (self.is_final || is_complete)
    }
}

/// Combines what the handset said, what was read and what the disk holds into the result.
pub fn judge(
    vault: &Vault,
    written: &AllWritten,
    back: &Result<BTreeMap<Collection, u64>, String>,
    ending: &Ending,
) -> Result<Outcome, VaultError> {
    let identity = vault.identity();
    let mut collections: Vec<CollectionOutcome> = Vec::new();
    let mut shows_none_of = Vec::new();
    let (mut fell, mut can_open) = (false, false);
    let mut reasons = Vec::new();
    let mut left_out = Vec::new();
    let mut why_not = Vec::new();
    let mut not_covered = ending.not_covered.clone();
    if let Err(fault) = back {
        why_not.push(phrase!(
            "The written files do not match the rescued data: {fault}."
        ));
    }
    let nothing = Written::default();
    for what in Collection::ALL {
        let state = vault.state(what)?;
        // An earlier part may have used an approach that offers more.
        let is_offered = ending.offered.is_empty() || ending.offered.contains(&what);
        if !is_offered && state.holding.is_none() {
            continue;
        }
        if !what.is_asked(&ending.only) {
            left_out.extend(what.asked_with().is_none().then_some(what));
            continue;
        }
        let read_back = back.as_ref().map(|found| found.get(&what).copied());
        let own = written.get(&what).unwrap_or(&nothing);
        let fell_from = fell_from(what, &state, own).filter(|_| !ending.is_empty_confirmed);
        let (outcome, reason) =
            judge_one(what, &state, own, (fell_from, read_back), ending.is_final);
        fell |= fell_from.is_some();
        can_open |= can_be_opened(&outcome, &state);
        if shows_none(&outcome, &state) {
            shows_none_of.push(what);
        }
        collections.push(outcome);
        reasons.push(reason);
    }
    let those = |which: &dyn Fn(&CollectionOutcome) -> bool| {
        let all = collections.iter().zip(&reasons);
        let those = all.filter(|(c, _)| which(c));
        let (titled, photoless): (Vec<_>, Vec<_>) = those.partition(|(c, _)| !c.is_photoless());
        let titled = titled.into_iter();
        let mut lines = by_reason(titled.map(|(c, reason)| (c.name, reason.as_str())));
        let photoless = photoless.into_iter();
        lines.extend(photoless.map(|(c, reason)| format!("{}: {reason}", c.title())));
        lines
    };
    let is_needed = |verdict, what: Collection| match verdict {
        Verdict::Partial | Verdict::Unreadable => true,
        Verdict::OutOfReach => what.is_precious(),
        Verdict::Complete | Verdict::Empty => false,
    };
    let needed = not_covered.iter().filter(|one| one.is_needed());
    why_not.extend(needed.map(|one| one.line.sentence()));
    why_not.extend(those(&|c| is_needed(c.verdict, c.name)));
    let beyond = those(&|c| c.verdict == Verdict::OutOfReach && !c.name.is_precious());
    not_covered.extend(beyond.into_iter().map(|text| {
        let id = text.split(':').next().unwrap_or_default().to_owned();
        NotCovered::listed(not_read(&id, text))
    }));
    if !left_out.is_empty() {
        why_not.push(phrase!(
            "{}: not rescued, because they were not asked for.",
            titles(&left_out)
        ));
    }
    if ending.is_final {
        why_not.insert(
            0,
            phrase("The rescue was finished without reading everything.").into(),
        );
    }
    if let Some(broken) = &ending.broken {
        why_not.insert(0, phrase!("Reading stopped early: {broken}"));
    }
    let lacking = written.values().flat_map(|own| &own.not_covered);
    not_covered.extend(
        lacking
            .enumerate()
            .map(|(number, text)| NotCovered::listed(not_read(&lacking_id(number), text.clone()))),
    );
    let time_to_safety = time_to_safety(vault, &collections)?;
    let from_files = from_files::outcomes(written);
    why_not.extend(from_files.iter().filter_map(FromFiles::why_not));
    let case = vault.case()?;
    let mut warnings = case.warnings();
    if let Some(shown) = case.contacts_shown {
        shown_count::compare(vault, shown, &mut collections, &mut warnings, &mut why_not)?;
    }
    // If there are contacts, an empty calendar is normal.
    let mut looked_at = collections
        .iter()
        .filter(|c| EMPTY_PHONE_COLLECTIONS.contains(&c.name));
    if ending.is_empty_confirmed || !looked_at.all(|c| shows_none_of.contains(&c.name)) {
        shows_none_of.clear();
    }
    let asks_owner = fell || !shows_none_of.is_empty();
    if asks_owner && !ending.is_final {
        why_not.push(EMPTY_PHONE_ADVICE.into());
    }
    let safe = why_not.is_empty();
    let waits = asks_owner || can_open || not_covered.iter().any(NotCovered::waits);
    let finished = ending.is_finished(back, waits);
    let standing = Standing {
        is_safe: safe,
        is_backup: vault.identity().is_backup,
        shows_none_of: &shows_none_of,
        not_covered: &not_covered,
        is_photoless: collections.iter().any(CollectionOutcome::is_photoless),
        collections: collections
            .iter()
            .map(|c| (c.name, c.verdict, c.rescued))
            .collect(),
    };
    let lines = before_reset(&not_covered, written, &case);
    let mut outcome = Outcome {
        folder: vault.folder().display().to_string(),
        headline: standing.headline(),
        shows_nothing: asks_owner,
        is_somebody_left: not_covered.iter().any(NotCovered::is_needed),
        finished,
        handset: HandsetOutcome {
            make: identity.make.clone(),
            model: identity.model.clone(),
            serial: identity.serial.clone(),
            system: identity.system.clone(),
            is_backup: identity.is_backup,
        },
        collections,
        from_files,
        lists_not_read: from_files::not_read(written),
        safe,
        why_not,
        warnings,
        not_covered: not_covered.iter().map(|one| one.line.sentence()).collect(),
        before_reset: Vec::new(),
        ready_to_reset: false,
        time_to_safety,
        copies: match finished {
            true => Copies::one(),
            false => Copies::default(),
        },
        lost: false,
    };
    if outcome.is_phone() {
        outcome.set_before_reset(lines);
    }
    Ok(outcome)
}

/// Returns the short list of what a reset destroys, each line still open.
fn before_reset(not_covered: &[NotCovered], written: &AllWritten, case: &Case) -> Vec<Ticked> {
    let mut lines: Vec<ResetLine> = Vec::new();
    for NotCovered { line, weight: _ } in not_covered {
        if !lines.iter().any(|known| known.id == line.id) {
            lines.push(line.clone());
        }
    }
    let here = written.iter().filter(|(what, _)| !what.is_files());
    let here = here.map(|(what, own)| {
        (
            *what,
            own.count.only_here,
            own.count.only_here_names.clone(),
        )
    });
    lines.extend(reset::only_here(here.collect()));
    for line in &mut lines {
        if let Some(said) = case.owner_remark(line) {
            line.first = format!("{said} {}", line.first).trim_end().to_owned();
        }
    }
    reset::list(lines)
        .into_iter()
        .map(ResetLine::open)
        .collect()
}

/// The identifier of a line about data that the files of a collection lack: today, that is pictures.
fn lacking_id(number: usize) -> String {
    match number {
        0 => "contact-pictures".to_owned(),
        number => format!("contact-pictures-{number}"),
    }
}

/// The line about data that could not be read.
fn not_read(id: &str, text: String) -> ResetLine {
    reset::line(ResetKind::NotRead, id, reset::rank::NOT_READ, text, "")
}

/// What to do if a phone shows nothing.
const EMPTY_PHONE_ADVICE: &str = phrase(
    "Look at the phone with its owner. If the phone shows contacts or events, or is in \
     another user or mode, switch to the owner's own screen and continue this rescue. \
     If the owner confirms that the phone has no contacts and no events, press e on the Verdict \
     screen (for scripts: --confirm-empty).",
);

/// Returns true if the owner can open a collection, so that a resumed rescue reads it: the folder must not be sealed
/// before that.
fn can_be_opened(one: &CollectionOutcome, state: &CollectionState) -> bool {
    match one.verdict {
        Verdict::Unreadable | Verdict::Partial => {
            state.holding.as_ref().is_some_and(|h| h.remedy.is_some())
        }
        Verdict::Complete | Verdict::Empty | Verdict::OutOfReach => false,
    }
}

/// What the owner of a phone would miss on its screen first.
const EMPTY_PHONE_COLLECTIONS: [Collection; 2] = [Collection::Contacts, Collection::Calendar];

/// Returns true if the phone shows nothing of this collection now, whatever was rescued earlier.
fn shows_none(one: &CollectionOutcome, state: &CollectionState) -> bool {
    // If a list gives a wrong length, its rows still exist.
    let rows = state.holding.as_ref().and_then(|holding| holding.rows);
    let is_none = match one.verdict {
        Verdict::Empty => true,
        Verdict::Complete | Verdict::Partial => {
            one.handset_says == Some(0) && rows.unwrap_or_default() == 0
        }
        Verdict::Unreadable | Verdict::OutOfReach => false,
    };
    is_none && EMPTY_PHONE_COLLECTIONS.contains(&one.name)
}

/// Returns the number that the phone showed in an earlier part of the rescue, if most of it is gone and was not read.
fn fell_from(what: Collection, state: &CollectionState, written: &Written) -> Option<u64> {
    let before = state.holding.as_ref()?.fell_from()?;
    // A memory card is taken out, or photos are moved: the list of files already shows the loss.
    (!what.is_files() && written.count.living < before).then_some(before)
}

/// Returns how soon contacts, SIM contacts, calendar and to-dos were on the disk, relative to the time the handset was
/// read. Incomplete collections are left out.
fn time_to_safety(
    vault: &Vault,
    collections: &[CollectionOutcome],
) -> Result<TimeToSafety, VaultError> {
    let total = vault.link_time()?.as_secs_f64();
    let mut times = TimeToSafety {
        link_seconds: (total * 1000.0).round() / 1000.0,
        ..TimeToSafety::default()
    };
    for what in Collection::ALL.into_iter().filter(|c| !c.is_files()) {
        let state = vault.state(what)?;
        let is_there = collections
            .iter()
            .any(|c| c.name == what && matches!(c.verdict, Verdict::Complete | Verdict::Empty));
        if let Some(after) = state.safe_after.filter(|_| is_there) {
            let share = (after.as_secs_f64() / total.max(f64::MIN_POSITIVE)).min(1.0);
            times.share.insert(what, (share * 1000.0).round() / 1000.0);
        }
    }
    let precious = Collection::ALL.into_iter().filter(|c| c.is_precious());
    let shares: Option<Vec<f64>> = precious
        .map(|what| times.share.get(&what).copied())
        .collect();
    times.all = shares.map(|shares| shares.into_iter().fold(0.0, f64::max));
    Ok(times)
}

/// Returns how one collection ended, and the reason in one or two sentences.
fn judge_one(
    what: Collection,
    state: &CollectionState,
    written: &Written,
    (fell_from, read_back): (Option<u64>, Result<Option<u64>, &String>),
    is_final: bool,
) -> (CollectionOutcome, String) {
    let count = &written.count;
    let holding = state.holding.clone().unwrap_or_default();
    let is_closed = holding.is_closed();
    let findings = state.findings.clone().unwrap_or_default();
    let mut missing = findings.missing.clone();
    let says = holding.handset_says;
    if !state.done {
        let unread = match is_final {
            true => phrase("Not everything was read before the rescue was finished."),
            false => phrase("Not everything was read. Continue the rescue."),
        };
        missing.insert(0, unread.into());
    } else if let Some(says) = says.filter(|says| count.living < *says) {
        missing.push(phrase!(
            "The phone has {says}; {} could not be read.",
            says - count.living
        ));
    }
    if let (Some(before), Some(now)) = (fell_from, says) {
        missing.push(phrase!(
            "The phone listed {before} earlier in this rescue, and lists {now} now. {} were never read.",
            before - count.living
        ));
    }
    if count.undecoded > 0 {
        missing.push(phrase!(
            "{} could not be decoded; kept as raw data.",
            count.undecoded
        ));
    }
    match read_back {
        Ok(Some(found)) if found != count.living => missing.push(phrase!(
            "The files contain {found} instead of {}.",
            count.living
        )),
        Ok(_) => {}
        Err(_) => {
            missing.push(phrase("The files could not be checked. Continue the rescue.").into())
        }
    }
    let verdict = if holding.unreadable.is_some() {
        Verdict::Unreadable
    } else if holding.out_of_reach.is_some() {
        Verdict::OutOfReach
    } else if !missing.is_empty() {
        Verdict::Partial
    } else if count.living == 0 && count.deleted == 0 {
        Verdict::Empty
    } else {
        Verdict::Complete
    };
    let mut notes: Vec<String> = holding
        .unreadable
        .into_iter()
        .chain(holding.out_of_reach)
        .collect();
    notes.extend(missing);
    let reason = match verdict {
        Verdict::Partial => all_reasons(&notes),
        _ => notes.first().cloned().unwrap_or_default(),
    };
    notes.extend(holding.changed);
    notes.extend(holding.notes);
    notes.extend(findings.notes);
    if let Some(more) = says.filter(|says| count.living > *says) {
        notes.push(phrase!(
            "The phone's own list shows {more}; {} were read.",
            count.living
        ));
    }
    notes.extend(written.notes.iter().cloned());
    notes.extend(kept_apart(count));
    let outcome = CollectionOutcome {
        name: what,
        verdict,
        handset_says: says,
        rescued: count.living,
        read_back: read_back.ok().flatten(),
        // Nobody knows where else unread data is stored.
        only_here: (state.done && !is_closed).then_some(count.only_here),
        deleted_kept: count.deleted,
        found: match what.is_files() {
            // Their records count in the collections that they belong to.
            true => 0,
            false => written.exported.joins.new,
        },
        raw_only: findings.raw_only + count.undecoded,
        others: written.others,
        notes,
    };
    (outcome, reason)
}

/// Returns the reasons as one text. If there are many reasons, the rest are only counted.
fn all_reasons(reasons: &[String]) -> String {
    const MOST: usize = 8;
    let mut text = reasons
        .iter()
        .take(MOST)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    if let Some(more) = reasons.len().checked_sub(MOST).filter(|more| *more > 0) {
        text.push_str(&phrase!(" {more} more reasons are in data/report.html."));
    }
    text
}

/// Returns remarks on deleted things, and on those whose account is gone.
fn kept_apart(count: &Count) -> Vec<String> {
    let mut notes = Vec::new();
    if count.deleted > 0 {
        notes.push(phrase!(
            "Deleted on the phone, but could still be read: {}. Saved separately.",
            count.deleted
        ));
    }
    if count.doomed > 0 {
        let accounts: Vec<_> = count.doomed_accounts.iter().map(String::as_str).collect();
        notes.push(phrase!(
            "From accounts that are no longer on the phone: {} ({}). The phone will delete these entries by \
             itself. Lifeboat has saved them.",
            count.doomed,
            accounts.join(", ")
        ));
    }
    notes
}

/// Writes the page to print and hand over, and returns its content.
pub fn write_report(
    vault: &Vault,
    written: &AllWritten,
    outcome: &Outcome,
    today: NaiveDate,
) -> Result<Report, RescueError> {
    let data = vault.folder().join(DATA);
    let mut losses = Vec::new();
    for (format, lost) in written.values().flat_map(|own| &own.losses) {
        losses.extend(lost.0.iter().map(|(field, count)| LossLine {
            format: format.clone(),
            field: field.clone(),
            count: *count,
        }));
    }
    let identity = vault.identity();
    let case = vault.case()?;
    let report = Report {
        title: phrase!("Rescue of {} {}", identity.make, identity.model),
        date: today.to_string(),
        folder: vault
            .folder()
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default(),
        handset: identity.clone(),
        desk: vault.desk()?,
        headline: outcome.headline.clone(),
        reasons: outcome.why_not.clone(),
        warnings: outcome.warnings.clone(),
        said: case.sentences(),
        on_behalf_of: case.on_behalf_of,
        by_right: case.by_right,
        collections: outcome.collections.clone(),
        from_files: outcome.from_files.clone(),
        lists_not_read: outcome.lists_not_read.clone(),
        not_covered: outcome.not_covered.clone(),
        before_reset: outcome.before_reset.clone(),
        files: files_in(&data)?,
        losses,
        goes_on: match (
            outcome.finished,
            vault.source().reach.starts_with("--image"),
        ) {
            (true, _) => Continuation::NewRescue,
            (false, true) => Continuation::WithImage,
            (false, false) => Continuation::WithPhone,
        },
    };
    report::write(&report, &data.join("report.html"))?;
    Ok(report)
}

#[cfg(test)]
mod tests;
