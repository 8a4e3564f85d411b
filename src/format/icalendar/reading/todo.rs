//! Reads VTODO.

use super::event::titled;
use super::extras;
use super::recurrence::Local;
use super::{Reading, data, is_own};
use crate::format::icalendar::todo::{RECURRENCE_ID, THIS_AND_FUTURE};
use crate::format::versit::exact::Exact as _;
use crate::format::versit::{Component, Fault, Property};
use crate::model::{Reminder, Todo, Trigger};

/// True for a change that also changes all later occurrences.
fn is_of_all_later(property: &Property) -> bool {
    property
        .parameter("RANGE")
        .is_some_and(|range| range.trim().eq_ignore_ascii_case("THISANDFUTURE"))
}

impl Reading<'_> {
    pub(super) fn todo(&mut self, component: &Component) -> Todo {
        let mut todo = self.seen_todo(component, is_own(component));
        if let Some(mut data) = data(component) {
            todo.restore(&mut data);
        }
        todo
    }

    /// Reads a to-do as any program sees it. `own`: Lifeboat wrote it.
    pub(super) fn seen_todo(&mut self, component: &Component, own: bool) -> Todo {
        let start = self.time(component, "DTSTART");
        let due = self.time(component, "DUE");
        let completed = self.time(component, "COMPLETED");
        let word = |name: &str| component.text(name).unwrap_or_default();
        let status = word("STATUS").trim().to_ascii_uppercase();
        let whole = word("PERCENT-COMPLETE").trim() == "100";
        let done = status == "COMPLETED" || (status.is_empty() && (whole || completed.is_some()));
        let mut todo = Todo {
            uid: component.text("UID").unwrap_or_default(),
            title: component.text("SUMMARY"),
            notes: component.text("DESCRIPTION"),
            done,
            ..Todo::default()
        };
        // Old phones know only dates, and write them as midnight.
        let day = |time: &super::Time| {
            if self.old && time.is_midnight() {
                time.as_date()
            } else {
                time.moment.clone()
            }
        };
        todo.start = start.as_ref().map(day);
        todo.due = due.as_ref().map(day);
        todo.completed = completed.as_ref().map(|time| time.moment.clone());
        self.priority(component, &mut todo);
        self.todo_alarms(component, start.as_ref(), due.as_ref(), &mut todo);
        if !own {
            titled(component, &mut todo.title, &mut todo.notes);
        }
        let categories = extras::categories(component);
        // A to-do of a phone is in one list. Only a computer has a to-do in several lists.
        let mut known = vec!["STATUS", "PERCENT-COMPLETE", "PRIORITY"];
        if let [list] = categories.as_slice() {
            todo.list.clone_from(list);
            known.push("CATEGORIES");
        }
        if !matches!(
            status.as_str(),
            "" | "COMPLETED" | "NEEDS-ACTION" | "NEEDS ACTION"
        ) {
            known.retain(|name| *name != "STATUS");
        }
        if !matches!(word("PERCENT-COMPLETE").trim(), "" | "0" | "100") {
            known.retain(|name| *name != "PERCENT-COMPLETE");
        }
        if todo.priority.is_none() {
            known.retain(|name| *name != "PRIORITY");
        }
        todo.extended = extras::of_todo(component, todo.reminder.is_some(), &known);
        let repetition = self.todo_repetition(component, start.as_ref().or(due.as_ref()));
        todo.extended.extend(repetition);
        let times = [
            ("DTSTART", &start),
            ("DUE", &due),
            ("COMPLETED", &completed),
        ];
        let unread = extras::unread(component, &times).into_iter();
        todo.extended
            .extend(unread.map(|kept| (kept.name, kept.value)));
        todo
    }

    /// Reads the reminders of a to-do. Usually it is a single moment; anything more goes into the list of reminders.
    fn todo_alarms(
        &mut self,
        component: &Component,
        start: Option<&super::Time>,
        due: Option<&super::Time>,
        todo: &mut Todo,
    ) {
        let reminders: Vec<Reminder> = self.todo_reminders(component, start, due);
        todo.reminder = self
            .first_moment(&reminders, start, due)
            .or_else(|| self.old_reminder(component));
        let plain = |reminder: &Reminder| {
            matches!(reminder.trigger, Some(Trigger::At(_)))
                && reminder.again.is_none()
                && reminder.extended.is_empty()
        };
        let one = reminders.len() == 1 && reminders.iter().all(plain);
        if !one {
            todo.reminders = reminders;
        }
    }

    /// Returns RRULE, RDATE and the like as text, because the model has no recurrence of to-dos.
    fn todo_repetition(
        &mut self,
        component: &Component,
        first: Option<&super::Time>,
    ) -> Vec<(String, String)> {
        let mut all = Vec::new();
        let moment = first.map(|first| first.moment.clone());
        let local = Local::of(component, first, None);
        for property in &component.properties {
            let rule = component
                .text("RRULE")
                .filter(|rule| !rule.trim().is_empty());
            let (lines, faults) = match property.name.as_str() {
                _ if property.raw.trim().is_empty() => continue,
                "RRULE" | "EXRULE" => self.rule(property, first, local),
                "RDATE" | "EXDATE" | RECURRENCE_ID => {
                    self.date_lines(property, (moment.as_ref(), &rule), local)
                }
                _ => continue,
            };
            for fault in faults {
                self.complain_of(property, *fault);
            }
            if !lines.is_empty() {
                let name = match property.name.as_str() {
                    RECURRENCE_ID if is_of_all_later(property) => THIS_AND_FUTURE.to_owned(),
                    name => name.to_owned(),
                };
                all.push((name, lines.join("\n")));
            }
            let dates = matches!(property.name.as_str(), "RDATE" | "EXDATE" | RECURRENCE_ID);
            if dates && !faults.is_empty() {
                all.extend(extras::kept(property).map(|kept| (kept.name, kept.value)));
            }
        }
        all
    }

    fn priority(&mut self, component: &Component, todo: &mut Todo) {
        let Some(property) = component.first("PRIORITY") else {
            return;
        };
        todo.priority = property.raw.trim().parse().ok().filter(|p| *p <= 9);
        if todo.priority.is_none() && !property.raw.trim().is_empty() {
            self.complain_of(property, Fault::Value);
        }
    }
}
