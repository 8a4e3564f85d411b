//! The messages of SMS Backup & Restore (`sms-….xml`), a common Android app: written so that the app restores them.
//!
//! The app stores the columns of Android's tables as they are: `null` for a column without a value, and a name in
//! brackets for a person without one; the bytes of an MMS's parts are in base64 (synctech.com.au, "Fields in XML backup
//! files"). See [`super::calls_xml`] for what it does with line ends and characters beyond U+FFFF.

mod read;

use std::io::{self, Read, Write};

use base64::engine::general_purpose::STANDARD;
use base64::write::EncoderWriter;
use chrono::DateTime;
use encoding_rs::Encoding;

pub use read::{Messages, read};

use super::Losses;
use super::calls_xml::{NO_NAME, escaped};
use super::phone_xml::NULL;
use crate::model::{Message, MessageFolder, MessageKind, MessagePart, Party, PartyRole};

/// The sender of an own MMS in Android's table (AOSP `PduHeaders.FROM_INSERT_ADDRESS_TOKEN_STR`).
pub const OWN_ADDRESS: &str = "insert-address-token";

/// The exporter's own name for the people of a message, which is kept among a message's other data.
pub const NAME: &str = "contact_name";

/// Stands between the addresses of an MMS.
const BETWEEN: &str = "~";

/// AOSP's numbers for an address of an MMS (`PduHeaders.FROM`, `TO`, `CC`, `BCC`).
const ROLES: [(PartyRole, i64); 4] = [
    (PartyRole::From, 137),
    (PartyRole::To, 151),
    (PartyRole::Cc, 130),
    (PartyRole::Bcc, 129),
];

/// Columns of a text message that are written as they are, each with what stands for no value.
const SMS_COLUMNS: [(&str, &str); 5] = [
    ("protocol", "0"),
    ("toa", NULL),
    ("sc_toa", NULL),
    ("status", "-1"),
    ("locked", "0"),
];

/// The same for an MMS.
const MMS_COLUMNS: [(&str, &str); 28] = [
    ("rr", NULL),
    ("ct_t", "application/vnd.wap.multipart.related"),
    ("read_status", NULL),
    ("seen", "1"),
    ("sub_cs", NULL),
    ("resp_st", NULL),
    ("retr_st", NULL),
    ("d_tm", NULL),
    ("text_only", "0"),
    ("exp", NULL),
    ("locked", "0"),
    ("m_id", NULL),
    ("st", NULL),
    ("retr_txt_cs", NULL),
    ("retr_txt", NULL),
    ("creator", NULL),
    ("m_size", NULL),
    ("rpt_a", NULL),
    ("ct_cls", NULL),
    ("pri", NULL),
    ("tr_id", NULL),
    ("resp_txt", NULL),
    ("ct_l", NULL),
    ("m_cls", NULL),
    ("d_rpt", NULL),
    ("v", "18"),
    ("m_type", ""),
    ("_id", NULL),
];

/// The same for a part.
const PART_COLUMNS: [(&str, &str); 8] = [
    ("seq", "0"),
    ("chset", NULL),
    ("cd", NULL),
    ("fn", NULL),
    ("cid", NULL),
    ("cl", NULL),
    ("ctt_s", NULL),
    ("ctt_t", NULL),
];

/// Writes the beginning of a file with `count` messages.
///
/// # Errors
/// Those of `to`.
pub fn begin(to: &mut impl Write, count: u64) -> io::Result<()> {
    writeln!(
        to,
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>"
    )?;
    writeln!(to, "<smses count=\"{count}\">")
}

/// Writes the end of a file.
///
/// # Errors
/// Those of `to`.
pub fn end(to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "</smses>")
}

/// Returns a reader of the bytes of a part; `None`: there are none.
pub type Bytes<'a> = &'a dyn Fn(&MessagePart) -> io::Result<Option<Box<dyn Read>>>;

