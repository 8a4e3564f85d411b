//! Identifiers that depend only on the data on the handset. A second rescue produces the same identifiers, so that a
//! second import creates no duplicates.

use crate::model::uid::{self, EventParts, from_parts};
use crate::model::{Account, Contact, Event, Source, Todo};

/// The identifier from the account and the server's id, if the source has one.
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

/// The identifier of a card: from the first raw contact with a server's id, else from the card's content.
pub fn of_contact(contact: &Contact) -> String {
    contact
        .sources
        .iter()
        .find_map(|s| from_source("contact", s))
        .unwrap_or_else(|| uid::of_contact(&["contact"], contact))
}

/// The identifier of an event: its own UID; for Google, a UID built from the server's id; else from the account and the
/// server's id; else from the event's content.
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
            // The account distinguishes copies of one event in two calendars.
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

/// The identifier of a to-do.
pub fn of_todo(todo: &Todo) -> String {
    from_source("todo", &todo.source).unwrap_or_else(|| uid::of_todo(&["todo"], todo))
}
