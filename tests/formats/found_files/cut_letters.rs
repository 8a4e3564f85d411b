//! A value that ends in a letter beyond ASCII is whole, and a letter that a fold cut in two is whole again.

use lifeboat::format::found;

fn names(bytes: &[u8]) -> Vec<String> {
    let found = found::read("contacts.vcf", bytes);
    let contacts = found.contacts.iter();
    contacts
        .map(|contact| contact.contact.display_name.clone())
        .collect()
}

#[test]
fn a_letter_at_the_end_of_its_line_is_read() {
    for property in ["ORG", "NOTE", "TITLE", "NICKNAME", "ADR;TYPE=HOME"] {
        for (letter, wanted) in [(b"\xE9", "Café"), (b"\xC3", "CafÃ"), (b"\xF1", "Cafñ")] {
            for end in ["\r\n", "\n"] {
                let mut card = format!("BEGIN:VCARD{end}VERSION:2.1{end}FN:Ann{end}{property}:Caf")
                    .into_bytes();
                card.extend(letter);
                card.extend(format!("{end}TEL:110{end}END:VCARD{end}").bytes());
                let found = found::read("contacts.vcf", &card);
                let contact = format!("{:?}", found.contacts[0].contact);
                assert!(contact.contains(wanted), "{property} {wanted}: {contact}");
            }
        }
    }
    let found = found::read(
        "calendar.ics",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTART:20240101T100000Z\r\n\
          SUMMARY:Caf\xE9\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    assert_eq!(found.events[0].record.title.as_deref(), Some("Café"));
    // The last byte of the file.
    let found = found::read(
        "contacts.vcf",
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Caf\xE9",
    );
    assert_eq!(found.contacts[0].contact.display_name, "Ann Café");
}

#[test]
fn a_letter_that_a_fold_cut_in_two_is_utf8() {
    // No other text of the file says what its charset is.
    for card in [
        &b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Caf\xC3\r\n \xA9\r\nEND:VCARD\r\n"[..],
        b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Caf\xC3\r\n\t\xA9\r\nEND:VCARD\r\n",
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN;ENCODING=QUOTED-PRINTABLE:Ann Caf=C3=\r\n=A9\r\nEND:VCARD\r\n",
    ] {
        assert_eq!(names(card), ["Ann Café"]);
    }
    // The same beside a line in another charset.
    let mixed = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Caf\xC3\r\n \xA9\r\nEND:VCARD\r\n\
        BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jos\xE9\r\nEND:VCARD\r\n";
    assert_eq!(names(mixed), ["Ann Café", "José"]);
}

/// ez-vcard issue 12.
#[test]
fn a_quoted_letter_at_the_end_is_read() {
    assert_eq!(
        names(
            b"BEGIN:VCARD\r\nFN;quoted-printable:Max Ma=DF\r\nTEL;voice:+49123123\r\nEND:VCARD\r\n"
        ),
        ["Max Maß"]
    );
}

#[test]
fn an_address_goes_on_in_the_next_line_without_a_break() {
    let found = found::read(
        "contacts.vcf",
        b"BEGIN:VCARD\nVERSION:3.0\nFN:Ann\nEMAIL:someone@exa\nmple.org\nURL:https://example.org/a\nlong/b\n\
          NOTE:one\ntwo\nTEL;TYPE=WORK\\;TYPE=CELL:110\nEND:VCARD\n",
    );
    let contact = &found.contacts[0].contact;
    assert_eq!(contact.emails[0].address, "someone@example.org");
    assert_eq!(contact.websites[0].url, "https://example.org/along/b");
    assert_eq!(contact.notes, ["one\ntwo"]);
    assert_eq!(format!("{:?}", contact.phones[0].label), "WorkMobile");
}