/// Writes one message, with the names of its people and the bytes of its parts. Characters that XML can't hold are replaced and counted.
///
/// # Errors
/// Those of `to`.
pub fn write(
    to: &mut impl Write,
    message: &Message,
    names: Option<&str>,
    bytes: Bytes<'_>,
    losses: &mut Losses,
) -> io::Result<()> {
    // Without `..`: a new field of a message does not compile until it is decided whether this format has it.
    let Message {
        kind,
        folder,
        people,
        at,
        sent,
        read,
        subject,
        text,
        parts,
        thread: _,
        sim,
        service_center,
        extended,
        source: _,
    } = message;
    let of = |name: &'static str, none: &str| {
        let value = extended.iter().find(|(known, _)| known == name);
        (
            name,
            value.map_or(none, |(_, value)| value.as_str()).to_owned(),
        )
    };
    let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| NULL.into());
    let readable = at.and_then(DateTime::from_timestamp_millis);
    let readable = readable.map(|at| at.format("%b %-d, %Y %H:%M:%S UTC").to_string());
    let is_own = message.is_own();
    let others = message.others();
    let read = i64::from(read.unwrap_or(true)).to_string();
    let mut all = vec![
        ("address", others.join(BETWEEN)),
        ("date", at.unwrap_or_default().to_string()),
        ("read", read),
        ("sub_id", or_null(sim)),
        ("readable_date", readable.unwrap_or_default()),
        ("contact_name", names.unwrap_or(NO_NAME).to_owned()),
    ];
    match kind {
        MessageKind::Sms => {
            all.extend(SMS_COLUMNS.map(|(name, none)| of(name, none)));
            all.extend([
                ("type", number_of(*folder).to_string()),
                ("subject", or_null(subject)),
                ("body", or_null(text)),
                ("service_center", or_null(service_center)),
                ("date_sent", sent.unwrap_or_default().to_string()),
            ]);
            write!(to, "  <sms")?;
            attributes_to(to, &all, losses)?;
            writeln!(to, " />")
        }
        MessageKind::Mms => {
            all.extend(MMS_COLUMNS.map(|(name, none)| match (name, is_own) {
                // What was sent, and what was fetched (`PduHeaders.MESSAGE_TYPE_SEND_REQ`, `…_RETRIEVE_CONF`).
                ("m_type", true) => of(name, "128"),
                ("m_type", false) => of(name, "132"),
                _ => of(name, none),
            }));
            let seconds = sent.unwrap_or_default() / 1000;
            all.extend([
                ("msg_box", number_of(*folder).to_string()),
                ("sub", raw_subject(subject.as_deref(), extended)),
                ("date_sent", seconds.to_string()),
            ]);
            write!(to, "  <mms")?;
            attributes_to(to, &all, losses)?;
            writeln!(to, ">")?;
            writeln!(to, "    <parts>")?;
            for part in parts {
                write_part(to, part, bytes, losses)?;
            }
            // Without a part, the text has no other place.
            let is_bare = parts.iter().all(|part| part.text.is_none());
            if let (Some(text), true) = (text, is_bare) {
                let text = MessagePart {
                    media_type: "text/plain".into(),
                    text: Some(text.clone()),
                    ..MessagePart::default()
                };
                write_part(to, &text, &|_| Ok(None), losses)?;
            }
            writeln!(to, "    </parts>")?;
            writeln!(to, "    <addrs>")?;
            let own = Party {
                role: PartyRole::From,
                address: OWN_ADDRESS.into(),
            };
            let is_sender_known = people.iter().any(|one| one.role == PartyRole::From);
            let own = (is_own && !is_sender_known).then_some(&own);
            for one in own.into_iter().chain(people) {
                write!(to, "      <addr")?;
                let role = ("type", role_number(one.role).to_string());
                let address = ("address", one.address.clone());
                attributes_to(to, &[address, role, ("charset", "106".into())], losses)?;
                writeln!(to, " />")?;
            }
            writeln!(to, "    </addrs>")?;
            writeln!(to, "  </mms>")
        }
    }
}

