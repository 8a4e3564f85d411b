//! Converts date-time values of a calendar to moments, with zones by name, by VTIMEZONE, or by TZ and DAYLIGHT.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime};
use chrono_tz::Tz;

use super::super::digits::{Digits, lenient};
use super::super::moment::instant_of;
use super::super::zone_names::{Zone, zone};
use super::offsets::{Budget, Offsets, Recurs, Told};
use crate::format::versit::{Component, Property};
use crate::model::Moment;

/// The zones of a calendar.
#[derive(Debug, Default)]
pub(super) struct Zones {
    /// The VTIMEZONEs of the calendar, by [`key`], in their order.
    named: Rc<HashMap<String, Vec<Definition>>>,
    /// VTIMEZONEs of earlier calendars in the file.
    before: Definitions,
    /// The clock for times without a zone (TZ of vCalendar 1.0).
    clock: Option<Rc<Offsets>>,
    /// Home zone of the calendar's owner, as the calendar declares it.
    pub home: Option<Tz>,
    budget: Budget,
    /// How long the most recently read record recurs, by its line. Its times are read one after the other.
    repeating: Cell<Option<(u64, Recurs)>>,
}

/// The last VTIMEZONE of each name in a file.
pub(super) type Definitions = HashMap<String, Definition>;

/// A VTIMEZONE.
#[derive(Debug, Clone)]
pub(super) struct Definition {
    line: u64,
    offsets: Rc<Offsets>,
    /// Zones that the names in the VTIMEZONE suggest.
    names: Rc<[Zone]>,
    /// Earlier calendars in the file define this name in different ways, so it says nothing in a later one.
    is_doubtful: bool,
}

/// Always equal: definitions are compared only as part of records, and are not part of the data.
impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        self.line == other.line
    }
}

/// A date or time as written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Time {
    pub moment: Moment,
    /// Wall time.
    pub wall: NaiveDateTime,
    /// The zone is unknown, or its rules could not be understood.
    pub unknown_zone: bool,
}

impl Time {
    pub fn is_date(&self) -> bool {
        matches!(self.moment, Moment::Date(_))
    }

    /// True if the time is the same on every clock.
    pub fn floats(&self) -> bool {
        matches!(&self.moment, Moment::Time { zone, .. } if zone == Moment::FLOATING)
    }

    /// Lets a time float, unless it is in UTC.
    pub fn float(&mut self) {
        if let Moment::Time { millis, zone } = &mut self.moment
            && zone != "UTC"
        {
            *millis = self.wall.and_utc().timestamp().saturating_mul(1000);
            zone.clear();
            zone.push_str(Moment::FLOATING);
        }
    }

    pub fn is_midnight(&self) -> bool {
        self.wall.time() == NaiveTime::MIN
    }

    /// The date without the time.
    pub fn as_date(&self) -> Moment {
        date_of(self.wall.date())
    }
}

pub(super) fn date_of(day: NaiveDate) -> Moment {
    let epoch = NaiveDate::default();
    Moment::Date(day.signed_duration_since(epoch).num_days())
}

/// Normalises a zone name for look-up. TZID is a text in one place and a parameter in another, with different escapes
/// and quotes.
fn key(name: &str) -> String {
    let name = name.trim().trim_matches('"').trim();
    let bare = name.chars().filter(|c| !matches!(c, '\\' | '"'));
    bare.flat_map(char::to_lowercase).collect()
}

impl Definition {
    /// Reads the name and definition of a VTIMEZONE; None if it has no name or no offset. Identical definitions share
    /// their tables.
    pub(super) fn of(
        component: &Component,
        alike: &mut HashMap<String, Definition>,
    ) -> Option<(String, Self)> {
        let name = component.text("TZID")?;
        let content = format!("{:?}", content(component));
        let known = alike.get(&content).map(|known| Self {
            line: component.line,
            ..known.clone()
        });
        let definition = match known {
            Some(known) => known,
            None => Self {
                line: component.line,
                offsets: Rc::new(Offsets::of_timezone(component)?),
                names: ["X-LIC-LOCATION", "TZID", "X-TZINFO"]
                    .iter()
                    .filter_map(|property| component.text(property))
                    .map(|text| zone(text.split('[').next().unwrap_or_default()))
                    .collect(),
                is_doubtful: false,
            },
        };
        alike.insert(content, definition.clone());
        Some((key(&name), definition))
    }

