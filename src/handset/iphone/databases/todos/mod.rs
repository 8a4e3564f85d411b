//! Reminders, and the notes that go with them into the rescue. Until iOS 12 they are in the calendar database, since then in databases of their own: one for each
//! account, and one for the phone itself. Until iOS 16 these are in the home folder, since iOS 17 in a group's.

mod calendar;
mod rule;
mod store;

use std::sync::Arc;

use self::calendar::FromCalendar;
use self::store::Store;
use super::parts::Parts;
use super::room::{self, Found, HOME};
use super::{Room, Source, notes};
use crate::handset::HandsetError;
use crate::model::{Batch, Bookmark, Findings, Holding, Past};
use crate::phrase;

/// Where the databases are, with the beginning of their names.
const PLACES: [(&str, &str); 2] = [
    (HOME, "Library/Reminders/Container_v1/Stores/Data-"),
    (
        "AppDomainGroup-group.com.apple.reminders",
        "Container_v1/Stores/Data-",
    ),
];

/// Most databases that are opened. A phone has one for each account.
const MOST_STORES: usize = 100;

/// The reminders of a phone.
pub struct Todos {
    source: Arc<dyn Source>,
    stores: Parts,
    findings: Findings,
}

impl Todos {
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            stores: Parts::default(),
            findings: Findings::default(),
        }
    }
}

impl Room for Todos {
    fn survey(&mut self, _: &Past) -> Result<Holding, HandsetError> {
        self.findings = Findings::default();
        self.stores = Parts::default();
        let (old, is_old_system) = FromCalendar::open(&self.source, &mut self.findings)?;
        if let Some(old) = old {
            self.stores.push(old);
        }
        let mut closed = Vec::new();
        let mut listed = 0;
        for (domain, prefix) in PLACES {
            let paths = self.source.list(domain, prefix);
            for path in paths.iter().filter(|path| path.ends_with(".sqlite")) {
                listed += 1;
                if listed > MOST_STORES {
                    closed.push(
                        phrase("There are more databases of reminders than any phone has.").into(),
                    );
                    break;
                }
                match room::find(&self.source, domain, path)? {
                    Found::Open(database) => {
                        match Store::new(*database, path, &mut self.findings) {
                            Ok(store) => self.stores.push(store),
                            Err(holding) => {
                                closed.extend(holding.unreadable);
                                closed.extend(holding.notes);
                            }
                        }
                    }
                    Found::NotListed => {}
                    Found::Closed(why) => closed.push(why),
                }
            }
        }
        let mut holding = Holding::default();
        if self.stores.is_empty() && !is_old_system {
            closed.insert(
                0,
                phrase("No database of reminders can be read. Make a new backup of the phone.")
                    .into(),
            );
        }
        closed.extend(notes::add(&self.source, &mut self.stores)?);
        if self.stores.is_empty() && !is_old_system {
            holding.unreadable = Some(closed.join(" "));
            return Ok(holding);
        }
        self.findings.missing.append(&mut closed);
        let (says, rows) = self.stores.counts();
        holding.handset_says = says;
        holding.rows = rows;
        if says == Some(0) {
            holding
                .notes
                .push(phrase("The phone has no reminders.").into());
        }
        Ok(holding)
    }

    fn next_batch(&mut self, after: Option<&Bookmark>) -> Result<Option<Batch>, HandsetError> {
        self.stores.next_batch(after, &mut self.findings)
    }

    fn findings(&mut self) -> Result<Findings, HandsetError> {
        let mut findings = std::mem::take(&mut self.findings);
        self.stores.finish(&mut findings);
        Ok(findings)
    }
}