fn write_part(
    to: &mut impl Write,
    part: &MessagePart,
    bytes: Bytes<'_>,
    losses: &mut Losses,
) -> io::Result<()> {
    // Without `..`: a new field of a part does not compile until it is decided whether this format has it.
    let MessagePart {
        id: _,
        media_type,
        name,
        text,
        size: _,
        reply: _,
        found: _,
        file: _,
        extended,
    } = part;
    let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| NULL.into());
    let mut all = vec![
        ("ct", media_type.clone()),
        ("name", or_null(name)),
        ("text", or_null(text)),
    ];
    all.extend(PART_COLUMNS.map(|(name, none)| {
        let value = extended.iter().find(|(known, _)| known == name);
        (
            name,
            value.map_or(none, |(_, value)| value.as_str()).to_owned(),
        )
    }));
    write!(to, "      <part")?;
    attributes_to(to, &all, losses)?;
    if let Some(mut bytes) = bytes(part)? {
        // Nothing in base64 needs to be escaped.
        write!(to, " data=\"")?;
        let mut encoder = EncoderWriter::new(&mut *to, &STANDARD);
        io::copy(&mut bytes, &mut encoder)?;
        encoder.finish()?;
        drop(encoder);
        write!(to, "\"")?;
    }
    writeln!(to, " />")
}

fn attributes_to(
    to: &mut impl Write,
    all: &[(&str, String)],
    losses: &mut Losses,
) -> io::Result<()> {
    for (name, value) in all {
        write!(to, " {name}=\"{}\"", escaped(value, losses))?;
    }
    Ok(())
}

/// AOSP's number for a folder (`Telephony.TextBasedSmsColumns.TYPE`, `BaseMmsColumns.MESSAGE_BOX`).
fn number_of(folder: MessageFolder) -> i64 {
    match folder {
        MessageFolder::Unknown => 0,
        MessageFolder::Received => 1,
        MessageFolder::Sent => 2,
        MessageFolder::Draft => 3,
        MessageFolder::Outbox => 4,
        MessageFolder::Failed => 5,
        MessageFolder::Queued => 6,
        MessageFolder::Other(number) => number,
    }
}

/// Returns the subject of an MMS. Android keeps the bytes of a subject as characters of ISO 8859-1, whatever its
/// character set is (AOSP `PduPersister.toIsoString`).
pub fn subject(raw: String, charset: Option<i64>) -> String {
    let bytes: Option<Vec<u8>> = raw
        .chars()
        .map(|c| u8::try_from(u32::from(c)).ok())
        .collect();
    let text = charset
        .and_then(encoding)
        .zip(bytes)
        .and_then(|(encoding, bytes)| {
            let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes)?;
            let text = text.into_owned();
            // Only a text that leads back to the column is taken.
            (in_iso_8859_1(&text, encoding).as_ref() == Some(&raw)).then_some(text)
        });
    text.unwrap_or(raw)
}

/// Returns the bytes of a text as characters of ISO 8859-1; `None`: the character set can't hold the text.
fn in_iso_8859_1(text: &str, encoding: &'static Encoding) -> Option<String> {
    let (bytes, used, has_failed) = encoding.encode(text);
    let is_exact = !has_failed && used == encoding;
    is_exact.then(|| bytes.iter().copied().map(char::from).collect())
}

/// Returns the character set for IANA's number (MIBenum), which Android keeps beside a text.
pub fn encoding(number: i64) -> Option<&'static Encoding> {
    Some(match number {
        // US-ASCII is a part of UTF-8.
        3 | 106 => encoding_rs::UTF_8,
        4 | 2252 => encoding_rs::WINDOWS_1252,
        5 => encoding_rs::ISO_8859_2,
        6 => encoding_rs::ISO_8859_3,
        7 => encoding_rs::ISO_8859_4,
        8 => encoding_rs::ISO_8859_5,
        9 => encoding_rs::ISO_8859_6,
        10 => encoding_rs::ISO_8859_7,
        11 => encoding_rs::ISO_8859_8,
        12 | 2254 => encoding_rs::WINDOWS_1254,
        13 => encoding_rs::ISO_8859_10,
        17 => encoding_rs::SHIFT_JIS,
        18 => encoding_rs::EUC_JP,
        38 => encoding_rs::EUC_KR,
        39 => encoding_rs::ISO_2022_JP,
        109 => encoding_rs::ISO_8859_13,
        110 => encoding_rs::ISO_8859_14,
        111 => encoding_rs::ISO_8859_15,
        112 => encoding_rs::ISO_8859_16,
        113 | 2025 => encoding_rs::GBK,
        114 => encoding_rs::GB18030,
        1013 | 1015 => encoding_rs::UTF_16BE,
        1014 => encoding_rs::UTF_16LE,
        2026 => encoding_rs::BIG5,
        2084 => encoding_rs::KOI8_R,
        2250 => encoding_rs::WINDOWS_1250,
        2251 => encoding_rs::WINDOWS_1251,
        2253 => encoding_rs::WINDOWS_1253,
        2255 => encoding_rs::WINDOWS_1255,
        2256 => encoding_rs::WINDOWS_1256,
        2257 => encoding_rs::WINDOWS_1257,
        2258 => encoding_rs::WINDOWS_1258,
        2259 => encoding_rs::WINDOWS_874,
        _ => return None,
    })
}

