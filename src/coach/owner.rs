//! What only the owner of a phone can do, before a rescue begins.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{Situation, names, read};
use crate::model::{Condition, Conditions};

const FILE: (&str, &str) = ("owner", include_str!("../../assets/coach/owner.toml"));

/// How a step is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// The answer is yes or no.
    Tick,
    Number,
    Text,
    /// One of the collections.
    Choice,
    YesNo,
}

/// What kind of phone its owner is asked about, and how it is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnerOf {
    /// A phone of which everything that it gives is read.
    Phone,
    /// A phone of which only the files are read.
    Files,
    /// A phone without the apps and accounts of an Android or an iPhone.
    Simple,
}

impl OwnerOf {
    const ALL: [Self; 3] = [Self::Phone, Self::Files, Self::Simple];

    /// Returns the kind of a phone in these situations.
    pub fn phone_in(situations: &[Situation], gives_files_alone: bool) -> Self {
        let mut states = situations.iter().filter_map(Situation::state);
        match (states.any(|state| state.is_simple), gives_files_alone) {
            (true, _) => Self::Simple,
            (false, true) => Self::Files,
            (false, false) => Self::Phone,
        }
    }
}

/// Something that only the owner can do or knows.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerStep {
    /// What it is, for [`Case::done`](crate::model::Case::done). Steps for different makers share a name.
    pub name: String,
    /// As in [`Step`](super::Step).
    #[serde(default)]
    makes: Vec<String>,
    #[serde(default)]
    except_makes: Vec<String>,
    /// The kinds of phones that it is for.
    #[serde(default = "all_kinds")]
    of: Vec<OwnerOf>,
    /// The conditions in which the step is asked; empty: always.
    #[serde(default)]
    only: Vec<Condition>,
    /// The conditions in which it can't be done.
    #[serde(default)]
    except_for: Vec<Condition>,
    /// The answer is the same for all phones that begin together.
    #[serde(default)]
    pub for_several: bool,
    pub ask: Ask,
    /// What to do or to say, in sentences.
    pub text: String,
    pub source: String,
}

fn all_kinds() -> Vec<OwnerOf> {
    OwnerOf::ALL.into()
}

/// Returns the steps for the owner of a phone of this maker and kind, in their order.
pub fn owner_steps(make: &str, kind: OwnerOf, conditions: &Conditions) -> Vec<&'static OwnerStep> {
    static STEPS: LazyLock<Vec<OwnerStep>> = LazyLock::new(|| read::<File>(FILE).steps);
    // A phone whose maker is unknown is an Android: iPhones say who made them.
    let make = if make.is_empty() { "unknown" } else { make };
    let is_for = |step: &&OwnerStep| {
        let is_only = conditions.iter().any(|one| step.only.contains(&one));
        let is_excepted = conditions.iter().any(|one| step.except_for.contains(&one));
        step.of.contains(&kind)
            && names(&step.makes, make)
            && (step.except_makes.is_empty() || !names(&step.except_makes, make))
            && (step.only.is_empty() || is_only)
            && !is_excepted
    };
    STEPS.iter().filter(is_for).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "step")]
    steps: Vec<OwnerStep>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_owner_is_asked_what_only_owners_know() {
        let conditions = Condition::ALL.into_iter().map(Some).chain([None]);
        for condition in conditions {
            for make in [
                "Samsung",
                "Apple",
                "Apple Inc.",
                "Google",
                "Nokia",
                "Xiaomi",
                "",
            ] {
                let noted: Conditions = condition.into_iter().collect();
                for kind in OwnerOf::ALL {
                    let steps = owner_steps(make, kind, &noted);
                    let case = format!("{condition:?} {make} {kind:?}");
                    let named = |name: &str| steps.iter().filter(|step| step.name == name).count();
                    assert!(steps.len() <= 10, "{case}");
                    assert_eq!(named("first"), 1, "{case}");
                    let is_simple = kind == OwnerOf::Simple;
                    assert_eq!(named("password"), usize::from(!is_simple), "{case}");
                    // Two passwords are two questions.
                    let has_own = !is_simple && matches!(make, "Samsung" | "Xiaomi");
                    assert_eq!(named("maker-password"), usize::from(has_own), "{case}");
                    let can_use = !matches!(
                        condition,
                        Some(Condition::Died | Condition::Code | Condition::Black)
                    );
                    for (name, is_asked) in [
                        ("code", can_use && !is_simple),
                        ("chats", can_use && !is_simple),
                        ("count", can_use && kind == OwnerOf::Phone),
                        ("copy", can_use && is_simple),
                        ("right", condition == Some(Condition::Died)),
                        ("company", condition == Some(Condition::Company)),
                    ] {
                        assert_eq!(named(name), usize::from(is_asked), "{case}: {name}");
                    }
                    for step in steps {
                        assert!(step.text.len() <= 160, "{}", step.text);
                        assert!(
                            step.source.starts_with("https://") || step.source == "desk practice"
                        );
                    }
                }
            }
        }
    }
}
