//! Properties of other programs' calendars without a field in the model. They are kept under their own name with
//! their parameters, and written again as the same property.
//!
//! Text values are kept decoded. Other values are kept as they are in the file.

use super::extended::is_uri;
use super::lines::{escaped, parameter};
use crate::model::ExtendedProperty;
use crate::phrase;

/// Kind of a component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Event,
    Journal,
    Todo,
}

/// How a kept property is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Carried {
    /// As this content line.
    Line(String),
    /// Hidden: the property is meaningless to people, or another property holds the value.
    Aside,
    /// It should be shown but cannot be written.
    Lost(&'static str),
}

/// Names of text properties.
pub(super) const TEXTS: [&str; 9] = [
    "COMMENT",
    "CONTACT",
    "DESCRIPTION",
    "LOCATION",
    "RELATED-TO",
    "STATUS",
    "STYLED-DESCRIPTION",
    "SUMMARY",
    "CLASS",
];

/// Form of a property's value.
enum Form {
    Text,
    Uri,
    /// A link, or a file as base64.
    File,
    /// A list of texts.
    List,
    Geo,
    /// A whole number up to this limit.
    Number(u32),
    /// One of these words.
    Words(&'static [&'static str]),
    /// A person's address. Servers must not write to it (RFC 6638 section 7.1).
    Person,
    /// A value defined by some program.
    Own,
}

/// The form of each property that is written, and its name in a report.
fn form(name: &str, kind: Kind) -> Option<(Form, &'static str)> {
    let todo = kind == Kind::Todo;
    Some(match name {
        "COMMENT" => (Form::Text, "comments"),
        "CONTACT" => (Form::Text, phrase("names of contact persons")),
        "RELATED-TO" => (Form::Text, phrase("relations to other entries")),
        "STYLED-DESCRIPTION" => (Form::Text, phrase("formatted descriptions")),
        "ATTACH" | "IMAGE" => (
            Form::File,
            phrase("attachments that are neither a link nor a file"),
        ),
        "CONFERENCE" | "LINK" => (Form::Uri, phrase("links that can't be read")),
        "URL" if todo => (Form::Uri, phrase("links that can't be read")),
        "RESOURCES" if kind != Kind::Journal => (Form::List, phrase("rooms and equipment")),
        "CATEGORIES" if todo => (Form::List, "categories"),
        "GEO" if kind != Kind::Journal => (Form::Geo, phrase("map positions that can't be read")),
        "PRIORITY" if kind == Kind::Event => {
            (Form::Number(9), phrase("priorities that can't be read"))
        }
        "PERCENT-COMPLETE" if todo => (
            Form::Number(100),
            phrase("percentages of to-dos that are done"),
        ),
        "LOCATION" if todo => (Form::Text, phrase("locations of to-dos")),
        "ORGANIZER" | "ATTENDEE" if todo => {
            (Form::Person, phrase("people in to-dos without an address"))
        }
        "CLASS" if todo => (
            Form::Words(&["PUBLIC", "PRIVATE", "CONFIDENTIAL"]),
            phrase("privacy settings of to-dos"),
        ),
        _ if name.starts_with("X-") => (Form::Own, ""),
        _ => return None,
    })
}

/// Properties that occur at most once in a component.
const ONCE: [&str; 6] = [
    "GEO",
    "PRIORITY",
    "PERCENT-COMPLETE",
    "CLASS",
    "LOCATION",
    "URL",
];

/// Returns how each kept property is written, in order.
pub(super) fn carried(extended: &[ExtendedProperty], kind: Kind) -> Vec<Carried> {
    let mut once: Vec<&str> = Vec::new();
    let each = |property: &ExtendedProperty| {
        let name = property.name.split(';').next().unwrap_or_default();
        let Some(known) = ONCE.iter().find(|known| **known == name) else {
            return carry(&property.name, &property.value, kind);
        };
        match once.contains(known) {
            true => Carried::Aside,
            false => {
                once.push(known);
                carry(&property.name, &property.value, kind)
            }
        }
    };
    extended.iter().map(each).collect()
}