/// Returns a subject as the column has it.
fn raw_subject(subject: Option<&str>, extended: &[(String, String)]) -> String {
    let Some(text) = subject else {
        return NULL.into();
    };
    let charset = extended.iter().find(|(name, _)| name == "sub_cs");
    let charset = charset.and_then(|(_, number)| number.parse().ok());
    let raw = charset
        .and_then(encoding)
        .and_then(|encoding| in_iso_8859_1(text, encoding));
    // A column that does not hold such bytes is kept unchanged.
    let leads_back = |raw: &String| self::subject(raw.clone(), charset) == text;
    raw.filter(leads_back).unwrap_or_else(|| text.to_owned())
}

/// Returns the folder for a number of the column `type` or `msg_box`.
pub fn folder(number: Option<i64>) -> MessageFolder {
    match number {
        None | Some(0) => MessageFolder::Unknown,
        Some(1) => MessageFolder::Received,
        Some(2) => MessageFolder::Sent,
        Some(3) => MessageFolder::Draft,
        Some(4) => MessageFolder::Outbox,
        Some(5) => MessageFolder::Failed,
        Some(6) => MessageFolder::Queued,
        Some(other) => MessageFolder::Other(other),
    }
}

fn role_number(role: PartyRole) -> i64 {
    if let PartyRole::Other(number) = role {
        return number;
    }
    let known = ROLES.iter().find(|(known, _)| *known == role);
    known.map_or(0, |(_, number)| *number)
}

