//! Reads one collection of one or several users, batch by batch, starting at any bookmark.

use std::collections::BTreeSet;

use super::group::{Group, Grouping, Groups, Key};
use super::position::{Missed, Position, conclude, lacks_a_text};
use super::query::QueryRunner;
use super::refusal::Refusal;
use super::scan::{From, Scan};
use super::seen::Sum;
use super::share::UserShare;
use crate::handset::HandsetError;
use crate::model::{Batch, Bookmark, Findings, Record};

/// How often a broken stream is opened again if it brings no new group, and how often the rows that were read are
/// compared with the rows on the handset.
const ATTEMPTS: usize = 3;
/// So many groups in a row that break their query off show that the handset sends nothing more.
const MOST_BROKEN: usize = 8;
/// A read of a collection.
pub struct TableRead {
    grouping: &'static Grouping,
    shares: Vec<UserShare>,
    /// The position where this part of the rescue began to read the share, and the progress since.
    position: Position,
    scan: Option<Scan>,
    /// The groups to be read one by one, once the stream is finished.
    left: BTreeSet<Key>,
    /// How often the stream was opened again, and how often the rows were compared with the handset.
    attempts: usize,
    checks: usize,
    /// How many groups one query asks for, if a query for more of them broke off; groups that broke their query off
    /// even alone; and how many did so in a row.
    at_once: Option<usize>,
    broken: BTreeSet<Key>,
    broken_in_a_row: usize,
    /// The columns were compared with a row, because the stream was empty.
    is_fitted: bool,
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

impl TableRead {
    /// Prepares a read that starts after `bookmark`. `scan` is the scan of the first share from its start, if it was
    /// opened early. `missing` names incomplete data other than the collection itself.
    pub fn new(
        grouping: &'static Grouping,
        shares: Vec<UserShare>,
        bookmark: Option<Bookmark>,
        scan: Option<Scan>,
        missing: Vec<String>,
    ) -> Self {
        let mut position = Position::of(bookmark.as_ref(), &missing);
        // Groups of earlier users that were added or changed are read one by one.
        let lacks = |share: &UserShare| !share.expected.is_empty() || !share.first.is_empty();
        if let Some(behind) = shares.iter().take(position.user).position(lacks) {
            position = Position {
                user: behind,
                numbers_users: position.numbers_users,
                deferred: true,
                // The groups of that user that need a second look were already read.
                key: Some((u8::MAX, i64::MAX)),
                rows: position.rows,
                findings: position.findings,
                ..Position::default()
            };
        }
        Self {
            grouping,
            shares,
            position,
            scan,
            left: BTreeSet::new(),
            attempts: 0,
            checks: 0,
            at_once: None,
            broken: BTreeSet::new(),
            broken_in_a_row: 0,
            is_fitted: false,
            missed: BTreeSet::new(),
            missing,
            bookmark,
        }
    }

    /// Returns true if the last stream comes fast: other replies beside it cost next to nothing.
    pub fn comes_fast(&self) -> bool {
        let is_last = self.position.user + 1 == self.shares.len();
        is_last && self.scan.as_ref().is_some_and(Scan::comes_fast)
    }

    /// Returns true if the last stream is finished: only short queries are left.
    pub fn is_streamed(&self) -> bool {
        self.position.deferred && self.position.user + 1 == self.shares.len()
    }

    /// True if everything was read.
    pub fn is_complete(&self) -> bool {
        self.position.user >= self.shares.len()
    }

    /// The findings of the read.
    pub fn findings(self) -> Findings {
        self.position.findings
    }

