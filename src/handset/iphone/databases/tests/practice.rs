//! What a practice phone's databases hold is what the rooms return: nothing lost, nothing invented.

use proptest::prelude::*;

use super::{Phone, Read};
use crate::model::{
    CallKind, Collection, Contact, DateKind, Event, Label, Message, MessageFolder, Moment, Party,
    PartyRole, RecordBody, Todo,
};
use crate::practice::iphone_backup::databases::{
    Appointment, Errand, Friend, Layout, Owner, PhoneCall, Text, files,
};

fn phone(layout: Layout, owner: &Owner) -> Phone {
    let phone = Phone::new();
    for file in files(layout, owner, true).unwrap() {
        std::fs::write(
            phone.path(&format!("{}/{}", file.domain, file.path)),
            file.bytes,
        )
        .unwrap();
    }
    phone
}

/// Calls `check` with the records of one kind, and what they should be.
fn all<'a, T>(read: &'a Read, pick: impl Fn(&'a RecordBody) -> Option<&'a T>) -> Vec<&'a T> {
    read.bodies().filter_map(pick).collect()
}

fn label(text: Option<&str>) -> Label {
    match text {
        None => Label::Unset,
        Some("_$!<Mobile>!$_") => Label::Mobile,
        Some("_$!<Home>!$_") => Label::Home,
        Some("_$!<Work>!$_") => Label::Work,
        Some(own) => Label::Custom(own.to_owned()),
    }
}

/// Checks a card made of these friends.
fn is_card_of(contact: &Contact, friends: &[&Friend], layout: Layout) {
    let names: Vec<_> = contact
        .names
        .iter()
        .map(|name| (name.given.as_deref(), name.family.as_deref()))
        .collect();
    let mut wanted: Vec<_> = friends
        .iter()
        .map(|friend| (Some(&*friend.given), Some(&*friend.family)))
        .collect();
    wanted.dedup();
    assert_eq!(names.first(), wanted.first());
    assert!(
        wanted.iter().all(|name| names.contains(name)) && names.len() <= wanted.len(),
        "{names:?} {wanted:?}"
    );
    let phones: Vec<_> = contact
        .phones
        .iter()
        .map(|phone| (phone.label.clone(), &*phone.number))
        .collect();
    let emails: Vec<_> = contact
        .emails
        .iter()
        .map(|email| (email.label.clone(), &*email.address))
        .collect();
    let wanted_phones: Vec<_> = friends
        .iter()
        .flat_map(|friend| &friend.phones)
        .map(|(name, number)| (label(*name), &**number))
        .collect();
    let wanted_emails: Vec<_> = friends
        .iter()
        .flat_map(|friend| &friend.emails)
        .map(|(name, address)| (label(*name), &**address))
        .collect();
    assert_eq!((phones, emails), (wanted_phones, wanted_emails));
    let notes: Vec<_> = friends
        .iter()
        .filter_map(|friend| friend.note.clone())
        .collect();
    assert_eq!(contact.notes, notes);
    let addresses = contact.addresses.iter().map(|one| {
        [
            &one.street,
            &one.city,
            &one.region,
            &one.postcode,
            &one.country,
        ]
        .map(|part| part.clone().unwrap_or_default())
    });
    let addresses: Vec<_> = addresses.collect();
    let mut wanted: Vec<_> = friends
        .iter()
        .filter_map(|friend| friend.address.clone())
        .collect();
    wanted.dedup();
    assert_eq!(addresses, wanted);
    let dates: Vec<_> = contact
        .dates
        .iter()
        .map(|date| (&*date.date, &date.kind))
        .collect();
    let wanted: Vec<String> = friends
        .iter()
        .filter_map(|friend| {
            let date = chrono::NaiveDate::from_epoch_days(i32::try_from(friend.birthday?).unwrap())
                .unwrap();
            let pattern = if friend.birthday_has_year {
                "%Y-%m-%d"
            } else {
                "--%m-%d"
            };
            Some(date.format(pattern).to_string())
        })
        .collect();
    let wanted: Vec<_> = wanted
        .iter()
        .map(|date| (&**date, &DateKind::Birthday))
        .collect();
    assert_eq!(dates, wanted);
    let has_maiden_name =
        layout >= Layout::Ios12 && friends.iter().any(|friend| friend.maiden.is_some());
    assert_eq!(
        contact
            .nicknames
            .iter()
            .any(|nick| nick.label == Label::MaidenName),
        has_maiden_name
    );
    assert_eq!(
        contact.relations.is_empty(),
        friends.iter().all(|friend| friend.sister.is_none())
    );
    let handles: Vec<_> = contact.messengers.iter().map(|one| &*one.handle).collect();
    let wanted: Vec<_> = friends
        .iter()
        .filter_map(|friend| friend.skype.as_deref())
        .collect();
    assert_eq!(handles, wanted);
    assert_eq!(
        contact.groups.is_empty(),
        friends.iter().all(|friend| friend.group.is_none())
    );
    let companies = friends
        .iter()
        .filter_map(|friend| friend.company.as_deref());
    let companies: std::collections::BTreeSet<_> = companies.collect();
    let found: std::collections::BTreeSet<_> = contact
        .organizations
        .iter()
        .filter_map(|one| one.company.as_deref())
        .collect();
    assert_eq!(found, companies);
    let here: Vec<_> = contact
        .sources
        .iter()
        .map(|source| source.only_here)
        .collect();
    let wanted: Vec<_> = friends.iter().map(|friend| friend.is_local).collect();
    assert_eq!(here, wanted);
    assert_eq!(
        contact.has_picture,
        friends.iter().any(|friend| friend.has_picture)
    );
    assert!(contact.unmapped.is_empty(), "{:?}", contact.unmapped);
}

