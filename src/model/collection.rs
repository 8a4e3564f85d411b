//! The collections, and one table of the plain facts about each.

use serde::{Deserialize, Serialize};

use crate::phrase;

/// A kind of data on a handset, from the most to the least precious.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Collection {
    Contacts,
    /// The SIM cards' phonebooks.
    Sim,
    Calendar,
    Todos,
    Calls,
    Messages,
    /// Pictures, documents, and lists that the owner had exported.
    #[serde(rename = "photos")]
    Files,
}

/// The facts about a collection.
struct Facts {
    /// See [`Collection::name`].
    name: &'static str,
    title: &'static str,
    /// See [`Collection::named`].
    named: &'static str,
    /// One of its things, and several.
    things: [&'static str; 2],
    is_precious: bool,
    /// See [`Collection::is_missed`].
    is_missed: bool,
    is_files: bool,
    asked_with: Option<Collection>,
    /// See [`Collection::help`].
    help: &'static str,
}

impl Facts {
    /// The facts about a collection that is not needed for "safe".
    const fn of(
        name: &'static str,
        title: &'static str,
        named: &'static str,
        things: [&'static str; 2],
    ) -> Self {
        Self {
            name,
            title,
            named,
            things,
            is_precious: false,
            is_missed: true,
            is_files: false,
            asked_with: None,
            help: "",
        }
    }
}

impl Collection {
    /// All collections, in reading order.
    pub const ALL: [Self; Self::Files as usize + 1] = [
        Self::Contacts,
        Self::Sim,
        Self::Calendar,
        Self::Todos,
        Self::Calls,
        Self::Messages,
        Self::Files,
    ];

    const fn facts(self) -> Facts {
        match self {
            Self::Contacts => Facts {
                is_precious: true,
                ..Facts::of(
                    "contacts",
                    phrase("Contacts"),
                    phrase("contacts"),
                    [phrase("contact"), phrase("contacts")],
                )
            },
            // A reset does not change the SIM.
            Self::Sim => Facts {
                asked_with: Some(Self::Contacts),
                ..Facts::of(
                    "sim",
                    phrase("SIM card"),
                    phrase("SIM card"),
                    [phrase("entry"), phrase("entries")],
                )
            },
            Self::Calendar => Facts {
                is_precious: true,
                ..Facts::of(
                    "calendar",
                    phrase("Calendar"),
                    phrase("calendar"),
                    [phrase("event"), phrase("events")],
                )
            },
            Self::Todos => Facts {
                is_precious: true,
                ..Facts::of(
                    "todos",
                    phrase("To-dos"),
                    phrase("to-dos"),
                    [phrase("to-do"), phrase("to-dos")],
                )
            },
            // Half of all Androids do not share the list.
            Self::Calls => Facts {
                is_missed: false,
                ..Facts::of(
                    "calls",
                    phrase("Calls"),
                    phrase("calls"),
                    [phrase("call"), phrase("calls")],
                )
            },
            // Androids before 10 do not share them.
            Self::Messages => Facts {
                is_missed: false,
                ..Facts::of(
                    "messages",
                    phrase("Messages"),
                    phrase("messages"),
                    [phrase("message"), phrase("messages")],
                )
            },
            Self::Files => Facts {
                is_files: true,
                help: phrase("Photos, videos, recordings and lists that the owner had exported"),
                ..Facts::of(
                    "photos",
                    phrase("Photos"),
                    phrase("photos"),
                    [phrase("file"), phrase("files")],
                )
            },
        }
    }

    /// Returns the name that commands and the vault use.
    pub fn name(self) -> &'static str {
        self.facts().name
    }

    /// Returns true if the headline names the collection when the phone gives no access to it. Other inaccessible
    /// collections are listed among the data that a reset destroys.
    pub fn is_missed(self) -> bool {
        self.facts().is_missed
    }

    /// Returns the title for people.
    pub fn title(self) -> &'static str {
        self.facts().title
    }

    /// Returns the title as used within a sentence.
    pub fn named(self) -> &'static str {
        self.facts().named
    }

    /// Returns the word for this number of its things: `contact`, `contacts`.
    pub fn things(self, number: u64) -> &'static str {
        let [one, many] = self.facts().things;
        if number == 1 { one } else { many }
    }

    /// As [`Self::things`], for places that don't name the collection: `SIM card entries`.
    pub fn things_alone(self, number: u64) -> &'static str {
        match (self, number) {
            (Self::Sim, 1) => phrase("SIM card entry"),
            (Self::Sim, _) => phrase("SIM card entries"),
            _ => self.things(number),
        }
    }

    /// Returns true if the phone is not safe without this collection, whatever kind of phone it is.
    pub fn is_precious(self) -> bool {
        self.facts().is_precious
    }

    /// Returns true if its things are files. They are copied one by one, after everything else.
    pub fn is_files(self) -> bool {
        self.facts().is_files
    }

    /// Returns the collection that includes this one on the command line (contacts include the SIM).
    pub fn asked_with(self) -> Option<Self> {
        self.facts().asked_with
    }

    /// Returns the collections that a person asks for by name.
    pub fn asked() -> impl Iterator<Item = Self> {
        Self::ALL
            .into_iter()
            .filter(|what| what.asked_with().is_none())
    }

    /// Returns true if a person who asks for `only` asks for this collection. An empty list means all collections.
    pub fn is_asked(self, only: &[Self]) -> bool {
        let named = |what| only.contains(&what);
        only.is_empty() || named(self) || self.asked_with().is_some_and(named)
    }

    /// Returns a longer description for `--only`, if the name is not enough; otherwise an empty text.
    pub fn help(self) -> &'static str {
        self.facts().help
    }
}

/// Joins titles for the beginning of a sentence: `Contacts, calendar, to-dos`.
pub fn titles(collections: &[Collection]) -> String {
    let mut parts = Vec::new();
    for what in collections {
        parts.push(match parts.is_empty() {
            true => what.title(),
            false => what.named(),
        });
    }
    parts.join(", ")
}

/// Groups collections by reason: one line `Contacts, calendar: why` per reason, in the order of the first collection
/// with that reason.
pub fn by_reason<'a>(reasons: impl IntoIterator<Item = (Collection, &'a str)>) -> Vec<String> {
    let mut lines: Vec<(Vec<Collection>, &str)> = Vec::new();
    for (what, why) in reasons {
        match lines.iter_mut().find(|(_, same)| *same == why) {
            Some((whats, _)) => whats.push(what),
            None => lines.push((vec![what], why)),
        }
    }
    let line = |(whats, why): (Vec<Collection>, &str)| format!("{}: {why}", titles(&whats));
    lines.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_there_in_their_order() {
        assert!(Collection::ALL.is_sorted_by(|a, b| a < b));
    }
}
