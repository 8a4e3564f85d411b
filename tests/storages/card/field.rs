//! Cards as they come out of phones and drawers: files that a disk check saved, deleted files, shortened names, times
//! without a time zone, images with a map, and misleading first sectors.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use lifeboat::model::Verdict;
use lifeboat::practice::OwnersFile;
use lifeboat::practice::card::{PracticeCard, Untold};

use super::support::{Rescued, card, rescue, rescue_image};
use crate::common::portable_files;

const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01 a picture\xff\xd9";
const MOVIE: &[u8] = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41 a film";

fn vcard(name: &str) -> Vec<u8> {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nN:{name};;;;\r\nTEL:+49 151 1\r\nEND:VCARD\r\n"
    )
    .into_bytes()
}

fn holding(files: &[(&str, &[u8])]) -> PracticeCard {
    card(|settings| {
        settings.photos = 1;
        let file = |(path, bytes): &(&str, &[u8])| OwnersFile {
            path: (*path).into(),
            bytes: bytes.to_vec(),
            modified: 1_709_208_000,
        };
        settings.owned = files.iter().map(file).collect();
    })
}

fn safe(rescued: &Rescued) -> BTreeMap<String, Vec<u8>> {
    assert!(
        rescued.outcome.safe,
        "{:?}: {}",
        rescued.outcome.why_not,
        rescued.said()
    );
    portable_files(&rescued.folder)
}

fn text<'f>(files: &'f BTreeMap<String, Vec<u8>>, name: &str) -> std::borrow::Cow<'f, str> {
    String::from_utf8_lossy(&files[name])
}

