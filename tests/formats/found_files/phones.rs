//! Files as phones and programs wrote them, compared value by value.

use lifeboat::format::found::{self, Found, Kind};
use lifeboat::format::versit::Fault;
use lifeboat::model::*;

use super::samples;

fn read(name: &str, file: impl AsRef<[u8]>) -> Found {
    found::read(name, file.as_ref())
}

#[track_caller]
fn contact(file: impl AsRef<[u8]>) -> Contact {
    let mut found = read("a.vcf", file);
    assert_eq!(found.unreadable.list, []);
    assert_eq!(found.contacts.len(), 1);
    found.contacts.remove(0).contact
}

#[track_caller]
fn event(properties: &str) -> Event {
    let mut found = read(
        "a.vcs",
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\n{properties}END:VEVENT\r\nEND:VCALENDAR\r\n"
        ),
    );
    assert_eq!(found.unreadable.list, []);
    found.events.remove(0).record
}

/// A sample, found by the end of its path.
fn sample(end: &str) -> Option<Found> {
    let file = samples::folder()?.join(end);
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    Some(read(end, bytes))
}

const SYMBIAN: &str = "symbian-organizer/pimappsupport/vcardandvcal/";

#[test]
fn japanese_phones_without_a_word_on_their_charset() {
    let Some(found) = sample(&format!(
        "{SYMBIAN}TestvCards/VersitJapaneseVCards/aoki.vcf"
    )) else {
        return;
    };
    let contact = &found.contacts[0].contact;
    let name = &contact.names[0];
    assert_eq!(
        (name.family.as_deref(), name.given.as_deref()),
        (Some("青木"), Some("功"))
    );
    assert_eq!(name.phonetic_family.as_deref(), Some("アオキ"));
    // In this file SOUND has no charset label, but N has.
    let found = sample(&format!(
        "{SYMBIAN}TestvCards/VersitJapaneseVCards/Digit2.vcf"
    ))
    .unwrap();
    let name = &found.contacts[0].contact.names[0];
    assert_eq!(name.family.as_deref(), Some("３３３３３３"));
    assert_eq!(name.family, name.phonetic_family);
    // In this file no property has a charset label.
    let found = sample(&format!("{SYMBIAN}TestFiles/DefaultCharSetInput.vcf")).unwrap();
    let contact = &found.contacts[0].contact;
    assert_eq!(
        contact.names[0].given.as_deref().map(|n| n.chars().count()),
        Some(2)
    );
    assert!(
        contact.addresses[0]
            .city
            .as_deref()
            .is_some_and(|city| !city.contains('\u{FFFD}'))
    );
    // In this charset the second byte of a character may be a backslash.
    let found = sample("vcf/aosp-opt-vcard/v21_japanese_3.vcf").unwrap();
    let name = &found.contacts[0].contact.names[0];
    assert_eq!(name.family.as_deref(), Some("伊能"));
}

#[test]
fn unlabelled_bytes_in_every_charset_of_phones() {
    for (charset, text) in [
        (encoding_rs::SHIFT_JIS, "天野喜孝は日本の画家"),
        (encoding_rs::EUC_JP, "天野喜孝は日本の画家"),
        (encoding_rs::ISO_2022_JP, "天野喜孝は日本の画家"),
        (encoding_rs::GBK, "北京大学的王小明先生和他的朋友"),
        (encoding_rs::EUC_KR, "대한민국 서울특별시 김철수"),
        (encoding_rs::WINDOWS_1251, "Александр Сергеевич Пушкин"),
        (encoding_rs::WINDOWS_1252, "Jörg Müller-Lüdenscheidt, Köln"),
        (encoding_rs::UTF_8, "Zoë 😀 青木"),
    ] {
        let (encoded, ..) = charset.encode(text);
        let file = [
            b"BEGIN:VCARD\r\nVERSION:2.1\r\nN:;",
            &encoded[..],
            b"\r\nNOTE;ENCODING=QUOTED-PRINTABLE:",
            encoded
                .iter()
                .flat_map(|b| format!("={b:02X}").into_bytes())
                .collect::<Vec<u8>>()
                .as_slice(),
            b"\r\nEND:VCARD\r\n",
        ]
        .concat();
        let contact = contact(file);
        assert_eq!(contact.notes, [text], "{}", charset.name());
        assert_eq!(
            contact.names[0].given.as_deref(),
            Some(text),
            "{}",
            charset.name()
        );
    }
}

