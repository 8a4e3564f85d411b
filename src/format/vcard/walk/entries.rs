//! The fields for which vCard has no single property: messengers, dates, relations and rows of other apps.
//!
//! Android's own importer turns `X-ANDROID-CUSTOM:mimetype;data1;…;data15` into a data row of any mimetype.

use std::borrow::Cow;

use super::{Group, NONE, Parameters, Sink, Walk, trimmed};
use crate::format::vcard::dates::{Date, date};
use crate::format::vcard::labels;
use crate::model::{
    ContactDate, ContactIdentity, CustomRow, DateKind, InstantMessenger, Label, MessengerService,
    Relation, UnmappedColumn,
};
use crate::phrase;

/// Rows that must not reach Android's importer, because they would do harm or show twice: row numbers of another
/// handset's groups, missing pictures, and values with their own property.
const NOT_FOR_ANDROID: [&str; 3] = [
    "vnd.android.cursor.item/group_membership",
    "vnd.android.cursor.item/photo",
    "vnd.android.cursor.item/name",
];

impl<S: Sink> Walk<'_, S> {
    /// Writes a row for Android's importer, which splits at semicolons even if they are escaped, and unescapes twice.
    /// In the row, `;` becomes `,` and `\` becomes `/`. Returns true if that changed a text.
    fn android(&mut self, group: Group, mimetype: &str, columns: &[&str]) -> bool {
        let mut changed = false;
        let parts: Vec<Cow<'_, str>> = std::iter::once(mimetype)
            .chain(trimmed(columns).iter().copied())
            .map(|text| {
                if text.contains([';', '\\']) {
                    changed = true;
                    Cow::Owned(text.replace(';', ",").replace('\\', "/"))
                } else {
                    Cow::Borrowed(text)
                }
            })
            .collect();
        let parts: Vec<&str> = parts.iter().map(Cow::as_ref).collect();
        self.sink.parts(group, "X-ANDROID-CUSTOM", &NONE, &parts);
        changed
    }

    pub(super) fn messengers(&mut self, messengers: &[InstantMessenger]) {
        for messenger in messengers.iter().filter(|m| !m.handle.is_empty()) {
            let shown = labels::electronic(&messenger.label);
            let known = known_service(&messenger.service);
            let own = match &messenger.service {
                MessengerService::Custom(service) => service.as_str(),
                _ => "",
            };
            let labelled = shown.label.is_some() || shown.number.is_some();
            let group = self.group(labelled || known.is_none());
            let parameters = Parameters {
                types: shown.types,
                custom: shown.custom,
                service: None,
                preferred: false,
            };
            match &known {
                Some(known) => {
                    self.sink
                        .text(group, known.property, &parameters, &messenger.handle)
                }
                None => self.android_messenger(group, messenger, own),
            }
            let (service, scheme) = known.map_or((own, "x-apple"), |k| (k.service, k.scheme));
            if !scheme.is_empty() {
                let uri = format!("{scheme}:{}", percent_encoded(&messenger.handle));
                let service = Some(service).filter(|service| !service.is_empty());
                self.sink.uri(
                    group,
                    "IMPP",
                    &Parameters {
                        service,
                        ..parameters
                    },
                    &uri,
                );
            }
            self.label(group, &shown);
        }
    }

    /// Android's columns: handle, type, label, -, protocol (-1: custom), protocol name.
    fn android_messenger(&mut self, group: Group, messenger: &InstantMessenger, service: &str) {
        let (kind, label) = match &messenger.label {
            Label::Home => ("1", ""),
            Label::Work => ("2", ""),
            Label::Custom(label) => ("0", label.as_str()),
            _ => ("3", ""),
        };
        let columns = [&messenger.handle, kind, label, "", "-1", service];
        self.android(group, "vnd.android.cursor.item/im", &columns);
    }

    pub(super) fn dates(&mut self, dates: &[ContactDate]) {
        let first = |kind: DateKind, fits: fn(Date) -> bool| {
            let mut all = dates.iter();
            all.find(|entry| entry.kind == kind && date(&entry.date).is_some_and(fits))
        };
        let birthday = first(DateKind::Birthday, |_| true);
        // Readers know BDAY without a year, but not ANNIVERSARY without one.
        let anniversary = first(DateKind::Anniversary, |day| day.year.is_some());
        if let Some(birthday) = birthday {
            self.sink.text(None, "BDAY", &NONE, &birthday.date);
        }
        if let Some(anniversary) = anniversary {
            // ANNIVERSARY for Android and vCard 4.0, X-ANNIVERSARY for Linux desktops, X-ABDATE for Apple and Google.
            self.sink
                .text(None, "ANNIVERSARY", &NONE, &anniversary.date);
            self.sink
                .text(None, "X-ANNIVERSARY", &NONE, &anniversary.date);
            let group = self.group(true);
            self.sink.text(group, "X-ABDATE", &NONE, &anniversary.date);
            self.sink
                .text(group, "X-ABLabel", &NONE, "_$!<Anniversary>!$_");
        }
        for entry in dates {
            let done = [birthday, anniversary].into_iter().flatten();
            if entry.date.is_empty() || done.into_iter().any(|first| std::ptr::eq(first, entry)) {
                continue;
            }
            let (kind, word, label) = match &entry.kind {
                DateKind::Custom(word) => ("0", word.as_str(), word.as_str()),
                DateKind::Anniversary => ("1", "", "_$!<Anniversary>!$_"),
                DateKind::Birthday => ("3", "", "Birthday"),
                DateKind::Other | DateKind::Unknown(_) => ("2", "", "_$!<Other>!$_"),
            };
            let group = self.group(true);
            self.android(
                group,
                "vnd.android.cursor.item/contact_event",
                &[&entry.date, kind, word],
            );
            self.sink.text(group, "X-ABDATE", &NONE, &entry.date);
            if !label.is_empty() {
                self.sink.text(group, "X-ABLabel", &NONE, label);
            }
            if date(&entry.date).is_none() {
                self.losses.add(phrase(
                    "birthdays and other days that are not written as dates",
                ));
            } else if entry.kind == DateKind::Birthday {
                self.losses.add(phrase("second birthdays"));
            }
        }
    }

    pub(super) fn relations(&mut self, relations: &[Relation]) {
        for relation in relations {
            if relation.name.is_empty() && relation.kind.is_empty() {
                continue;
            }
            let number = android_relation(&relation.kind).filter(|_| !relation.custom);
            let group = self.group(true);
            let word = if number.is_none() {
                relation.kind.as_str()
            } else {
                ""
            };
            let columns = [relation.name.as_str(), number.unwrap_or("0"), word];
            self.android(group, "vnd.android.cursor.item/relation", &columns);
            if !relation.name.is_empty() {
                self.sink
                    .text(group, "X-ABRELATEDNAMES", &NONE, &relation.name);
                self.sink.related(group, &relation.kind, &relation.name);
            }
            match apple_relation(&relation.kind).filter(|_| !relation.custom) {
                Some(label) => self.sink.text(group, "X-ABLabel", &NONE, label),
                None if relation.kind.is_empty() => {}
                None => self.sink.text(group, "X-ABLabel", &NONE, &relation.kind),
            }
        }
    }

    pub(super) fn identities(&mut self, identities: &[ContactIdentity]) {
        for identity in identities.iter().filter(|i| !i.identity.is_empty()) {
            let namespace = super::text(&identity.namespace);
            let columns = [identity.identity.as_str(), namespace];
            let group = self.group(true);
            self.android(group, "vnd.android.cursor.item/identity", &columns);
            self.losses.add(phrase("identities in other systems"));
        }
    }

    pub(super) fn custom_rows(&mut self, rows: &[CustomRow]) {
        for row in rows {
            let mut columns = [""; 15];
            for (number, text) in &row.data {
                if let Some(column) = usize::from(*number)
                    .checked_sub(1)
                    .and_then(|at| columns.get_mut(at))
                {
                    *column = text;
                }
            }
            let kept =
                !row.mimetype.is_empty() && !NOT_FOR_ANDROID.contains(&row.mimetype.as_str());
            let exact = |number: u8, text: &str| {
                kept && usize::from(number)
                    .checked_sub(1)
                    .and_then(|at| columns.get(at))
                    .is_some_and(|column| *column == text && !text.contains([';', '\\']))
            };
            let all_exact = row.data.iter().all(|(number, text)| exact(*number, text));
            let group = self.group(!kept || !all_exact || !row.blobs.is_empty());
            let mut changed = false;
            if kept {
                changed = self.android(group, &row.mimetype, &columns) && !all_exact;
            }
            self.losses.add(phrase(
                "entries of other apps (Android's own import keeps them, other programs don't)",
            ));
            if changed {
                self.losses.add(phrase(
                    "semicolons in entries of other apps (Android's own import)",
                ));
            }
            if !row.blobs.is_empty() {
                self.losses.add(phrase(
                    "pictures and other binary data in entries of other apps",
                ));
            }
        }
    }

    /// Counts values that only the handset could interpret, and properties of other programs.
    pub(super) fn unmapped(&mut self, columns: &[UnmappedColumn]) {
        for _ in columns {
            self.unseen();
            self.losses
                .add(phrase("values that only the phone understands"));
        }
    }
}

