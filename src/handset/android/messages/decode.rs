//! Converts rows of the tables of messages.

use crate::format::messages_xml;
use crate::format::phone_xml::{in_milliseconds, mms_time};
use crate::handset::android::content::{ExactRow, View};
use crate::model::{Message, MessageFolder, MessageKind, MessagePart, Party, PartyRole, Source};

/// Columns that fields of [`Message`] hold completely.
const DECODED: [&str; 9] = [
    "_id",
    "type",
    "thread_id",
    "read",
    "sub_id",
    "address",
    "body",
    "subject",
    "service_center",
];

/// Converts a row of the table of text messages.
pub fn text(view: &View, row: &ExactRow, place: &str) -> Message {
    let text = |name: &str| row.text(view, name).map(str::to_owned);
    let filled = |name: &str| text(name).filter(|text| !text.is_empty());
    let number = |name: &str| row.number(view, name);
    let folder = messages_xml::folder(number("type"));
    let (at, sent) = (
        in_milliseconds(number("date")).filter(|at| *at != 0),
        in_milliseconds(number("date_sent")),
    );
    let role = match folder {
        MessageFolder::Received | MessageFolder::Other(_) | MessageFolder::Unknown => {
            PartyRole::From
        }
        _ => PartyRole::To,
    };
    let people = filled("address").map(|address| Party { role, address });
    let numbers = view.numbers().iter();
    let numbers = numbers.filter_map(|name| Some((*name, number(name)?.to_string())));
    let texts = view.texts().iter();
    let texts = texts.filter_map(|name| Some((*name, filled(name)?)));
    // A date that a field holds exactly need not be kept a second time.
    let is_decoded = |name: &str| {
        DECODED.contains(&name)
            || (name == "date" && number("date") == at)
            || (name == "date_sent" && number("date_sent") == sent)
    };
    let others = numbers.chain(texts).filter(|(name, _)| !is_decoded(name));
    Message {
        kind: MessageKind::Sms,
        folder,
        people: people.into_iter().collect(),
        at,
        // Zero stands for no date.
        sent: sent.filter(|sent| *sent != 0),
        read: number("read").map(|read| read != 0),
        subject: text("subject"),
        text: text("body"),
        parts: Vec::new(),
        thread: number("thread_id"),
        sim: number("sub_id").map(|sim| sim.to_string()),
        service_center: text("service_center"),
        extended: others
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        source: Source {
            place: place.to_owned(),
            row: number("_id").unwrap_or_default(),
            only_here: true,
            ..Source::default()
        },
    }
}

/// Columns of a multimedia message that fields of [`Message`] hold completely.
const DECODED_PICTURE: [&str; 7] = [
    "_id",
    "date",
    "date_sent",
    "msg_box",
    "thread_id",
    "read",
    "sub_id",
];

/// Converts a row of the table of multimedia messages. Its people and parts are in other tables.
pub fn picture(view: &View, row: &ExactRow, place: &str) -> Message {
    let text = |name: &str| row.text(view, name).map(str::to_owned);
    let number = |name: &str| row.number(view, name);
    let time = |name: &str| number(name).filter(|at| *at != 0).map(mms_time);
    let numbers = view.numbers().iter();
    let numbers = numbers.filter_map(|name| Some((*name, number(name)?.to_string())));
    let texts = view.texts().iter();
    let texts = texts.filter_map(|name| Some((*name, text(name)?)));
    let others = numbers.chain(texts).filter(|(name, value)| {
        !DECODED_PICTURE.contains(name) && *name != "sub" && !value.is_empty()
    });
    let extended = others
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    Message {
        kind: MessageKind::Mms,
        folder: messages_xml::folder(number("msg_box")),
        people: Vec::new(),
        at: time("date"),
        sent: time("date_sent"),
        read: number("read").map(|read| read != 0),
        subject: text("sub").map(|raw| messages_xml::subject(raw, number("sub_cs"))),
        text: None,
        parts: Vec::new(),
        thread: number("thread_id"),
        sim: number("sub_id").map(|sim| sim.to_string()),
        service_center: None,
        extended,
        source: Source {
            place: place.to_owned(),
            row: number("_id").unwrap_or_default(),
            only_here: true,
            ..Source::default()
        },
    }
}

/// The column with the path of a part's file.
const FILE: &str = "_data";

/// Converts a row of the table of parts: the number of its message, its place in the message, and the part.
pub fn part(view: &View, row: &ExactRow) -> Option<(i64, i64, MessagePart)> {
    let text = |name: &str| row.text(view, name).map(str::to_owned);
    let filled = |name: &str| text(name).filter(|text| !text.is_empty());
    let number = |name: &str| row.number(view, name);
    let numbers = ["seq", "chset", "ctt_s"].into_iter();
    let numbers = numbers.filter_map(|name| Some((name.to_owned(), number(name)?.to_string())));
    let texts = ["cd", "fn", "cid", "cl", "ctt_t", FILE].into_iter();
    let texts = texts.filter_map(|name| Some((name.to_owned(), filled(name)?)));
    let part = MessagePart {
        id: number("_id")?,
        media_type: text("ct").unwrap_or_default(),
        name: filled("name")
            .or_else(|| filled("cl"))
            .or_else(|| filled("fn")),
        text: text("text"),
        size: None,
        reply: None,
        found: None,
        file: None,
        extended: numbers.chain(texts).collect(),
    };
    Some((number("mid")?, number("seq").unwrap_or_default(), part))
}

/// Returns true if a part has bytes of its own: a text and the order of the parts are usually in the table itself.
pub fn has_bytes(part: &MessagePart) -> bool {
    let has_file = part.extended.iter().any(|(name, _)| name == FILE);
    has_file || (part.text.is_none() && !part.is_layout())
}
