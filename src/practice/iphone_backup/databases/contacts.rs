//! The address book. Source of the layouts: the address book of iOS 15.3.1 in iLEAPP's test data, and a dump of 2009.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::owner::{Friend, Owner};
use super::{COCOA, Layout};
use crate::practice::pictures;

/// Columns that came with later systems.
const LATER: [(Layout, &str); 4] = [
    (
        Layout::Ios9,
        ", ExternalModificationTag TEXT, ExternalUUID TEXT, ExternalRepresentation BLOB, \
      PersonLink INTEGER DEFAULT -1, ImageURI TEXT, IsPreferredName INTEGER DEFAULT 1, guid TEXT",
    ),
    (
        Layout::Ios12,
        ", PhonemeData TEXT, AlternateBirthday TEXT, MapsData TEXT, FirstPronunciation TEXT, \
      MiddlePronunciation TEXT, LastPronunciation TEXT, OrganizationPhonetic TEXT, PreviousFamilyName TEXT",
    ),
    (
        Layout::Ios16,
        ", PreferredLikenessSource TEXT, PreferredPersonaIdentifier TEXT, ImageType TEXT, ImageHash BLOB, \
      MemojiMetadata BLOB",
    ),
    (
        Layout::Ios18,
        ", Wallpaper BLOB, DisplayFlags INTEGER, ImageSyncFailedTime TEXT",
    ),
];

fn tables(layout: Layout) -> String {
    let later: String = LATER
        .iter()
        .filter(|(since, _)| layout >= *since)
        .map(|(_, columns)| *columns)
        .collect();
    let (guid, store) = match layout >= Layout::Ios9 {
        true => (
            ", guid TEXT",
            "AccountID INTEGER DEFAULT -1, Enabled INTEGER DEFAULT 1, MeIdentifier INTEGER DEFAULT -1",
        ),
        false => (
            "",
            "AccountIdentifier TEXT, Enabled INTEGER DEFAULT 1, MeIdentifier INTEGER DEFAULT -1",
        ),
    };
    format!(
        "CREATE TABLE ABPerson (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, First TEXT, Last TEXT, Middle TEXT,
           FirstPhonetic TEXT, MiddlePhonetic TEXT, LastPhonetic TEXT, Organization TEXT, Department TEXT, Note TEXT,
           Kind INTEGER, Birthday TEXT, JobTitle TEXT, Nickname TEXT, Prefix TEXT, Suffix TEXT, FirstSort TEXT,
           LastSort TEXT, CreationDate INTEGER, ModificationDate INTEGER, CompositeNameFallback TEXT,
           ExternalIdentifier TEXT, StoreID INTEGER, DisplayName TEXT{later});
         CREATE TABLE ABMultiValue (UID INTEGER PRIMARY KEY, record_id INTEGER, property INTEGER, identifier INTEGER,
           label INTEGER, value TEXT{guid});
         CREATE TABLE ABMultiValueLabel (value TEXT, UNIQUE(value));
         CREATE TABLE ABMultiValueEntry (parent_id INTEGER, key INTEGER, value TEXT, UNIQUE(parent_id, key));
         CREATE TABLE ABMultiValueEntryKey (value TEXT, UNIQUE(value));
         CREATE TABLE ABGroup (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, Name TEXT, ExternalIdentifier TEXT,
           StoreID INTEGER{guid});
         CREATE TABLE ABGroupMembers (UID INTEGER PRIMARY KEY, group_id INTEGER, member_type INTEGER, member_id INTEGER,
           UNIQUE(group_id, member_type, member_id));
         CREATE TABLE ABStore (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, Name TEXT, ExternalIdentifier TEXT,
           Type INTEGER, {store});
         CREATE TABLE ABAccount (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, AccountIdentifier TEXT{guid});
         CREATE INDEX ABMultiValueRecordIDIndex ON ABMultiValue(record_id);
         CREATE INDEX ABPersonExternalIdentifierIndex ON ABPerson(ExternalIdentifier);"
    )
}

/// Fills the address book.
pub fn fill(database: &Connection, layout: Layout, owner: &Owner) -> rusqlite::Result<()> {
    database.execute_batch(&tables(layout))?;
    match layout >= Layout::Ios9 {
        true => database.execute_batch(
            "INSERT INTO ABStore (ROWID, Type, AccountID) VALUES (0, 0, -1);
             INSERT INTO ABStore (ROWID, Name, ExternalIdentifier, Type, AccountID, MeIdentifier)
               VALUES (1, 'Card', '/17/carddavhome/card/', 4, 1, 2);
             INSERT INTO ABAccount (ROWID, AccountIdentifier) VALUES (1, '4309665D-5460-4602-ADED-0C4121AD6A3D');",
        )?,
        false => database.execute_batch(
            "INSERT INTO ABStore (ROWID, Type) VALUES (0, 0);
             INSERT INTO ABStore (ROWID, Name, ExternalIdentifier, Type, AccountIdentifier, MeIdentifier)
               VALUES (1, 'Card', '/17/carddavhome/card/', 4, '4309665D-5460-4602-ADED-0C4121AD6A3D', 2);",
        )?,
    }
    let mut writer = Writer {
        database,
        layout,
        names: HashMap::new(),
        entries: 0,
    };
    for (index, friend) in owner.friends.iter().enumerate() {
        writer.friend(index as i64 + 1, friend)?;
    }
    Ok(())
}

/// Apple's seconds of noon on a day, in the year 1604 if the year is unknown.
fn birthday(friend: &Friend) -> Option<String> {
    let days = friend.birthday?;
    let date = chrono::NaiveDate::from_epoch_days(i32::try_from(days).ok()?)?;
    let date = match friend.birthday_has_year {
        true => date,
        false => chrono::Datelike::with_year(&date, 1604)?,
    };
    let noon = date.and_hms_opt(12, 0, 0)?.and_utc().timestamp();
    Some(format!("{:.6}", (noon - COCOA) as f64))
}

