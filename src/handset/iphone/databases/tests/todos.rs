//! Reminders.

use super::Phone;
use crate::model::{Collection, Moment, RecordBody, Todo};

const STORES: &str = "HomeDomain/Library/Reminders/Container_v1/Stores";

fn todos(phone: &Phone) -> (Vec<Todo>, super::Read) {
    let read = phone.read(Collection::Todos);
    let all = read.bodies().filter_map(|body| match body {
        RecordBody::Todo(todo) => Some(todo.clone()),
        _ => None,
    });
    (all.collect(), read)
}

#[test]
fn subtasks_tags_alarms_and_deleted_ones_are_read() {
    let phone = Phone::new();
    let database = phone.database(&format!("{STORES}/Data-local.sqlite"));
    database
        .execute_batch(
            "CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR);
             INSERT INTO Z_PRIMARYKEY VALUES (15, 'REMCDAlarm'), (19, 'REMCDAlarmDateTrigger'), (23, 'REMCDHashtag'),
               (34, 'REMCDRecurrenceRule'), (26, 'REMCDURLAttachment');
             CREATE TABLE ZREMCDREMINDER (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZTITLE VARCHAR, ZFLAGGED INTEGER,
               ZALLDAY INTEGER, ZDUEDATE TIMESTAMP, ZTIMEZONE VARCHAR, ZMARKEDFORDELETION INTEGER, ZPARENTREMINDER INTEGER,
               ZLIST INTEGER, ZNEWFIELD VARCHAR);
             CREATE TABLE ZREMCDBASELIST (Z_PK INTEGER PRIMARY KEY, ZNAME VARCHAR);
             CREATE TABLE ZREMCDHASHTAGLABEL (Z_PK INTEGER PRIMARY KEY, ZNAME VARCHAR);
             CREATE TABLE ZREMCDOBJECT (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZREMINDER INTEGER, ZREMINDER2 INTEGER,
               ZREMINDER3 INTEGER, ZREMINDER4 INTEGER, ZTRIGGER INTEGER, ZDATECOMPONENTSDATA BLOB, ZHASHTAGLABEL INTEGER,
               ZFREQUENCY INTEGER, ZDAYSOFTHEWEEK BLOB, ZURL VARCHAR);
             INSERT INTO ZREMCDBASELIST VALUES (1, 'Boat');
             INSERT INTO ZREMCDHASHTAGLABEL VALUES (1, 'tide');
             INSERT INTO ZREMCDREMINDER VALUES (1, 28, 'Hull', 1, 0, 739094400, 'Europe/Berlin', 0, NULL, 1, 'x'),
               (2, 28, 'Keel', 0, 1, 739065600, NULL, 0, 1, 1, NULL), (3, 28, 'Old', 0, 0, NULL, NULL, 1, NULL, 1, NULL);
             INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZREMINDER, ZTRIGGER) VALUES (10, 15, 1, 11);
             INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZDATECOMPONENTSDATA)
               VALUES (11, 19, '{\"year\":2024,\"month\":6,\"day\":3,\"hour\":9,\"minute\":30}');
             INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZREMINDER3, ZHASHTAGLABEL) VALUES (12, 23, 1, 1);
             INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZREMINDER2, ZURL) VALUES (13, 26, 1, 'https://example.org');
             INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZREMINDER4, ZFREQUENCY, ZDAYSOFTHEWEEK)
               VALUES (14, 34, 1, 1, '[{\"dayOfTheWeek\":2,\"weekNumber\":0},{\"dayOfTheWeek\":5}]');",
        )
        .unwrap();
    let (todos, read) = todos(&phone);
    read.is_whole();
    assert_eq!(read.holding.handset_says, Some(2));
    let [hull, keel, old] = todos.as_slice() else {
        panic!("{todos:?}")
    };
    let has = |todo: &Todo, name: &str, value: &str| {
        assert!(
            todo.extended.contains(&(name.to_owned(), value.to_owned())),
            "{:?}",
            todo.extended
        );
    };
    has(hull, "RRULE", "FREQ=WEEKLY;BYDAY=MO,TH");
    has(hull, "CATEGORIES", "tide");
    has(hull, "URLAttachment url", "https://example.org");
    has(hull, "ZFLAGGED", "1");
    has(hull, "ZNEWFIELD", "x");
    // 09:30 in Berlin.
    let reminder = Moment::Time {
        millis: 1_717_399_800_000,
        zone: "Europe/Berlin".into(),
    };
    assert_eq!(hull.reminder, Some(reminder));
    has(keel, "subtask of", "Hull");
    assert_eq!(keel.due, Some(Moment::Date(19_877)));
    assert!(old.source.deleted && hull.source.only_here);
}

#[test]
fn no_database_is_not_the_same_as_no_reminders() {
    let phone = Phone::new();
    assert!(phone.read(Collection::Todos).holding.unreadable.is_some());
    phone
        .database(&format!("{STORES}/Data-local.sqlite"))
        .execute_batch("CREATE TABLE Strange (A TEXT)")
        .unwrap();
    let why = phone.read(Collection::Todos).holding.unreadable.unwrap();
    assert!(why.contains("Strange (A)"), "{why}");
}
