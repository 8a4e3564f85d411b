//! The practice Android must behave like a handset. It is tested with Debian's adb if that is installed, and with a
//! small client in this file.

use std::io::Read as _;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use lifeboat::link::{Link, LinkError};
use lifeboat::model::Stop;
use lifeboat::practice::android::{
    Auth, LinkSettings, PracticeAndroid, PracticeUser, Settings, Software, Store,
};
use lifeboat::practice::fault::{PracticeSettings as _, apply};
use proptest::prelude::*;
use rusqlite::types::Value;

const WAIT: Duration = Duration::from_secs(20);

/// A minimal ADB client.
struct Client {
    link: Link,
    version: u32,
    banner: String,
    next: u32,
}

#[derive(Debug, Clone, PartialEq)]
struct Frame {
    command: [u8; 4],
    arg0: u32,
    arg1: u32,
    payload: Vec<u8>,
}

#[derive(Debug, Default, PartialEq)]
struct Reply {
    out: String,
    err: String,
    code: Option<u8>,
    /// True if the stream ended properly.
    whole: bool,
}

fn send(link: &mut Link, command: &[u8; 4], arg0: u32, arg1: u32, payload: &[u8]) {
    let word = u32::from_le_bytes(*command);
    let sum = payload.iter().map(|&byte| u32::from(byte)).sum();
    let words = [word, arg0, arg1, payload.len() as u32, sum, !word];
    let header: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    // An error of the link is noticed by the reader.
    let _ = link.writer.write_all(&header, WAIT);
    let _ = link.writer.write_all(payload, WAIT);
}

fn receive(link: &mut Link) -> Result<Frame, LinkError> {
    let mut fill = |length: usize| {
        let mut bytes = vec![0; length];
        let mut filled = 0;
        while filled < length {
            filled += link.reader.read(&mut bytes[filled..], WAIT)?;
        }
        Ok::<_, LinkError>(bytes)
    };
    let header = fill(24)?;
    let word = |i: usize| u32::from_le_bytes(header[i * 4..i * 4 + 4].try_into().unwrap());
    assert_eq!(word(0), !word(5));
    let payload = fill(word(3) as usize)?;
    Ok(Frame {
        command: word(0).to_le_bytes(),
        arg0: word(1),
        arg1: word(2),
        payload,
    })
}

impl Client {
    fn new(mut link: Link) -> Self {
        send(&mut link, b"CNXN", 0x0100_0001, 1 << 20, b"host::\0");
        loop {
            let frame = receive(&mut link).unwrap();
            if &frame.command == b"CNXN" {
                return Self {
                    link,
                    version: frame.arg0,
                    banner: String::from_utf8(frame.payload).unwrap(),
                    next: 1,
                };
            }
        }
    }

    /// Opens a service. Returns `None` if the handset refuses it.
    fn open(&mut self, service: &str) -> Option<(u32, u32)> {
        let local = self.next;
        self.next += 1;
        send(
            &mut self.link,
            b"OPEN",
            local,
            0,
            format!("{service}\0").as_bytes(),
        );
        let frame = receive(&mut self.link).unwrap();
        assert_eq!(frame.arg1, local);
        (&frame.command == b"OKAY").then_some((local, frame.arg0))
    }

    /// Reads a stream to its end. Returns false if the link ended first.
    fn drain(&mut self, (local, remote): (u32, u32)) -> (Vec<u8>, bool) {
        let mut bytes = Vec::new();
        loop {
            match receive(&mut self.link) {
                Ok(frame) if &frame.command == b"WRTE" => {
                    assert_eq!((frame.arg0, frame.arg1), (remote, local));
                    bytes.extend(frame.payload);
                    send(&mut self.link, b"OKAY", local, remote, b"");
                }
                Ok(frame) if &frame.command == b"CLSE" => return (bytes, true),
                Ok(_) => {}
                Err(_) => return (bytes, false),
            }
        }
    }

    fn raw(&mut self, service: &str) -> Vec<u8> {
        let stream = self.open(service).unwrap();
        self.drain(stream).0
    }

    fn shell(&mut self, command: &str) -> Reply {
        let stream = self.open(&format!("shell,v2,raw:{command}")).unwrap();
        let (bytes, whole) = self.drain(stream);
        packets(&bytes, whole)
    }
}

