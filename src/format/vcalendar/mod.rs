//! What vCalendar 1.0 (versit, 1996) has otherwise than iCalendar: rules of repetition, alarms, the zone.
//!
//! The records themselves are read by [`icalendar::reading`](super::icalendar::reading): their properties mean the
//! same in both.

mod alarm;
mod rule;
mod zone;

pub(crate) use alarm::{alarm, alarm_method};
pub(crate) use rule::rule;
pub(crate) use zone::{offset, summer};
