//! Faults of decoding: each column of the phone's tables goes to its own field, and has another value than its
//! neighbours.

use crate::common::rescue_of;
use lifeboat::model::{
    AttendeeStatus, Collection, Contact, Event, Label, Moment, RecordBody, ReminderMethod, Todo,
};
use lifeboat::practice::android::{PracticeAndroid, Settings, Store};
use lifeboat::vault::{RecordKind, Vault, VaultError};
use rusqlite::types::Value;

/// A phone with little data, whose tables are changed before it is read.
struct Phone(PracticeAndroid);

impl Phone {
    fn with(store: Store, statements: &[String]) -> Self {
        let phone = PracticeAndroid::new(Settings {
            contacts: 40,
            events: 40,
            todos: 12,
            ..Settings::default()
        });
        for sql in statements {
            phone
                .poke(0, store, sql)
                .unwrap_or_else(|e| panic!("{sql}: {e}"));
        }
        Self(phone)
    }

    fn number(&self, store: Store, sql: &str) -> i64 {
        let rows = self.0.peek(0, store, sql).expect("rows");
        match rows.first().and_then(|row| row.first()) {
            Some(Value::Integer(number)) => *number,
            other => panic!("{sql}: {other:?}"),
        }
    }

    /// All records that the phone gives of one collection.
    fn read(self, what: Collection) -> Vec<RecordBody> {
        let practised = rescue_of(self.0);
        let vault = Vault::open_to_read(&practised.folder).expect("the journal");
        let mut found = Vec::new();
        vault
            .for_each_record(what, &RecordKind::ALL, |record| {
                found.push(record.body);
                Ok::<_, VaultError>(())
            })
            .expect("records");
        found
    }

    fn contacts(self) -> Vec<Contact> {
        let all = self.read(Collection::Contacts).into_iter();
        all.filter_map(|body| match body {
            RecordBody::Contact(contact) => Some(contact),
            _ => None,
        })
        .collect()
    }

    fn events(self) -> Vec<Event> {
        let all = self.read(Collection::Calendar).into_iter();
        all.filter_map(|body| match body {
            RecordBody::Event(event) => Some(event),
            _ => None,
        })
        .collect()
    }

    fn todos(self) -> Vec<Todo> {
        let all = self.read(Collection::Todos).into_iter();
        all.filter_map(|body| match body {
            RecordBody::Todo(todo) => Some(todo),
            _ => None,
        })
        .collect()
    }
}

/// The contact that this row belongs to.
fn of_row(contacts: &[Contact], row: i64) -> &Contact {
    let mut all = contacts.iter();
    all.find(|contact| contact.sources.iter().any(|source| source.row == row))
        .expect("the contact")
}

/// Finds a person with two raw contacts that are not deleted.
const JOINED: &str = "SELECT contact_id FROM raw_contacts WHERE deleted=0 AND contact_id IS NOT NULL GROUP BY contact_id \
                      HAVING count(*) > 1 ORDER BY contact_id LIMIT 1";

#[test]
fn the_parts_of_an_address_stand_in_their_own_fields() {
    let statements = [
        "UPDATE data SET data4='Street', data5='Box', data6='Hood', data7='City', data8='Region', data9='Code', \
         data10='Land' WHERE mimetype_id=8"
            .to_owned(),
    ];
    let contacts = Phone::with(Store::Contacts, &statements).contacts();
    let mut addresses = contacts
        .iter()
        .flat_map(|contact| &contact.addresses)
        .peekable();
    assert!(addresses.peek().is_some());
    for address in addresses {
        let parts = [
            &address.street,
            &address.po_box,
            &address.neighborhood,
            &address.city,
            &address.region,
            &address.postcode,
            &address.country,
        ];
        let parts = parts.map(|part| part.as_deref().unwrap_or_default());
        assert_eq!(
            parts,
            ["Street", "Box", "Hood", "City", "Region", "Code", "Land"]
        );
    }
}

#[test]
fn one_number_under_two_labels_keeps_both() {
    let row = |id: i64, kind: i64| {
        format!(
            "INSERT INTO data (_id, mimetype_id, raw_contact_id, is_primary, is_super_primary, data_version, data1, data2) \
             SELECT {id}, 5, min(_id), 0, 0, 0, '+49 30 5557', '{kind}' FROM raw_contacts WHERE deleted=0"
        )
    };
    let contacts = Phone::with(Store::Contacts, &[row(900_001, 1), row(900_002, 3)]).contacts();
    let phones = contacts.iter().flat_map(|contact| &contact.phones);
    let labels: Vec<&Label> = phones
        .filter(|phone| phone.number == "+49 30 5557")
        .map(|phone| &phone.label)
        .collect();
    assert_eq!(labels, [&Label::Home, &Label::Work]);
}

