//! Messages in JSON, as QUIK (QKSMS) and Fossify Messages (Simple SMS Messenger) keep them: a list of messages, a list
//! of conversations with their messages, or an object with a list. The names of fields are those of Android's tables,
//! or the same in camel case.

use std::fmt;
use std::io::{self, BufRead};

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::base64::Base64;
use super::charset::Utf8;
use super::elements::{Sink, Troubles};
use super::{in_milliseconds, mms_time};
use crate::format::messages_xml::{OWN_ADDRESS, folder, role, subject};
use crate::model::{FoundPart, Message, MessageKind, MessagePart, Party, PartyRole};
use crate::phrase;

/// How deep lists of messages may lie in each other.
const MOST_DEEP: u8 = 4;

/// Names of lists of messages.
const LISTS: [&str; 3] = ["messages", "sms", "mms"];

/// Returns true for the beginning of such a file.
pub fn is_json(text: &[u8]) -> bool {
    let has = |word: &[u8]| memchr::memmem::find(text, word).is_some();
    let begins = text.trim_ascii_start().first();
    begins.is_some_and(|first| b"[{".contains(first))
        && has(b"\"address")
        && has(b"\"date\"")
        && (has(b"\"body\"") || has(b"\"parts\"") || has(b"\"sms\""))
}

/// Reads a file. Calls `each` with every message until it returns false, and `sink` with the bytes of the parts. Returns
/// the number of messages that the file states.
///
/// # Errors
/// Those of `from` and `sink`; [`io::ErrorKind::InvalidData`] if the file ends too early or is no JSON.
pub fn read(
    from: impl BufRead,
    troubles: &mut Troubles,
    sink: Sink<'_>,
    each: &mut dyn FnMut(Message) -> bool,
) -> io::Result<Option<u64>> {
    let mut reading = Reading {
        troubles,
        sink,
        each,
        parts: 0,
        stated: None,
        is_over: false,
        failed: None,
    };
    let mut from = serde_json::Deserializer::from_reader(Utf8::new(from)?);
    let ended = Entries {
        reading: &mut reading,
        depth: 0,
    }
    .deserialize(&mut from);
    if let Some(error) = reading.failed.take() {
        return Err(error);
    }
    match ended {
        Err(_) if reading.is_over => Ok(reading.stated),
        Ok(()) => Ok(reading.stated),
        Err(error) if error.is_io() => Err(error.into()),
        // The words of the parser may quote a message.
        Err(error) => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            match error.is_eof() {
                true => phrase("it ends in the middle").to_owned(),
                false => phrase!("it is damaged in line {}", error.line()),
            },
        )),
    }
}

struct Reading<'r> {
    troubles: &'r mut Troubles,
    sink: Sink<'r>,
    each: &'r mut dyn FnMut(Message) -> bool,
    parts: u64,
    stated: Option<u64>,
    /// No more is wanted.
    is_over: bool,
    failed: Option<io::Error>,
}