struct Service {
    /// Property that Android's importer reads (AOSP `VCardConstants`).
    property: &'static str,
    /// Name of the service at Apple and Google.
    service: &'static str,
    /// URI scheme that Apple's address book writes; empty if it has none.
    scheme: &'static str,
}

fn known_service(service: &MessengerService) -> Option<Service> {
    let (property, service, scheme) = match service {
        MessengerService::Unset | MessengerService::Custom(_) => return None,
        MessengerService::Aim => ("X-AIM", "AIM", "aim"),
        MessengerService::Msn => ("X-MSN", "MSN", "msnim"),
        MessengerService::Yahoo => ("X-YAHOO", "Yahoo", "ymsgr"),
        MessengerService::Skype => ("X-SKYPE-USERNAME", "Skype", "skype"),
        MessengerService::Qq => ("X-QQ", "QQ", "x-apple"),
        MessengerService::GoogleTalk => ("X-GOOGLE-TALK", "GoogleTalk", "xmpp"),
        MessengerService::Icq => ("X-ICQ", "ICQ", "aim"),
        MessengerService::Jabber => ("X-JABBER", "Jabber", "xmpp"),
        MessengerService::NetMeeting => ("X-NETMEETING", "", ""),
    };
    Some(Service {
        property,
        service,
        scheme,
    })
}

