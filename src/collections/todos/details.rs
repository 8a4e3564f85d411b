//! All details of a to-do, in reading order.

use crate::collections::calendar::ahead;
use crate::collections::details::{Details, Fields, title};
use crate::collections::words;
use crate::model::{Moment, Todo};

pub fn details(todo: &Todo) -> Details {
    // Without `..`: a new field of a to-do does not compile until it is handled here.
    let Todo {
        uid: _,
        list,
        title: todo_title,
        notes,
        start,
        due,
        done,
        completed,
        priority,
        reminder,
        reminders,
        extended,
        source,
    } = todo;
    let mut fields = Fields::default();
    fields.add("Title", &title(todo_title.as_deref()));
    let moment = |moment: &Option<Moment>| moment.as_ref().map_or_else(String::new, words::moment);
    fields.add("Due", &moment(due));
    fields.add("Starts", &moment(start));
    match (done, completed) {
        (true, Some(completed)) => fields.add("Done", &words::moment(completed)),
        (true, None) => fields.add("Done", "yes"),
        (false, _) => fields.add("Done", "not yet"),
    }
    fields.add(
        "Priority",
        match priority {
            Some(1..=4) => "high",
            Some(5) => "normal",
            Some(6..=9) => "low",
            _ => "",
        },
    );
    match reminders.is_empty() {
        true => fields.add("Reminder", &moment(reminder)),
        false => reminders
            .iter()
            .for_each(|reminder| fields.add("Reminder", &ahead(reminder))),
    }
    fields.add("List", list);
    fields.add("Notes", notes.as_deref().unwrap_or_default());
    fields.add_sources(std::slice::from_ref(source));
    for (name, value) in extended {
        fields.add_with("Other data", value, &[name]);
    }
    fields.done()
}
