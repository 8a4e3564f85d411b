//! The summary lines of everything in a rescue.

use std::cmp::Reverse;
use std::collections::HashMap;

use super::files;
use super::words::city;
use super::{ContactLine, EventLine, Repeats, Shelf, TodoLine, fold, key_of, line};
use crate::collections::{Role, calendar, contacts, todos};
use crate::format::icalendar::days::{self, Placed, Shown};
use crate::format::vcard::formatted_name;
use crate::model::{Collection, Contact, Event, EventStatus, RecordBody, Stop, Todo};
use crate::vault::{RecordKind, Vault, VaultError};

/// Why reading ends early.
enum Ended {
    Stopped,
    Failed(VaultError),
}

impl From<VaultError> for Ended {
    fn from(error: VaultError) -> Self {
        Self::Failed(error)
    }
}

pub fn read(journal: &Vault, stop: &Stop) -> Result<Shelf, VaultError> {
    let mut shelf = Shelf::default();
    match fill(&mut shelf, journal, stop) {
        Ok(()) | Err(Ended::Stopped) => {}
        Err(Ended::Failed(error)) => return Err(error),
    }
    shelf.contacts.sort_by(|a, b| order(a).cmp(&order(b)));
    shelf.contacts.shrink_to_fit();
    shelf
        .events
        .sort_by(|a, b| (a.day, &a.time, &a.title).cmp(&(b.day, &b.time, &b.title)));
    shelf.todos.sort_by_key(|todo| {
        let due = todo.due.unwrap_or(chrono::NaiveDate::MAX);
        (todo.done, (!todo.done).then_some(due), Reverse(todo.due))
    });
    Ok(shelf)
}

fn fill(shelf: &mut Shelf, journal: &Vault, stop: &Stop) -> Result<(), Ended> {
    let go_on = || {
        if stop.is_stopped() {
            Err(Ended::Stopped)
        } else {
            Ok(())
        }
    };
    contacts::each(journal, |entry| {
        go_on()?;
        let mut line = contact_line(&key_of(&entry.merged.keys), &entry.merged.record);
        match entry.role {
            Role::Handset => {}
            Role::Deleted => line.deleted = true,
            Role::Own => line.own = true,
            Role::Sim => line.sim = true,
            Role::File => line.found = true,
        }
        shelf.contacts.push(line);
        Ok::<_, Ended>(())
    })?;
    events(shelf, journal, go_on)?;
    todos::each(journal, |role, merged| {
        go_on()?;
        let mut line = todo_line(&key_of(&merged.keys), &merged.record);
        line.found = role == Role::File;
        shelf.todos.push(line);
        Ok::<_, Ended>(())
    })?;
    shelf.files = files::lines(journal, go_on)?;
    Ok(())
}

/// Sort key: the owner's card, then names that begin with a letter, then the others.
fn order(line: &ContactLine) -> (bool, bool, &str) {
    let name = line.search.split('\n').next().unwrap_or_default();
    let has_letter = name.starts_with(char::is_alphabetic);
    (!line.own, !has_letter, name)
}

fn contact_line(key: &str, contact: &Contact) -> ContactLine {
    // Without `..`: a new field of a contact does not compile until it is decided whether search covers it.
    let Contact {
        uid: _,
        display_name: _,
        names,
        nicknames,
        phones,
        emails,
        addresses: _,
        organizations,
        messengers: _,
        notes: _,
        websites: _,
        dates: _,
        relations: _,
        sip_addresses: _,
        identities: _,
        groups: _,
        custom: _,
        unmapped: _,
        has_picture: _,
        picture: _,
        attached: _,
        starred: _,
        send_to_voicemail: _,
        custom_ringtone: _,
        sources,
    } = contact;
    let name = line(&formatted_name(contact));
    let mut search = fold(&name);
    let mut add = |text: &str| {
        if !text.is_empty() && !search.contains(text) {
            search.push('\n');
            search.push_str(text);
        }
    };
    for phone in phones {
        for number in [phone.normalized.as_ref(), Some(&phone.number)]
            .into_iter()
            .flatten()
        {
            let digits: String = number
                .chars()
                .filter(|c| c.is_ascii_digit() || matches!(c, '*' | '#'))
                .collect();
            add(&digits);
        }
    }
    let emails = emails.iter().map(|e| &e.address);
    let companies = organizations.iter().filter_map(|o| o.company.as_ref());
    let names = names.iter().filter_map(|n| n.display.as_ref());
    let nicknames = nicknames.iter().map(|n| &n.name);
    for text in emails.chain(companies).chain(names).chain(nicknames) {
        add(&fold(&line(text)));
    }
    ContactLine {
        key: key.into(),
        name: name.into(),
        search: search.into(),
        deleted: false,
        only_here: sources.iter().any(|s| s.only_here && !s.deleted),
        sim: false,
        own: false,
        found: false,
    }
}

