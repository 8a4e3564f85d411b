//! Contacts as CSV files for Google Contacts and Outlook.
//!
//! A cell that a spreadsheet would run as a formula gets a leading `'` ([`safe_cell`]).

mod google;
mod outlook;

use std::borrow::Cow;

use super::vcard::{scrubbed, with_lf};
use super::{Losses, PICTURES, PICTURES_IN_CARDS};
use crate::model::{CustomRow, MessengerService, PersonName, Picture, UnmappedColumn};
use crate::phrase;

pub use google::{GoogleCsv, MAX_NUMBERED};
pub use outlook::OutlookCsv;

/// Makes a cell safe to open in a spreadsheet.
///
/// A spreadsheet runs a cell as a formula if its first character after white space is `=`, `@`, `+` or `-` (or a
/// full-width form), or if it starts with TAB or CR. Such a cell gets a leading `'`, as a person would type it. Cells
/// that start with `+` or `-` and otherwise hold only digits, blanks and `( ) - . / * # , ;` stay unchanged:
/// telephone numbers (`+49 …`) and dates without a year (`--04-12`) must be imported unchanged, and contain no name
/// that a formula could call. A cell that already looks guarded is guarded again, so that `unguarded` restores every
/// text.
pub fn safe_cell(text: &str) -> Cow<'_, str> {
    if is_dangerous(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns the text of a cell without the `'` that [`safe_cell`] or another program put before a formula.
pub(crate) fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_dangerous(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

fn is_dangerous(text: &str) -> bool {
    let is_number = |rest: &str| {
        rest.contains(|c: char| c.is_ascii_digit())
            && rest
                .chars()
                .all(|c| c.is_ascii_digit() || " \u{A0}\u{202F}()-.+/*#,;".contains(c))
    };
    let start = text.trim_start();
    let dangerous = match start.chars().next() {
        Some('=' | '@' | '＝' | '＋' | '－' | '＠') => true,
        Some('+' | '-') => !is_number(start),
        _ => false,
    };
    dangerous || text.starts_with(['\t', '\r'])
}

/// Prepares a text for a cell: without control characters, with LF for every line end, and safe.
fn cell(text: &str, losses: &mut Losses) -> String {
    let text = with_lf(text);
    let (text, controls) = scrubbed(&text);
    if controls > 0 {
        *losses
            .0
            .entry(phrase("invisible control characters inside texts").to_owned())
            .or_default() += controls;
    }
    let safe = safe_cell(&text);
    if safe.len() != text.len() {
        losses.add(phrase(
            "texts that a spreadsheet would run as formulas (a ' is put before them)",
        ));
    }
    safe.into_owned()
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

/// The name of the service in plain words.
fn service_name(service: &MessengerService) -> &str {
    match service {
        MessengerService::Unset => "Messenger",
        MessengerService::Aim => "AIM",
        MessengerService::Msn => "MSN",
        MessengerService::Yahoo => "Yahoo",
        MessengerService::Skype => "Skype",
        MessengerService::Qq => "QQ",
        MessengerService::GoogleTalk => "Google Talk",
        MessengerService::Icq => "ICQ",
        MessengerService::Jabber => "Jabber",
        MessengerService::NetMeeting => "NetMeeting",
        MessengerService::Custom(name) if name.is_empty() => "Messenger",
        MessengerService::Custom(name) => name,
    }
}

/// Returns a further structured name as one text: the display form, and its parts in parentheses if they differ.
fn whole_name(name: &PersonName) -> String {
    let parts: Vec<&str> = name
        .parts()
        .into_iter()
        .map(text)
        .filter(|part| !part.is_empty())
        .collect();
    let (shown, parts) = (text(&name.display), parts.join(" "));
    if shown.is_empty() || shown == parts {
        parts
    } else if parts.is_empty() {
        shown.to_owned()
    } else {
        format!("{shown} ({parts})")
    }
}

/// Data for which no address book's CSV has a column.
struct WithoutColumn<'a> {
    custom: &'a [CustomRow],
    unmapped: &'a [UnmappedColumn],
    has_picture: bool,
    /// The picture itself, which the vCard files contain.
    picture: Option<&'a Picture>,
    custom_ringtone: &'a Option<String>,
    send_to_voicemail: bool,
}

impl WithoutColumn<'_> {
    fn count(&self, losses: &mut Losses) {
        for _ in self.custom {
            losses.add(phrase("entries of other apps"));
        }
        for _ in self.unmapped {
            losses.add(phrase("values that only the phone understands"));
        }
        if self.picture.is_some() {
            losses.add(PICTURES_IN_CARDS);
        } else if self.has_picture {
            losses.add(PICTURES);
        }
        if !text(self.custom_ringtone).is_empty() {
            losses.add(phrase("ringtones"));
        }
        if self.send_to_voicemail {
            losses.add(phrase("settings that send calls to voicemail"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{safe_cell, unguarded};

    #[test]
    fn formulas_are_defused_and_numbers_are_not() {
        for text in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-2+A3",
            " =1",
            "\t=1",
            "\tx",
            "\rx",
            "＝1",
            "+",
            "--",
            "-x@example.org",
            "\n=1",
        ] {
            assert_eq!(safe_cell(text), format!("'{text}"), "{text:?}");
            let twice = format!("'{text}");
            assert_eq!(unguarded(&safe_cell(&twice)), twice);
        }
        for text in [
            "",
            "Anna",
            "+49 170 1234567",
            "+1 (212) 555-0100",
            "--04-12",
            "-12.5",
            "+49,1;2",
            "a=b",
            "1985-04-12",
            "*#06#",
            "+49\u{A0}30\u{202F}1",
        ] {
            assert_eq!(safe_cell(text), text, "{text:?}");
            assert_eq!(unguarded(text), text);
        }
    }
}
