//! Which moment a date-time value of a calendar is: zones by name, by VTIMEZONE, by TZ and DAYLIGHT.

use std::collections::HashMap;

use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

use super::super::moment::{Digits, Zone, digits, instant_of, wall_value, zone};
use super::offsets::{Offsets, Searches};
use crate::format::vcalendar;
use crate::format::versit::{Component, Property};
use crate::model::Moment;

/// More zones than any calendar uses.
const MAX_ZONES: usize = 200;

/// The zones of a calendar.
#[derive(Debug, Default)]
pub(super) struct Zones {
    named: HashMap<String, Offsets>,
    /// The clock of times that name no zone (vCalendar 1.0's TZ).
    clock: Option<Offsets>,
    searches: Searches,
}

/// A date or time as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Time {
    pub moment: Moment,
    /// As the clock showed it.
    pub wall: NaiveDateTime,
    /// Its zone has a name that nobody knows, and no VTIMEZONE.
    pub unknown_zone: bool,
}

impl Time {
    pub fn is_date(&self) -> bool {
        matches!(self.moment, Moment::Date(_))
    }

    pub fn is_midnight(&self) -> bool {
        self.wall.time() == NaiveTime::MIN
    }

    /// The day alone.
    pub fn as_date(&self) -> Moment {
        date_of(self.wall.date())
    }
}

pub(super) fn date_of(day: NaiveDate) -> Moment {
    let epoch = NaiveDate::default();
    Moment::Date(day.signed_duration_since(epoch).num_days())
}

impl Zones {
    pub fn of(calendar: &Component, searches: &Searches) -> Self {
        let mut zones = Self {
            searches: searches.clone(),
            ..Self::default()
        };
        for component in &calendar.components {
            if component.name == "VTIMEZONE"
                && zones.named.len() < MAX_ZONES
                && let Some(name) = component.text("TZID")
            {
                // A place is better than what its clocks did.
                let place = component.text("X-LIC-LOCATION");
                let offsets = match place.map(|place| zone(&place)) {
                    Some(Zone::Named(place)) => Offsets::of_zone(place),
                    _ => Offsets::of_timezone(component),
                };
                zones.named.insert(name, offsets);
            }
        }
        zones.clock = Offsets::of_clock(calendar);
        zones
    }

    /// The clock that a record gives for itself.
    pub fn own_clock(&self, record: &Component) -> Option<Self> {
        let clock = Some(Offsets::of_clock(record)?);
        Some(Self {
            named: HashMap::new(),
            clock,
            searches: self.searches.clone(),
        })
    }

    /// The moment of a property's value.
    pub fn time(&self, property: &Property) -> Option<Time> {
        let zone = property.parameter("TZID");
        self.time_of(&property.text(), zone)
    }

    /// The moment of one value.
    pub fn time_of(&self, text: &str, zone_name: Option<&str>) -> Option<Time> {
        let known = |moment, wall| {
            Some(Time {
                moment,
                wall,
                unknown_zone: false,
            })
        };
        match lenient(text)? {
            Digits::Date(day) => known(date_of(day), day.and_time(NaiveTime::MIN)),
            Digits::Utc(time) => known(at(time.and_utc().timestamp(), "UTC"), time),
            Digits::Wall(time) => self.wall(time, zone_name),
        }
    }

    fn wall(&self, time: NaiveDateTime, name: Option<&str>) -> Option<Time> {
        let seconds = time.and_utc().timestamp();
        let (moment, unknown_zone) = match name.filter(|name| !name.trim().is_empty()) {
            None => match &self.clock {
                None => (at(seconds, Moment::FLOATING), false),
                Some(clock) => (clock.moment(time, &self.searches), false),
            },
            Some(name) => match (zone(name), self.named.get(name)) {
                (Zone::Unknown | Zone::Floating, Some(offsets)) => {
                    (offsets.moment(time, &self.searches), false)
                }
                (Zone::Unknown | Zone::Floating, None) => (at(seconds, name), true),
                (known, _) => (at(instant_of(time, known), name), false),
            },
        };
        Some(Time {
            moment,
            wall: time,
            unknown_zone,
        })
    }
}

pub(super) fn at(seconds: i64, zone: &str) -> Moment {
    Moment::Time {
        millis: seconds.saturating_mul(1000),
        zone: zone.to_owned(),
    }
}

pub(super) fn wall_of(text: &str) -> Option<NaiveDateTime> {
    Some(match lenient(text)? {
        Digits::Date(day) => day.and_time(NaiveTime::MIN),
        Digits::Wall(time) | Digits::Utc(time) => time,
    })
}