fn packets(mut bytes: &[u8], whole: bool) -> Reply {
    let (mut out, mut err, mut code) = (Vec::new(), Vec::new(), None);
    while let [id, a, b, c, d, rest @ ..] = bytes {
        let length = (u32::from_le_bytes([*a, *b, *c, *d]) as usize).min(rest.len());
        let (data, after) = rest.split_at(length);
        match id {
            1 => out.extend_from_slice(data),
            2 => err.extend_from_slice(data),
            3 => code = data.first().copied(),
            _ => panic!("packet {id}"),
        }
        bytes = after;
    }
    Reply {
        out: String::from_utf8_lossy(&out).into_owned(),
        err: String::from_utf8_lossy(&err).into_owned(),
        code,
        whole,
    }
}

fn small() -> Settings {
    Settings {
        contacts: 60,
        events: 60,
        todos: 20,
        ..Settings::default()
    }
}

fn handset(faults: &str) -> PracticeAndroid {
    let mut settings = small();
    apply(faults, &mut settings).unwrap();
    PracticeAndroid::new(settings)
}

fn ask(handset: &PracticeAndroid, command: &str) -> Reply {
    Client::new(handset.link()).shell(command)
}

const CONTACTS: &str = "content query --uri content://com.android.contacts";
const CALENDAR: &str = "content query --uri content://com.android.calendar";

fn count(handset: &PracticeAndroid, store: Store, sql: &str) -> i64 {
    match handset.peek(0, store, sql).unwrap()[..] {
        [ref row] => match row[..] {
            [Value::Integer(count)] => count,
            _ => panic!("{row:?}"),
        },
        _ => panic!("not one row"),
    }
}

#[test]
fn the_owner_has_as_many_things_as_were_asked_for() {
    let handset = PracticeAndroid::new(Settings::default());
    let contacts = count(
        &handset,
        Store::Contacts,
        "SELECT count(*) FROM view_contacts",
    );
    let events = count(
        &handset,
        Store::Calendar,
        "SELECT count(*) FROM view_events WHERE deleted=0",
    );
    let todos = count(
        &handset,
        Store::Calendar,
        "SELECT count(*) FROM view_tasks WHERE deleted=0",
    );
    assert_eq!((contacts, events, todos), (400, 300, 60));
    let kinds = "SELECT count(DISTINCT mimetype) FROM view_raw_entities";
    assert_eq!(count(&handset, Store::Contacts, kinds), 17);
    let joined = "SELECT count(*) FROM (SELECT 1 FROM raw_contacts WHERE contact_id IS NOT NULL \
                  GROUP BY contact_id HAVING count(*)>1)";
    assert!(count(&handset, Store::Contacts, joined) > 40);
    for needed in [
        "rrule LIKE '%UNTIL=%'",
        "rrule LIKE '%COUNT=%'",
        "exdate IS NOT NULL",
        "rdate IS NOT NULL",
        "original_id IS NOT NULL AND eventStatus=2",
        "original_id IS NOT NULL AND eventStatus=1",
        "duration='P3600S'",
        "allDay=1 AND dtstart%86400000=0 AND eventTimezone='UTC'",
        "deleted=1",
        "eventColor IS NOT NULL",
    ] {
        let sql = format!("SELECT count(*) FROM Events WHERE {needed}");
        assert!(count(&handset, Store::Calendar, &sql) > 0, "{needed}");
    }
    let orphans = "SELECT count(*) FROM Events e WHERE original_id IS NOT NULL AND NOT EXISTS \
                   (SELECT 1 FROM Events s WHERE s._id=e.original_id AND s.rrule IS NOT NULL)";
    assert_eq!(count(&handset, Store::Calendar, orphans), 0);
}

#[test]
fn the_same_seed_makes_the_same_owner() {
    let all = "SELECT * FROM view_raw_entities ORDER BY data_id";
    let of = |seed| {
        let settings = Settings { seed, ..small() };
        PracticeAndroid::new(settings)
            .peek(0, Store::Contacts, all)
            .unwrap()
    };
    assert_eq!(of(5), of(5));
    assert_ne!(of(5), of(6));
}