    /// Converts a wall time to a moment. A zone name is better than an offset and is shown to the user, but it is
    /// used only if that zone agrees with the offsets in the file.
    fn time(&self, wall: NaiveDateTime, recurs: Recurs, budget: &Budget) -> Option<Time> {
        let told = self.offsets.at(wall, budget)?;
        let instant = wall.and_utc().timestamp() - i64::from(told.seconds());
        let year = wall.year();
        let is_place = |zone: &Zone| matches!(zone, Zone::Utc | Zone::Named(_));
        let names = || self.names.iter().copied().filter(is_place);
        let excerpt = names().find_map(|zone| match zone {
            Zone::Named(place) => {
                let told = self.offsets.is_excerpt_of(place, wall, recurs, budget);
                told.then(|| at(instant_of(wall, zone), place.name()))
            }
            _ => None,
        });
        if let Some(moment) = excerpt {
            return Some(Time {
                moment,
                wall,
                unknown_zone: false,
            });
        }
        let named = names().find(|zone| self.offsets.agrees(*zone, wall, recurs, budget));
        let searched = || {
            let place = Zone::Named(self.offsets.place(wall, recurs, budget)?);
            (instant_of(wall, place) == instant).then_some(place)
        };
        // For rules that were outdated when they were written, or that end too early.
        let nearly = || {
            let mut names = names().filter(|_| recurs != Recurs::No);
            names.find(|zone| self.offsets.mostly_agrees(*zone, year, budget))
        };
        let sure = named.or_else(searched);
        let zone = sure.or_else(nearly);
        let known = zone.map(|zone| (instant_of(wall, zone), zone));
        Some(match known {
            Some((seconds, Zone::Named(zone))) => Time {
                moment: at(seconds, zone.name()),
                wall,
                unknown_zone: sure.is_none()
                    || (matches!(told, Told::Offset(_)) && seconds != instant),
            },
            Some((seconds, _)) => Time {
                moment: at(seconds, "UTC"),
                wall,
                unknown_zone: sure.is_none(),
            },
            None => match self.offsets.excerpted(wall, recurs, budget) {
                Some(zone) => Time {
                    moment: at(instant_of(wall, Zone::Named(zone)), zone.name()),
                    wall,
                    unknown_zone: false,
                },
                None => self.offsets.without_zone(wall, told, recurs, budget),
            },
        })
    }
}

/// The whole content of a VTIMEZONE, without its name.
fn content(component: &Component) -> Vec<(&str, &str)> {
    let inner = component.components.iter().flat_map(|part| {
        let name = (part.name.as_str(), "");
        let properties = part.properties.iter();
        std::iter::once(name).chain(properties.map(|p| (p.name.as_str(), p.raw.as_str())))
    });
    let own = component.properties.iter();
    own.map(|p| (p.name.as_str(), p.raw.as_str()))
        .chain(inner)
        .collect()
}

impl Zones {
    pub fn of(calendar: &Component, budget: &Budget, before: Definitions) -> Self {
        let mut named: HashMap<String, Vec<Definition>> = HashMap::new();
        let mut alike = HashMap::new();
        let zones = calendar.components.iter().filter(|c| c.name == "VTIMEZONE");
        for component in zones {
            if let Some((key, definition)) = Definition::of(component, &mut alike) {
                named.entry(key).or_default().push(definition);
            }
        }
        let home = calendar
            .text("X-WR-TIMEZONE")
            .map(|name| zone(&name))
            .or_else(|| {
                let mut all = named.values().flatten();
                let only = all.next().and_then(|first| first.names.first().copied());
                only.filter(|_| named.len() == 1)
            });
        Self {
            named: Rc::new(named),
            before,
            clock: Offsets::of_clock(calendar).map(Rc::new),
            home: match home {
                Some(Zone::Named(zone)) => Some(zone),
                _ => None,
            },
            budget: budget.clone(),
            repeating: Cell::default(),
        }
    }

