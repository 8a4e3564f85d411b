//! The files of the storages' owners: pictures, files of a messenger, documents, deleted files, duplicates, empty
//! files, odd names, deep folders, and exported lists.

use lifeboat::practice::{OwnerAction, OwnersFile};

use crate::common::thousands::Dice;

/// 2024-02-29 12:00 UTC, in seconds since 1970.
const DATE: u32 = 1_709_208_000;

const FOLDERS: [&str; 9] = [
    "DCIM/Camera",
    "DCIM/100ANDRO",
    "DCIM/.thumbnails",
    "Pictures/Screenshots",
    "Pictures/東京 旅行",
    "Android/media/com.whatsapp/WhatsApp/Media/WhatsApp Images",
    "WhatsApp/Databases",
    "Documents/Lease & Co",
    "Download",
];

const ENDINGS: [&str; 12] = [
    "jpg", "JPG", "jpeg", "heic", "png", "mp4", "m4a", "pdf", "txt", "zip", "crypt14", "docx",
];

/// Names that no camera gives. FAT allows all of them.
const ODD_NAMES: [&str; 14] = [
    "写真 1.jpg",
    "מזכרת 😀.jpg",
    "Größe – naïve café.jpg",
    "CON.jpg",
    "  two blanks.jpg",
    ".hidden.jpg",
    "=1+1.jpg",
    "100% [done] (2).jpg",
    "many.dots..in.it.jpg",
    "copy (damaged).jpg",
    "'quoted', #1.jpg",
    ".trashed-1712000000-a.jpg",
    "a name of so many words that it is longer than most programs that show names have room for, which is why.jpg",
    "UPPER.JPEG",
];

