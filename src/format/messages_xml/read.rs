//! Reading the messages of a file.

use std::io::{self, BufRead, Read};

use super::{BETWEEN, OWN_ADDRESS, folder, role, subject};
use crate::format::calls_xml::{NULL, attributes, damaged};
use crate::format::phone_xml::{in_milliseconds, mms_time};
use crate::model::{Message, MessageKind, MessagePart, Party, PartyRole};
use crate::phrase;

/// The longest element that is read, in bytes: a part has its bytes in an attribute.
const MAX_ELEMENT: usize = 96 << 20;

/// Reads a file. Calls `each` with every message, and returns the count that the file itself states, if it does.
///
/// # Errors
/// Those of `from`; [`io::ErrorKind::InvalidData`] if the file is not of this form or ends too early.
pub fn read(mut from: impl BufRead, mut each: impl FnMut(Message)) -> io::Result<Option<u64>> {
    let mut count = None;
    let (mut is_begun, mut element) = (false, Vec::new());
    let mut open: Option<Message> = None;
    loop {
        next_element(&mut from, &mut element)?;
        let text = String::from_utf8_lossy(&element);
        let is_closed = text.ends_with("/>");
        let named = |name: &str| {
            let rest = text.strip_prefix('<')?.strip_prefix(name)?;
            rest.starts_with([' ', '\t', '\r', '\n', '/', '>'])
                .then_some(rest)
        };
        if let Some(rest) = named("smses") {
            is_begun = true;
            let stated = attributes(rest).find(|(name, _)| *name == "count");
            count = stated.and_then(|(_, value)| value.parse().ok());
            if is_closed {
                return Ok(count);
            }
        } else if let (Some(rest), true) = (named("sms"), is_begun) {
            each(sms(rest));
        } else if let (Some(rest), true) = (named("mms"), is_begun) {
            let message = mms(rest);
            match is_closed {
                true => {
                    let mut message = message;
                    settle_people(&mut message);
                    each(message);
                }
                false => open = Some(message),
            }
        } else if let (Some(rest), Some(message)) = (named("part"), &mut open) {
            message.parts.push(part(rest));
        } else if let (Some(rest), Some(message)) = (named("addr"), &mut open) {
            message.people.extend(party(rest));
        } else if named("/mms").is_some() {
            if let Some(mut message) = open.take() {
                message.text = message.text_of_parts();
                settle_people(&mut message);
                each(message);
            }
        } else if named("/smses").is_some() && is_begun {
            return Ok(count);
        }
    }
}

/// Reads up to the end of the next element, whose attributes may contain `>`.
pub fn next_element(from: &mut impl BufRead, element: &mut Vec<u8>) -> io::Result<()> {
    let early = || damaged(phrase("it ends in the middle"));
    element.clear();
    let mut before = Vec::new();
    let mut limited = from.by_ref().take(MAX_ELEMENT as u64);
    limited.read_until(b'<', &mut before)?;
    if before.last() != Some(&b'<') {
        return Err(early());
    }
    element.push(b'<');
    let mut quote = None;
    loop {
        let held = from.fill_buf()?;
        if held.is_empty() || element.len() > MAX_ELEMENT {
            return Err(early());
        }
        let stop = match quote {
            Some(quote) => memchr::memchr(quote, held),
            None => memchr::memchr3(b'>', b'"', b'\'', held),
        };
        let Some(at) = stop else {
            element.extend_from_slice(held);
            let length = held.len();
            from.consume(length);
            continue;
        };
        let byte = held.get(at).copied().unwrap_or_default();
        element.extend_from_slice(held.get(..=at).unwrap_or_default());
        from.consume(at + 1);
        // Quotes in a comment mean nothing.
        let is_comment = element.starts_with(b"<!--");
        match byte {
            b'>' if !is_comment || element.ends_with(b"-->") => return Ok(()),
            b'>' => {}
            _ if is_comment => {}
            byte => quote = quote.xor(Some(byte)),
        }
    }
}

/// A value of an attribute, as Android's table had it.
fn value_of(value: &str) -> Option<String> {
    (value != NULL).then(|| value.to_owned())
}

