//! Names of time zones: the IANA names, those of Windows and of Outlook's lists, and names with a program's prefix.

use std::collections::HashMap;
use std::str::FromStr;
use std::sync::LazyLock;

use chrono_tz::Tz;
use strum::IntoEnumIterator;
use windows_timezones::WindowsTimezone;

use crate::model::Moment;

/// Result of looking up a zone name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Zone {
    Utc,
    Named(Tz),
    /// Seconds east of UTC that are not whole hours.
    Offset(i32),
    /// [`Moment::FLOATING`]
    Floating,
    Unknown,
}

/// A longer text is not a zone name.
const MAX_NAME: usize = 200;

/// Finds the zone of a name: IANA names (in any case, or after a vendor's prefix such as
/// `/freeassociation.sourceforge.net/`), Windows names and the labels in its lists, and offsets such as Java's
/// `GMT+02:00`.
pub(super) fn zone(name: &str) -> Zone {
    let name = name.trim().trim_matches('"').trim();
    const UTC: [&str; 10] = [
        "",
        "UTC",
        "GMT",
        "Z",
        "Etc/UTC",
        "Etc/GMT",
        "Etc/UCT",
        "UCT",
        "Zulu",
        "Universal",
    ];
    if UTC.iter().any(|n| n.eq_ignore_ascii_case(name)) {
        return Zone::Utc;
    }
    if name == Moment::FLOATING {
        return Zone::Floating;
    }
    if name.len() > MAX_NAME {
        return Zone::Unknown;
    }
    iana(name)
        .map(Zone::Named)
        .or_else(|| windows(name))
        .or_else(|| offset(name))
        .or_else(|| path(name))
        .unwrap_or(Zone::Unknown)
}

/// The zones of Windows, as IANA zones.
pub(super) fn of_windows() -> impl Iterator<Item = Tz> {
    WindowsTimezone::iter().filter_map(|zone| iana(zone.tzdb_id()))
}

fn iana(name: &str) -> Option<Tz> {
    static LOWER: LazyLock<HashMap<String, Tz>> = LazyLock::new(|| {
        let all = chrono_tz::TZ_VARIANTS.iter();
        all.map(|zone| (zone.name().to_ascii_lowercase(), *zone))
            .collect()
    });
    let known = Tz::from_str(name)
        .ok()
        .or_else(|| LOWER.get(&name.to_ascii_lowercase()).copied());
    known.or_else(|| {
        // Written for people: `America/New York`.
        let spaced = name.contains('/') && name.contains(' ');
        let other = spaced.then(|| name.replace(' ', "_").to_ascii_lowercase())?;
        LOWER.get(&other).copied()
    })
}

/// Names after a vendor's prefix: `/mozilla.org/20070129_1/America/Argentina/Ushuaia`, `tzone://Microsoft/Utc`.
fn path(name: &str) -> Option<Zone> {
    if name.to_ascii_lowercase().starts_with("tzone://") {
        let last = name.rsplit('/').next().unwrap_or_default();
        return last.eq_ignore_ascii_case("utc").then_some(Zone::Utc);
    }
    let parts: Vec<&str> = name.split('/').collect();
    [3, 2].into_iter().find_map(|count| {
        let start = parts.len().checked_sub(count).filter(|start| *start > 0)?;
        iana(&parts.get(start..)?.join("/")).map(Zone::Named)
    })
}

/// Reads `GMT+2`, `GMT+02:00`, `UTC-0300` as zones such as `Etc/GMT-2`, whose sign is reversed. `GMT+05:30` has no
/// such zone and becomes an offset.
fn offset(name: &str) -> Option<Zone> {
    let offset = name.strip_prefix("GMT").or(name.strip_prefix("UTC"));
    let offset = offset.unwrap_or(name);
    if !offset.starts_with(['+', '-']) {
        return None;
    }
    let seconds = utc_offset(offset)?;
    if seconds == 0 {
        return Some(Zone::Utc);
    }
    if seconds % 3600 != 0 {
        return Some(Zone::Offset(seconds));
    }
    let sign = if seconds > 0 { '-' } else { '+' };
    let hours = (seconds / 3600).unsigned_abs();
    iana(&format!("Etc/GMT{sign}{hours}")).map(Zone::Named)
}

