//! Reads one collection of one or several users, batch by batch, starting at any bookmark.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::exact::TOO_LARGE;
use super::query::{Asker, View};
use super::refusal::Refusal;
use super::scan::{From, Group, Grouping, Groups, Key, Scan};
use super::seen::Sum;
use crate::handset::HandsetError;
use crate::model::{Batch, Bookmark, Findings, Record, RecordBody};

/// How often a broken stream is opened again if it brings no new group, and how often the rows that were read are
/// compared with the rows on the handset.
const ATTEMPTS: usize = 3;
/// The longest name in a sentence, in characters.
const MAX_NAME: usize = 60;

/// A point at which a read can resume, and the findings so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// The index of the user in the list of users to be read.
    user: usize,
    /// The stream is finished; groups that needed a second look are being read.
    held: bool,
    /// The last saved group of the stream, or of the groups that needed a second look.
    key: Option<Key>,
    /// Incomplete groups, found by comparison with the handset after the read.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    lacking: BTreeSet<Key>,
    /// For each user: the rows that were handed over.
    rows: Vec<Sum>,
    #[serde(skip_serializing_if = "Trouble::is_none")]
    trouble: Trouble,
    /// Findings about the users that are finished, and about data other than the collection itself.
    findings: Findings,
}

/// Problems with the user that is being read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Trouble {
    /// Rows that stayed uncertain.
    uncertain: u64,
    /// The handset's message when it refused a query.
    refused: Option<String>,
    /// The handset's message when it broke off a reply.
    broke: Option<String>,
}

impl Trouble {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

impl Place {
    /// The place in a bookmark, with the missing data that the survey found.
    fn of(bookmark: Option<&Bookmark>, missing: &[String]) -> Self {
        let mut place: Self = bookmark
            .and_then(|b| serde_json::from_str(&b.0).ok())
            .unwrap_or_default();
        for sentence in missing {
            if !place.findings.missing.contains(sentence) {
                place.findings.missing.push(sentence.clone());
            }
        }
        place
    }

    fn from(&self) -> From {
        match self.key {
            _ if self.held => From::Held,
            Some(key) => From::After(key),
            None => From::Start,
        }
    }

    /// Switches to group-by-group reads for the rest of this user.
    fn turn_to_held(&mut self) {
        self.held = true;
        self.key = None;
    }

    /// The rows of this user that earlier parts of the rescue handed over.
    fn rows(&self) -> Sum {
        self.rows.get(self.user).copied().unwrap_or_default()
    }

    fn set_rows(&mut self, rows: Sum) {
        if self.rows.len() <= self.user {
            self.rows.resize(self.user + 1, Sum::default());
        }
        if let Some(of) = self.rows.get_mut(self.user) {
            *of = rows;
        }
    }

