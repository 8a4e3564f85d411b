//! Files of the fictional owner of a practice card: a Sidekick's photos, and the files of its export app.

use super::Settings;
use crate::practice::{OwnersFile as File, pictures};

/// Maximum number of photos in a folder; then cameras begin the next folder (JEITA CP-3461, Design rule for Camera
/// File system).
const IN_A_FOLDER: u32 = 100;

const CONTACTS: &str = "BEGIN:VCARD\r\nVERSION:2.1\r\nN:Weiser;Ada;;;\r\nTEL;CELL:+1 555 0100\r\nEND:VCARD\r\n\
                        BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;\r\n\
                        TEL;HOME:+49 30 5550101\r\nEMAIL;INTERNET:joerg@example.org\r\nEND:VCARD\r\n";
const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nDTSTART:20091003T090000Z\r\n\
                        DTEND:20091003T100000Z\r\nSUMMARY:Servers down\r\nRRULE:W1 SA #4\r\nEND:VEVENT\r\n\
                        END:VCALENDAR\r\n";
const TODOS: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Practice//EN\r\nBEGIN:VTODO\r\nUID:1@practice.invalid\r\n\
                     DTSTAMP:20091003T080000Z\r\nSUMMARY:Copy the address book to paper\r\nDUE:20091010T120000Z\r\n\
                     END:VTODO\r\nEND:VCALENDAR\r\n";

/// The files of the card.
pub fn files(settings: &Settings) -> Vec<File> {
    let photos = (0..settings.photos).map(|number| File {
        path: format!(
            "DCIM/{}SIDEK/IMG_{:04}.JPG",
            100 + number / IN_A_FOLDER,
            number + 1
        ),
        bytes: pictures::photo(settings.seed, number),
        modified: pictures::taken(number),
    });
    let text = |(path, text): (&str, &str)| File {
        path: path.into(),
        bytes: text.into(),
        modified: pictures::DATE,
    };
    let texts = [
        ("export/Contacts.vcf", CONTACTS),
        ("export/Calendar.vcs", CALENDAR),
        ("export/To Do.ics", TODOS),
        ("themes/Night/theme.txt", "[Theme]\r\nname=Night\r\n"),
    ];
    let song = File {
        path: "Music/Übungslied 練習.mp3".into(),
        bytes: [
            b"ID3\x03\0\0\0\0\0\0".as_slice(),
            &pictures::photo(settings.seed, 9_999),
        ]
        .concat(),
        modified: pictures::DATE,
    };
    let owned = settings.owned.iter().cloned();
    photos
        .chain(texts.map(text))
        .chain([song])
        .chain(owned)
        .collect()
}
