//! What an iPhone's own lists say of its photos and voice memos: names, dates, what was hidden or deleted, and what is only
//! in iCloud.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

use lifeboat::collections::take_home;
use lifeboat::model::{Collection, Stop, Verdict};
use lifeboat::practice::iphone_backup::databases::media;
use lifeboat::practice::iphone_backup::{Era, PhoneFile, Settings};
use lifeboat::rescue::Outcome;

use crate::backups::{OnDisk, PASSWORD, given, opened, rescued, settings};

/// The rows of `files.csv`, by their first column, each with its columns by heading.
fn list(folder: &Path) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut csv = csv::Reader::from_path(folder.join("data/files.csv")).unwrap();
    let headings = csv.headers().unwrap().clone();
    csv.records()
        .map(|row| {
            let row = row.unwrap();
            let cells = headings.iter().zip(&row);
            let cells: BTreeMap<String, String> = cells
                .map(|(name, cell)| (name.into(), cell.into()))
                .collect();
            (row[0].to_owned(), cells)
        })
        .collect()
}

fn stamp(seconds: i64) -> String {
    let time = chrono::DateTime::from_timestamp(seconds, 0).unwrap();
    time.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

#[test]
fn photos_keep_the_names_and_dates_of_the_phones_library() {
    for era in Era::ALL {
        let disk = OnDisk::new(&Settings {
            things: 3,
            ..settings(era, era == Era::Ios26)
        });
        let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
        let (_parent, outcome) = rescued(handset.as_mut());
        assert!(outcome.safe, "{era:?}: {outcome:?}");
        let folder = Path::new(&outcome.folder);
        let rows = list(folder);
        for number in 0..8 {
            let (place, file) = media::path_of(number);
            let row = &rows[&format!("CameraRollDomain/Media/{place}/{file}")];
            // The list of iOS 5 has no names, and nothing is hidden or kept after it was deleted.
            let has_more = era != Era::Ios5;
            let name = match has_more {
                true => media::original_name(number),
                false => file.clone(),
            };
            assert_eq!(row["Name in the phone's library"], name, "{era:?}");
            assert_eq!(row["Taken (UTC)"], stamp(media::taken(number)));
            assert_eq!(row["Copy"], format!("photos/{place}/{file}"));
            let is_hidden = has_more && media::is_hidden(number);
            assert_eq!(row["Remarks"].contains("hidden"), is_hidden);
            let is_deleted = has_more && media::is_deleted(number);
            assert_eq!(row["Remarks"].contains("trash"), is_deleted);
            let copy = folder.join("data").join(&row["Copy"]);
            let time = std::fs::metadata(copy).unwrap().modified().unwrap();
            let taken = Duration::from_secs(media::taken(number).unsigned_abs());
            assert_eq!(time, SystemTime::UNIX_EPOCH + taken);
        }
        let memo = rows
            .values()
            .find(|row| row["Copy"].ends_with(media::MEMO))
            .unwrap();
        assert_eq!(memo["Name in the phone's library"], media::MEMO_NAME);
        // What else is in the list is kept as it is.
        let kept = &rows["CameraRollDomain/Media/PhotoData/Photos.sqlite"];
        assert_eq!(kept["Copy"], "documents/PhotoData/Photos.sqlite");
        let said = &outcome.not_covered;
        // The library shows that there are none.
        assert!(!said.iter().any(|line| line.contains("iCloud")), "{said:?}");
    }
}

#[test]
fn photos_that_are_only_in_icloud_are_counted_and_never_called_saved() {
    let disk = OnDisk::new(&Settings {
        things: 3,
        in_cloud: 12,
        ..settings(Era::Ios26, true)
    });
    let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
    let (_parent, outcome) = rescued(handset.as_mut());
    // No backup has them, and no other approach to the phone could give them.
    assert!(outcome.safe, "{outcome:?}");
    assert!(
        outcome
            .headline
            .contains("12 photos and videos that the backup does not have"),
        "{}",
        outcome.headline
    );
    let files = outcome
        .collections
        .iter()
        .find(|one| one.name == Collection::Files)
        .unwrap();
    assert_eq!(files.verdict, Verdict::Complete);
    let first = &files.notes[0];
    for words in [
        "NOT saved",
        "12 of the 19 photos and videos",
        "Regatta 8.jpg",
        "2 more",
        "icloud.com",
    ] {
        assert!(first.contains(words), "{words}: {first}");
    }
    assert!(
        outcome
            .not_covered
            .iter()
            .any(|line| line.contains("12 photos and videos"))
    );
    // Small pictures of some are all that the backup has of them.
    let rows = list(Path::new(&outcome.folder));
    let small =
        "CameraRollDomain/Media/PhotoData/Thumbnails/V2/DCIM/100APPLE/IMG_0009.JPG/5003.JPG";
    let row = &rows[small];
    assert_eq!(
        row["Copy"],
        "photos/Small pictures/DCIM/100APPLE/IMG_0009.JPG"
    );
    assert_eq!(row["Name in the phone's library"], "Regatta 8.jpg");
    let small = rows
        .values()
        .filter(|row| row["Copy"].contains("Small pictures"));
    assert_eq!(small.count(), 6);
    assert!(!rows.keys().any(|path| path.ends_with("V2/1.JPG")));
}

#[test]
fn the_pages_of_conversations_show_the_pictures_of_their_messages() {
    for era in Era::ALL {
        let disk = OnDisk::new(&Settings {
            things: 40,
            ..settings(era, era == Era::Ios26)
        });
        let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
        let (_parent, outcome) = rescued(handset.as_mut());
        let folder = Path::new(&outcome.folder);
        shows_pictures(&folder.join("data"), era);
        let home = tempfile::tempdir().unwrap();
        let copied = take_home::copy(folder, home.path(), &Stop::new(), &mut |_| {}).unwrap();
        shows_pictures(&copied.place, era);
    }
}

/// Checks the links of all pages of conversations below a folder.
fn shows_pictures(data: &Path, era: Era) {
    let (mut shown, mut missing) = (0, 0);
    for page in std::fs::read_dir(data.join("messages")).unwrap().flatten() {
        let Ok(text) = std::fs::read_to_string(page.path()) else {
            continue;
        };
        missing += text.matches("missing: its file was not there").count();
        assert!(!text.contains("not read"), "{era:?}: {text}");
        for (at, _) in text.match_indices("<img src=\"") {
            let link = &text[at + 10..];
            let link = &link[..link.find('"').unwrap()];
            let place = match link.strip_prefix("../") {
                Some(place) => place.replace("%20", " "),
                // The bytes were in the database.
                None => format!("messages/{link}"),
            };
            let picture =
                std::fs::read(data.join(&place)).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert!(picture.starts_with(b"\xff\xd8"), "{place}");
            shown += 1;
        }
    }
    assert!(
        shown > 0 && missing > 0,
        "{era:?}: {shown} shown, {missing} missing"
    );
}

/// A backup of eight photos with a library of these rows.
fn with_library(rows: &str) -> Outcome {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Photos.sqlite");
    let database = rusqlite::Connection::open(&path).unwrap();
    database
        .execute_batch(&format!(
            "CREATE TABLE ZASSET (Z_PK INTEGER PRIMARY KEY, ZDIRECTORY VARCHAR, ZFILENAME VARCHAR, ZDATECREATED TIMESTAMP,
               ZTRASHEDSTATE INTEGER, ZSAVEDASSETTYPE INTEGER, ZCLOUDOWNERHASHEDPERSONID VARCHAR);
             {rows}"
        ))
        .unwrap();
    drop(database);
    let library = PhoneFile::new(
        "CameraRollDomain",
        "Media/PhotoData/Photos.sqlite",
        std::fs::read(&path).unwrap(),
    );
    let film = PhoneFile::new(
        "CameraRollDomain",
        "Media/DCIM/100APPLE/IMG_0001.MOV",
        &b"film"[..],
    );
    let edited = PhoneFile::new(
        "CameraRollDomain",
        "Media/PhotoData/Mutations/DCIM/100APPLE/IMG_0001/Adjustments/FullSizeRender.jpg",
        &b"edited"[..],
    );
    let disk = OnDisk::new(&Settings {
        files: vec![library, film, edited],
        ..settings(Era::Ios26, true)
    });
    let mut handset = opened(disk.path(), &given(PASSWORD)).unwrap();
    let (parent, outcome) = rescued(handset.as_mut());
    let rows = list(Path::new(&outcome.folder));
    for (file, ending) in [("IMG_0001.MOV", "MOV"), ("FullSizeRender.jpg", "jpg")] {
        let (_, row) = rows.iter().find(|(path, _)| path.ends_with(file)).unwrap();
        let name = &row["Name in the phone's library"];
        let is_known = rows.values().any(|row| !row["Taken (UTC)"].is_empty());
        let wanted = format!("IMG_0001.{ending}");
        assert_eq!(name == &wanted, is_known, "{file}: {name}");
    }
    drop(parent);
    outcome
}

