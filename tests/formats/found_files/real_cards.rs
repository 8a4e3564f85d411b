//! Cards as real programs write them: run together, joined, broken over lines, spelt differently, and groups.

use lifeboat::format::found::{self, Found};
use lifeboat::format::vcard::{Photo, v3, v4};
use lifeboat::format::versit::Fault;
use lifeboat::format::{Losses, vcard};
use lifeboat::model::*;

fn read(file: impl AsRef<[u8]>) -> Found {
    found::read("a.vcf", file.as_ref())
}

fn names(found: &Found) -> Vec<&str> {
    let contacts = found.contacts.iter();
    contacts.map(|c| c.contact.display_name.as_str()).collect()
}

fn faults(found: &Found) -> Vec<Fault> {
    found.unreadable.list.iter().map(|u| u.fault).collect()
}

/// The only contact of a card with these lines. The reader must report no faults.
#[track_caller]
fn contact(lines: &str) -> Contact {
    let file = format!("BEGIN:VCARD\r\nVERSION:3.0\r\n{lines}END:VCARD\r\n");
    let mut found = read(&file);
    assert_eq!(found.unreadable.list, [], "{file}");
    assert_eq!(found.contacts.len(), 1, "{file}");
    found.contacts.remove(0).contact
}

fn card(name: &str) -> String {
    format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nTEL:1\r\nEND:VCARD\r\n")
}

#[test]
fn cards_begin_anywhere() {
    let (a, b) = (card("Zoë"), card("Bo"));
    let glued = a.trim_end();
    for (file, junk) in [
        (format!("{glued}{b}"), false),
        (format!("{glued} {b}"), false),
        (format!("{glued}\u{FEFF}{b}"), false),
        (format!("{a}\u{FEFF}{b}"), false),
        (format!("\u{FEFF}\u{FEFF}{a}\u{FEFF}\r\n{b}"), false),
        (format!("{a} {b}"), false),
        (
            format!("  {}{b}", a.replace('\n', "\n  ").trim_end_matches(' ')),
            false,
        ),
        (
            a.replace("\r\n", "\r\n\t")
                .replace("\tEND", "END")
                .trim_end_matches('\t')
                .to_owned()
                + &b,
            false,
        ),
        (format!("{a}\t{b}"), false),
        (format!("{a}\0{b}\0\0"), false),
        (format!("{glued};\r\n{b}"), true),
        (format!("{glued}</pre><pre>{b}"), true),
        (a.replace("VCARD\r\nVERSION", "VCARDVERSION") + &b, false),
        (a.replace("\r\nEND", "END") + &b, false),
        (
            a.replace("\r\nEND", "END").trim_end().to_owned() + &b,
            false,
        ),
        (
            a.replace("\r\nEND", "END") + &b.replace("\r\nEND", "END"),
            false,
        ),
        (format!("{a}See his card: {b}"), true),
        (
            a.to_lowercase().replace("zoë", "Zoë").trim_end().to_owned() + &b,
            false,
        ),
    ] {
        let found = read(&file);
        assert_eq!(names(&found), ["Zoë", "Bo"], "{file}");
        let phones = found.contacts.iter().map(|c| c.contact.phones.len());
        assert_eq!(phones.collect::<Vec<_>>(), [1, 1], "{file}");
        assert_eq!(!found.unreadable.list.is_empty(), junk, "{file}");
        for card in &found.contacts {
            let again = read(&file.as_bytes()[card.raw.clone()]);
            assert_eq!(
                again.contacts[0].contact.display_name,
                card.contact.display_name
            );
        }
    }
}

#[test]
fn a_card_that_was_cut_off_and_one_joined_to_it_are_two() {
    let found = read(
        "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nNOTE:helBEGIN:VCARD\nVERSION:3.0\nFN:Bo\nEND:VCARD\n",
    );
    assert_eq!(names(&found), ["Ada", "Bo"]);
    assert_eq!(found.contacts[0].contact.notes, ["hel"]);
    assert_eq!(faults(&found), [Fault::NoEnd]);
}