impl Reading<'_> {
    /// Returns false if no more is wanted.
    fn take(&mut self, row: &Map<String, Value>) -> bool {
        match self.message(row) {
            Ok(Some(message)) => self.is_over = !(self.each)(message),
            Ok(None) => self.troubles.others += 1,
            Err(error) => self.failed = Some(error),
        }
        !self.is_over && self.failed.is_none()
    }

    /// Returns the message of a row; `None`: it is none.
    fn message(&mut self, row: &Map<String, Value>) -> io::Result<Option<Message>> {
        let fields = Fields(row);
        let date = fields.number(&["date", "timestamp"]);
        let is_mms = fields.get(&["msg_box", "messageBox"]).is_some();
        if date.is_none() || !(is_mms || fields.get(&["address", "body"]).is_some()) {
            return Ok(None);
        }
        let time = |date: Option<i64>| {
            let date = date.filter(|date| *date != 0);
            match is_mms {
                true => date.map(mms_time),
                false => in_milliseconds(date),
            }
        };
        let mut message = Message {
            kind: if is_mms {
                MessageKind::Mms
            } else {
                MessageKind::Sms
            },
            folder: folder(fields.folder(&["msg_box", "messageBox", "type"])),
            at: time(date),
            sent: time(fields.number(&["date_sent", "dateSent"])),
            read: fields.number(&["read"]).map(|read| read != 0),
            text: fields.text(&["body"]),
            service_center: fields.text(&["service_center", "serviceCenter"]),
            sim: fields.text(&["sub_id", "subscriptionId", "subId"]),
            ..Message::default()
        };
        let charset = fields.number(&["sub_cs", "subjectCharSet"]);
        let raw = fields.text(&["sub", "subject"]);
        message.subject = raw.map(|raw| subject(raw, charset));
        for (name, column) in COLUMNS {
            let value = fields.text(&[name, column]);
            message
                .extended
                .extend(value.map(|value| ((*column).to_owned(), value)));
        }
        for one in fields.rows(&["addresses"]) {
            let one = Fields(one);
            let address = one.text(&["address"]).unwrap_or_default();
            if !matches!(address.as_str(), OWN_ADDRESS | "") {
                let role = role(one.number(&["type"]));
                message.people.push(Party { role, address });
            }
        }
        if message.people.is_empty() {
            let role = match message.is_own() {
                true => PartyRole::To,
                false => PartyRole::From,
            };
            let address = fields.text(&["address"]).filter(|one| !one.is_empty());
            let party = address.map(|address| Party { role, address });
            message.people.extend(party);
        }
        for one in fields.rows(&["parts"]) {
            let part = self.part(&Fields(one))?;
            message.parts.push(part);
        }
        message.text = message.text_of_parts().or(message.text);
        Ok(Some(message))
    }

    fn part(&mut self, fields: &Fields<'_>) -> io::Result<MessagePart> {
        let mut part = MessagePart {
            media_type: fields
                .text(&["ct", "contentType", "mimeType"])
                .unwrap_or_default(),
            name: fields.text(&["name", "fileName"]),
            text: fields.text(&["text"]),
            ..MessagePart::default()
        };
        for (name, column) in PART_COLUMNS {
            let value = fields.text(&[name, column]);
            part.extended
                .extend(value.map(|value| ((*column).to_owned(), value)));
        }
        let Some(Value::String(data)) = fields.get(&["data"]) else {
            return Ok(part);
        };
        if data.is_empty() {
            return Ok(part);
        }
        self.parts += 1;
        let (mut decoder, mut bytes) = (Base64::default(), Vec::new());
        decoder.add(data.as_bytes(), &mut bytes);
        let is_sound = decoder.finish(&mut bytes);
        (self.sink)(self.parts, &bytes)?;
        match is_sound {
            true => {
                part.size = Some(bytes.len() as u64);
                part.found = Some(FoundPart {
                    place: String::new(),
                    number: self.parts,
                });
            }
            false => self.troubles.data += 1,
        }
        Ok(part)
    }
}

/// Other columns of messages and parts: their names in camel case, and in Android's tables.
const COLUMNS: &[(&str, &str)] = &[
    ("protocol", "protocol"),
    ("status", "status"),
    ("locked", "locked"),
    ("contentType", "ct_t"),
    ("creator", "creator"),
    ("deliveryReport", "d_rpt"),
    ("messageType", "m_type"),
    ("readReport", "rr"),
    ("seen", "seen"),
    ("textOnly", "text_only"),
    ("subjectCharSet", "sub_cs"),
    ("transactionId", "tr_id"),
];
const PART_COLUMNS: &[(&str, &str)] = &[
    ("sequenceOrder", "seq"),
    ("charset", "chset"),
    ("contentDisposition", "cd"),
    ("filename", "fn"),
    ("contentId", "cid"),
    ("contentLocation", "cl"),
    ("ctStart", "ctt_s"),
    ("ctType", "ctt_t"),
];

/// The fields of a row.
struct Fields<'f>(&'f Map<String, Value>);

impl<'f> Fields<'f> {
    /// Returns the first field of these names that has a value.
    fn get(&self, names: &[&str]) -> Option<&'f Value> {
        let mut all = names.iter().filter_map(|name| self.0.get(*name));
        all.find(|value| !value.is_null())
    }

    fn text(&self, names: &[&str]) -> Option<String> {
        Some(match self.get(names)? {
            Value::String(text) => text.clone(),
            Value::Bool(is) => i64::from(*is).to_string(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => return None,
        })
    }

    fn number(&self, names: &[&str]) -> Option<i64> {
        self.text(names)?.trim().parse().ok()
    }

    /// Returns the number of a folder, which some versions write as a word.
    fn folder(&self, names: &[&str]) -> Option<i64> {
        const WORDS: [&str; 6] = ["inbox", "sent", "draft", "outbox", "failed", "queued"];
        let text = self.text(names)?.to_lowercase();
        let word = WORDS.iter().zip(1..).find(|(word, _)| **word == text);
        word.map(|(_, number)| number).or_else(|| text.parse().ok())
    }

    fn rows(&self, names: &[&str]) -> impl Iterator<Item = &'f Map<String, Value>> {
        let list = match self.get(names) {
            Some(Value::Array(list)) => list.as_slice(),
            _ => &[],
        };
        list.iter().filter_map(Value::as_object)
    }
}