fn notes(outcome: &Outcome) -> String {
    let files = outcome
        .collections
        .iter()
        .find(|one| one.name == Collection::Files);
    files.unwrap().notes.join("\n")
}

#[test]
fn only_the_owners_photos_count_as_missing() {
    let here =
        "INSERT INTO ZASSET VALUES (1, 'DCIM/100APPLE', 'IMG_0001.JPG', 700000000, 0, 3, NULL);";
    let outcome = with_library(&format!(
        "{here}
         INSERT INTO ZASSET VALUES (2, 'PhotoData/PhotoCloudSharingData/1/100CLOUD', 'A.JPG', 700000000, 0, 4, 'x'),
           (3, NULL, 'B.JPG', 700000000, 0, 12, NULL), (4, 'PhotoData/Sync/100SYNCD', 'C.JPG', 700000000, 0, 3, NULL),
           (7, 'PhotoStreamsData/1/100APPLE', 'E.JPG', 700000000, 0, 2, NULL), (5, NULL, 'D.HEIC', 0, 0, 6, NULL), (6, 'DCIM/100APPLE', 'IMG_0900.JPG', 700000000, 1, 3, NULL);"
    ));
    let said = notes(&outcome);
    for words in [
        "files: 1 of the 2 photos and videos in the phone's library: D.HEIC. The phone may",
        "shared albums of iCloud, which are not in backups: 1.",
        "put on the phone are not in backups: 1.",
        "“My Photo Stream”, which are not in backups: 1.",
        "somebody sent them, and that were not saved in it: 1.",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(
        outcome
            .headline
            .contains("1 photo or video that the backup does not have")
    );
    let outcome = with_library(here);
    assert!(!outcome.headline.contains("photo"), "{}", outcome.headline);
}

#[test]
fn a_library_that_does_not_fit_the_backup_claims_nothing() {
    for rows in [
        "INSERT INTO ZASSET VALUES (1, 'Elsewhere', 'IMG_0001.JPG', 700000000, 0, 3, NULL);",
        "DROP TABLE ZASSET; CREATE TABLE Photo (a TEXT);",
    ] {
        let outcome = with_library(rows);
        let said = notes(&outcome);
        assert!(!said.contains("NOT saved"), "{said}");
        assert!(said.contains("can't be counted"), "{said}");
        let general = "Photos and videos that are only in iCloud.";
        let lines = &outcome.not_covered;
        assert!(lines.iter().any(|line| line.contains(general)), "{lines:?}");
    }
}
