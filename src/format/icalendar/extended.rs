//! Writes the extended properties that sync adapters store for an event, if iCalendar has a property for them.

use super::carried::{Carried, Kind, carried, is_geo};
use super::lines::{Lines, escaped};
use crate::format::Losses;
use crate::model::{Event, ExtendedProperty};
use crate::phrase;

/// Name under which ical4android (DAVx⁵ and others) stores properties without an Android column: a JSON array of
/// name, value and, optionally, parameters.
const UNKNOWN_PROPERTY: &str = "vnd.ical4android.unknown-property";
/// ical4android's name for the link of an event.
pub(super) const URL_NAME: &str = "vnd.ical4android.url";
/// ical4android's name for the categories of an event, which are separated by backslashes.
pub(super) const CATEGORIES_NAME: &str = "categories";

/// Writes CATEGORIES, URL and other properties that can be understood.
pub(super) fn write_extended(lines: &mut Lines, event: &Event, journal: bool, losses: &mut Losses) {
    let kind = if journal { Kind::Journal } else { Kind::Event };
    let carried = carried(&event.extended, kind);
    let mut categories: Vec<String> = Vec::new();
    let mut others: Vec<(String, String)> = Vec::new();
    for property in &event.extended {
        if property.name == CATEGORIES_NAME {
            categories.extend(property.value.split('\\').map(str::to_owned));
        } else if let Some((name, value)) = unknown_property(property) {
            match name.as_str() {
                "CATEGORIES" => categories.extend(value.split(',').map(str::to_owned)),
                _ if usable(&name, &value, journal)
                    && (name == "COMMENT" || !others.iter().any(|(other, _)| *other == name)) =>
                {
                    others.push((name, value));
                }
                _ => {}
            }
        }
    }
    let categories: Vec<String> = categories
        .iter()
        .map(|category| escaped(category.trim()))
        .filter(|category| !category.is_empty())
        .collect();
    if !categories.is_empty() {
        lines.line(&format!("CATEGORIES:{}", categories.join(",")));
    }
    let link = event
        .extended
        .iter()
        .find(|property| property.name.ends_with(URL_NAME) && is_uri(&property.value))
        .map(|property| property.value.as_str());
    let has_link = |p: &ExtendedProperty| p.name.ends_with(URL_NAME) && !p.value.trim().is_empty();
    if link.is_none() && event.extended.iter().any(has_link) {
        losses.add(phrase("links that can't be read"));
    }
    let app_link = event.app_uri.as_deref().filter(|uri| is_uri(uri));
    if let Some(uri) = link.or(app_link) {
        lines.line(&format!("URL:{uri}"));
    }
    for (name, value) in others {
        match name.as_str() {
            "GEO" | "PRIORITY" => lines.line(&format!("{name}:{value}")),
            _ => lines.line(&format!("{name}:{}", escaped(&value))),
        }
    }
    for each in &carried {
        match each {
            Carried::Line(line) => lines.line(line),
            Carried::Lost(words) => losses.add(words),
            Carried::Aside => {}
        }
    }
}

/// Returns the name and value of a stored property without parameters.
fn unknown_property(property: &ExtendedProperty) -> Option<(String, String)> {
    if !property.name.contains(UNKNOWN_PROPERTY) {
        return None;
    }
    let parts: Vec<serde_json::Value> = serde_json::from_str(&property.value).ok()?;
    let bare = match parts.get(2) {
        None => true,
        Some(parameters) => parameters
            .as_object()
            .is_some_and(serde_json::Map::is_empty),
    };
    if !bare || parts.len() > 3 {
        return None;
    }
    let name = parts.first()?.as_str()?.to_ascii_uppercase();
    Some((name, parts.get(1)?.as_str()?.to_owned()))
}

/// True for properties that every reader understands in the same way and that the model does not already express.
fn usable(name: &str, value: &str, journal: bool) -> bool {
    match name {
        "COMMENT" => true,
        "GEO" => !journal && is_geo(value),
        "PRIORITY" => !journal && matches!(value.as_bytes(), [b'0'..=b'9']),
        _ => {
            name.starts_with("X-")
                && !name.starts_with("X-LIFEBOAT")
                && !name.starts_with("X-MICROSOFT")
                && (3..=60).contains(&name.len())
                && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        }
    }
}

/// True if the text is a URI (RFC 3986) that is safe to follow from a calendar: not a script, not embedded data.
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    let active = ["javascript", "vbscript", "data"]
        .iter()
        .any(|bad| scheme.eq_ignore_ascii_case(bad));
    scheme_ok
        && !active
        && !rest.is_empty()
        && rest
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_told_from_other_text() {
        for uri in [
            "https://example.com/a?b=c,d;e",
            "content://app/1",
            "mailto:a@b.c",
        ] {
            assert!(is_uri(uri), "{uri}");
        }
        for text in [
            "",
            "https:",
            "a b:c",
            "javascript:alert(1)",
            "http://a b",
            "x:\r\nY:1",
            "://x",
            "no",
        ] {
            assert!(!is_uri(text), "{text:?}");
        }
    }

    #[test]
    fn kept_properties_come_back_only_if_they_are_safe() {
        let property = |value: &str| {
            unknown_property(&ExtendedProperty {
                name: format!("vnd.android.cursor.item/{UNKNOWN_PROPERTY}"),
                value: value.into(),
            })
            .filter(|(name, value)| usable(name, value, false))
        };
        assert_eq!(
            property(r#"["GEO","52.5;13.4"]"#),
            Some(("GEO".into(), "52.5;13.4".into()))
        );
        assert!(property(r#"["x-foo","bar",{}]"#).is_some());
        for value in [
            r#"["GEO","52.5;13.4\r\nX:1"]"#,
            r#"["X-A:B","x"]"#,
            r#"["DTSTART","20200101"]"#,
            r#"["X-FOO","bar",{"VALUE":"URI"}]"#,
            r#"["X-LIFEBOAT-SOURCE","bar"]"#,
            "[]",
            "junk",
        ] {
            assert_eq!(property(value), None, "{value}");
        }
    }
}
