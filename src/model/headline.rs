//! The headline of a rescue: the same rule for every family of handsets.

use serde::{Deserialize, Serialize};

use super::{Collection, ResetLine, Verdict};
use crate::phrase;

/// Data that the handset holds, or may hold, and that was not rescued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotCovered {
    /// What the data is, and what to do about it.
    pub line: ResetLine,
    pub weight: Weight,
}

/// How serious it is that the data was not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// A reset destroys it too: the owner ticks it off.
    Listed,
    /// The headline also names it by this text, for example `the work profile “Work”`. The phone is safe without it.
    InHeadline(String),
    /// The phone is not safe without it. The headline names it first, by this text.
    NotSafe(String),
    /// As `NotSafe`, and the owner can fix the cause on the phone: until then, the rescue is not finished.
    Waits(String),
}

impl NotCovered {
    /// Creates an entry for the owner to tick off.
    pub fn listed(line: ResetLine) -> Self {
        Self {
            line,
            weight: Weight::Listed,
        }
    }

    /// Returns true if the phone is not safe without the data.
    pub fn is_needed(&self) -> bool {
        match self.weight {
            Weight::NotSafe(_) | Weight::Waits(_) => true,
            Weight::Listed | Weight::InHeadline(_) => false,
        }
    }

    /// Returns true if the rescue can go on once the owner has done what the sentence says.
    pub fn waits(&self) -> bool {
        match self.weight {
            Weight::Waits(_) => true,
            Weight::Listed | Weight::InHeadline(_) | Weight::NotSafe(_) => false,
        }
    }
}

/// The parts of a headline.
#[derive(Debug, Default)]
pub struct Standing<'a> {
    /// No reason against the verdict "safe" is known.
    pub is_safe: bool,
    /// A backup was read: no phone is there.
    pub is_backup: bool,
    /// Collections that were asked for and that the phone shows as empty, without a confirmation by the owner.
    pub shows_none_of: &'a [Collection],
    pub not_covered: &'a [NotCovered],
    /// No file is a photo, film or recording.
    pub is_photoless: bool,
    /// How each collection ended, and how many of its things were rescued.
    pub collections: Vec<(Collection, Verdict, u64)>,
}

/// Returns the question to ask if a phone shows nothing.
fn asks_for(none_of: &[Collection]) -> String {
    let things: Vec<_> = none_of.iter().map(|what| what.things(0)).collect();
    let things = things.join(phrase(" and no "));
    phrase!(
        "This phone shows no {things}. Is the phone in repair or maintenance mode, in use by a second user, or \
         already reset?"
    )
}

impl Standing<'_> {
    /// Returns the headline for the last screen, the report and the plain command's verdict. Data that could not be
    /// read comes first.
    pub fn headline(&self) -> String {
        let mut unread: Vec<String> = Vec::new();
        let mut not_all = Vec::new();
        let mut beside = Vec::new();
        let named = |what: &Collection| match what.is_files() && self.is_photoless {
            true => phrase("files").to_owned(),
            false => what.named().to_owned(),
        };
        for one in self.not_covered {
            match &one.weight {
                Weight::NotSafe(name) | Weight::Waits(name) => unread.push(name.clone()),
                Weight::InHeadline(name) => beside.push(name.clone()),
                Weight::Listed => {}
            }
        }
        for (what, verdict, rescued) in &self.collections {
            match verdict {
                Verdict::Complete | Verdict::Empty => {}
                Verdict::OutOfReach if !what.is_precious() => {
                    beside.extend(what.is_missed().then(|| named(what)));
                }
                Verdict::Unreadable | Verdict::OutOfReach => unread.push(named(what)),
                Verdict::Partial if *rescued == 0 => unread.push(named(what)),
                Verdict::Partial => not_all.push(named(what)),
            }
        }
        let mut said = Vec::new();
        if self.is_safe {
            // A memory card or a camera holds none of these. The headline must not make its owner believe that the
            // phone is safe.
            let is_phone = self.collections.iter().any(|(what, ..)| what.is_precious());
            let device = if is_phone {
                phrase("phone")
            } else {
                phrase("device")
            };
            said.push(match self.is_backup {
                true => phrase("Everything Lifeboat can read in this backup is safe.").to_owned(),
                false => phrase!("Everything Lifeboat can read on this {device} is safe."),
            });
        } else if !self.shows_none_of.is_empty() && !self.is_backup {
            said.push(asks_for(self.shows_none_of));
        }
        unread.extend(beside);
        for (how, names) in [
            (phrase("NOT read"), unread),
            (phrase("Only PARTLY read"), not_all),
        ] {
            if !names.is_empty() {
                said.push(format!("{how}: {}.", names.join(", ")));
            }
        }
        match (self.is_safe, said.is_empty()) {
            (true, _) => {}
            (false, true) => said.push(phrase("Not yet: do not reset the phone.").to_owned()),
            (false, false) => said.push(phrase("Do not reset the phone.").to_owned()),
        }
        said.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headline(
        is_safe: bool,
        collections: &[(Collection, Verdict, u64)],
        not_covered: &[NotCovered],
    ) -> String {
        Standing {
            is_photoless: false,
            is_safe,
            is_backup: false,
            shows_none_of: &[],
            not_covered,
            collections: collections.to_vec(),
        }
        .headline()
    }

    #[test]
    fn what_could_not_be_read_comes_first() {
        use Verdict::{Complete, OutOfReach, Partial, Unreadable};
        let named = |weight| NotCovered {
            line: ResetLine {
                lost: "A sentence.".into(),
                ..ResetLine::default()
            },
            weight,
        };
        let contacts = |verdict| (Collection::Contacts, verdict, 3);
        let safe = "Everything Lifeboat can read on this phone is safe.";
        assert_eq!(headline(true, &[contacts(Complete)], &[]), safe);
        let work = named(Weight::InHeadline("the work profile “Work”".into()));
        assert_eq!(
            headline(true, &[contacts(Complete)], std::slice::from_ref(&work)),
            format!("{safe} NOT read: the work profile “Work”.")
        );
        assert_eq!(
            headline(false, &[], &[]),
            "Not yet: do not reset the phone."
        );
        let kim = named(Weight::NotSafe("the user “Kim”".into()));
        let all = [
            contacts(Unreadable),
            (Collection::Sim, OutOfReach, 0),
            (Collection::Todos, Partial, 4),
        ];
        assert_eq!(
            headline(false, &all, &[work, kim]),
            "NOT read: the user “Kim”, contacts, the work profile “Work”, SIM card. Only PARTLY read: to-dos. Do not reset the phone."
        );
    }
}
