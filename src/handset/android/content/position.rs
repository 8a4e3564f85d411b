//! The bookmark of a table read, and the sentences about what was found so far.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::exact::TOO_LARGE;
use super::group::Key;
use super::scan::{From, Scan};
use super::seen::Sum;
use super::share::UserShare;
use crate::model::{Bookmark, Findings, Record};
use crate::phrase;

/// The longest name in a sentence, in characters.
const MAX_NAME: usize = 60;
/// From this number on, entries that vanish during a read are reported as a deletion.
const MANY_GONE: usize = 10;

/// A point at which a read can resume, and the findings so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Position {
    /// The index of the user in the list of users to be read.
    pub user: usize,
    /// The numbers of users are in the keys of their records. Earlier versions had the names there.
    pub numbers_users: bool,
    /// The stream is finished; groups that needed a second look are being read.
    #[serde(rename = "held")]
    pub deferred: bool,
    /// The last saved group of the stream, or of the groups that needed a second look.
    pub key: Option<Key>,
    /// Incomplete groups, found by comparison with the handset after the read.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub lacking: BTreeSet<Key>,
    /// For each user: the rows that were handed over.
    pub rows: Vec<Sum>,
    #[serde(skip_serializing_if = "Trouble::is_none")]
    pub trouble: Trouble,
    /// Findings about the users that are finished, and about data other than the collection itself.
    pub findings: Findings,
}

/// Problems with the user that is being read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Trouble {
    /// Rows that stayed uncertain.
    pub uncertain: u64,
    /// The handset's message when it refused a query.
    pub refused: Option<String>,
    /// The handset's message when it broke off a reply.
    pub broke: Option<String>,
}

impl Trouble {
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Position {
    /// The position in a bookmark, with the missing data that the survey found.
    pub fn of(bookmark: Option<&Bookmark>, missing: &[String]) -> Self {
        let mut position = match bookmark {
            Some(bookmark) => serde_json::from_str(&bookmark.0).unwrap_or_default(),
            None => Self {
                numbers_users: true,
                ..Self::default()
            },
        };
        for sentence in missing {
            if !position.findings.missing.contains(sentence) {
                position.findings.missing.push(sentence.clone());
            }
        }
        position
    }

    /// True if the records before this bookmark have the names of users in their keys.
    pub fn has_names(bookmark: Option<&Bookmark>) -> bool {
        !Self::of(bookmark, &[]).numbers_users
    }

    pub fn from(&self) -> From {
        match self.key {
            _ if self.deferred => From::Deferred,
            Some(key) => From::After(key),
            None => From::Start,
        }
    }

    /// Switches to group-by-group reads for the rest of this user.
    pub fn turn_to_deferred(&mut self) {
        self.deferred = true;
        self.key = None;
    }

    /// The rows of this user that earlier parts of the rescue handed over.
    pub fn rows(&self) -> Sum {
        self.rows.get(self.user).copied().unwrap_or_default()
    }

    pub fn set_rows(&mut self, rows: Sum) {
        if self.rows.len() <= self.user {
            self.rows.resize(self.user + 1, Sum::default());
        }
        if let Some(of) = self.rows.get_mut(self.user) {
            *of = rows;
        }
    }

    /// This position with the results of the scan that began here.
    pub fn after(&self, scan: &Scan) -> Self {
        let mut position = self.clone();
        position.set_rows(self.rows().and(scan.sum()));
        position.trouble.uncertain += scan.uncertain();
        if position.trouble.refused.is_none() {
            position.trouble.refused = scan.refusal.as_ref().map(|r| r.said().to_owned());
        }
        position
    }
}

/// A sentence about a record with a text that no query returns.
pub fn lacks_a_text(record: &Record) -> String {
    // A message has no label: it names a person only by a number, and its text must not reach the log.
    let name = record.body.label().unwrap_or_default();
    let name: String = name.chars().take(MAX_NAME).collect();
    phrase!(
        "“{name}”: {TOO_LARGE}. This text could not be read. The rest of the entry was read. Open the entry on \
         the phone, and share or copy the long text from there."
    )
}

/// The numbers of groups that a read missed.
pub struct Missed {
    /// The handset listed them, and no longer has them.
    pub gone: usize,
    /// The handset has them, and never sent them.
    pub unsent: usize,
    /// The handset has them, and they were not the same in two answers.
    pub changing: usize,
}

/// Adds what the read of a share missed.
pub fn conclude(share: &UserShare, trouble: Trouble, missed: Missed, findings: &mut Findings) {
    let Missed {
        gone,
        unsent,
        changing,
    } = missed;
    let whose = if share.name.is_empty() {
        String::new()
    } else {
        phrase!(" for the user “{}”", share.name)
    };
    let is_whole = gone == 0 && unsent == 0 && changing == 0;
    if let (Some(said), true) = (&trouble.broke, is_whole) {
        findings.notes.push(phrase!(
            "The phone ended its reply{whose} early once ({said}). The missing part was read again."
        ));
    }
    let broke = trouble.broke.filter(|_| !is_whole);
    if let Some(said) = trouble.refused.or(broke) {
        findings
            .missing
            .push(phrase!("The phone ended its reply{whose} early: {said}"));
    }
    if trouble.uncertain > 0 {
        findings.raw_only += trouble.uncertain;
        findings.missing.push(phrase!(
            "{} rows{whose} contain ambiguous text. They are saved as raw data only.",
            trouble.uncertain
        ));
    }
    if unsent > 0 {
        findings.missing.push(phrase!(
            "Entries{whose} that the phone lists, but did not send when Lifeboat asked for them: {unsent}. Run the \
             rescue again. If they are missing again, save them on the phone itself, with an app or by hand."
        ));
    }
    if changing > 0 {
        findings.missing.push(phrase!(
            "{changing} entries{whose} kept changing while they were read, and may be incomplete. Leave the phone \
             alone for some minutes, then run the rescue again."
        ));
    }
    if gone > 0 {
        findings.missing.push(phrase!(
            "{gone} entries{whose} on the phone's list no longer existed when they were read. Something on the \
             phone is changing them. Leave the phone alone for some minutes, then run the rescue again."
        ));
    }
    // Many that vanish while they are read are evidence for it.
    if gone >= MANY_GONE {
        findings.missing.push(
            phrase(
                "An account on the phone may be being emptied. If you can use the touchscreen, turn on airplane mode \
                 before you run the rescue again.",
            )
            .to_owned(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bookmark_of_an_earlier_version_has_names() {
        assert!(!Position::has_names(None));
        let old = Bookmark(r#"{"user":1,"key":[0,7]}"#.to_owned());
        assert!(Position::has_names(Some(&old)));
        let position = Position::of(None, &[]);
        let now = serde_json::to_string(&position)
            .map(Bookmark)
            .expect("a text");
        assert!(!Position::has_names(Some(&now)));
    }
}
