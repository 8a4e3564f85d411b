//! A picture in a card: PHOTO (RFC 2426 section 3.1.4; RFC 6350 section 6.2.4, as a `data:` URI of RFC 2397).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::text::MAX_LINE;

/// The largest picture that is put into a card, in bytes: a larger one is no portrait, and importers refuse its card.
const MAX_BYTES: usize = 2 << 20;

/// A picture as it stands in cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    format: &'static Format,
    base64: String,
}

/// An image format that address books show.
#[derive(Debug, PartialEq, Eq)]
struct Format {
    /// How its files begin.
    magic: &'static [u8],
    /// TYPE in 3.0.
    name: &'static str,
    media: &'static str,
}

const FORMATS: [Format; 4] = [
    Format {
        magic: b"\xFF\xD8\xFF",
        name: "JPEG",
        media: "image/jpeg",
    },
    Format {
        magic: b"\x89PNG\r\n\x1A\n",
        name: "PNG",
        media: "image/png",
    },
    Format {
        magic: b"GIF8",
        name: "GIF",
        media: "image/gif",
    },
    Format {
        magic: b"BM",
        name: "BMP",
        media: "image/bmp",
    },
];

impl Photo {
    /// A picture of these bytes; `None`: address books would not show it.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let format = format_of(bytes)?;
        Some(Self {
            format,
            base64: STANDARD.encode(bytes),
        })
    }

    /// True if [`Photo::of`] takes these bytes.
    pub fn is_one(bytes: &[u8]) -> bool {
        format_of(bytes).is_some()
    }

    /// Adds the picture to the vCard 3.0 that `card` ends with.
    pub fn put_into_v3(&self, card: &mut Vec<u8>) {
        self.put_into(
            card,
            &format!("PHOTO;ENCODING=b;TYPE={}:", self.format.name),
        );
    }

    /// Adds the picture to the vCard 4.0 that `card` ends with. Not through the `vcard` crate, which writes the comma of
    /// the URI as `\,`: no address book shows that.
    pub fn put_into_v4(&self, card: &mut Vec<u8>) {
        self.put_into(card, &format!("PHOTO:data:{};base64,", self.format.media));
    }

    fn put_into(&self, card: &mut Vec<u8>, head: &str) {
        const END: &[u8] = b"END:VCARD\r\n";
        let Some(length) = card.strip_suffix(END).map(<[u8]>::len) else {
            return;
        };
        card.truncate(length);
        card.extend_from_slice(head.as_bytes());
        let mut room = MAX_LINE - head.len();
        let mut rest = self.base64.as_str();
        while let Some((line, more)) = rest.split_at_checked(room).filter(|(_, m)| !m.is_empty()) {
            card.extend_from_slice(line.as_bytes());
            card.extend_from_slice(b"\r\n ");
            (rest, room) = (more, MAX_LINE - 1);
        }
        card.extend_from_slice(rest.as_bytes());
        card.extend_from_slice(b"\r\n");
        card.extend_from_slice(END);
    }
}

fn format_of(bytes: &[u8]) -> Option<&'static Format> {
    let format = FORMATS.iter().find(|f| bytes.starts_with(f.magic))?;
    (bytes.len() <= MAX_BYTES).then_some(format)
}