/// The phone says which of a person's entries gives the name.
#[test]
fn the_entry_that_names_a_person_comes_first() {
    let last = "(SELECT max(_id) FROM raw_contacts WHERE raw_contacts.contact_id=contacts._id)";
    let statements = [format!("UPDATE contacts SET name_raw_contact_id={last}")];
    let phone = Phone::with(Store::Contacts, &statements);
    let person = phone.number(Store::Contacts, JOINED);
    let named = phone.number(
        Store::Contacts,
        &format!("SELECT max(_id) FROM raw_contacts WHERE contact_id={person}"),
    );
    let contacts = phone.contacts();
    let contact = of_row(&contacts, named);
    assert!(contact.sources.len() > 1);
    assert_eq!(contact.sources[0].row, named);
}

#[test]
fn whose_calls_go_to_voicemail_is_known() {
    let statements = [
        "UPDATE raw_contacts SET send_to_voicemail=0".to_owned(),
        "UPDATE raw_contacts SET send_to_voicemail=1 WHERE _id=(SELECT min(_id) FROM raw_contacts WHERE deleted=0)"
            .to_owned(),
    ];
    let contacts = Phone::with(Store::Contacts, &statements).contacts();
    let to_voicemail = contacts.iter().filter(|contact| contact.send_to_voicemail);
    assert_eq!(to_voicemail.count(), 1);
}

/// Data of the phone's own account is on no server, whatever its row says.
#[test]
fn what_belongs_to_the_phone_s_own_account_is_only_here() {
    let statements = ["UPDATE raw_contacts SET sourceid='known', dirty=0".to_owned()];
    let contacts = Phone::with(Store::Contacts, &statements).contacts();
    let sources = contacts.iter().flat_map(|contact| &contact.sources);
    let (own, others): (Vec<_>, Vec<_>) = sources.partition(|source| source.account.kind.is_none());
    assert!(!own.is_empty() && !others.is_empty());
    assert!(own.iter().all(|source| source.only_here));
    assert!(others.iter().all(|source| !source.only_here));
}

/// If one of a person's entries is marked deleted and another is not, the person is there.
#[test]
fn a_person_with_one_deleted_entry_is_there() {
    let phone = Phone::with(Store::Contacts, &[]);
    let person = phone.number(Store::Contacts, JOINED);
    let living = phone.number(
        Store::Contacts,
        &format!("SELECT min(_id) FROM raw_contacts WHERE contact_id={person}"),
    );
    let sql =
        format!("UPDATE raw_contacts SET deleted=1 WHERE contact_id={person} AND _id<>{living}");
    phone.0.poke(0, Store::Contacts, &sql).expect("changed");
    let practised = rescue_of(phone.0);
    let mut all = practised.outcome.collections.iter();
    let found = all
        .find(|c| c.name == Collection::Contacts)
        .expect("contacts");
    assert_eq!((found.rescued, found.read_back), (40, Some(40)));
}

#[test]
fn a_flight_s_end_has_the_zone_of_its_end() {
    let statements = [
        "UPDATE Events SET eventTimezone='Europe/Berlin', eventEndTimezone='America/New_York' WHERE rrule IS NULL AND \
         original_id IS NULL AND allDay=0 AND dtend IS NOT NULL"
            .to_owned(),
    ];
    let events = Phone::with(Store::Calendar, &statements).events();
    let zone = |moment: &Option<Moment>| match moment {
        Some(Moment::Time { zone, .. }) => zone.clone(),
        _ => String::new(),
    };
    let mut flights = events
        .iter()
        .filter(|event| event.rrule.is_none() && zone(&event.start) == "Europe/Berlin")
        .filter(|event| event.end.is_some())
        .peekable();
    assert!(flights.peek().is_some());
    for flight in flights {
        assert_eq!(zone(&flight.end), "America/New_York");
    }
}

