//! Checks whether a handset is the one that a rescue belongs to. Some makers give thousands of handsets the same dummy
//! serial number, so the check also compares the model, the entries that now have the row IDs of rescued ones, the accounts, and the build of the system.
//!
//! None of these decides alone: a system is updated, an account is added, a contact is edited, or all contacts are
//! synchronised again under new row IDs. The check must never mix the data of two owners, and must never turn a user
//! away for having used the phone.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use super::error::RescueError;
use crate::handset::{Handset, HandsetError};
use crate::model::{Collection, Contact, Event, Marks, Moment, RecordBody, Todo};
use crate::phrase;
use crate::vault::{RecordKind, Vault, VaultError, sha256_hex};

/// The collections for the comparison. The first one that was rescued is used. Handsets don't give the numbers of
/// deleted entries to new entries (at most the highest numbers).
const LOOKED_UP: [(Collection, RecordKind, &str); 5] = [
    (Collection::Contacts, RecordKind::Contact, "contact/"),
    (Collection::Calendar, RecordKind::Event, "event/"),
    (Collection::Calls, RecordKind::Call, "call/"),
    (Collection::Messages, RecordKind::Message, "sms/"),
    (Collection::Todos, RecordKind::Todo, "todo/"),
];

/// Number of rescued entries that are looked up.
const SAMPLE: usize = 16;

/// If fewer entries than this are found, all of them may have been edited.
const FEW: usize = 3;

/// Known facts about two handsets that their serial numbers don't tell apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Evidence {
    /// Of the contacts or events that were looked up: the number whose row IDs still exist, and the number of those with
    /// a matching text. `None`: there were none to look up.
    entries: Option<(usize, usize)>,
    /// Whether the two share an account, if both report accounts. `None`: one of them reports none.
    shares_account: Option<bool>,
    /// Whether the build of the system is the same, if both report it. `None`: one of them doesn't.
    same_system: Option<bool>,
}

/// Returns why the handset is another one; `None`: nothing indicates that.
fn other(evidence: &Evidence) -> Option<&'static str> {
    match *evidence {
        Evidence {
            entries: Some((there, same)),
            shares_account,
            same_system,
        } => {
            if same * 2 >= there && same > 0 {
                return None;
            }
            // Entries that were synchronised again have new row IDs, and a small number of entries may all have been
            // edited.
            let by_account = there < FEW && shares_account == Some(true);
            match there {
                _ if by_account => None,
                0 if shares_account.is_none() && same_system == Some(true) => None,
                0 => Some(phrase(
                    "none of the entries rescued earlier is on this phone",
                )),
                _ => Some(phrase(
                    "the entries on this phone differ from the rescued entries",
                )),
            }
        }
        Evidence {
            entries: None,
            shares_account: Some(false),
            ..
        } => Some(phrase("this phone has other accounts")),
        Evidence { entries: None, .. } => None,
    }
}

/// Checks that the handset is the one that the unfinished rescue in `folder` belongs to. Nothing is written into the
/// folder.
///
/// The inner error is the handset's, if the handset can't be queried.
///
/// # Errors
/// [`RescueError::OtherPhone`], or if the folder can't be read.
pub fn check(
    handset: &mut dyn Handset,
    folder: &Path,
) -> Result<Result<(), HandsetError>, RescueError> {
    let Some(vault) = Vault::peek(folder)? else {
        return Ok(Ok(()));
    };
    let identity = handset.identity().clone();
    vault.check_handset(&identity)?;
    let refused = |why: &str| RescueError::OtherPhone {
        found: crate::vault::for_display(&format!("{} {}", identity.make, identity.model)),
        why: why.to_owned(),
    };
    let known = vault.identity();
    if let Some(why) = handset.difference_from(known) {
        return Err(refused(why));
    }
    // The content of a locked handset can't be compared.
    let entries = match sample(&vault)? {
        Some((what, saved)) if !handset.is_locked() => {
            let rows: Vec<i64> = saved.iter().flat_map(|entry| entry.rows.clone()).collect();
            match handset.read_again(what, &rows) {
                Ok(found) => found.map(|found| {
                    let found: Vec<Entry> = found.iter().filter_map(Entry::of).collect();
                    compared(&saved, &found)
                }),
                Err(error) => return Ok(Err(error)),
            }
        }
        _ => None,
    };
    let (before, now) = (vault.marks()?, digested(&handset.marks()));
    let evidence = Evidence {
        entries,
        shares_account: shares_account(&before, &now),
        same_system: (!before.system.is_empty() && !now.system.is_empty())
            .then(|| before.system == now.system),
    };
    match other(&evidence) {
        Some(why) => Err(refused(why)),
        None => Ok(Ok(())),
    }
}

/// Returns the marks as the journal stores them. Accounts are stored as digests, since they name people.
pub fn digested(marks: &Marks) -> Marks {
    let digests = |all: &Vec<String>| all.iter().map(|one| sha256_hex(one.as_bytes())).collect();
    Marks {
        system: marks.system.clone(),
        accounts: marks.accounts.as_ref().map(digests),
    }
}

/// Returns whether the two share an account. A handset without accounts gives no evidence.
fn shares_account(before: &Marks, now: &Marks) -> Option<bool> {
    let all = |marks: &Marks| -> Option<BTreeSet<String>> {
        let all = marks.accounts.clone()?;
        (!all.is_empty()).then(|| all.into_iter().collect())
    };
    Some(!all(before)?.is_disjoint(&all(now)?))
}

/// An entry as it is recognised: by the numbers of its rows on the handset, and by its texts.
#[derive(Debug)]
struct Entry {
    rows: BTreeSet<i64>,
    texts: BTreeSet<String>,
}

