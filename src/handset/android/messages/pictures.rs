//! Multimedia messages, after all texts.
//!
//! The messages themselves and the list of their parts are tables. The addresses of a message, and the bytes of a part,
//! can only be asked for one by one, a start of the `content` command each. At most four run at a time, and a few
//! messages are committed together.

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::decode;
use super::parts::{self, Bytes, Parts};
use super::survey::{NONE, PICTURES};
use super::tables;
use crate::format::messages_xml::{OWN_ADDRESS, role};
use crate::handset::HandsetError;
use crate::handset::android::content::rows::rows_of;
use crate::handset::android::content::{
    QueryRunner, Refusal, Table, TableRead, View, number_list, query,
};
use crate::handset::android::session::{Session, Surveyed};
use crate::handset::android::table_survey;
use crate::many::Fingerprints;
use crate::model::{
    Batch, Bookmark, Findings, Holding, Message, MessagePart, Party, PartyRole, Past, Record,
    RecordBody,
};
use crate::phrase;
use crate::protocol::adb::{ContentUri, Query};

/// Number of messages that are completed and committed together.
const AT_ONCE: usize = 4;
/// Number of parts that are read at the same time.
const READS: usize = 4;

/// Where the read of both kinds of messages can continue.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    texts: Option<String>,
    pictures: Option<String>,
    /// Parts whose bytes the handset no longer has.
    lost: u64,
    /// Messages for which the handset has people, and those for which it answers nothing.
    with_people: u64,
    without_people: u64,
    /// What could not be read.
    missing: Vec<String>,
}

impl Place {
    fn of(bookmark: Option<&Bookmark>) -> Self {
        let place = bookmark.and_then(|bookmark| serde_json::from_str(&bookmark.0).ok());
        place.unwrap_or_default()
    }
}

/// Returns what an earlier part of the rescue knew about texts.
pub fn past_of_texts(past: &Past) -> Past {
    Past {
        bookmark: Place::of(past.bookmark.as_ref()).texts.map(Bookmark),
        ..past.clone()
    }
}

/// The read of multimedia messages.
pub struct Pictures {
    /// `None`: there are none.
    read: Option<TableRead>,
    /// The parts of each message, in their order; `None`: not read yet.
    parts: Option<Parts>,
    addresses: View,
    /// Messages whose people and parts are still to be read, and where the read continues after them.
    waiting: VecDeque<Record>,
    next: Option<Bookmark>,
    /// Where both reads stand.
    place: Place,
    /// Keys of messages that an earlier part of the rescue has completed.
    saved: Fingerprints,
    is_over: bool,
    /// This part of the rescue has completed a message.
    has_begun: bool,
    findings: Findings,
}

impl Default for Pictures {
    fn default() -> Self {
        Self {
            read: None,
            parts: None,
            addresses: View::new(&tables::ADDRESSES),
            waiting: VecDeque::new(),
            next: None,
            place: Place::default(),
            saved: Fingerprints::default(),
            is_over: false,
            has_begun: false,
            findings: Findings::default(),
        }
    }
}

impl Pictures {
    /// Surveys the multimedia messages, and adds them to what the survey of the texts found.
    pub fn survey(
        &mut self,
        session: &mut Session,
        mut holding: Holding,
        past: &Past,
    ) -> Result<Holding, HandsetError> {
        *self = Self {
            place: Place::of(past.bookmark.as_ref()),
            saved: past.keys.clone(),
            ..Self::default()
        };
        if holding.rows.is_none() || holding.out_of_reach.is_some() {
            return Ok(holding);
        }
        let past = Past {
            bookmark: self.place.pictures.clone().map(Bookmark),
            ..past.clone()
        };
        let surveyed = table_survey::survey(session, &PICTURES, &past)?;
        let surveyed = match surveyed {
            Ok((found, _)) if found.rows.unwrap_or_default() == 0 => {
                self.look_again(session, &past, found, &mut holding)?
            }
            surveyed => surveyed,
        };
        let (found, read) = match surveyed {
            Ok(surveyed) => surveyed,
            Err(Refusal::NoProvider(_)) if session.lacks_provider(PICTURES.op) => {
                return Ok(holding);
            }
            Err(refusal) => {
                let why = session.unreadable(phrase("picture messages"), &refusal);
                holding.notes.push(why.clone());
                self.findings.missing.push(why);
                return Ok(holding);
            }
        };
        let pictures = found.rows.unwrap_or_default();
        let texts = holding.rows.unwrap_or_default();
        if pictures > 0 {
            self.read = read;
            // What was said about the empty list of texts.
            holding.notes.retain(|note| note != NONE);
            holding.unreadable = None;
            holding.rows = Some(texts + pictures);
            let says = holding.handset_says.unwrap_or_default();
            holding.handset_says = Some(says + found.handset_says.unwrap_or_default());
            holding.changed.extend(found.changed);
        }
        Ok(holding)
    }