/// A list of messages or conversations, or an object with one. Each message is taken as soon as it was read.
struct Entries<'r, 'o> {
    reading: &'r mut Reading<'o>,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { reading, depth } = self;
        loop {
            let entry = Entries {
                reading: &mut *reading,
                depth: depth.saturating_add(1),
            };
            if list.next_element_seed(entry)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { reading, depth } = self;
        let (mut row, mut has_list) = (Map::new(), false);
        while let Some(name) = map.next_key::<String>()? {
            if LISTS.contains(&name.as_str()) && depth < MOST_DEEP {
                has_list = true;
                map.next_value_seed(Entries {
                    reading: &mut *reading,
                    depth: depth + 1,
                })?;
            } else if name == "messageCount" {
                reading.stated = map.next_value()?;
            } else if has_list || depth == 0 {
                map.next_value::<IgnoredAny>()?;
            } else {
                row.insert(name, map.next_value()?);
            }
        }
        match has_list || depth == 0 || reading.take(&row) {
            true => Ok(()),
            false => Err(serde::de::Error::custom("")),
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.reading.troubles.others += 1;
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.reading.troubles.others += 1;
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.reading.troubles.others += 1;
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.reading.troubles.others += 1;
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.reading.troubles.others += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MessageFolder;

    fn all(file: &str) -> (Vec<Message>, Troubles, io::Result<Option<u64>>) {
        let (mut found, mut troubles) = (Vec::new(), Troubles::default());
        let stated = read(
            file.as_bytes(),
            &mut troubles,
            &mut |_, _| Ok(()),
            &mut |message| {
                found.push(message);
                true
            },
        );
        (found, troubles, stated)
    }

    #[test]
    fn the_forms_of_programs_are_read() {
        let quik = r#"{"messageCount":2,"messages":[{"type":1,"address":"+4930123","date":1400000000000,"dateSent":0,
            "read":true,"status":-1,"body":"Hi 😀","protocol":0,"serviceCenter":null,"locked":false,"subId":1},
            {"type":"sent","address":"+4930123","date":1400000001000,"body":"Ho","read":false}]}"#;
        assert!(is_json(quik.as_bytes()));
        let (found, troubles, stated) = all(quik);
        assert_eq!(
            (found.len(), stated.unwrap(), troubles),
            (2, Some(2), Troubles::default())
        );
        assert_eq!(found[0].text.as_deref(), Some("Hi 😀"));
        assert_eq!((found[0].from(), found[0].sent), (Some("+4930123"), None));
        assert_eq!(found[1].folder, MessageFolder::Sent);
        let fossify = r#"[{"subscriptionId":1,"address":"+4930123","body":"Hi","date":1400000000000,"dateSent":1,
            "locked":0,"protocol":"0","read":1,"status":-1,"type":1,"serviceCenter":null,"backupType":"sms"},
            {"creator":"x","contentType":"application/vnd.wap.multipart.related","date":1400000001,"messageBox":2,
            "messageType":128,"read":1,"subject":null,"addresses":[{"address":"insert-address-token","type":137},
            {"address":"+4930124","type":151}],"parts":[{"contentType":"text/plain","text":"see"},
            {"contentType":"image/png","name":"a.png","text":null,"data":"AAEC\n"}],"backupType":"mms"}, 7]"#;
        let (found, troubles, _) = all(fossify);
        assert_eq!((found.len(), troubles.others), (2, 1));
        let mms = &found[1];
        assert_eq!(
            (mms.kind, mms.at),
            (MessageKind::Mms, Some(1_400_000_001_000))
        );
        assert_eq!(
            (mms.text.as_deref(), mms.others()),
            (Some("see"), vec!["+4930124"])
        );
        assert_eq!(mms.parts[1].size, Some(3));
        let older = r#"[{"threadId":1,"sms":[{"sub_id":1,"address":"1","body":"a","date":1400000000000,"type":1}],
            "mms":[]},{"threadId":2,"sms":[{"address":"2","body":"b","date":1400000000000,"type":2}],"mms":[]}]"#;
        assert!(is_json(older.as_bytes()));
        assert_eq!(all(older).0.len(), 2);
    }

    #[test]
    fn damage_is_told_without_a_text() {
        let file = r#"[{"address":"1","body":"SECRET","date":1400000000000,"type":1},{"address":"1","body":SECRET"#;
        let (found, _, stated) = all(file);
        assert_eq!(found.len(), 1);
        let told = stated.unwrap_err();
        assert_eq!(told.kind(), io::ErrorKind::InvalidData);
        assert!(!told.to_string().contains("SECRET"));
        assert!(!is_json(b"{\"name\":\"package\"}"));
        // A list in a list in a list, and so on.
        let deep = "[".repeat(100_000);
        assert!(all(&deep).2.is_err());
    }
}
