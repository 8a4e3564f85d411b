//! VTODO.

use serde::Deserialize;

use super::event::titled;
use super::extras;
use super::{Reading, is_own, json, jsons, kept, text};
use crate::format::versit::{Component, Fault};
use crate::model::{Source, Todo};

/// A further column of a handset's row, as Lifeboat keeps it.
#[derive(Deserialize)]
struct Column {
    name: String,
    value: String,
}

impl Reading<'_> {
    pub(super) fn todo(&mut self, component: &Component) -> Todo {
        let own = is_own(component);
        let start = self.time(component, "DTSTART");
        let due = self.time(component, "DUE");
        let completed = self.time(component, "COMPLETED");
        let word = |name: &str| component.text(name).unwrap_or_default();
        let status = word("STATUS").trim().to_ascii_uppercase();
        let whole = word("PERCENT-COMPLETE").trim() == "100";
        let done = status == "COMPLETED" || (status.is_empty() && (whole || completed.is_some()));
        // Field by field: a new field of a to-do does not compile until it is said what fills it here.
        let mut todo = Todo {
            uid: text(component, "X-LIFEBOAT-UID")
                .or_else(|| component.text("UID"))
                .unwrap_or_default(),
            title: text(component, "SUMMARY"),
            notes: text(component, "DESCRIPTION"),
            done,
            source: json::<Source>(component, "X-LIFEBOAT-SOURCE").unwrap_or_default(),
            list: String::new(),
            start: None,
            due: None,
            completed: None,
            priority: None,
            reminder: None,
            extended: Vec::new(),
        };
        // Old phones know days alone, and write them as midnight.
        let day = |time: &super::Time| {
            if self.old && !own && time.is_midnight() {
                time.as_date()
            } else {
                time.moment.clone()
            }
        };
        todo.start = kept(component, "X-LIFEBOAT-DTSTART", start.as_ref().map(day));
        todo.due = kept(component, "X-LIFEBOAT-DUE", due.as_ref().map(day));
        let at = completed.as_ref().map(|time| time.moment.clone());
        todo.completed = kept(component, "X-LIFEBOAT-COMPLETED", at);
        self.priority(component, &mut todo);
        let reminder = self.reminder(component, start.as_ref(), due.as_ref());
        todo.reminder = kept(component, "X-LIFEBOAT-REMINDER", reminder);
        if own {
            todo.list = text(component, "X-LIFEBOAT-LIST").unwrap_or_default();
            let columns = jsons::<Column>(component, "X-LIFEBOAT-EXTENDED");
            todo.extended = columns.into_iter().map(|c| (c.name, c.value)).collect();
            return todo;
        }
        titled(component, &mut todo.title, &mut todo.notes);
        let categories = extras::categories(component);
        // A phone's to-do is in one list; in several it can only be on a computer.
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

    fn priority(&mut self, component: &Component, todo: &mut Todo) {
        let own = component.text("X-LIFEBOAT-PRIORITY");
        let Some(property) = component.first("PRIORITY") else {
            todo.priority = own.and_then(|text| text.parse().ok());
            return;
        };
        todo.priority = property.raw.trim().parse().ok().filter(|p| *p <= 9);
        if todo.priority.is_none() && !property.raw.trim().is_empty() {
            self.complain_of(property, Fault::Value);
        }
    }
}
