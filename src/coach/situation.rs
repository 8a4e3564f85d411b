//! The states of a device that USB shows, and the steps out of each.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Step, read};

/// The files of `assets/coach/states/`.
const FILES: [(&str, &str); 2] = [
    (
        "states/android",
        include_str!("../../assets/coach/states/android.toml"),
    ),
    (
        "states/others",
        include_str!("../../assets/coach/states/others.toml"),
    ),
];

/// Where the names of a situation go into a text: a program, a place, a command.
const BLANK: &str = "{}";

/// A state of a device, and the way out of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// How [`Situation`] names it.
    pub name: String,
    /// The state, or what to do about it, in some three words: `turn on debugging`.
    pub short: String,
    /// What was seen, in sentences.
    pub seen: String,
    /// What the steps lead to, after the phone's name: `turn on USB debugging`.
    pub title: String,
    /// The state that follows when its steps are done; empty: the device is ready then.
    #[serde(default)]
    then: String,
    /// The phone is neither an Android nor an iPhone.
    #[serde(default, rename = "simple")]
    pub is_simple: bool,
    /// In the order in which they are to be done.
    #[serde(rename = "step", default)]
    pub steps: Vec<Step>,
}

impl State {
    /// Returns the steps for a phone of this maker. An empty name: the maker is unknown. The steps are then those that
    /// hold for most makers, or, if each is for one kind of phone, all of them.
    pub fn steps_for(&self, make: &str) -> impl Iterator<Item = &Step> {
        let has_general = self.steps.iter().any(|step| !step.except.is_empty());
        let is_for = move |step: &&Step| match make.is_empty() && has_general {
            true => step.makes.is_empty(),
            false => step.is_for(make),
        };
        self.steps.iter().filter(is_for)
    }

    /// Returns this state and those that follow it, in their order.
    pub fn way(&'static self) -> impl Iterator<Item = &'static Self> {
        let next = |state: &&'static Self| named(&state.then);
        // The states never form a circle: a test follows each of them.
        std::iter::successors(Some(self), next)
    }
}

/// A state that a device is in, with the names that belong to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Situation {
    /// Name of the state; empty: nothing is to be done.
    state: &'static str,
    /// The text that replaces `{}`.
    names: String,
}

impl Situation {
    pub fn of(state: &'static str) -> Self {
        Self {
            state,
            names: String::new(),
        }
    }

    /// Returns a state whose texts name a program, a place or a command.
    pub fn naming(state: &'static str, names: impl Into<String>) -> Self {
        Self {
            state,
            names: names.into(),
        }
    }

    /// True if nothing is to be done.
    pub fn is_none(&self) -> bool {
        self.state.is_empty()
    }

    pub fn state(&self) -> Option<&'static State> {
        named(self.state)
    }

    /// Fills its names into a text of its state.
    pub fn fill(&self, text: &str) -> String {
        text.replace(BLANK, &self.names)
    }

    /// Returns what was seen and all steps for a phone of this maker as one text, for plain output and errors. Empty if
    /// nothing is to be done.
    pub fn paragraph(&self, make: &str) -> String {
        let Some(state) = self.state() else {
            return String::new();
        };
        let mut parts = vec![state.seen.clone()];
        for step in state.way().flat_map(|state| state.steps_for(make)) {
            parts.push(step.text_for(make));
            parts.push(step.command.clone());
        }
        parts.retain(|part| !part.is_empty());
        self.fill(&parts.join(" "))
    }
}

/// Returns all states.
pub fn situations() -> &'static [State] {
    static STATES: LazyLock<Vec<State>> = LazyLock::new(|| {
        FILES
            .into_iter()
            .flat_map(|file| read::<File>(file).states)
            .collect()
    });
    &STATES
}

fn named(name: &str) -> Option<&'static State> {
    situations().iter().find(|state| state.name == name)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "state")]
    states: Vec<State>,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_state_leads_out_and_is_told_in_sentences() {
        let names: HashSet<&str> = situations().iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names.len(), situations().len());
        for state in situations() {
            assert!(
                state.then.is_empty() || names.contains(state.then.as_str()),
                "{}",
                state.then
            );
            assert!(state.way().take(9).count() < 5, "{}", state.name);
            assert!(state.seen.ends_with('.'), "{}", state.seen);
            assert!(
                (5..=22).contains(&state.short.chars().count()),
                "{}",
                state.short
            );
            assert!((10..=60).contains(&state.title.len()), "{}", state.title);
            for make in [
                "Samsung",
                "Xiaomi",
                "Google",
                "Apple",
                "OPPO",
                "Fairphone",
                "",
            ] {
                let steps = state.way().flat_map(|state| state.steps_for(make)).count();
                assert!(
                    (1..=12).contains(&steps),
                    "{}: {steps} for {make}",
                    state.name
                );
            }
        }
    }

    #[test]
    fn a_maker_reads_its_own_words_alone() {
        let off = Situation::of("debugging");
        let samsung = off.paragraph("Samsung");
        assert!(
            samsung.contains("Auto Blocker") && !samsung.contains("Xiaomi"),
            "{samsung}"
        );
        assert!(samsung.contains("Software information"), "{samsung}");
        let xiaomi = off.paragraph("Xiaomi");
        assert!(
            xiaomi.contains("OS version") && !xiaomi.contains("Auto Blocker"),
            "{xiaomi}"
        );
        // Nobody knows the maker: the words that most makers use.
        let any = off.paragraph("");
        assert!(any.contains("tap “Build number” seven times"), "{any}");
        assert!(!any.contains("Auto Blocker") && any.len() < 1_500, "{any}");
        let nothing = Situation::of("nothing").paragraph("");
        assert!(nothing.contains("Apple: Unlock"), "{nothing}");
    }

    #[test]
    fn names_stand_where_they_belong() {
        let used = Situation::naming("card_used", "/media/alex/CARD").paragraph("");
        assert!(used.contains("using it (/media/alex/CARD), so"), "{used}");
        assert_eq!(Situation::default().paragraph("Samsung"), "");
    }
}
