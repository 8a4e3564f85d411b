//! The parts of multimedia messages: one list for all of them, and the bytes of each part.
//!
//! The provider answers a query that it refuses with nothing, as if there were no rows (AOSP `MmsProvider.query`
//! returns no cursor after an `SQLiteException`). An empty list of parts is therefore no evidence if there are
//! messages. Lifeboat then asks for fewer columns, then only for the numbers, and finally for the parts of each
//! message.

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::decode;
use super::tables;
use crate::format::messages_xml;
use crate::handset::HandsetError;
use crate::handset::android::content::raw::NOT_WHOLE;
use crate::handset::android::content::{
    QueryRunner, View, WholeTable, exact, number_list, query, refusal,
};
use crate::handset::android::table_survey;
use crate::model::{Message, MessagePart, RawReply};
use crate::phrase;
use crate::protocol::adb::{AdbError, ContentUri, ShellCommand};

/// The largest part that is read, in bytes. Networks carry a few megabytes.
const MOST_BYTES: usize = 64 << 20;
/// The largest part that is taken for a text, in bytes.
const MOST_TEXT: usize = 1 << 20;
/// Maximum number of messages without listed parts that are queried one by one.
const MOST_UNSEEN: usize = 20;
/// How often a part is read again.
const RETRIES: usize = 2;

/// The parts of each message, as far as they were listed.
pub struct Parts {
    view: View,
    of: HashMap<i64, Vec<(i64, MessagePart)>>,
    /// The list showed no part at all.
    is_empty: bool,
    /// How many parts each message has by their numbers alone; `None`: not counted.
    counted: Option<HashMap<i64, usize>>,
}

impl Parts {
    /// Reads the list of all parts. Adds to `missing` what the handset refused.
    pub fn list(runner: &mut QueryRunner, missing: &mut Vec<String>) -> Result<Self, HandsetError> {
        let (view, read) = read_one(runner, View::new(&tables::PARTS))?;
        missing.extend(table_survey::trouble(view.table, &read));
        let mut parts = Self {
            of: HashMap::new(),
            is_empty: read.rows.is_empty() && read.uncertain.is_empty(),
            counted: None,
            view,
        };
        parts.take(&read);
        Ok(parts)
    }

    fn take(&mut self, read: &WholeTable) {
        for row in &read.rows {
            if let Some((message, place, part)) = decode::part(&self.view, row) {
                let parts = self.of.entry(message).or_default();
                if parts.iter().all(|(_, known)| known.id != part.id) {
                    parts.push((place, part));
                }
            }
        }
    }

    /// Gives each message its parts, in their order. Adds to `missing` what could not be read.
    pub fn fill(
        &mut self,
        runner: &mut QueryRunner,
        messages: &mut [&mut Message],
        missing: &mut Vec<String>,
    ) -> Result<(), HandsetError> {
        let in_doubt: Vec<i64> = messages
            .iter()
            .filter(|message| has_content(message) && self.shows_none(message.source.row))
            .map(|message| message.source.row)
            .collect();
        if !in_doubt.is_empty() && !self.is_empty && self.counted.is_none() {
            self.count(runner)?;
        }
        let rows: Vec<i64> = messages.iter().map(|message| message.source.row).collect();
        let is_short = |of: &i64| self.known(*of) < self.counted(*of).unwrap_or(0);
        let mut open: Vec<i64> = match self.is_empty {
            true => in_doubt,
            false => {
                let unseen = in_doubt.into_iter().filter(|of| !is_short(of));
                let unseen: Vec<i64> = unseen.take(MOST_UNSEEN).collect();
                let short = rows.iter().copied().filter(is_short).collect();
                match self.ask_each(runner, &unseen, missing)? {
                    // Both lists end too early, so no message is listed for certain.
                    true => rows,
                    false => short,
                }
            }
        };
        self.ask_each(runner, &open, missing)?;
        // If neither list names a message, the answer for that message alone is used.
        let least = usize::from(self.is_empty);
        open.retain(|of| self.known(*of) < self.counted(*of).unwrap_or(least));
        if !open.is_empty() {
            missing.push(
                phrase(
                    "The phone has picture messages, but does not list all of their parts: pictures, recordings or \
                     texts may be missing. Run the rescue again.",
                )
                .to_owned(),
            );
        }
        for message in messages {
            let mut parts = self.of.get(&message.source.row).cloned();
            let parts = parts.iter_mut().flat_map(|parts| {
                parts.sort_by_key(|(place, part)| (*place, part.id));
                parts.drain(..)
            });
            message.parts = parts.map(|(_, part)| part).collect();
        }
        Ok(())
    }