/// Number in Android's `ContactsContract.CommonDataKinds.Relation.TYPE`.
fn android_relation(kind: &str) -> Option<&'static str> {
    const KINDS: [(&str, &str); 14] = [
        ("assistant", "1"),
        ("brother", "2"),
        ("child", "3"),
        ("domestic partner", "4"),
        ("father", "5"),
        ("friend", "6"),
        ("manager", "7"),
        ("mother", "8"),
        ("parent", "9"),
        ("partner", "10"),
        ("referred by", "11"),
        ("relative", "12"),
        ("sister", "13"),
        ("spouse", "14"),
    ];
    KINDS
        .into_iter()
        .find_map(|(name, number)| (name == kind).then_some(number))
}

/// Apple's own labels, which its address book translates.
fn apple_relation(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "assistant" => "_$!<Assistant>!$_",
        "brother" => "_$!<Brother>!$_",
        "child" => "_$!<Child>!$_",
        "father" => "_$!<Father>!$_",
        "friend" => "_$!<Friend>!$_",
        "manager" => "_$!<Manager>!$_",
        "mother" => "_$!<Mother>!$_",
        "parent" => "_$!<Parent>!$_",
        "partner" => "_$!<Partner>!$_",
        "sister" => "_$!<Sister>!$_",
        "spouse" => "_$!<Spouse>!$_",
        _ => return None,
    })
}

/// Percent-encodes everything except the unreserved characters of RFC 3986 and `@`, which is common in handles.
fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |nibble: u8| {
                char::from_digit(nibble.into(), 16)
                    .unwrap_or('0')
                    .to_ascii_uppercase()
            };
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}
