//! Multimedia messages, after all texts.
//!
//! The messages themselves and the list of their parts are tables. The addresses of a message, and the bytes of a part,
//! can only be asked for one by one, a start of the `content` command each. At most four run at a time, and a few
//! messages are committed together.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::decode;
use super::survey::{NONE, PICTURES};
use super::tables;
use crate::format::messages_xml::{OWN_ADDRESS, role};
use crate::handset::HandsetError;
use crate::handset::android::content::raw::NOT_WHOLE;
use crate::handset::android::content::rows::rows_of;
use crate::handset::android::content::{
    QueryRunner, Refusal, TableRead, View, exact, query, refusal,
};
use crate::handset::android::session::Session;
use crate::handset::android::table_survey;
use crate::many::Fingerprints;
use crate::model::{
    Batch, Bookmark, Findings, Holding, Message, MessagePart, Party, Past, RawReply, Record,
    RecordBody,
};
use crate::phrase;
use crate::protocol::adb::{AdbError, ContentUri, Query, ShellCommand};

/// Number of messages that are completed and committed together.
const AT_ONCE: usize = 4;
/// Number of parts that are read at the same time.
const READS: usize = 4;
/// The largest part that is read, in bytes. Networks carry a few megabytes.
const MOST_BYTES: usize = 64 << 20;
/// How often a part is read again.
const RETRIES: usize = 2;

/// Where the read of both kinds of messages can continue.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Place {
    texts: Option<String>,
    pictures: Option<String>,
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
#[derive(Default)]
pub struct Pictures {
    /// `None`: there are none.
    read: Option<TableRead>,
    /// The parts of each message, in their order; `None`: not read yet.
    parts: Option<HashMap<i64, Vec<MessagePart>>>,
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
    /// Parts whose bytes the handset no longer has.
    lost: u64,
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
        if self.parts.is_none() {
            self.parts = Some(self.list_parts(runner)?);
        }
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
        for message in &mut messages {
            let parts = self.parts.as_mut();
            let parts = parts.and_then(|parts| parts.get(&message.source.row).cloned());
            message.parts = parts.unwrap_or_default();
            let texts: Vec<&str> = message
                .parts
                .iter()
                .filter(|part| part.media_type == "text/plain")
                .filter_map(|part| part.text.as_deref())
                .collect();
            message.text = (!texts.is_empty()).then(|| texts.join("\n"));
        }
        self.read_bytes(runner, &mut messages)?;
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

    /// Reads the list of all parts.
    fn list_parts(
        &mut self,
        runner: &mut QueryRunner,
    ) -> Result<HashMap<i64, Vec<MessagePart>>, HandsetError> {
        let views = vec![View::new(&tables::PARTS)];
        let mut parts: HashMap<i64, Vec<(i64, MessagePart)>> = HashMap::new();
        for (view, read) in exact::read_tables(runner, views, &[])?.reads {
            let trouble = table_survey::trouble(view.table, &read);
            self.findings.missing.extend(trouble);
            for (message, place, part) in
                read.rows.iter().filter_map(|row| decode::part(&view, row))
            {
                parts.entry(message).or_default().push((place, part));
            }
        }
        let in_order = |(message, mut parts): (i64, Vec<(i64, MessagePart)>)| {
            parts.sort_by_key(|(place, part)| (*place, part.id));
            (message, parts.into_iter().map(|(_, part)| part).collect())
        };
        Ok(parts.into_iter().map(in_order).collect())
    }

    /// Reads the addresses of some messages, a query each.
    fn read_people(
        &mut self,
        runner: &mut QueryRunner,
        messages: &mut [&mut Message],
    ) -> Result<(), HandsetError> {
        let view = View::new(&tables::ADDRESSES);
        let queries: Vec<Query> = messages
            .iter()
            .map(|message| Query {
                uri: ContentUri::MmsAddresses(message.source.row.unsigned_abs()),
                ..view.query(view.layout.names(), None)
            })
            .collect();
        let replies = runner.ask_all(&queries)?;
        for ((message, query), reply) in messages.iter_mut().zip(&queries).zip(replies) {
            let reply = runner.again(query, reply)?;
            if let Some(refusal) = &reply.refusal {
                self.missing(&phrase!(
                    "The people of some picture messages could not be read: {}",
                    refusal.said()
                ));
            }
            for row in rows_of(&view, &reply.text) {
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
                        let (runner, id) = (runner.fork(), part.id);
                        scope.spawn(move || bytes_of(&runner, id))
                    })
                    .collect();
                jobs.into_iter().map(query::joined).collect()
            });
            for (part, bytes) in some.iter_mut().zip(found?) {
                match bytes {
                    Bytes::Whole(size, request) => {
                        (part.size, part.reply) = (Some(size), Some(request));
                    }
                    Bytes::Gone => self.lost += 1,
                    Bytes::Refused(said) => self.missing(&phrase!(
                        "Some pictures and recordings in messages could not be read: {said}"
                    )),
                }
            }
        }
        Ok(())
    }

    fn missing(&mut self, sentence: &str) {
        if !self.findings.missing.iter().any(|known| known == sentence) {
            self.findings.missing.push(sentence.to_owned());
        }
    }

    /// True if everything was read.
    pub fn is_through(&self) -> bool {
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
        if self.lost > 0 {
            texts.notes.push(phrase!(
                "The phone lists {} pictures or recordings in messages whose files it no longer has.",
                self.lost
            ));
        }
        texts
    }
}

/// The bytes of a part.
enum Bytes {
    /// All of this number, which are kept as the reply to this request.
    Whole(u64, String),
    /// The handset has the row, but not the file.
    Gone,
    Refused(String),
}

/// Reads the bytes of one part.
fn bytes_of(runner: &QueryRunner, id: i64) -> Result<Bytes, HandsetError> {
    let command = ShellCommand::ContentRead {
        part: id.unsigned_abs(),
    };
    let mut tries = 0;
    loop {
        let slot = runner.slot();
        let output = match runner.adb.run(&command, MOST_BYTES) {
            Ok(output) => output,
            Err(AdbError::ReplyTooLong { .. }) => {
                return Ok(Bytes::Refused(
                    phrase("one is larger than 64 MB").to_owned(),
                ));
            }
            Err(error) => return Err(error.into()),
        };
        drop(slot);
        let exit = output.exit.unwrap_or_default();
        let said = refusal::told(&String::from_utf8_lossy(&output.stderr), exit);
        let is_whole = said.is_none() && exit == 0;
        let request = query::line(&command);
        if is_whole {
            let size = output.stdout.len() as u64;
            runner.kept.keep(request.clone(), &output.stdout, &[]);
            return Ok(Bytes::Whole(size, request));
        }
        let told = String::from_utf8_lossy(&output.stderr);
        let told = said.as_ref().map_or(&*told, Refusal::said);
        if told.contains("FileNotFoundException") {
            runner.kept.push(RawReply {
                request: request + NOT_WHOLE,
                bytes: output.stderr,
                ..RawReply::default()
            });
            return Ok(Bytes::Gone);
        }
        tries += 1;
        if tries > RETRIES {
            let said = said.map(|refusal| refusal.said().to_owned());
            return Ok(Bytes::Refused(said.unwrap_or_else(|| {
                phrase("the phone ended its reply early").to_owned()
            })));
        }
    }
}
