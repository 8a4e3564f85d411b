//! Facts about a phone and its rescue that people at the desk state and USB does not show.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};

use super::{Collection, ResetKind, ResetLine, grouped};
use crate::phrase;

/// What a person sees on a phone, or knows about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Wet, or its battery is swollen or dying.
    Wet,
    /// The screen stays black.
    Black,
    /// The touchscreen does not work.
    Touch,
    /// It restarts by itself.
    Restarts,
    /// It is stuck at its logo.
    Stuck,
    /// It asks for a code that nobody knows.
    Code,
    /// It belongs to a company.
    Company,
    /// Its owner has died.
    Died,
}

impl Condition {
    /// All conditions, in the order in which a person is asked.
    pub const ALL: [Self; 8] = [
        Self::Wet,
        Self::Black,
        Self::Touch,
        Self::Restarts,
        Self::Stuck,
        Self::Code,
        Self::Company,
        Self::Died,
    ];

    /// Returns the name that options and files use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wet => "wet",
            Self::Black => "black",
            Self::Touch => "touch",
            Self::Restarts => "restarts",
            Self::Stuck => "stuck",
            Self::Code => "code",
            Self::Company => "company",
            Self::Died => "died",
        }
    }

    /// Returns the advice for the rescue, in sentences, for the screens, the log and the report.
    pub fn warning(self) -> &'static str {
        match self {
            Self::Wet => phrase(
                "The phone is wet, or its battery is swollen: plug in no charger. Contacts come first, then the \
                 newest photos. When the photos that matter are saved, stop and switch the phone off.",
            ),
            Self::Black => phrase(
                "The screen is black: don't restart the phone. It may be sealed afterwards, and nobody can see what \
                 it asks.",
            ),
            Self::Touch => phrase(
                "Touch does not work: leave the phone online and don't restart it. Use a USB mouse.",
            ),
            Self::Restarts => phrase(
                "The phone restarts by itself: unlock it after each start. The rescue then goes on by itself. \
                 Contacts come first.",
            ),
            Self::Stuck => phrase(
                "The phone gets stuck at its logo: choose no wipe, no reset and no restore, even if the phone or a \
                 program offers it.",
            ),
            Self::Code => phrase(
                "Nobody knows the phone's code. Don't type any code, and don't restart the phone.",
            ),
            Self::Company => phrase(
                "The phone belongs to a company: its IT department comes first. Only the owner's personal data is saved.",
            ),
            Self::Died => phrase(
                "The owner has died: guess no code, keep the phone on, and keep its mobile contract alive.",
            ),
        }
    }

    /// True if the phone may fail at any moment, so that irreplaceable data is read first.
    fn is_hasty(self) -> bool {
        matches!(self, Self::Wet | Self::Restarts)
    }

    /// A person can use the phone's own screen.
    fn has_screen(self) -> bool {
        !matches!(self, Self::Black | Self::Touch)
    }

    /// Returns the advice to show instead of a request to unlock the phone, if nobody can unlock it.
    fn instead_of_unlocking(self) -> Option<&'static str> {
        Some(match self {
            Self::Code | Self::Died => phrase(
                "The phone is locked. Type no codes. Plug it into the computers that it was connected to before. Look \
                 for copies in the owner's accounts and on old computers. What is saved so far stays saved.",
            ),
            Self::Black => phrase(
                "The phone waits for an answer on its screen, which nobody can see. Plug it into the computers that \
                 it was connected to before, or connect a monitor or a test screen.",
            ),
            Self::Touch => phrase(
                "The phone waits for an answer on its screen. Answer with a mouse that is paired with the phone, or \
                 plug the phone into the computers that it was connected to before.",
            ),
            Self::Wet | Self::Restarts | Self::Stuck | Self::Company => return None,
        })
    }
}

/// Everything that a person sees on a phone or knows about it, in the order in which a person is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Conditions(BTreeSet<Condition>);

impl Conditions {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, one: Condition) -> bool {
        self.0.contains(&one)
    }

    pub fn insert(&mut self, one: Condition) {
        self.0.insert(one);
    }

    pub fn iter(&self) -> impl Iterator<Item = Condition> + '_ {
        self.0.iter().copied()
    }

    /// True if the phone may fail at any moment, so that irreplaceable data is read first.
    pub fn are_hasty(&self) -> bool {
        self.iter().any(Condition::is_hasty)
    }

    /// A person can use the phone's own screen.
    pub fn leave_screen(&self) -> bool {
        self.iter().all(Condition::has_screen)
    }

    /// Returns the advice to show instead of a request to unlock the phone, if nobody can unlock it.
    pub fn instead_of_unlocking(&self) -> Option<&'static str> {
        // Without its code, a phone can't be opened with any screen.
        let hardest = [Condition::Code, Condition::Died];
        let mut all = hardest.into_iter().filter(|one| self.has(*one));
        let first = all.next();
        first
            .into_iter()
            .chain(self.iter())
            .find_map(Condition::instead_of_unlocking)
    }
}

