//! Reads labels: TYPE in the words of many programs, and X-ABLabel.

use super::Reading;
use crate::format::vcard::labels::words;
use crate::format::versit::Property;
use crate::model::Label;

/// Kind of entry, which decides the words of TYPE that have a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Phone,
    /// E-mail, messengers and SIP.
    Electronic,
    Postal,
    Web,
    /// Nicknames have no TYPE, and neither do organisations.
    Nickname,
    Organization,
}

/// All labels with a fixed name.
const KNOWN: [Label; 28] = [
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
    Label::Default,
    Label::MaidenName,
    Label::ShortName,
    Label::Initials,
];

/// Words of TYPE that are not labels.
const NO_LABEL: [&str; 15] = [
    "PREF", "VOICE", "X-VOICE", "INTERNET", "X400", "MSG", "DOM", "INTL", "POSTAL", "PARCEL",
    "JPEG", "URI", "TEXT", "INET", "X-PREF",
];

impl Reading<'_> {
    /// Returns the label of a property, from its types and the other properties of its group.
    pub(super) fn label(&mut self, property: &Property, kind: Kind) -> Label {
        let word = self.take(&property.group, "X-ABLABEL").map(apple_word);
        let mut types = property.types();
        // Some programs repeat the types as the label: `WORK;VOICE;PREF`.
        let word = word.filter(|word| {
            let again: Vec<String> = word.split([';', ',']).map(str::to_owned).collect();
            let said = again.iter().all(|word| is_type(word, kind));
            if said {
                types.extend(again);
            }
            !said
        });
        let typed = by_types(&types, kind);
        let own = own_word(&types, kind);
        match (word.filter(|word| !word.is_empty()), typed) {
            (Some(word), Some(label)) if words(&label).eq_ignore_ascii_case(&word) => label,
            (Some(word), _) if own.is_some() => Label::Custom(word),
            (Some(word), _) => known(&word).unwrap_or(Label::Custom(word)),
            (None, Some(label)) => label,
            (None, None) => own.map_or(Label::Unset, Label::Custom),
        }
    }

    /// True if the property is marked as preferred. This is not part of the label.
    pub(super) fn is_preferred(property: &Property) -> bool {
        property.parameter("PREF").is_some_and(|rank| rank == "1")
            || property
                .types()
                .iter()
                .any(|word| word.eq_ignore_ascii_case("PREF"))
    }
}

/// Converts `_$!<HomePage>!$_`, Apple's form of a label that its address book translates.
pub(super) fn apple_word(label: String) -> String {
    let word = label
        .strip_prefix("_$!<")
        .and_then(|rest| rest.strip_suffix(">!$_"));
    match word {
        Some("HomePage") => "Home Page".to_owned(),
        Some("HomeFAX") => "Home Fax".to_owned(),
        Some("WorkFAX") => "Work Fax".to_owned(),
        Some("OtherFAX") => "Other Fax".to_owned(),
        Some(word) => word.to_owned(),
        None => label,
    }
}

/// True for a word of TYPE, in upper case.
fn is_type(word: &str, kind: Kind) -> bool {
    let none = NO_LABEL.contains(&word);
    let written = !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase());
    written
        && (none || word == "CELL" || word == "HOME" || word == "WORK")
        && !matches!(kind, Kind::Nickname | Kind::Organization)
}

fn known(word: &str) -> Option<Label> {
    // Google's spelling.
    let word = if word == "homePage" {
        "Home Page"
    } else {
        word
    };
    KNOWN.into_iter().find(|label| words(label) == word)
}

fn by_types(types: &[String], kind: Kind) -> Option<Label> {
    let has = |words: &[&str]| {
        types
            .iter()
            .any(|t| words.iter().any(|word| t.eq_ignore_ascii_case(word)))
    };
    let (home, work) = (has(&["HOME"]), has(&["WORK"]));
    let mobile = has(&["CELL", "MOBILE", "X-CELL", "CELLULAR"]);
    let place = if home {
        Some(Label::Home)
    } else if work {
        Some(Label::Work)
    } else if has(&["OTHER", "X-OTHER"]) {
        Some(Label::Other)
    } else {
        None
    };
    match kind {
        Kind::Nickname | Kind::Organization => None,
        Kind::Postal => place,
        Kind::Electronic if mobile => Some(Label::Mobile),
        Kind::Electronic => place,
        Kind::Web if has(&["HOMEPAGE", "X-HOMEPAGE"]) => Some(Label::HomePage),
        Kind::Web if has(&["BLOG", "X-BLOG"]) => Some(Label::Blog),
        Kind::Web if has(&["FTP", "X-FTP"]) => Some(Label::Ftp),
        Kind::Web if has(&["PROFILE", "X-PROFILE"]) => Some(Label::Profile),
        Kind::Web => place,
        Kind::Phone => {
            const MORE: [(&[&str], Label); 10] = [
                (&["CAR", "X-CAR"], Label::Car),
                (&["ISDN", "X-ISDN"], Label::Isdn),
                (&["X-CALLBACK", "CALLBACK"], Label::Callback),
                (&["X-COMPANY-MAIN", "COMPANY-MAIN"], Label::CompanyMain),
                (&["X-RADIO", "RADIO"], Label::Radio),
                (&["TLX", "TELEX", "X-TELEX"], Label::Telex),
                (&["X-TTY-TDD", "TTY-TDD", "TEXTPHONE"], Label::TtyTdd),
                (&["X-ASSISTANT", "ASSISTANT"], Label::Assistant),
                (&["X-MMS", "MMS"], Label::Mms),
                (&["MAIN", "X-MAIN"], Label::Main),
            ];
            if has(&["FAX", "X-FAX"]) {
                return Some(match place {
                    Some(Label::Home) if !work => Label::HomeFax,
                    _ if work => Label::WorkFax,
                    _ => Label::OtherFax,
                });
            }
            if has(&["PAGER", "X-PAGER"]) {
                return Some(if work { Label::WorkPager } else { Label::Pager });
            }
            if mobile {
                return Some(if work {
                    Label::WorkMobile
                } else {
                    Label::Mobile
                });
            }
            let more = MORE.into_iter().find(|(words, _)| has(words));
            let other = || has(&["VOICE", "X-VOICE"]).then_some(Label::Other);
            more.map(|(_, label)| label).or(place).or_else(|| {
                // Some programs write a custom label next to VOICE.
                other().filter(|_| own_word(types, kind).is_none())
            })
        }
    }
}

/// Returns the first word that is neither a known label nor without meaning, without the leading `X-`.
fn own_word(types: &[String], kind: Kind) -> Option<String> {
    if matches!(kind, Kind::Nickname | Kind::Organization) {
        return None;
    }
    let known = |word: &str| {
        NO_LABEL.iter().any(|none| none.eq_ignore_ascii_case(word))
            || by_types(&[word.to_owned()], Kind::Phone).is_some()
                && (kind == Kind::Phone || by_types(&[word.to_owned()], kind).is_some())
    };
    let word = types.iter().find(|word| !known(word))?;
    let bare = word
        .strip_prefix("X-")
        .or(word.strip_prefix("x-"))
        .unwrap_or(word);
    (!bare.is_empty()).then(|| bare.to_owned())
}
