//! Reading the messages of a file.

use std::io::{self, BufRead};

use super::{BETWEEN, NAME, OWN_ADDRESS, folder, role, subject};
use crate::format::calls_xml::NO_NAME;
use crate::format::phone_xml::{
    Data, Elements, NULL, Troubles, attributes, column, date, in_milliseconds, mms_time,
};
use crate::model::{FoundPart, Message, MessageKind, MessagePart, Party, PartyRole};

/// The first element of a file of SMS Backup & Restore, and of Super Backup.
const ROOTS: [&str; 2] = ["smses", "allsms"];
const ENDS: [&str; 2] = ["/smses", "/allsms"];

/// Reads a file. Calls `each` with every message, and returns the count that the file itself states, if it does.
///
/// # Errors
/// Those of `from`; [`io::ErrorKind::InvalidData`] if the file is not of this form or ends too early.
pub fn read(from: impl BufRead, mut each: impl FnMut(Message)) -> io::Result<Option<u64>> {
    let mut messages = Messages::new(from)?;
    while let Some(message) = messages.next_message()? {
        each(message);
    }
    Ok(messages.stated)
}

/// Reads the messages of a file one by one, without the bytes of their parts.
pub struct Messages<R> {
    elements: Elements<R>,
    is_begun: bool,
    open: Option<Message>,
    /// The number of messages that the file states.
    pub stated: Option<u64>,
}

impl<R: BufRead> Messages<R> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of `from`.
    pub fn new(from: R) -> io::Result<Self> {
        Ok(Self {
            elements: Elements::new(from)?,
            is_begun: false,
            open: None,
            stated: None,
        })
    }

    /// What could not be read so far.
    pub fn troubles(&self) -> Troubles {
        self.elements.all_troubles()
    }

    /// Returns the next message; `None` at the end.
    ///
    /// # Errors
    /// As [`read`].
    pub fn next_message(&mut self) -> io::Result<Option<Message>> {
        loop {
            let element = self.elements.next(&mut |_, _| Ok(()))?;
            let troubles = self.elements.troubles();
            let root = ROOTS.iter().find_map(|root| element.named(root));
            if let Some(rest) = root {
                self.is_begun = true;
                self.stated = element.stated(rest);
                if element.is_empty() {
                    return Ok(None);
                }
            } else if let (Some(rest), true) = (element.named("sms"), self.is_begun) {
                return Ok(Some(sms(rest, troubles)));
            } else if let (Some(rest), true) = (element.named("mms"), self.is_begun) {
                let mut message = mms(rest, troubles);
                if element.is_empty() {
                    settle_people(&mut message);
                    return Ok(Some(message));
                }
                self.open = Some(message);
            } else if let (Some(rest), Some(message)) = (element.named("part"), &mut self.open) {
                message.parts.push(part(rest, element.data, troubles));
            } else if let (Some(rest), Some(message)) = (element.named("addr"), &mut self.open) {
                message.people.extend(party(rest, troubles));
            } else if element.named("/mms").is_some() {
                if let Some(mut message) = self.open.take() {
                    message.text = message.text_of_parts();
                    settle_people(&mut message);
                    return Ok(Some(message));
                }
            } else if self.is_begun && ENDS.iter().any(|end| element.named(end).is_some()) {
                return Ok(None);
            }
        }
    }
}

/// A value of an attribute, as Android's table had it.
fn value_of(value: &str) -> Option<String> {
    column(value).map(str::to_owned)
}

fn sms(rest: &str, troubles: &mut Troubles) -> Message {
    let (mut message, mut address) = (Message::default(), None);
    for (name, value) in attributes(rest, troubles) {
        let number = || value.parse::<i64>().ok();
        let mut time = || in_milliseconds(date(&value, troubles));
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
            // A copy of another field.
            "readable_date" | "time" => {}
            // Super Backup has a shorter word for it.
            NAME | "name" => {
                let value = value_of(&value).filter(|name| name != NO_NAME && !name.is_empty());
                message
                    .extended
                    .extend(value.map(|name| (NAME.to_owned(), name)));
            }
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

fn mms(rest: &str, troubles: &mut Troubles) -> Message {
    let mut message = Message {
        kind: MessageKind::Mms,
        ..Message::default()
    };
    for (name, value) in attributes(rest, troubles) {
        let number = || value.parse::<i64>().ok();
        let mut time = || in_milliseconds(date(&value, troubles));
        match name {
            "date" => message.at = time(),
            // In seconds, other than the date.
            "date_sent" => message.sent = date(&value, troubles).map(mms_time),
            "msg_box" => message.folder = folder(number()),
            "read" => message.read = number().map(|read| read != 0),
            "sub" => message.subject = value_of(&value),
            "sub_id" => message.sim = value_of(&value),
            // A copy of another field.
            "readable_date" => {}
            NAME if value == NO_NAME => {}
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

fn part(rest: &str, data: Option<Data>, troubles: &mut Troubles) -> MessagePart {
    let mut part = MessagePart {
        size: data.and_then(|data| data.size),
        found: data
            .filter(|data| data.size.is_some())
            .map(|data| FoundPart {
                number: data.number,
                place: String::new(),
            }),
        ..MessagePart::default()
    };
    for (name, value) in attributes(rest, troubles) {
        match name {
            "ct" => part.media_type = value,
            "name" => part.name = value_of(&value),
            "text" => part.text = value_of(&value),
            // Its bytes were not kept.
            "data" => {}
            name => {
                let value = value_of(&value).map(|value| (name.to_owned(), value));
                part.extended.extend(value);
            }
        }
    }
    part
}

fn party(rest: &str, troubles: &mut Troubles) -> Option<Party> {
    let mut party = Party::default();
    for (name, value) in attributes(rest, troubles) {
        match name {
            "address" => party.address = value,
            "type" => party.role = role(value.parse().ok()),
            _ => {}
        }
    }
    let is_known = !matches!(party.address.as_str(), OWN_ADDRESS | NULL | "");
    is_known.then_some(party)
}
