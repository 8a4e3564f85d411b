//! Identifiers that depend on what is on the handset alone, so that a second rescue gives the same ones and a
//! second import doubles nothing.

use crate::model::uid::{self, EventParts, from_parts};
use crate::model::{Account, Contact, Event, Source, Todo};

/// From the account and its server's id, where a source has one.
fn from_source(kind: &str, source: &Source) -> Option<String> {
    let id = source.source_id.as_deref()?;
    let Account {
        name,
        kind: account,
        data_set,
    } = &source.account;
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    Some(from_parts(&[
        kind,
        &text(account),
        &text(name),
        &text(data_set),
        id,
    ]))
}

/// A card's: of the first raw contact that has a server's id, else of what it says.
pub fn of_contact(contact: &Contact) -> String {
    contact
        .sources
        .iter()
        .find_map(|s| from_source("contact", s))
        .unwrap_or_else(|| uid::of_contact(&["contact"], contact))
}

/// An event's: its own UID; Google's is made of the id; else of the account and the id; else of what it says.
pub fn of_event(event: &Event, uid_2445: Option<&str>) -> String {
    if let Some(uid) = uid_2445.filter(|u| !u.trim().is_empty()) {
        return uid.to_owned();
    }
    match (
        &event.source.source_id,
        event.source.account.kind.as_deref(),
    ) {
        (Some(id), Some("com.google"))
            if id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') =>
        {
            format!("{id}@google.com")
        }
        _ => from_source("event", &event.source).unwrap_or_else(|| {
            // The account tells apart the same event of two calendars.
            let source = Source {
                account: event.source.account.clone(),
                ..Source::default()
            };
            let parts = EventParts {
                changed: &[],
                cancelled: &[],
                source: &source,
            };
            uid::of_event(&["event"], event, parts)
        }),
    }
}

/// A to-do's.
pub fn of_todo(todo: &Todo) -> String {
    from_source("todo", &todo.source).unwrap_or_else(|| uid::of_todo(&["todo"], todo))
}
