//! Reading one collection of one or several users, batch by batch, from any bookmark on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::query::{Asker, Refusal, View};
use super::scan::{From, Group, Grouping, Key, Scan};
use crate::handset::{Batch, Bookmark, Findings, HandsetError, Record};

/// Where a read can go on, and what was learned until there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// Which of the users to be read.
    user: usize,
    /// The stream is through; groups that needed a second look are read.
    held: bool,
    /// The last group that is safe.
    key: Option<Key>,
    #[serde(skip_serializing_if = "Trouble::is_none")]
    trouble: Trouble,
    /// Of the users that are through.
    findings: Findings,
}

/// What went wrong with the user that is being read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Trouble {
    /// Rows that stayed uncertain.
    uncertain: u64,
    /// What the handset said where it refused something.
    refused: Option<String>,
    /// What it said where it broke off its reply.
    broke: Option<String>,
}

impl Trouble {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Together with what has gone wrong since.
    fn and(&self, scan: &Scan) -> Self {
        let said = |refusal: &Option<Refusal>| refusal.as_ref().map(|r| r.said().to_owned());
        Self {
            uncertain: self.uncertain + scan.uncertain.len() as u64,
            refused: self.refused.clone().or_else(|| said(&scan.refusal)),
            broke: self.broke.clone().or_else(|| said(&scan.broke)),
        }
    }
}

impl Place {
    /// The place that a bookmark stands for.
    fn of(bookmark: Option<&Bookmark>) -> Self {
        bookmark
            .and_then(|b| serde_json::from_str(&b.0).ok())
            .unwrap_or_default()
    }

    fn from(&self) -> From {
        match self.key {
            _ if self.held => From::Held,
            Some(key) => From::After(key),
            None => From::Start,
        }
    }

    /// What is left to be read of this user is to be asked for group by group.
    fn turn_to_held(&mut self) {
        self.held = true;
        self.key = None;
    }
}

/// From a group of rows to records.
pub type Decode = Box<dyn Fn(&View, &Group) -> Vec<Record> + Send>;

/// One user's share of a collection.
pub struct Share {
    /// The user, as queries name it; `None`: the first.
    pub user: Option<u32>,
    /// What it's called in findings; empty for the first user.
    pub name: String,
    pub view: View,
    /// The groups that the handset says there are, without those that are safe as they are now.
    pub expected: BTreeSet<Key>,
    /// Records to be committed before any group: calendars, the owner's card.
    pub first: Vec<Record>,
    /// Turns a group into records.
    pub decode: Decode,
    /// What was replied in an earlier part of the rescue holds still.
    pub recalls: bool,
}

/// A collection being read.
pub struct Reading {
    grouping: &'static Grouping,
    shares: Vec<Share>,
    place: Place,
    scan: Option<Scan>,
    /// The bookmark of the last batch.
    bookmark: Option<Bookmark>,
}

impl Reading {
    /// Goes on after `bookmark`. `scan`: the first share's, from its start on, if it was opened early.
    pub fn new(
        grouping: &'static Grouping,
        shares: Vec<Share>,
        bookmark: Option<Bookmark>,
        scan: Option<Scan>,
    ) -> Self {
        let mut place = Place::of(bookmark.as_ref());
        // What was added or changed behind the place is read group by group.
        let lacks = |share: &Share| !share.expected.is_empty() || !share.first.is_empty();
        if let Some(behind) = shares.iter().take(place.user).position(lacks) {
            place.user = behind;
            place.turn_to_held();
        } else if let (true, Some(key), Some(share)) =
            (place.held, place.key, shares.get(place.user))
            && share.expected.range(..=key).next().is_some()
        {
            place.key = None;
        }
        Self {
            grouping,
            shares,
            place,
            scan,
            bookmark,
        }
    }

    /// Everything was read.
    pub fn is_through(&self) -> bool {
        self.place.user >= self.shares.len()
    }