    /// This place with the results of the scan that began here.
    fn after(&self, scan: &Scan) -> Self {
        let mut place = self.clone();
        place.set_rows(self.rows().and(scan.sum()));
        place.trouble.uncertain += scan.uncertain();
        if place.trouble.refused.is_none() {
            place.trouble.refused = scan.refusal.as_ref().map(|r| r.said().to_owned());
        }
        place
    }
}

/// Converts a group of rows to records.
pub type Decode = Box<dyn Fn(&View, &Group) -> Vec<Record> + Send>;

/// One user's share of a collection.
pub struct Share {
    /// The user number in queries; `None`: the first user.
    pub user: Option<u32>,
    /// The user's name in findings; empty for the first user.
    pub name: String,
    pub view: View,
    /// Groups that the handset lists and that are not yet saved in their current state.
    pub expected: BTreeSet<Key>,
    /// Records to be committed before any group: calendars, the owner's card.
    pub first: Vec<Record>,
    /// Turns a group into records.
    pub decode: Decode,
    /// The replies of an earlier part of the rescue are still valid.
    pub recalls: bool,
}

/// A read of a collection.
pub struct Reading {
    grouping: &'static Grouping,
    shares: Vec<Share>,
    /// The place where this part of the rescue began to read the share, and the progress since.
    place: Place,
    scan: Option<Scan>,
    /// The groups to be read one by one, once the stream is finished.
    left: BTreeSet<Key>,
    /// How often the stream was opened again, and how often the rows were compared with the handset.
    attempts: usize,
    checks: usize,
    /// Groups on the handset that could not be read completely.
    missed: BTreeSet<Key>,
    /// Incomplete data other than the collection itself.
    missing: Vec<String>,
    /// The bookmark of the last batch.
    bookmark: Option<Bookmark>,
}

/// The result of one step of a read.
enum Step {
    Read(Groups),
    /// The stream is finished.
    Turned,
    /// No groups; the next step follows.
    Nothing,
}

impl Reading {
    /// Prepares a read that starts after `bookmark`. `scan` is the scan of the first share from its start, if it was
    /// opened early. `missing` names incomplete data other than the collection itself.
    pub fn new(
        grouping: &'static Grouping,
        shares: Vec<Share>,
        bookmark: Option<Bookmark>,
        scan: Option<Scan>,
        missing: Vec<String>,
    ) -> Self {
        let mut place = Place::of(bookmark.as_ref(), &missing);
        // Groups of earlier users that were added or changed are read one by one.
        let lacks = |share: &Share| !share.expected.is_empty() || !share.first.is_empty();
        if let Some(behind) = shares.iter().take(place.user).position(lacks) {
            place = Place {
                user: behind,
                held: true,
                // The groups of that user that need a second look were already read.
                key: Some((u8::MAX, i64::MAX)),
                rows: place.rows,
                findings: place.findings,
                ..Place::default()
            };
        }
        Self {
            grouping,
            shares,
            place,
            scan,
            left: BTreeSet::new(),
            attempts: 0,
            checks: 0,
            missed: BTreeSet::new(),
            missing,
            bookmark,
        }
    }

    /// Returns true if only short queries are left, after a stream that came fast.
    pub fn came_fast(&self) -> bool {
        let is_last = self.place.user + 1 == self.shares.len();
        self.place.held && is_last && self.scan.as_ref().is_some_and(Scan::came_fast)
    }

    /// True if everything was read.
    pub fn is_through(&self) -> bool {
        self.place.user >= self.shares.len()
    }

    /// The findings of the read.
    pub fn findings(self) -> Findings {
        self.place.findings
    }

    /// Returns the next batch after `bookmark`. In haste, the read ends before the groups left for the end.
    pub fn next_batch(
        &mut self,
        asker: &mut Asker,
        bookmark: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        if bookmark != self.bookmark.as_ref() {
            self.begin(Place::of(bookmark, &self.missing));
            self.bookmark = bookmark.cloned();
        }
        let last_user = self.shares.len().saturating_sub(1);
        while let Some(share) = self.shares.get_mut(self.place.user) {
            asker.user = share.user;
            // If rows were missing, replies of an earlier part are of no use.
            let lacks = self.checks > 0 || !self.place.lacking.is_empty();
            asker.recalls = share.recalls && !lacks;
            let first = std::mem::take(&mut share.first);
            if !first.is_empty() {
                return Ok(Some(self.batch(asker, first, 0)));
            }
            if asker.is_in_haste() && self.place.held && self.place.user == last_user {
                break;
            }
            self.open(asker)?;
            let step = match self.place.held {
                false => self.read_stream(asker)?,
                true => self.read_left(asker)?,
            };
            match step {
                Step::Read(found) => {
                    let records = self.decoded(&found.groups);
                    if !records.is_empty() || found.rows > 0 {
                        return Ok(Some(self.batch(asker, records, found.rows)));
                    }
                }
                // This step is committed too, so that a resumed rescue does not stream the same rows again.
                Step::Turned => return Ok(Some(self.batch(asker, Vec::new(), 0))),
                Step::Nothing => {}
            }
        }
        Ok(None)
    }

    /// Converts groups of the current share to records. These groups are no longer expected.
    fn decoded(&mut self, groups: &[Group]) -> Vec<Record> {
        let (Some(share), Some(scan)) = (self.shares.get_mut(self.place.user), &self.scan) else {
            return Vec::new();
        };
        let mut records = Vec::new();
        for group in groups {
            share.expected.remove(&group.key);
            let first = records.len();
            records.extend((share.decode)(&scan.view, group));
            if scan.too_large.contains(&group.key) {
                let sentences = records[first..].iter().map(lacks_a_text);
                for sentence in sentences {
                    if !self.place.findings.missing.contains(&sentence) {
                        self.place.findings.missing.push(sentence);
                    }
                }
            }
        }
        records
    }

