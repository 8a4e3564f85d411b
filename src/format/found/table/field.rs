//! Possible contents of a column in a table of contacts.

use crate::format::vcard::words;
use crate::model::{Label, MessengerService, Relation};

/// Content of a column. A [`Label`] gives the place or use.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    Display,
    Given,
    Middle,
    Family,
    Prefix,
    Suffix,
    SpokenGiven,
    SpokenMiddle,
    SpokenFamily,
    Nickname(Label),
    Phone(Label),
    Email(Label),
    /// The name shown with the e-mail address in the previous column.
    EmailName,
    /// Type of that e-mail address: `SMTP`.
    EmailType,
    Company,
    SpokenCompany,
    Department,
    Title,
    Role,
    Office,
    /// A whole address in one cell.
    Address(Label),
    Street(Label),
    Extended(Label),
    City(Label),
    Region(Label),
    Postcode(Label),
    Country(Label),
    PoBox(Label),
    Birthday,
    BirthYear,
    BirthMonth,
    BirthDay,
    Anniversary,
    Note,
    Website(Label),
    Groups,
    /// Google's groups, separated by ` ::: `. The names of Google's system groups begin with a star.
    GoogleGroups,
    /// A relation, with its kind in English as in [`Relation::kind`].
    Relation(String),
    Messenger(MessengerService),
    Sip(Label),
    /// A setting of a program. It matters only if it is not the default.
    Setting,
    /// A value derived from other columns; kept in addition to them.
    Aside,
    /// A known value without a field in the model; goes into the note.
    Other,
    /// Not a column itself: a word that gives the place of another field.
    Place(Label),
}

impl Field {
    /// Parses a field name in `assets/csv-headings.csv`: `given`, `phone:work fax`, `city:home`.
    pub(super) fn named(text: &str) -> Option<Self> {
        let (name, word) = text.split_once(':').unwrap_or((text, ""));
        let label = || match word {
            "" => Some(Label::Unset),
            word => label_named(word),
        };
        let field = match name {
            "nickname" => Self::Nickname(label()?),
            "phone" => Self::Phone(label()?),
            "email" => Self::Email(label()?),
            "address" => Self::Address(label()?),
            "street" => Self::Street(label()?),
            "extended" => Self::Extended(label()?),
            "city" => Self::City(label()?),
            "region" => Self::Region(label()?),
            "postcode" => Self::Postcode(label()?),
            "country" => Self::Country(label()?),
            "pobox" => Self::PoBox(label()?),
            "web" => Self::Website(label()?),
            "sip" => Self::Sip(label()?),
            "place" => Self::Place(label()?),
            "relation" if Relation::KINDS.contains(&word) => Self::Relation(word.to_owned()),
            "im" => Self::Messenger(service(word)),
            _ if !word.is_empty() => return None,
            "display" => Self::Display,
            "given" => Self::Given,
            "middle" => Self::Middle,
            "family" => Self::Family,
            "prefix" => Self::Prefix,
            "suffix" => Self::Suffix,
            "given-spoken" => Self::SpokenGiven,
            "middle-spoken" => Self::SpokenMiddle,
            "family-spoken" => Self::SpokenFamily,
            "email-name" => Self::EmailName,
            "email-type" => Self::EmailType,
            "company" => Self::Company,
            "company-spoken" => Self::SpokenCompany,
            "department" => Self::Department,
            "title" => Self::Title,
            "role" => Self::Role,
            "office" => Self::Office,
            "birthday" => Self::Birthday,
            "birth-year" => Self::BirthYear,
            "birth-month" => Self::BirthMonth,
            "birth-day" => Self::BirthDay,
            "anniversary" => Self::Anniversary,
            "note" => Self::Note,
            "groups" => Self::Groups,
            "google-groups" => Self::GoogleGroups,
            "setting" => Self::Setting,
            "aside" | "display-spoken" => Self::Aside,
            "other" => Self::Other,
            _ => return None,
        };
        Some(field)
    }

