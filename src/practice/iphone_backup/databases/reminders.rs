//! Reminders since iOS 13. Sources of the layouts: iLEAPP's `reminders.py` for iOS 13 to 15, of which no populated
//! database is public, and ios-backup-parser's description of iOS 18.

use rusqlite::{Connection, params};

use super::owner::{Errand, Owner};
use super::{COCOA, Layout};

const HOME: &str = "HomeDomain";
const GROUP: &str = "AppDomainGroup-group.com.apple.reminders";

/// Returns the databases: domain, path, and whether it is the phone's own.
pub fn stores(layout: Layout) -> &'static [(&'static str, &'static str, bool)] {
    match layout {
        Layout::Ios5 | Layout::Ios6 | Layout::Ios9 | Layout::Ios12 => &[],
        Layout::Ios14 | Layout::Ios16 => &[
            (
                HOME,
                "Library/Reminders/Container_v1/Stores/Data-5A1C5D05-2C3F-4E5B-9B5E-5D6E1C6B9C01.sqlite",
                false,
            ),
            (
                HOME,
                "Library/Reminders/Container_v1/Stores/Data-local.sqlite",
                true,
            ),
        ],
        Layout::Ios18 | Layout::Ios26 => &[
            (
                GROUP,
                "Container_v1/Stores/Data-5A1C5D05-2C3F-4E5B-9B5E-5D6E1C6B9C01.sqlite",
                false,
            ),
            (GROUP, "Container_v1/Stores/Data-local.sqlite", true),
        ],
    }
}

/// Columns of a reminder, without the title and the list.
const COLUMNS: &str = "ZNOTES VARCHAR, ZCOMPLETED INTEGER, ZCOMPLETIONDATE TIMESTAMP, ZFLAGGED INTEGER, \
                       ZPRIORITY INTEGER, ZALLDAY INTEGER, ZCREATIONDATE TIMESTAMP, ZLASTMODIFIEDDATE TIMESTAMP, \
                       ZDUEDATE TIMESTAMP, ZSTARTDATE TIMESTAMP, ZDISPLAYDATEDATE TIMESTAMP, ZTIMEZONE VARCHAR, \
                       ZPARENTREMINDER INTEGER";

/// Fills a database with the reminders of the phone, or with those of an account.
pub fn fill(
    database: &Connection,
    layout: Layout,
    owner: &Owner,
    is_local: bool,
) -> rusqlite::Result<()> {
    // Kinds have other numbers in each store.
    let shift = i64::from(is_local);
    let [account, list, reminder, rule] = [14, 22, 28, 34].map(|number| number + shift);
    database.execute_batch(&format!(
        "CREATE TABLE Z_PRIMARYKEY (Z_ENT INTEGER PRIMARY KEY, Z_NAME VARCHAR, Z_SUPER INTEGER, Z_MAX INTEGER);
         INSERT INTO Z_PRIMARYKEY VALUES ({account}, 'REMCDAccount', 0, 1), ({list}, 'REMCDList', 0, 2),
           ({reminder}, 'REMCDReminder', 0, 9), ({rule}, 'REMCDRecurrenceRule', 0, 9);"
    ))?;
    let is_one_table = layout < Layout::Ios16;
    let common = "Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZIDENTIFIER BLOB, ZMARKEDFORDELETION INTEGER, \
                  ZACCOUNT INTEGER";
    let objects = "ZNAME VARCHAR, ZFREQUENCY INTEGER, ZINTERVAL INTEGER, ZOCCURRENCECOUNT INTEGER, ZENDDATE TIMESTAMP, \
                   ZREMINDER INTEGER, ZREMINDER4 INTEGER";
    let (reminders, lists, title, of) = match is_one_table {
        true => {
            database.execute_batch(&format!(
                "CREATE TABLE ZREMCDOBJECT ({common}, {objects}, ZNAME1 VARCHAR, ZTITLE VARCHAR, ZTITLE1 VARCHAR, ZLIST INTEGER, \
                 ZLIST1 INTEGER, {COLUMNS});"
            ))?;
            (
                "ZREMCDOBJECT",
                ("ZREMCDOBJECT", "ZNAME1"),
                "ZTITLE1",
                "ZLIST1",
            )
        }
        false => {
            database.execute_batch(&format!(
                "CREATE TABLE ZREMCDOBJECT ({common}, {objects});
                 CREATE TABLE ZREMCDREMINDER ({common}, ZTITLE VARCHAR, ZLIST INTEGER, {COLUMNS});
                 CREATE TABLE ZREMCDBASELIST ({common}, ZNAME VARCHAR, ZISGROUP INTEGER);"
            ))?;
            (
                "ZREMCDREMINDER",
                ("ZREMCDBASELIST", "ZNAME"),
                "ZTITLE",
                "ZLIST",
            )
        }
    };
    let name = if is_local { "On My iPhone" } else { "iCloud" };
    database.execute(
        "INSERT INTO ZREMCDOBJECT (Z_PK, Z_ENT, ZNAME) VALUES (1, ?1, ?2)",
        params![account, name],
    )?;
    for (place, name) in ["Boat", "Home"].into_iter().enumerate() {
        let sql = format!(
            "INSERT INTO {} (Z_PK, Z_ENT, {}, ZACCOUNT) VALUES (?1, ?2, ?3, 1)",
            lists.0, lists.1
        );
        database.execute(&sql, params![place as i64 + 2, list, name])?;
    }
    let errands = owner.errands.iter().enumerate();
    for (index, errand) in errands.filter(|(_, errand)| errand.is_local == is_local) {
        let id = write(database, (reminders, title, of), reminder, index, errand)?;
        if errand.is_weekly {
            database.execute(
                "INSERT INTO ZREMCDOBJECT (Z_ENT, ZREMINDER4, ZFREQUENCY, ZINTERVAL, ZOCCURRENCECOUNT) VALUES (?1, ?2, 1, 1, 0)",
                [rule, id],
            )?;
        }
    }
    Ok(())
}

fn write(
    database: &Connection,
    (table, title, list): (&str, &str, &str),
    kind: i64,
    index: usize,
    errand: &Errand,
) -> rusqlite::Result<i64> {
    let sql = format!(
        "INSERT INTO {table} (Z_ENT, ZIDENTIFIER, {title}, ZNOTES, ZCOMPLETED, ZCOMPLETIONDATE, ZPRIORITY, ZALLDAY, ZDUEDATE,
           ZTIMEZONE, {list}, ZACCOUNT, ZMARKEDFORDELETION)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 1, 0)"
    );
    database.execute(
        &sql,
        params![
            kind,
            (index as u128 + 1).to_be_bytes().as_slice(),
            errand.title,
            errand.notes,
            errand.done.is_some(),
            errand.done.map(|done| (done - COCOA) as f64),
            errand.priority,
            errand.is_day,
            errand.due.map(|due| (due - COCOA) as f64),
            (!errand.is_day).then_some("Europe/Berlin"),
            if errand.list == "Boat" { 2 } else { 3 },
        ],
    )?;
    Ok(database.last_insert_rowid())
}
