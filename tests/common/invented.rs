//! A handset whose answers a test sets directly, without any driver.

use std::collections::BTreeMap;
use std::io::{Read as _, Write};

use lifeboat::handset::{Handset, HandsetError};
use lifeboat::model::{
    Asked, Batch, Bookmark, Collection, Findings, HandsetFile, Health, Holding, Identity,
    NotCovered, Past, RawReply, Record, Stop,
};
use lifeboat::rescue::{Outcome, Target, run};

/// What the handset reports about one collection, and its records.
#[derive(Debug, Clone, Default)]
pub struct Said {
    pub holding: Holding,
    pub records: Vec<Record>,
    pub findings: Findings,
}

#[derive(Debug, Default)]
pub struct Invented {
    identity: Identity,
    pub says: BTreeMap<Collection, Said>,
    given: Vec<Collection>,
    /// The handset is locked until a program checks whether it is.
    pub locked: bool,
    /// Number of unreadable bytes at the end of each file. With 0 the handset gives no files.
    pub gap: u64,
    asked: Vec<Asked>,
}

impl Invented {
    /// A handset that holds these collections and nothing else.
    pub fn with(says: impl IntoIterator<Item = (Collection, Said)>) -> Self {
        let nothing = || Said {
            holding: Holding {
                handset_says: Some(0),
                ..Holding::default()
            },
            ..Said::default()
        };
        let all = Collection::ALL.into_iter().map(|what| (what, nothing()));
        let mut says: BTreeMap<_, _> = all.chain(says).collect();
        // A phone that shows nothing at all is a separate case, so the SIM card is left unknown.
        says.entry(Collection::Sim).or_default();
        Self {
            identity: Identity {
                make: "Invented".into(),
                model: "One".into(),
                serial: "1".into(),
                ..Identity::default()
            },
            says,
            ..Self::default()
        }
    }

    /// Rescues everything that the handset has.
    pub fn rescue(mut self) -> (Outcome, tempfile::TempDir) {
        let parent = tempfile::tempdir().expect("a folder");
        let request = super::request(Target::New(parent.path().to_owned()), "--practice");
        let outcome = run(&mut self, &request, &Stop::new(), &mut |_| {});
        let outcome = outcome.unwrap_or_else(|e| panic!("{e}: {}", e.advice()));
        (outcome, parent)
    }
}

impl Handset for Invented {
    fn identity(&self) -> &Identity {
        &self.identity
    }
    fn health(&mut self) -> Result<Health, HandsetError> {
        Ok(Health::default())
    }
    fn collections(&mut self) -> Result<Vec<Collection>, HandsetError> {
        Ok(Collection::ALL.to_vec())
    }
    fn survey(&mut self, what: Collection, _: &Past) -> Result<Holding, HandsetError> {
        match self.locked {
            true => Err(HandsetError::Locked {
                advice: "Unlock it.".into(),
            }),
            false => Ok(self.says[&what].holding.clone()),
        }
    }
    fn next_batch(
        &mut self,
        what: Collection,
        _: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError> {
        let records = self.says[&what].records.clone();
        if self.given.contains(&what) || records.is_empty() {
            return Ok(None);
        }
        self.given.push(what);
        Ok(Some(Batch {
            rows: records.len() as u64,
            records,
            bookmark: Some(Bookmark("all".into())),
            ..Batch::default()
        }))
    }
    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        if self.gap == 0 {
            return Ok(None);
        }
        let length = file.size.saturating_sub(self.gap).saturating_sub(from);
        std::io::copy(&mut std::io::repeat(7).take(length), sink).expect("bytes");
        Err(HandsetError::Gap {
            length: self.gap,
            what: "the card does not give it".into(),
        })
    }
    fn raw(&mut self) -> Vec<RawReply> {
        Vec::new()
    }
    fn hurry(&mut self, _: bool) {}
    fn is_through(&self, _: Collection) -> bool {
        true
    }
    fn findings(&mut self, what: Collection) -> Result<Findings, HandsetError> {
        Ok(self.says[&what].findings.clone())
    }
    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError> {
        Ok(Vec::new())
    }
    fn asked(&mut self) -> Vec<Asked> {
        std::mem::take(&mut self.asked)
    }
    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        self.locked = false;
        self.asked.push(Asked {
            at: "2026-11-22T00:00:00.000Z".into(),
            what: "whether it is locked".into(),
        });
        Ok(false)
    }
    fn clock(&mut self) -> Result<Option<i64>, HandsetError> {
        Ok(None)
    }
    fn traces(&self) -> Vec<String> {
        Vec::new()
    }
}
