//! The number of copies of a rescue, according to its custody log.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::custody::Entry;
use super::disk::DiskRelation;
use super::{VaultError, bag, custody};
use crate::phrase;

/// Custody entries about a copy: in the log of the copied rescue, and in the log of the copy about its source. Both are
/// written after the copy has been read back from its disk and found whole.
pub(super) const COPIED: &str = "copied";
pub(super) const COPY_OF: &str = "copy";

/// Custody entry about a copy that was counted and is no longer whole: it stops counting.
pub(super) const DAMAGED: &str = "spoilt";

/// Custody entry about an encrypted archive of the rescue, and the detail that says whether the archive was decrypted
/// and found whole. Only then does it count as a copy.
pub(super) const SEALED: &str = "sealed";
pub(super) const OPENED: (&str, &str) = ("opened again", "yes");

/// Details of all these entries: the place of the other copy, and whether it is on another disk.
pub(super) const PLACE: &str = "place";
pub(super) const DISK: &str = "disk";

/// On how many disks the copies are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disks {
    #[default]
    One,
    /// At least two.
    Several,
    /// The system does not report it.
    Unknown,
}

/// The copies of a rescue: this folder, and the copies that were checked when they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copies {
    /// Includes this folder; 0 while the rescue is unfinished.
    pub count: u64,
    pub disks: Disks,
    pub others: Vec<OtherCopy>,
    /// Copies that are no longer where they were made: deleted, or on a disk that is not plugged in. These copies don't
    /// count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_found: Vec<OtherCopy>,
}

/// Another copy, in its state when it was checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherCopy {
    pub place: String,
    /// Time of the check: UTC, RFC 3339.
    pub checked: String,
    /// `None`: the system did not report it.
    pub on_another_disk: Option<bool>,
}

impl Copies {
    /// The single copy of a rescue that has just been finished.
    pub fn one() -> Self {
        Self {
            count: 1,
            ..Self::default()
        }
    }

    /// Returns the copies of the rescue in `folder`.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::NotPlain`].
    pub fn in_folder(folder: &Path) -> Result<Self, VaultError> {
        match bag::is_finished(folder) {
            true => Ok(Self::of(&custody::read(folder)?)),
            false => Ok(Self::default()),
        }
    }

    /// Returns the copies in the custody log of a finished rescue. Two copies at the same place count once.
    pub fn of(entries: &[Entry]) -> Self {
        let mut others = BTreeMap::new();
        for entry in entries {
            let place = entry.details.get(PLACE);
            let is_copy = match &*entry.what {
                COPIED | COPY_OF => true,
                SEALED => entry.details.get(OPENED.0).is_some_and(|t| t == OPENED.1),
                _ => false,
            };
            let Some(place) = place.filter(|_| is_copy) else {
                if entry.what == DAMAGED {
                    place.map(|place| others.remove(place));
                }
                continue;
            };
            let other = OtherCopy {
                place: place.clone(),
                checked: entry.at.clone(),
                on_another_disk: entry
                    .details
                    .get(DISK)
                    .and_then(|word| DiskRelation::named(word).is_another()),
            };
            others.insert(place, other);
        }
        Self::counted(others.into_values().collect(), Vec::new())
    }

    /// Moves copies that no longer exist at their places to `not_found`.
    pub fn looked_for(self) -> Self {
        let (others, not_found) = self
            .others
            .into_iter()
            .partition(|other| std::fs::symlink_metadata(&other.place).is_ok());
        Self::counted(others, not_found)
    }

    fn counted(others: Vec<OtherCopy>, not_found: Vec<OtherCopy>) -> Self {
        let is = |told| others.iter().any(|other| other.on_another_disk == told);
        let disks = match () {
            () if is(Some(true)) => Disks::Several,
            () if is(None) => Disks::Unknown,
            () => Disks::One,
        };
        Self {
            count: others.len() as u64 + 1,
            disks,
            others,
            not_found,
        }
    }

    /// Describes the number of copies, and what that means, in one or two sentences.
    pub fn sentence(&self) -> String {
        let count = self.count;
        match (count, self.disks) {
            (0, _) => phrase("No copy yet: the rescue is not finished.").into(),
            (1, _) => phrase("One copy, on one disk.").into(),
            (2, Disks::Several) => phrase("Two copies, on two disks.").into(),
            (_, Disks::Several) => phrase!("{count} copies, on at least two disks."),
            (_, Disks::One) => {
                phrase!("{count} copies, but on one disk: if that fails, all are lost.")
            }
            (_, Disks::Unknown) => {
                phrase!(
                    "{count} copies. This computer can't tell whether they are on one disk or on several."
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_are_counted_by_their_places_and_disks() {
        let copied = |place, disk| Entry::new(COPIED, &[(PLACE, place), (DISK, disk)]);
        let of = |entries: &[Entry]| Copies::of(entries);
        assert_eq!(of(&[]), Copies::one());
        assert_eq!(of(&[]).sentence(), "One copy, on one disk.");
        let noise = [
            Entry::new("ticked", &[(PLACE, "/x")]),
            Entry::new(COPIED, &[]),
        ];
        assert_eq!(of(&noise).count, 1);
        for (disks, sentence) in [
            (&["another"][..], "Two copies, on two disks."),
            (&["the same"], "2 copies, but on one disk"),
            (&["unknown"], "2 copies. This computer can't tell whether"),
            (&["the same", "another"], "3 copies, on at least two disks."),
            (
                &["the same", "what?"],
                "3 copies. This computer can't tell whether",
            ),
        ] {
            let places = ["/a", "/b"].iter().zip(disks);
            let entries: Vec<Entry> = places.map(|(place, disk)| copied(place, disk)).collect();
            assert!(of(&entries).sentence().starts_with(sentence), "{disks:?}");
        }
        let twice = [copied("/a", "another"), copied("/a", "the same")];
        let twice = of(&twice);
        assert_eq!(
            (twice.count, twice.disks),
            (2, Disks::One),
            "the last word counts"
        );
        let spoilt = Entry::new(DAMAGED, &[(PLACE, "/a")]);
        let entries = [copied("/a", "another"), copied("/b", "the same"), spoilt];
        assert!(
            of(&entries)
                .sentence()
                .starts_with("2 copies, but on one disk")
        );
    }
}
