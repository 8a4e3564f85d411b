//! Identifiers that depend on what is on the handset alone, so that a second rescue gives the same ones and a
//! second import doubles nothing.

use serde::Serialize;

use crate::model::uid::from_parts;
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

/// From the content, without what differs between two reads of the same thing.
fn from_content(kind: &str, content: &impl Serialize) -> String {
    from_parts(&[kind, &serde_json::to_string(content).unwrap_or_default()])
}

/// A card's: of the first raw contact that has a server's id, else of what it says.
pub fn of_contact(contact: &Contact) -> String {
    contact
        .sources
        .iter()
        .find_map(|s| from_source("contact", s))
        .unwrap_or_else(|| {
            let bare = Contact {
                uid: String::new(),
                sources: Vec::new(),
                ..contact.clone()
            };
            from_content("contact", &bare)
        })
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
            let bare = Event {
                uid: String::new(),
                calendar: 0,
                changed: Vec::new(),
                cancelled: Vec::new(),
                source: Source {
                    account: event.source.account.clone(),
                    ..Source::default()
                },
                ..event.clone()
            };
            from_content("event", &bare)
        }),
    }
}

/// A to-do's.
pub fn of_todo(todo: &Todo) -> String {
    from_source("todo", &todo.source).unwrap_or_else(|| {
        from_content(
            "todo",
            &Todo {
                uid: String::new(),
                source: Source::default(),
                ..todo.clone()
            },
        )
    })
}
