//! The owner's contacts.

use rusqlite::types::Value;
use rusqlite::{Connection, Statement};

use super::super::rng::Rng;
use super::people::{self, Name};
use super::{NOW, Owner, awkward};

/// Kinds of data rows. Each has its place in the list as its id.
const MIMETYPES: [&str; 17] = [
    "vnd.android.cursor.item/email_v2",
    "vnd.android.cursor.item/im",
    "vnd.android.cursor.item/nickname",
    "vnd.android.cursor.item/organization",
    "vnd.android.cursor.item/phone_v2",
    "vnd.android.cursor.item/sip_address",
    "vnd.android.cursor.item/name",
    "vnd.android.cursor.item/postal-address_v2",
    "vnd.android.cursor.item/identity",
    "vnd.android.cursor.item/photo",
    "vnd.android.cursor.item/group_membership",
    "vnd.android.cursor.item/note",
    "vnd.android.cursor.item/website",
    "vnd.android.cursor.item/contact_event",
    "vnd.android.cursor.item/relation",
    "vnd.android.cursor.item/vnd.com.whatsapp.profile",
    "vnd.android.cursor.item/vnd.org.example.loyalty-card",
];
const EMAIL: usize = 0;
const IM: usize = 1;
const NICKNAME: usize = 2;
const ORGANIZATION: usize = 3;
const PHONE: usize = 4;
const SIP: usize = 5;
const NAME: usize = 6;
const POSTAL: usize = 7;
const IDENTITY: usize = 8;
const PHOTO: usize = 9;
const GROUP: usize = 10;
const NOTE: usize = 11;
const WEBSITE: usize = 12;
const EVENT: usize = 13;
const RELATION: usize = 14;
const WHATSAPP: usize = 15;
const LOYALTY: usize = 16;

/// Groups of an account: system name, title.
const GROUPS: [(Option<&str>, &str); 5] = [
    (Some("Contacts"), "My Contacts"),
    (None, "Starred in Android"),
    (Some("Family"), "Family"),
    (None, "Chess club, Thursdays"),
    (None, "Φίλοι; друзья"),
];

/// Ids of `profile.db` begin here (`ContactsContract.Profile.MIN_ID`).
const PROFILE_BASE: i64 = i64::MAX - i32::MAX as i64;

/// Columns of a data row from `data1` on.
type Data = Vec<Value>;

/// Writes rows and hands out their ids.
struct Writer<'a> {
    raw_contact: Statement<'a>,
    data: Statement<'a>,
    contact: Statement<'a>,
    visible: Statement<'a>,
    in_directory: Statement<'a>,
    next_raw: i64,
    next_data: i64,
}