impl Entry {
    /// `None`: it can't be recognised.
    fn of(body: &RecordBody) -> Option<Self> {
        let (rows, texts) = match body {
            RecordBody::Contact(contact) => (
                contact.sources.iter().map(|source| source.row).collect(),
                of_contact(contact),
            ),
            RecordBody::Event(event) => (BTreeSet::from([event.source.row]), of_event(event)),
            RecordBody::Call(call) => (
                BTreeSet::from([call.source.row]),
                at(call.at)
                    .into_iter()
                    .chain(call.number.as_deref().map(Cow::Borrowed))
                    .collect(),
            ),
            RecordBody::Message(message) => (
                BTreeSet::from([message.source.row]),
                at(message.at)
                    .into_iter()
                    .chain(message.text.as_deref().map(Cow::Borrowed))
                    .collect(),
            ),
            RecordBody::Todo(todo) => (BTreeSet::from([todo.source.row]), of_todo(todo)),
            RecordBody::Profile(_)
            | RecordBody::Calendar(_)
            | RecordBody::Note(_)
            | RecordBody::File(_)
            | RecordBody::Copied(_)
            | RecordBody::Undecoded { .. } => return None,
        };
        let texts: BTreeSet<String> = texts
            .into_iter()
            .filter(|text| !text.trim().is_empty())
            .map(Cow::into_owned)
            .collect();
        (!texts.is_empty()).then_some(Self { rows, texts })
    }
}

/// The texts by which a contact is recognised.
fn of_contact(contact: &Contact) -> Vec<Cow<'_, str>> {
    let names = contact
        .names
        .iter()
        .filter_map(|name| name.display.as_deref());
    let phones = contact.phones.iter().map(|phone| phone.number.as_str());
    let emails = contact.emails.iter().map(|email| email.address.as_str());
    let all = names.chain(phones).chain(emails);
    all.chain([contact.display_name.as_str()])
        .map(Cow::Borrowed)
        .collect()
}

/// A time in milliseconds, as one of the texts by which an entry is recognised.
fn at<'a>(millis: Option<i64>) -> Option<Cow<'a, str>> {
    Some(Cow::Owned(format!("time {}", millis?)))
}

/// The texts by which an event is recognised: its title, and its start.
fn of_event(event: &Event) -> Vec<Cow<'_, str>> {
    let title = event.title.as_deref().map(Cow::Borrowed);
    let start = event.start.as_ref().and_then(moment);
    title.into_iter().chain(start).collect()
}

/// The texts by which a to-do is recognised: its title, its notes, and when it is due.
fn of_todo(todo: &Todo) -> Vec<Cow<'_, str>> {
    let texts = [&todo.title, &todo.notes].into_iter().flatten();
    let due = todo.due.as_ref().and_then(moment);
    texts
        .map(|text| Cow::Borrowed(text.as_str()))
        .chain(due)
        .collect()
}

/// A moment, as one of the texts by which an entry is recognised.
fn moment<'a>(moment: &Moment) -> Option<Cow<'a, str>> {
    match moment {
        Moment::Date(day) => Some(Cow::Owned(format!("day {day}"))),
        Moment::Time { millis, .. } => at(Some(*millis)),
    }
}

/// Returns a sample, spread over all that was rescued of a collection, of entries that can be recognised. `None`: there
/// are none.
fn sample(vault: &Vault) -> Result<Option<(Collection, Vec<Entry>)>, VaultError> {
    for (what, kind, key) in LOOKED_UP {
        let mut all = Vec::new();
        vault.for_each_record(what, &[kind], |record| {
            // The keys of other users' and profiles' entries have a prefix.
            if record.key.starts_with(key) {
                all.extend(Entry::of(&record.body));
            }
            Ok::<_, VaultError>(())
        })?;
        let step = all.len().div_ceil(SAMPLE).max(1);
        let some: Vec<_> = all.into_iter().step_by(step).collect();
        if !some.is_empty() {
            return Ok(Some((what, some)));
        }
    }
    Ok(None)
}

/// Returns how many of `saved` still have something under their row IDs, and how many of those share a text with it.
fn compared(saved: &[Entry], found: &[Entry]) -> (usize, usize) {
    let (mut there, mut same) = (0, 0);
    for entry in saved {
        let mut now = found
            .iter()
            .filter(|other| !other.rows.is_disjoint(&entry.rows))
            .peekable();
        there += usize::from(now.peek().is_some());
        same += usize::from(now.any(|other| !other.texts.is_disjoint(&entry.texts)));
    }
    (there, same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_owners_are_told_apart_and_nobody_is_turned_away() {
        let (yes, no) = (Some(true), Some(false));
        for (entries, shares_account, same_system, is_other) in [
            // The same phone in different circumstances.
            (Some((24, 24)), yes, yes, false),
            (Some((24, 23)), yes, yes, false),
            (Some((24, 24)), no, no, false),
            (Some((10, 6)), None, no, false),
            (Some((1, 0)), yes, yes, false),
            // The same phone after all its contacts were synchronised again.
            (Some((0, 0)), yes, yes, false),
            (Some((0, 0)), None, yes, false),
            (None, yes, no, false),
            (None, None, None, false),
            // Another phone of the same model and dummy serial number.
            (Some((24, 1)), yes, yes, true),
            (Some((24, 0)), None, yes, true),
            (Some((2, 0)), None, yes, true),
            (Some((0, 0)), no, yes, true),
            (Some((0, 0)), None, no, true),
            (None, no, yes, true),
        ] {
            let evidence = Evidence {
                entries,
                shares_account,
                same_system,
            };
            assert_eq!(other(&evidence).is_some(), is_other, "{evidence:?}");
        }
    }
}
