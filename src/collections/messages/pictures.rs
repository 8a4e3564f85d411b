//! Pictures that the phone lists without giving their bytes, and that an exported file has: they are taken from the file.

use std::collections::{BTreeMap, HashMap, VecDeque};

use super::{is_picture, mark, marked};
use crate::collections::twins::Twins;
use crate::model::{Message, MessagePart};

/// The phone's messages that lack pictures, each with the message of an exported file that has them, by keys.
pub type Completed = BTreeMap<String, String>;

/// Messages of files that have pictures, and messages of the phone that lack some.
#[derive(Default)]
pub struct Pictures {
    /// By what both share: the marks and keys of the files' messages.
    offered: HashMap<(u64, usize), VecDeque<(u64, String)>>,
    wanted: Vec<((u64, usize), String)>,
}

/// What two messages share if one of them lacks pictures: all but their sizes.
fn shared(message: &Message) -> (u64, usize) {
    let pictures = message.parts.iter().filter(|part| is_picture(part));
    (marked(message, &[]), pictures.count())
}

impl Pictures {
    /// Notes a message of a file.
    pub fn offer(&mut self, key: &str, message: &Message) {
        if message.parts.iter().any(|part| part.found.is_some()) {
            let all = self.offered.entry(shared(message)).or_default();
            all.push_back((mark(message), key.to_owned()));
        }
    }

    /// Notes a message of the phone.
    pub fn want(&mut self, key: &str, message: &Message) {
        if !self.offered.is_empty() && message.parts.iter().any(lacks) {
            self.wanted.push((shared(message), key.to_owned()));
        }
    }

    /// Finds a message of a file for each message of the phone. The phone then has that of the file.
    pub fn settle(mut self, found: &mut Twins) -> Completed {
        let mut completed = Completed::new();
        for (shared, key) in self.wanted {
            let Some(all) = self.offered.get_mut(&shared) else {
                continue;
            };
            while let Some((mark, other)) = all.pop_front() {
                if !found.is_known(mark) {
                    found.see(mark);
                    completed.insert(key, other);
                    break;
                }
            }
        }
        completed
    }
}

/// Returns true for a picture without its bytes.
fn lacks(part: &MessagePart) -> bool {
    is_picture(part) && part.size.is_none() && part.reply.is_none() && part.found.is_none()
}

/// Gives a message the pictures that it lacks and the other has.
pub fn complete(message: &mut Message, other: Message) {
    let mut others: Vec<MessagePart> = other.parts;
    others.retain(|part| part.found.is_some());
    for part in message.parts.iter_mut().filter(|part| lacks(part)) {
        let is_alike = |one: &MessagePart| one.media_type.eq_ignore_ascii_case(&part.media_type);
        let by_name = others
            .iter()
            .position(|one| is_alike(one) && one.name == part.name);
        let Some(at) = by_name.or_else(|| others.iter().position(is_alike)) else {
            continue;
        };
        let one = others.remove(at);
        (part.size, part.found) = (one.size, one.found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FoundPart;

    fn part(kind: &str, number: u64) -> MessagePart {
        MessagePart {
            media_type: kind.into(),
            size: (number > 0).then_some(number),
            found: (number > 0).then(|| FoundPart {
                place: "found/sms.xml".into(),
                number,
            }),
            ..MessagePart::default()
        }
    }

    #[test]
    fn each_picture_goes_to_one_place() {
        let mut message = Message {
            parts: vec![
                part("image/png", 0),
                part("video/mp4", 0),
                part("image/png", 0),
            ],
            ..Message::default()
        };
        let other = Message {
            parts: vec![part("image/png", 1), part("IMAGE/PNG", 2)],
            ..Message::default()
        };
        complete(&mut message, other);
        let sizes: Vec<_> = message.parts.iter().map(|part| part.size).collect();
        assert_eq!(sizes, [Some(1), None, Some(2)]);
    }
}
