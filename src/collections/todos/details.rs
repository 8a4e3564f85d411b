//! All details of a to-do, in reading order.

use crate::collections::calendar::ahead;
use crate::collections::details::{Details, Fields, title};
use crate::collections::words;
use crate::model::{Moment, Todo};
use crate::phrase;

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
    fields.add(phrase("Title"), &title(todo_title.as_deref()));
    let moment = |moment: &Option<Moment>| moment.as_ref().map_or_else(String::new, words::moment);
    fields.add(phrase("Due"), &moment(due));
    fields.add(phrase("Starts"), &moment(start));
    match (done, completed) {
        (true, Some(completed)) => fields.add(phrase("Done"), &words::moment(completed)),
        (true, None) => fields.add(phrase("Done"), phrase("yes")),
        (false, _) => fields.add(phrase("Done"), phrase("not yet")),
    }
    fields.add(
        phrase("Priority"),
        match priority {
            Some(1..=4) => phrase("high"),
            Some(5) => phrase("normal"),
            Some(6..=9) => phrase("low"),
            _ => "",
        },
    );
    match reminders.is_empty() {
        true => fields.add(phrase("Reminder"), &moment(reminder)),
        false => reminders
            .iter()
            .for_each(|reminder| fields.add(phrase("Reminder"), &ahead(reminder))),
    }
    fields.add(phrase("List"), list);
    fields.add(phrase("Notes"), notes.as_deref().unwrap_or_default());
    fields.add_sources(std::slice::from_ref(source));
    for (name, value) in extended {
        fields.add_with(phrase("Other data"), value, &[name]);
    }
    fields.done()
}
