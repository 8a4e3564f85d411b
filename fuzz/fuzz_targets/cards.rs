#![no_main]
//! Contacts with arbitrary text. What is written must be read back as one card, in both versions.

use lifeboat::format::Losses;
use lifeboat::format::vcard::{read::CardReader, v3, v4};
use lifeboat::model::{Contact, Email, PersonName, Phone};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The bytes as a damaged file.
    for card in CardReader::new(data).take(100).flatten() {
        for property in &card.properties {
            let _ = (property.text(), property.parts(), property.items());
        }
    }
    // The bytes as the text of a contact.
    let text = String::from_utf8_lossy(data).into_owned();
    let mut parts = text.split('\u{1}').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    let mut contact = Contact {
        uid: "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8".into(),
        display_name: next(),
        ..Contact::default()
    };
    contact.names.push(PersonName {
        given: Some(next()),
        family: Some(next()),
        ..PersonName::default()
    });
    contact.phones.push(Phone {
        number: next(),
        ..Phone::default()
    });
    contact.emails.push(Email {
        address: next(),
        ..Email::default()
    });
    contact.notes.push(next());
    contact.groups.push(next());
    let mut out = Vec::new();
    v3::write(&contact, &mut out, &mut Losses::default());
    let cards: Vec<_> = CardReader::new(&out[..]).collect::<Result<_, _>>().unwrap();
    assert_eq!(cards.len(), 1);
    let mut out = Vec::new();
    if v4::write(&contact, &mut out, &mut Losses::default()).is_ok() {
        let cards: Vec<_> = CardReader::new(&out[..]).collect::<Result<_, _>>().unwrap();
        assert_eq!(cards.len(), 1);
    }
});