#[test]
fn utf16_and_zero_bytes_and_old_macintosh_lines() {
    let card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zoë 青木\r\nTEL:1\r\nEND:VCARD\r\n";
    let utf16: Vec<u8> = format!("\u{FEFF}{card}")
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(contact(utf16).display_name, "Zoë 青木");
    assert_eq!(contact(card.replace("\r\n", "\r")).display_name, "Zoë 青木");
    assert_eq!(contact(format!("{card}\0\0\0")).display_name, "Zoë 青木");
    let found = read("a.vcf", card.replace("Zoë", "Z\0oë"));
    assert_eq!(found.contacts[0].contact.display_name, "Zoë 青木");
    assert_eq!(found.unreadable.list[0].fault, Fault::Zeros);
}

#[test]
fn pictures_in_all_their_spellings() {
    // The first bytes of a picture.
    let bytes = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1];
    for photo in [
        "PHOTO;ENCODING=BASE64;TYPE=JPEG:\r\n /9j/4AAQ\r\n SkZJRgAB\r\n\r\n",
        "PHOTO;BASE64;JPEG:/9j/4AAQ\r\nSkZJRgAB\r\n\r\n",
        "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSk\r\n ZJRgAB\r\n",
        "PHOTO:data:image/jpeg;base64,/9j/4AAQSkZJRgAB\r\n",
        "PHOTO:data:image/jpeg;base64\\,/9j/4AAQSkZJRgAB\r\n",
        "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgAB\r\n",
        "PHOTO;JPEG;ENCODING=QUOTED-PRINTABLE:=FF=D8=FF=E0=00=10JFIF=00=01\r\n",
        "PHOTO;QUOTED-PRINTABLE;TYPE=JPEG:=FF=D8=FF=E0=\r\n=00=10JFIF=\r\n=00=01\r\n",
    ] {
        let found = read(
            "a.vcf",
            format!("BEGIN:VCARD\r\nVERSION:2.1\r\nFN:a\r\n{photo}TEL:1\r\nEND:VCARD\r\n"),
        );
        assert_eq!(found.unreadable.list, [], "{photo}");
        let card = &found.contacts[0];
        assert!(
            card.contact.has_picture && card.contact.phones.len() == 1,
            "{photo}"
        );
        assert_eq!(card.attachments[0].bytes, bytes, "{photo}");
        assert!(
            card.attachments[0].media.to_lowercase().ends_with("jpeg"),
            "{photo}"
        );
    }
    let link =
        contact("BEGIN:VCARD\nVERSION:4.0\nFN:a\nPHOTO:https://example.org/a.jpg\nEND:VCARD");
    assert_eq!(link.unmapped[0].value, "https://example.org/a.jpg");
    assert!(!link.has_picture);
}

#[test]
fn cards_inside_cards_and_junk_between_them() {
    let found = read(
        "a.vcf",
        "Sent from my phone\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nFN:Boss\r\nAGENT:\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nFN:Helper\r\n\
         TEL:2\r\nEND:VCARD\r\n\r\nTEL:1\r\nEND:VCARD\r\n---\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:Third\r\n\
         AGENT:BEGIN:VCARD\\nVERSION:3.0\\nFN:Fourth\\, too\\nEND:VCARD\\n\r\nEND:VCARD\r\n",
    );
    let names: Vec<&str> = found
        .contacts
        .iter()
        .map(|c| c.contact.display_name.as_str())
        .collect();
    assert_eq!(names, ["Boss", "Helper", "Third", "Fourth, too"]);
    assert_eq!(found.contacts[0].contact.relations[0].name, "Helper");
    assert_eq!(found.contacts[0].contact.phones[0].number, "1");
    assert_eq!(found.contacts[2].contact.relations[0].name, "Fourth, too");
    let faults: Vec<(u64, Fault)> = found
        .unreadable
        .list
        .iter()
        .map(|u| (u.line, u.fault))
        .collect();
    assert_eq!(faults, [(1, Fault::Outside), (14, Fault::Outside)]);
}

