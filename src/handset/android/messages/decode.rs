//! Converts rows of the tables of messages.

use crate::format::messages_xml;
use crate::handset::android::calls::decode::in_milliseconds;
use crate::handset::android::content::{ExactRow, View};
use crate::model::{Message, MessageFolder, MessageKind, Party, PartyRole, Source};

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
        in_milliseconds(number("date")),
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