impl<'a> Writer<'a> {
    fn new(connection: &'a Connection, base: i64) -> rusqlite::Result<Self> {
        let mut mimetype = connection.prepare("INSERT INTO mimetypes VALUES (?1, ?2)")?;
        for (place, name) in MIMETYPES.iter().enumerate() {
            mimetype.execute((place as i64 + 1, name))?;
        }
        Ok(Self {
            raw_contact: connection.prepare(
                "INSERT INTO raw_contacts (_id, account_id, sourceid, version, dirty, deleted, contact_id, \
                 aggregation_mode, starred, display_name, display_name_alt, display_name_source, \
                 phonetic_name, sort_key, phonebook_label, sort_key_alt, sync1, custom_ringtone, \
                 send_to_voicemail) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?10, ?14, ?11, ?15, ?16, \
                 ?17)",
            )?,
            data: connection.prepare(
                "INSERT INTO data (_id, mimetype_id, raw_contact_id, is_primary, is_super_primary, \
                 data_version, data1, data2, data3, data4, data5, data6, data7, data8, data9, data10, \
                 data11, data12, data13, data14, data15) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, \
                 ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
            )?,
            contact: connection.prepare(
                "INSERT INTO contacts (_id, name_raw_contact_id, photo_id, photo_file_id, starred, \
                 has_phone_number, lookup, contact_last_updated_timestamp, custom_ringtone, \
                 send_to_voicemail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )?,
            visible: connection.prepare("INSERT INTO visible_contacts VALUES (?1)")?,
            in_directory: connection.prepare("INSERT INTO default_directory VALUES (?1)")?,
            next_raw: base + 1,
            next_data: base + 1,
        })
    }

    fn data(
        &mut self,
        raw: i64,
        kind: usize,
        primary: bool,
        mut values: Data,
    ) -> rusqlite::Result<i64> {
        let id = self.next_data;
        // Rows that were deleted leave gaps.
        self.next_data += if id % 11 == 0 { 3 } else { 1 };
        values.resize(15, Value::Null);
        let head = [
            Value::Integer(id),
            Value::Integer(kind as i64 + 1),
            Value::Integer(raw),
            Value::Integer(i64::from(primary)),
            Value::Integer(i64::from(primary && kind == PHONE)),
            Value::Integer(id % 3),
        ];
        self.data
            .execute(rusqlite::params_from_iter(head.into_iter().chain(values)))?;
        Ok(id)
    }
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn number(value: i64) -> Value {
    Value::Integer(value)
}

/// A value, a type and the label that type 0 has.
fn typed(value: impl Into<String>, kind: i64, label: Option<&str>) -> Data {
    let label = label.map_or(Value::Null, text);
    vec![text(value), number(kind), label]
}

/// What a contact shows of its raw contacts.
#[derive(Default)]
struct Summary {
    photo: Option<(i64, Option<i64>)>,
    phone: bool,
    source: Option<String>,
}

pub(super) fn fill(owner: &Owner, connection: &Connection) -> rusqlite::Result<()> {
    let accounts = fill_accounts(owner, connection)?;
    let groups = fill_groups(connection, accounts.len())?;
    let mut writer = Writer::new(connection, 0)?;
    for index in 0..owner.contacts {
        joined(owner, &mut writer, &accounts, &groups, index)?;
    }
    for index in 0..owner.deleted_contacts {
        deleted(owner, &mut writer, index)?;
    }
    if owner.contacts > 0 {
        connection.execute_batch(&format!(
            "INSERT INTO deleted_contacts VALUES (900001, {}), (900002, {});",
            NOW - 86_400_000,
            NOW - 5 * 86_400_000
        ))?;
    }
    Ok(())
}

/// The handset's own account comes first, without name and type. Gives the accounts' types back.
fn fill_accounts(
    owner: &Owner,
    connection: &Connection,
) -> rusqlite::Result<Vec<Option<&'static str>>> {
    let mut insert = connection
        .prepare("INSERT INTO accounts (_id, account_name, account_type) VALUES (?1, ?2, ?3)")?;
    insert.execute((1, None::<&str>, None::<&str>))?;
    let mut all = vec![None];
    for (place, (name, kind)) in owner.accounts().into_iter().enumerate() {
        insert.execute((place as i64 + 2, name, kind))?;
        all.push(Some(kind));
    }
    Ok(all)
}

/// Every account but the handset's own has groups. Gives back their ids by account.
fn fill_groups(connection: &Connection, accounts: usize) -> rusqlite::Result<Vec<Vec<i64>>> {
    let mut insert = connection.prepare(
        "INSERT INTO groups (_id, account_id, sourceid, title, system_id, group_visible, favorites, \
         auto_add, group_is_read_only, deleted, notes) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10)",
    )?;
    let mut all = vec![Vec::new()];
    let mut id = 0;
    for account in 1..accounts {
        let mut ids = Vec::new();
        for (place, (system, title)) in GROUPS.iter().enumerate() {
            id += 1;
            insert.execute(rusqlite::params![
                id,
                account as i64 + 1,
                format!("g{account}{place:x}"),
                title,
                system,
                place == 1,
                place == 0,
                system.is_some(),
                false,
                None::<String>,
            ])?;
            ids.push(id);
        }
        id += 1;
        insert.execute(rusqlite::params![
            id,
            account as i64 + 1,
            format!("gone{account}"),
            "Deleted group",
            None::<String>,
            false,
            false,
            false,
            true,
            "deleted on the handset, not yet synced",
        ])?;
        all.push(ids);
    }
    Ok(all)
}

/// A living contact, joined of one to three raw contacts.
fn joined(
    owner: &Owner,
    writer: &mut Writer<'_>,
    accounts: &[Option<&'static str>],
    groups: &[Vec<i64>],
    index: u32,
) -> rusqlite::Result<()> {
    let mut rng = Rng::of(owner.seed, "contact", u64::from(index));
    let contact = i64::from(index) + 1 + i64::from(index / 17);
    let parts = match index {
        _ if index % 31 == 5 => 3,
        _ if index % 7 == 3 => 2,
        _ => 1,
    };
    let name = people::name(&mut rng);
    let starred = rng.chance(8);
    let ringtone = rng
        .chance(3)
        .then_some("content://media/internal/audio/media/42");
    let voicemail = rng.chance(1);
    let first = rng.below(accounts.len() as u64) as usize;
    let mut summary = Summary::default();
    let mut lookup = Vec::new();
    let name_raw = writer.next_raw;
    for part in 0..parts {
        let account = (first + part) % accounts.len();
        let raw = writer.next_raw;
        writer.next_raw += if raw % 13 == 0 { 2 } else { 1 };
        summary.source = accounts[account]
            .is_some()
            .then(|| format!("{:x}", rng.next() >> 20));
        // A contact without a name shows what else it has; one raw contact is bare.
        let nameless = index % 43 == 7;
        let bare = index == 5 && part == 1;
        let shown = if nameless { None } else { Some(&name) };
        if !bare {
            person(
                owner,
                writer,
                &mut rng,
                raw,
                index,
                part,
                shown,
                &mut summary,
            )?;
            if let Some(group) = groups.get(account).filter(|list| !list.is_empty()) {
                writer.data(raw, GROUP, false, vec![number(group[0])])?;
                if rng.chance(25) {
                    let more = group[2 + rng.below(3) as usize];
                    writer.data(raw, GROUP, false, vec![number(more)])?;
                }
            }
        }
        let full = shown.map_or_else(|| "555-0100".to_owned(), Name::full);
        let reversed = shown.map_or_else(|| full.clone(), Name::reversed);
        let letter: String = reversed.chars().take(1).collect();
        writer.raw_contact.execute(rusqlite::params![
            raw,
            account as i64 + 1,
            summary.source,
            1 + rng.below(9) as i64,
            rng.chance(10),
            false,
            contact,
            0,
            starred,
            full,
            reversed,
            if nameless { 20 } else { 40 },
            name.read.map(|(given, family)| format!("{family}{given}")),
            letter.to_uppercase(),
            summary
                .source
                .as_ref()
                .map(|source| format!("etag-{source}")),
            ringtone,
            voicemail,
        ])?;
        lookup.push(format!(
            "{account}r{raw}-{}",
            summary.source.as_deref().unwrap_or("0")
        ));
    }
    writer.contact.execute(rusqlite::params![
        contact,
        name_raw,
        summary.photo.map(|(id, _)| id),
        summary.photo.and_then(|(_, file)| file),
        starred,
        summary.phone,
        lookup.join("."),
        NOW - rng.below(1_000_000_000) as i64,
        ringtone,
        voicemail,
    ])?;
    writer.visible.execute([contact])?;
    writer.in_directory.execute([contact])?;
    Ok(())
}

/// A contact that the owner deleted: its rows stay until the account has synced.
fn deleted(owner: &Owner, writer: &mut Writer<'_>, index: u32) -> rusqlite::Result<()> {
    let mut rng = Rng::of(owner.seed, "deleted contact", u64::from(index));
    let raw = writer.next_raw;
    writer.next_raw += 1;
    let name = people::name(&mut rng);
    let mut summary = Summary::default();
    // Away from the awkward ones at the front.
    let far = 1_000_000 + index;
    person(
        owner,
        writer,
        &mut rng,
        raw,
        far,
        0,
        Some(&name),
        &mut summary,
    )?;
    writer.raw_contact.execute(rusqlite::params![
        raw,
        2,
        format!("{:x}", rng.next() >> 20),
        7,
        true,
        true,
        None::<i64>,
        3,
        false,
        name.full(),
        name.reversed(),
        40,
        None::<String>,
        "",
        None::<String>,
        None::<String>,
        false,
    ])?;
    Ok(())
}

/// The data rows of one raw contact.
#[allow(clippy::too_many_arguments)]
fn person(
    owner: &Owner,
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
    name: Option<&Name>,
    summary: &mut Summary,
) -> rusqlite::Result<()> {
    if let Some(name) = name {
        let mut row = vec![text(name.full()), text(name.given), text(name.family)];
        let titled = rng.chance(6);
        row.push(if titled { text("Dr.") } else { Value::Null });
        row.push(if rng.chance(8) {
            text("M.")
        } else {
            Value::Null
        });
        row.push(if titled {
            text("jun., PhD")
        } else {
            Value::Null
        });
        let (given, family) = name.read.unzip();
        row.push(given.map_or(Value::Null, text));
        row.push(Value::Null);
        row.push(family.map_or(Value::Null, text));
        row.push(number(i64::from(name.style)));
        row.push(number(if name.read.is_some() { 4 } else { 0 }));
        writer.data(raw, NAME, false, row)?;
    }
    let awkward = awkward::TEXTS.get(index as usize).filter(|_| part == 0);
    phones(writer, rng, raw, index, part, summary)?;
    emails(writer, rng, raw, index, part)?;
    if rng.chance(40) {
        address(writer, rng, raw)?;
    }
    if let Some(text_here) = awkward.filter(|_| index.is_multiple_of(3)) {
        let row = vec![text(*text_here), number(1), Value::Null, text(*text_here)];
        writer.data(raw, ORGANIZATION, false, row)?;
    } else if rng.chance(35) {
        let kind = 1 + i64::from(rng.chance(10));
        let mut row = typed(rng.pick(&people::COMPANIES), kind, None);
        row.push(if rng.chance(60) {
            text("Head of Docks & Quays")
        } else {
            Value::Null
        });
        row.push(if rng.chance(30) {
            text("Dept. 4; Night shift")
        } else {
            Value::Null
        });
        writer.data(raw, ORGANIZATION, false, row)?;
    }
    match awkward {
        Some(note) => {
            writer.data(raw, NOTE, false, vec![text(*note)])?;
            if index.is_multiple_of(2) {
                let row = vec![text(*note), number(1)];
                writer.data(raw, NICKNAME, false, row)?;
            }
        }
        None if index == 40 && owner.row_over_2mb && part == 0 => {
            let note = "This note is too long for any cursor window. ".repeat(70_000);
            writer.data(raw, NOTE, false, vec![text(note)])?;
        }
        None if index == 41 && part == 0 => {
            let note = "Ten thousand characters, all of them kept. 0123456789\n".repeat(186);
            writer.data(raw, NOTE, false, vec![text(note)])?;
        }
        None if rng.chance(25) => {
            let note = [
                "Met at the harbour festival.",
                "Two lines:\n- likes tea\n- hates phones",
                "Door code 4711#, third floor\r\nring twice",
                "Αγαπά τη θάλασσα",
            ];
            writer.data(raw, NOTE, false, vec![text(rng.pick(&note))])?;
        }
        None => {}
    }
    more(writer, rng, raw, index, part)?;
    if rng.chance(30) {
        let file = rng.chance(60).then(|| 1 + (raw & 0xff_ffff));
        let mut row = vec![Value::Null; 13];
        row.push(file.map_or(Value::Null, number));
        row.push(Value::Blob(thumbnail(rng)));
        let id = writer.data(raw, PHOTO, false, row)?;
        summary.photo.get_or_insert((id, file));
    }
    Ok(())
}

fn phones(
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
    summary: &mut Summary,
) -> rusqlite::Result<()> {
    let count = match rng.below(10) {
        0 => 0,
        1..=6 => 1,
        7 | 8 => 2,
        _ => 3,
    };
    for place in 0..count {
        let odd = awkward::NUMBERS
            .get(index as usize)
            .filter(|_| part + place == 0);
        let digits = format!("+49 17{} {:07}", rng.below(10), rng.below(10_000_000));
        let kind = [2, 1, 3, 12, 0, 4, 7, 17][rng.below(8) as usize];
        let label = (kind == 0).then_some("Ferienhaus, See");
        let mut row = typed(odd.copied().unwrap_or(&digits), kind, label);
        row.push(if odd.is_some() {
            Value::Null
        } else {
            text(digits.replace(' ', ""))
        });
        writer.data(raw, PHONE, place == 0 && count > 1, row)?;
        summary.phone = true;
    }
    Ok(())
}

fn emails(
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
) -> rusqlite::Result<()> {
    for place in 0..rng.below(3) {
        let odd = awkward::EMAILS
            .get(index as usize)
            .filter(|_| part == 0 && place == 0);
        let plain = format!("p{index}.{part}{place}@mail.example");
        let kind = [1, 2, 3, 4, 0][rng.below(5) as usize];
        let label = (kind == 0).then_some("Tennis");
        let mut row = typed(odd.copied().unwrap_or(&plain), kind, label);
        row.push(if rng.chance(10) {
            text("Shown, Name")
        } else {
            Value::Null
        });
        writer.data(raw, EMAIL, place == 0 && rng.chance(20), row)?;
    }
    Ok(())
}

fn address(writer: &mut Writer<'_>, rng: &mut Rng, raw: i64) -> rusqlite::Result<()> {
    let street = rng.pick(&people::STREETS);
    let [city, region, code, country] = people::CITIES[rng.below(6) as usize];
    let or_null = |value: &str| {
        if value.is_empty() {
            Value::Null
        } else {
            text(value)
        }
    };
    let pobox = if rng.chance(10) {
        text("PO Box 12")
    } else {
        Value::Null
    };
    let kind = [1, 2, 3, 0][rng.below(4) as usize];
    let label = (kind == 0).then_some("Summer house");
    let mut row = typed(format!("{street}\n{code} {city}\n{country}"), kind, label);
    row.push(text(street));
    row.push(pobox);
    row.push(if rng.chance(10) {
        text("Old Town")
    } else {
        Value::Null
    });
    row.extend([text(city), or_null(region), text(code), text(country)]);
    writer.data(raw, POSTAL, false, row)?;
    Ok(())
}

/// Kinds that only some contacts have.
fn more(
    writer: &mut Writer<'_>,
    rng: &mut Rng,
    raw: i64,
    index: u32,
    part: usize,
) -> rusqlite::Result<()> {
    if rng.chance(15) {
        let page = awkward::PAGES[rng.below(5) as usize];
        let kind = 1 + rng.below(7) as i64;
        writer.data(raw, WEBSITE, false, typed(page, kind, None))?;
    }
    let odd = awkward::DATES.get(index as usize).filter(|_| part == 0);
    if let Some(date) = odd {
        writer.data(raw, EVENT, false, typed(*date, 3, None))?;
    } else if rng.chance(25) {
        let (month, day) = (1 + rng.below(12), 1 + rng.below(28));
        let date = match rng.below(3) {
            0 => format!("--{month:02}-{day:02}"),
            _ => format!("{}-{month:02}-{day:02}", 1940 + rng.below(75)),
        };
        let kind = [3, 3, 3, 1, 2, 0][rng.below(6) as usize];
        let label = (kind == 0).then_some("Name day");
        writer.data(raw, EVENT, false, typed(date, kind, label))?;
    }
    if rng.chance(8) {
        let kind = rng.below(15) as i64;
        let label = (kind == 0).then_some("Godmother");
        writer.data(raw, RELATION, false, typed("Renate O'Neill", kind, label))?;
    }
    if rng.chance(6) {
        let protocol = [-1, 0, 3, 5, 7][rng.below(5) as usize];
        let mut row = typed(format!("chat{index}"), 3, None);
        row.extend([Value::Null, number(protocol)]);
        row.push(if protocol == -1 {
            text("Matrix")
        } else {
            Value::Null
        });
        writer.data(raw, IM, false, row)?;
    }
    if rng.chance(6) {
        let kind = 1 + rng.below(5) as i64;
        writer.data(raw, NICKNAME, false, typed("Captain", kind, None))?;
    }
    if rng.chance(2) {
        let row = typed(format!("sip:{index}@voip.example"), 3, None);
        writer.data(raw, SIP, false, row)?;
    }
    if rng.chance(2) {
        let row = vec![text(format!("acct:{index}")), text("com.example.identity")];
        writer.data(raw, IDENTITY, false, row)?;
    }
    if rng.chance(12) {
        let digits = format!("4917{:08}", rng.below(100_000_000));
        let row = vec![
            text(format!("{digits}@s.whatsapp.net")),
            text("WhatsApp"),
            text(format!("Message +{digits}")),
        ];
        writer.data(raw, WHATSAPP, false, row)?;
    }
    if rng.chance(1) {
        let mut row = vec![Value::Null; 9];
        row.push(text("4026-1180"));
        writer.data(raw, LOYALTY, false, row)?;
    }
    Ok(())
}

/// Bytes with the outer shape of a small JPEG.
fn thumbnail(rng: &mut Rng) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0];
    let length = 200 + rng.below(600) as usize;
    bytes.extend(rng.bytes(length));
    bytes.extend([0xff, 0xd9]);
    bytes
}