#[test]
fn a_text_that_says_begin_is_no_card() {
    for note in [
        "he said BEGIN:VCARD to me",
        "BEGIN:VCARD",
        "it ends in END:VCARD",
        "BEGIN:VCARD\\nVERSION:3.0\\nFN:x\\nEND:VCARD",
        "END:VCARDBEGIN:VCARD and more",
        "text\r\n BEGIN:VCARD\r\n  and more",
        "BEGIN:VCALENDAR",
    ] {
        let contact = contact(&format!("FN:Ada\r\nNOTE:{note}\r\nTEL:1\r\n"));
        assert_eq!(contact.display_name, "Ada");
        assert_eq!(contact.phones.len(), 1, "{note}");
        let wanted = note.replace("\r\n ", "").replace("\\n", "\n");
        assert_eq!(contact.notes, [wanted]);
    }
}

#[test]
fn files_of_several_encodings_that_were_joined() {
    let part = |name: &str| card(name);
    let utf8 = part("Zoë Šimková 青木").into_bytes();
    let (latin, ..) = encoding_rs::WINDOWS_1252.encode("Jörg Groß, Köln, Straße über");
    let latin = [
        b"BEGIN:VCARD\r\nVERSION:2.1\r\nFN:",
        &latin[..],
        b"\r\nEND:VCARD\r\n",
    ]
    .concat();
    let wide = |mark: bool, big: bool| -> Vec<u8> {
        let mark = if mark { "\u{FEFF}" } else { "" };
        let text = format!("{mark}{}", part("Čapek 😀"));
        let units = text.encode_utf16();
        match big {
            true => units.flat_map(u16::to_be_bytes).collect(),
            false => units.flat_map(u16::to_le_bytes).collect(),
        }
    };
    let mut parts: Vec<(Vec<u8>, &str)> = vec![
        (utf8.clone(), "Zoë Šimková 青木"),
        ([b"\xEF\xBB\xBF", &utf8[..]].concat(), "Zoë Šimková 青木"),
        (latin, "Jörg Groß, Köln, Straße über"),
    ];
    for mark in [true, false] {
        for big in [true, false] {
            parts.push((wide(mark, big), "Čapek 😀"));
        }
    }
    for (a, first) in &parts {
        for (b, second) in &parts {
            for (c, third) in &parts {
                let file = [&a[..], b, c].concat();
                let found = read(&file);
                assert_eq!(names(&found), [*first, second, third]);
                assert_eq!(found.unreadable.list, []);
                for card in &found.contacts {
                    let again = read(&file[card.raw.clone()]);
                    assert_eq!(names(&again), [card.contact.display_name.as_str()]);
                }
            }
        }
    }
}

#[test]
fn values_go_on_in_the_next_line_in_every_property() {
    let contact = contact(
        "FN:Gábor B\n\nMezei-Farkas\r\nN:B\\n\\nMezei-Farkas;Gábor;;;\r\nTEL;TYPE=CELL:+36300000001\r\n\
         ORG:Alpha\nBeta Ltd\r\nADR;TYPE=HOME:;;Main 1\nDoor: 4;Pest;;1011;HU\r\nNICKNAME:gabi\nxl\r\n\
         TITLE:Head of\nall things\r\nCATEGORIES:Friends,\nWork\r\n\
         NOTE:see\nhttp://example.org/a?b=c\nDoor code: 12\n# 5\n\nthe end\r\nX-OTHER:a\nb\r\nEMAIL:\na@b.org\r\n",
    );
    assert_eq!(contact.display_name, "Gábor B\n\nMezei-Farkas");
    assert_eq!(
        contact.names[0].family.as_deref(),
        Some("B\n\nMezei-Farkas")
    );
    assert_eq!(
        contact.organizations[0].company.as_deref(),
        Some("Alpha\nBeta Ltd")
    );
    assert_eq!(
        contact.organizations[0].title.as_deref(),
        Some("Head of\nall things")
    );
    let address = &contact.addresses[0];
    assert_eq!(
        (
            address.street.as_deref(),
            address.city.as_deref(),
            address.country.as_deref()
        ),
        (Some("Main 1\nDoor: 4"), Some("Pest"), Some("HU"))
    );
    assert_eq!(contact.nicknames[0].name, "gabi\nxl");
    assert_eq!(contact.groups.len(), 2);
    assert_eq!(
        contact.notes,
        ["see\nhttp://example.org/a?b=c\nDoor code: 12\n# 5\n\nthe end"]
    );
    assert_eq!(contact.unmapped[0].value, "a\nb");
    assert_eq!(contact.emails[0].address, "a@b.org");
}