#[test]
fn groups_labels_and_what_has_no_place() {
    let contact = contact(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Appleseed;John;;;\r\nFN:John Appleseed\r\nitem1.TEL;type=pref:1\r\n\
         item1.X-ABLabel:Boat\r\nitem2.EMAIL;type=INTERNET;type=HOME:a@b.c\r\nitem3.URL:x.org\r\n\
         item3.X-ABLabel:_$!<HomePage>!$_\r\nitem4.X-ABDATE:2001-09-09\r\nitem4.X-ABLabel:_$!<Anniversary>!$_\r\n\
         item5.X-ABRELATEDNAMES:Jane\r\nitem5.X-ABLabel:_$!<Spouse>!$_\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-04-12\r\n\
         X-CLASS:PUBLIC\r\nREV:20081031T065854Z\r\nCATEGORIES:Friends,Work\r\nORG:Open;Handset; Alliance\r\n\
         X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Johnny;1;;;;;;;;;;;;;\r\n\
         TEL;TYPE=PAGER,WORK,MSG:2\r\nIMPP;X-SERVICE-TYPE=Skype:skype:john%20a\r\nEND:VCARD\r\n",
    );
    assert_eq!(contact.phones[0].label, Label::Custom("Boat".into()));
    assert!(contact.phones[0].primary);
    assert_eq!(contact.phones[1].label, Label::WorkPager);
    assert_eq!(contact.emails[0].label, Label::Home);
    assert_eq!(contact.websites[0].label, Label::HomePage);
    let date = |date: &str, kind| ContactDate {
        date: date.into(),
        kind,
    };
    assert_eq!(
        contact.dates,
        [
            date("2001-09-09", DateKind::Anniversary),
            date("--04-12", DateKind::Birthday)
        ]
    );
    assert_eq!(
        (
            contact.relations[0].name.as_str(),
            contact.relations[0].kind.as_str()
        ),
        ("Jane", "spouse")
    );
    assert_eq!(contact.groups, ["Friends", "Work"]);
    assert_eq!(
        contact.organizations[0].department.as_deref(),
        Some("Handset,  Alliance")
    );
    assert_eq!(contact.nicknames[0].name, "Johnny");
    assert_eq!(contact.messengers[0].handle, "john a");
    let kept: Vec<(&str, &str)> = contact
        .unmapped
        .iter()
        .map(|u| (u.column.as_str(), u.value.as_str()))
        .collect();
    assert_eq!(kept, [("X-CLASS", "PUBLIC"), ("REV", "20081031T065854Z")]);
}

#[test]
fn tables_of_google_outlook_and_pc_suites() {
    let google = read(
        "contacts.csv",
        "First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value,Address 1 - Label,Address 1 - City,Custom Field 1 - Value\n\
         Zoë,Müller,Friends ::: * myContacts,* Work,z@example.org,Mobile,+49 170 1 ::: +49 170 2,Home,Köln,x\n,,,,,,,,,\n",
    );
    assert_eq!(
        (google.kind, google.contacts.len()),
        (Kind::ContactTable, 1)
    );
    let contact = &google.contacts[0].contact;
    assert_eq!(contact.names[0].given.as_deref(), Some("Zoë"));
    assert_eq!(contact.emails[0].label, Label::Work);
    let numbers: Vec<&str> = contact.phones.iter().map(|p| p.number.as_str()).collect();
    assert_eq!(numbers, ["+49 170 1", "+49 170 2"]);
    assert_eq!(
        (
            contact.addresses[0].city.as_deref(),
            &contact.addresses[0].label
        ),
        (Some("Köln"), &Label::Home)
    );
    assert_eq!(contact.groups, ["Friends"]);
    assert_eq!(contact.notes, ["Custom Field 1 - Value: x"]);
    // Outlook in the code page of its computer, with semicolons.
    let outlook = "First Name;Last Name;Mobile Phone;Business Fax;Home City;E-mail Address;Birthday\nJörg;Groß;1;2;Köln;j@x.org;0/0/00\n";
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(outlook);
    let outlook = read("export.txt", bytes);
    let contact = &outlook.contacts[0].contact;
    assert_eq!(contact.names[0].family.as_deref(), Some("Groß"));
    assert_eq!(
        (&contact.phones[0].label, &contact.phones[1].label),
        (&Label::Mobile, &Label::WorkFax)
    );
    assert!(contact.dates.is_empty());
    // Any other table is not a table of contacts.
    let bank = read("bank.csv", "Date,Amount\n2009-10-12,5\n");
    assert_eq!((bank.kind, bank.records()), (Kind::OtherTable, 0));
    assert_eq!(bank.unreadable.list, []);
}

