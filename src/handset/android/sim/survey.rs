//! The phonebooks of SIM cards: they are small, and are read in one piece.

use std::collections::{BTreeSet, HashSet};

use super::{decode, subscriptions};
use crate::handset::HandsetError;
use crate::handset::android::content::{Refusal, Reply};
use crate::handset::android::session::Session;
use crate::model::{Batch, Bookmark, Findings, Holding, Past, Record, RecordBody, Remedy};
use crate::phrase;
use crate::protocol::adb::{AppOp, ContentUri, Query};

/// The first API level on which the SIM's provider checks app-ops.
const SIM_APP_OPS: u32 = 23;
/// The subscriptions that are tried if the handset does not list those of its cards.
const GUESSED: [u32; 4] = [1, 2, 3, 4];

/// The phonebooks of the SIM cards.
#[derive(Default)]
pub struct SimCards {
    /// The subscriptions of the cards, once they were queried.
    subscriptions: Option<Vec<u32>>,
    /// Entries that are still to be handed over.
    entries: Vec<Record>,
    pub findings: Findings,
}

impl SimCards {
    /// The queries for the phonebooks; none if there is no SIM card.
    pub fn queries(&mut self, session: &mut Session) -> Result<Vec<Query>, HandsetError> {
        Ok(self.uris(session)?.into_iter().map(whole).collect())
    }

    /// Hands over all entries at once.
    pub fn next_batch(&mut self, session: &Session) -> Option<Batch> {
        let records = std::mem::take(&mut self.entries);
        (!records.is_empty()).then(|| Batch {
            raw: session.runner.kept.take(),
            rows: records.len() as u64,
            records,
            bookmark: Some(Bookmark("all".into())),
        })
    }

    /// Returns the URIs of the SIM phonebooks; none if there is no SIM card. If there are several cards, each is
    /// queried by its subscription; the plain URI returns the phonebook of one of them.
    fn uris(&mut self, session: &mut Session) -> Result<Vec<ContentUri>, HandsetError> {
        let states = session
            .properties
            .get("gsm.sim.state")
            .cloned()
            .unwrap_or_default();
        let present = states
            .split(',')
            .filter(|s| !matches!(s.trim(), "" | "ABSENT" | "UNKNOWN" | "NOT_READY"))
            .count();
        match present {
            0 if states.contains("ABSENT") => return Ok(Vec::new()),
            0 | 1 => return Ok(vec![ContentUri::IccAdn]),
            _ => {}
        }
        if self.subscriptions.is_none() {
            let said = session.subscriptions()?;
            let mut found = subscriptions::active(&said);
            if found.len() < sims_that_show(session) {
                // This query starts another Java process, so it is sent only if needed.
                let reply = session.runner.ask_anew(&all_sims())?;
                found.extend(subscriptions::of_sim_info(&String::from_utf8_lossy(
                    &reply.text,
                )));
                found.sort_unstable();
                found.dedup();
            }
            self.subscriptions = Some(found);
        }
        let known = self.subscriptions.iter().flatten().copied();
        let mut uris: Vec<_> = known.map(ContentUri::IccAdnSubscription).collect();
        if uris.len() < sims_that_show(session) {
            let guessed = GUESSED.map(ContentUri::IccAdnSubscription);
            let more = std::iter::once(ContentUri::IccAdn).chain(guessed);
            let more: Vec<_> = more.filter(|uri| !uris.contains(uri)).collect();
            uris.splice(..0, more);
        }
        Ok(uris)
    }

    /// False for a guessed subscription.
    fn is_asked_for(&self, uri: ContentUri) -> bool {
        match uri {
            ContentUri::IccAdnSubscription(id) => self
                .subscriptions
                .iter()
                .flatten()
                .any(|known| *known == id),
            _ => true,
        }
    }