fn contacts_are_read(read: &Read, owner: &Owner, layout: Layout) {
    read.is_whole();
    let contacts = all(read, |body| match body {
        RecordBody::Contact(contact) => Some(contact),
        _ => None,
    });
    // Each card: its first friend, and those linked with it.
    let mut cards: Vec<Vec<&Friend>> = Vec::new();
    for friend in &owner.friends {
        match cards.last_mut() {
            Some(card) if friend.is_linked && layout >= Layout::Ios9 => card.push(friend),
            _ => cards.push(vec![friend]),
        }
    }
    assert_eq!(contacts.len(), cards.len());
    assert_eq!(read.holding.handset_says, Some(cards.len() as u64));
    for (contact, friends) in contacts.iter().zip(&cards) {
        is_card_of(contact, friends, layout);
    }
}

fn moment(seconds: i64, zone: Option<&str>, is_day: bool) -> Option<Moment> {
    Some(match is_day {
        true => Moment::Date(seconds.div_euclid(86_400)),
        false => Moment::Time {
            millis: seconds * 1000,
            zone: zone.unwrap_or(Moment::FLOATING).to_owned(),
        },
    })
}

fn is_event_of(event: &Event, one: &Appointment) {
    assert_eq!(event.title.as_deref(), Some(&*one.title));
    assert_eq!(
        (&event.description, &event.location),
        (&one.notes, &one.place)
    );
    let at = |seconds| moment(seconds, one.zone, one.is_day);
    assert_eq!(event.start, at(one.start));
    match &one.repeat {
        None => {
            assert_eq!(event.end, at(one.start + one.seconds));
            assert_eq!(
                (&event.rrule, event.changed.len(), event.cancelled.len()),
                (&None, 0, 0)
            );
        }
        Some(repeat) => {
            assert_eq!(event.rrule.as_deref(), Some(repeat.rule));
            let length = match one.is_day {
                true => format!("P{}D", one.seconds / 86_400),
                false => format!("PT{}S", one.seconds),
            };
            assert_eq!(event.duration.as_deref(), Some(&*length));
            let cancelled: Vec<_> = repeat
                .cancelled
                .iter()
                .filter_map(|days| at(one.start + days * 86_400))
                .collect();
            assert_eq!(event.cancelled, cancelled);
            let moved: Vec<_> = event
                .changed
                .iter()
                .map(|one| (one.recurrence_id.clone(), one.start.clone()))
                .collect();
            let wanted: Vec<_> = repeat
                .moved
                .iter()
                .map(|days| {
                    (
                        at(one.start + days * 86_400),
                        at(one.start + (days + 1) * 86_400),
                    )
                })
                .collect();
            assert_eq!(moved, wanted);
        }
    }
    let minutes: Vec<_> = event
        .reminders
        .iter()
        .map(|reminder| reminder.minutes)
        .collect();
    assert_eq!(
        minutes,
        one.reminder.map(Some).into_iter().collect::<Vec<_>>()
    );
    let guests: Vec<_> = event
        .attendees
        .iter()
        .map(|guest| (guest.name.clone().unwrap(), guest.email.clone().unwrap()))
        .collect();
    assert_eq!(guests, one.guests);
    assert_eq!(event.source.only_here, one.is_local);
    assert!(event.extended.is_empty(), "{:?}", event.extended);
}

fn events_are_read(read: &Read, owner: &Owner) {
    read.is_whole();
    let events = all(read, |body| match body {
        RecordBody::Event(event) => Some(event),
        _ => None,
    });
    assert_eq!(events.len(), owner.appointments.len());
    assert_eq!(read.holding.handset_says, Some(events.len() as u64));
    for (event, one) in events.iter().zip(&owner.appointments) {
        is_event_of(event, one);
    }
}