/// A date or time as RFC 5545 or ISO 8601 has it, with what phones leave out or add: no seconds, 24 hours, an
/// offset.
pub(super) fn lenient(text: &str) -> Option<Digits> {
    let text = text.trim();
    if text.len() > 40 || !text.is_ascii() {
        return None;
    }
    if let Some(read) = digits(text) {
        return Some(read);
    }
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, ""));
    let date: String = date.chars().filter(|c| !matches!(c, '-' | '/')).collect();
    // `20131210Z`
    let date = date.strip_suffix('Z').unwrap_or(&date);
    let Some(Digits::Date(day)) = digits(date) else {
        return None;
    };
    if time.is_empty() {
        return Some(Digits::Date(day));
    }
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at)?;
    let clock = clock.split(['.', ',']).next().unwrap_or_default();
    let mut clock: String = clock.chars().filter(|c| *c != ':').collect();
    while clock.len() < 6 && clock.len() >= 2 {
        clock.push('0');
    }
    let (day, clock) = match clock.as_str() {
        "240000" => (day.succ_opt()?, "000000"),
        other => (day, other),
    };
    let text = format!("{}T{clock}", day.format("%Y%m%d"));
    let Some(Digits::Wall(wall)) = digits(&text) else {
        return None;
    };
    match zone {
        "" => Some(Digits::Wall(wall)),
        "Z" | "z" => Some(Digits::Utc(wall)),
        offset => {
            let east = vcalendar::offset(offset)?;
            let utc = wall.checked_sub_signed(Duration::seconds(east.into()))?;
            digits(&format!("{}Z", wall_value(&utc)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::offsets::yearly;
    use super::*;
    use crate::format::versit::{Reader, as_utf8};
    use proptest::prelude::*;

    fn zones(text: &str) -> Zones {
        let file = as_utf8(text.as_bytes());
        Zones::of(
            &Reader::new(&file).next_component().unwrap(),
            &Searches::default(),
        )
    }

    fn moment(zones: &Zones, text: &str, zone: Option<&str>) -> (i64, String) {
        match zones.time_of(text, zone).unwrap().moment {
            Moment::Time { millis, zone } => (millis / 1000, zone),
            Moment::Date(days) => (days, "date".into()),
        }
    }

    #[test]
    fn times_are_read_as_they_were_written() {
        for (text, wanted) in [
            ("20091012T090000", Some("20091012T090000")),
            ("20091012T0900", Some("20091012T090000")),
            ("2009-10-12T09:00:00", Some("20091012T090000")),
            ("2009-10-12T09:00:00.000Z", Some("20091012T090000")),
            ("20091012T240000", Some("20091013T000000")),
            ("2009-10-12T09:00:00+02:00", Some("20091012T070000")),
            ("20091012T090000Z ", Some("20091012T090000")),
            ("2009-10-12", Some("20091012T000000")),
            ("20091012Z", Some("20091012T000000")),
            ("20091332", None),
            ("T090000", None),
            ("", None),
        ] {
            assert_eq!(
                wall_of(text).map(|t| wall_value(&t)).as_deref(),
                wanted,
                "{text}"
            );
        }
    }

    #[test]
    fn a_vtimezone_of_any_name_gives_the_moment_and_a_zone() {
        let zones = zones(
            "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTIMEZONE\nTZID:My zone\nBEGIN:STANDARD\nDTSTART:19701025T030000\n\
             RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n\
             BEGIN:DAYLIGHT\nDTSTART:19700329T020000\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\n\
             TZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nEND:VTIMEZONE\nEND:VCALENDAR",
        );
        let (summer, zone) = moment(&zones, "20090701T120000", Some("My zone"));
        assert_eq!(summer, 1_246_442_400);
        assert!(zone.starts_with("Europe/"), "{zone}");
        let (winter, _) = moment(&zones, "20091231T120000", Some("My zone"));
        assert_eq!(winter, 1_262_257_200);
        assert!(
            zones
                .time_of("20090701T120000", Some("Other"))
                .unwrap()
                .unknown_zone
        );
    }

    #[test]
    fn a_phone_s_clock_is_an_offset_and_its_summer_time() {
        let zones = zones(
            "BEGIN:VCALENDAR\nVERSION:1.0\nTZ:+01:00\nDAYLIGHT:TRUE;+02:00;20090329T020000;20091025T030000;;\nEND:VCALENDAR",
        );
        assert_eq!(moment(&zones, "20090701T120000", None).0, 1_246_442_400);
        assert_eq!(moment(&zones, "20091231T120000", None).0, 1_262_257_200);
        let fixed = super::tests::zones("BEGIN:VCALENDAR\nVERSION:1.0\nTZ:-05:30\nEND:VCALENDAR");
        assert_eq!(
            moment(&fixed, "20090701T120000", None),
            (1_246_449_600 + 19_800, "GMT-05:30".into())
        );
        assert_eq!(
            moment(&fixed, "20090701T120000Z", None),
            (1_246_449_600, "UTC".into())
        );
    }

    #[test]
    fn without_any_zone_a_time_floats() {
        let zones = Zones::default();
        assert_eq!(
            moment(&zones, "20090701T120000", None),
            (1_246_449_600, Moment::FLOATING.into())
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "\\PC{0,40}") {
            let _ = lenient(&text);
            let _ = yearly(&text, NaiveDateTime::default());
        }
    }
}