impl FromIterator<Condition> for Conditions {
    fn from_iter<I: IntoIterator<Item = Condition>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl From<Condition> for Conditions {
    fn from(one: Condition) -> Self {
        [one].into_iter().collect()
    }
}

/// Earlier versions kept a single condition, or none.
impl<'de> Deserialize<'de> for Conditions {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum StoredConditions {
            All(Vec<Condition>),
            One(Option<Condition>),
        }
        Ok(match StoredConditions::deserialize(from)? {
            StoredConditions::All(all) => all.into_iter().collect(),
            StoredConditions::One(one) => one.into_iter().collect(),
        })
    }
}

/// What is known about a phone and its rescue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Case {
    #[serde(alias = "condition")]
    pub conditions: Conditions,
    /// For whom the rescue is done, if the owner can't ask for it; empty: for the owner.
    pub on_behalf_of: String,
    /// By what right: heir, executor, spouse, and the document that shows it.
    pub by_right: String,
    /// Who at the company agreed; empty: nobody was named.
    pub company_agreed: String,
    /// What matters most to the owner. It is read first.
    pub first: Option<Collection>,
    /// The number of contacts that the phone's own Contacts screen shows.
    pub contacts_shown: Option<u64>,
    /// Whether the owner knows the password of the Google account or the Apple Account on the phone.
    pub knows_password: Option<bool>,
    /// The same for the account of the phone's maker: Samsung, Xiaomi, Huawei.
    pub knows_maker_password: Option<bool>,
    /// What the owner has done before the rescue, by the names of the steps.
    pub done: Vec<String>,
}

/// Longest text of a person's answer that is kept, in characters.
const LONGEST: usize = 200;

impl Case {
    /// Returns the case after another part of the rescue. A field that was not given again keeps its value.
    #[must_use]
    pub fn after(self, former: Self) -> Self {
        let text = |new: String, former: String| {
            let new: String = new.trim().chars().take(LONGEST).collect();
            if new.is_empty() { former } else { new }
        };
        let mut done = former.done;
        for step in self.done {
            if !done.contains(&step) {
                done.push(step);
            }
        }
        Self {
            conditions: former
                .conditions
                .iter()
                .chain(self.conditions.iter())
                .collect(),
            on_behalf_of: text(self.on_behalf_of, former.on_behalf_of),
            by_right: text(self.by_right, former.by_right),
            company_agreed: text(self.company_agreed, former.company_agreed),
            first: self.first.or(former.first),
            contacts_shown: self.contacts_shown.or(former.contacts_shown),
            knows_password: self.knows_password.or(former.knows_password),
            knows_maker_password: self.knows_maker_password.or(former.knows_maker_password),
            done,
        }
    }

    /// Returns the answer to a question of yes or no, by the name of its step.
    pub fn answer(&mut self, step: &str) -> &mut Option<bool> {
        match step {
            MAKER_PASSWORD => &mut self.knows_maker_password,
            _ => &mut self.knows_password,
        }
    }

    /// Returns true if nothing was said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the warnings for everyone who handles the phone, the most urgent first.
    pub fn warnings(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        all.extend(self.conditions.iter().map(|one| one.warning().to_owned()));
        if self.conditions.has(Condition::Company) && self.company_agreed.is_empty() {
            all.push(
                phrase("Nobody at the company is named as having agreed. Ask the company before the phone is reset.")
                    .into(),
            );
        }
        if self.conditions.has(Condition::Died)
            && (self.on_behalf_of.is_empty() || self.by_right.is_empty())
        {
            all.push(
                phrase(
                    "The rescue does not say for whom the data was saved and by what right. Add both to the rescue.",
                )
                .into(),
            );
        }
        for (known, nobody) in [
            (
                self.knows_password,
                phrase(
                    "Nobody knows the password of the account on the phone. After a reset the phone asks for it. \
                     Find it before a reset.",
                ),
            ),
            (
                self.knows_maker_password,
                phrase(
                    "Nobody knows the password of the account of the phone's maker. A reset asks for it. Find it \
                     before a reset.",
                ),
            ),
        ] {
            all.extend((known == Some(false)).then(|| nobody.to_owned()));
        }
        all
    }

