//! Reading one collection of one or several users, batch by batch, from any bookmark on.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::exact::TOO_LARGE;
use super::query::{Asker, View};
use super::refusal::Refusal;
use super::scan::{From, Group, Grouping, Groups, Key, Scan};
use super::seen::Sum;
use crate::handset::{Batch, Bookmark, Findings, HandsetError, Record, RecordBody};

/// How often a stream that breaks off is opened again without a group in between, and how often what was read is held
/// against what the handset has.
const ATTEMPTS: usize = 3;
/// So many characters of a name stand in a sentence.
const MAX_NAME: usize = 60;

/// Where a read can go on, and what was learned until there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    /// Which of the users to be read.
    user: usize,
    /// The stream is through; groups that needed a second look are read.
    held: bool,
    /// The last group that is safe: of the stream, or of those that needed a second look.
    key: Option<Key>,
    /// Groups that lack something, by what the handset had once all was read.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    lacking: BTreeSet<Key>,
    /// Of each user: the rows that were handed over.
    rows: Vec<Sum>,
    #[serde(skip_serializing_if = "Trouble::is_none")]
    trouble: Trouble,
    /// Of the users that are through, and of what stands beside.
    findings: Findings,
}

/// Problems with the user that is being read.
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
}

impl Place {
    /// The place that a bookmark stands for, with what a look at the handset found missing.
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

    /// What is left to be read of this user is to be asked for group by group.
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

    /// Together with what a scan that began here has brought since.
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
    /// Where this part of the rescue began to read the share, and how far it has come.
    place: Place,
    scan: Option<Scan>,
    /// Once the stream is through: the groups to be asked for one by one.
    left: BTreeSet<Key>,
    /// How often the stream was opened again, and what was read compared.
    attempts: usize,
    checks: usize,
    /// Groups that the handset has and that could not be read whole.
    missed: BTreeSet<Key>,
    /// Data beside the collection that is not whole.
    missing: Vec<String>,
    /// The bookmark of the last batch.
    bookmark: Option<Bookmark>,
    /// How many groups were to be read when the read began.
    of: usize,
}

/// What one step of a read came to.
enum Step {
    Read(Groups),
    /// The stream is through.
    Turned,
    /// Nothing came: on to the next step.
    Nothing,
}

impl Reading {
    /// Goes on after `bookmark`. `scan`: the first share's, from its start on, if it was opened early. `missing`: what
    /// stands beside the collection and is not whole.
    pub fn new(
        grouping: &'static Grouping,
        shares: Vec<Share>,
        bookmark: Option<Bookmark>,
        scan: Option<Scan>,
        missing: Vec<String>,
    ) -> Self {
        let mut place = Place::of(bookmark.as_ref(), &missing);
        // Groups that were added or changed behind the place are read one by one.
        let lacks = |share: &Share| !share.expected.is_empty() || !share.first.is_empty();
        if let Some(behind) = shares.iter().take(place.user).position(lacks) {
            place = Place {
                user: behind,
                held: true,
                // What needed a second look there is through.
                key: Some((u8::MAX, i64::MAX)),
                rows: place.rows,
                findings: place.findings,
                ..Place::default()
            };
        }
        Self {
            of: expected_of(&shares),
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

    /// Half of the groups were read, or more.
    pub fn is_half_through(&self) -> bool {
        expected_of(&self.shares) <= self.of / 2
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
            self.begin(Place::of(bookmark, &self.missing));
            self.bookmark = bookmark.cloned();
        }
        let last_user = self.shares.len().saturating_sub(1);
        while let Some(share) = self.shares.get_mut(self.place.user) {
            asker.user = share.user;
            // Where something lacked, what was replied before doesn't help.
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
                // This is committed too: what is read is not streamed again by a part that goes on there.
                Step::Turned => return Ok(Some(self.batch(asker, Vec::new(), 0))),
                Step::Nothing => {}
            }
        }
        Ok(None)
    }

    /// The records of groups of the current share, which are expected no more.
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

    /// Goes to another place than the one that was reached: another bookmark's, or the next user's.
    fn begin(&mut self, place: Place) {
        self.place = place;
        self.scan = None;
        self.left.clear();
        self.missed.clear();
        (self.attempts, self.checks) = (0, 0);
    }

    /// Opens the scan of the current share at the current place, if it is not open.
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

    /// The next groups of the stream.
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
            // Known to the table, and not to what the provider shows of it.
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

    /// A row was larger than a cursor window: goes on with such rows column by column. False if it does so already.
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

    /// Some of the groups that are asked for one by one; once there are none, compares and ends the share.
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

    /// Holds what was read against what the handset has now. True: there is more to be read.
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

    /// Notes what a share's read did not bring, and goes on to the next one.
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

/// How many groups are to be read.
fn expected_of(shares: &[Share]) -> usize {
    shares.iter().map(|share| share.expected.len()).sum()
}

/// That a record has a text which no query gives.
fn lacks_a_text(record: &Record) -> String {
    let name = match &record.body {
        RecordBody::Contact(contact) | RecordBody::Profile(contact) => &contact.display_name,
        RecordBody::Event(event) => event.title.as_deref().unwrap_or_default(),
        RecordBody::Todo(todo) => todo.title.as_deref().unwrap_or_default(),
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

/// The groups of a share that are to be asked for one by one.
fn what_is_left(share: &Share, scan: &Scan, place: &Place) -> BTreeSet<Key> {
    let expected = share.expected.iter().copied();
    expected
        .chain(scan.held_after(place.key))
        .chain(place.lacking.iter().copied())
        .collect()
}

/// Says what the read of a share did not bring: `gone` groups that the handset listed, and `missed` that it still has.
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
