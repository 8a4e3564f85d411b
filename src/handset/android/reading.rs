//! Reading one collection of one or several users, batch by batch, from any bookmark on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::query::{Asker, View};
use super::scan::{Group, Grouping, Key, Scan};
use crate::handset::{Batch, Bookmark, Findings, HandsetError, Record};

/// Where a read can go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    /// Which of the users to be read.
    user: usize,
    /// The stream is through; groups that needed a second look are read.
    held: bool,
    /// The last group that is safe.
    key: Option<Key>,
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
    /// The groups that the handset says there are.
    pub expected: BTreeSet<Key>,
    /// Records to be committed before any group: calendars, the owner's card.
    pub first: Vec<Record>,
    /// Turns a group into records.
    pub decode: Decode,
}

/// A collection being read.
pub struct Reading {
    grouping: &'static Grouping,
    shares: Vec<Share>,
    place: Place,
    scan: Option<Scan>,
    pub findings: Findings,
}

impl Reading {
    /// `scan`: the first share's stream, if it was opened early.
    pub fn new(grouping: &'static Grouping, shares: Vec<Share>, scan: Option<Scan>) -> Self {
        Self {
            grouping,
            shares,
            place: Place::default(),
            scan,
            findings: Findings::default(),
        }
    }

    /// The next batch after `bookmark`.
    pub fn next_batch(
        &mut self,
        asker: &mut Asker,
        bookmark: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        let wanted = bookmark
            .and_then(|b| serde_json::from_str(&b.0).ok())
            .unwrap_or_default();
        if wanted != self.place {
            self.scan = None;
            self.place = wanted;
        }
        loop {
            let Some(share) = self.shares.get_mut(self.place.user) else {
                return Ok(None);
            };
            asker.user = share.user;
            let mut records = Vec::new();
            let scan = match &mut self.scan {
                Some(scan) => scan,
                empty => {
                    let after = if self.place.held {
                        None
                    } else {
                        self.place.key
                    };
                    let scan = Scan::start(asker, share.view.clone(), self.grouping, after)?;
                    if let (false, Some(key)) = (self.place.held, self.place.key) {
                        share
                            .expected
                            .retain(|k| *k > key || scan.held().contains(k));
                    }
                    if self.place.held {
                        share.expected.retain(|k| scan.held().contains(k));
                    }
                    empty.insert(scan)
                }
            };
            if self.place
                == (Place {
                    user: self.place.user,
                    held: false,
                    key: None,
                })
            {
                records.append(&mut share.first);
            }
            let (groups, rows) = if self.place.held {
                // What the handset listed and the stream did not bring is asked for once more.
                let lacking: Vec<Key> = share.expected.difference(scan.held()).copied().collect();
                match scan.held_groups(asker, &lacking, self.place.key)? {
                    Some((groups, last)) => {
                        self.place.key = Some(last);
                        let rows = groups.iter().map(|g| g.rows.len() as u64).sum();
                        (Some(groups), rows)
                    }
                    None => (None, 0),
                }
            } else {
                match scan.next_groups(asker)? {
                    Some(found) => (Some(found.groups), found.rows),
                    None => (None, 0),
                }
            };
            match groups {
                Some(groups) => {
                    for group in &groups {
                        share.expected.remove(&group.key);
                        records.extend((share.decode)(&scan.view, group));
                    }
                    if !self.place.held {
                        self.place.key = groups.last().map(|g| g.key).or(self.place.key);
                    }
                }
                None if !self.place.held => {
                    self.place = Place {
                        held: true,
                        key: None,
                        ..self.place
                    }
                }
                None => {
                    self.close_share();
                    self.place = Place {
                        user: self.place.user + 1,
                        held: false,
                        key: None,
                    };
                }
            }
            if !records.is_empty() || rows > 0 {
                let bookmark = serde_json::to_string(&self.place).ok().map(Bookmark);
                return Ok(Some(Batch {
                    raw: std::mem::take(&mut asker.raw),
                    records,
                    bookmark,
                    rows,
                }));
            }
        }
    }

    /// Notes what a share's read did not bring.
    fn close_share(&mut self) {
        let (Some(share), Some(scan)) = (self.shares.get(self.place.user), self.scan.take()) else {
            return;
        };
        let whose = if share.name.is_empty() {
            String::new()
        } else {
            format!(" of the user “{}”", share.name)
        };
        if let (Some(broke), true) = (&scan.broke, share.expected.is_empty()) {
            self.findings.notes.push(format!(
                "The handset broke off its reply once{whose} ({}); what was missing was read again.",
                broke.said()
            ));
        }
        let broke = scan.broke.as_ref().filter(|_| !share.expected.is_empty());
        if let Some(refusal) = scan.refusal.as_ref().or(broke) {
            self.findings.missing.push(format!(
                "The handset broke off its reply{whose}: {}",
                refusal.said()
            ));
        }
        if !scan.uncertain.is_empty() {
            self.findings.raw_only += scan.uncertain.len() as u64;
            self.findings.missing.push(format!(
                "{} rows{whose} hold text that can be read in more than one way; they are kept raw.",
                scan.uncertain.len()
            ));
        }
        if !share.expected.is_empty() {
            self.findings.missing.push(format!(
                "{} entries{whose} that the handset listed were no longer there when they were read. Something on it \
                 is changing them: take it off the network and run the rescue again.",
                share.expected.len()
            ));
        }
    }
}