    /// Returns what the owner said about a line of what a reset destroys, in a sentence.
    pub fn owner_remark(&self, line: &ResetLine) -> Option<&'static str> {
        const WHATSAPP: &str = "whatsapp";
        if line.id == WHATSAPP && self.done.iter().any(|step| step == CHATS) {
            return Some(phrase(
                "The owner backed up WhatsApp before the rescue: check the date of that backup.",
            ));
        }
        if line.kind != ResetKind::Lock {
            return None;
        }
        match (self.knows_password, self.knows_maker_password) {
            (Some(true), Some(true)) => {
                Some(phrase("The owner says that both passwords are known."))
            }
            // The warning says that nobody knows the other.
            (Some(true), Some(false)) | (Some(false) | None, Some(false) | None) => None,
            (Some(true), None) => Some(phrase("The owner says that the password is known.")),
            (Some(false) | None, Some(true)) => Some(phrase(
                "The owner says that the password of the maker's account is known.",
            )),
        }
    }

    /// Returns what was said, each in a sentence, for the log and the report.
    pub fn sentences(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        if !self.on_behalf_of.is_empty() {
            all.push(phrase!("Saved on behalf of: {}.", self.on_behalf_of));
        }
        if !self.by_right.is_empty() {
            all.push(phrase!("By what right: {}.", self.by_right));
        }
        if !self.company_agreed.is_empty() {
            all.push(phrase!("The company agreed: {}.", self.company_agreed));
        }
        if let Some(shown) = self.contacts_shown {
            let shown = grouped(shown);
            all.push(phrase!(
                "The phone's Contacts screen showed {shown} contacts."
            ));
        }
        if let Some(first) = self.first {
            all.push(phrase!(
                "What matters most to the owner: {}.",
                first.named()
            ));
        }
        for (step, sentence) in DONE {
            if self.done.iter().any(|one| one == step) {
                all.push((*sentence).to_owned());
            }
        }
        if self.knows_password == Some(true) {
            all.push(phrase("The owner knows the password of the account on the phone.").into());
        }
        if self.knows_maker_password == Some(true) {
            let known = phrase("The owner knows the password of the account of the phone's maker.");
            all.push(known.into());
        }
        all
    }
}

/// The step that asks for the password of the maker's account.
const MAKER_PASSWORD: &str = "maker-password";

/// The step in which the owner backs up WhatsApp.
const CHATS: &str = "chats";

/// The steps whose completion is noted, and the sentence for each.
const DONE: &[(&str, &str)] = &[
    (
        CHATS,
        phrase("The owner backed up WhatsApp on the phone before the rescue."),
    ),
    (
        "pictures",
        phrase("The owner exported the contacts to a file on the phone before the rescue."),
    ),
    (
        "backup",
        phrase("The owner allowed a backup with Apple's own program."),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_stays_until_it_is_said_otherwise() {
        let before = Case {
            conditions: Condition::Died.into(),
            on_behalf_of: "Kim Winter".into(),
            done: vec!["chats".into()],
            ..Case::default()
        };
        let now = Case {
            by_right: " heir, certificate of 3 May ".into(),
            done: vec!["chats".into(), "pictures".into()],
            ..Case::default()
        };
        assert!(!before.warnings()[1].is_empty());
        let after = now.after(before);
        assert!(after.conditions.has(Condition::Died));
        assert_eq!(after.on_behalf_of, "Kim Winter");
        assert_eq!(after.by_right, "heir, certificate of 3 May");
        assert_eq!(after.done, ["chats", "pictures"]);
        assert_eq!(after.warnings().len(), 1);
        assert_eq!(after.sentences().len(), 4, "{:?}", after.sentences());
        assert!(Case::default().is_empty() && Case::default().warnings().is_empty());
    }

    #[test]
    fn several_things_can_be_wrong_with_a_phone() {
        let old: Case = serde_json::from_str(r#"{"condition":"wet"}"#).expect("an earlier version");
        let none: Case = serde_json::from_str(r#"{"condition":null}"#).expect("an earlier version");
        assert!(old.conditions.has(Condition::Wet) && none.conditions.is_empty());
        let black = Case {
            conditions: Condition::Black.into(),
            ..Case::default()
        };
        let both = black.after(old);
        assert_eq!(both.warnings().len(), 2);
        assert!(both.conditions.are_hasty() && !both.conditions.leave_screen());
        let text = serde_json::to_string(&both).expect("text");
        assert_eq!(serde_json::from_str::<Case>(&text).expect("a case"), both);
        let locked: Conditions = [Condition::Black, Condition::Died].into_iter().collect();
        let said = locked.instead_of_unlocking().expect("a text");
        assert!(said.contains("Type no codes"), "{said}");
    }
}
