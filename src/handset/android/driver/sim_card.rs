//! The SIM's phonebooks: small, and their provider knows no bookmarks.

use super::Android;
use crate::handset::android::refusal::Refusal;
use crate::handset::android::sim;
use crate::handset::{Findings, HandsetError, Past, Record, RecordBody};
use crate::model::{Collection, Holding};
use crate::protocol::adb::{AppOp, ContentUri, Query};

/// The first API level on which the SIM's provider heeds app-ops.
const SIM_APP_OPS: u32 = 23;

impl Android {
    /// A SIM card is in the handset, as it says itself.
    pub(super) fn has_sim(&self) -> bool {
        let states = self.properties.get("gsm.sim.state");
        states.is_some_and(|s| {
            s.contains("READY") && !s.contains("NOT_READY") || s.contains("LOADED")
        })
    }

    /// The URIs of the SIM phonebooks; none where there is no SIM card.
    pub(super) fn sim_uris(&self) -> Vec<ContentUri> {
        let states = self
            .properties
            .get("gsm.sim.state")
            .cloned()
            .unwrap_or_default();
        let present = states
            .split(',')
            .filter(|s| !matches!(*s, "" | "ABSENT" | "UNKNOWN" | "NOT_READY"))
            .count();
        match present {
            0 if states.contains("ABSENT") => Vec::new(),
            // The plain URI is that of one SIM; with several, each is asked for by its subscription.
            0 | 1 => vec![ContentUri::IccAdn],
            _ => std::iter::once(ContentUri::IccAdn)
                .chain((1..=4).map(ContentUri::IccAdnSubscription))
                .collect(),
        }
    }

    /// Reads the SIM phonebooks: small, and their provider knows no bookmarks.
    pub(super) fn survey_sim(&mut self, past: &Past) -> Result<Holding, HandsetError> {
        let uris = self.sim_uris();
        if uris.is_empty() {
            self.sim_entries = Some(Vec::new());
            let notes = vec!["There is no SIM card in the handset.".into()];
            return Ok(Holding {
                handset_says: Some(0),
                notes,
                ..Holding::default()
            });
        }
        let replies = self.replies(
            Collection::Sim,
            uris.iter().map(|uri| whole(*uri)).collect(),
        )?;
        let mut holding = Holding::default();
        self.reader.asker.user = None;
        let before = uris
            .iter()
            .map(|uri| self.reader.asker.past_reply(&whole(*uri)));
        let mut pairs = before.zip(&replies);
        let is_new = past.bookmark.is_none();
        let changed = pairs.any(|(before, now)| before.is_some_and(|text| text != now.text));
        if changed {
            holding.changed.push(
                "The SIM's phonebook changed between the parts of this rescue; it was read again."
                    .into(),
            );
        }
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let mut records = Vec::new();
        let mut findings = Findings::default();
        for (uri, reply) in uris.iter().zip(&replies).rev() {
            if let Some(refusal) = &reply.refusal {
                if *uri == ContentUri::IccAdn && records.is_empty() {
                    match refusal {
                        Refusal::NoProvider(_) if !self.has_sim() => holding
                            .notes
                            .push("The handset has no SIM phonebook to ask.".into()),
                        refusal => {
                            holding.out_of_reach = Some(format!(
                                "The SIM's phonebook could not be read ({}). Import it in the Contacts app, or put the \
                                 SIM into a card reader.",
                                refusal.said()
                            ));
                        }
                    }
                }
                continue;
            }
            if seen.contains(&reply.text) {
                continue;
            }
            let place = match uri {
                ContentUri::IccAdnSubscription(n) => format!("SIM, subscription {n}"),
                _ => "SIM".to_owned(),
            };
            let (contacts, uncertain, trouble) = sim::decode(&reply.text, &place);
            if uncertain > 0 || trouble.is_some() {
                findings.raw_only += uncertain.max(1);
                findings.missing.push(format!(
                    "Some entries of the {place} can't be told apart; they are kept raw."
                ));
            }
            records.extend(contacts.into_iter().map(|c| Record {
                key: format!("{place}/{}", c.sources.first().map_or(0, |s| s.row)),
                body: RecordBody::Contact(c),
            }));
            seen.push(reply.text.clone());
        }
        holding.handset_says = holding
            .out_of_reach
            .is_none()
            .then_some(records.len() as u64);
        holding.rows = holding.handset_says;
        if records.is_empty() && holding.out_of_reach.is_none() && holding.notes.is_empty() {
            holding.unreadable = self.reader.why_empty(
                "READ_CONTACTS",
                AppOp::ReadContacts,
                self.reader.sdk < SIM_APP_OPS,
            )?;
            if holding.unreadable.is_none() {
                holding
                    .notes
                    .push("The SIM's phonebook was asked and holds nothing.".into());
            }
        }
        self.findings.insert(Collection::Sim, findings);
        self.sim_entries = (is_new || changed).then_some(records);
        Ok(holding)
    }
}

/// All that a provider has, in columns of its own choice.
pub(super) fn whole(uri: ContentUri) -> Query {
    Query {
        uri,
        user: None,
        projection: Vec::new(),
        filter: None,
        sort: None,
    }
}
