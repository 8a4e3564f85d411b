//! Contacts of unusual people: one that fills every field, and random ones from proptest.

use lifeboat::model::*;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub const HOSTILE: [&str; 24] = [
    "semi;colon, comma: colon\\back\\n slash",
    "line one\nline two\r\nline three\rline four",
    "👨‍👩‍👧‍👦 e\u{301} 👍🏽 🇩🇪",
    "مرحبا بالعالم \u{202E}שלום",
    "  leading and trailing  ",
    "NULL",
    "null",
    "N/A",
    "\"quoted\" 'single' ^n ^^ ^'",
    "=cmd|' /C calc'!A0",
    "BEGIN:VCARD",
    "x\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0",
    "trailing backslash\\",
    "\\n\\,\\;\\\\",
    "tab\there",
    "a\u{2028}b\u{2029}c\u{FEFF}d\u{A0}e",
    "%41%0D%0A",
    "item1.TEL:1",
    "日本語の名前、読み",
    "_$!<Home>!$_",
    "joe at example dot org",
    "www.example.com/ä?b=c,d;e",
    "https://exämple.de/ä",
    "\u{1D11E}\u{10FFFF}",
];

fn h(n: usize) -> String {
    format!("{}#{n}", HOSTILE[n % HOSTILE.len()])
}

fn some(n: usize) -> Option<String> {
    Some(h(n))
}

/// A contact with an awkward value and its own number in each field.
pub fn every_field(seed: usize) -> Contact {
    let mut n = seed * 1000;
    let mut next = || {
        n += 1;
        n
    };
    let mut name = || PersonName {
        display: some(next()),
        prefix: some(next()),
        given: some(next()),
        middle: some(next()),
        family: some(next()),
        suffix: some(next()),
        phonetic_given: some(next()),
        phonetic_middle: some(next()),
        phonetic_family: some(next()),
    };
    let names = vec![name(), name()];
    let label = |n: usize| Label::Custom(h(n));
    Contact {
        uid: format!("urn:lifeboat:{seed}"),
        display_name: h(next()),
        names,
        nicknames: vec![
            Nickname {
                name: h(next()),
                label: Label::Default,
            },
            Nickname {
                name: h(next()),
                label: label(next()),
            },
        ],
        phones: [
            label(next()),
            Label::Mobile,
            Label::OtherFax,
            Label::Unknown("99".into()),
        ]
        .into_iter()
        .map(|label| Phone {
            number: h(next()),
            label,
            normalized: some(next()),
            primary: true,
        })
        .collect(),
        emails: [label(next()), Label::Mobile, Label::Unset]
            .into_iter()
            .map(|label| Email {
                address: h(next()),
                label,
                display_name: some(next()),
                primary: true,
            })
            .collect(),
        addresses: [label(next()), Label::Home]
            .into_iter()
            .map(|label| PostalAddress {
                formatted: some(next()),
                street: some(next()),
                po_box: some(next()),
                neighborhood: some(next()),
                city: some(next()),
                region: some(next()),
                postcode: some(next()),
                country: some(next()),
                label,
                primary: false,
            })
            .collect(),
        organizations: [label(next()), Label::Work]
            .into_iter()
            .map(|label| Organization {
                company: some(next()),
                title: some(next()),
                department: some(next()),
                job_description: some(next()),
                symbol: some(next()),
                phonetic_name: some(next()),
                office_location: some(next()),
                label,
            })
            .collect(),
        messengers: [
            MessengerService::Skype,
            MessengerService::Jabber,
            MessengerService::NetMeeting,
            MessengerService::Custom(h(next())),
            MessengerService::Unset,
        ]
        .into_iter()
        .map(|service| InstantMessenger {
            handle: h(next()),
            service,
            label: label(next()),
        })
        .collect(),
        notes: vec![
            h(next()),
            format!("{}#long", "ä long note, ".repeat(900)),
            h(next()),
        ],
        websites: [label(next()), Label::HomePage]
            .into_iter()
            .map(|label| Website {
                url: h(next()),
                label,
            })
            .collect(),
        dates: vec![
            ContactDate {
                date: "1985-04-12".into(),
                kind: DateKind::Birthday,
            },
            ContactDate {
                date: h(next()),
                kind: DateKind::Birthday,
            },
            ContactDate {
                date: "--06-30".into(),
                kind: DateKind::Anniversary,
            },
            ContactDate {
                date: h(next()),
                kind: DateKind::Anniversary,
            },
            ContactDate {
                date: "2001-09-09".into(),
                kind: DateKind::Custom(h(next())),
            },
            ContactDate {
                date: h(next()),
                kind: DateKind::Unknown("77".into()),
            },
        ],
        relations: vec![
            Relation {
                name: h(next()),
                kind: "spouse".into(),
                custom: false,
            },
            Relation {
                name: h(next()),
                kind: h(next()),
                custom: true,
            },
        ],
        sip_addresses: vec![SipAddress {
            address: h(next()),
            label: label(next()),
        }],
        identities: vec![ContactIdentity {
            identity: h(next()),
            namespace: some(next()),
        }],
        groups: vec![h(next()), h(next())],
        custom: vec![
            CustomRow {
                mimetype: "vnd.android.cursor.item/vnd.com.example.chat".into(),
                data: vec![(1, h(next())), (3, h(next())), (15, h(next()))],
                blobs: vec![14],
            },
            CustomRow {
                mimetype: h(next()),
                data: vec![(0, h(next())), (200, h(next()))],
                blobs: vec![],
            },
        ],
        unmapped: vec![UnmappedColumn {
            mimetype: "vnd.android.cursor.item/phone_v2".into(),
            column: "data5".into(),
            value: h(next()),
        }],
        has_picture: true,
        picture: None,
        attached: Vec::new(),
        starred: true,
        send_to_voicemail: true,
        custom_ringtone: some(next()),
        sources: vec![Source {
            account: Account {
                name: some(next()),
                kind: some(next()),
                data_set: some(next()),
            },
            source_id: some(next()),
            row: 4711,
            ..Source::default()
        }],
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z0-9 äß+;,:.\"\\\\@/^=-]{0,30}",
        2 => proptest::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => "[\\x00-\\x7f]{0,20}",
        1 => "\\PC{80,200}",
        1 => "[a-z.]{1,8}@[a-z-]{1,8}\\.[a-z]{1,4}",
        1 => "[a-z]{1,6}:(//)?[a-zA-Z0-9./?%,;-]{0,20}",
        1 => "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        1 => "--[0-9]{2}-[0-9]{2}",
    ]
}