fn is_todo_of(todo: &Todo, errand: &Errand) {
    assert_eq!(
        (todo.title.as_deref(), &todo.notes),
        (Some(&*errand.title), &errand.notes)
    );
    assert_eq!(todo.list, errand.list);
    let due = errand
        .due
        .and_then(|due| moment(due, Some("Europe/Berlin"), errand.is_day));
    assert_eq!(todo.due, due);
    assert_eq!(todo.done, errand.done.is_some());
    assert_eq!(
        todo.completed,
        errand
            .done
            .and_then(|done| moment(done, Some("UTC"), false))
    );
    assert_eq!(i64::from(todo.priority.unwrap_or(0)), errand.priority);
    assert_eq!(todo.source.only_here, errand.is_local);
    let wanted: &[(String, String)] = match errand.is_weekly {
        true => &[("RRULE".to_owned(), "FREQ=WEEKLY".to_owned())],
        false => &[],
    };
    assert_eq!(todo.extended, wanted);
}

fn todos_are_read(read: &Read, owner: &Owner) {
    assert_eq!(read.findings.missing, Vec::<String>::new());
    let mut todos = all(read, |body| match body {
        RecordBody::Todo(todo) => Some(todo),
        _ => None,
    });
    let mut errands: Vec<_> = owner.errands.iter().collect();
    todos.sort_by(|a, b| a.title.cmp(&b.title));
    errands.sort_by(|a, b| a.title.cmp(&b.title));
    assert_eq!(todos.len(), errands.len());
    assert_eq!(read.holding.handset_says, Some(todos.len() as u64));
    for (todo, errand) in todos.into_iter().zip(errands) {
        is_todo_of(todo, errand);
    }
}

fn is_message_of(message: &Message, text: &Text) {
    assert_eq!(message.text.as_ref(), Some(&text.text));
    assert_eq!(message.at, Some(text.at * 1000));
    assert_eq!(
        message.folder,
        if text.is_own {
            MessageFolder::Sent
        } else {
            MessageFolder::Received
        }
    );
    let people = text
        .people
        .iter()
        .enumerate()
        .map(|(place, address)| Party {
            role: if place == 0 && !text.is_own {
                PartyRole::From
            } else {
                PartyRole::To
            },
            address: address.clone(),
        });
    assert_eq!(message.people, people.collect::<Vec<_>>());
    assert_eq!(message.parts.len(), usize::from(text.has_picture));
}

fn messages_are_read(read: &Read, owner: &Owner) {
    read.is_whole();
    let messages = all(read, |body| match body {
        RecordBody::Message(message) => Some(message),
        _ => None,
    });
    // A text of nothing but blanks is shown as no text.
    assert_eq!(messages.len(), owner.texts.len());
    for (message, text) in messages.iter().zip(&owner.texts) {
        is_message_of(message, text);
    }
}

fn calls_are_read(read: &Read, owner: &Owner) {
    read.is_whole();
    let calls = all(read, |body| match body {
        RecordBody::Call(call) => Some(call),
        _ => None,
    });
    assert_eq!(calls.len(), owner.calls.len());
    for (call, wanted) in calls.iter().zip(&owner.calls) {
        let PhoneCall {
            number,
            at,
            seconds,
            is_own,
            is_answered,
        } = wanted;
        assert_eq!(call.number, *number);
        assert_eq!((call.at, call.duration), (Some(at * 1000), Some(*seconds)));
        let kind = match (is_own, is_answered) {
            (true, _) => CallKind::Outgoing,
            (false, true) => CallKind::Incoming,
            (false, false) => CallKind::Missed,
        };
        assert_eq!(call.kind, kind);
    }
}

fn everything_is_read(layout: Layout, owner: &Owner) {
    let phone = phone(layout, owner);
    contacts_are_read(&phone.read(Collection::Contacts), owner, layout);
    events_are_read(&phone.read(Collection::Calendar), owner);
    todos_are_read(&phone.read(Collection::Todos), owner);
    messages_are_read(&phone.read(Collection::Messages), owner);
    calls_are_read(&phone.read(Collection::Calls), owner);
}

#[test]
fn an_awkward_owner_of_every_time_is_read() {
    for layout in Layout::ALL {
        everything_is_read(layout, &Owner::of(1, 40, true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn any_owner_is_read(seed in any::<u64>(), count in 0_u32..60, layout in 0_usize..8, is_awkward in any::<bool>()) {
        everything_is_read(Layout::ALL[layout], &Owner::of(seed, count, is_awkward));
    }
}

/// Lists of 300 things take more than one page.
#[test]
fn a_read_goes_on_from_each_of_its_bookmarks() {
    let owner = Owner::of(3, 300, false);
    let phone = phone(Layout::Ios18, &owner);
    for what in [
        Collection::Contacts,
        Collection::Calendar,
        Collection::Todos,
        Collection::Calls,
        Collection::Messages,
    ] {
        let whole = phone.read(what);
        assert!(whole.batches.len() > 1, "{what:?}");
        let records = |batches: &[crate::model::Batch]| -> Vec<_> {
            batches
                .iter()
                .flat_map(|batch| batch.records.clone())
                .collect()
        };
        for (at, batch) in whole.batches.iter().enumerate() {
            let rest = phone.read_after(what, batch.bookmark.as_ref());
            assert_eq!(
                records(&rest),
                records(&whole.batches[at + 1..]),
                "{what:?}"
            );
        }
    }
}