#[test]
fn a_machine_s_value_is_not_spoilt_by_what_comes_behind_it() {
    let found = read(
        "BEGIN:VCARD\nVERSION:3.0\njunk\nFN:A\nBDAY:1985-04-12\nmore junk\nTEL:1\nEND:VCARD\n",
    );
    assert_eq!(found.contacts[0].contact.dates[0].date, "1985-04-12");
    assert_eq!(faults(&found), [Fault::NotAProperty, Fault::NotAProperty]);
}

#[test]
fn soft_breaks_folds_and_blank_lines() {
    let long = "x".repeat(70);
    for (lines, wanted) in [
        // A soft break at the end of a short value has no meaning.
        (
            "NOTE;ENCODING=QUOTED-PRINTABLE:abc=\r\nTEL:1\r\n".to_owned(),
            None,
        ),
        (
            format!("NOTE;ENCODING=QUOTED-PRINTABLE:{long}=\r\nTEL:2\r\n"),
            Some(format!("{long}TEL:2")),
        ),
        (
            "NOTE;QUOTED-PRINTABLE:a=0D=0A=\r\nTEL:2\r\n".to_owned(),
            Some("a\nTEL:2".to_owned()),
        ),
        (
            "NOTE;ENCODING=\"QUOTED-PRINTABLE\":a=\r\nb\r\n".to_owned(),
            Some("ab".to_owned()),
        ),
        (
            "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Z=C3=AB\r\nM=C3=BC\r\n".to_owned(),
            Some("Zë\nMü".to_owned()),
        ),
        ("NOTE:a\r\n\tb\r\n".to_owned(), Some("ab".to_owned())),
    ] {
        let file = format!("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:a\r\n{lines}END:VCARD\r\n");
        let found = read(&file);
        let contact = &found.contacts[0].contact;
        match wanted {
            Some(wanted) => assert_eq!(contact.notes, [wanted], "{file}"),
            None => assert_eq!(
                (contact.phones.len(), faults(&found)),
                (1, vec![Fault::QuotedPrintable])
            ),
        }
    }
    // A blank line after every line.
    let file = "BEGIN:VCARD\nVERSION:3.0\nFN:Ada\nNOTE:one\n  two\n  three\nTEL:1\nEMAIL:a@b.org\nEND:VCARD\n";
    let found = read(file.replace('\n', "\n\n"));
    assert_eq!(found.unreadable.list, []);
    assert_eq!(found.contacts[0].contact.notes, ["one two three"]);
}

#[test]
fn parameters_in_every_spelling() {
    for (head, label, primary) in [
        ("TEL;TYPE=FAX\\,WORK", Label::WorkFax, false),
        ("TEL;TYPE=VOICE\\,CELL", Label::Mobile, false),
        ("TEL;TYPE=\"cell,voice\";PREF=1", Label::Mobile, true),
        ("TEL;TYPE=\"home\",\"fax\"", Label::HomeFax, false),
        ("TEL;TYPE='cell'", Label::Mobile, false),
        ("TEL;TYPE=HOME\\;FAX", Label::HomeFax, false),
        ("tel;type=Work;type=fax;type=pref", Label::WorkFax, true),
        ("TEL ; TYPE = cell ", Label::Mobile, false),
        ("TEL;;CELL;PREF;", Label::Mobile, true),
        ("TEL;TYPE=", Label::Unset, false),
        (
            "TEL;TYPE=X-Custom(Boat)",
            Label::Custom("Boat".into()),
            false,
        ),
        (
            "TEL;X-CUSTOM(CHARSET=UTF-8,ENCODING=QUOTED-PRINTABLE,=E6=89=8B)",
            Label::Custom("手".into()),
            false,
        ),
        (
            "TEL;TYPE=\"X-two^nwords\"",
            Label::Custom("two\nwords".into()),
            false,
        ),
        ("TEL;TYPE=_Sommer", Label::Custom("_Sommer".into()), false),
        ("TEL;CELL;X-EPOCCNTMODELLABEL1=Phone", Label::Mobile, false),
    ] {
        let contact = contact(&format!("FN:a\r\n{head}:123\r\n"));
        let phone = &contact.phones[0];
        assert_eq!((&phone.label, phone.primary), (&label, primary), "{head}");
    }
    for (label, wanted) in [
        ("_$!<Mobile>!$_", Label::Mobile),
        ("_$!<WorkFAX>!$_", Label::WorkFax),
        ("_$!<HomePage>!$_", Label::HomePage),
        ("Boat house", Label::Custom("Boat house".into())),
        ("", Label::Unset),
    ] {
        let file = format!("FN:a\r\nITEM1.TEL:123\r\nItem1.X-ABLABEL:{label}\r\n");
        assert_eq!(contact(&file).phones[0].label, wanted, "{label}");
    }
}