/// Returns what an address with this number of the column `type` is.
pub fn role(number: Option<i64>) -> PartyRole {
    let known = ROLES.iter().find(|(_, known)| Some(*known) == number);
    known.map_or_else(
        || PartyRole::Other(number.unwrap_or_default()),
        |(role, _)| *role,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = Option<String>> {
        let texts = prop_oneof!["\\PC{0,12}", "[\t\r\n&<>\"'😀a]{1,9}", "\\+?[0-9 ]{3,9}"];
        prop::option::of(texts.prop_filter("no stand-in", |text| text != NULL))
    }

    fn people(folder: MessageFolder, address: Option<String>) -> Vec<Party> {
        let own = Message {
            folder,
            ..Message::default()
        };
        let role = match own.is_own() {
            true => PartyRole::To,
            false => PartyRole::From,
        };
        let address = address.filter(|address| !address.is_empty());
        let party = address.map(|address| Party { role, address });
        party.into_iter().collect()
    }

    prop_compose! {
        fn any_message()(
            texts in [text(), text(), text(), text(), text()],
            number in 0..9_i64,
            times in prop::array::uniform2(prop::option::of(100_000_000_000..2_000_000_000_000_i64)),
            read in any::<bool>(),
            is_mms in any::<bool>(),
            bytes in prop::collection::vec(any::<u8>(), 1..9),
        ) -> Message {
            let [address, subject, body, other, sim] = texts;
            let folder = folder(Some(number));
            let [at, sent] = times;
            let base = Message {
                folder,
                people: people(folder, address),
                at,
                read: Some(read),
                subject,
                sim,
                ..Message::default()
            };
            if is_mms {
                let part = MessagePart {
                    media_type: "image/jpeg".into(),
                    name: other,
                    size: Some(bytes.len() as u64),
                    ..MessagePart::default()
                };
                let text = MessagePart {
                    media_type: "text/plain".into(),
                    text: Some(body.clone().unwrap_or_default()),
                    ..MessagePart::default()
                };
                return Message {
                    kind: MessageKind::Mms,
                    sent: sent.map(|sent| sent / 1000 * 1000),
                    text: text.text.clone(),
                    parts: vec![part, text],
                    ..base
                };
            }
            Message { text: body, service_center: other, sent, ..base }
        }
    }

    fn bytes(part: &MessagePart) -> io::Result<Option<Box<dyn Read>>> {
        let bytes = part.size.map(|size| io::repeat(7).take(size));
        Ok(bytes.map(|bytes| Box::new(bytes) as Box<dyn Read>))
    }

    /// Columns that the file states although the message had none.
    fn bare(mut message: Message) -> Message {
        message.extended.clear();
        message
            .parts
            .iter_mut()
            .for_each(|part| (part.found, part.extended) = (None, Vec::new()));
        message
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(messages in prop::collection::vec(any_message(), 0..6)) {
            let (mut file, mut losses) = (Vec::new(), Losses::default());
            begin(&mut file, messages.len() as u64).unwrap();
            for message in &messages {
                write(&mut file, message, None, &bytes, &mut losses).unwrap();
            }
            end(&mut file).unwrap();
            let mut found = Vec::new();
            let count = read(&*file, |message| found.push(bare(message))).unwrap();
            prop_assert_eq!(count, Some(messages.len() as u64));
            prop_assert_eq!(found, messages);
            prop_assert!(losses.0.is_empty());
        }

        /// A file that was cut off is never taken for a whole one.
        #[test]
        fn a_cut_is_seen(message in any_message(), cut in any::<prop::sample::Index>()) {
            let mut file = Vec::new();
            begin(&mut file, 1).unwrap();
            write(&mut file, &message, None, &bytes, &mut Losses::default()).unwrap();
            end(&mut file).unwrap();
            let whole = file.len() - 1;
            file.truncate(cut.index(whole));
            let found = read(&*file, |_| {});
            prop_assert!(found.is_err());
        }
    }

    /// A file as the app writes it, put together from the app's own page and public issues.
    #[test]
    fn a_file_of_the_app_is_read() {
        let file = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<!--File Created By SMS Backup & Restore \
            v10.05 on Bob's > phone-->\n<?xml-stylesheet type=\"text/xsl\" href=\"sms.xsl\"?>\n<smses count=\"2\" \
            backup_set=\"1f\" type=\"full\">\n  <sms protocol=\"0\" address=\"+4930123\" date=\"1400000000000\" \
            type=\"1\" subject=\"null\" body=\"a > b &#55357;&#56838;&#10;c\" toa=\"null\" sc_toa=\"null\" \
            service_center=\"null\" read=\"1\" status=\"-1\" locked=\"0\" date_sent=\"0\" contact_name=\"Jo\" />\n  \
            <mms date=\"1400000001000\" msg_box=\"2\" sub=\"null\" read=\"1\" date_sent=\"0\" m_type=\"128\">\n<parts>\
            <part seq=\"0\" ct=\"text/plain\" name=\"null\" text=\"see\" /><part seq=\"1\" ct=\"image/png\" name=\"a.png\" \
            text=\"null\" data=\"AAEC\" /></parts>\n<addrs><addr address=\"insert-address-token\" type=\"137\" />\
            <addr address=\"+4930124\" type=\"151\" /></addrs></mms></smses>";
        let mut found = Vec::new();
        let count = read(file.as_bytes(), |message| found.push(message)).unwrap();
        assert_eq!((count, found.len()), (Some(2), 2));
        assert_eq!(found[0].text.as_deref(), Some("a > b 😆\nc"));
        assert_eq!(found[0].from(), Some("+4930123"));
        assert_eq!(found[1].text.as_deref(), Some("see"));
        assert_eq!(found[1].people.len(), 1);
        assert_eq!(found[1].parts[1].size, Some(3));
    }
}
