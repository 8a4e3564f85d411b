//! Entries of a SIM card's phonebook: short names and digits.

use super::people;
use crate::practice::rng::Rng;

/// An entry of the card.
pub(in super::super) struct Entry {
    pub name: String,
    pub number: String,
    pub email: Option<String>,
    /// Further numbers, each followed by a colon.
    pub more: Option<&'static str>,
}

/// Returns `count` entries, with an empty place after every fifth entry.
pub(in super::super) fn entries(seed: u64, count: u32) -> impl Iterator<Item = Option<Entry>> {
    (0..count).flat_map(move |number| {
        let mut rng = Rng::of(seed, "sim", u64::from(number));
        let name = people::name(&mut rng).full();
        let entry = Entry {
            // Names on a card hold about fourteen characters.
            name: if number == 1 {
                "Voicemail, box=3".into()
            } else {
                name.chars().take(14).collect()
            },
            number: format!("+4917{:08}", rng.below(100_000_000)),
            email: rng.chance(15).then(|| format!("sim{number}@example.com")),
            more: rng.chance(10).then_some("030555017:"),
        };
        let gap = (number % 5 == 4).then_some(None);
        std::iter::once(Some(entry)).chain(gap)
    })
}