    /// A sentence about the cards whose phonebooks were not among the `shown` replies, if there are several cards. If a
    /// subscription returned no entries, its card was perhaps not queried.
    fn unseen_sims(&self, session: &Session, shown: usize) -> Option<String> {
        let there = sims_that_show(session);
        let known = self.subscriptions.as_ref().map_or(0, Vec::len);
        (there > 1 && known.max(shown) < there).then(|| {
            phrase!(
                "The phone has {there} SIM cards, and {shown} of them showed a phonebook. The phone doesn't \
                 report how to read the others. Look at each SIM in the phone's Contacts app, and import its \
                 contacts."
            )
        })
    }

    /// Reads the SIM phonebooks. They are small, and their read has no bookmarks.
    pub fn survey(
        &mut self,
        session: &mut Session,
        replies: &[Reply],
        past: &Past,
    ) -> Result<Holding, HandsetError> {
        let uris = self.uris(session)?;
        let cards = slots_with_cards(session)?;
        let hidden = hidden_sims(session, cards.as_ref());
        if uris.is_empty() {
            self.entries.clear();
            let there: Vec<_> = hidden.iter().filter(|sim| sim.is_there).collect();
            if !there.is_empty() {
                return Ok(Holding {
                    unreadable: Some(joined(&there)),
                    remedy: Some(Remedy::Setting),
                    ..Holding::default()
                });
            }
            let mut notes = vec![phrase("There is no SIM card in the phone.").to_owned()];
            notes.extend(hidden.into_iter().map(|sim| sim.says));
            notes.extend(slot_not_ready(session));
            notes.dedup();
            return Ok(Holding {
                handset_says: Some(0),
                notes,
                ..Holding::default()
            });
        }
        let mut holding = Holding::default();
        session.runner.user = None;
        let before = uris
            .iter()
            .map(|uri| session.runner.past_reply(&whole(*uri)));
        let mut pairs = before.zip(replies);
        let is_new = past.bookmark.is_none();
        let changed = pairs.any(|(before, now)| before.is_some_and(|text| text != now.text));
        if changed {
            holding.changed.push(
                phrase("The SIM phonebook changed between the parts of this rescue. It was read again.")
                    .into(),
            );
        }
        let mut seen: Vec<Vec<u8>> = Vec::new();
        let mut records = Vec::new();
        let mut findings = Findings::default();
        let mut is_read = false;
        let mut refused = Vec::new();
        for (uri, reply) in uris.iter().zip(replies).rev() {
            if let Some(refusal) = &reply.refusal {
                // Other subscriptions were guesses.
                if self.is_asked_for(*uri) {
                    refused.push((place_of(*uri), refusal));
                }
                continue;
            }
            if seen.contains(&reply.text) {
                continue;
            }
            let place = place_of(*uri);
            let (contacts, uncertain, trouble) = decode::decode(&reply.text, &place);
            let first = records.len();
            if uncertain > 0 || trouble.is_some() {
                findings.raw_only += uncertain.max(1);
                findings.missing.push(phrase!(
                    "Some entries of the {place} can't be told apart. They are saved as raw data only."
                ));
            }
            // On phones of some makers, all rows have the same number.
            let mut keys = HashSet::new();
            for (at, contact) in contacts.into_iter().enumerate() {
                let row = contact.sources.first().map_or(0, |source| source.row);
                let key = match keys.insert(row) {
                    true => format!("{place}/{row}"),
                    false => format!("{place}/{row}-{at}"),
                };
                records.push(Record {
                    key,
                    body: RecordBody::Contact(contact),
                });
            }
            is_read |= records.len() > first;
            seen.push(reply.text.clone());
        }
        for (place, refusal) in refused {
            match refusal {
                Refusal::NoProvider(_) if !has_sim(session) => holding
                    .notes
                    .push(phrase("The phone has no SIM phonebook.").into()),
                Refusal::NoCommand(_) => {
                    holding.out_of_reach = Some(session.unreadable(phrase("SIM contacts"), refusal));
                }
                refusal if seen.is_empty() => {
                    holding.out_of_reach = Some(phrase!(
                        "The SIM phonebook could not be read ({}). Import it in the Contacts app, or put the SIM \
                         into a card reader.",
                        refusal.said()
                    ));
                }
                refusal => findings.missing.push(phrase!(
                    "The phonebook of one SIM card ({place}) could not be read ({}). Import it in the Contacts app, or \
                     put the SIM into a card reader.",
                    refusal.said()
                )),
            }
        }
        if holding.out_of_reach.is_none() {
            let shown = seen
                .iter()
                .filter(|text| text.starts_with(b"Row: "))
                .count();
            match self.unseen_sims(session, shown) {
                Some(unseen) if shown == 0 => holding.unreadable = Some(unseen),
                unseen => findings.missing.extend(unseen),
            }
        }
        if hidden.is_empty() {
            holding.notes.extend(slot_not_ready(session));
        } else if holding.out_of_reach.is_none() {
            let can_end = hidden.iter().any(|sim| sim.can_end);
            holding.remedy = can_end.then_some(Remedy::Setting);
            if is_read {
                findings
                    .missing
                    .extend(hidden.into_iter().map(|sim| sim.says));
            } else {
                holding.unreadable = Some(joined(&hidden.iter().collect::<Vec<_>>()));
            }
        }
        holding.handset_says = holding
            .out_of_reach
            .is_none()
            .then_some(records.len() as u64);
        holding.rows = holding.handset_says;
        let is_closed = holding.is_closed();
        if records.is_empty() && !is_closed && holding.notes.is_empty() {
            holding.unreadable =
                session.why_empty(AppOp::ReadContacts, session.sdk < SIM_APP_OPS)?;
            if holding.unreadable.is_none() {
                holding
                    .notes
                    .push(phrase("The SIM phonebook was read, and it is empty.").into());
            }
        }
        self.findings = findings;
        self.entries = match is_new || changed {
            true => records,
            false => Vec::new(),
        };
        Ok(holding)
    }
}

