//! What to do about a phone: in a state that USB shows ([`Situation`]), and in one that USB can't tell, such as a black
//! screen or a code that nobody knows ([`guides`]). The steps are plain data in `assets/coach/`, each with its source.

mod owner;
mod situation;

use std::sync::LazyLock;

use serde::Deserialize;

use crate::model::Condition;

pub use owner::{Ask, OwnerOf, OwnerStep, owner_steps};
pub use situation::{Situation, State, situations};

/// The files of `assets/coach/`, in the order in which a person is asked.
const FILES: [(&str, &str); 8] = [
    ("wet", include_str!("../../assets/coach/wet.toml")),
    ("black", include_str!("../../assets/coach/black.toml")),
    ("touch", include_str!("../../assets/coach/touch.toml")),
    ("restarts", include_str!("../../assets/coach/restarts.toml")),
    ("stuck", include_str!("../../assets/coach/stuck.toml")),
    ("code", include_str!("../../assets/coach/code.toml")),
    ("company", include_str!("../../assets/coach/company.toml")),
    ("died", include_str!("../../assets/coach/died.toml")),
];

/// The steps for every phone.
const ALWAYS: (&str, &str) = ("always", include_str!("../../assets/coach/always.toml"));

/// The buttons that must not be pressed.
const BUTTONS: (&str, &str) = ("buttons", include_str!("../../assets/coach/buttons.toml"));

/// In lists of makers: every maker except Apple.
pub const ANDROID: &str = "Android";

/// What a person sees, and what to do then.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// The condition that it is about.
    #[serde(skip, default = "first_condition")]
    pub condition: Condition,
    /// The key that chooses it.
    pub key: char,
    /// What a person sees, in a few words.
    pub seen: String,
    /// The first line of its page.
    pub title: String,
    /// The text for a phone that is ready but whose steps come first; empty: Enter starts the rescue.
    #[serde(default)]
    pub ready: String,
    /// In the order in which they are to be done.
    #[serde(rename = "step")]
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The makers whose phones it is for; empty: all.
    #[serde(default)]
    pub makes: Vec<String>,
    /// The makers whose phones have another step instead.
    #[serde(default)]
    except: Vec<String>,
    /// The step is for a case that may not occur, so the step has no number.
    #[serde(default)]
    pub aside: bool,
    /// What to do, in sentences.
    pub text: String,
    /// The words of buttons that must not be pressed, on phones of any maker: see [`Self::never_on`].
    #[serde(default)]
    never: Vec<String>,
    /// Background for a technician, in sentences; empty: none.
    #[serde(default)]
    pub detail: String,
    /// What a technician types on this computer, in a sentence; empty: nothing. The screens show it with the details.
    #[serde(default)]
    pub command: String,
    /// The address of the page that it is taken from, or `desk practice`.
    pub source: String,
}

impl Step {
    /// Returns true if it is for a phone of this maker. An empty name: the maker is unknown, and every step may be for the
    /// phone.
    pub fn is_for(&self, make: &str) -> bool {
        let is_excepted = || !self.except.is_empty() && names(&self.except, make);
        names(&self.makes, make) && (make.is_empty() || !is_excepted())
    }

    /// Returns what to do, with the makers in front if the maker is unknown and the step is for some only.
    pub fn text_for(&self, make: &str) -> String {
        match make.is_empty() && !self.makes.is_empty() {
            true => format!("{}: {}", self.makes.join(", "), self.text),
            false => self.text.clone(),
        }
    }

    /// Returns the words of buttons that must not be pressed on a phone of this maker.
    pub fn never_on(&self, make: &str) -> impl Iterator<Item = &str> {
        let is_there = move |words: &&str| {
            let mut all = buttons().iter().filter(|some| names(&some.makes, make));
            all.any(|some| some.words.iter().any(|one| one == words))
        };
        self.never.iter().map(String::as_str).filter(is_there)
    }
}

impl Guide {
    /// Returns the steps for a phone of this maker, selected by [`Step::is_for`].
    pub fn steps_for(&self, make: &str) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| step.is_for(make))
    }
}

/// Returns the guides in the order in which a person is asked.
pub fn guides() -> &'static [Guide] {
    static GUIDES: LazyLock<Vec<Guide>> = LazyLock::new(|| Condition::ALL.map(guide_of).into());
    &GUIDES
}

/// Reads the guide about a condition.
fn guide_of(condition: Condition) -> Guide {
    let file = FILES.iter().find(|(name, _)| *name == condition.name());
    let guide: Guide = read(*file.unwrap_or(&FILES[0]));
    Guide { condition, ..guide }
}

fn first_condition() -> Condition {
    Condition::Wet
}

