//! The labels of entries: Apple's own are written `_$!<Home>!$_`, the owner's own are plain.

use crate::model::{DateKind, Label, MessengerService, Relation};

/// Returns the word of one of Apple's own labels.
pub fn built_in(label: &str) -> Option<&str> {
    label.strip_prefix("_$!<")?.strip_suffix(">!$_")
}

/// Returns the label of a number, an address or another entry.
pub fn label(text: Option<&str>) -> Label {
    let Some(text) = text else {
        return Label::Unset;
    };
    let Some(word) = built_in(text) else {
        return Label::Custom(text.to_owned());
    };
    match word {
        "Home" => Label::Home,
        "Work" => Label::Work,
        "Other" => Label::Other,
        "Mobile" => Label::Mobile,
        "Main" => Label::Main,
        "HomeFAX" => Label::HomeFax,
        "WorkFAX" => Label::WorkFax,
        "OtherFAX" => Label::OtherFax,
        "Pager" => Label::Pager,
        "Car" => Label::Car,
        "Assistant" => Label::Assistant,
        "HomePage" => Label::HomePage,
        // Newer systems have more, such as `School`.
        _ => Label::Custom(word.to_owned()),
    }
}

/// Returns the kind of a date.
pub fn date_kind(text: Option<&str>) -> DateKind {
    match text.map(|text| (built_in(text), text)) {
        None | Some((Some("Other"), _)) => DateKind::Other,
        Some((Some("Anniversary"), _)) => DateKind::Anniversary,
        Some((Some("Birthday"), _)) => DateKind::Birthday,
        Some((Some(word), _)) | Some((None, word)) => DateKind::Custom(word.to_owned()),
    }
}

/// Returns a related person.
pub fn relation(name: String, text: Option<&str>) -> Relation {
    let Some(text) = text else {
        return Relation {
            name,
            ..Relation::default()
        };
    };
    let Some(word) = built_in(text) else {
        return Relation {
            name,
            kind: text.to_owned(),
            custom: true,
        };
    };
    let kind = word.to_lowercase();
    let custom = !Relation::KINDS.contains(&kind.as_str());
    Relation { name, kind, custom }
}

/// Returns the service of a messenger. The names are those of Apple's constants (`kABPersonInstantMessageService…`).
pub fn service(name: Option<&str>) -> MessengerService {
    let Some(name) = name else {
        return MessengerService::Unset;
    };
    let folded: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase();
    match folded.strip_suffix("instant").unwrap_or(&folded) {
        "aim" => MessengerService::Aim,
        "msn" => MessengerService::Msn,
        "yahoo" => MessengerService::Yahoo,
        "skype" => MessengerService::Skype,
        "qq" => MessengerService::Qq,
        "googletalk" => MessengerService::GoogleTalk,
        "icq" => MessengerService::Icq,
        "jabber" => MessengerService::Jabber,
        _ => MessengerService::Custom(name.to_owned()),
    }
}