    /// What was learned.
    pub fn findings(self) -> Findings {
        self.place.findings
    }

    /// The next batch after `bookmark`. In haste, what is left for the end stays there: it ends before that.
    pub fn next_batch(
        &mut self,
        asker: &mut Asker,
        bookmark: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        if bookmark != self.bookmark.as_ref() {
            self.scan = None;
            self.place = Place::of(bookmark);
            self.bookmark = bookmark.cloned();
        }
        let last_user = self.shares.len().saturating_sub(1);
        loop {
            let Some(share) = self.shares.get_mut(self.place.user) else {
                return Ok(None);
            };
            asker.user = share.user;
            asker.recalls = share.recalls;
            let scan = match &mut self.scan {
                Some(scan) => scan,
                empty => empty.insert(Scan::start(
                    asker,
                    share.view.clone(),
                    self.grouping,
                    self.place.from(),
                )?),
            };
            let mut records = std::mem::take(&mut share.first);
            let mut turned = false;
            let (groups, rows) = if !self.place.held {
                match scan.next_groups(asker)? {
                    Some(found) => {
                        self.place.key = found.groups.last().map(|g| g.key).or(self.place.key);
                        (found.groups, found.rows)
                    }
                    None => {
                        self.place.turn_to_held();
                        turned = true;
                        (Vec::new(), 0)
                    }
                }
            } else if asker.is_in_haste() && self.place.user == last_user {
                return Ok(None);
            } else {
                match scan.held_groups(asker, &share.expected, self.place.key)? {
                    Some((groups, last)) => {
                        self.place.key = Some(last);
                        let rows = groups.iter().map(|g| g.rows.len() as u64).sum();
                        (groups, rows)
                    }
                    None => {
                        self.close_share();
                        continue;
                    }
                }
            };
            for group in &groups {
                share.expected.remove(&group.key);
                records.extend((share.decode)(&scan.view, group));
            }
            // The turn is committed too: what is read is not streamed again by a part that goes on there.
            if turned || !records.is_empty() || rows > 0 {
                let place = Place {
                    trouble: self.place.trouble.and(scan),
                    ..self.place.clone()
                };
                self.bookmark = serde_json::to_string(&place).ok().map(Bookmark);
                return Ok(Some(Batch {
                    raw: asker.kept.take(),
                    records,
                    bookmark: self.bookmark.clone(),
                    rows,
                }));
            }
        }
    }

    /// Notes what a share's read did not bring, and goes on to the next one.
    fn close_share(&mut self) {
        let place = std::mem::take(&mut self.place);
        self.place.user = place.user + 1;
        self.place.findings = place.findings;
        let (Some(share), Some(scan)) = (self.shares.get(place.user), self.scan.take()) else {
            return;
        };
        let trouble = place.trouble.and(&scan);
        let findings = &mut self.place.findings;
        let whose = if share.name.is_empty() {
            String::new()
        } else {
            format!(" of the user “{}”", share.name)
        };
        if let (Some(said), true) = (&trouble.broke, share.expected.is_empty()) {
            findings.notes.push(format!(
                "The handset broke off its reply once{whose} ({said}); what was missing was read again."
            ));
        }
        let broke = trouble.broke.filter(|_| !share.expected.is_empty());
        if let Some(said) = trouble.refused.or(broke) {
            findings
                .missing
                .push(format!("The handset broke off its reply{whose}: {said}"));
        }
        if trouble.uncertain > 0 {
            findings.raw_only += trouble.uncertain;
            findings.missing.push(format!(
                "{} rows{whose} hold text that can be read in more than one way; they are kept raw.",
                trouble.uncertain
            ));
        }
        if !share.expected.is_empty() {
            findings.missing.push(format!(
                "{} entries{whose} that the handset listed were no longer there when they were read. Something on it \
                 is changing them: take it off the network and run the rescue again.",
                share.expected.len()
            ));
        }
    }
}