#[test]
fn rows_are_printed_as_the_content_command_prints_them() {
    let handset = PracticeAndroid::new(small());
    let rows = handset
        .peek(
            0,
            Store::Contacts,
            "SELECT _id, mimetype, data1, data14, data15 FROM view_raw_entities ORDER BY _id, data_id",
        )
        .unwrap();
    let text = |value: &Value| match value {
        Value::Null => "NULL".to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        Value::Blob(_) => "BLOB".to_owned(),
        Value::Real(_) => unreachable!(),
    };
    let names = ["_id", "mimetype", "data1", "data14", "data15"];
    let mut expected = String::new();
    for (place, row) in rows.iter().enumerate() {
        let pairs = names.iter().zip(row);
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={}", text(value)))
            .collect();
        expected += &format!("Row: {place} {}\n", pairs.join(", "));
    }
    let asked = format!(
        "{CONTACTS}/raw_contact_entities --projection _id:mimetype:data1:data14:data15 --sort '_id, data_id'"
    );
    let reply = ask(&handset, &asked);
    assert_eq!(reply.out, expected);
    assert_eq!(
        (reply.err.as_str(), reply.code, reply.whole),
        ("", Some(0), true)
    );
    assert!(expected.contains("data15=BLOB") && expected.contains("data1=a, data2=5,"));
    assert_eq!(handset.tripped(), Vec::<String>::new());
}

#[test]
fn deleted_contacts_stand_in_the_entities_only() {
    let handset = PracticeAndroid::new(small());
    let deleted =
        format!("{CONTACTS}/raw_contact_entities --projection _id:contact_id --where deleted=1");
    let reply = ask(&handset, &deleted);
    assert!(reply.out.starts_with("Row: 0 _id=") && reply.out.contains("contact_id=NULL\n"));
    let first = reply.out.split(['=', ',']).nth(1).unwrap();
    let data = format!("{CONTACTS}/data --projection _id --where raw_contact_id={first}");
    assert_eq!(ask(&handset, &data).out, "No result found.\n");
}

#[test]
fn the_contacts_provider_is_strict_and_the_calendar_is_not() {
    let handset = PracticeAndroid::new(small());
    let refused = [
        (
            "--projection 'hex(data1) AS h'",
            "Non-token detected in 'hex(data1) AS h'",
        ),
        ("--projection nonsense", "Invalid column nonsense"),
        (
            "--where 'x_times_contacted>0'",
            "Detected disallowed token: x_times_contacted",
        ),
        ("--where '1;2'", "Semicolon is not allowed"),
        ("--where \"data1='\"", "Unterminated quote"),
        (
            "--where 'nonsense=1'",
            "no such column: nonsense (code 1 SQLITE_ERROR)",
        ),
    ];
    for (arguments, why) in refused {
        let reply = ask(
            &handset,
            &format!("{CONTACTS}/raw_contact_entities {arguments}"),
        );
        assert!(reply.err.contains(why), "{arguments}: {}", reply.err);
        assert!(
            reply
                .err
                .starts_with("Error while accessing provider:com.android.contacts\n")
        );
        assert_eq!((reply.out.as_str(), reply.code), ("", Some(0)));
    }
    // Before Android 8 only the projection map protected the query.
    let old = PracticeAndroid::new(Settings {
        android: 25,
        ..small()
    });
    let reply = ask(
        &old,
        &format!("{CONTACTS}/raw_contacts --projection 'hex(_id) AS h'"),
    );
    assert!(reply.err.contains("Invalid column hex(_id) AS h"));

    let cured = "--projection '_id:CAST(dtstart AS TEXT) AS dtstart' --where _id=1";
    let reply = ask(&handset, &format!("{CALENDAR}/events {cured}"));
    let row = &handset
        .peek(0, Store::Calendar, "SELECT dtstart FROM Events WHERE _id=1")
        .unwrap()[0];
    let Value::Integer(start) = row[0] else {
        panic!()
    };
    assert_eq!(reply.out, format!("Row: 0 _id=1, dtstart={start}\n"));
    // The query joins attendees with events and calendars, each of which has an `_id`.
    let reply = ask(
        &handset,
        &format!("{CALENDAR}/attendees --projection _id:event_id --where '_id>0'"),
    );
    assert!(
        reply.err.contains("ambiguous column name: _id"),
        "{}",
        reply.err
    );
    let reply = ask(
        &handset,
        &format!("{CALENDAR}/attendees --projection _id:event_id --sort _id"),
    );
    assert!(
        reply.out.starts_with("Row: 0 _id=1, event_id="),
        "{}",
        reply.out
    );
}