    fn batch(&mut self, asker: &Asker, records: Vec<Record>, rows: u64) -> Batch {
        let place = match &self.scan {
            Some(scan) => self.place.after(scan),
            None => self.place.clone(),
        };
        self.bookmark = serde_json::to_string(&place).ok().map(Bookmark);
        Batch {
            raw: asker.kept.take(),
            records,
            bookmark: self.bookmark.clone(),
            rows,
        }
    }

    /// Moves to another place: that of another bookmark, or the next user.
    fn begin(&mut self, place: Place) {
        self.place = place;
        self.scan = None;
        self.left.clear();
        self.missed.clear();
        (self.attempts, self.checks) = (0, 0);
    }

    /// Opens the scan of the current share at the current place, if there is none.
    fn open(&mut self, asker: &mut Asker) -> Result<(), HandsetError> {
        let (Some(share), None) = (self.shares.get(self.place.user), &self.scan) else {
            return Ok(());
        };
        let from = self.place.from();
        if from == From::Start {
            self.place.set_rows(Sum::default());
        }
        let scan = Scan::start(asker, share.view.clone(), self.grouping, from)?;
        if self.place.held {
            self.left = what_is_left(share, &scan, &self.place);
        }
        self.scan = Some(scan);
        Ok(())
    }

    /// Reads the next groups of the stream.
    fn read_stream(&mut self, asker: &mut Asker) -> Result<Step, HandsetError> {
        let Some(scan) = &mut self.scan else {
            return Ok(Step::Nothing);
        };
        if let Some(found) = scan.next_groups(asker)? {
            if let Some(last) = found.groups.last() {
                self.place.key = Some(last.key);
                self.attempts = 0;
            }
            return Ok(Step::Read(found));
        }
        let broke = scan.broke.take();
        if let Some(Refusal::UnknownColumn(column)) = &broke
            && let Some(view) = asker.narrowed(&scan.view, column)?
            && let Some(share) = self.shares.get_mut(self.place.user)
        {
            // The table has this column, but the provider does not return it.
            share.view = view;
            self.scan = None;
            return Ok(Step::Nothing);
        }
        if matches!(broke, Some(Refusal::TooLarge(_))) && self.set_large_apart() {
            return Ok(Step::Nothing);
        }
        if let Some(broke) = broke {
            let said = || broke.said().to_owned();
            self.place.trouble.broke.get_or_insert_with(said);
            if self.attempts < ATTEMPTS {
                self.attempts += 1;
                if let Some(scan) = &mut self.scan {
                    scan.stream_again(asker, self.place.key)?;
                }
                return Ok(Step::Nothing);
            }
        }
        self.place.turn_to_held();
        if let (Some(share), Some(scan)) = (self.shares.get(self.place.user), &self.scan) {
            self.left = what_is_left(share, scan, &self.place);
        }
        Ok(Step::Turned)
    }

    /// Reads large rows column by column from now on, because a row did not fit a cursor window. Returns false if this
    /// was already the case.
    fn set_large_apart(&mut self) -> bool {
        let (Some(share), Some(scan)) = (self.shares.get_mut(self.place.user), &self.scan) else {
            return false;
        };
        if scan.view.sets_large_apart() {
            return false;
        }
        share.view = scan.view.clone().with_large_apart();
        let rows = self.place.rows().and(scan.sum());
        self.place.trouble.uncertain += scan.uncertain();
        self.place.set_rows(rows);
        self.scan = None;
        true
    }