fn label() -> impl Strategy<Value = Label> {
    use Label::*;
    prop_oneof![
        proptest::sample::select(vec![
            Unset,
            Home,
            Work,
            Other,
            Mobile,
            WorkFax,
            HomeFax,
            OtherFax,
            Pager,
            Callback,
            Car,
            CompanyMain,
            Isdn,
            Main,
            Radio,
            Telex,
            TtyTdd,
            WorkMobile,
            WorkPager,
            Assistant,
            Mms,
            HomePage,
            Blog,
            Profile,
            Ftp,
            Default,
            MaidenName,
            ShortName,
            Initials,
        ]),
        text().prop_map(Custom),
        text().prop_map(Unknown),
    ]
}

fn name() -> impl Strategy<Value = PersonName> {
    vec(option::of(text()), 9).prop_map(|mut t| PersonName {
        display: t.pop().flatten(),
        prefix: t.pop().flatten(),
        given: t.pop().flatten(),
        middle: t.pop().flatten(),
        family: t.pop().flatten(),
        suffix: t.pop().flatten(),
        phonetic_given: t.pop().flatten(),
        phonetic_middle: t.pop().flatten(),
        phonetic_family: t.pop().flatten(),
    })
}

fn address() -> impl Strategy<Value = PostalAddress> {
    (vec(option::of(text()), 8), label(), any::<bool>()).prop_map(|(mut t, label, primary)| {
        PostalAddress {
            formatted: t.pop().flatten(),
            street: t.pop().flatten(),
            po_box: t.pop().flatten(),
            neighborhood: t.pop().flatten(),
            city: t.pop().flatten(),
            region: t.pop().flatten(),
            postcode: t.pop().flatten(),
            country: t.pop().flatten(),
            label,
            primary,
        }
    })
}

fn organization() -> impl Strategy<Value = Organization> {
    (vec(option::of(text()), 7), label()).prop_map(|(mut t, label)| Organization {
        company: t.pop().flatten(),
        title: t.pop().flatten(),
        department: t.pop().flatten(),
        job_description: t.pop().flatten(),
        symbol: t.pop().flatten(),
        phonetic_name: t.pop().flatten(),
        office_location: t.pop().flatten(),
        label,
    })
}