#[test]
fn files_without_an_ending_are_known_by_their_content() {
    let (saved, event) = (vcard("Saved Person"), b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n\
        UID:1@e\r\nDTSTART:20240301T100000Z\r\nSUMMARY:Saved meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    let files = safe(&rescue(&holding(&[
        ("LOST.DIR/12345", &saved),
        ("LOST.DIR/777", JPEG),
        ("LOST.DIR/778", b"a piece of nobody knows what"),
        ("FOUND.000/FILE0001.CHK", MOVIE),
        ("FOUND.001/FILE0000.CHK", event),
        ("FSCK0000.REC", b"%PDF-1.4 a lease"),
        ("DCIM/Camera/IMG_1", &[JPEG, b"other"].concat()),
        ("Download/9f3a11", b"what an app keeps"),
        (
            "Android/data/com.example/cache/1",
            &[JPEG, b"cached"].concat(),
        ),
        ("Download/app.apk", b"PK\x03\x04"),
    ])));
    for (name, bytes) in [
        ("photos/LOST.DIR/777.jpg", JPEG),
        ("photos/FOUND.000/FILE0001.CHK.mp4", MOVIE),
        ("documents/LOST.DIR/778", b"a piece of nobody knows what"),
        ("documents/FSCK0000.REC.pdf", b"%PDF-1.4 a lease"),
        ("found/LOST.DIR/12345.vcf", &saved),
        ("found/FOUND.001/FILE0000.CHK.ics", event),
    ] {
        assert!(
            files.get(name).is_some_and(|copy| copy == bytes),
            "{name}: {:?}",
            files.keys()
        );
    }
    assert!(files.contains_key("photos/DCIM/Camera/IMG_1.jpg"));
    assert!(
        !files
            .keys()
            .any(|name| name.contains("9f3a11") || name.contains("cache") || name.contains("apk"))
    );
    assert!(text(&files, "contacts.vcf").contains("Saved Person"));
    assert!(text(&files, "calendar.ics").contains("Saved meeting"));
}

/// A check of the card cuts chains of clusters, not files, so a piece begins anywhere.
#[test]
fn a_piece_that_begins_in_the_middle_of_a_list_is_read() {
    let cards = [
        b"mple.org\r\nTEL:1\r\nEND:VCARD\r\n".to_vec(),
        vcard("Middle Person"),
    ]
    .concat();
    let events =
        b"MARY:tail\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:k\r\nDTSTART:20240301T100000Z\r\n\
        SUMMARY:Middle meeting\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let table = b"First Name,Last Name,Mobile Phone,E-mail Address\r\nTable,Person,0170123456,t@x.example\r\n";
    let rescued = rescue(&holding(&[
        ("FOUND.000/FILE0001.CHK", &cards),
        ("FOUND.000/FILE0002.CHK", events),
        ("LOST.DIR/502", table),
        ("LOST.DIR/503", b"A diary.\r\nBEGIN: the first day\r\n"),
    ]));
    let files = portable_files(&rescued.folder);
    for name in [
        "found/FOUND.000/FILE0001.CHK.vcf",
        "found/FOUND.000/FILE0002.CHK.ics",
        "found/LOST.DIR/502.csv",
        "documents/LOST.DIR/503",
    ] {
        assert!(files.contains_key(name), "{name}: {:?}", files.keys());
    }
    let contacts = text(&files, "contacts.vcf");
    assert!(
        contacts.contains("Middle Person") && contacts.contains("Person;Table"),
        "{contacts}"
    );
    assert!(text(&files, "calendar.ics").contains("Middle meeting"));
}

/// Browsers, mail programs and Thunderbird use other endings.
#[test]
fn a_list_with_another_ending_is_read_or_named() {
    let (person, other) = (vcard("Mailed Person"), vcard("Plain Person"));
    let table = b"First Name\tLast Name\tMobile Phone\r\nTab\tPerson\t0170123456\r\n";
    let comma = b"First Name,Last Name,Mobile Phone\r\nComma,Person,0170123457\r\n";
    let rescued = rescue(&holding(&[
        ("contacts.vcf.txt", &person),
        ("contacts.txt", &other),
        ("contacts.tsv", table),
        ("comma.csv.txt", comma),
        ("book.ldif", b"dn: cn=Ann\r\ncn: Ann\r\n"),
        (
            "diary.txt",
            b"Name, number and first day\r\n1. BEGIN:VCARD is a word\r\n",
        ),
    ]));
    let files = portable_files(&rescued.folder);
    for name in [
        "found/contacts.vcf.txt",
        "found/contacts.txt",
        "found/contacts.tsv",
        "found/comma.csv.txt",
        "found/book.ldif",
        "documents/diary.txt",
    ] {
        assert!(files.contains_key(name), "{name}: {:?}", files.keys());
    }
    let contacts = text(&files, "contacts.vcf");
    for name in [
        "Mailed Person",
        "Plain Person",
        "Person;Tab",
        "Person;Comma",
    ] {
        assert!(contacts.contains(name), "{name}: {contacts}");
    }
    let named = rescued.outcome.lists_not_read.join("\n");
    assert!(named.contains("book.ldif"), "{named}");
}

#[test]
fn what_is_left_of_long_endings_is_known() {
    let (person, noise) = (vcard("Cut Person"), b"no known content".as_slice());
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice();
    let owned: Vec<(&str, &[u8])> = vec![
        ("Family contacts.vcard", &person),
        ("Holiday by the sea.heic", heic),
        ("Summer party.jpeg", JPEG),
        ("Birthday clip.webm", noise),
        ("A song of songs.opus", b"OggS\0\x02 song"),
        (
            "Pictures of a day.avif",
            b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
        ),
        (
            "A calendar of days.ical",
            b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
        ),
        ("Panorama of hills.tiff", b"II*\0\x08\0\0\0"),
        ("An old film of ours.mpeg", b"\0\0\x01\xba film"),
        ("A camcorder's film.m2ts", b"film"),
        ("Messages of a year.crypt14", b"crypt"),
    ];
    let card = card(|settings| {
        settings.photos = 0;
        let file = |(path, bytes): &(&str, &[u8])| OwnersFile {
            path: (*path).into(),
            bytes: bytes.to_vec(),
            modified: 1_709_208_000,
        };
        settings.owned = owned.iter().map(file).collect();
        settings.untold = owned
            .iter()
            .map(|(path, _)| ((*path).into(), Untold::Name))
            .collect();
    });
    let files = safe(&rescue(&card));
    for (path, bytes) in owned {
        assert!(
            files.values().any(|copy| copy == bytes),
            "{path}: {:?}",
            files.keys()
        );
    }
    assert!(text(&files, "contacts.vcf").contains("Cut Person"));
    let photos = files
        .keys()
        .filter(|name| name.ends_with(".heic") || name.ends_with(".avif"));
    assert_eq!(photos.count(), 2, "{:?}", files.keys());
}

#[test]
fn deleted_files_are_not_listed() {
    let (living, gone) = (vcard("Living Person"), vcard("Thrown Away"));
    for bin in [
        ".Trashes/501",
        ".Trash-1000/files",
        ".Trash",
        "$RECYCLE.BIN/S-1-5-21",
        "RECYCLER",
        "Recycled",
        "Pictures/Recently deleted",
        "DCIM/.trashBin",
        "MIUI/Gallery/cloud/.trashBin",
        "DCIM/.ColorOSGalleryRecycler",
        ".vivoFileRecycleBin",
        ".oprecyclebin",
        ".$Trash$",
        "Android/.Trash/gallery",
    ] {
        let gone_path = format!("{bin}/old.vcf");
        let files = safe(&rescue(&holding(&[
            ("new.vcf", &living),
            (&gone_path, &gone),
        ])));
        let contacts = text(&files, "contacts.vcf");
        assert!(
            contacts.contains("Living Person") && !contacts.contains("Thrown Away"),
            "{bin}"
        );
        assert!(files.values().any(|copy| *copy == gone), "{bin}");
        let list = text(&files, "files.csv");
        assert!(
            list.lines()
                .any(|line| line.starts_with(bin) && line.contains("in the phone's trash")),
            "{bin}: {list}"
        );
    }
    let files = safe(&rescue(&holding(&[(
        "Download/.trashed-1700000000-old.vcf",
        &gone,
    )])));
    assert!(!text(&files, "contacts.vcf").contains("Thrown Away"));
}

/// The files that macOS keeps beside each file of a card have that file's extension but not its type.
#[test]
fn notes_of_macos_are_no_pictures_and_no_lists() {
    let notes = b"\0\x05\x16\x07\0\x02\0\0Mac OS X        ".as_slice();
    let card = holding(&[
        ("._new.vcf", notes),
        ("DCIM/._IMG_1.jpg", notes),
        ("._real.jpg", JPEG),
    ]);
    let files = safe(&rescue(&card));
    assert!(!files.values().any(|copy| copy == notes));
    assert!(files.values().any(|copy| copy == JPEG));
}

/// Rescues an image with the program itself, on a computer in this time zone. Returns the times of the copies.
fn times(image: &Path, zone: &str) -> BTreeMap<String, u64> {
    let parent = tempfile::tempdir().expect("a folder");
    let to = parent.path().join("rescues");
    let done = Command::new(env!("CARGO_BIN_EXE_lifeboat"))
        .args(["rescue", "--image"])
        .arg(image)
        .arg("--to")
        .arg(&to)
        .env("HOME", parent.path())
        .env("TZ", zone)
        .stdin(Stdio::null())
        .output()
        .expect("lifeboat runs");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    let folder = fs::read_dir(&to).unwrap_or_else(|e| panic!("{e}: {said}"));
    let folder: PathBuf = folder
        .map(|entry| entry.expect("a folder").path())
        .next()
        .expect(&said);
    let names = portable_files(&folder).into_keys();
    let copies = names.filter(|name| name.starts_with("photos/"));
    let time = |name: &String| {
        let found = fs::metadata(folder.join("data").join(name)).expect("a copy");
        let time = found.modified().expect("a time");
        time.duration_since(UNIX_EPOCH).expect("a time").as_secs()
    };
    copies.map(|name| (name.clone(), time(&name))).collect()
}

#[test]
fn files_have_the_same_times_on_computers_of_every_zone() {
    let card = card(|settings| settings.photos = 3);
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("card.img");
    fs::write(&image, card.image()).expect("an image");
    let expected = times(&image, "UTC0");
    assert_eq!(expected.len(), 4);
    for (path, _, modified) in card.files() {
        if let Some(time) = expected.get(&format!("photos/{path}")) {
            assert!(time.abs_diff(u64::from(modified)) < 2, "{path}");
        }
    }
    for zone in [
        "America/Los_Angeles",
        "Asia/Kathmandu",
        "Pacific/Apia",
        "EST5EDT",
    ] {
        assert_eq!(times(&image, zone), expected, "{zone}");
    }
}

/// A map in the format of ddrescue, with these ranges of blocks as holes.
fn map(holes: &[(u64, u64, char)], blocks: u64) -> String {
    let mut text = "# Mapfile. Created by GNU ddrescue version 1.27\n# Command line: ddrescue /dev/sdc card.img\n\
                    # current_pos  current_status  current_pass\n0x00000000     ?               1\n\
                    #      pos        size  status\n"
        .to_owned();
    let mut at = 0;
    let mut line = |from: u64, to: u64, status: char| {
        if from < to {
            text.push_str(&format!(
                "0x{:08X}  0x{:08X}  {status}\n",
                from * 512,
                (to - from) * 512
            ));
        }
    };
    for (from, to, status) in holes {
        line(at, *from, '+');
        line(*from, *to, *status);
        at = *to;
    }
    line(at, blocks, '+');
    text
}

#[test]
fn what_a_map_beside_an_image_says_was_never_read_is_not_called_whole() {
    let card = card(|settings| settings.photos = 40);
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("card.img");
    fs::write(&image, card.image()).expect("an image");
    let blocks = card.image().len() as u64 / 512;
    let photo = card.blocks_of("DCIM/100SIDEK/IMG_0001.JPG")[3];
    let first = card.blocks_of("DCIM/100SIDEK/IMG_0001.JPG")[0];
    let of_folder = |block: &u64| {
        card.image()[*block as usize * 512..][..512]
            .windows(3)
            .any(|w| w == b"IMG")
    };
    let listing = (8192..first).filter(of_folder).nth(2).expect("a folder");
    for (holes, word) in [
        (
            vec![(photo, photo + 2, '-')],
            Some("1024 bytes of the file can't be read"),
        ),
        (
            vec![(photo, photo + 1, '?')],
            Some("512 bytes of the file can't be read"),
        ),
        (
            vec![(listing, listing + 1, '*')],
            Some("a part of it is damaged"),
        ),
        (
            vec![(8192 + 32, 8192 + 40, '/'), (photo, photo + 1, '-')],
            Some("512 bytes of the file"),
        ),
        // Where no file lies, and where a second copy holds the same data.
        (vec![(blocks - 1000, blocks, '?')], None),
        (vec![(8192 + 32, 8192 + 40, '/')], None),
    ] {
        for name in ["card.img.map", "card.map", "card.img.mapfile", "card.log"] {
            let path = folder.path().join(name);
            fs::write(&path, map(&holes, blocks)).expect("a map");
            let rescued = rescue_image(&image);
            fs::remove_file(&path).expect("a map");
            let said = rescued.said();
            assert!(said.contains("were never read from the card"), "{said}");
            match word {
                None => assert!(rescued.outcome.safe, "{said}"),
                Some(word) => {
                    assert!(said.contains(word), "{holes:?}: {said}");
                    assert_eq!(rescued.photos().verdict, Verdict::Partial, "{said}");
                }
            }
            if word.is_some() {
                break;
            }
        }
    }
    fs::write(
        folder.path().join("card.map"),
        "# Mapfile. Created by GNU ddrescue\n0x0 what\n",
    )
    .expect("a map");
    let rescued = rescue_image(&image);
    assert!(!rescued.outcome.safe);
    assert!(
        rescued
            .said()
            .contains("The map card.map beside the image can't be read"),
        "{}",
        rescued.said()
    );
}

#[test]
fn what_is_packed_or_of_another_kind_is_called_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let image = folder.path().join("card.img");
    for (at, bytes, word) in [
        (0, b"\x1f\x8b\x08".as_slice(), "packed or wrapped by gzip"),
        (0, b"EVF\x09\x0d\x0a\xff\0", "EnCase"),
        (3, b"NTFS    ", "NTFS"),
        (1080, b"\x53\xef", "ext2, ext3 or ext4"),
    ] {
        let mut all = vec![0; 1 << 20];
        all[at..at + bytes.len()].copy_from_slice(bytes);
        all[510..512].copy_from_slice(&[0x55, 0xaa]);
        fs::write(&image, all).expect("an image");
        let rescued = rescue_image(&image);
        assert_eq!(rescued.photos().verdict, Verdict::Unreadable);
        assert!(rescued.said().contains(word), "{}", rescued.said());
    }
}