#[test]
fn a_card_that_lost_its_beginning_is_a_card() {
    let file = "VERSION:2.1\r\nN:Foots;Al\r\nTEL:1\r\nEND:VCARD\r\n";
    let found = read("a.vcf", file);
    assert_eq!(
        found.contacts[0].contact.names[0].family.as_deref(),
        Some("Foots")
    );
    assert_eq!(found.contacts[0].raw, 0..file.len());
    let nothing = read("notes.txt", "Dear diary");
    assert_eq!((nothing.kind, nothing.records()), (Kind::Unknown, 0));
    assert_eq!(nothing.unreadable.list[0].fault, Fault::UnknownFile);
    assert_eq!(read("a.vcf", ""), Found::default());
}

#[test]
fn a_phone_s_week_and_its_alarms() {
    let event = event(
        "SUMMARY;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Z=C3=BCrich=0D=0A=\r\nTram\r\nDTSTART:20060406T173000\r\n\
         DTEND:20060406T183000\r\nRRULE:W1 TH 20060427T000000\r\nEXDATE:20060413T173000;20060420T173000\r\n\
         AALARM;TYPE=X-EPOCSOUND:20060406T171500;;0;Chimes\r\nDALARM:20060406T171500;PT5M;2;Go\r\n\
         X-EPOCAGENDAENTRYTYPE:APPOINTMENT\r\nSTATUS:NEEDS ACTION\r\nCLASS:PRIVATE\r\nTRANSP:1\r\n\
         CATEGORIES:MEETING;TRAVEL\r\nX-IRMC-LUID:7\r\n",
    );
    assert_eq!(event.title.as_deref(), Some("Zürich\nTram"));
    let start = Moment::Time {
        millis: 1_144_344_600_000,
        zone: Moment::FLOATING.into(),
    };
    assert_eq!(event.start, Some(start));
    assert_eq!(
        event.rrule.as_deref(),
        Some("FREQ=WEEKLY;BYDAY=TH;UNTIL=20060427T000000")
    );
    assert_eq!(
        event.exdate.as_deref(),
        Some("20060413T173000,20060420T173000")
    );
    assert_eq!(
        event.reminders,
        [Reminder {
            minutes: Some(15),
            method: ReminderMethod::Alarm,
            ..Reminder::default()
        }]
    );
    assert_eq!(
        (event.access, event.availability),
        (Access::Private, Availability::Free)
    );
    let kept: Vec<&str> = event.extended.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(
        kept,
        [
            "categories",
            "AALARM;TYPE=X-EPOCSOUND",
            "DALARM",
            "X-EPOCAGENDAENTRYTYPE",
            "STATUS",
            "X-IRMC-LUID"
        ]
    );
}

#[test]
fn whole_days_as_phones_say_them() {
    let day = Some(Moment::Date(10_968)); // 2000-01-12
    let after = Some(Moment::Date(10_969));
    for (properties, end) in [
        ("DTSTART:20000112\r\n", None),
        ("DTSTART:20000112\r\nDTEND:20000112\r\n", after.clone()),
        (
            "DTSTART:20000112T000000\r\nDTEND:20000113T000000\r\n",
            after.clone(),
        ),
        (
            "DTSTART:20000112T000000\r\nDTEND:20000112T235900\r\n",
            after.clone(),
        ),
        (
            "DTSTART:20000112T000000\r\nDTEND:20000112T240000\r\n",
            after.clone(),
        ),
        (
            "X-EPOCAGENDAENTRYTYPE:EVENT\r\nDTSTART:20000112T000000Z\r\nDTEND:20000113T000000Z\r\n",
            after.clone(),
        ),
        (
            "X-EPOCAGENDAENTRYTYPE:ANNIVERSARY\r\nDTSTART:20000112T000000Z\r\nDTEND:20000112T000000Z\r\n",
            None,
        ),
        (
            "X-MICROSOFT-CDO-ALLDAYEVENT:TRUE\r\nDTSTART:20000112T000000\r\nDTEND:20000113T000000\r\n",
            after.clone(),
        ),
    ] {
        let event = event(&format!("SUMMARY:x\r\n{properties}"));
        assert_eq!((event.start, event.end), (day.clone(), end), "{properties}");
    }
    for timed in [
        "X-EPOCAGENDAENTRYTYPE:APPOINTMENT\r\nDTSTART:20000112T000000Z\r\nDTEND:20000113T000000Z\r\n",
        "DTSTART:20000112T000000\r\nDTEND:20000112T010000\r\n",
        "DTSTART:20000112T000000\r\nDTEND:20000112T000000\r\n",
    ] {
        assert!(
            matches!(event(timed).start, Some(Moment::Time { .. })),
            "{timed}"
        );
    }
}