struct Writer<'a> {
    database: &'a Connection,
    layout: Layout,
    /// Row numbers of labels, keys and groups, by table and name.
    names: HashMap<(&'static str, String), i64>,
    entries: i64,
}

impl Writer<'_> {
    fn name(&mut self, table: &'static str, column: &str, name: &str) -> rusqlite::Result<i64> {
        if let Some(row) = self.names.get(&(table, name.to_owned())) {
            return Ok(*row);
        }
        let sql = format!("INSERT INTO {table} ({column}) VALUES (?1)");
        self.database.execute(&sql, [name])?;
        let row = self.database.last_insert_rowid();
        self.names.insert((table, name.to_owned()), row);
        Ok(row)
    }

    fn friend(&mut self, id: i64, friend: &Friend) -> rusqlite::Result<()> {
        let (given, family) = friend.phonetic.clone().unzip();
        let server = (!friend.is_local).then(|| format!("/17/carddavhome/card/{id}.vcf"));
        self.database.execute(
            "INSERT INTO ABPerson (ROWID, First, Last, FirstPhonetic, LastPhonetic, Organization, Note, Kind, Birthday,
               CreationDate, ModificationDate, ExternalIdentifier, StoreID)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, 700000000, 700000001, ?9, ?10)",
            params![
                id,
                friend.given,
                friend.family,
                given,
                family,
                friend.company,
                friend.note,
                birthday(friend),
                server,
                i64::from(!friend.is_local),
            ],
        )?;
        if self.layout >= Layout::Ios9 {
            self.database.execute(
                "UPDATE ABPerson SET guid = ?2 WHERE ROWID = ?1",
                params![id, format!("00000000-0000-4000-8000-{id:012X}:ABPerson")],
            )?;
            if friend.is_linked {
                self.database.execute(
                    "UPDATE ABPerson SET PersonLink = ?1, IsPreferredName = (ROWID < ?2) WHERE ROWID IN (?2 - 1, ?2)",
                    [id, id],
                )?;
            }
        }
        if self.layout >= Layout::Ios12 {
            let sql = "UPDATE ABPerson SET PreviousFamilyName = ?2 WHERE ROWID = ?1";
            self.database.execute(sql, params![id, friend.maiden])?;
        }
        for (label, number) in &friend.phones {
            self.entry(id, 3, *label, Some(number))?;
        }
        for (label, address) in &friend.emails {
            self.entry(id, 4, *label, Some(address))?;
        }
        if let Some(parts) = &friend.address {
            let entry = self.entry(id, 5, Some("_$!<Home>!$_"), None)?;
            for (key, part) in ["Street", "City", "State", "ZIP", "Country"]
                .iter()
                .zip(parts)
            {
                self.part(entry, key, part)?;
            }
        }
        if let Some(name) = &friend.sister {
            self.entry(id, 23, Some("_$!<Sister>!$_"), Some(name))?;
        }
        if let Some(name) = &friend.skype {
            let entry = self.entry(id, 13, Some("_$!<Home>!$_"), None)?;
            self.part(entry, "service", "Skype")?;
            self.part(entry, "username", name)?;
        }
        if let Some(title) = friend.group {
            let group = self.name("ABGroup", "Name", title)?;
            self.database.execute(
                "INSERT INTO ABGroupMembers (group_id, member_type, member_id) VALUES (?1, 0, ?2)",
                [group, id],
            )?;
        }
        Ok(())
    }

    fn entry(
        &mut self,
        person: i64,
        property: i64,
        label: Option<&str>,
        value: Option<&str>,
    ) -> rusqlite::Result<i64> {
        let label = label.map(|label| self.name("ABMultiValueLabel", "value", label));
        self.entries += 1;
        self.database.execute(
            "INSERT INTO ABMultiValue (UID, record_id, property, identifier, label, value) VALUES (?1, ?2, ?3, 0, ?4, ?5)",
            params![self.entries, person, property, label.transpose()?, value],
        )?;
        Ok(self.entries)
    }

    fn part(&mut self, entry: i64, key: &str, value: &str) -> rusqlite::Result<()> {
        if value.is_empty() {
            return Ok(());
        }
        let key = self.name("ABMultiValueEntryKey", "value", key)?;
        self.database.execute(
            "INSERT INTO ABMultiValueEntry VALUES (?1, ?2, ?3)",
            params![entry, key, value],
        )?;
        Ok(())
    }
}

/// Fills the database of pictures.
pub fn fill_pictures(database: &Connection, owner: &Owner) -> rusqlite::Result<()> {
    database.execute_batch(
        "CREATE TABLE ABThumbnailImage (ROWID INTEGER PRIMARY KEY, record_id INTEGER, format INTEGER,
           derived_from_format INTEGER, data BLOB);
         CREATE TABLE ABFullSizeImage (ROWID INTEGER PRIMARY KEY, record_id INTEGER, crop_x INTEGER, crop_y INTEGER,
           crop_width INTEGER, data BLOB);",
    )?;
    for (index, _) in owner
        .friends
        .iter()
        .enumerate()
        .filter(|(_, friend)| friend.has_picture)
    {
        let picture = pictures::photo(1, index as u32);
        let id = index as i64 + 1;
        database.execute(
            "INSERT INTO ABThumbnailImage (record_id, format, data) VALUES (?1, 0, ?2)",
            params![id, picture],
        )?;
        database.execute(
            "INSERT INTO ABFullSizeImage (record_id, data) VALUES (?1, ?2)",
            params![id, picture],
        )?;
    }
    Ok(())
}
