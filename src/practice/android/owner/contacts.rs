//! The owner's contacts.

use rusqlite::Connection;

use super::contact_rows::{EMAIL, GROUP, NAME, NOTE, PHONE, Summary, Writer, number, text, typed};
use super::people::{self, Name};
use super::person::person;
use super::{NOW, Owner};
use crate::practice::rng::Rng;

/// Groups of an account: system name, title.
const GROUPS: [(Option<&str>, &str); 5] = [
    (Some("Contacts"), "My Contacts"),
    (None, "Starred in Android"),
    (Some("Family"), "Family"),
    (None, "Chess club, Thursdays"),
    (None, "Φίλοι; друзья"),
];

/// First id in `profile.db` (`ContactsContract.Profile.MIN_ID`).
const PROFILE_BASE: i64 = i64::MAX - i32::MAX as i64;

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
    list_others(owner.listed_more, connection)?;
    if owner.contacts > 0 {
        connection.execute_batch(&format!(
            "INSERT INTO deleted_contacts VALUES (900001, {}), (900002, {});",
            NOW - 86_400_000,
            NOW - 5 * 86_400_000
        ))?;
    }
    Ok(())
}

/// Changes which contacts the handset lists. The list is based on the raw contact that names each contact: a contact
/// that is named by another's raw contact is listed even if it has no data, and a contact without a naming raw
/// contact is not listed.
fn list_others(more: i64, connection: &Connection) -> rusqlite::Result<()> {
    if more > 0 {
        let sql = "INSERT INTO contacts (_id, name_raw_contact_id, starred, has_phone_number, lookup) SELECT \
                   ?1 + (SELECT max(_id) FROM contacts), min(_id), 0, 0, 'none' FROM raw_contacts HAVING count(*) > 0";
        for place in 1..=more {
            connection.execute(sql, [place])?;
        }
    }
    let sql = "UPDATE contacts SET name_raw_contact_id=-1 WHERE _id IN (SELECT _id FROM contacts ORDER BY _id LIMIT ?1)";
    connection.execute(sql, [(-more).max(0)])?;
    Ok(())
}

/// Adds the accounts. The handset's own account comes first, without name and type. Returns the types of the
/// accounts.
fn fill_accounts(
    owner: &Owner,
    connection: &Connection,
) -> rusqlite::Result<Vec<Option<&'static str>>> {
    let mut insert = connection
        .prepare("INSERT INTO accounts (_id, account_name, account_type) VALUES (?1, ?2, ?3)")?;
    let (name, kind) = owner.local_account().unzip();
    insert.execute((1, name, kind))?;
    let mut all = vec![None];
    for (place, (name, kind)) in owner.accounts().into_iter().enumerate() {
        insert.execute((place as i64 + 2, name, kind))?;
        all.push(Some(kind));
    }
    Ok(all)
}

/// Adds groups for every account except the handset's own. Returns their ids by account.
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

/// Adds a live contact that is joined from one to three raw contacts.
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
        // A contact without a name is shown by its other data; one raw contact has no data.
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

/// Adds a contact that the owner deleted. Its rows stay until the account has synced.
fn deleted(owner: &Owner, writer: &mut Writer<'_>, index: u32) -> rusqlite::Result<()> {
    let mut rng = Rng::of(owner.seed, "deleted contact", u64::from(index));
    let raw = writer.next_raw;
    writer.next_raw += 1;
    let name = people::name(&mut rng);
    let mut summary = Summary::default();
    // Different from the contacts with awkward texts, which have low numbers.
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

/// Adds the owner's own card, which has a separate database.
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