/// Reads a UTC-OFFSET (RFC 5545 section 3.3.14) in seconds: `+0530`, `-001640`, and common variants: `+05:30`, `-5`.
pub(super) fn utc_offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return None;
    }
    let digits: String = match rest.split_once(':') {
        Some((hours, rest)) => format!("{hours:0>2}{}", rest.replace(':', "")),
        None if rest.len() <= 2 => format!("{rest:0>2}00"),
        None => format!("{}{rest}", "0".repeat(rest.len() % 2)),
    };
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |at: usize| {
        digits
            .get(at..at + 2)
            .map_or(Some(0), |two| two.parse().ok())
    };
    let (hours, minutes, seconds): (i32, i32, i32) = (number(0)?, number(2)?, number(4)?);
    let fits = hours <= 23 && minutes < 60 && seconds < 60;
    fits.then_some(sign * (hours * 3600 + minutes * 60 + seconds))
}

/// Windows zone names, and the labels in its lists.
struct Windows {
    /// Names in lower case.
    names: HashMap<String, Zone>,
    /// Offset and cities of each label.
    shown: Vec<(Option<i32>, Vec<String>, Zone)>,
}

static WINDOWS: LazyLock<Windows> = LazyLock::new(|| {
    let mut windows = Windows {
        names: HashMap::new(),
        shown: Vec::new(),
    };
    for each in WindowsTimezone::iter() {
        let zone = match each.tzdb_id() {
            "Etc/UTC" | "Etc/GMT" => Zone::Utc,
            other => iana(other).map_or(Zone::Unknown, Zone::Named),
        };
        let name = each.name().to_ascii_lowercase();
        // The name that Windows shows in summer.
        windows
            .names
            .insert(name.replace("standard time", "daylight time"), zone);
        windows.names.insert(name, zone);
        let (offset, places) = places(each.description());
        windows.shown.push((offset, places, zone));
    }
    windows
});

/// Reads a Windows name such as `Eastern Standard Time 1` (Exchange numbers variants of a zone), or a label from a
/// list: `(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna`. Older lists have partly different cities.
/// The zone with the same offset and the most matching cities wins, if there is a single one.
fn windows(name: &str) -> Option<Zone> {
    let lower = name.to_ascii_lowercase().replace('\\', "");
    let bare = lower.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = bare
        .strip_suffix(' ')
        .filter(|bare| bare.ends_with("time") && bare.len() < lower.len());
    let by_name = |name: &str| WINDOWS.names.get(name).copied();
    if let Some(zone) = by_name(&lower).or_else(|| by_name(numbered?)) {
        return Some(zone);
    }
    let (offset, wanted) = places(&lower);
    let score = |of: &(Option<i32>, Vec<String>, Zone)| match offset {
        // Without an offset, only a complete match counts.
        None if of.1 != wanted => 0,
        Some(_) if of.0 != offset => 0,
        _ => of.1.iter().filter(|place| wanted.contains(place)).count(),
    };
    let best = WINDOWS.shown.iter().map(score).max().filter(|n| *n > 0)?;
    let mut all = WINDOWS.shown.iter().filter(|of| score(of) == best);
    let zone = all.next()?.2;
    all.next().is_none().then_some(zone)
}

/// Reads the offset in minutes and the cities of `(GMT+01.00) Sarajevo/Warsaw/Zagreb`, in lower case.
fn places(text: &str) -> (Option<i32>, Vec<String>) {
    let text = text.to_ascii_lowercase();
    let (offset, places) = match text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((offset, places)) => (shown_offset(offset), places),
        None => (None, text.as_str()),
    };
    let places = places.rsplit(" : ").next().unwrap_or(places);
    let names = places
        .split([',', '/'])
        .map(|place| {
            let words = place.split_whitespace().collect::<Vec<&str>>();
            words.join(" ")
        })
        .filter(|place| !place.is_empty());
    (offset, names.collect())
}