    /// Reads some of the remaining groups one by one. If there are none, compares the rows with the handset and ends
    /// the share.
    fn read_left(&mut self, asker: &mut Asker) -> Result<Step, HandsetError> {
        let Some(scan) = &mut self.scan else {
            return Ok(Step::Nothing);
        };
        let (keys, groups) = match scan.early_groups()? {
            Some(early) => early,
            None => {
                let some = self.left.iter().take(Scan::at_once(asker));
                let keys: Vec<Key> = some.copied().collect();
                if keys.is_empty() {
                    if !self.lacks_something(asker)? {
                        self.close_share();
                    }
                    return Ok(Step::Nothing);
                }
                let groups = scan.groups_of(asker, &keys)?;
                (keys, groups)
            }
        };
        if matches!(scan.refusal, Some(Refusal::TooLarge(_))) && self.set_large_apart() {
            return Ok(Step::Nothing);
        }
        for key in &keys {
            self.left.remove(key);
            self.place.lacking.remove(key);
        }
        self.place.key = self.place.key.max(keys.last().copied());
        let rows = groups.iter().map(|g| g.rows.len() as u64).sum();
        Ok(Step::Read(Groups { groups, rows }))
    }

    /// Compares the rows that were read with the rows that the handset has now. Returns true if there is more to read.
    fn lacks_something(&mut self, asker: &mut Asker) -> Result<bool, HandsetError> {
        let Some(scan) = self.scan.as_mut().filter(|_| self.checks < ATTEMPTS) else {
            return Ok(false);
        };
        self.checks += 1;
        let (missed, before) = scan.missed(asker, self.place.rows())?;
        self.place.set_rows(before);
        if missed.is_empty() {
            return Ok(false);
        }
        if self.checks == ATTEMPTS {
            self.missed = missed;
            return Ok(false);
        }
        self.left = missed.clone();
        self.place.lacking = missed;
        Ok(true)
    }

    /// Notes what the read of a share did not find, and moves to the next share.
    fn close_share(&mut self) {
        let place = match &self.scan {
            Some(scan) => self.place.after(scan),
            None => self.place.clone(),
        };
        let (trouble, mut findings) = (place.trouble, place.findings);
        if let Some(share) = self.shares.get(place.user) {
            let gone = share.expected.difference(&self.missed).count();
            conclude(share, trouble, gone, self.missed.len(), &mut findings);
        }
        self.begin(Place {
            user: place.user + 1,
            rows: place.rows,
            findings,
            ..Place::default()
        });
    }
}

/// A sentence about a record with a text that no query returns.
fn lacks_a_text(record: &Record) -> String {
    let name = match &record.body {
        RecordBody::Contact(contact) | RecordBody::Profile(contact) => &contact.display_name,
        RecordBody::Event(event) => event.title.as_deref().unwrap_or_default(),
        RecordBody::Todo(todo) => todo.title.as_deref().unwrap_or_default(),
        RecordBody::Call(call) => call.number.as_deref().unwrap_or_default(),
        RecordBody::Calendar(_)
        | RecordBody::Note(_)
        | RecordBody::File(_)
        | RecordBody::Copied(_)
        | RecordBody::Undecoded { .. } => "",
    };
    let name: String = name.chars().take(MAX_NAME).collect();
    format!(
        "“{name}”: {TOO_LARGE}, and could not be read; everything else of it was. Open it on the phone, and share or copy \
         its long text from there."
    )
}

/// The groups of a share that are to be read one by one.
fn what_is_left(share: &Share, scan: &Scan, place: &Place) -> BTreeSet<Key> {
    let expected = share.expected.iter().copied();
    expected
        .chain(scan.held_after(place.key))
        .chain(place.lacking.iter().copied())
        .collect()
}

/// Adds what the read of a share missed: `gone` groups that the handset listed, and `missed` groups that it still has.
fn conclude(share: &Share, trouble: Trouble, gone: usize, missed: usize, findings: &mut Findings) {
    let whose = if share.name.is_empty() {
        String::new()
    } else {
        format!(" of the user “{}”", share.name)
    };
    let is_whole = gone == 0 && missed == 0;
    if let (Some(said), true) = (&trouble.broke, is_whole) {
        findings.notes.push(format!(
            "The handset broke off its reply once{whose} ({said}); what was missing was read again."
        ));
    }
    let broke = trouble.broke.filter(|_| !is_whole);
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
    if missed > 0 {
        findings.missing.push(format!(
            "{missed} entries{whose} changed again and again while they were read, and may not be whole. Take the \
             handset off the network and run the rescue again."
        ));
    }
    if gone > 0 {
        findings.missing.push(format!(
            "{gone} entries{whose} that the handset listed were no longer there when they were read. Something on it \
             is changing them: take it off the network and run the rescue again."
        ));
    }
}