fn carry(head: &str, value: &str, kind: Kind) -> Carried {
    let name = head.split(';').next().unwrap_or_default();
    let Some((form, words)) = form(name, kind).filter(|_| is_name(name) && !is_ours(name)) else {
        return Carried::Aside;
    };
    let lost = match words {
        "" => Carried::Aside,
        words => Carried::Lost(words),
    };
    let Some(parameters) = parameters(head) else {
        return lost;
    };
    let as_kind = |wanted: &str| {
        let mut all = parameters.iter();
        all.find(|(name, _)| *name == "VALUE")
            .is_some_and(|(_, value)| value.eq_ignore_ascii_case(wanted))
    };
    let has = |wanted: &str| parameters.iter().any(|(name, _)| *name == wanted);
    // Dates need checking, and zones need their VTIMEZONE.
    let plain = !has("VALUE") || as_kind("TEXT") || as_kind("URI") || as_kind("BINARY");
    if has("TZID") || !plain {
        return lost;
    }
    let written = match form {
        Form::Text => Some(escaped(value)),
        Form::Uri | Form::Person => is_uri(value).then(|| value.to_owned()),
        Form::File if has("ENCODING") => is_base64(value).then(|| value.to_owned()),
        Form::File => is_uri(value).then(|| value.to_owned()),
        Form::Geo => is_geo(value).then(|| value.to_owned()),
        Form::Number(most) => {
            let number: Option<u32> = value.trim().parse().ok();
            let fits = number.filter(|number| *number <= most);
            fits.map(|number| number.to_string())
        }
        Form::Words(words) => {
            let word = value.trim().to_ascii_uppercase();
            words.contains(&word.as_str()).then_some(word)
        }
        // Written unchanged. A text with line breaks is not a raw value, so it is escaped.
        Form::List | Form::Own if value.chars().any(char::is_control) => Some(escaped(value)),
        Form::List | Form::Own => Some(value.to_owned()),
    };
    match written.filter(|value| !value.is_empty()) {
        Some(value) => {
            // Required by RFC 7986 section 5.11.
            let kind = match form {
                Form::Person => ";SCHEDULE-AGENT=NONE",
                Form::Uri if name == "CONFERENCE" && !has("VALUE") => ";VALUE=URI",
                _ => "",
            };
            let said = parameters
                .iter()
                .filter(|(name, _)| *name != "SCHEDULE-AGENT");
            let parameters = said.map(|(name, value)| format!(";{name}={value}"));
            let parameters: String = parameters.collect();
            Carried::Line(format!("{name}{parameters}{kind}:{value}"))
        }
        None => lost,
    }
}

/// Returns the raw value of a parameter of a kept property.
pub(super) fn parameter_of<'a>(head: &'a str, wanted: &str) -> Option<&'a str> {
    let all = parameters(head)?;
    let mut all = all.into_iter();
    all.find_map(|(name, value)| (name == wanted).then_some(value))
}

/// True for Lifeboat's own properties, and for values that other properties express.
fn is_ours(name: &str) -> bool {
    name.starts_with("X-LIFEBOAT") || name.starts_with("X-MICROSOFT-CDO-") || name == "X-LIC-ERROR"
}

fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-';
    (3..=60).contains(&name.len()) && name.bytes().all(plain)
}

/// Returns the name and raw value of each parameter; None if one of them cannot be written.
fn parameters(head: &str) -> Option<Vec<(&str, &str)>> {
    let (mut quoted, mut rest) = (false, Vec::new());
    let pieces = head.split(|c| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    for piece in pieces.skip(1) {
        let (name, value) = piece.split_once('=')?;
        let inner = value
            .strip_prefix('"')
            .and_then(|value| value.strip_suffix('"'));
        let plain = |c: char| !c.is_control() && c != '"';
        let fits = match inner {
            Some(inner) => inner.chars().all(plain),
            None => value.chars().all(|c| plain(c) && !matches!(c, ':' | ';')),
        };
        let named = !name.is_empty() && is_name(&format!("X-{name}"));
        if !named || !fits || value.is_empty() {
            return None;
        }
        rest.push((name, value));
    }
    Some(rest)
}

/// Returns the name and parameters of a property, quoted if necessary. Bare words of vCalendar 1.0 become TYPE
/// parameters.
pub(super) fn head<'a>(name: &str, parameters: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut head = name.to_owned();
    for (name, value) in parameters {
        let name = if name.is_empty() { "TYPE" } else { name };
        // RFC 6868.
        let value = value
            .replace('^', "^^")
            .replace('"', "^'")
            .replace('\n', "^n");
        head.push_str(&format!(";{name}={}", parameter(&value)));
    }
    head
}