fn events(
    shelf: &mut Shelf,
    journal: &Vault,
    go_on: impl Fn() -> Result<(), Ended>,
) -> Result<(), Ended> {
    journal.for_each_record(Collection::Calendar, &[RecordKind::Calendar], |record| {
        if let RecordBody::Calendar(calendar) = record.body {
            shelf.calendars.push(line(&calendar.name).into());
        }
        Ok::<_, Ended>(())
    })?;
    // The zone of each line. The most frequent zone becomes the default, which lines do not show.
    let mut zones = Vec::new();
    calendar::each(journal, |entry| {
        go_on()?;
        let first = shelf.events.len();
        let key = key_of(&entry.merged.keys);
        event_lines(&key, &entry.merged.record, &mut shelf.events, &mut zones);
        for line in shelf.events.iter_mut().skip(first) {
            line.found = entry.role == Role::File;
        }
        Ok::<_, Ended>(())
    })?;
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for zone in zones.iter().filter(|zone| !zone.is_empty()) {
        *uses.entry(zone).or_default() += 1;
    }
    let most = uses
        .iter()
        .max_by_key(|(zone, count)| (**count, Reverse(**zone)));
    shelf.zone = zones
        .iter()
        .copied()
        .find(|zone| most.is_some_and(|(most, _)| most == zone))
        .unwrap_or("");
    for (event, zone) in shelf.events.iter_mut().zip(zones) {
        if !zone.is_empty() && zone != shelf.zone {
            event.elsewhere = Some(city(zone).into());
        }
    }
    Ok(())
}

/// Adds the lines of an event and of its changed occurrences, and the zone of each line.
fn event_lines(key: &str, event: &Event, all: &mut Vec<EventLine>, zones: &mut Vec<&'static str>) {
    let mut own = event_line(key, event, event.title.as_deref());
    let mut zone = "";
    if let Some(placed) = days::place(event) {
        zone = placed.start.zone;
        let repeats = stand(&mut own, placed);
        if let days::Repeats::On(series) = repeats {
            for added in &series.at_other_times {
                let mut line = own.clone();
                line.part = true;
                show(&mut line, added);
                all.push(line);
                zones.push(added.zone);
            }
            own.repeats = Repeats::On(series);
        } else if repeats == days::Repeats::Unread {
            own.repeats = Repeats::FirstOnly;
        }
    }
    all.push(own);
    zones.push(zone);
    let mut open: Vec<&Event> = event.changed.iter().collect();
    while let Some(change) = open.pop() {
        let title = change.title.as_deref().or(event.title.as_deref());
        let mut line = event_line(key, change, title);
        line.part = true;
        line.deleted |= event.source.deleted;
        let zone = days::place(change).map(|placed| {
            let zone = placed.start.zone;
            stand(&mut line, placed);
            zone
        });
        line.repeats = match days::later(event, change) {
            days::Repeats::No => Repeats::No,
            days::Repeats::On(series) => Repeats::On(series),
            days::Repeats::Unread => Repeats::FirstOnly,
        };
        all.push(line);
        zones.push(zone.unwrap_or(""));
        open.extend(&change.changed);
    }
}

fn stand(line: &mut EventLine, placed: Placed) -> days::Repeats {
    show(line, &placed.start);
    let more = (placed.last_day - placed.start.day).num_days();
    line.more_days = u16::try_from(more).unwrap_or(u16::MAX);
    placed.repeats
}

fn show(line: &mut EventLine, shown: &Shown) {
    line.day = Some(shown.day);
    line.time = shown
        .time
        .map_or_else(String::new, |time| time.format("%H:%M").to_string())
        .into();
}

fn event_line(key: &str, event: &Event, title: Option<&str>) -> EventLine {
    // Without `..`: a new field of an event does not compile until it is decided whether its line shows it.
    let Event {
        uid: _,
        calendar: _,
        title: _,
        location: _,
        description: _,
        start: _,
        end: _,
        duration: _,
        rrule: _,
        rdate: _,
        exrule: _,
        exdate: _,
        recurrence_id,
        this_and_future: _,
        series_id: _,
        changed: _,
        cancelled: _,
        status,
        availability: _,
        access: _,
        color: _,
        organizer: _,
        attendees: _,
        reminders: _,
        extended: _,
        app_uri: _,
        app_package: _,
        source,
    } = event;
    EventLine {
        key: key.into(),
        title: super::title(title).into(),
        day: None,
        more_days: 0,
        time: "".into(),
        elsewhere: None,
        repeats: Repeats::No,
        part: recurrence_id.is_some(),
        deleted: source.deleted,
        only_here: source.only_here && !source.deleted,
        cancelled: *status == EventStatus::Cancelled,
        found: false,
    }
}

fn todo_line(key: &str, todo: &Todo) -> TodoLine {
    // Without `..`: a new field of a to-do does not compile until it is decided whether its line shows it.
    let Todo {
        uid: _,
        list: _,
        title,
        notes: _,
        start: _,
        due,
        done,
        completed: _,
        priority: _,
        reminder: _,
        reminders: _,
        extended: _,
        source,
    } = todo;
    TodoLine {
        key: key.into(),
        title: super::title(title.as_deref()).into(),
        due: due.as_ref().and_then(days::shown).map(|shown| shown.day),
        done: *done,
        deleted: source.deleted,
        only_here: source.only_here && !source.deleted,
        found: false,
    }
}