#[test]
fn addresses_of_people_in_their_uri_forms() {
    let contact = contact(
        "FN:a\r\nTEL;VALUE=uri;TYPE=\"voice,work\":tel:+49-30-0000099;ext=12\r\nTEL;VALUE=uri:TEL:+49%2030\r\n\
         EMAIL;VALUE=uri:mailto:tess%2Bx@example.org?subject=hi\r\nEMAIL:MAILTO:mo@example.org\r\nKIND:individual\r\n\
         IMPP:xmpp:tess@example.org\r\nIMPP;X-SERVICE-TYPE=Skype:live:.cid.1\r\nIMPP;SERVICE-TYPE=Jabber:xmpp:b@c\r\n\
         IMPP:aim:goim?screenname=tess\r\nX-SOCIALPROFILE;type=mastodon:https://soc.example.org/@mem\r\n\
         X-SOCIALPROFILE;type=twitter;x-user=mem:https://twitter.com/mem\r\n\
         X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Otto Ber;14;;;;;;;;;;;;;\r\n\
         X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Ida;0;godmother;;;;;;;;;;;;\r\n\
         RELATED;TYPE=spouse;VALUE=text:Ann\r\nANNIVERSARY:20090808\r\nBDAY:--4-12\r\nGENDER:F\r\nGEO:geo:54.3,10.1\r\n",
    );
    let numbers: Vec<&str> = contact.phones.iter().map(|p| p.number.as_str()).collect();
    assert_eq!(numbers, ["+49-30-0000099;ext=12", "+49 30"]);
    let emails: Vec<&str> = contact.emails.iter().map(|e| e.address.as_str()).collect();
    assert_eq!(emails, ["tess+x@example.org", "mo@example.org"]);
    let chats: Vec<(&str, &MessengerService)> = contact
        .messengers
        .iter()
        .map(|m| (m.handle.as_str(), &m.service))
        .collect();
    assert_eq!(
        chats,
        [
            ("tess@example.org", &MessengerService::Jabber),
            ("live:.cid.1", &MessengerService::Skype),
            ("b@c", &MessengerService::Jabber),
            ("tess", &MessengerService::Aim),
        ]
    );
    assert_eq!(contact.websites[0].label, Label::Custom("mastodon".into()));
    let relation = |name: &str, kind: &str, custom| Relation {
        name: name.into(),
        kind: kind.into(),
        custom,
    };
    assert_eq!(
        contact.relations,
        [
            relation("Otto Ber", "spouse", false),
            relation("Ida", "godmother", true),
            relation("Ann", "spouse", false)
        ]
    );
    let dates: Vec<&str> = contact.dates.iter().map(|d| d.date.as_str()).collect();
    assert_eq!(dates, ["2009-08-08", "--04-12"]);
    let kept: Vec<&str> = contact.unmapped.iter().map(|u| u.column.as_str()).collect();
    assert_eq!(
        kept,
        ["X-SOCIALPROFILE;TYPE=twitter;X-USER=mem", "GENDER", "GEO"]
    );
}

#[test]
fn numbers_under_names_that_vcard_does_not_know() {
    let read = contact(
        "FN:Oscar\r\nNAME:Oscar\r\nPHONE.WORK:0704189993\r\nMOBILE:+46 70 242 70 55\r\nE-MAIL:o@example.org\r\n\
         LAST:A house\r\nMOBILE:ask him\r\n",
    );
    let numbers: Vec<(&Label, &str)> = read
        .phones
        .iter()
        .map(|phone| (&phone.label, phone.number.as_str()))
        .collect();
    assert_eq!(
        numbers,
        [
            (&Label::Work, "0704189993"),
            (&Label::Mobile, "+46 70 242 70 55")
        ]
    );
    assert_eq!(read.emails[0].address, "o@example.org");
    // What they mean is not known: they are kept as they are.
    assert_eq!(read.unmapped.len(), 3);
}

