//! The phonebooks of SIM cards: they are small, and are read in one piece.

use std::collections::{BTreeSet, HashSet};

use super::states::{HiddenSim, Slots, State, hidden_sims};
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
/// The phonebooks of slots that have URIs of their own: of any card, and the same with the further fields of a USIM.
const APART: [(ContentUri, ContentUri); 4] = [
    (ContentUri::IccAdn, ContentUri::IccPbr),
    (ContentUri::IccAdn2, ContentUri::IccPbr2),
    (ContentUri::IccAdn3, ContentUri::IccPbr3),
    (ContentUri::IccAdn4, ContentUri::IccPbr4),
];

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
        let slots = Slots::of(&session.properties);
        if slots.are_apart {
            let states = slots.states.iter().zip(APART);
            let with_card = states.filter(|(state, _)| **state != State::Absent);
            return Ok(with_card.flat_map(|(_, (adn, pbr))| [adn, pbr]).collect());
        }
        match slots.with_perhaps_a_card() {
            0 if slots.is_absent() => return Ok(Vec::new()),
            0 | 1 => return Ok(vec![ContentUri::IccAdn]),
            _ => {}
        }
        let there = slots.that_show();
        if self.subscriptions.is_none() {
            let said = session.subscriptions()?;
            let mut found = subscriptions::active(&said);
            if found.len() < there {
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
        if uris.len() < there {
            let guessed = GUESSED.map(ContentUri::IccAdnSubscription);
            let more = std::iter::once(ContentUri::IccAdn).chain(guessed);
            let more: Vec<_> = more.filter(|uri| !uris.contains(uri)).collect();
            uris.splice(..0, more);
        }
        // No slot shows its card, and nothing lists one.
        if uris.is_empty() {
            uris.push(ContentUri::IccAdn);
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
            // Only the provider of a USIM knows these.
            uri => !APART.iter().any(|(_, pbr)| *pbr == uri),
        }
    }

    /// A sentence about the cards whose phonebooks were not among the `shown` replies, if there are several cards. If a
    /// subscription returned no entries, its card was perhaps not queried.
    fn unseen_sims(&self, slots: &Slots, shown: usize) -> Option<String> {
        // There, each card has a URI of its own.
        if slots.are_apart {
            return None;
        }
        let there = slots.that_show();
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
        let slots = Slots::of(&session.properties);
        let cards = slots_with_cards(session, &slots)?;
        let mut hidden = hidden_sims(&slots, cards.as_ref());
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
            notes.extend(slot_not_ready(&slots));
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
            if seen.contains(&reply.text) || shows_less(*uri, reply, &uris, replies) {
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
                Refusal::NoProvider(_) if slots.that_show() == 0 => {
                    hidden.retain(|sim| !sim.is_unknown);
                    holding
                        .notes
                        .push(phrase("The phone has no SIM phonebook.").into());
                }
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
                .filter(|text| decode::count_rows(text) > 0)
                .count();
            match self.unseen_sims(&slots, shown) {
                Some(unseen) if shown == 0 => holding.unreadable = Some(unseen),
                unseen => findings.missing.extend(unseen),
            }
            // The entries of every card were shown, whatever its state.
            if shown > 0 && shown >= slots.with_perhaps_a_card() {
                hidden.retain(|sim| !sim.is_unknown);
            }
        }
        if hidden.is_empty() {
            holding.notes.extend(slot_not_ready(&slots));
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
            // Entries that can't be told apart are no evidence either way.
            if holding.unreadable.is_none() && findings.missing.is_empty() {
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

fn joined(sims: &[&HiddenSim]) -> String {
    let all: Vec<_> = sims.iter().map(|sim| sim.says.as_str()).collect();
    all.join(" ")
}

/// A note on a slot that is not ready and has no card as far as the handset knows: an empty eSIM slot looks like this.
fn slot_not_ready(slots: &Slots) -> Option<String> {
    let note = phrase(
        "One of the SIM slots is not ready. An eSIM slot without a contract looks like this too. If \
         there is a card in the slot, wait until the phone has recognised it, then read the phone \
         again.",
    );
    slots.is_not_ready().then(|| note.to_owned())
}

/// The slots for which the handset's lists of SIM cards name a card, if the state of a slot leaves that open; `None`:
/// the handset hides its store of cards. The store keeps a card that its owner turned off (AOSP
/// `SubscriptionManagerService`, `areUiccAppsDisabled`), which no list of active cards has.
fn slots_with_cards(
    session: &mut Session,
    slots: &Slots,
) -> Result<Option<BTreeSet<usize>>, HandsetError> {
    if !slots.need_a_list() {
        return Ok(Some(BTreeSet::new()));
    }
    let reply = session.runner.ask_anew(&all_sims())?;
    let text = String::from_utf8_lossy(&reply.text);
    let stored = reply.refusal.is_none().then(|| subscriptions::slots(&text));
    let active = match slots.states.contains(&State::Unknown) {
        true => subscriptions::active_slots(&session.subscriptions()?),
        false => BTreeSet::new(),
    };
    Ok(match stored {
        Some(mut stored) => {
            stored.extend(active);
            Some(stored)
        }
        // A list of active cards doesn't show that the other slots are empty.
        None if slots.states.iter().enumerate().all(|(at, state)| {
            !matches!(state, State::NotReady | State::Unknown) || active.contains(&at)
        }) =>
        {
            Some(active)
        }
        None => None,
    })
}

/// True if the other phonebook of the same card has more entries, or as many with more fields.
fn shows_less(uri: ContentUri, reply: &Reply, uris: &[ContentUri], replies: &[Reply]) -> bool {
    let rows = |of: ContentUri| {
        let at = uris.iter().position(|one| *one == of)?;
        let reply = replies.get(at).filter(|reply| reply.refusal.is_none())?;
        Some(decode::count_rows(&reply.text))
    };
    let own = decode::count_rows(&reply.text);
    APART.iter().any(|(adn, pbr)| match uri {
        uri if uri == *adn => rows(*pbr).is_some_and(|there| there >= own && there > 0),
        uri if uri == *pbr => rows(*adn).is_some_and(|there| there > own),
        _ => false,
    })
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
        uri => {
            let slot = APART
                .iter()
                .position(|(adn, pbr)| uri == *adn || uri == *pbr);
            match slot {
                Some(1..) => phrase!("SIM {}", slot.unwrap_or_default() + 1),
                Some(0) | None => "SIM".to_owned(),
            }
        }
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
