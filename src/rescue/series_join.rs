//! Changed occurrences find their series.

use std::collections::BTreeMap;

use crate::model::Event;

/// Changed occurrences whose series is known by its server's id: by calendar and id.
#[derive(Debug, Default)]
pub struct Occurrences(BTreeMap<(i64, String), Vec<Event>>);

impl Occurrences {
    /// True for a living occurrence whose series is to be found by its id.
    pub fn is_to_be_joined(&self, event: &Event) -> bool {
        event.recurrence_id.is_some() && event.series_id.is_some() && !event.source.deleted
    }

    /// Takes the event if it is such an occurrence.
    pub fn add(&mut self, event: Event) {
        if self.is_to_be_joined(&event)
            && let Some(id) = event.series_id.clone()
        {
            self.0.entry((event.calendar, id)).or_default().push(event);
        }
    }

    /// Gives a series its occurrences.
    pub fn join(&mut self, series: &mut Event) {
        let Some(id) = series
            .source
            .source_id
            .clone()
            .filter(|_| series.recurrence_id.is_none())
        else {
            return;
        };
        if series.source.deleted {
            return;
        }
        for occurrence in self.0.remove(&(series.calendar, id)).unwrap_or_default() {
            series.take_occurrence(occurrence);
        }
    }

    /// Those whose series isn't there.
    pub fn left(self) -> impl Iterator<Item = Event> {
        self.0.into_values().flatten()
    }
}