#[test]
fn groups_are_no_people() {
    let member = |uid: &str, name: &str| {
        format!("BEGIN:VCARD\nVERSION:3.0\nUID:{uid}\nFN:{name}\nTEL:1\nEND:VCARD\n")
    };
    let apple = "BEGIN:VCARD\nVERSION:3.0\nN:Rowing club\nFN:Rowing club\nX-ADDRESSBOOKSERVER-KIND:group\n\
                 X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:AAAA-1\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:bbbb-2\nUID:g1\nEND:VCARD\n";
    let four = "BEGIN:VCARD\nVERSION:4.0\nkind:Group\nFN:Crew\nMEMBER:urn:uuid:bbbb-2\nMEMBER:mailto:CY@example.org\nEND:VCARD\n";
    let cy = "BEGIN:VCARD\nVERSION:4.0\nFN:Cy\nEMAIL:cy@example.org\nRELATED;TYPE=friend:urn:uuid:aaaa-1\nEND:VCARD\n";
    let people = [
        member("aaaa-1", "Ada"),
        member("urn:uuid:BBBB-2", "Bo"),
        cy.to_owned(),
    ]
    .concat();
    for file in [
        format!("{apple}{people}{four}"),
        format!("{people}{four}{apple}"),
        // Large enough for the reader's second pass.
        format!("{apple}{people}{}{four}", "\n".repeat(7 << 20)),
    ] {
        let found = read(&file);
        assert_eq!(found.unreadable.list, []);
        assert_eq!(names(&found), ["Ada", "Bo", "Cy"]);
        let groups: Vec<Vec<String>> = found
            .contacts
            .iter()
            .map(|c| {
                let mut groups = c.contact.groups.clone();
                groups.sort();
                groups
            })
            .collect();
        assert_eq!(
            groups,
            [
                vec!["Rowing club"],
                vec!["Crew", "Rowing club"],
                vec!["Crew"]
            ]
        );
        assert_eq!(found.contacts[2].contact.relations[0].name, "Ada");
    }
    for kind in [
        "KIND:group",
        "X-KIND:group",
        "x-kind;value=text: Group",
        "item1.X-ADDRESSBOOKSERVER-KIND:GROUP",
        "item1.x-addressbookserver-kind:group",
    ] {
        for version in ["3.0", "4.0"] {
            let file = format!(
                "BEGIN:VCARD\nVERSION:{version}\n{kind}\nFN:Crew\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:aaaa-1\n\
                 END:VCARD\n{}",
                member("aaaa-1", "Ada")
            );
            let found = read(&file);
            assert_eq!(
                (names(&found), faults(&found)),
                (vec!["Ada"], vec![]),
                "{file}"
            );
            assert_eq!(found.contacts[0].contact.groups, ["Crew"], "{file}");
        }
    }
    // Unknown members, groups without members and other data about a group are reported.
    let lonely =
        "BEGIN:VCARD\nVERSION:4.0\nKIND:group\nFN:Nobody\nNOTE:since 1990\nUID:n\nEND:VCARD\n";
    let found = read(format!("{apple}{lonely}{}", member("aaaa-1", "Ada")));
    assert_eq!(names(&found), ["Ada"]);
    let said: Vec<&str> = found
        .unreadable
        .list
        .iter()
        .map(|u| u.text.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "Rowing club: 1: urn:uuid:bbbb-2",
            "Nobody: the group is empty",
            "Nobody: other details of the group: “since 1990”"
        ]
    );
    // A card of a company is not a group.
    let firm = contact("FN:Firm\r\nKIND:org\r\nMEMBER:urn:uuid:1\r\n");
    assert_eq!(firm.unmapped.len(), 2);
}