#[test]
fn to_dos_of_palm_and_psion() {
    let Some(found) = sample(&format!("{SYMBIAN}TestvCals/Palm5/All.vcs")) else {
        return;
    };
    let todos: Vec<&Todo> = found.todos.iter().map(|t| &t.record).collect();
    let register = todos.iter().find(|t| t.done).expect("one is done");
    assert_eq!(register.title.as_deref(), Some("Don't forget to register!"));
    assert!(
        register
            .notes
            .as_deref()
            .is_some_and(|n| n.contains("-SPECIAL OFFERS on accessories"))
    );
    assert_eq!(
        (register.list.as_str(), register.priority),
        ("X-Unfiled", Some(1))
    );
    let found = sample(&format!("{SYMBIAN}TestvCals/EpocER5/todo-duetommorow.vcs")).unwrap();
    let todo = &found.todos[0].record;
    assert_eq!(todo.due, Some(Moment::Date(10_970)));
    assert_eq!(todo.title.as_deref(), Some("to-do item due tommorow"));
    assert_eq!(todo.list, "To-do list");
}

#[test]
fn notes_of_phones_and_journals() {
    let found = read(
        "a.vnt",
        b"BEGIN:VNOTE\r\nVERSION:1.1\r\nX-IRMC-LUID:000200000101\r\nBODY;ENCODING=QUOTED-PRINTABLE:Sexta=0A12.10 almo=E7o\r\n\
          DCREATED:20080101T120000\r\nLAST-MODIFIED:20080102T120000Z\r\nEND:VNOTE\r\n",
    );
    assert_eq!(found.kind, Kind::VNote);
    let note = &found.notes[0].record;
    assert_eq!(note.text, "Sexta\n12.10 almoço");
    assert_eq!(
        note.modified,
        Some(Moment::Time {
            millis: 1_199_275_200_000,
            zone: "UTC".into()
        })
    );
    assert_eq!(
        note.extended,
        [("X-IRMC-LUID".to_owned(), "000200000101".to_owned())]
    );
    let journal = read(
        "a.ics",
        "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VJOURNAL\nUID:1\nDTSTART;VALUE=DATE:20091012\nSUMMARY:Day\nDESCRIPTION:Rain\nEND:VJOURNAL\nEND:VCALENDAR",
    );
    let note = &journal.notes[0].record;
    assert_eq!(
        (note.title.as_deref(), note.text.as_str()),
        (Some("Day"), "Rain")
    );
    assert_eq!(note.date, Some(Moment::Date(14_529)));
}

#[test]
fn a_series_of_another_program_with_its_changes() {
    let found = read(
        "a.ics",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:Work\r\nBEGIN:VEVENT\r\nUID:1@x\r\nSUMMARY:Moved\r\n\
         RECURRENCE-ID;TZID=Europe/Berlin:20091019T090000\r\nDTSTART;TZID=Europe/Berlin:20091020T090000\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:1@x\r\nSUMMARY:Weekly\r\nDTSTART;TZID=Europe/Berlin:20091012T090000\r\n\
         DTEND;TZID=Europe/Berlin:20091012T100000\r\nRRULE:FREQ=WEEKLY\r\nEXDATE;TZID=Europe/Berlin:20091026T090000\r\n\
         URL:https://example.org/1\r\nORGANIZER;CN=Boss:mailto:boss@example.org\r\n\
         ATTENDEE;CN=\"Me, too\";PARTSTAT=TENTATIVE;ROLE=OPT-PARTICIPANT:mailto:me%2Bx@example.org\r\n\
         BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    assert_eq!(found.unreadable.list, []);
    assert_eq!(found.calendars[0].name, "Work");
    assert_eq!(found.events.len(), 1);
    let event = &found.events[0].record;
    assert_eq!(
        (event.uid.as_str(), event.calendar),
        ("1@x", found.calendars[0].row)
    );
    assert_eq!(event.changed[0].title.as_deref(), Some("Moved"));
    assert_eq!(
        event.exdate.as_deref(),
        Some("Europe/Berlin;20091026T090000")
    );
    assert_eq!(event.organizer.as_deref(), Some("boss@example.org"));
    assert_eq!(
        event.attendees[0].email.as_deref(),
        Some("me+x@example.org")
    );
    assert_eq!(
        (event.attendees[0].status, event.attendees[0].role),
        (AttendeeStatus::Tentative, AttendeeRole::Optional)
    );
    assert_eq!(event.reminders[0].minutes, Some(15));
    assert_eq!(event.extended[0].value, "https://example.org/1");
}