    /// Asks for the parts of these messages one by one. Returns true if there are parts that were not known.
    fn ask_each(
        &mut self,
        runner: &mut QueryRunner,
        messages: &[i64],
        missing: &mut Vec<String>,
    ) -> Result<bool, HandsetError> {
        let known = |parts: &Self| messages.iter().map(|of| parts.known(*of)).sum::<usize>();
        let before = known(self);
        for (view, read) in self.of_each(runner, messages)? {
            missing.extend(table_survey::trouble(view.table, &read));
            self.take(&read);
        }
        Ok(known(self) > before)
    }

    fn known(&self, message: i64) -> usize {
        self.of.get(&message).map_or(0, Vec::len)
    }

    /// How many parts a message has by their numbers alone, if they were counted.
    fn counted(&self, message: i64) -> Option<usize> {
        self.counted.as_ref()?.get(&message).copied()
    }

    /// True if the list has nothing of a message but its order of parts.
    fn shows_none(&self, message: i64) -> bool {
        let mut parts = self.of.get(&message).into_iter().flatten();
        parts.all(|(_, part)| part.is_layout())
    }

    /// Counts the parts by their numbers alone. If the list is short, it is read once more.
    fn count(&mut self, runner: &mut QueryRunner) -> Result<(), HandsetError> {
        let view = View::new(&tables::PART_INVENTORY);
        let query = |view: &View| view.query(view.numbers(), None);
        let add = |all: &mut HashMap<i64, usize>, view: &View, row: &[Option<i64>]| {
            if let Some(message) = view.number(row, "mid") {
                *all.entry(message).or_default() += 1;
            }
        };
        let listed = number_list::whole(runner, view, query, add)?;
        let is_short = |(of, count): (&i64, &usize)| self.known(*of) < *count;
        if listed.made.iter().any(is_short) {
            let view = self.view.clone();
            let again = runner.anew(|runner| exact::read_tables(runner, vec![view], &[]))?;
            for (_, read) in again.reads {
                self.take(&read);
            }
        }
        self.counted = Some(listed.made);
        Ok(())
    }

    /// Asks for the parts of these messages one by one.
    fn of_each(
        &mut self,
        runner: &mut QueryRunner,
        messages: &[i64],
    ) -> Result<Vec<(View, WholeTable)>, HandsetError> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let at = |of: &i64| self.view.at(ContentUri::MmsPartsOf(of.unsigned_abs()));
        let views = messages.iter().map(at).collect();
        let mut reads = exact::read_tables(runner, views, &[])?.reads;
        for (view, read) in &mut reads {
            if shows_nothing(read) {
                (*view, *read) = read_again(runner, view, std::mem::take(read))?;
                self.view = view.clone();
            }
        }
        Ok(reads)
    }
}

/// Reads a table, with fewer columns if it answers nothing.
fn read_one(runner: &mut QueryRunner, view: View) -> Result<(View, WholeTable), HandsetError> {
    let mut read = exact::read_tables(runner, vec![view.clone()], &[])?.reads;
    let (view, read) = read.pop().unwrap_or((view, WholeTable::default()));
    match shows_nothing(&read) {
        true => read_again(runner, &view, read),
        false => Ok((view, read)),
    }
}

fn shows_nothing(read: &WholeTable) -> bool {
    read.rows.is_empty() && read.uncertain.is_empty() && read.refusal.is_none()
}

