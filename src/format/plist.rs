//! Property lists, in XML and in binary form, as Apple's programs write them. The size of the result is limited,
//! because a few bytes of the binary form can refer to one object a billion times.

use std::collections::HashMap;
use std::io::Cursor;

use plist::stream::{Event, Reader};

/// Maximum depth of nested arrays and dictionaries.
const MAX_DEPTH: usize = 64;

/// A value of a property list.
#[derive(Debug, Clone, PartialEq)]
pub enum Plist {
    Dict(HashMap<String, Self>),
    Array(Vec<Self>),
    Data(Vec<u8>),
    Text(String),
    Integer(i64),
    Real(f64),
    Bool(bool),
    /// In seconds since 1970.
    Date(i64),
    /// A reference into the `$objects` of an `NSKeyedArchiver`.
    Uid(u64),
}

/// What a list may expand to.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// Values, keys and ends of collections.
    pub values: usize,
    /// Bytes of texts and data.
    pub bytes: usize,
}

/// Why a property list could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PlistError {
    #[error("it is no property list, or it is damaged")]
    Damaged,
    #[error("it expands to more than any real one")]
    TooMuch,
}

/// A collection that is not closed yet.
enum Open {
    Array(Vec<Plist>),
    /// With the key whose value comes next.
    Dict(HashMap<String, Plist>, Option<String>),
}

impl Plist {
    /// Reads a property list.
    ///
    /// # Errors
    /// If the bytes are no property list, or expand to more than `limit`.
    pub fn parse(bytes: &[u8], limit: Limit) -> Result<Self, PlistError> {
        let (mut values, mut size) = (0, 0);
        let mut open: Vec<Open> = Vec::new();
        let mut root = None;
        for event in Reader::new(Cursor::new(bytes)) {
            let event = event.map_err(|_| PlistError::Damaged)?;
            values += 1;
            size += match &event {
                Event::Data(data) => data.len(),
                Event::String(text) => text.len(),
                _ => 0,
            };
            if values > limit.values || size > limit.bytes || open.len() > MAX_DEPTH {
                return Err(PlistError::TooMuch);
            }
            let value = match event {
                Event::StartArray(_) => {
                    open.push(Open::Array(Vec::new()));
                    continue;
                }
                Event::StartDictionary(_) => {
                    open.push(Open::Dict(HashMap::new(), None));
                    continue;
                }
                Event::EndCollection => match open.pop() {
                    Some(Open::Array(all)) => Self::Array(all),
                    Some(Open::Dict(all, None)) => Self::Dict(all),
                    Some(Open::Dict(_, Some(_))) | None => return Err(PlistError::Damaged),
                },
                Event::Boolean(value) => Self::Bool(value),
                Event::Data(data) => Self::Data(data.into_owned()),
                Event::Date(date) => Self::Date(seconds(date.into())),
                Event::Integer(number) => match number.as_signed() {
                    Some(number) => Self::Integer(number),
                    None => Self::Real(number.as_unsigned().unwrap_or_default() as f64),
                },
                Event::Real(number) => Self::Real(number),
                Event::String(text) => Self::Text(text.into_owned()),
                Event::Uid(uid) => Self::Uid(uid.get()),
                _ => return Err(PlistError::Damaged),
            };
            match open.last_mut() {
                None if root.is_none() => root = Some(value),
                None => return Err(PlistError::Damaged),
                Some(Open::Array(all)) => all.push(value),
                Some(Open::Dict(all, key)) => match (key.take(), value) {
                    (Some(key), value) => {
                        all.insert(key, value);
                    }
                    (None, Self::Text(text)) => *key = Some(text),
                    (None, _) => return Err(PlistError::Damaged),
                },
            }
        }
        match open.is_empty() {
            true => root.ok_or(PlistError::Damaged),
            false => Err(PlistError::Damaged),
        }
    }

    /// The value of a key, if this is a dictionary.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Dict(all) => all.get(key),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn data(&self) -> Option<&[u8]> {
        match self {
            Self::Data(data) => Some(data),
            _ => None,
        }
    }

    /// A number as an integer.
    pub fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Real(number) => Some(*number as i64),
            _ => None,
        }
    }

    pub fn is_true(&self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// In seconds since 1970.
    pub fn date(&self) -> Option<i64> {
        match self {
            Self::Date(seconds) => Some(*seconds),
            _ => None,
        }
    }

    pub fn array(&self) -> &[Self] {
        match self {
            Self::Array(all) => all,
            _ => &[],
        }
    }

    /// The root object of what `NSKeyedArchiver` wrote.
    pub fn archived_root(&self) -> Option<&Self> {
        self.archived(self.get("$top")?.get("root")?)
    }

    /// The object that a reference in an archive leads to; another value is returned as it is.
    pub fn archived<'a>(&'a self, value: &'a Self) -> Option<&'a Self> {
        match value {
            Self::Uid(number) => {
                let objects = self.get("$objects")?.array();
                objects.get(usize::try_from(*number).ok()?)
            }
            value => Some(value),
        }
    }
}

/// Converts a time to seconds since 1970.
fn seconds(time: std::time::SystemTime) -> i64 {
    let signed = |long: std::time::Duration| i64::try_from(long.as_secs()).unwrap_or(i64::MAX);
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit {
        values: 1000,
        bytes: 10_000,
    };

    #[test]
    fn both_forms_are_read() {
        let xml = br#"<?xml version="1.0"?><plist version="1.0"><dict><key>a</key><array><integer>-3</integer>
            <true/><date>2001-01-01T00:00:00Z</date><data>AQI=</data></array></dict></plist>"#;
        let read = Plist::parse(xml, LIMIT).unwrap();
        let all = read.get("a").unwrap().array();
        assert_eq!(all[0].integer(), Some(-3));
        assert!(all[1].is_true());
        assert_eq!(all[2].date(), Some(978_307_200));
        assert_eq!(all[3].data(), Some(&[1, 2][..]));
        assert_eq!(Plist::parse(b"no list", LIMIT), Err(PlistError::Damaged));
        assert_eq!(Plist::parse(b"", LIMIT), Err(PlistError::Damaged));
    }

    /// Arrays of two references to the next array: 2^40 values in 300 bytes.
    #[test]
    fn a_list_that_names_the_same_object_again_and_again_is_refused() {
        let mut bytes = b"bplist00".to_vec();
        let mut offsets = Vec::new();
        for number in 0..40u8 {
            offsets.push(bytes.len() as u8);
            bytes.extend([0xa2, number + 1, number + 1]);
        }
        offsets.push(bytes.len() as u8);
        bytes.push(0x09);
        let table = bytes.len() as u64;
        bytes.extend(&offsets);
        bytes.extend([0, 0, 0, 0, 0, 0, 1, 1]);
        for number in [41u64, 0, table] {
            bytes.extend(number.to_be_bytes());
        }
        assert_eq!(Plist::parse(&bytes, LIMIT), Err(PlistError::TooMuch));
        let deep = "<array>".repeat(5000);
        let deep = format!("<plist version=\"1.0\">{deep}");
        assert_eq!(
            Plist::parse(deep.as_bytes(), LIMIT),
            Err(PlistError::TooMuch)
        );
    }
}