fn date() -> impl Strategy<Value = ContactDate> {
    let kind = prop_oneof![
        Just(DateKind::Birthday),
        Just(DateKind::Anniversary),
        Just(DateKind::Other),
        text().prop_map(DateKind::Custom),
        text().prop_map(DateKind::Unknown),
    ];
    (text(), kind).prop_map(|(date, kind)| ContactDate { date, kind })
}

fn messenger() -> impl Strategy<Value = InstantMessenger> {
    use MessengerService::*;
    let service = prop_oneof![
        proptest::sample::select(vec![
            Unset, Aim, Msn, Yahoo, Skype, Qq, GoogleTalk, Icq, Jabber, NetMeeting
        ]),
        text().prop_map(Custom),
    ];
    (text(), service, label()).prop_map(|(handle, service, label)| InstantMessenger {
        handle,
        service,
        label,
    })
}

/// Generates arbitrary contacts.
pub fn contact() -> impl Strategy<Value = Contact> {
    let phone = (text(), label(), option::of(text()), any::<bool>()).prop_map(
        |(number, label, normalized, primary)| Phone {
            number,
            label,
            normalized,
            primary,
        },
    );
    let email = (text(), label(), option::of(text()), any::<bool>()).prop_map(
        |(address, label, display_name, primary)| Email {
            address,
            label,
            display_name,
            primary,
        },
    );
    let relation = (text(), text(), any::<bool>()).prop_map(|(name, kind, custom)| Relation {
        name,
        kind,
        custom,
    });
    let row = (
        text(),
        vec((any::<u8>(), text()), 0..4),
        vec(any::<u8>(), 0..2),
    )
        .prop_map(|(mimetype, data, blobs)| CustomRow {
            mimetype,
            data,
            blobs,
        });
    let unmapped = (text(), text(), text()).prop_map(|(mimetype, column, value)| UnmappedColumn {
        mimetype,
        column,
        value,
    });
    let first = (
        text(),
        vec(name(), 0..3),
        vec(
            (text(), label()).prop_map(|(name, label)| Nickname { name, label }),
            0..3,
        ),
        vec(phone, 0..4),
        vec(email, 0..4),
        vec(address(), 0..3),
        vec(organization(), 0..3),
        vec(messenger(), 0..3),
        vec(text(), 0..3),
    );
    let second = (
        vec(
            (text(), label()).prop_map(|(url, label)| Website { url, label }),
            0..3,
        ),
        vec(date(), 0..4),
        vec(relation, 0..3),
        vec(
            (text(), label()).prop_map(|(address, label)| SipAddress { address, label }),
            0..2,
        ),
        vec(
            (text(), option::of(text())).prop_map(|(identity, namespace)| ContactIdentity {
                identity,
                namespace,
            }),
            0..2,
        ),
        vec(text(), 0..3),
        vec(row, 0..2),
        vec(unmapped, 0..2),
        (text(), any::<bool>(), option::of(text())),
    );
    (first, second).prop_map(|(first, second)| {
        let (
            display_name,
            names,
            nicknames,
            phones,
            emails,
            addresses,
            organizations,
            messengers,
            notes,
        ) = first;
        let (
            websites,
            dates,
            relations,
            sip_addresses,
            identities,
            groups,
            custom,
            unmapped,
            (uid, starred, custom_ringtone),
        ) = second;
        Contact {
            uid,
            display_name,
            names,
            nicknames,
            phones,
            emails,
            addresses,
            organizations,
            messengers,
            notes,
            websites,
            dates,
            relations,
            sip_addresses,
            identities,
            groups,
            custom,
            unmapped,
            has_picture: starred,
            picture: None,
            attached: Vec::new(),
            starred,
            send_to_voicemail: starred,
            custom_ringtone,
            sources: vec![Source::default()],
        }
    })
}

