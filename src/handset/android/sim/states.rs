//! The states of the SIM slots, and what each says about the phonebook of the card in it.

use std::collections::{BTreeSet, HashMap};

use crate::phrase;

/// The property with the states of all slots (AOSP `TelephonyProperties`), separated by commas since Android 5.
const STATES: &str = "gsm.sim.state";
/// Separators before the number of a further slot in a property of its own: MediaTek's `gsm.sim.state.2`, and others'.
const OF_A_SLOT: [&str; 3] = [".", "_", ""];
/// The last slot that has a property of its own.
const LAST_SLOT: usize = 4;

/// The state of a slot (AOSP `IccCardConstants.State`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The card shows its phonebook.
    Shows,
    Absent,
    /// A card that is not recognised yet or turned off, or an empty slot.
    NotReady,
    /// The handset doesn't know the state, or doesn't report it.
    Unknown,
    Pin,
    Puk,
    /// Locked to the network of another provider.
    OtherProvider,
    Blocked,
    Faulty,
    /// A word that AOSP doesn't have.
    Other(String),
}

impl State {
    fn of(word: &str) -> Self {
        let word = word.trim().to_ascii_uppercase();
        match word.as_str() {
            "READY" | "LOADED" | "IMSI" => Self::Shows,
            "ABSENT" => Self::Absent,
            "NOT_READY" => Self::NotReady,
            "" | "UNKNOWN" => Self::Unknown,
            "PIN_REQUIRED" => Self::Pin,
            "PUK_REQUIRED" => Self::Puk,
            "PERM_DISABLED" => Self::Blocked,
            "CARD_IO_ERROR" | "CARD_RESTRICTED" => Self::Faulty,
            // A lock to a network, a part of a network, a provider or a company.
            word if word.ends_with("_LOCKED") => Self::OtherProvider,
            word => Self::Other(word.chars().take(40).collect()),
        }
    }
}

/// The SIM slots of a handset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slots {
    /// In the order of the slots; empty: the handset has no such property.
    pub states: Vec<State>,
    /// Each slot has a property of its own, and a phonebook at a URI of its own: MediaTek's phones with Android 4.
    pub are_apart: bool,
    has_modem: bool,
}

impl Slots {
    pub fn of(properties: &HashMap<String, String>) -> Self {
        let all = properties.get(STATES);
        let mut words: Vec<&str> = all.map(|all| all.split(',').collect()).unwrap_or_default();
        // A comma at the end begins no slot.
        while words.len() > 1 && words.last().is_some_and(|word| word.trim().is_empty()) {
            words.pop();
        }
        let mut states: Vec<State> = words.into_iter().map(State::of).collect();
        let in_list = states.len();
        if in_list == 1 {
            let further = (2..=LAST_SLOT).map_while(|slot| {
                let mut names = OF_A_SLOT.iter().map(|by| format!("{STATES}{by}{slot}"));
                names.find_map(|name| properties.get(&name).filter(|word| !word.trim().is_empty()))
            });
            states.extend(further.map(|word| State::of(word)));
        }
        Self {
            are_apart: states.len() > in_list,
            has_modem: has_modem(properties, all.is_some()),
            states,
        }
    }

    /// The number of cards that show their phonebooks, as reported by the handset.
    pub fn that_show(&self) -> usize {
        self.count(|state| *state == State::Shows)
    }

    /// The number of slots that may hold a card with a phonebook.
    pub fn with_perhaps_a_card(&self) -> usize {
        self.count(|state| !matches!(state, State::Absent | State::NotReady))
    }

    pub fn is_absent(&self) -> bool {
        self.states.contains(&State::Absent)
    }

    pub fn is_not_ready(&self) -> bool {
        self.states.contains(&State::NotReady)
    }

    /// True if only a list of the cards tells whether there is a card in some slot.
    pub fn need_a_list(&self) -> bool {
        let is_uncertain = |state: &State| matches!(state, State::NotReady | State::Unknown);
        self.states.len() > 1 && self.states.iter().any(is_uncertain)
    }

