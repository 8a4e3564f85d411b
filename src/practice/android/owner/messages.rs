//! Text messages.

use rusqlite::Connection;

use super::super::provider::schema;
use super::{NOW, Owner, contacts};
use crate::practice::pictures::photo;
use crate::practice::rng::Rng;

/// Number of contacts with whom the owner writes.
const FRIENDS: u32 = 30;

/// Senders that are no numbers of people: services, and a short code.
const SERVICES: [&str; 4] = ["DHL", "22333", "MyBank", "O2-Info"];

/// What people write.
const TEXTS: [&str; 16] = [
    "ok",
    "On my way, ten minutes",
    "Can you bring milk?",
    "Happy birthday! 🎂🎉",
    "Wann kommst du?",
    "Ich rufe später an, bin in der Besprechung.",
    "À tout à l'heure",
    "Καλημέρα",
    "до завтра",
    "明日の会議は10時です",
    "Call me when you are there. The key is under the second pot, not the first one.",
    "👍",
    "See https://example.com/?a=1&b=2",
    "Train is late: 14:32 instead of 14:05",
    "Thanks",
    "Really? Tell me more",
];

/// The longest text that a handset of the test kept in one row.
const LONG: usize = 160_000;
const LONG_AT: u32 = 64;

pub(super) fn fill(owner: &Owner, connection: &Connection) -> rusqlite::Result<()> {
    let numbers = friends(owner)?;
    let mut insert = connection.prepare(
        "INSERT INTO sms (_id, thread_id, address, date, date_sent, protocol, read, status, type, \
         reply_path_present, subject, body, service_center, locked, sub_id, error_code, creator, seen) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, -1, ?8, 0, NULL, ?9, ?10, 0, 1, 0, \
         'com.google.android.apps.messaging', 1)",
    )?;
    for number in 0..owner.messages {
        let mut rng = Rng::of(owner.seed, "sms", u64::from(number));
        let with = rng.below(numbers.len() as u64 + SERVICES.len() as u64) as usize;
        let friend = numbers.get(with).map(String::as_str);
        let service = SERVICES.get(with.saturating_sub(numbers.len()));
        let address = friend.or(service.copied()).unwrap_or("22333");
        let is_sent = friend.is_some() && rng.chance(45);
        // From the oldest to the newest.
        let age = i64::from(owner.messages - number) * 3 * 3_600_000 + rng.below(3_600_000) as i64;
        let at = NOW - age;
        let odd = owner
            .awkward_text(number / 2)
            .filter(|_| number % 2 == 1)
            .map(str::to_owned);
        let long =
            (number == LONG_AT && !owner.is_ordinary()).then(|| "Lang 😀 ".repeat(LONG / 7 + 1));
        let body = odd
            .or_else(|| long.map(|text| text.chars().take(LONG).collect()))
            .unwrap_or_else(|| rng.pick(&TEXTS).to_owned());
        insert.execute(rusqlite::params![
            i64::from(number) + 1 + i64::from(number / 13),
            with as i64 + 1,
            address,
            at,
            if is_sent { 0 } else { at - 2_000 },
            (!is_sent).then_some(0),
            i64::from(is_sent || rng.chance(95)),
            if is_sent { 2 } else { 1 },
            body,
            (!is_sent).then_some("+491710760000"),
        ])?;
    }
    pictures(owner, connection, &numbers)?;
    if owner.odd_messages {
        connection.execute_batch(ODD)?;
        connection.execute_batch(&odd_pictures())?;
    }
    if owner.messages > 0 {
        // Neither sent nor received: the provider does not show them to the shell.
        connection.execute_batch(
            "INSERT INTO sms (_id, thread_id, address, date, type, body) VALUES
               (900001, 1, '+4930', 1, 3, 'hidden draft'), (900002, 1, '+4930', 1, 4, 'hidden outbox'),
               (900003, 1, '+4930', 1, 5, 'hidden failed'), (900004, 1, '+4930', 1, 6, 'hidden queued');",
        )?;
    }
    Ok(())
}