/// True if the handset reports a SIM card.
fn has_sim(session: &Session) -> bool {
    let states = session.properties.get("gsm.sim.state");
    states.is_some_and(|s| s.contains("READY") && !s.contains("NOT_READY") || s.contains("LOADED"))
}

/// A SIM card whose phonebook is hidden.
struct HiddenSim {
    /// Why, and what to do on the phone.
    says: String,
    /// The owner can end it on this phone.
    can_end: bool,
    /// There is certainly a card.
    is_there: bool,
}

fn joined(sims: &[&HiddenSim]) -> String {
    let all: Vec<_> = sims.iter().map(|sim| sim.says.as_str()).collect();
    all.join(" ")
}

/// A note on a slot that is not ready and has no card as far as the handset knows: an empty eSIM slot looks like this.
fn slot_not_ready(session: &Session) -> Option<String> {
    let states = session.properties.get("gsm.sim.state")?;
    let note = phrase(
        "One of the SIM slots is not ready. An eSIM slot without a contract looks like this too. If \
         there is a card in the slot, wait until the phone has recognised it, then read the phone \
         again.",
    );
    states.contains("NOT_READY").then(|| note.to_owned())
}

/// The slots for which the handset's store of SIM cards names a card, if a slot is not ready beside others; `None`: the
/// handset hides the store. The store keeps a card that its owner turned off (AOSP `SubscriptionManagerService`,
/// `areUiccAppsDisabled`), which no list of active cards has.
fn slots_with_cards(session: &mut Session) -> Result<Option<BTreeSet<usize>>, HandsetError> {
    let states = session.properties.get("gsm.sim.state");
    let states = states.map_or("", String::as_str);
    if !states.contains("NOT_READY") || states.split(',').count() < 2 {
        return Ok(Some(BTreeSet::new()));
    }
    let reply = session.runner.ask_anew(&all_sims())?;
    let text = String::from_utf8_lossy(&reply.text);
    Ok(reply.refusal.is_none().then(|| subscriptions::slots(&text)))
}