    /// Looks again whether there are no messages: the provider answers a query that it refuses with nothing, too. The
    /// parts are listed separately, and so are the received and the sent messages.
    fn look_again(
        &mut self,
        session: &mut Session,
        past: &Past,
        found: Holding,
        holding: &mut Holding,
    ) -> Result<Result<Surveyed, Refusal>, HandsetError> {
        let none = |found| Ok(Ok((found, None)));
        if holding.unreadable.is_some() || count(session, &tables::PART_INVENTORY)? == Some(0) {
            return none(found);
        }
        let surveyed = table_survey::survey(session, &PICTURES, past)?;
        let is_empty = |surveyed: &Surveyed| surveyed.0.rows.unwrap_or_default() == 0;
        if !surveyed.as_ref().is_ok_and(is_empty) {
            return Ok(surveyed);
        }
        let received = count(session, &tables::INBOX)?;
        let sent = count(session, &tables::SENT)?;
        match (received, sent) {
            (Some(0), Some(0)) if !any_received(session)? => holding.notes.push(
                phrase(
                    "The phone has pictures or texts of picture messages that it does not list, such as messages that \
                     were not sent.",
                )
                .to_owned(),
            ),
            _ => self.missing(
                phrase(
                    "The phone has picture messages, but does not list them: they could not be read. Run the rescue \
                     again.",
                )
                .to_owned(),
            ),
        }
        none(found)
    }

    /// Returns the next batch of texts, then that of multimedia messages.
    pub fn next_batch(
        &mut self,
        runner: &mut QueryRunner,
        texts: Option<&mut TableRead>,
        after: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        if after.is_some_and(|after| Some(after) != self.bookmark().as_ref()) {
            self.place = Place::of(after);
            self.waiting.clear();
            self.next = None;
        }
        if let Some(texts) = texts {
            let before = self.place.texts.clone().map(Bookmark);
            if let Some(batch) = texts.next_batch(runner, before.as_ref())? {
                self.place.texts = batch.bookmark.map(|bookmark| bookmark.0);
                return Ok(Some(Batch {
                    bookmark: self.bookmark(),
                    ..batch
                }));
            }
        }
        while !self.is_over && self.read.is_some() && !runner.is_in_haste() {
            if !self.waiting.is_empty() {
                return self.complete(runner).map(Some);
            }
            self.list_more(runner)?;
        }
        Ok(None)
    }

    /// Reads the next rows of the table of messages.
    fn list_more(&mut self, runner: &mut QueryRunner) -> Result<(), HandsetError> {
        let Some(read) = &mut self.read else {
            return Ok(());
        };
        let before = self.place.pictures.clone().map(Bookmark);
        let Some(batch) = read.next_batch(runner, before.as_ref())? else {
            self.is_over = true;
            return Ok(());
        };
        batch.raw.into_iter().for_each(|raw| runner.kept.push(raw));
        let is_new = |record: &Record| !self.saved.contains(&record.key);
        self.waiting
            .extend(batch.records.into_iter().filter(is_new));
        match self.waiting.is_empty() {
            true => self.place.pictures = batch.bookmark.map(|bookmark| bookmark.0),
            false => self.next = batch.bookmark,
        }
        Ok(())
    }