/// Reads a table that answered nothing again, with the columns that its first row shows.
fn read_again(
    runner: &mut QueryRunner,
    view: &View,
    read: WholeTable,
) -> Result<(View, WholeTable), HandsetError> {
    let Some(fitted) = runner.fitted(view)? else {
        return Ok((view.clone(), read));
    };
    let again = vec![fitted.clone()];
    let mut again = runner.anew(|runner| exact::read_tables(runner, again, &[]))?;
    Ok(again.reads.pop().unwrap_or((fitted, read)))
}

/// AOSP's numbers for messages that have content (`PduHeaders.MESSAGE_TYPE_SEND_REQ`, `…_RETRIEVE_CONF`). Reports of
/// delivery and reading have none.
const WITH_CONTENT: [&str; 2] = ["128", "132"];

fn has_content(message: &Message) -> bool {
    let mut kinds = message.extended.iter().filter(|(name, _)| name == "m_type");
    kinds.all(|(_, kind)| WITH_CONTENT.contains(&kind.as_str()))
}

/// What was read of a part.
pub enum Bytes {
    /// All bytes of this number, which are kept as the reply to this request, and the text in them.
    Whole(u64, String, Option<String>),
    /// The handset has the row, but not the file.
    Gone,
    Refused(String),
}

/// Reads the bytes of one part.
///
/// Android wraps each error of opening a file in a `FileNotFoundException` (AOSP `ParcelFileDescriptor.openInternal`),
/// and its provider throws the same if its own query failed. Only `ENOENT`, told twice, shows that the file is gone.
pub fn bytes_of(runner: &QueryRunner, part: &MessagePart) -> Result<Bytes, HandsetError> {
    let command = ShellCommand::ContentRead {
        part: part.id.unsigned_abs(),
    };
    let request = query::line(&command);
    let (mut tries, mut gone) = (0, 0);
    loop {
        let slot = runner.slot();
        let mut output = match runner.adb.run(&command, MOST_BYTES) {
            Ok(output) => output,
            Err(AdbError::ReplyTooLong { .. }) => {
                return Ok(Bytes::Refused(
                    phrase("one is larger than 64 MB").to_owned(),
                ));
            }
            Err(error) => return Err(error.into()),
        };
        drop(slot);
        if !runner.adb.separates_error_output() {
            let errors = refusal::cut_mixed_errors(&mut output.stdout);
            output.stderr.extend(errors);
        }
        let exit = output.exit.unwrap_or_default();
        let errors = String::from_utf8_lossy(&output.stderr);
        let said = refusal::told(&errors, exit);
        if said.is_none() && exit == 0 {
            let size = output.stdout.len() as u64;
            let text = text_in(part, &output.stdout);
            runner.kept.keep(request.clone(), &output.stdout, &[]);
            return Ok(Bytes::Whole(size, request, text));
        }
        // A maker's code may print an exception of its own: only what `content` itself reports counts.
        let reported = refusal::told(&errors, 0);
        let is_gone = reported.is_some_and(|told| {
            told.said().contains("FileNotFoundException") && told.said().contains("ENOENT")
        });
        gone = if is_gone { gone + 1 } else { 0 };
        tries += 1;
        if gone < 2 && tries <= RETRIES {
            continue;
        }
        runner.kept.push(RawReply {
            request: request + NOT_WHOLE,
            bytes: output.stderr.clone(),
            ..RawReply::default()
        });
        if gone > 1 {
            return Ok(Bytes::Gone);
        }
        let said = said.map(|refusal| refusal.said().to_owned());
        return Ok(Bytes::Refused(said.unwrap_or_else(|| {
            phrase("the phone ended its reply early").to_owned()
        })));
    }
}

/// Returns the text of a part whose text lies in a file; `None`: it is no text, or not in its character set.
fn text_in(part: &MessagePart, bytes: &[u8]) -> Option<String> {
    let is_text = part.text.is_none() && (part.is_plain() || part.is_layout());
    if !is_text || bytes.len() > MOST_TEXT {
        return None;
    }
    let charset = part.extended.iter().find(|(name, _)| name == "chset");
    let charset = charset.and_then(|(_, number)| number.parse().ok());
    let encoding: &'static Encoding = match charset {
        None | Some(0) => encoding_rs::UTF_8,
        Some(number) => messages_xml::encoding(number)?,
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes)?;
    Some(text.into_owned())
}
