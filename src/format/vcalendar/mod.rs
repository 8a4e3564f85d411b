//! The parts of vCalendar 1.0 (versit, 1996) that differ from iCalendar: recurrence rules, alarms and the zone.
//!
//! [`icalendar::reading`](super::icalendar::reading) reads the records themselves, because their properties mean the
//! same in both formats.

mod alarm;
mod rule;
mod zone;

pub(crate) use alarm::{alarm, alarm_method};
pub(crate) use rule::rule;
pub(crate) use zone::{offset, summer};