    fn count(&self, is: impl Fn(&State) -> bool) -> usize {
        self.states.iter().filter(|state| is(state)).count()
    }
}

/// True if the handset may have a modem. A slot without a card answers like a slot with an empty card.
fn has_modem(properties: &HashMap<String, String>, has_state: bool) -> bool {
    let property = |name: &str| properties.get(name).map_or("", |value| value.trim());
    let is_without = property("ro.carrier") == "wifi-only"
        || matches!(property("ro.radio.noril"), "1" | "true" | "yes");
    let is_known = has_state
        || ["gsm.version.baseband", "gsm.version.ril-impl"]
            .iter()
            .any(|name| !property(name).is_empty());
    !is_without && is_known
}

/// A SIM card whose phonebook is hidden.
pub struct HiddenSim {
    /// Why, and what to do on the phone.
    pub says: String,
    /// The owner can end it on this phone.
    pub can_end: bool,
    /// There is certainly a card.
    pub is_there: bool,
    /// The state proves nothing: the card's entries do.
    pub is_unknown: bool,
}

/// The inserted SIM cards whose phonebooks are hidden. Only a card that is ready, or an absent card, is evidence for an
/// empty phonebook. Lifeboat never asks for a code or sends one. `cards`: the slots that hold a card according to the
/// handset's lists, `None` if it hides its lists.
pub fn hidden_sims(slots: &Slots, cards: Option<&BTreeSet<usize>>) -> Vec<HiddenSim> {
    let any_ready = slots.that_show() > 0;
    let is_alone = !any_ready && !slots.is_absent();
    let unknown = [State::Unknown];
    let states = match slots.states.as_slice() {
        [] => &unknown[..],
        states => states,
    };
    let hidden = states.iter().enumerate().filter_map(|(at, state)| {
        let sim = match states.len() {
            0 | 1 => phrase("The SIM").to_owned(),
            _ => phrase!("SIM {}", at + 1),
        };
        let is_listed = cards.map(|cards| cards.contains(&at));
        let mut can_end = true;
        let mut is_unknown = false;
        let why = match state {
            State::Shows | State::Absent => return None,
            State::Pin => phrase(
                "asks for its PIN. Enter the PIN on the phone, then read the phone again. If nobody knows \
                 the PIN, don't guess: three wrong PINs lock the SIM.",
            )
            .to_owned(),
            State::Puk => phrase(
                "is locked and asks for its PUK. Ask the SIM's mobile provider for the PUK. Enter it on the \
                 phone, then read the phone again.",
            )
            .to_owned(),
            State::OtherProvider => {
                can_end = false;
                phrase(
                    "is from a mobile provider that this phone is not allowed to use, so the phone hides its \
                     phonebook. Read the SIM in a phone of that provider.",
                )
                .to_owned()
            }
            State::Blocked => {
                can_end = false;
                phrase("is permanently blocked.").to_owned()
            }
            State::Faulty => {
                can_end = false;
                phrase("does not answer the phone. Its metal contacts may be dirty. Read the SIM in another phone.")
                    .to_owned()
            }
            State::NotReady if is_alone || is_listed == Some(true) => phrase(
                "is not ready. Wait until the phone has recognised it, then read the phone again. Airplane \
                 mode prevents this on some phones.",
            )
            .to_owned(),
            State::Unknown if !slots.has_modem => return None,
            State::Unknown if is_alone || is_listed == Some(true) => {
                is_unknown = true;
                phrase(
                    "may not be recognised yet: the phone doesn't report its state, so an empty phonebook proves \
                     nothing. Wait until the phone has recognised the card, then read the phone again.",
                )
                .to_owned()
            }
            // An empty slot is also reported like this. This handset doesn't tell the two apart.
            State::NotReady | State::Unknown if any_ready && is_listed.is_none() => {
                can_end = false;
                is_unknown = *state == State::Unknown;
                phrase(
                    "is not ready, and the phone doesn't report whether there is a card in its slot. If there \
                     is one, turn it on in the phone's settings, wait until the phone has recognised it, then \
                     read the phone again. An eSIM slot without a contract looks like this too.",
                )
                .to_owned()
            }
            State::NotReady | State::Unknown => return None,
            State::Other(word) => {
                is_unknown = true;
                phrase!(
                    "is in a state that Lifeboat doesn't know (“{word}”), so an empty phonebook proves nothing. \
                     Look at the SIM in the phone's Contacts app, and import its contacts."
                )
            }
        };
        let is_uncertain = matches!(state, State::NotReady | State::Unknown);
        Some(HiddenSim {
            says: format!("{sim} {why}"),
            can_end,
            is_there: !is_uncertain || is_listed == Some(true),
            is_unknown,
        })
    });
    hidden.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots(list: &[(&str, &str)]) -> Slots {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Slots::of(&list.iter().map(owned).collect())
    }

    /// Only a card that is ready, or an absent card, is evidence for an empty phonebook.
    #[test]
    fn every_other_state_hides_a_phonebook() {
        for (word, is_hidden) in [
            ("READY", false),
            ("LOADED", false),
            ("ABSENT", false),
            ("UNKNOWN", true),
            ("", true),
            ("NOT_READY", true),
            ("pin_required", true),
            ("PERSO_LOCKED", true),
            ("NETWORK_SUBSET_LOCKED", true),
            ("SIM_BUSY", true),
        ] {
            let hidden = hidden_sims(&slots(&[(STATES, word)]), Some(&BTreeSet::new()));
            assert_eq!(hidden.len(), usize::from(is_hidden), "{word}");
        }
        let without = [
            &[][..],
            &[(STATES, "UNKNOWN"), ("ro.carrier", "wifi-only")],
            &[(STATES, ""), ("ro.radio.noril", "yes")],
        ];
        for without in without {
            assert!(hidden_sims(&slots(without), None).is_empty(), "{without:?}");
        }
        let untold = [("gsm.version.baseband", "M1")];
        assert_eq!(hidden_sims(&slots(&untold), None).len(), 1);
    }

    #[test]
    fn a_list_of_cards_tells_an_empty_slot_from_a_card() {
        for state in [
            "LOADED,UNKNOWN",
            "LOADED,NOT_READY",
            "UNKNOWN,LOADED,ABSENT",
        ] {
            let slots = slots(&[(STATES, state)]);
            assert!(slots.need_a_list(), "{state}");
            assert_eq!(hidden_sims(&slots, None).len(), 1, "{state}");
            let none = BTreeSet::new();
            assert_eq!(hidden_sims(&slots, Some(&none)).len(), 0, "{state}");
            let all = BTreeSet::from([0, 1]);
            assert_eq!(hidden_sims(&slots, Some(&all)).len(), 1, "{state}");
        }
        let one = slots(&[(STATES, "LOADED,")]);
        assert_eq!((one.states.len(), one.need_a_list()), (1, false));
    }

    #[test]
    fn each_slot_may_have_a_property_of_its_own() {
        let two = slots(&[(STATES, "READY"), ("gsm.sim.state.2", "PIN_REQUIRED")]);
        assert!(two.are_apart);
        assert_eq!(two.states, [State::Shows, State::Pin]);
        let two = slots(&[(STATES, "READY,ABSENT"), ("gsm.sim.state.2", "READY")]);
        assert!(!two.are_apart);
        let four = slots(&[
            (STATES, "READY"),
            ("gsm.sim.state.2", "READY"),
            ("gsm.sim.state.3", "ABSENT"),
            ("gsm.sim.state.4", "READY"),
        ]);
        assert_eq!((four.states.len(), four.that_show()), (4, 3));
    }
}