/// The owner's own card, in a database of its own.
pub(super) fn fill_profile(owner: &Owner, connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("INSERT INTO accounts (_id) VALUES (1)")?;
    let mut writer = Writer::new(connection, PROFILE_BASE)?;
    if owner.user != 0 {
        return Ok(());
    }
    let raw = writer.next_raw;
    let name = vec![text("Alex Winter"), text("Alex"), text("Winter")];
    writer.data(raw, NAME, false, name)?;
    writer.data(raw, PHONE, true, typed("+49 171 5550100", 2, None))?;
    writer.data(
        raw,
        EMAIL,
        false,
        typed("alex.winter@gmail.example", 1, None),
    )?;
    writer.data(raw, NOTE, false, vec![text("If found, please call Chloé.")])?;
    writer.raw_contact.execute(rusqlite::params![
        raw,
        1,
        None::<String>,
        3,
        true,
        false,
        PROFILE_BASE + 1,
        0,
        false,
        "Alex Winter",
        "Winter, Alex",
        40,
        None::<String>,
        "W",
        None::<String>,
        None::<String>,
        false,
    ])?;
    writer.contact.execute(rusqlite::params![
        PROFILE_BASE + 1,
        raw,
        None::<i64>,
        None::<i64>,
        false,
        true,
        "profile",
        NOW,
        None::<String>,
        false,
    ])?;
    Ok(())
}