/// The inserted SIM cards whose phonebooks are hidden (AOSP `IccCardConstants.State`). Lifeboat never asks for a code or
/// sends one. `cards`: see [`slots_with_cards`].
fn hidden_sims(session: &Session, cards: Option<&BTreeSet<usize>>) -> Vec<HiddenSim> {
    let states = session.properties.get("gsm.sim.state");
    let states: Vec<&str> = states.map(|s| s.split(',').collect()).unwrap_or_default();
    let is_ready = |state: &str| matches!(state, "READY" | "LOADED");
    let any_ready = states.iter().any(|state| is_ready(state.trim()));
    let is_absent = |state: &&str| state.trim() == "ABSENT";
    let is_alone = !any_ready && !states.iter().any(is_absent);
    let numbered = states.iter().enumerate();
    numbered
        .filter_map(|(at, state)| {
            let sim = match states.len() {
                0 | 1 => phrase("The SIM").to_owned(),
                _ => phrase!("SIM {}", at + 1),
            };
            let is_listed = cards.map(|slots| slots.contains(&at));
            let mut can_end = true;
            let why = match state.trim() {
                "PIN_REQUIRED" => {
                    phrase(
                        "asks for its PIN. Enter the PIN on the phone, then read the phone again. If nobody knows \
                         the PIN, don't guess: three wrong PINs lock the SIM.",
                    )
                }
                "PUK_REQUIRED" => {
                    phrase(
                        "is locked and asks for its PUK. Ask the SIM's mobile provider for the PUK. Enter it on the \
                         phone, then read the phone again.",
                    )
                }
                "NETWORK_LOCKED" | "PERSO_LOCKED" => {
                    can_end = false;
                    phrase(
                        "is from a mobile provider that this phone is not allowed to use, so the phone hides its \
                         phonebook. Read the SIM in a phone of that provider.",
                    )
                }
                "PERM_DISABLED" => {
                    can_end = false;
                    phrase("is permanently blocked.")
                }
                "CARD_IO_ERROR" | "CARD_RESTRICTED" => {
                    can_end = false;
                    phrase("does not answer the phone. Its metal contacts may be dirty. Read the SIM in another phone.")
                }
                "NOT_READY" if is_alone || is_listed == Some(true) => {
                    phrase(
                        "is not ready. Wait until the phone has recognised it, then read the phone again. Airplane \
                         mode prevents this on some phones.",
                    )
                }
                // An empty slot is also reported as not ready. This handset doesn't tell the two apart.
                "NOT_READY" if any_ready && is_listed.is_none() => {
                    can_end = false;
                    phrase(
                        "is not ready, and the phone doesn't report whether there is a card in its slot. If there \
                         is one, turn it on in the phone's settings, wait until the phone has recognised it, then \
                         read the phone again. An eSIM slot without a contract looks like this too.",
                    )
                }
                _ => return None,
            };
            let is_there = state.trim() != "NOT_READY" || is_listed == Some(true);
            Some(HiddenSim {
                says: format!("{sim} {why}"),
                can_end,
                is_there,
            })
        })
        .collect()
}

/// The number of cards that show their phonebooks, as reported by the handset.
fn sims_that_show(session: &Session) -> usize {
    let states = session.properties.get("gsm.sim.state");
    let states = states.map_or("", String::as_str).split(',');
    let shows = |state: &&str| matches!(state.trim(), "READY" | "LOADED" | "IMSI");
    states.filter(shows).count()
}

/// A query for the subscriptions of all cards, including removed ones.
fn all_sims() -> Query {
    Query {
        uri: ContentUri::SimInfo,
        user: None,
        projection: vec!["_id", "sim_id"],
        filter: None,
        sort: None,
    }
}

/// The name of a phonebook.
fn place_of(uri: ContentUri) -> String {
    match uri {
        ContentUri::IccAdnSubscription(id) => phrase!("SIM, subscription {id}"),
        _ => "SIM".to_owned(),
    }
}

/// A query for all rows, with the columns that the provider chooses.
fn whole(uri: ContentUri) -> Query {
    Query {
        uri,
        user: None,
        projection: Vec::new(),
        filter: None,
        sort: None,
    }
}