/// Parameters of a file that is embedded in the calendar.
pub(super) const INLINE: [(&str, &str); 2] = [("ENCODING", "BASE64"), ("VALUE", "BINARY")];

fn is_base64(value: &str) -> bool {
    let bare = value.trim_end_matches('=');
    !bare.is_empty()
        && value.len().is_multiple_of(4)
        && value.len() - bare.len() <= 2
        && bare
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

/// True for latitude and longitude in degrees (RFC 5545 section 3.8.1.6).
pub(super) fn is_geo(value: &str) -> bool {
    let degrees = |text: &str, most: f64| {
        text.bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'))
            && text
                .parse::<f64>()
                .is_ok_and(|degrees| degrees.abs() <= most)
    };
    value
        .split_once(';')
        .is_some_and(|(latitude, longitude)| degrees(latitude, 90.0) && degrees(longitude, 180.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(head: &str, value: &str) -> Carried {
        carry(head, value, Kind::Event)
    }

    #[test]
    fn properties_are_written_as_what_they_are() {
        for (head, value, wanted) in [
            ("GEO", "48.4;9.9", "GEO:48.4;9.9"),
            ("COMMENT", "a, b; c\nd", "COMMENT:a\\, b\\; c\\nd"),
            (
                "ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY",
                "VGlja2V0",
                "ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY:VGlja2V0",
            ),
            (
                "ATTACH;FILENAME=\"a; b.pdf\"",
                "https://example.org/a",
                "ATTACH;FILENAME=\"a; b.pdf\":https://example.org/a",
            ),
            (
                "CONFERENCE",
                "https://meet.example.org/abc",
                "CONFERENCE;VALUE=URI:https://meet.example.org/abc",
            ),
            (
                "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=\"Here, there\"",
                "geo:1.5,2.5",
                "X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=\"Here, there\":geo:1.5,2.5",
            ),
            ("X-FOO", "a\\,b;c", "X-FOO:a\\,b;c"),
            ("PRIORITY", "+5", "PRIORITY:5"),
        ] {
            assert_eq!(line(head, value), Carried::Line(wanted.into()), "{head}");
        }
        for (head, value) in [
            ("GEO", "48.4"),
            ("GEO", "48.4;9.9\r\nX:1"),
            ("ATTACH", "javascript:alert(1)"),
            ("ATTACH;ENCODING=BASE64", "not base64"),
            ("ATTACH;X-A=\"b\r\nX:1\"", "https://example.org/a"),
            ("CONFERENCE", "call me"),
        ] {
            assert!(
                matches!(line(head, value), Carried::Lost(_)),
                "{head}:{value}"
            );
        }
        for (head, value) in [
            ("X-LIFEBOAT-SOURCE", "{}"),
            ("DTSTAMP", "20240101T000000Z"),
            ("SEQUENCE", "3"),
            ("vnd.android.cursor.item/x", "y"),
            ("X-A;VALUE=DATE", "20249999"),
            ("X-A;TZID=Nowhere", "x"),
        ] {
            assert_eq!(line(head, value), Carried::Aside, "{head}:{value}");
        }
        assert_eq!(
            carry("CLASS", "private", Kind::Todo),
            Carried::Line("CLASS:PRIVATE".into())
        );
    }

    proptest! {
        #[test]
        fn nothing_breaks_out_of_its_line(head in "(X-A|ATTACH|COMMENT)(;\\PC{0,12})?", value in "(?s).{0,40}") {
            if let Carried::Line(line) = line(&head, &value) {
                prop_assert!(!line.chars().any(|c| c.is_control() && c != '\t'), "{line:?}");
            }
        }
    }
}