    /// Reads the people and the parts of the next messages.
    fn complete(&mut self, runner: &mut QueryRunner) -> Result<Batch, HandsetError> {
        let mut missing = Vec::new();
        let mut parts = match self.parts.take() {
            Some(parts) => parts,
            None => Parts::list(runner, &mut missing)?,
        };
        // A link that broke before may break again: the first message is committed alone.
        let at_once = match runner.goes_on && !self.has_begun {
            true => 1,
            false => AT_ONCE,
        };
        let mut records: Vec<Record> = self.waiting.iter().take(at_once).cloned().collect();
        let mut messages: Vec<&mut Message> = records
            .iter_mut()
            .filter_map(|record| match &mut record.body {
                RecordBody::Message(message) => Some(message),
                _ => None,
            })
            .collect();
        self.read_people(runner, &mut messages)?;
        parts.fill(runner, &mut messages, &mut missing)?;
        self.parts = Some(parts);
        missing.into_iter().for_each(|said| self.missing(said));
        self.read_bytes(runner, &mut messages)?;
        for message in &mut messages {
            message.text = message.text_of_parts();
        }
        let rows = records.len() as u64;
        self.has_begun = true;
        self.waiting.drain(..records.len());
        if self.waiting.is_empty() {
            self.place.pictures = self.next.take().map(|bookmark| bookmark.0);
        }
        Ok(Batch {
            raw: runner.kept.take(),
            records,
            bookmark: self.bookmark(),
            rows,
        })
    }

    fn bookmark(&self) -> Option<Bookmark> {
        serde_json::to_string(&self.place).ok().map(Bookmark)
    }

    /// Reads the addresses of some messages, a query each.
    ///
    /// The provider answers a query that it refuses with nothing, and every message has an address (AOSP stores
    /// `insert-address-token` with a sent one): an empty answer is asked for again, with the columns that a row shows.
    fn read_people(
        &mut self,
        runner: &mut QueryRunner,
        messages: &mut [&mut Message],
    ) -> Result<(), HandsetError> {
        let at = |view: &View, message: &Message| {
            view.at(ContentUri::MmsAddresses(message.source.row.unsigned_abs()))
        };
        let ask = |view: &View| view.query(view.layout.names(), None);
        let view = self.addresses.clone();
        let queries: Vec<Query> = messages
            .iter()
            .map(|message| ask(&at(&view, message)))
            .collect();
        let replies = runner.ask_all(&queries)?;
        for ((message, query), reply) in messages.iter_mut().zip(&queries).zip(replies) {
            let mut view = view.clone();
            let mut reply = runner.again(query, reply)?;
            let mut rows = rows_of(&view, &reply.text);
            if rows.is_empty()
                && reply.refusal.is_none()
                && let Some(fitted) = runner.fitted(&at(&self.addresses, message))?
            {
                reply = runner.ask_anew(&ask(&fitted))?;
                rows = rows_of(&fitted, &reply.text);
                self.addresses = fitted.clone();
                view = fitted;
            }
            if let Some(refusal) = &reply.refusal {
                self.missing(phrase!(
                    "The people of some picture messages could not be read: {}",
                    refusal.said()
                ));
            } else if rows.is_empty() {
                self.place.without_people += 1;
            } else {
                self.place.with_people += 1;
            }
            for row in rows {
                let address = row.text(&view, "address").unwrap_or_default();
                if !address.is_empty() && address != OWN_ADDRESS {
                    message.people.push(Party {
                        role: role(row.number(&view, "type")),
                        address: address.to_owned(),
                    });
                }
            }
        }
        Ok(())
    }

    /// Reads the bytes of the parts of some messages. The replies are kept for the vault.
    fn read_bytes(
        &mut self,
        runner: &mut QueryRunner,
        messages: &mut [&mut Message],
    ) -> Result<(), HandsetError> {
        let mut parts: Vec<&mut MessagePart> = messages
            .iter_mut()
            .flat_map(|message| &mut message.parts)
            .filter(|part| decode::has_bytes(part))
            .collect();
        for some in parts.chunks_mut(READS) {
            let found: Result<Vec<Bytes>, HandsetError> = std::thread::scope(|scope| {
                let jobs: Vec<_> = some
                    .iter()
                    .map(|part| {
                        let (runner, part) = (runner.fork(), &**part);
                        scope.spawn(move || parts::bytes_of(&runner, part))
                    })
                    .collect();
                jobs.into_iter().map(query::joined).collect()
            });
            for (part, bytes) in some.iter_mut().zip(found?) {
                match bytes {
                    Bytes::Whole(_, _, Some(text)) => part.text = Some(text),
                    Bytes::Whole(size, request, None) => {
                        (part.size, part.reply) = (Some(size), Some(request));
                    }
                    Bytes::Gone => self.place.lost += 1,
                    Bytes::Refused(said) => self.missing(phrase!(
                        "Some pictures and recordings in messages could not be read: {said}"
                    )),
                }
            }
        }
        Ok(())
    }