#[test]
fn usage_errors_are_told_on_standard_output() {
    let handset = PracticeAndroid::new(small());
    let cases = [
        ("content", "[ERROR] Unsupported operation: null\n"),
        (
            "content query",
            "[ERROR] Content provider URI not specified. Did you specify --uri argument?\n",
        ),
        (
            "content query --uri content://icc/adn --where ''",
            "[ERROR] No value for argument: --where\n",
        ),
        (
            "content query --uri content://icc/adn --limit 3",
            "[ERROR] Unsupported argument: --limit\n",
        ),
    ];
    for (command, end) in cases {
        let reply = ask(&handset, command);
        assert!(reply.out.ends_with(end), "{command}: {}", reply.out);
        assert_eq!(reply.code, Some(0));
    }
}

#[test]
fn old_handsets_have_terminals_short_integers_and_a_slip_of_the_pen() {
    let mut old = Client::new(
        PracticeAndroid::new(Settings {
            android: 16,
            ..small()
        })
        .link(),
    );
    assert_eq!(
        (old.version, old.banner.as_str()),
        (0x0100_0000, "device::\0")
    );
    assert_eq!(old.open("exec:id"), None);
    assert_eq!(old.open("shell,v2,raw:id"), None);
    let none = format!("shell:{CALENDAR}/events --where 0");
    assert_eq!(old.raw(&none), b"No reuslt found.\r\n");
    let reply = old.raw(&format!(
        "shell:{CALENDAR}/events --projection _id:dtstart --where _id=1; echo RC=$?"
    ));
    let reply = String::from_utf8(reply).unwrap();
    let handset = PracticeAndroid::new(small());
    let row = &handset
        .peek(0, Store::Calendar, "SELECT dtstart FROM Events WHERE _id=1")
        .unwrap()[0];
    let Value::Integer(start) = row[0] else {
        panic!()
    };
    assert_eq!(
        reply,
        format!("Row: 0 _id=1, dtstart={}\r\nRC=0\r\n", start as i32)
    );

    let mut newer = Client::new(
        PracticeAndroid::new(Settings {
            android: 25,
            ..small()
        })
        .link(),
    );
    assert_eq!(newer.version, 0x0100_0000);
    assert!(newer.banner.ends_with("features=cmd,shell_v2"));
    assert_eq!(newer.raw("shell:echo a"), b"a\n");
    assert_eq!(
        newer.raw("exec:nosuch"),
        b"/system/bin/sh: nosuch: not found\n"
    );
}

#[test]
fn the_sim_card_knows_no_filter() {
    let handset = PracticeAndroid::new(small());
    let all = ask(&handset, "content query --uri content://icc/adn").out;
    assert_eq!(all.lines().count(), 12);
    assert!(
        all.contains("Row: 5 name=") && all.contains("_id=6\n"),
        "{all}"
    );
    let filtered = "content query --uri content://icc/adn/subId/1 --projection _id --where 0";
    assert_eq!(ask(&handset, filtered).out, all);
    assert_eq!(
        ask(&handset, "content query --uri content://icc/adn/subId/2").out,
        "No result found.\n"
    );
    let without = ask(
        &handset_without_sim(),
        "content query --uri content://icc/adn",
    );
    assert_eq!(without.out, "No result found.\n");
}

fn handset_without_sim() -> PracticeAndroid {
    handset("no-sim")
}

#[test]
fn denial_silence_and_a_locked_handset_look_as_they_do() {
    let denied = ask(
        &handset("deny=contacts"),
        &format!("{CONTACTS}/raw_contacts"),
    );
    assert!(
        denied
            .err
            .contains("java.lang.SecurityException: Permission Denial")
    );
    assert!(denied.err.contains("android.permission.READ_CONTACTS"));

    let ignoring = handset("ignore=calendar");
    assert_eq!(
        ask(&ignoring, &format!("{CALENDAR}/events")).out,
        "No result found.\n"
    );
    let op = ask(&ignoring, "appops get com.android.shell READ_CALENDAR").out;
    assert!(op.starts_with("READ_CALENDAR: ignore"));

    let locked = handset("locked,photos=2");
    let reply = ask(&locked, &format!("{CONTACTS}/raw_contacts"));
    assert!(
        reply
            .err
            .contains("IllegalStateException: Could not find provider: com.android.contacts")
    );
    assert_eq!(ask(&locked, "ls /sdcard/DCIM").code, Some(1));

    let task_app = handset("task-app=org.dmfs.tasks");
    assert!(
        ask(&task_app, "pm list packages")
            .out
            .contains("package:org.dmfs.tasks\n")
    );
    let reply = ask(
        &task_app,
        "content query --uri content://org.dmfs.tasks/tasks",
    );
    assert!(reply.err.contains("org.dmfs.permission.READ_TASKS"));
}

