//! Calls and messages in the mailbox.

mod history;
mod old;
mod voicemail;

use std::sync::Arc;

pub use self::history::next;
use super::parts::Parts;
use super::room::{self, Found, HOME};
use super::{Room, Source};
use crate::handset::HandsetError;
use crate::model::{Batch, Bookmark, Findings, Holding, Past};
use crate::phrase;

/// The lists of calls since iOS 8. The second holds the calls of the last moments.
const HISTORIES: [&str; 2] = [
    "Library/CallHistoryDB/CallHistory.storedata",
    "Library/CallHistoryDB/CallHistoryTemp.storedata",
];

/// The list of calls until iOS 7.
const OLD: (&str, &str) = ("WirelessDomain", "Library/CallHistory/call_history.db");

const VOICEMAIL: &str = "Library/Voicemail/voicemail.db";

/// The calls of a phone.
pub struct Calls {
    source: Arc<dyn Source>,
    parts: Parts,
    findings: Findings,
}

impl Calls {
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            parts: Parts::default(),
            findings: Findings::default(),
        }
    }
}

impl Room for Calls {
    fn survey(&mut self, _: &Past) -> Result<Holding, HandsetError> {
        self.findings = Findings::default();
        self.parts = Parts::default();
        let mut closed = Vec::new();
        let mut has_list = false;
        let mut closing = |holding: Holding| {
            closed.extend(holding.unreadable);
            closed.extend(holding.notes);
        };
        for path in HISTORIES {
            match room::find(&self.source, HOME, path)? {
                Found::Open(database) => match history::History::new(*database, &mut self.findings)
                {
                    Ok(history) => {
                        has_list = true;
                        self.parts.push(history);
                    }
                    Err(holding) => closing(holding),
                },
                Found::NotListed => {}
                Found::Closed(why) => closing(room::closed(why)),
            }
        }
        match room::find(&self.source, OLD.0, OLD.1)? {
            Found::Open(database) => match old::OldList::new(*database) {
                Ok(list) => {
                    has_list = true;
                    self.parts.push(list);
                }
                Err(holding) => closing(holding),
            },
            Found::NotListed => {}
            Found::Closed(why) => closing(room::closed(why)),
        }
        match room::find(&self.source, HOME, VOICEMAIL)? {
            Found::Open(database) => match voicemail::Mailbox::new(*database) {
                Ok(mailbox) => self.parts.push(mailbox),
                Err(holding) => closing(holding),
            },
            Found::NotListed => {}
            Found::Closed(why) => closing(room::closed(why)),
        }
        let mut holding = Holding::default();
        if self.parts.is_empty() && !closed.is_empty() {
            holding.unreadable = Some(closed.join(" "));
            return Ok(holding);
        }
        if !has_list && closed.is_empty() {
            let lacking = match self.source.leaves_out_calls() {
                true => phrase(
                    "The list of calls is not in it: only encrypted backups have the list. To get the list, turn on \
                     “Encrypt local backup” and make a new backup.",
                ),
                false => phrase(
                    "The list of calls is not in it. If the phone shows calls, make a new backup of the phone.",
                ),
            };
            holding.out_of_reach = Some(lacking.into());
            // The voicemails are read even in this case.
            let (living, rows) = self.parts.counts();
            holding.rows = rows.filter(|rows| *rows > 0);
            if let Some(living) = living.filter(|living| *living > 0) {
                holding.notes.push(phrase!(
                    "Messages in the mailbox: {living}. They are saved."
                ));
            }
            return Ok(holding);
        }
        self.findings.missing.append(&mut closed);
        (holding.handset_says, holding.rows) = self.parts.counts();
        if holding.rows == Some(0) {
            holding
                .notes
                .push(phrase("The phone's list of calls is empty.").into());
        }
        Ok(holding)
    }

    fn next_batch(&mut self, after: Option<&Bookmark>) -> Result<Option<Batch>, HandsetError> {
        self.parts.next_batch(after, &mut self.findings)
    }

    fn findings(&mut self) -> Result<Findings, HandsetError> {
        let mut findings = std::mem::take(&mut self.findings);
        self.parts.finish(&mut findings);
        Ok(findings)
    }
}
