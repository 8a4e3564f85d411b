//! What only the owner of a phone can do, before a rescue begins.

use std::sync::LazyLock;

use serde::Deserialize;

use super::{names, read};
use crate::model::Condition;

const FILE: (&str, &str) = ("owner", include_str!("../../assets/coach/owner.toml"));

/// How a step is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// It is done or not.
    Tick,
    Number,
    Text,
    /// One of the collections.
    Choice,
    YesNo,
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
    /// The conditions in which alone it is asked; empty: all.
    #[serde(default)]
    only: Vec<Condition>,
    /// The conditions in which it can't be done.
    #[serde(default)]
    except_for: Vec<Condition>,
    pub ask: Ask,
    /// What to do or to say, in sentences.
    pub text: String,
    pub source: String,
}

/// Returns the steps for the owner of a phone of this maker, in their order.
pub fn owner_steps(make: &str, condition: Option<Condition>) -> Vec<&'static OwnerStep> {
    static STEPS: LazyLock<Vec<OwnerStep>> = LazyLock::new(|| read::<File>(FILE).steps);
    // A phone whose maker is unknown is an Android: iPhones say who made them.
    let make = if make.is_empty() { "unknown" } else { make };
    let is_for = |step: &&OwnerStep| {
        let is_only = condition.is_some_and(|one| step.only.contains(&one));
        let is_excepted = condition.is_some_and(|one| step.except_for.contains(&one));
        names(&step.makes, make)
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
            for make in ["Samsung", "Apple", "Google", "Nokia", ""] {
                let steps = owner_steps(make, condition);
                let named = |name: &str| steps.iter().filter(|step| step.name == name).count();
                assert!(steps.len() <= 10, "{condition:?} {make}");
                for name in ["first", "password"] {
                    assert_eq!(named(name), 1, "{condition:?} {make}: {name}");
                }
                let can_use = !matches!(
                    condition,
                    Some(Condition::Died | Condition::Code | Condition::Black)
                );
                for name in ["code", "chats", "count"] {
                    assert_eq!(
                        named(name),
                        usize::from(can_use),
                        "{condition:?} {make}: {name}"
                    );
                }
                assert_eq!(
                    named("right"),
                    usize::from(condition == Some(Condition::Died))
                );
                assert_eq!(
                    named("company"),
                    usize::from(condition == Some(Condition::Company))
                );
                for step in steps {
                    assert!(step.text.len() <= 160, "{}", step.text);
                    assert!(step.source.starts_with("https://") || step.source == "desk practice");
                }
            }
        }
    }
}
