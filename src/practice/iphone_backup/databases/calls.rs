//! Calls. Sources of the layouts: ios-backup-parser's description of iOS 18, and public dumps of iOS 6.

use rusqlite::{Connection, params};

use super::COCOA;
use super::owner::Owner;

/// Fills the list of calls since iOS 8.
pub fn fill(database: &Connection, owner: &Owner) -> rusqlite::Result<()> {
    database.execute_batch(
        "CREATE TABLE ZCALLRECORD (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZANSWERED INTEGER,
           ZCALLTYPE INTEGER, ZORIGINATED INTEGER, ZREAD INTEGER, ZDATE TIMESTAMP, ZDURATION FLOAT, ZADDRESS VARCHAR,
           ZNAME VARCHAR, ZLOCATION VARCHAR, ZSERVICE_PROVIDER VARCHAR, ZUNIQUE_ID VARCHAR);
         CREATE TABLE ZHANDLE (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, ZTYPE INTEGER, ZVALUE VARCHAR);
         CREATE TABLE Z_2REMOTEPARTICIPANTHANDLES (Z_2REMOTEPARTICIPANTCALLS INTEGER, Z_4REMOTEPARTICIPANTHANDLES INTEGER);",
    )?;
    for (index, call) in owner.calls.iter().enumerate() {
        database.execute(
            "INSERT INTO ZCALLRECORD (Z_ENT, ZANSWERED, ZCALLTYPE, ZORIGINATED, ZREAD, ZDATE, ZDURATION, ZADDRESS, ZUNIQUE_ID)
             VALUES (2, ?1, 1, ?2, 1, ?3, ?4, ?5, ?6)",
            params![
                call.is_answered,
                call.is_own,
                (call.at - COCOA) as f64,
                call.seconds as f64,
                call.number,
                format!("call-{index}"),
            ],
        )?;
        let id = database.last_insert_rowid();
        if let Some(number) = &call.number {
            database.execute(
                "INSERT INTO ZHANDLE (ZTYPE, ZVALUE) VALUES (2, ?1)",
                [number],
            )?;
            let handle = database.last_insert_rowid();
            database.execute(
                "INSERT INTO Z_2REMOTEPARTICIPANTHANDLES VALUES (?1, ?2)",
                [id, handle],
            )?;
        }
    }
    Ok(())
}

/// Creates the mailbox, with one message or none.
///
/// # Errors
/// If the database can't be written.
pub fn fill_mailbox(database: &Connection, is_filled: bool) -> rusqlite::Result<()> {
    database.execute_batch(
        "CREATE TABLE voicemail (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, remote_uid INTEGER, date INTEGER, token TEXT,
           sender TEXT, callback_num TEXT, duration INTEGER, expiration INTEGER, trashed_date INTEGER, flags INTEGER);",
    )?;
    if is_filled {
        database.execute_batch(
            "INSERT INTO voicemail VALUES (1, 1, 1600000000, 'a', '+1 555 0107', '+1 555 0107', 12, 0, 0, 11);",
        )?;
    }
    Ok(())
}

/// Fills the list of calls until iOS 7.
pub fn fill_old(database: &Connection, owner: &Owner) -> rusqlite::Result<()> {
    database.execute_batch(
        "CREATE TABLE call (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, address TEXT, date INTEGER, duration INTEGER,
           flags INTEGER, id INTEGER, name TEXT, country_code TEXT, read INTEGER);",
    )?;
    for call in &owner.calls {
        database.execute(
            "INSERT INTO call (address, date, duration, flags, id, read) VALUES (?1, ?2, ?3, ?4, -1, 1)",
            params![call.number, call.at, call.seconds, if call.is_own { 5 } else { 4 }],
        )?;
    }
    Ok(())
}