/// Reads `utc+01:00`, `gmt-05.00`, `utc` as minutes.
fn shown_offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let text = text.strip_prefix("utc").or(text.strip_prefix("gmt"))?;
    let (sign, digits) = match text.chars().next() {
        None => return Some(0),
        Some('-') => (-1, text.get(1..)?),
        Some('+') => (1, text.get(1..)?),
        Some(_) => return None,
    };
    let (hours, minutes) = digits.split_once([':', '.']).unwrap_or((digits, "0"));
    let hours: i32 = hours.parse().ok().filter(|n| (0..=14).contains(n))?;
    let minutes: i32 = minutes.parse().ok().filter(|n| (0..60).contains(n))?;
    Some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn zones_are_found_under_their_many_names() {
        for (name, iana) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("\"Europe/Berlin\"", "Europe/Berlin"),
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("w. europe standard time", "Europe/Berlin"),
            ("Eastern Standard Time 1", "America/New_York"),
            ("Pacific Daylight Time", "America/Los_Angeles"),
            (
                "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
                "Europe/Berlin",
            ),
            (
                "(UTC+01:00) Amsterdam\\, Berlin\\, Bern\\, Rome\\, Stockholm\\, Vienna",
                "Europe/Berlin",
            ),
            ("(GMT-05.00) Eastern Time (US & Canada)", "America/New_York"),
            ("Pacific Time (US & Canada)", "America/Los_Angeles"),
            (
                "(GMT+02:00) Athens, Bucharest, Istanbul",
                "Europe/Bucharest",
            ),
            (
                "(GMT+05:30) Calcutta, Chennai, Mumbai, New Delhi",
                "Asia/Calcutta",
            ),
            (
                "(GMT) Greenwich Mean Time : Dublin, Edinburgh, Lisbon, London",
                "Europe/London",
            ),
            ("(GMT+01.00) Sarajevo/Warsaw/Zagreb", "Europe/Warsaw"),
            (
                "/freeassociation.sourceforge.net/Europe/Berlin",
                "Europe/Berlin",
            ),
            (
                "/freeassociation.sourceforge.net/Tzfile/Europe/Berlin",
                "Europe/Berlin",
            ),
            (
                "/mozilla.org/20070129_1/America/Argentina/Ushuaia",
                "America/Argentina/Ushuaia",
            ),
            ("/citadel.org/20210210_1/Europe/Paris", "Europe/Paris"),
            ("GMT+02:00", "Etc/GMT-2"),
            ("GMT-3", "Etc/GMT+3"),
            ("UTC+1000", "Etc/GMT-10"),
        ] {
            assert_eq!(zone(name), Zone::Named(iana.parse().unwrap()), "{name}");
        }
        for name in [
            "",
            "UTC",
            "gmt",
            "GMT+00:00",
            "tzone://Microsoft/Utc",
            "(UTC) Coordinated Universal Time",
        ] {
            assert_eq!(zone(name), Zone::Utc, "{name:?}");
        }
        assert_eq!(zone("GMT+05:30"), Zone::Offset(19_800));
        assert_eq!(zone("-03:30"), Zone::Offset(-12_600));
        for name in [
            "Mars/Olympus",
            // An example in RFC 2445, not a real name.
            "US-Eastern",
            "GMT+99",
            "/",
            "GMT+é",
            "Customized Time Zone",
            "tzone://Microsoft/Custom",
            "(UTC+01:00) Atlantis",
            "Standard Time 1",
        ] {
            assert_eq!(zone(name), Zone::Unknown, "{name:?}");
        }
    }

    #[test]
    fn every_windows_name_leads_to_a_zone() {
        for each in WindowsTimezone::iter() {
            assert_ne!(zone(each.name()), Zone::Unknown, "{each:?}");
            assert_eq!(zone(each.description()), zone(each.name()), "{each:?}");
        }
    }

    #[test]
    fn offsets_are_written_in_many_ways() {
        for (text, seconds) in [
            ("+0200", Some(7200)),
            ("-0530", Some(-19_800)),
            ("-05:30", Some(-19_800)),
            ("-001640", Some(-1000)),
            ("+00:53:28", Some(3208)),
            ("0100", Some(3600)),
            ("+1", Some(3600)),
            ("-500", Some(-18_000)),
            ("+1:00", Some(3600)),
            ("-0000", Some(0)),
            ("", None),
            ("+2500", None),
            ("UTC", None),
            ("+01é", None),
        ] {
            assert_eq!(utc_offset(text), seconds, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,60}") {
            let _ = (zone(&text), utc_offset(&text));
        }
    }
}
