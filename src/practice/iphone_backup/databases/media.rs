//! The phone's lists of its photos and voice memos. Sources of the layouts: iLEAPP, osxphotos, and public descriptions of
//! `CloudRecordings.db`.

use rusqlite::{Connection, params};

use super::{COCOA, Layout};
use crate::practice::pictures;

/// The photos that the phone's library names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Roll {
    /// Those with a file on the phone.
    pub photos: u32,
    /// Those that are only in iCloud.
    pub in_cloud: u32,
}

/// The domain and the folder of voice memos.
pub fn memos_of(layout: Layout) -> (&'static str, &'static str) {
    match layout >= Layout::Ios18 {
        true => (
            "AppDomainGroup-group.com.apple.VoiceMemos.shared",
            "Recordings/",
        ),
        false => ("MediaDomain", "Media/Recordings/"),
    }
}

/// The file of the only voice memo, and its name.
pub const MEMO: &str = "20240229 120000.m4a";
pub const MEMO_NAME: &str = "Harbour at night";

/// The path of a photo, below `Media/`.
pub fn path_of(number: u32) -> (String, String) {
    (
        format!("DCIM/{}APPLE", 100 + number / 1000),
        format!("IMG_{:04}.JPG", number + 1),
    )
}

/// The name that a photo had before it came to the phone.
pub fn original_name(number: u32) -> String {
    format!("Regatta {number}.jpg")
}

/// When a photo was taken, in seconds since 1970. Some came to the phone later than that.
pub fn taken(number: u32) -> i64 {
    let late = match number % 4 {
        1 => 90 * 86_400,
        _ => 0,
    };
    i64::from(pictures::taken(number)) - late
}

/// True for photos that the owner hid, and for those that were deleted lately.
pub fn is_hidden(number: u32) -> bool {
    number % 5 == 4
}

pub fn is_deleted(number: u32) -> bool {
    number % 7 == 6
}

/// Fills the library of photos.
pub fn fill_photos(database: &Connection, layout: Layout, roll: Roll) -> rusqlite::Result<()> {
    let table = match layout >= Layout::Ios14 {
        true => "ZASSET",
        false => "ZGENERICASSET",
    };
    let has_states = layout > Layout::Ios6;
    let states = match has_states {
        true => {
            ", ZTRASHEDSTATE INTEGER, ZHIDDEN INTEGER, ZVISIBILITYSTATE INTEGER, ZCLOUDLOCALSTATE INTEGER"
        }
        false => "",
    };
    let names = match has_states {
        true => ", ZASSET INTEGER, ZORIGINALFILENAME VARCHAR",
        false => "",
    };
    database.execute_batch(&format!(
        "CREATE TABLE {table} (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZKIND INTEGER,
           ZSAVEDASSETTYPE INTEGER, ZADDITIONALATTRIBUTES INTEGER, ZDATECREATED TIMESTAMP, ZDIRECTORY VARCHAR,
           ZFILENAME VARCHAR, ZUUID VARCHAR{states});
         CREATE TABLE ZADDITIONALASSETATTRIBUTES (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER{names});"
    ))?;
    for number in 0..roll.photos + roll.in_cloud {
        let (folder, file) = path_of(number);
        database.execute(
            &format!(
                "INSERT INTO {table} (Z_PK, ZKIND, ZSAVEDASSETTYPE, ZADDITIONALATTRIBUTES, ZDATECREATED, ZDIRECTORY, \
                 ZFILENAME, ZUUID) VALUES (?1, 0, 3, ?1, ?2, ?3, ?4, ?5)"
            ),
            params![
                number + 1,
                taken(number) - COCOA,
                folder,
                file,
                format!("photo-{number}")
            ],
        )?;
        if !has_states {
            continue;
        }
        let is_on_phone = number < roll.photos;
        database.execute(
            &format!(
                "UPDATE {table} SET ZTRASHEDSTATE = ?2, ZHIDDEN = ?3, ZVISIBILITYSTATE = 0, ZCLOUDLOCALSTATE = ?4 \
                 WHERE Z_PK = ?1"
            ),
            params![
                number + 1,
                is_on_phone && is_deleted(number),
                is_on_phone && is_hidden(number),
                !is_on_phone
            ],
        )?;
        database.execute(
            "INSERT INTO ZADDITIONALASSETATTRIBUTES (Z_PK, ZASSET, ZORIGINALFILENAME) VALUES (?1, ?1, ?2)",
            params![number + 1, original_name(number)],
        )?;
    }
    Ok(())
}

/// Fills the list of voice memos.
pub fn fill_memos(database: &Connection, layout: Layout) -> rusqlite::Result<()> {
    let date = i64::from(pictures::DATE) - COCOA;
    if layout < Layout::Ios12 {
        database.execute_batch(
            "CREATE TABLE ZRECORDING (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZRECORDINGID INTEGER,
               ZDATE TIMESTAMP, ZDURATION FLOAT, ZCUSTOMLABEL VARCHAR, ZPATH VARCHAR);",
        )?;
        database.execute(
            "INSERT INTO ZRECORDING (ZDATE, ZDURATION, ZCUSTOMLABEL, ZPATH) VALUES (?1, 2.5, ?2, ?3)",
            params![
                date,
                MEMO_NAME,
                format!("/var/mobile/Media/Recordings/{MEMO}")
            ],
        )?;
        return Ok(());
    }
    database.execute_batch(
        "CREATE TABLE ZRECORDING (Z_PK INTEGER PRIMARY KEY, ZDATE TIMESTAMP, ZCUSTOMLABEL VARCHAR, ZPATH VARCHAR);
         CREATE TABLE ZCLOUDRECORDING (Z_PK INTEGER PRIMARY KEY, Z_ENT INTEGER, Z_OPT INTEGER, ZFOLDER INTEGER,
           ZDATE TIMESTAMP, ZDURATION FLOAT, ZEVICTIONDATE TIMESTAMP, ZCUSTOMLABEL VARCHAR,
           ZCUSTOMLABELFORSORTING VARCHAR, ZENCRYPTEDTITLE VARCHAR, ZPATH VARCHAR);",
    )?;
    let is_late = layout >= Layout::Ios18;
    database.execute(
        "INSERT INTO ZCLOUDRECORDING (ZDATE, ZDURATION, ZCUSTOMLABEL, ZCUSTOMLABELFORSORTING, ZENCRYPTEDTITLE, ZPATH)
         VALUES (?1, 2.5, ?2, ?3, ?3, ?4)",
        params![
            date,
            if is_late { "2024-02-29T12:00:00Z" } else { MEMO_NAME },
            is_late.then_some(MEMO_NAME),
            MEMO
        ],
    )?;
    Ok(())
}