    /// How long a record recurs. `wall` is one of its times.
    fn recurs(&self, record: &Component, wall: NaiveDateTime) -> Recurs {
        match self.repeating.get() {
            Some((line, known)) if line == record.line => known,
            _ => {
                let recurs = Recurs::of(record, wall);
                self.repeating.set(Some((record.line, recurs)));
                recurs
            }
        }
    }

    /// Returns the VTIMEZONEs, for later calendars in the file.
    pub fn into_definitions(self) -> Definitions {
        let mut all = self.before;
        for (key, definitions) in self.named.iter() {
            for next in definitions {
                let known = all.get(key);
                let is_doubtful = known.is_some_and(|known| {
                    known.is_doubtful || !known.offsets.has_same_parts(&next.offsets)
                });
                let next = Definition {
                    is_doubtful,
                    ..next.clone()
                };
                all.insert(key.clone(), next);
            }
        }
        all
    }

    /// Returns the moment of a property's value. `series`: the recurring record that the value is the start of.
    pub fn time(
        &self,
        property: &Property,
        clock: Option<&Offsets>,
        series: Option<&Component>,
    ) -> Option<Time> {
        let asked = Asked {
            zone: property.parameter("TZID"),
            clock,
            series,
            line: property.line,
        };
        self.value(&property.text(), asked)
    }

    /// Returns the moment of a single value.
    pub fn time_of(&self, text: &str, zone_name: Option<&str>) -> Option<Time> {
        let asked = Asked {
            zone: zone_name,
            clock: None,
            series: None,
            line: u64::MAX,
        };
        self.value(text, asked)
    }

    pub fn value(&self, text: &str, asked: Asked<'_>) -> Option<Time> {
        // Handles an unquoted colon in a zone name, and parameters after the wrong mark: `TZID=+02:00:2024…`,
        // `TRIGGER:VALUE=DATE-TIME:2024…`.
        let (front, text) = text
            .rsplit_once(':')
            .filter(|(_, time)| lenient(time).is_some())
            .unwrap_or(("", text));
        let whole = match (asked.zone, front.strip_prefix("TZID=")) {
            (_, Some(name)) => Some(name.to_owned()),
            (Some(name), None) if !front.is_empty() => Some(format!("{name}:{front}")),
            _ => None,
        };
        let asked = Asked {
            zone: whole.as_deref().or(asked.zone),
            ..asked
        };
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
            Digits::Wall(wall) => Some(self.wall(wall, asked)),
        }
    }

    fn wall(&self, wall: NaiveDateTime, asked: Asked<'_>) -> Time {
        let known = |moment| Time {
            moment,
            wall,
            unknown_zone: false,
        };
        let floating = || at(wall.and_utc().timestamp(), Moment::FLOATING);
        let Some(name) = asked.zone.filter(|name| !name.trim().is_empty()) else {
            let clock = asked.clock.or(self.clock.as_deref());
            let Some(clock) = clock else {
                return known(floating());
            };
            let recurs = asked.series.map_or(Recurs::No, |of| self.recurs(of, wall));
            return self.by_clock(clock, wall, recurs);
        };
        let key = key(name);
        let own = self.named.get(&key).and_then(|all| {
            let above = all.partition_point(|each| each.line < asked.line);
            all.get(above.saturating_sub(1))
        });
        let by = |definition: &Definition| {
            let recurs = asked.series.map_or(Recurs::No, |of| self.recurs(of, wall));
            definition.time(wall, recurs, &self.budget)
        };
        let defined = own.map(by);
        if let Some(Some(time)) = defined {
            return time;
        }
        let moment = match zone(name) {
            Zone::Utc => at(wall.and_utc().timestamp(), "UTC"),
            Zone::Named(zone) => at(instant_of(wall, Zone::Named(zone)), zone.name()),
            Zone::Offset(offset) => fixed(wall.and_utc().timestamp() - i64::from(offset), offset),
            Zone::Floating => floating(),
            Zone::Unknown => {
                let before = self.before.get(&key).filter(|known| !known.is_doubtful);
                let time = before.and_then(by);
                return time.unwrap_or_else(|| Time {
                    unknown_zone: true,
                    ..known(floating())
                });
            }
        };
        Time {
            // The zone has its own rules, which could not be understood.
            unknown_zone: defined.is_some(),
            ..known(moment)
        }
    }

    fn by_clock(&self, clock: &Offsets, wall: NaiveDateTime, recurs: Recurs) -> Time {
        let budget = &self.budget;
        let told = clock.at(wall, budget).unwrap_or(Told::Before(0));
        let instant = wall.and_utc().timestamp() - i64::from(told.seconds());
        // The clock of a phone knows only some years, so the year of the start stands for all.
        let place = clock.place(wall, Recurs::No, budget);
        match place.filter(|place| instant_of(wall, Zone::Named(*place)) == instant) {
            Some(zone) => Time {
                moment: at(instant, zone.name()),
                wall,
                unknown_zone: false,
            },
            // In vCalendar 1.0, times without a mark are those of the phone's clock, wherever it is.
            None => Time {
                unknown_zone: false,
                ..clock.without_zone(wall, told, recurs, budget)
            },
        }
    }

    /// Converts a time in UTC to the wall time of the zone that the file defines under this name for a line.
    pub fn wall_of_utc(
        &self,
        utc: NaiveDateTime,
        name: Option<&str>,
        clock: Option<&Offsets>,
        line: u64,
    ) -> Option<NaiveDateTime> {
        let offsets = match name.filter(|name| !name.trim().is_empty()) {
            Some(name) => {
                let key = key(name);
                let own = self.named.get(&key).and_then(|all| {
                    let above = all.partition_point(|each| each.line < line);
                    all.get(above.saturating_sub(1))
                });
                let before = || self.before.get(&key).filter(|known| !known.is_doubtful);
                &*own.or_else(before)?.offsets
            }
            None => clock.or(self.clock.as_deref())?,
        };
        offsets.wall_at(utc, &self.budget)
    }
}