    /// Returns the next batch after `bookmark`. In haste, the read ends before the groups left for the end.
    pub fn next_batch(
        &mut self,
        runner: &mut QueryRunner,
        bookmark: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        if bookmark != self.bookmark.as_ref() {
            self.begin(Position::of(bookmark, &self.missing));
            self.bookmark = bookmark.cloned();
        }
        let last_user = self.shares.len().saturating_sub(1);
        while let Some(share) = self.shares.get_mut(self.position.user) {
            runner.user = share.user;
            // If rows were missing, replies of an earlier part are of no use.
            let lacks = self.checks > 0 || !self.position.lacking.is_empty();
            runner.recalls = share.recalls && !lacks;
            let first = std::mem::take(&mut share.first);
            if !first.is_empty() {
                return Ok(Some(self.batch(runner, first, 0)));
            }
            if runner.is_in_haste() && self.position.deferred && self.position.user == last_user {
                break;
            }
            self.open(runner)?;
            let step = match self.position.deferred {
                false => self.read_stream(runner)?,
                true => self.read_left(runner)?,
            };
            match step {
                Step::Read(found) => {
                    if let Err(error) = self.catch_up(runner, &found.groups) {
                        // These groups are not committed: they are to be read once more.
                        self.begin(Position::of(bookmark, &self.missing));
                        return Err(error);
                    }
                    let records = self.decoded(&found.groups);
                    if !records.is_empty() || found.rows > 0 {
                        return Ok(Some(self.batch(runner, records, found.rows)));
                    }
                }
                // This step is committed too, so that a resumed rescue does not stream the same rows again.
                Step::Turned => return Ok(Some(self.batch(runner, Vec::new(), 0))),
                Step::Nothing => {}
            }
        }
        Ok(None)
    }

    /// Reads the small tables of the current share again if these groups are newer.
    fn catch_up(&mut self, runner: &mut QueryRunner, groups: &[Group]) -> Result<(), HandsetError> {
        let share = self.shares.get_mut(self.position.user);
        if let (Some(share), Some(scan)) = (share, &self.scan) {
            let missing = share.catch_up(runner, &scan.view, groups)?;
            self.position.findings.missing.extend(missing);
        }
        Ok(())
    }

    /// Converts groups of the current share to records. These groups are no longer expected.
    fn decoded(&mut self, groups: &[Group]) -> Vec<Record> {
        let (Some(share), Some(scan)) = (self.shares.get_mut(self.position.user), &self.scan)
        else {
            return Vec::new();
        };
        let mut records = Vec::new();
        for group in groups {
            share.expected.remove(&group.key);
            let first = records.len();
            records.extend(share.decoder.decode(&scan.view, group));
            if scan.too_large.contains(&group.key) {
                let sentences = records[first..].iter().map(lacks_a_text);
                for sentence in sentences {
                    if !self.position.findings.missing.contains(&sentence) {
                        self.position.findings.missing.push(sentence);
                    }
                }
            }
        }
        records
    }

    fn batch(&mut self, runner: &QueryRunner, records: Vec<Record>, rows: u64) -> Batch {
        let position = match &self.scan {
            Some(scan) => self.position.after(scan),
            None => self.position.clone(),
        };
        self.bookmark = serde_json::to_string(&position).ok().map(Bookmark);
        Batch {
            raw: runner.kept.take(),
            records,
            bookmark: self.bookmark.clone(),
            rows,
        }
    }

    /// Moves to another position: that of another bookmark, or the next user.
    fn begin(&mut self, position: Position) {
        self.position = position;
        self.scan = None;
        self.left.clear();
        self.missed.clear();
        self.broken.clear();
        (self.attempts, self.checks, self.broken_in_a_row) = (0, 0, 0);
        (self.at_once, self.is_fitted) = (None, false);
    }

    /// Opens the scan of the current share at the current position, if there is none.
    fn open(&mut self, runner: &mut QueryRunner) -> Result<(), HandsetError> {
        let (Some(share), None) = (self.shares.get(self.position.user), &self.scan) else {
            return Ok(());
        };
        let from = self.position.from();
        if from == From::Start {
            self.position.set_rows(Sum::default());
        }
        let scan = Scan::start(runner, share.view.clone(), self.grouping, from, None)?;
        if self.position.deferred {
            self.left = what_is_left(share, &scan, &self.position);
        }
        self.scan = Some(scan);
        Ok(())
    }