fn sms(rest: &str) -> Message {
    let (mut message, mut address) = (Message::default(), None);
    for (name, value) in attributes(rest) {
        let number = || value.parse::<i64>().ok();
        let time = || in_milliseconds(number().filter(|time| *time != 0));
        match name {
            "address" => address = value_of(&value).filter(|address| !address.is_empty()),
            "date" => message.at = time(),
            "date_sent" => message.sent = time(),
            "type" => message.folder = folder(number()),
            "read" => message.read = number().map(|read| read != 0),
            "subject" => message.subject = value_of(&value),
            "body" => message.text = value_of(&value),
            "service_center" => message.service_center = value_of(&value),
            "sub_id" => message.sim = value_of(&value),
            // A copy of another field, or a name that the contacts know.
            "readable_date" | "contact_name" => {}
            name => {
                let value = value_of(&value).map(|value| (name.to_owned(), value));
                message.extended.extend(value);
            }
        }
    }
    let role = match message.is_own() {
        true => PartyRole::To,
        false => PartyRole::From,
    };
    let party = address.map(|address| Party { role, address });
    message.people.extend(party);
    message
}

fn mms(rest: &str) -> Message {
    let mut message = Message {
        kind: MessageKind::Mms,
        ..Message::default()
    };
    for (name, value) in attributes(rest) {
        let number = || value.parse::<i64>().ok();
        let time = || in_milliseconds(number().filter(|time| *time != 0));
        match name {
            "date" => message.at = time(),
            // In seconds, other than the date.
            "date_sent" => message.sent = number().filter(|sent| *sent != 0).map(mms_time),
            "msg_box" => message.folder = folder(number()),
            "read" => message.read = number().map(|read| read != 0),
            "sub" => message.subject = value_of(&value),
            "sub_id" => message.sim = value_of(&value),
            // Copies of other fields.
            "readable_date" | "contact_name" => {}
            // In place of a list of people, if the file has none.
            "address" => message.people.extend(value_of(&value).map(|address| Party {
                role: PartyRole::Other(IN_ATTRIBUTE),
                address,
            })),
            name => {
                let value = value_of(&value).map(|value| (name.to_owned(), value));
                message.extended.extend(value);
            }
        }
    }
    let charset = message.extended.iter().find(|(name, _)| name == "sub_cs");
    let charset = charset.and_then(|(_, value)| value.parse().ok());
    message.subject = message.subject.map(|raw| subject(raw, charset));
    message
}

/// The role of the addresses in the attribute of a message, until its list of people was read.
const IN_ATTRIBUTE: i64 = i64::MIN;

/// Takes the people of a message from its attribute if the file has no list of them.
fn settle_people(message: &mut Message) {
    let is_from_attribute = |one: &Party| one.role == PartyRole::Other(IN_ATTRIBUTE);
    let (attribute, listed): (Vec<Party>, Vec<Party>) = std::mem::take(&mut message.people)
        .into_iter()
        .partition(is_from_attribute);
    message.people = listed;
    if !message.people.is_empty() {
        return;
    }
    let is_own = message.is_own();
    let addresses = attribute.iter().flat_map(|one| one.address.split(BETWEEN));
    let addresses = addresses.filter(|address| ![OWN_ADDRESS, NULL, ""].contains(address));
    let people = addresses.enumerate().map(|(at, address)| Party {
        role: match at {
            0 if !is_own => PartyRole::From,
            _ => PartyRole::To,
        },
        address: address.to_owned(),
    });
    message.people.extend(people);
}

fn part(rest: &str) -> MessagePart {
    let mut part = MessagePart::default();
    for (name, value) in attributes(rest) {
        match name {
            "ct" => part.media_type = value,
            "name" => part.name = value_of(&value),
            "text" => part.text = value_of(&value),
            "data" if value != NULL => {
                let padding = value.bytes().rev().take_while(|byte| *byte == b'=').count();
                part.size = Some((value.len() / 4 * 3).saturating_sub(padding) as u64);
            }
            name => {
                let value = value_of(&value).map(|value| (name.to_owned(), value));
                part.extended.extend(value);
            }
        }
    }
    part
}

fn party(rest: &str) -> Option<Party> {
    let mut party = Party::default();
    for (name, value) in attributes(rest) {
        match name {
            "address" => party.address = value,
            "type" => party.role = role(value.parse().ok()),
            _ => {}
        }
    }
    let is_known = !matches!(party.address.as_str(), OWN_ADDRESS | NULL | "");
    is_known.then_some(party)
}