    fn missing(&mut self, sentence: String) {
        if !self.place.missing.contains(&sentence) {
            self.place.missing.push(sentence);
        }
    }

    /// True if everything was read.
    pub fn is_complete(&self) -> bool {
        self.read.is_none() || self.is_over
    }

    /// Adds the findings of the read to those of the texts.
    pub fn findings(&mut self, mut texts: Findings) -> Findings {
        let read = self.read.take().map(TableRead::findings);
        for found in [read.unwrap_or_default(), std::mem::take(&mut self.findings)] {
            texts.missing.extend(found.missing);
            texts.notes.extend(found.notes);
            texts.raw_only += found.raw_only;
        }
        let Place {
            texts: _,
            pictures: _,
            lost,
            with_people,
            without_people,
            missing,
        } = std::mem::take(&mut self.place);
        texts.missing.extend(missing);
        match lost {
            0 => {}
            1 => texts.notes.push(
                phrase(
                    "The phone lists 1 picture or recording in messages whose file it no longer has.",
                )
                .to_owned(),
            ),
            lost => texts.notes.push(phrase!(
                "The phone lists {lost} pictures or recordings in messages whose files it no longer has."
            )),
        }
        if without_people > 0 {
            let said = phrase!(
                "Picture messages for which the phone has no people (it was asked twice): {without_people}."
            );
            // An empty answer is not evidence.
            match with_people {
                0 => texts.missing.push(said),
                _ => texts.notes.push(said),
            }
        }
        texts
    }
}

/// Number of messages whose people are asked for to learn whether any was received.
const ASKED: usize = 8;

/// Returns true if parts belong to a message that somebody else sent: it should be in the list. A message that was not
/// sent has the owner as its sender.
fn any_received(session: &mut Session) -> Result<bool, HandsetError> {
    let view = View::new(&tables::PART_INVENTORY);
    let query = |view: &View| view.query(view.numbers(), None);
    let add = |all: &mut BTreeSet<i64>, view: &View, row: &[Option<i64>]| {
        all.extend(view.number(row, "mid"));
    };
    let runner = &mut session.runner;
    let messages = number_list::whole(runner, view, query, add)?.made;
    let view = View::new(&tables::ADDRESSES);
    let newest = messages.iter().rev().take(ASKED);
    let queries: Vec<Query> = newest
        .map(|of| view.at(ContentUri::MmsAddresses(of.unsigned_abs())))
        .map(|of| of.query(of.layout.names(), None))
        .collect();
    let replies = runner.ask_all(&queries)?;
    Ok(replies.iter().any(|reply| {
        rows_of(&view, &reply.text).iter().any(|row| {
            let address = row.text(&view, "address").unwrap_or_default();
            let is_sender = role(row.number(&view, "type")) == PartyRole::From;
            is_sender && !address.is_empty() && address != OWN_ADDRESS
        })
    }))
}

/// Returns how many rows a table has by their numbers alone; `None`: the handset refused the query.
fn count(session: &mut Session, table: &'static Table) -> Result<Option<u64>, HandsetError> {
    let view = View::new(table);
    let query = |view: &View| view.query(view.numbers(), None);
    let add = |rows: &mut u64, _: &View, _: &[Option<i64>]| *rows += 1;
    let listed = number_list::whole(&mut session.runner, view, query, add)?;
    let is_whole = listed.refusal.is_none() && listed.odd_end.is_none();
    Ok(is_whole.then_some(listed.made))
}