#[test]
fn pictures_of_every_format_and_other_bytes_are_carried() {
    let jpeg = b"\xFF\xD8\xFF\xE0 a picture";
    for start in [
        &jpeg[..],
        b"\x89PNG\r\n\x1A\n",
        b"GIF89a",
        b"BM....",
        b"RIFF\x22\0\0\0WEBPVP8 ",
        b"\0\0\0\x18ftypheic",
        b"\0\0\0\x18ftypmif1",
        b"\0\0\0\x18ftypavif",
        b"II*\0",
        b"MM\0*",
    ] {
        assert!(Photo::is_one(start));
    }
    let contact = contact("FN:Ada\r\n");
    let mut photo = Photo::of(jpeg).unwrap();
    photo.join(Photo::attached("PHOTO", "JPEG", b"\xFF\xD8\xFF\xE1 another").unwrap());
    photo.join(Photo::attached("LOGO", "image/svg+xml", b"<svg/>").unwrap());
    photo.join(Photo::attached("KEY", "PGP", &[7; 200]).unwrap());
    photo.join(Photo::attached("X-MS-CARDPICTURE", "", b"\xFF\xD8\xFF\xE2").unwrap());
    let mut three = Vec::new();
    v3::write(&contact, &mut three, &mut Losses::default());
    photo.put_into_v3(&mut three);
    let mut four = Vec::new();
    v4::write(&contact, &mut four, &mut Losses::default()).unwrap();
    photo.put_into_v4(&mut four);
    for file in [three, four] {
        let text = String::from_utf8(file.clone()).unwrap();
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(
            vcard::read::CardReader::new(&file[..]).all(|card| card.is_ok()),
            "{text}"
        );
        let found = read(&file);
        assert_eq!(found.unreadable.list, [], "{text}");
        let all: Vec<(&str, &[u8])> = found.contacts[0]
            .attachments
            .iter()
            .map(|a| (a.property.as_str(), a.bytes.as_slice()))
            .collect();
        assert_eq!(
            all,
            [
                ("PHOTO", &jpeg[..]),
                ("PHOTO", b"\xFF\xD8\xFF\xE1 another"),
                ("LOGO", b"<svg/>"),
                ("KEY", &[7; 200]),
                ("X-MS-CARDPICTURE", b"\xFF\xD8\xFF\xE2"),
            ],
            "{text}"
        );
    }
}

#[test]
fn what_a_limit_leaves_out_is_counted() {
    let agent = |inner: &str| {
        format!(
            "BEGIN:VCARD\\nFN:x\\nAGENT:{}END:VCARD\\n",
            inner.replace('\\', "\\\\")
        )
    };
    let deep = (0..6).fold(
        "BEGIN:VCARD\\nFN:last\\nEND:VCARD\\n".to_owned(),
        |inner, _| agent(&inner.replace(['\n'], "\\n")),
    );
    let found = read(format!(
        "BEGIN:VCARD\nVERSION:3.0\nFN:a\nAGENT:{deep}\nEND:VCARD\n"
    ));
    assert!(
        faults(&found).contains(&Fault::TooDeep),
        "{:?}",
        found.unreadable
    );
    let many = "TEL:1\n".repeat(20_010);
    let found = read(format!("BEGIN:VCARD\nFN:a\n{many}END:VCARD\n"));
    assert_eq!(found.unreadable.list[0].fault, Fault::TooMany);
    assert_eq!(
        found.unreadable.list[0].text,
        "11 values were not read, because a record has more than 20000"
    );
    let cards = "BEGIN:VNOTE\nBODY:a\nEND:VNOTE\n".repeat(found::MAX_RECORDS + 7);
    let found = read(cards);
    assert_eq!(
        found.unreadable.list[0].text,
        "7 records were not read, because the file has more than 200000"
    );
}

