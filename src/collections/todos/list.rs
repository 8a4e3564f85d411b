//! The lines of the to-dos' list.

use std::cmp::Reverse;

use chrono::NaiveDate;

use crate::collections::Role;
use crate::collections::details::{places, title as shown_title};
use crate::collections::list::{Ended, GoOn, Line, Listing, Sheet, key_of};
use crate::collections::search_key::SearchText;
use crate::format::icalendar::days;
use crate::model::{Todo, grouped};
use crate::phrase;
use crate::vault::Vault;

pub static SHEET: Sheet = Sheet {
    unit: "",
    none: phrase("No to-dos were read from this phone."),
    share: 11,
    is_month: false,
    fill,
};

/// Fills the list: open to-dos by due day, then completed ones, the newest first.
fn fill(journal: &Vault, go_on: GoOn<'_>, listing: &mut Listing) -> Result<(), Ended> {
    let mut lines = Vec::new();
    let read = super::each(journal, |role, merged| {
        go_on()?;
        let (mut line, due) = todo_line(&merged.record);
        line.key = key_of(&merged.keys);
        line.found = role == Role::File;
        line.places = listing.places(&places(std::slice::from_ref(&merged.record.source)));
        lines.push((due, line));
        Ok::<_, Ended>(())
    });
    lines.sort_by_key(|(due, line)| {
        let first = due.unwrap_or(NaiveDate::MAX);
        (line.done, (!line.done).then_some(first), Reverse(*due))
    });
    let open = lines.iter().filter(|(_, line)| !line.done && !line.deleted);
    listing.about = phrase!(", {} open", grouped(open.count() as u64));
    listing.lines = lines.into_iter().map(|(_, line)| line).collect();
    read.map(|_| ())
}

fn todo_line(todo: &Todo) -> (Line, Option<NaiveDate>) {
    // Without `..`: a new field of a to-do does not compile until it is decided whether its line shows it.
    let Todo {
        uid: _,
        list,
        title,
        notes,
        start: _,
        due,
        done,
        completed: _,
        priority: _,
        reminder: _,
        reminders: _,
        extended,
        source,
    } = todo;
    let due = due.as_ref().and_then(days::shown).map(|shown| shown.day);
    let remark = match due {
        _ if source.deleted => phrase("deleted").into(),
        _ if *done => phrase("done").into(),
        Some(due) => due.format("%-d %b %Y").to_string().into(),
        None => phrase("no date").into(),
    };
    let name = shown_title(title.as_deref());
    let mut search = SearchText::of(&name);
    search.add(list);
    search.add_all([notes]);
    for (_, text) in extended {
        search.add(text);
    }
    let line = Line {
        name: name.into(),
        search: search.done(),
        at: due.map_or(0, |due| {
            due.signed_duration_since(NaiveDate::default())
                .num_milliseconds()
        }),
        before: if *done { "[x] " } else { "[ ] " },
        remark,
        done: *done,
        deleted: source.deleted,
        only_here: source.only_here && !source.deleted,
        ..Line::default()
    };
    (line, due)
}