    /// Returns the same field for another place, such as `Fax` with `Home`; `None` if the combination has no meaning.
    pub(super) fn at(self, place: &Label) -> Option<Self> {
        let here = |own: Label| {
            if own == Label::Unset {
                place.clone()
            } else {
                own
            }
        };
        Some(match self {
            Self::Phone(own) => Self::Phone(match (own, place) {
                (Label::Mobile, Label::Work) => Label::WorkMobile,
                (Label::Mobile, _) => Label::Mobile,
                (Label::Pager, Label::Work) => Label::WorkPager,
                (Label::OtherFax, Label::Home) => Label::HomeFax,
                (Label::OtherFax, Label::Work) => Label::WorkFax,
                (own, _) => here(own),
            }),
            Self::Email(own) => Self::Email(here(own)),
            Self::Address(own) => Self::Address(here(own)),
            Self::Street(own) => Self::Street(here(own)),
            Self::Extended(own) => Self::Extended(here(own)),
            Self::City(own) => Self::City(here(own)),
            Self::Region(own) => Self::Region(here(own)),
            Self::Postcode(own) => Self::Postcode(here(own)),
            Self::Country(own) => Self::Country(here(own)),
            Self::PoBox(own) => Self::PoBox(here(own)),
            Self::Website(own) => Self::Website(here(own)),
            Self::Sip(own) => Self::Sip(here(own)),
            work @ (Self::Company | Self::Department | Self::Title | Self::Role | Self::Office)
                if *place == Label::Work =>
            {
                work
            }
            _ => return None,
        })
    }
}

/// The messenger service with this name, in any case.
pub(super) fn service(word: &str) -> MessengerService {
    match word.to_lowercase().as_str() {
        "" | "messenger" | "im" => MessengerService::Unset,
        "aim" => MessengerService::Aim,
        "msn" | "windows live" => MessengerService::Msn,
        "yahoo" | "yahoo!" => MessengerService::Yahoo,
        "skype" => MessengerService::Skype,
        "qq" => MessengerService::Qq,
        "google talk" | "gtalk" | "hangouts" => MessengerService::GoogleTalk,
        "icq" => MessengerService::Icq,
        "jabber" | "xmpp" => MessengerService::Jabber,
        "netmeeting" => MessengerService::NetMeeting,
        _ => MessengerService::Custom(word.to_owned()),
    }
}

/// The labels with fixed names.
const LABELS: [Label; 27] = [
    Label::Home,
    Label::Work,
    Label::Other,
    Label::Mobile,
    Label::WorkFax,
    Label::HomeFax,
    Label::OtherFax,
    Label::Pager,
    Label::Callback,
    Label::Car,
    Label::CompanyMain,
    Label::Isdn,
    Label::Main,
    Label::Radio,
    Label::Telex,
    Label::TtyTdd,
    Label::WorkMobile,
    Label::WorkPager,
    Label::Assistant,
    Label::Mms,
    Label::HomePage,
    Label::Blog,
    Label::Profile,
    Label::Ftp,
    Label::MaidenName,
    Label::ShortName,
    Label::Initials,
];

/// The label with this name, in any case.
fn label_named(word: &str) -> Option<Label> {
    let same = |label: &&Label| words(label).eq_ignore_ascii_case(word);
    LABELS.iter().find(same).cloned()
}

/// Reads the label in a cell: a known label, or a custom one. The second value is true if a leading star marks the
/// entry as the default.
pub(super) fn label_of(cell: &str) -> (Label, bool) {
    let cell = cell.trim();
    let word = cell.trim_start_matches('*').trim();
    let primary = word.len() < cell.len() && cell.starts_with('*');
    let spelt = match word.to_lowercase().as_str() {
        "homefax" => Some(Label::HomeFax),
        "workfax" => Some(Label::WorkFax),
        "otherfax" | "fax" => Some(Label::OtherFax),
        "cell" | "mobile phone" => Some(Label::Mobile),
        "homepage" => Some(Label::HomePage),
        "" => Some(Label::Unset),
        _ => label_named(word),
    };
    let number = || {
        let number = word.strip_prefix("Type ")?;
        let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| Label::Unknown(number.to_owned()))
    };
    let label = spelt
        .or_else(number)
        .unwrap_or_else(|| Label::Custom(word.to_owned()));
    (label, primary)
}
