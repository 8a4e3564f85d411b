//! Labels of entries, in the words of vCard, of Android's importer and of people.

use std::borrow::Cow;

use super::text::parameter_text;
use crate::model::Label;

/// A label as written with a property.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Shown<'a> {
    /// Values of TYPE, in the order that Android's importer expects.
    pub types: &'static [&'static str],
    /// The owner's custom label for `TYPE=X-…`, which Android's importer keeps.
    pub custom: Option<&'a str>,
    /// Text for `X-ABLabel`, which Apple, Google and Nextcloud keep.
    pub label: Option<&'a str>,
    /// A type number that is not in the definition.
    pub number: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// True if a separate property holds the label, instead of or in addition to TYPE.
    pub fn is_said_beside(&self) -> bool {
        self.label.is_some() || self.number.is_some()
    }

    fn typed(types: &'static [&'static str]) -> Self {
        Self {
            types,
            ..Self::default()
        }
    }

    fn both(types: &'static [&'static str], label: &'static str) -> Self {
        Self {
            types,
            label: Some(label),
            ..Self::default()
        }
    }

    /// Returns a custom label. `types` are used if no parameter can hold the label.
    fn of_owner(types: &'static [&'static str], label: &'a Label) -> Self {
        match label {
            Label::Custom(word) if !word.is_empty() => Self {
                types: if parameter_text(word).is_some() {
                    &[]
                } else {
                    types
                },
                custom: Some(word),
                label: Some(word),
                ..Self::default()
            },
            Label::Unknown(number) => Self {
                types,
                number: Some(number),
                ..Self::default()
            },
            Label::Custom(_) => Self::typed(types),
            known => Self {
                types,
                label: Some(plain(known)),
                ..Self::default()
            },
        }
    }
}

/// Label for TEL. Without a TYPE, Android's importer treats a number as a home number; `VOICE` means "other" there.
/// It knows the words after `X-` below from its own exporter (AOSP `VCardUtils`).
pub(super) fn phone(label: &Label) -> Shown<'_> {
    match label {
        Label::Unset | Label::Other => Shown::typed(&["VOICE"]),
        Label::Home => Shown::typed(&["HOME"]),
        Label::Work => Shown::typed(&["WORK"]),
        Label::Mobile => Shown::typed(&["CELL"]),
        Label::WorkFax => Shown::typed(&["WORK", "FAX"]),
        Label::HomeFax => Shown::typed(&["HOME", "FAX"]),
        Label::OtherFax => Shown::typed(&["X-OTHER", "FAX"]),
        Label::Pager => Shown::typed(&["PAGER"]),
        Label::Callback => Shown::both(&["X-CALLBACK"], "Callback"),
        Label::Car => Shown::typed(&["CAR"]),
        Label::CompanyMain => Shown::both(&["X-COMPANY-MAIN"], "Company main"),
        Label::Isdn => Shown::typed(&["ISDN"]),
        Label::Main => Shown::both(&["X-Main"], "Main"),
        Label::Radio => Shown::both(&["X-RADIO"], "Radio"),
        Label::Telex => Shown::both(&["X-Telex"], "Telex"),
        Label::TtyTdd => Shown::both(&["X-TTY-TDD"], "TTY/TDD"),
        Label::WorkMobile => Shown::typed(&["CELL", "WORK"]),
        Label::WorkPager => Shown::typed(&["PAGER", "WORK"]),
        Label::Assistant => Shown::both(&["X-ASSISTANT"], "Assistant"),
        Label::Mms => Shown::both(&["X-MMS"], "MMS"),
        other => Shown::of_owner(&["VOICE"], other),
    }
}

/// Label for EMAIL, X-SIP and messengers.
pub(super) fn electronic(label: &Label) -> Shown<'_> {
    match label {
        Label::Unset | Label::Other => Shown::default(),
        Label::Home => Shown::typed(&["HOME"]),
        Label::Work => Shown::typed(&["WORK"]),
        Label::Mobile => Shown::typed(&["CELL"]),
        other => Shown::of_owner(&[], other),
    }
}

/// Label for ADR. Without a TYPE, Android's importer treats an address as a home address.
pub(super) fn postal(label: &Label) -> Shown<'_> {
    match label {
        Label::Unset => Shown::default(),
        Label::Home => Shown::typed(&["HOME"]),
        Label::Work => Shown::typed(&["WORK"]),
        Label::Other => Shown::typed(&["X-Other"]),
        other => Shown::of_owner(&["X-Other"], other),
    }
}

/// Label for URL.
pub(super) fn web(label: &Label) -> Shown<'_> {
    match label {
        Label::Unset | Label::Other => Shown::default(),
        Label::Home => Shown::typed(&["HOME"]),
        Label::Work => Shown::typed(&["WORK"]),
        Label::HomePage => Shown::both(&[], "_$!<HomePage>!$_"),
        other => Shown::of_owner(&[], other),
    }
}

/// Label for NICKNAME.
pub(super) fn nickname(label: &Label) -> Shown<'_> {
    beside(label, &Label::Default)
}

/// Label for ORG.
pub(super) fn organization(label: &Label) -> Shown<'_> {
    beside(label, &Label::Work)
}

/// Label for properties for which Android's importer reads no TYPE: only X-ABLabel. `usual` is the default label,
/// which is not written.
fn beside<'a>(label: &'a Label, usual: &Label) -> Shown<'a> {
    match label {
        Label::Unset => Shown::default(),
        label if label == usual => Shown::default(),
        label => Shown {
            custom: None,
            ..Shown::of_owner(&[], label)
        },
    }
}

/// The label in plain words; empty if there is none.
pub(crate) fn words(label: &Label) -> Cow<'_, str> {
    match label {
        Label::Custom(word) => Cow::Borrowed(word),
        Label::Unknown(number) => Cow::Owned(format!("Type {number}")),
        label => Cow::Borrowed(plain(label)),
    }
}

fn plain(label: &Label) -> &'static str {
    match label {
        Label::Unset | Label::Custom(_) | Label::Unknown(_) => "",
        Label::Home => "Home",
        Label::Work => "Work",
        Label::Other => "Other",
        Label::Mobile => "Mobile",
        Label::WorkFax => "Work Fax",
        Label::HomeFax => "Home Fax",
        Label::OtherFax => "Other Fax",
        Label::Pager => "Pager",
        Label::Callback => "Callback",
        Label::Car => "Car",
        Label::CompanyMain => "Company Main",
        Label::Isdn => "ISDN",
        Label::Main => "Main",
        Label::Radio => "Radio",
        Label::Telex => "Telex",
        Label::TtyTdd => "TTY/TDD",
        Label::WorkMobile => "Work Mobile",
        Label::WorkPager => "Work Pager",
        Label::Assistant => "Assistant",
        Label::Mms => "MMS",
        Label::HomePage => "Home Page",
        Label::Blog => "Blog",
        Label::Profile => "Profile",
        Label::Ftp => "FTP",
        Label::Default => "Default",
        Label::MaidenName => "Maiden Name",
        Label::ShortName => "Short Name",
        Label::Initials => "Initials",
    }
}