#[test]
fn each_attendee_s_answer_and_each_reminder_s_kind_are_told_apart() {
    let first = "(SELECT min(_id) FROM Events WHERE original_id IS NULL AND deleted=0)";
    let mut statements = vec![
        format!("DELETE FROM Attendees WHERE event_id={first}"),
        format!("DELETE FROM Reminders WHERE event_id={first}"),
    ];
    for number in 0..5 {
        statements.push(format!(
            "INSERT INTO Attendees (_id, event_id, attendeeName, attendeeEmail, attendeeStatus, attendeeRelationship, \
             attendeeType) SELECT {}, {first}, 'Guest {number}', 'g{number}@example.com', {number}, 1, 1",
            800_000 + number
        ));
        statements.push(format!(
            "INSERT INTO Reminders (_id, event_id, minutes, method) SELECT {}, {first}, {}, {number}",
            810_000 + number,
            10 + number
        ));
    }
    let phone = Phone::with(Store::Calendar, &statements);
    let row = phone.number(Store::Calendar, &format!("SELECT {first}"));
    let events = phone.events();
    let event = events
        .iter()
        .find(|event| event.source.row == row)
        .expect("it");
    let mut answers: Vec<_> = event
        .attendees
        .iter()
        .map(|guest| (guest.name.clone().unwrap_or_default(), guest.status))
        .collect();
    answers.sort_by(|a, b| a.0.cmp(&b.0));
    let answers: Vec<_> = answers.into_iter().map(|(_, status)| status).collect();
    use AttendeeStatus::{Accepted, Declined, Invited, Tentative, Unset};
    assert_eq!(answers, [Unset, Accepted, Declined, Invited, Tentative]);
    let mut kinds: Vec<_> = event
        .reminders
        .iter()
        .map(|r| (r.minutes, r.method))
        .collect();
    kinds.sort_by_key(|(minutes, _)| *minutes);
    use ReminderMethod::{Alarm, Alert, Default, Email, Sms};
    let wanted = [Default, Alert, Email, Sms, Alarm];
    let wanted: Vec<_> = (10..).map(Some).zip(wanted).collect();
    assert_eq!(kinds, wanted);
}

#[test]
fn days_left_out_of_a_series_are_known() {
    let phone = Phone::with(Store::Calendar, &[]);
    let sql = "SELECT count(*) FROM Events WHERE exdate IS NOT NULL AND exdate<>'' AND deleted=0";
    let wanted = phone.number(Store::Calendar, sql);
    assert!(wanted > 0);
    let events = phone.events();
    let with_days = events.iter().filter(|event| event.exdate.is_some());
    assert_eq!(with_days.count() as i64, wanted);
}

#[test]
fn each_field_of_a_to_do_is_its_own() {
    let day = 86_400_000_i64;
    let first = 20_000 * day;
    let statements = [
        // The local day is one later than the day in UTC.
        format!(
            "UPDATE Tasks SET complete=1, date_completed={}, due_date={first}, utc_due_date={}, reminder_set=0, \
             reminder_time={first}, importance=0 WHERE _id=1",
            first + 5_000,
            first - 7_200_000
        ),
        format!(
            "UPDATE Tasks SET complete=0, date_completed=NULL, due_date=NULL, utc_due_date={first}, reminder_set=2, \
             reminder_time={first}, importance=2 WHERE _id=2"
        ),
        // Only the UTC column is at midnight: local midnight, expressed as UTC.
        format!(
            "UPDATE Tasks SET due_date={}, utc_due_date={first} WHERE _id=3",
            first - 7_200_000
        ),
    ];
    let todos = Phone::with(Store::Calendar, &statements).todos();
    let of = |row: i64| {
        let mut all = todos.iter();
        all.find(|todo| todo.source.row == row).expect("the to-do")
    };
    let utc = |millis: i64| Moment::Time {
        millis,
        zone: "UTC".into(),
    };
    let (done, open) = (of(1), of(2));
    assert!(done.done && !open.done);
    assert_eq!(done.completed, Some(utc(first + 5_000)));
    assert_eq!(open.completed, None);
    assert_eq!(done.due, Some(Moment::Date(20_000)), "the day on the wall");
    assert_eq!(open.due, Some(Moment::Date(20_000)));
    assert_eq!(of(3).due, Some(Moment::Date(20_000)));
    assert_eq!((done.priority, open.priority), (Some(9), Some(1)));
    assert_eq!(done.reminder, None, "it was switched off");
    assert_eq!(open.reminder, Some(utc(first)));
}