/// Every text of a contact that its owner may look for, with the name of its field.
pub fn texts(contact: &Contact) -> Vec<(&'static str, &str)> {
    let mut all: Vec<(&'static str, &str)> = vec![("display name", &contact.display_name)];
    fn opt<'a>(
        all: &mut Vec<(&'static str, &'a str)>,
        what: &'static str,
        text: &'a Option<String>,
    ) {
        all.extend(text.as_deref().map(|text| (what, text)));
    }
    fn word<'a>(all: &mut Vec<(&'static str, &'a str)>, label: &'a Label) {
        if let Label::Custom(word) | Label::Unknown(word) = label {
            all.push(("label", word));
        }
    }
    for name in &contact.names {
        opt(&mut all, "shown name", &name.display);
        opt(&mut all, "prefix", &name.prefix);
        opt(&mut all, "given", &name.given);
        opt(&mut all, "middle", &name.middle);
        opt(&mut all, "family", &name.family);
        opt(&mut all, "suffix", &name.suffix);
        opt(&mut all, "phonetic given", &name.phonetic_given);
        opt(&mut all, "phonetic middle", &name.phonetic_middle);
        opt(&mut all, "phonetic family", &name.phonetic_family);
    }
    for nickname in &contact.nicknames {
        all.push(("nickname", &nickname.name));
        word(&mut all, &nickname.label);
    }
    for phone in &contact.phones {
        all.push(("phone", &phone.number));
        opt(&mut all, "normalized", &phone.normalized);
        word(&mut all, &phone.label);
    }
    for email in &contact.emails {
        all.push(("email", &email.address));
        opt(&mut all, "email name", &email.display_name);
        word(&mut all, &email.label);
    }
    for address in &contact.addresses {
        opt(&mut all, "formatted", &address.formatted);
        opt(&mut all, "street", &address.street);
        opt(&mut all, "po box", &address.po_box);
        opt(&mut all, "neighborhood", &address.neighborhood);
        opt(&mut all, "city", &address.city);
        opt(&mut all, "region", &address.region);
        opt(&mut all, "postcode", &address.postcode);
        opt(&mut all, "country", &address.country);
        word(&mut all, &address.label);
    }
    for o in &contact.organizations {
        opt(&mut all, "company", &o.company);
        opt(&mut all, "title", &o.title);
        opt(&mut all, "department", &o.department);
        opt(&mut all, "job", &o.job_description);
        opt(&mut all, "symbol", &o.symbol);
        opt(&mut all, "phonetic company", &o.phonetic_name);
        opt(&mut all, "office", &o.office_location);
        word(&mut all, &o.label);
    }
    for m in contact.messengers.iter().filter(|m| !m.handle.is_empty()) {
        all.push(("messenger", &m.handle));
        if let MessengerService::Custom(service) = &m.service {
            all.push(("service", service));
        }
        word(&mut all, &m.label);
    }
    all.extend(contact.notes.iter().map(|note| ("note", note.as_str())));
    for w in &contact.websites {
        all.push(("website", &w.url));
        word(&mut all, &w.label);
    }
    for d in contact.dates.iter().filter(|d| !d.date.is_empty()) {
        all.push(("date", &d.date));
        if let DateKind::Custom(word) | DateKind::Unknown(word) = &d.kind {
            all.push(("kind of date", word));
        }
    }
    for r in &contact.relations {
        all.push(("relation", &r.name));
        if r.custom {
            all.push(("kind of relation", &r.kind));
        }
    }
    for s in &contact.sip_addresses {
        all.push(("sip", &s.address));
        word(&mut all, &s.label);
    }
    for i in contact.identities.iter().filter(|i| !i.identity.is_empty()) {
        all.push(("identity", &i.identity));
        opt(&mut all, "namespace", &i.namespace);
    }
    all.extend(contact.groups.iter().map(|group| ("group", group.as_str())));
    for row in &contact.custom {
        all.push(("mimetype", &row.mimetype));
        all.extend(row.data.iter().map(|(_, text)| ("column", text.as_str())));
    }
    for u in &contact.unmapped {
        all.push(("unmapped", &u.value));
    }
    opt(&mut all, "ringtone", &contact.custom_ringtone);
    for s in &contact.sources {
        opt(&mut all, "account", &s.account.name);
        opt(&mut all, "account kind", &s.account.kind);
        opt(&mut all, "server id", &s.source_id);
    }
    all.retain(|(_, text)| !text.is_empty());
    all
}

/// Returns the text as every vCard must hold it: no control characters, LF as line end.
pub fn carried(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    lifeboat::format::vcard::scrubbed(&text).0.into_owned()
}