/// Random bytes for a file. They do not begin like a list.
pub fn noise(dice: &mut Dice, length: usize) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    while bytes.len() < length {
        bytes.extend(dice.roll(u64::MAX).to_le_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// The length of a file: usually small, sometimes that of one transfer or block, sometimes zero.
fn length(dice: &mut Dice) -> usize {
    match dice.roll(20) {
        0 => 0,
        1 => 1,
        2 => 500,
        3 => 512,
        4 => 4_096 - 12,
        5 => 65_536,
        6 => 300_000 + dice.roll(500_000) as usize,
        _ => 3 + dice.roll(20_000) as usize,
    }
}

/// The time of a file's last change: some are equal, some are zero.
fn time(dice: &mut Dice) -> u32 {
    match dice.roll(10) {
        0 => DATE,
        1 => 0,
        _ => DATE + 2 * dice.roll(40_000_000) as u32,
    }
}

/// The files of an owner: at most `most`, each with a different path.
pub fn files(dice: &mut Dice, most: u64) -> Vec<OwnersFile> {
    let mut files: Vec<OwnersFile> = Vec::new();
    let count = dice.roll(most + 1);
    for number in 0..count {
        let file = a_file(dice, number, &files);
        if files.iter().all(|known| known.path != file.path) {
            files.push(file);
        }
    }
    files
}

/// Another file. `number` makes it different from the others.
pub fn a_file(dice: &mut Dice, number: u64, others: &[OwnersFile]) -> OwnersFile {
    let folder = *dice.pick(&FOLDERS);
    let (path, bytes) = match dice.roll(14) {
        0 | 1 => {
            let name = *dice.pick(&ODD_NAMES);
            let length = length(dice);
            (format!("{folder}/{name}"), noise(dice, length))
        }
        2 => {
            let deep = "a/".repeat(1 + dice.roll(33) as usize);
            let length = length(dice);
            (format!("{folder}/{deep}{number}.jpg"), noise(dice, length))
        }
        // The same bytes in a second file, perhaps with another extension.
        3 | 4 if !others.is_empty() => {
            let other = dice.pick(others);
            let ending = match dice.chance(70) {
                true => other.path.rsplit('.').next().unwrap_or("jpg"),
                false => *dice.pick(&ENDINGS),
            };
            (
                format!("{folder}/copy {number}.{ending}"),
                other.bytes.clone(),
            )
        }
        5..=7 => a_list(dice, number),
        8 => (
            "Download/app.apk".to_owned(),
            b"none of the owner's own".to_vec(),
        ),
        _ => {
            let ending = *dice.pick(&ENDINGS);
            let length = length(dice);
            (
                format!("{folder}/IMG_{number:04}.{ending}"),
                noise(dice, length),
            )
        }
    };
    OwnersFile {
        path,
        bytes,
        modified: time(dice),
    }
}

/// A change that an owner or an app makes during the rescue.
pub fn an_action(dice: &mut Dice, number: u64, files: &[OwnersFile]) -> OwnerAction {
    let known = (!files.is_empty()).then(|| dice.pick(files).clone());
    match (dice.roll(3), known) {
        (0, Some(file)) => OwnerAction::Deletes(file.path),
        (1, Some(file)) => {
            let bytes = match dice.chance(50) {
                true => noise(dice, file.bytes.len()),
                false => a_file(dice, number, files).bytes,
            };
            OwnerAction::Writes(OwnersFile {
                bytes,
                modified: file.modified + 60,
                ..file
            })
        }
        _ => OwnerAction::Writes(a_file(dice, number, files)),
    }
}

/// A list that the owner exported. Each record in it has a unique name.
fn a_list(dice: &mut Dice, number: u64) -> (String, Vec<u8>) {
    let seed = dice.roll(1_000_000);
    let things = dice.roll(4);
    let name = |what: &str, thing: u64| format!("{what} {number} {seed} {thing}");
    let each = |one: &dyn Fn(u64) -> String| (0..things).map(one).collect::<String>();
    let (ending, text) = match dice.roll(6) {
        0 => (
            "vcf",
            each(&|n| {
                let name = name("Person", n);
                format!(
                    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nN:{name};;;;\r\nTEL;TYPE=CELL:+49 151 {seed}{n}\r\n\
                     END:VCARD\r\n"
                )
            }),
        ),
        1 => (
            "VCF",
            each(&|n| {
                let name = name("Person", n);
                format!(
                    "BEGIN:VCARD\r\nVERSION:2.1\r\nN:{name};;;;\r\nTEL;CELL:+49 151 {seed}{n}\r\nEND:VCARD\r\n"
                )
            }),
        ),
        2 => {
            let inner = each(&|n| {
                let (event, todo) = (name("Meeting", n), name("Errand", n));
                format!(
                    "BEGIN:VEVENT\r\nUID:e{seed}-{n}@example.org\r\nDTSTAMP:20091003T080000Z\r\n\
                     DTSTART:20091003T090000Z\r\nDTEND:20091003T100000Z\r\nSUMMARY:{event}\r\nEND:VEVENT\r\n\
                     BEGIN:VTODO\r\nUID:t{seed}-{n}@example.org\r\nDTSTAMP:20091003T080000Z\r\nSUMMARY:{todo}\r\n\
                     END:VTODO\r\n"
                )
            });
            (
                "ics",
                format!(
                    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Practice//EN\r\n{inner}END:VCALENDAR\r\n"
                ),
            )
        }
        3 => {
            let inner = each(&|n| {
                let (event, todo) = (name("Meeting", n), name("Errand", n));
                format!(
                    "BEGIN:VEVENT\r\nDTSTART:20091003T090000Z\r\nDTEND:20091003T100000Z\r\nSUMMARY:{event}\r\n\
                     END:VEVENT\r\nBEGIN:VTODO\r\nSUMMARY:{todo}\r\nEND:VTODO\r\n"
                )
            });
            (
                "vcs",
                format!("BEGIN:VCALENDAR\r\nVERSION:1.0\r\n{inner}END:VCALENDAR\r\n"),
            )
        }
        4 => (
            "vnt",
            format!(
                "BEGIN:VNOTE\r\nVERSION:1.1\r\nBODY:{}\r\nEND:VNOTE\r\n",
                name("Note", 0)
            ),
        ),
        _ => {
            let rows = each(&|n| format!("{},Mobile,+49 151 {seed}{n}\r\n", name("Person", n)));
            (
                "csv",
                format!("Name,Phone 1 - Type,Phone 1 - Value\r\n{rows}"),
            )
        }
    };
    let folder = *dice.pick(&FOLDERS);
    (
        format!("{folder}/list {number}.{ending}"),
        text.into_bytes(),
    )
}

/// Returns true if files with this name are copied. Others are reported as left out.
pub fn is_copied(path: &str) -> bool {
    !path.ends_with(".apk") && !path.contains("Android/data/")
}

/// The names of the records in a list, each with the file of the payload that must contain it.
pub fn things(path: &str, bytes: &[u8]) -> Vec<(&'static str, String)> {
    let ending = path.rsplit('.').next().unwrap_or_default().to_lowercase();
    if !["vcf", "vcs", "ics", "vnt", "csv"].contains(&ending.as_str()) {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    let kinds = [
        ("Person ", "contacts.vcf"),
        ("Meeting ", "calendar.ics"),
        ("Errand ", "todos.ics"),
        ("Note ", "notes.txt"),
    ];
    let mut things = Vec::new();
    for (begin, file) in kinds {
        for (at, _) in text.match_indices(begin) {
            let name = text[at..]
                .split(['\r', ';', ','])
                .next()
                .unwrap_or_default();
            things.push((file, name.to_owned()));
        }
    }
    things.sort();
    things.dedup();
    things
}