    /// Reads the next groups of the stream.
    fn read_stream(&mut self, runner: &mut QueryRunner) -> Result<Step, HandsetError> {
        let Some(scan) = &mut self.scan else {
            return Ok(Step::Nothing);
        };
        if let Some(found) = scan.next_groups(runner)? {
            if let Some(last) = found.groups.last() {
                self.position.key = Some(last.key);
                self.attempts = 0;
            }
            return Ok(Step::Read(found));
        }
        let broke = scan.broke.take();
        if let Some(Refusal::UnknownColumn(column)) = &broke
            && let Some(view) = runner.narrowed(&scan.view, column)?
            && let Some(share) = self.shares.get_mut(self.position.user)
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
            self.position.trouble.broke.get_or_insert_with(said);
            if self.attempts < ATTEMPTS {
                self.attempts += 1;
                if let Some(scan) = &mut self.scan {
                    scan.stream_again(runner, self.position.key)?;
                }
                return Ok(Step::Nothing);
            }
        }
        if self.is_fitted_now(runner)? {
            return Ok(Step::Nothing);
        }
        self.position.turn_to_deferred();
        if let (Some(share), Some(scan)) = (self.shares.get(self.position.user), &self.scan) {
            self.left = what_is_left(share, scan, &self.position);
        }
        Ok(Step::Turned)
    }

    /// After a stream without any of the rows that the handset lists: compares the columns with those of a row. Some
    /// providers answer a query with an unknown column with nothing. Returns true if the stream is to be opened again.
    fn is_fitted_now(&mut self, runner: &mut QueryRunner) -> Result<bool, HandsetError> {
        let (Some(share), Some(scan)) = (self.shares.get_mut(self.position.user), &self.scan)
        else {
            return Ok(false);
        };
        let is_first = self.position.key.is_none() && !std::mem::replace(&mut self.is_fitted, true);
        let lacks = |key: &Key| !scan.has_deferred(key);
        if !is_first || scan.sum() != Sum::default() || !share.expected.iter().any(lacks) {
            return Ok(false);
        }
        let Some(view) = runner.fitted(&scan.view)? else {
            return Ok(false);
        };
        if view.layout.names().len() == scan.view.layout.names().len() {
            return Ok(false);
        }
        share.view = view;
        self.scan = None;
        Ok(true)
    }

    /// Reads large rows column by column from now on, because a row did not fit a cursor window. Returns false if this
    /// was already the case.
    fn set_large_apart(&mut self) -> bool {
        let (Some(share), Some(scan)) = (self.shares.get_mut(self.position.user), &self.scan)
        else {
            return false;
        };
        if scan.view.sets_large_apart() {
            return false;
        }
        share.view = scan.view.clone().with_large_apart();
        let rows = self.position.rows().and(scan.sum());
        self.position.trouble.uncertain += scan.uncertain();
        self.position.set_rows(rows);
        self.scan = None;
        true
    }

    /// Reads some of the remaining groups one by one. If there are none, compares the rows with the handset and ends
    /// the share.
    fn read_left(&mut self, runner: &mut QueryRunner) -> Result<Step, HandsetError> {
        let Some(scan) = &mut self.scan else {
            return Ok(Step::Nothing);
        };
        let before = scan.refusal.take();
        let (keys, groups) = match scan.early_groups()? {
            Some(early) => early,
            None => {
                let most = Scan::at_once(runner);
                let most = self.at_once.map_or(most, |at_once| at_once.min(most));
                let some = self.left.iter().take(most);
                let keys: Vec<Key> = some.copied().collect();
                if keys.is_empty() {
                    scan.refusal = before;
                    if !self.lacks_something(runner)? {
                        self.close_share();
                    }
                    return Ok(Step::Nothing);
                }
                let groups = scan.groups_of(runner, &keys)?;
                (keys, groups)
            }
        };
        if matches!(scan.refusal, Some(Refusal::TooLarge(_))) && self.set_large_apart() {
            return Ok(Step::Nothing);
        }
        let keys = self.stepped_over(keys, &groups);
        if let Some(scan) = &mut self.scan {
            scan.refusal = before.or(scan.refusal.take());
        }
        for key in &keys {
            self.left.remove(key);
            self.position.lacking.remove(key);
        }
        self.position.key = self.position.key.max(keys.last().copied());
        let rows = groups.iter().map(|g| g.rows.len() as u64).sum();
        Ok(Step::Read(Groups { groups, rows }))
    }