impl Offsets {
    /// Returns a time in a zone that has no known name. A single time is an instant, and so is a series for which
    /// the offset never changes. Any other series floats: only so does every occurrence stay at its hour.
    fn without_zone(
        &self,
        wall: NaiveDateTime,
        told: Told,
        recurs: Recurs,
        budget: &Budget,
    ) -> Time {
        let seconds = wall.and_utc().timestamp();
        let offset = told.seconds();
        let utc = wall.checked_sub_signed(chrono::Duration::seconds(offset.into()));
        // Such an offset is written in UTC, where the weekdays of a rule would be other days.
        let other_day = offset % 3600 != 0 && utc.is_none_or(|utc| utc.date() != wall.date());
        let floats =
            recurs != Recurs::No && (other_day || self.changes_during(wall, recurs, budget));
        Time {
            moment: match floats {
                true => at(seconds, Moment::FLOATING),
                false => fixed(seconds - i64::from(offset), offset),
            },
            wall,
            unknown_zone: floats,
        }
    }
}

/// The context that a value needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub zone: Option<&'a str>,
    /// The clock that the record itself defines.
    pub clock: Option<&'a Offsets>,
    /// The recurring record that the value is the start of. It needs a zone that agrees with the file's offsets in
    /// later years too.
    pub series: Option<&'a Component>,
    /// Line of the value. If several VTIMEZONEs have the same name, the last one before this line is used.
    pub line: u64,
}

/// An instant in a zone that is named by its offset in seconds.
fn fixed(instant: i64, offset: i32) -> Moment {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.unsigned_abs() / 60;
    match offset {
        0 => at(instant, "UTC"),
        _ => at(
            instant,
            &format!("GMT{sign}{:02}:{:02}", minutes / 60, minutes % 60),
        ),
    }
}

pub(super) fn at(seconds: i64, zone: &str) -> Moment {
    Moment::Time {
        millis: seconds.saturating_mul(1000),
        zone: zone.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::moment::wall_value;
    use super::super::offsets::wall_of;
    use super::*;
    use crate::format::versit::{Reader, as_utf8};

    fn zones(text: &str) -> Zones {
        let file = as_utf8(text.as_bytes());
        Zones::of(
            &Reader::new(&file).next_component().unwrap(),
            &Budget::default(),
            Definitions::new(),
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
}