/// Returns the steps for every phone.
pub fn always() -> &'static [Step] {
    static STEPS: LazyLock<Vec<Step>> = LazyLock::new(|| read::<Always>(ALWAYS).steps);
    &STEPS
}

/// Returns true if a list of makers names this maker. An empty list means all makers. An empty name matches every list.
fn names(makes: &[String], make: &str) -> bool {
    let is_apple = begins_with_word(make, "Apple");
    let is_it = |one: &String| begins_with_word(make, one) || (one == ANDROID && !is_apple);
    make.is_empty() || makes.is_empty() || makes.iter().any(is_it)
}

/// True if a maker's name begins with this word: *SAMSUNG Electronics* begins with *Samsung*.
fn begins_with_word(make: &str, word: &str) -> bool {
    let head = make.get(..word.len());
    let next = make.get(word.len()..).and_then(|rest| rest.chars().next());
    head.is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !next.is_some_and(char::is_alphanumeric)
}

fn buttons() -> &'static [Buttons] {
    static BUTTON_LISTS: LazyLock<Vec<Buttons>> =
        LazyLock::new(|| read::<ButtonFile>(BUTTONS).buttons);
    &BUTTON_LISTS
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ButtonFile {
    buttons: Vec<Buttons>,
}

/// Buttons that must not be pressed on phones of some makers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Buttons {
    #[serde(default)]
    makes: Vec<String>,
    words: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Always {
    #[serde(rename = "step")]
    steps: Vec<Step>,
}

/// Reads a file that is part of the program. A test reads each of them.
fn read<T: serde::de::DeserializeOwned>((name, text): (&str, &str)) -> T {
    toml::from_str(text).unwrap_or_else(|error| panic!("assets/coach/{name}.toml: {error}"))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Names of makers that steps may use: those that phones are recognised by.
    const MAKES: [&str; 17] = [
        ANDROID,
        "Samsung",
        "Apple",
        "Google",
        "Xiaomi",
        "Huawei",
        "Honor",
        "OnePlus",
        "OPPO",
        "vivo",
        "realme",
        "Motorola",
        "Nokia",
        "Sony",
        "LG",
        "HTC",
        "Other devices",
    ];

    #[test]
    fn every_file_of_the_folder_is_read() {
        let listed: HashSet<String> = FILES
            .iter()
            .chain([&ALWAYS, &BUTTONS])
            .map(|(name, _)| format!("{name}.toml"))
            .chain(["owner.toml".to_owned()])
            .collect();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/coach");
        let there: HashSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(listed, there);
    }

    #[test]
    fn keys_are_unique_and_every_maker_gets_steps() {
        let keys: HashSet<char> = guides().iter().map(|guide| guide.key).collect();
        assert_eq!(keys.len(), guides().len());
        let names: Vec<&str> = guides()
            .iter()
            .map(|guide| guide.condition.name())
            .collect();
        assert_eq!(names, FILES.map(|(name, _)| name));
        for guide in guides() {
            assert!(guide.key.is_ascii_digit(), "{}", guide.title);
            assert!((4..=30).contains(&guide.seen.len()), "{}", guide.seen);
            for make in MAKES
                .iter()
                .skip(1)
                .take(15)
                .chain([&"a maker without a name"])
            {
                let steps = guide.steps_for(make).count();
                assert!(
                    (3..=10).contains(&steps),
                    "{}: {steps} steps for {make}",
                    guide.title
                );
            }
        }
    }

    #[test]
    fn steps_are_sentences_with_a_source() {
        let steps = guides()
            .iter()
            .flat_map(|guide| &guide.steps)
            .chain(always())
            .chain(situations().iter().flat_map(|state| &state.steps));
        for step in steps {
            let Step {
                makes,
                except,
                aside: _,
                text,
                never,
                detail,
                command,
                source,
            } = step;
            let is_sentence = |text: &str| {
                text.ends_with(['.', '?', '!', '”', ')', '}'])
                    && text.trim() == text
                    && !text.contains("  ")
            };
            assert!(is_sentence(text) && text.chars().count() <= 280, "{text}");
            assert!(detail.is_empty() || is_sentence(detail), "{detail}");
            assert!(command.is_empty() || is_sentence(command), "{command}");
            assert!(
                source.starts_with("https://")
                    || source.starts_with("http://")
                    || source == "desk practice",
                "{text}: {source}"
            );
            for make in makes.iter().chain(except) {
                assert!(MAKES.contains(&make.as_str()), "{text}: {make}");
            }
            for words in never {
                let is_listed = buttons().iter().any(|some| some.words.contains(words));
                assert!(is_listed, "{text}: “{words}” stands in no list of buttons");
            }
            for word in ["adb ", "sudo", "--", "Java", "fastboot", "libimobiledevice"] {
                assert!(!text.contains(word), "{text}: no commands");
            }
        }
    }
}