    /// Returns those of `keys` that are done with. If the handset broke off the query for several groups, they are asked
    /// for again, fewer at once, until the group that breaks its query off is alone: that one is stepped over.
    fn stepped_over(&mut self, keys: Vec<Key>, groups: &[Group]) -> Vec<Key> {
        let Some(scan) = &mut self.scan else {
            return keys;
        };
        let came = |key: &Key| groups.binary_search_by_key(key, |group| group.key).is_ok();
        let broke = scan.refusal.as_ref().is_some_and(Refusal::is_broken_off);
        if !broke || keys.iter().all(came) || self.broken_in_a_row >= MOST_BROKEN {
            if broke && self.broken_in_a_row < MOST_BROKEN {
                scan.refusal = None;
            }
            if !broke {
                self.broken_in_a_row = 0;
                self.at_once = self.at_once.map(|at_once| at_once.saturating_mul(2));
            }
            return keys;
        }
        if let [key] = keys[..] {
            self.broken.insert(key);
            self.broken_in_a_row += 1;
            if self.broken_in_a_row < MOST_BROKEN {
                let said = scan.refusal.take().map(|refusal| refusal.said().to_owned());
                let trouble = &mut self.position.trouble;
                trouble.broke = trouble.broke.take().or(said);
            }
            return keys;
        }
        scan.refusal = None;
        self.at_once = Some(keys.len() / 2);
        keys.into_iter().filter(came).collect()
    }

    /// Compares the rows that were read with the rows that the handset has now. Returns true if there is more to read.
    fn lacks_something(&mut self, runner: &mut QueryRunner) -> Result<bool, HandsetError> {
        let Some(scan) = self.scan.as_mut().filter(|_| self.checks < ATTEMPTS) else {
            return Ok(false);
        };
        self.checks += 1;
        let (missed, before) = scan.missed(runner, self.position.rows())?;
        self.position.set_rows(before);
        if missed.is_empty() {
            return Ok(false);
        }
        let again: BTreeSet<Key> = missed.difference(&self.broken).copied().collect();
        if self.checks == ATTEMPTS || again.is_empty() {
            self.missed = missed;
            return Ok(false);
        }
        self.left = again.clone();
        self.position.lacking = again;
        Ok(true)
    }

    /// Notes what the read of a share did not find, and moves to the next share.
    fn close_share(&mut self) {
        let position = match &self.scan {
            Some(scan) => self.position.after(scan),
            None => self.position.clone(),
        };
        let (trouble, mut findings) = (position.trouble, position.findings);
        if let Some(share) = self.shares.get(position.user) {
            let gone = share.expected.difference(&self.missed).count();
            // The handset lists these, and did not send them once.
            let unsent = share.expected.intersection(&self.missed).count();
            let missed = Missed {
                gone,
                unsent,
                changing: self.missed.len() - unsent,
            };
            conclude(share, trouble, missed, &mut findings);
        }
        self.begin(Position {
            user: position.user + 1,
            numbers_users: position.numbers_users,
            rows: position.rows,
            findings,
            ..Position::default()
        });
    }
}

/// The groups of a share that are to be read one by one.
fn what_is_left(share: &UserShare, scan: &Scan, position: &Position) -> BTreeSet<Key> {
    let expected = share.expected.iter().copied();
    expected
        .chain(scan.deferred_after(position.key))
        .chain(position.lacking.iter().copied())
        .collect()
}