/// Files from public bug reports, in their reported form: see `tests/FIELD.md`.
#[test]
fn files_of_public_reports() {
    // Lines that end in soft breaks and are folded as well.
    let found = read(
        "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D0=90=D0=B2=D0=\n =B8=D0=B0=\n =D0=BC;=D0=92\nEND:VCARD\n",
    );
    assert_eq!(found.unreadable.list, []);
    assert_eq!(
        found.contacts[0].contact.names[0].family.as_deref(),
        Some("Авиам")
    );
    // A label before the property that it belongs to.
    let labelled = contact(
        "FN:a\r\nITEM1.X-ABLABEL:Name1\r\nITEM2.X-ABLABEL:Boat\r\nITEM1.X-ABDATE:20171111\r\nITEM2.TEL:1\r\n",
    );
    assert_eq!(labelled.dates[0].kind, DateKind::Custom("Name1".into()));
    assert_eq!(labelled.phones[0].label, Label::Custom("Boat".into()));
    assert_eq!(labelled.unmapped, []);
    // Separators that were escaped together with the texts.
    let escaped = contact(
        "N:Contact\\;Test\\;\\;\\;;;;;\r\nADR;HOME:\\;\\;1 Main St\\;Salem\\;OR\\;97301\\;USA\r\n",
    );
    assert_eq!(escaped.names[0].given.as_deref(), Some("Test"));
    assert_eq!(escaped.addresses[0].city.as_deref(), Some("Salem"));
    let kept = contact("N:Semi\\;Colon;;;;\r\n");
    assert_eq!(kept.names[0].family.as_deref(), Some("Semi;Colon"));
    // iOS.
    let file = "BEGIN:VCARD\nVERSION:3.0\nFN:a\nPHOTO;ENCODING=b,b;TYPE=JPEG,jpeg;X-ABCROP-RECTANGLE=abc_1&0&-49\n &274==:/9j/4AAQSkZJRgABAQAAAQABAAD/2Q==\n\nEND:VCARD\n";
    let found = read(file);
    assert_eq!(found.unreadable.list, []);
    assert!(found.contacts[0].contact.has_picture);
    // Android: a phonetic name without a name in it, and a text that continues on lines of its own.
    let found =
        read("BEGIN:VCARD\nVERSION:2.1\nFN:a\nSOUND;X-IRMC-N:;;;;\nNOTE:x\ny\n\nz\nEND:VCARD\n");
    assert_eq!(found.unreadable.list, []);
    assert_eq!(found.contacts[0].contact.notes, ["x\ny\n\nz"]);
    // Google: the whole address after its parts, escaped colons, and a label in Google's spelling.
    let google = contact(
        "N:;Shop (Durham\\; NC);;;\r\nitem1.ADR:;;225 Main Dr;Durham;NC;27713;US;225 Main Dr\\nDurham\r\n \\, NC 27713\\nUS\r\n\
         item1.X-ABLabel:\r\nitem2.URL:https\\://www.example.org/\r\nitem2.X-ABLabel:homePage\r\n",
    );
    assert_eq!(
        google.addresses[0].formatted.as_deref(),
        Some("225 Main Dr\nDurham, NC 27713\nUS")
    );
    assert_eq!(
        (google.websites[0].url.as_str(), &google.websites[0].label),
        ("https://www.example.org/", &Label::HomePage)
    );
    assert_eq!(google.unmapped, []);
    // Types repeated as a label, a Samsung type, iOS's placeholder for an unknown year, and Dolibarr's name for
    // quoted-printable.
    let words = contact(
        "FN:a\r\n9J.TEL;TYPE=pref:1\r\n9J.X-ABLABEL:WORK\\;VOICE\\;PREF\r\nTEL;CALLBACK:2\r\nBDAY;value=date:1604-06-26\r\n\
         TITLE;ENCODING=QUOTED:R=C3=A9f\r\n",
    );
    assert_eq!(
        (&words.phones[0].label, &words.phones[1].label),
        (&Label::Work, &Label::Callback)
    );
    assert_eq!(words.dates[0].date, "--06-26");
    assert_eq!(words.organizations[0].title.as_deref(), Some("Réf"));
    // A key that spans several unfolded lines.
    let key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nVersion: GnuPG v2\n\nmQENBFnX\nabcd=\n-----END PGP PUBLIC KEY BLOCK-----";
    let keyed = contact(&format!("FN:a\nKEY:{key}\nTEL:1\n"));
    assert_eq!(
        (keyed.unmapped[0].value.as_str(), keyed.phones.len()),
        (key, 1)
    );
    // The output of a program that converts tables.
    let found = read(
        "BEGIN:VCARD\nGroup: \nFirst name:Eddie\nLast name: \nE-Mail 2:eddie@example.org\nEND:VCARD\n",
    );
    assert_eq!(found.unreadable.list, []);
    assert!(
        found.contacts[0].contact.unmapped[0]
            .value
            .contains("eddie@example.org")
    );
}