/// Asks repeatedly, like a computer that waits for a phone.
fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let since = Instant::now();
    while !is_so() {
        assert!(since.elapsed() < WAIT, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn one_that_restarts_comes_back_locked() {
    let query = format!("{CONTACTS}/raw_contacts --projection _id");
    // The restarted handset stays locked for an hour, longer than the test runs.
    let handset = handset("photos=1,restarts-after-rows=3:3600");
    assert!(ask(&handset, "ls /sdcard/DCIM").whole);
    assert_eq!(handset.pluggings(), 1);
    assert!(!ask(&handset, &query).whole);
    assert!(!handset.is_plugged());
    wait_until("it is seen again", || handset.is_plugged());
    assert_eq!(handset.pluggings(), 2);
    wait_until("it has started", || {
        let properties = ask(&handset, "getprop").out;
        let has_started = properties.contains("[sys.boot_completed]: [1]");
        if !has_started {
            let users = ask(&handset, "pm list users");
            let is_starting = users.err.contains("Can't find service: package");
            assert!(is_starting || users.out.contains("UserInfo{0"), "{users:?}");
        }
        has_started
    });
    assert!(!ask(&handset, "getprop").out.contains("ce_available"));
    let reply = ask(&handset, &query);
    assert!(reply.err.contains("Could not find provider"), "{reply:?}");
    assert_eq!(ask(&handset, "ls /sdcard/DCIM").code, Some(1));
    assert_eq!(ask(&handset, "ls /sdcard/").out, "");

    let soon = self::handset("restarts-after-rows=3:0.1");
    assert!(!ask(&soon, &query).whole);
    wait_until("it is unlocked", || {
        soon.is_plugged() && {
            let properties = ask(&soon, "getprop").out;
            properties.contains("[sys.user.0.ce_available]: [true]")
        }
    });
    // The handset restarts a second time.
    assert!(!ask(&soon, &query).whole);
}

#[test]
fn a_work_profile_has_data_of_its_own() {
    let handset = handset("work-profile");
    let users = ask(&handset, "pm list users").out;
    assert!(users.contains("\tUserInfo{10:Work profile:1030} running\n"));
    let work = PracticeUser::work();
    let asked = format!("{CONTACTS}/contacts --user 10 --projection _id");
    assert_eq!(
        ask(&handset, &asked).out.lines().count(),
        work.contacts as usize
    );
    let nobody = ask(&handset, &format!("{CONTACTS}/contacts --user 11"));
    assert!(nobody.err.contains("Could not find provider"));
}

#[test]
fn rows_of_a_removed_account_remain() {
    let handset = handset("stale-account");
    let accounts = ask(&handset, "dumpsys account").out;
    assert!(!accounts.contains("oldjob"));
    let rows = format!(
        "{CONTACTS}/raw_contacts --projection account_name --where \"account_type='com.android.exchange'\""
    );
    assert!(
        ask(&handset, &rows)
            .out
            .contains("account_name=a.winter@oldjob.example")
    );
}

#[test]
fn a_row_beyond_the_window_ends_the_query() {
    let handset = handset("row-over-2mb");
    let asked = format!("{CONTACTS}/raw_contact_entities --projection _id:data1 --sort _id");
    let reply = ask(&handset, &asked);
    assert!(reply.out.starts_with("Row: 0 "));
    assert!(reply.err.contains("SQLiteBlobTooBigException"));
    let ids = format!("{CONTACTS}/raw_contact_entities --projection _id --sort _id");
    assert_eq!(ask(&handset, &ids).err, "");
}

#[test]
fn a_provider_that_dies_has_printed_the_rows_before() {
    let handset = handset("error-after-rows=contacts:7");
    let asked = format!("{CONTACTS}/raw_contacts --projection _id");
    let reply = ask(&handset, &asked);
    assert_eq!(reply.out.lines().count(), 7);
    assert!(reply.err.contains("android.os.DeadObjectException"));
    let again = ask(&handset, &asked);
    assert!(again.out.lines().count() > 60 && again.err.is_empty());
}

#[test]
fn a_pulled_cable_ends_the_link_once() {
    let handset = handset("unplug-after=20000,unplug-after=9000");
    let asked = format!("{CONTACTS}/raw_contact_entities --projection _id:data1");
    let first = ask(&handset, &asked);
    assert!(!first.whole && first.out.len() < 20_000);
    let second = ask(&handset, &asked);
    assert!(!second.whole && second.out.len() < 9_000);
    let third = ask(&handset, &asked);
    assert!(third.whole && third.out.lines().count() > 100);
}

#[test]
fn the_cable_is_pulled_after_exactly_so_many_rows() {
    let handset = handset("unplug-after-rows=30");
    let asked = format!("{CONTACTS}/raw_contacts --projection _id");
    let first = ask(&handset, &asked);
    assert_eq!((first.out.lines().count(), first.whole), (30, false));
    assert!(ask(&handset, &asked).whole);
}

#[test]
fn a_silent_handset_goes_on_later() {
    let handset = handset("silent-after=2000:0.5s");
    let start = Instant::now();
    let reply = ask(
        &handset,
        &format!("{CONTACTS}/raw_contact_entities --projection _id:data1"),
    );
    assert!(reply.whole && start.elapsed() >= Duration::from_millis(500));
}

#[test]
fn the_link_keeps_the_pace_that_was_asked_for() {
    let handset = handset("rate=100k/s,photos=1");
    let mut client = Client::new(handset.link());
    let start = Instant::now();
    let name = client.shell("ls /sdcard/DCIM/Camera").out;
    let bytes = client.raw(&format!("exec:cat /sdcard/DCIM/Camera/{}", name.trim()));
    let expected = Duration::from_secs_f64(bytes.len() as f64 / 100_000.0);
    assert!(bytes.len() >= 40_000);
    assert!(start.elapsed() >= expected && start.elapsed() < expected * 3 + Duration::from_secs(2));
}

#[test]
fn streams_run_side_by_side() {
    let settings = Settings {
        software: Software {
            content_start: Duration::from_millis(600),
            ..Software::default()
        },
        ..small()
    };
    let mut client = Client::new(PracticeAndroid::new(settings).link());
    let start = Instant::now();
    let asked = "shell,v2,raw:content query --uri content://icc/adn";
    let streams = [
        client.open(asked).unwrap(),
        client.open(asked).unwrap(),
        client.open(asked).unwrap(),
    ];
    let mut ended = 0;
    while ended < streams.len() {
        let frame = receive(&mut client.link).unwrap();
        match &frame.command {
            b"WRTE" => send(&mut client.link, b"OKAY", frame.arg1, frame.arg0, b""),
            b"CLSE" => ended += 1,
            _ => {}
        }
    }
    assert!(
        start.elapsed() < Duration::from_millis(1500),
        "{:?}",
        start.elapsed()
    );
}

#[test]
fn a_request_that_is_not_a_read_triggers_the_tripwire() {
    let changing = [
        "content insert --uri content://com.android.contacts/raw_contacts --bind a:s:b",
        "content delete --uri content://com.android.contacts/raw_contacts",
        "content query --uri content://com.android.calendar/instances/when/0/1",
        "pm grant com.android.shell android.permission.READ_SMS",
        "am start -a android.intent.action.VIEW",
        "settings put global a b",
        "reboot",
        "rm /sdcard/a",
        "dumpsys battery set level 5",
        "cmd appops set com.android.shell READ_CONTACTS allow",
        "getprop > /sdcard/a",
        "nosuch",
    ];
    for command in changing {
        let handset = PracticeAndroid::new(small());
        ask(&handset, command);
        assert_eq!(handset.tripped(), [command]);
    }
    let handset = PracticeAndroid::new(small());
    let mut client = Client::new(handset.link());
    for service in ["reboot:", "tcpip:5555", "restore:"] {
        assert_eq!(client.open(service), None);
    }
    assert!(client.open("root:").is_some());
    assert_eq!(
        handset.tripped(),
        ["reboot:", "tcpip:5555", "restore:", "root:"]
    );

    let handset = PracticeAndroid::new(small());
    let reading = [
        "getprop",
        "dumpsys account",
        "dumpsys battery",
        "pm list users",
        "pm list packages --user 0",
        "appops get com.android.shell READ_CONTACTS",
        "date +%s",
        "am get-current-user",
        "id",
        "content query --uri content://com.android.calendar/syncTasks",
    ];
    for command in reading {
        ask(&handset, command);
    }
    assert_eq!(handset.tripped(), Vec::<String>::new());
    assert_eq!(handset.asked().len(), reading.len());
}

#[test]
fn faults_are_read_from_text_or_explained() {
    for wrong in [
        "nosuch",
        "battery",
        "battery=101",
        "locked=yes",
        "android=15",
        "rate=0/s",
        "ignore=icc",
        "silent-after=5",
    ] {
        let error = apply(wrong, &mut Settings::default())
            .unwrap_err()
            .to_string();
        let name = wrong.split('=').next().unwrap();
        assert!(error.contains(name) && error.len() > 30, "{error}");
    }
    let mut settings = Settings::default();
    let spec = "battery=9, start=300ms, rate=35MB/s, unplug-after=2k,unplug-after=1MB,prompt=never,android=19";
    apply(spec, &mut settings).unwrap();
    assert_eq!(
        (
            settings.power.battery.percent,
            settings.power.battery.charging
        ),
        (9, false)
    );
    assert_eq!(settings.software.content_start, Duration::from_millis(300));
    assert_eq!(settings.link.bytes_per_second, Some(35_000_000));
    assert_eq!(settings.link.unplug_after, [2_000, 1_000_000]);
    assert_eq!(settings.android, 19);
    assert!(matches!(
        settings.link.auth,
        Auth::RequireKey {
            answered_after: None,
            ..
        }
    ));
    assert!(Settings::FAULTS.iter().all(|kind| !kind.what.is_empty()));
}

#[test]
fn stale_frames_come_before_the_handshake() {
    let mut link = handset("stale-frames").link();
    send(&mut link, b"CNXN", 0x0100_0001, 1 << 20, b"host::\0");
    let first = receive(&mut link).unwrap();
    assert_ne!(&first.command, b"CNXN");
}

#[test]
fn a_wrong_sum_ends_the_link_of_an_old_handset() {
    let mut link = handset("android=19").link();
    let word = u32::from_le_bytes(*b"CNXN");
    let words = [word, 0x0100_0000, 4096, 7, 1, !word];
    let header: Vec<u8> = words
        .iter()
        .flat_map(|word: &u32| word.to_le_bytes())
        .collect();
    link.writer.write_all(&header, WAIT).unwrap();
    link.writer.write_all(b"host::\0", WAIT).unwrap();
    assert!(receive(&mut link).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn junk_neither_stops_nor_breaks_the_handset(
        junk in proptest::collection::vec(any::<u8>(), 0..300),
        frames in proptest::collection::vec((0_usize..6, any::<u32>(), 0_u32..3, proptest::collection::vec(any::<u8>(), 0..40)), 0..12),
    ) {
        let handset = handset("");
        let mut link = handset.link();
        send(&mut link, b"CNXN", 0x0100_0001, 1 << 20, b"host::\0");
        for (kind, arg0, arg1, payload) in frames {
            let command = [b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"WRTE", b"CLSE"][kind];
            send(&mut link, command, arg0, arg1, &payload);
        }
        let _ = link.writer.write_all(&junk, WAIT);
        drop(link);
        let reply = ask(&handset, "echo still here");
        prop_assert_eq!(reply.out, "still here\n");
    }
}

/// A handset on a loopback port that is closed at the end of the test.
struct Served {
    handset: PracticeAndroid,
    address: SocketAddr,
    stop: Stop,
}

impl Served {
    fn new(settings: Settings) -> Self {
        let handset = PracticeAndroid::new(settings);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), Stop::new());
        let (serving, stopped) = (handset.clone(), stop.clone());
        std::thread::spawn(move || serving.serve(listener, &stopped));
        Self {
            handset,
            address,
            stop,
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// Debian's adb with its own server and home folder; `None` if adb is not installed.
struct Adb {
    home: tempfile::TempDir,
    port: u16,
    serial: String,
}

impl Adb {
    fn connect(served: &Served) -> Option<Self> {
        if !Path::new("/usr/bin/adb").exists() {
            println!("skipped: /usr/bin/adb is not installed");
            return None;
        }
        // A port that was free a moment ago.
        let port = TcpListener::bind("127.0.0.1:0")
            .ok()?
            .local_addr()
            .ok()?
            .port();
        let adb = Self {
            home: tempfile::tempdir().ok()?,
            port,
            serial: served.address.to_string(),
        };
        adb.run(&["connect", &adb.serial]);
        Some(adb)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("timeout")
            .args(["60", "/usr/bin/adb"])
            .args(arguments)
            .env("HOME", self.home.path())
            .env("ANDROID_ADB_SERVER_PORT", self.port.to_string())
            .output()
            .unwrap()
    }

    fn on(&self, arguments: &[&str]) -> Output {
        self.run(&[&["-s", &self.serial], arguments].concat())
    }

    fn state(&self) -> String {
        let list = String::from_utf8(self.run(&["devices"]).stdout).unwrap();
        let line = list.lines().find(|line| line.starts_with(&self.serial));
        line.and_then(|line| line.split_whitespace().nth(1))
            .unwrap_or("")
            .to_owned()
    }
}

impl Drop for Adb {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[test]
fn debians_adb_can_read_it() {
    for android in [19, 25, 33] {
        let served = Served::new(Settings {
            android,
            photos: 2,
            ..small()
        });
        let Some(adb) = Adb::connect(&served) else {
            return;
        };
        assert_eq!(adb.state(), "device");
        let model = adb.on(&["shell", "getprop ro.build.version.sdk"]).stdout;
        assert_eq!(
            String::from_utf8(model).unwrap().trim(),
            android.to_string()
        );
        let asked = format!("{CONTACTS}/raw_contacts --projection _id --sort _id");
        let rows = adb.on(&["shell", &asked]).stdout;
        let rows = String::from_utf8(rows).unwrap();
        let expected = count(
            &served.handset,
            Store::Contacts,
            "SELECT count(*) FROM raw_contacts",
        );
        assert_eq!(rows.lines().count() as i64, expected);
        let pulled = adb.home.path().join("pulled");
        let reply = adb.on(&["pull", "/sdcard/DCIM/Camera", pulled.to_str().unwrap()]);
        assert!(reply.status.success(), "{reply:?}");
        let mut client = Client::new(served.handset.link());
        let shown = String::from_utf8(client.raw("shell:ls /sdcard/DCIM/Camera")).unwrap();
        assert_eq!(shown.lines().count(), 2);
        for name in shown.lines().map(str::trim) {
            let mut bytes = Vec::new();
            std::fs::File::open(pulled.join(name))
                .unwrap()
                .read_to_end(&mut bytes)
                .unwrap();
            if android >= 24 {
                assert_eq!(
                    client.raw(&format!("shell:cat /sdcard/DCIM/Camera/{name}")),
                    bytes
                );
            }
            assert!(bytes.starts_with(&[0xff, 0xd8]) && bytes.ends_with(&[0xff, 0xd9]));
        }
        let missing = adb.on(&["pull", "/sdcard/nosuch", pulled.to_str().unwrap()]);
        assert!(!missing.status.success());
        assert_eq!(served.handset.tripped(), Vec::<String>::new());
        if android >= 24 {
            assert_eq!(adb.on(&["shell", "nosuch"]).status.code(), Some(127));
        }
        let sent = adb.on(&["push", "/etc/hostname", "/sdcard/hostname"]);
        assert!(!sent.status.success());
        assert!(!served.handset.tripped().is_empty());
    }
}

#[test]
fn debians_adb_waits_for_the_owners_answer() {
    let auth = |seconds: Option<u64>| Auth::RequireKey {
        accepted: Vec::new(),
        answered_after: seconds.map(Duration::from_secs),
    };
    let served = Served::new(Settings {
        link: LinkSettings {
            auth: auth(Some(1)),
            ..LinkSettings::default()
        },
        ..small()
    });
    let Some(adb) = Adb::connect(&served) else {
        return;
    };
    let start = Instant::now();
    while adb.state() != "device" && start.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(adb.state(), "device");
    // The key is known from now on, so there is no prompt.
    adb.run(&["disconnect"]);
    adb.run(&["connect", &adb.serial]);
    assert_eq!(adb.state(), "device");

    let served = Served::new(Settings {
        link: LinkSettings {
            auth: auth(None),
            ..LinkSettings::default()
        },
        ..small()
    });
    let Some(adb) = Adb::connect(&served) else {
        return;
    };
    std::thread::sleep(Duration::from_secs(2));
    assert_ne!(adb.state(), "device");
}

#[test]
fn many_contacts_are_made_in_good_time() {
    let settings = Settings {
        contacts: 10_000,
        events: 5_000,
        ..Settings::default()
    };
    let handset = PracticeAndroid::new(settings);
    let start = Instant::now();
    let rows = count(&handset, Store::Contacts, "SELECT count(*) FROM data");
    count(&handset, Store::Calendar, "SELECT count(*) FROM Events");
    println!("{rows} data rows and 5000 events in {:?}", start.elapsed());
    let start = Instant::now();
    let reply = ask(&handset, &format!("{CONTACTS}/raw_contact_entities"));
    println!("{} bytes of text in {:?}", reply.out.len(), start.elapsed());
    assert!(reply.whole && reply.out.lines().count() as i64 > rows);
}