/// Adds multimedia messages. Android keeps their dates in seconds.
fn pictures(owner: &Owner, connection: &Connection, numbers: &[String]) -> rusqlite::Result<()> {
    let mut message = connection.prepare(
        "INSERT INTO pdu (_id, thread_id, date, date_sent, msg_box, read, m_id, sub, sub_cs, ct_t, m_cls, m_type, v, \
         m_size, pri, sub_id, seen, text_only) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, 106, \
         'application/vnd.wap.multipart.related', 'personal', ?8, 18, 3000, 129, 1, 1, 0)",
    )?;
    let mut address = connection
        .prepare("INSERT INTO addr (msg_id, address, type, charset) VALUES (?1, ?2, ?3, 106)")?;
    let mut part = connection.prepare(
        "INSERT INTO part (mid, seq, ct, name, cid, cl, text, chset) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let mut file = connection.prepare("INSERT INTO file (part, bytes) VALUES (?1, ?2)")?;
    for number in 0..owner.pictures {
        let mut rng = Rng::of(owner.seed, "mms", u64::from(number));
        let id = i64::from(number) + 1;
        let with = rng.below(numbers.len() as u64) as usize;
        let friend = numbers.get(with).map_or("+4930555", String::as_str);
        let is_sent = number % 2 == 1;
        let at = NOW / 1000 - i64::from(owner.pictures - number) * 86_400;
        // Android keeps the bytes of a subject as characters of ISO 8859-1.
        let subject =
            (number % 3 == 0).then(|| "Grüße 😀".bytes().map(char::from).collect::<String>());
        message.execute(rusqlite::params![
            id,
            with as i64 + 1,
            at,
            if is_sent { 0 } else { at - 3 },
            if is_sent { 2 } else { 1 },
            format!("m{number}"),
            subject,
            if is_sent { 128 } else { 132 },
        ])?;
        let people: [(&str, i64); 2] = match is_sent {
            true => [("insert-address-token", 137), (friend, 151)],
            false => [(friend, 137), ("+491700000000", 151)],
        };
        for (who, role) in people {
            address.execute((id, who, role))?;
        }
        let text = owner.awkward_text(number).unwrap_or("Look at this!");
        let name = format!("image{number:04}.jpg");
        let none: Option<&str> = None;
        part.execute((
            id,
            -1,
            "application/smil",
            "smil.xml",
            "<smil>",
            "smil.xml",
            "<smil/>",
            none,
        ))?;
        part.execute((
            id,
            0,
            "image/jpeg",
            &name,
            format!("<{name}>"),
            &name,
            none,
            none,
        ))?;
        file.execute((connection.last_insert_rowid(), photo(owner.seed, number)))?;
        part.execute((id, 1, "text/plain", none, "<text>", "text.txt", text, 106))?;
    }
    if owner.pictures > 0 {
        // A draft, and a message that was not fetched yet.
        connection.execute_batch(
            "INSERT INTO pdu (_id, date, msg_box, m_type) VALUES (900001, 1, 3, 128), (900002, 1, 1, 130);",
        )?;
    }
    Ok(())
}

/// Multimedia messages as they were seen on phones: see `tests/FIELD.md`.
fn odd_pictures() -> String {
    let fifty: Vec<String> = (0..50)
        .map(|number| format!("(700001, '+4917100000{number:02}', 151)"))
        .collect();
    format!(
        "INSERT INTO pdu (_id, thread_id, date, msg_box, m_type, sub_id) VALUES
           (700001, 601, 1600000000, 2, 128, 1), (700002, 602, 1600000060, 1, 132, 1),
           (700003, 602, 1600000120000, 1, 132, 1), (700004, 602, 1600000180, 1, 132, 1);
         INSERT INTO addr (msg_id, address, type) VALUES (700001, 'insert-address-token', 137), {},
           (700002, '+4930777', 137), (700002, '+491700000000', 151), (700003, '+4930777', 137);
         INSERT INTO part (_id, mid, ct, name, text) VALUES (700001, 700001, 'text/plain', NULL, 'to fifty'),
           (700002, 700002, 'image/jpeg', 'lost.jpg', NULL), (700003, 700002, 'text/plain', NULL, 'a picture is lost'),
           (700004, 700003, 'audio/amr', 'voice.amr', NULL);
         INSERT INTO file (part, bytes) VALUES (700004, X'2321414D520A3C');",
        fifty.join(", ")
    )
}

/// Rows as they were seen on phones: see `tests/FIELD.md`.
const ODD: &str = "
INSERT INTO sms (_id, thread_id, address, date, date_sent, read, type, subject, body, sub_id) VALUES
  (800001, 501, NULL, 1303385176064, 0, 1, 1, NULL, 'no sender', -1),
  (800002, 501, '', 1303385186064, 0, 1, 1, NULL, 'empty sender', 0),
  (800003, 502, '+4930123', 1500000000, 1500000000, 0, 1, NULL, 'seconds', 1),
  (800004, 502, '+4930123', 1500000060000, 1500000059, 1, 1, NULL, 'sent in seconds', 1),
  (800005, 502, '+4930123', 0, 0, 1, 2, NULL, 'no date', 1),
  (800006, 502, '+4930123', NULL, NULL, NULL, 2, NULL, NULL, 1),
  (800007, 502, '+4930123', 1500000120000, 0, 1, 2, '', '', 1),
  (800008, 502, '+4930123', 1500000180000, 0, 1, 2, 'a subject', 'with a subject', 1),
  (800009, 502, '+4930123', 1500000240000, 0, 1, 1, NULL, 'twice', 1),
  (800010, 502, '+4930123', 1500000240000, 0, 1, 1, NULL, 'twice', 1),
  (800011, NULL, 'Alerts & Co', 1500000300000, 0, 1, 1, NULL, 'no thread', 1);
";

/// Returns the numbers of the owner's first contacts: messages have no names.
fn friends(owner: &Owner) -> rusqlite::Result<Vec<String>> {
    let of_few = Owner {
        contacts: owner.contacts.min(FRIENDS),
        deleted_contacts: 0,
        listed_more: 0,
        row_over_2mb: false,
        stale_account: false,
        settings: owner.settings.clone(),
        ..*owner
    };
    let connection = Connection::open_in_memory()?;
    connection.execute_batch(&schema::contacts(false))?;
    contacts::fill(&of_few, &connection)?;
    let mut numbers = connection.prepare(
        "SELECT DISTINCT data1 FROM data JOIN mimetypes ON mimetypes._id = data.mimetype_id \
         WHERE mimetype = 'vnd.android.cursor.item/phone_v2' AND data1 LIKE '+49 1%' ORDER BY data._id",
    )?;
    let numbers = numbers.query_map([], |row| row.get::<_, String>(0))?;
    numbers
        .map(|number| number.map(|number| number.replace(' ', "")))
        .collect()
}
