//! Whether a handset is the one that a rescue is of. Makers leave one dummy serial number in thousands of handsets, so more
//! than that decides: the model, what stands by now under the numbers of contacts that were rescued, the accounts, the
//! build of the system.
//!
//! No single one of them does. A system is updated, an account added, a contact edited, all contacts come anew from their
//! server under other numbers. What is looked for is that two owners are never mixed, and that nobody is turned away for
//! having used the phone.

use std::collections::BTreeSet;
use std::path::Path;

use super::run::RescueError;
use crate::handset::{Handset, HandsetError, RecordBody};
use crate::model::{Collection, Contact, Identity, Marks};
use crate::vault::{RecordKind, Vault, VaultError, sha256_hex};

/// How many rescued contacts are looked for.
const SAMPLE: usize = 16;

/// Fewer than so many contacts may all have been edited.
const FEW: usize = 3;

/// What is known about both, whose serial numbers don't tell them apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Evidence {
    /// Of the contacts that were looked for: how many stand under their numbers still, and with how many of these something
    /// is the same. `None`: nothing was rescued that could be looked for.
    contacts: Option<(usize, usize)>,
    /// Both tell accounts, and share one; or none. `None`: one of them tells none.
    shares_account: Option<bool>,
    /// Both tell the build of their system, and it is the same. `None`: one of them doesn't.
    same_system: Option<bool>,
}

/// Why it is another handset; `None`: nothing speaks against its being the same one.
fn other(evidence: &Evidence) -> Option<&'static str> {
    match *evidence {
        Evidence {
            contacts: Some((there, same)),
            shares_account,
            same_system,
        } => {
            if same * 2 >= there && same > 0 {
                return None;
            }
            // Contacts that came anew from their server have other numbers; few may have been edited.
            let by_account = there < FEW && shares_account == Some(true);
            match there {
                _ if by_account => None,
                0 if shares_account.is_none() && same_system == Some(true) => None,
                0 => Some("none of the contacts that were rescued first is on it"),
                _ => Some("other people stand where the contacts are that were rescued first"),
            }
        }
        Evidence {
            contacts: None,
            shares_account: Some(false),
            ..
        } => Some("it has other accounts"),
        Evidence { contacts: None, .. } => None,
    }
}

/// Makes sure that the handset is the one that the unfinished rescue in `folder` is of. Nothing is written into the folder.
///
/// The inner error is the handset's, where that can't tell.
///
/// # Errors
/// [`RescueError::OtherPhone`]; where the folder can't be read.
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
    if by_debugging(known) && by_debugging(&identity) && known.model != identity.model {
        return Err(refused("it is another model"));
    }
    let saved = sample(&vault)?;
    // While it is locked, nobody can say what is on it.
    let contacts = match saved.is_empty() || handset.is_locked() {
        true => None,
        false => match handset.contacts_again(&saved) {
            Ok(found) => found.map(|found| compared(&saved, &found)),
            Err(error) => return Ok(Err(error)),
        },
    };
    let (before, now) = (vault.marks()?, digested(&handset.marks()));
    let evidence = Evidence {
        contacts,
        shares_account: shares_account(&before, &now),
        same_system: (!before.system.is_empty() && !now.system.is_empty())
            .then(|| before.system == now.system),
    };
    match other(&evidence) {
        Some(why) => Err(refused(why)),
        None => Ok(Ok(())),
    }
}

/// The marks as the journal keeps them: accounts as digests, since they name people.
pub fn digested(marks: &Marks) -> Marks {
    let digests = |all: &Vec<String>| all.iter().map(|one| sha256_hex(one.as_bytes())).collect();
    Marks {
        system: marks.system.clone(),
        accounts: marks.accounts.as_ref().map(digests),
    }
}

/// Approaches call one model by different names.
fn by_debugging(identity: &Identity) -> bool {
    identity.approach.starts_with("ADB")
}

/// A handset without accounts shares none, and says nothing.
fn shares_account(before: &Marks, now: &Marks) -> Option<bool> {
    let all = |marks: &Marks| -> Option<BTreeSet<String>> {
        let all = marks.accounts.clone()?;
        (!all.is_empty()).then(|| all.into_iter().collect())
    };
    Some(!all(before)?.is_disjoint(&all(now)?))
}

/// Some of the contacts that were rescued: from everywhere, and such as can be known again.
fn sample(vault: &Vault) -> Result<Vec<Contact>, VaultError> {
    let mut all = Vec::new();
    vault.for_each_record(Collection::Contacts, &[RecordKind::Contact], |record| {
        // Those of other users and profiles have a place before their name.
        if let (true, RecordBody::Contact(contact)) =
            (record.key.starts_with("contact/"), record.body)
            && !texts(&contact).is_empty()
        {
            all.push(contact);
        }
        Ok::<_, VaultError>(())
    })?;
    let step = all.len().div_ceil(SAMPLE).max(1);
    Ok(all.into_iter().step_by(step).collect())
}

/// By what a contact is known again.
fn texts(contact: &Contact) -> BTreeSet<&str> {
    let names = contact
        .names
        .iter()
        .filter_map(|name| name.display.as_deref());
    let phones = contact.phones.iter().map(|phone| phone.number.as_str());
    let emails = contact.emails.iter().map(|email| email.address.as_str());
    let all = names.chain(phones).chain(emails);
    all.chain([contact.display_name.as_str()])
        .filter(|text| !text.trim().is_empty())
        .collect()
}

/// Of how many of `saved` something is there under its number, and of how many of these something is the same.
fn compared(saved: &[Contact], found: &[Contact]) -> (usize, usize) {
    let rows = |contact: &Contact| -> BTreeSet<i64> {
        contact.sources.iter().map(|source| source.row).collect()
    };
    let found: Vec<_> = found.iter().map(|one| (rows(one), texts(one))).collect();
    let (mut there, mut same) = (0, 0);
    for contact in saved {
        let (rows, texts) = (rows(contact), texts(contact));
        let mut now = found
            .iter()
            .filter(|(of, _)| !of.is_disjoint(&rows))
            .peekable();
        there += usize::from(now.peek().is_some());
        same += usize::from(now.any(|(_, by_now)| !by_now.is_disjoint(&texts)));
    }
    (there, same)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_owners_are_told_apart_and_nobody_is_turned_away() {
        let (yes, no) = (Some(true), Some(false));
        for (contacts, shares_account, same_system, is_other) in [
            // The same phone, whatever was done with it.
            (Some((24, 24)), yes, yes, false),
            (Some((24, 23)), yes, yes, false),
            (Some((24, 24)), no, no, false),
            (Some((10, 6)), None, no, false),
            (Some((1, 0)), yes, yes, false),
            // All its contacts came anew from their server.
            (Some((0, 0)), yes, yes, false),
            (Some((0, 0)), None, yes, false),
            (None, yes, no, false),
            (None, None, None, false),
            // Another one of the same model and dummy serial.
            (Some((24, 1)), yes, yes, true),
            (Some((24, 0)), None, yes, true),
            (Some((2, 0)), None, yes, true),
            (Some((0, 0)), no, yes, true),
            (Some((0, 0)), None, no, true),
            (None, no, yes, true),
        ] {
            let evidence = Evidence {
                contacts,
                shares_account,
                same_system,
            };
            assert_eq!(other(&evidence).is_some(), is_other, "{evidence:?}");
        }
    }
}
