//! Pictures, logos, sounds and keys in a card: PHOTO (RFC 2426 section 3.1.4; RFC 6350 section 6.2.4, as a `data:`
//! URI of RFC 2397) and similar properties.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::text::{END, MAX_LINE};

/// Maximum size of a value inside a card, in bytes. A larger picture is not a portrait, and importers refuse its
/// card.
const MAX_BYTES: usize = 2 << 20;

/// The picture of a card and its other binary properties, encoded for vCard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo(Vec<Part>);

/// One property.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    name: String,
    /// TYPE in vCard 3.0; may be empty.
    kind: String,
    /// Media type in vCard 4.0; may be empty.
    media: String,
    base64: String,
}

/// An image format that address books can show.
#[derive(Debug, PartialEq, Eq)]
struct Format {
    /// Offset of the magic number, and the magic number itself.
    at: usize,
    magic: &'static [u8],
    /// TYPE in vCard 3.0.
    name: &'static str,
    media: &'static str,
}

const FORMATS: [Format; 15] = [
    Format {
        at: 0,
        magic: b"\xFF\xD8\xFF",
        name: "JPEG",
        media: "image/jpeg",
    },
    Format {
        at: 0,
        magic: b"\x89PNG\r\n\x1A\n",
        name: "PNG",
        media: "image/png",
    },
    Format {
        at: 0,
        magic: b"GIF8",
        name: "GIF",
        media: "image/gif",
    },
    Format {
        at: 0,
        magic: b"BM",
        name: "BMP",
        media: "image/bmp",
    },
    Format {
        at: 8,
        magic: b"WEBP",
        name: "WEBP",
        media: "image/webp",
    },
    Format {
        at: 4,
        magic: b"ftypavif",
        name: "AVIF",
        media: "image/avif",
    },
    Format {
        at: 4,
        magic: b"ftypheic",
        name: "HEIC",
        media: "image/heic",
    },
    Format {
        at: 4,
        magic: b"ftypheix",
        name: "HEIC",
        media: "image/heic",
    },
    Format {
        at: 4,
        magic: b"ftypheim",
        name: "HEIC",
        media: "image/heic",
    },
    Format {
        at: 4,
        magic: b"ftypmif1",
        name: "HEIF",
        media: "image/heif",
    },
    Format {
        at: 4,
        magic: b"ftypmsf1",
        name: "HEIF",
        media: "image/heif",
    },
    Format {
        at: 0,
        magic: b"II*\0",
        name: "TIFF",
        media: "image/tiff",
    },
    Format {
        at: 0,
        magic: b"MM\0*",
        name: "TIFF",
        media: "image/tiff",
    },
    Format {
        at: 4,
        magic: b"jP  \r\n\x87\n",
        name: "JP2",
        media: "image/jp2",
    },
    Format {
        at: 4,
        magic: b"JXL \r\n\x87\n",
        name: "JXL",
        media: "image/jxl",
    },
];

impl Photo {
    /// Creates a picture from these bytes. `None`: address books would not show it.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        is_small(bytes).then_some(())?;
        let format = format_of(bytes)?;
        Some(Self(vec![Part {
            name: "PHOTO".to_owned(),
            kind: format.name.to_owned(),
            media: format.media.to_owned(),
            base64: STANDARD.encode(bytes),
        }]))
    }

    /// True if [`Photo::of`] accepts these bytes.
    pub fn is_one(bytes: &[u8]) -> bool {
        is_small(bytes) && format_of(bytes).is_some()
    }

    /// Creates a further property: a logo, a sound or a key. A second picture does not become PHOTO, because
    /// importers would show it instead of the first. `media`: the type that the card gives. `None`: too large for a
    /// card.
    pub fn attached(property: &str, media: &str, bytes: &[u8]) -> Option<Self> {
        is_small(bytes).then_some(())?;
        let token = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let property: String = property.chars().filter(|c| token(*c)).take(60).collect();
        let name = match property.as_str() {
            "LOGO" | "SOUND" | "KEY" => property,
            own if own.starts_with("X-") && own.len() > 2 => property,
            other => format!("X-LIFEBOAT-{other}"),
        };
        let media: String = media
            .chars()
            .filter(|c| token(*c) || matches!(c, '/' | '.' | '+'))
            .take(60)
            .collect();
        let format = format_of(bytes);
        let said = media.rsplit('/').next().unwrap_or_default();
        let kind = format.map_or(said.to_ascii_uppercase(), |f| f.name.to_owned());
        let media = match format {
            Some(format) => format.media.to_owned(),
            None if media.contains('/') => media.to_ascii_lowercase(),
            None => "application/octet-stream".to_owned(),
        };
        let base64 = STANDARD.encode(bytes);
        Some(Self(vec![Part {
            name,
            kind,
            media,
            base64,
        }]))
    }

    /// True if [`Photo::attached`] accepts these bytes.
    pub fn is_small(bytes: &[u8]) -> bool {
        is_small(bytes)
    }

    /// Adds the other binary properties of the card.
    pub fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// True if there is a picture that address books can show.
    pub fn is_portrait(&self) -> bool {
        self.0.iter().any(|part| part.name == "PHOTO")
    }

    /// Inserts the properties into the vCard 3.0 at the end of `card`.
    pub fn put_into_v3(&self, card: &mut Vec<u8>) {
        for part in &self.0 {
            let mut head = format!("{};ENCODING=b", part.name);
            if !part.kind.is_empty() {
                head.extend([";TYPE=", &part.kind]);
            }
            head.push(':');
            part.put_into(card, &head);
        }
    }

    /// Inserts the properties into the vCard 4.0 at the end of `card`. This does not use the `vcard` crate, which
    /// writes the comma of the URI as `\,`; no address book shows such a picture.
    pub fn put_into_v4(&self, card: &mut Vec<u8>) {
        for part in &self.0 {
            let head = format!("{}:data:{};base64,", part.name, part.media);
            part.put_into(card, &head);
        }
    }
}

impl Part {
    fn put_into(&self, card: &mut Vec<u8>, head: &str) {
        let Some(length) = card.strip_suffix(END).map(<[u8]>::len) else {
            return;
        };
        card.truncate(length);
        let mut room = MAX_LINE;
        // Names and types are ASCII and may be longer than a line.
        for text in [head, &self.base64] {
            let mut rest = text;
            while let Some((line, more)) =
                rest.split_at_checked(room).filter(|(_, m)| !m.is_empty())
            {
                card.extend_from_slice(line.as_bytes());
                card.extend_from_slice(b"\r\n ");
                (rest, room) = (more, MAX_LINE - 1);
            }
            card.extend_from_slice(rest.as_bytes());
            room -= rest.len();
        }
        card.extend_from_slice(b"\r\n");
        card.extend_from_slice(END);
    }
}

fn is_small(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_BYTES
}

fn format_of(bytes: &[u8]) -> Option<&'static Format> {
    FORMATS.iter().find(|format| {
        let start = bytes.get(format.at..);
        start.is_some_and(|start| start.starts_with(format.magic))
    })
}
