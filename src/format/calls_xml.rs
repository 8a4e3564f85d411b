//! The calls of SMS Backup & Restore (`calls-….xml`), a common Android app: written so that the app restores them.
//!
//! The app stores the columns of Android's call log as they are: `null` for a column without a value, and a name in
//! brackets for a caller without one (synctech.com.au, "Fields in XML backup files"). It refuses a file in a single
//! line (xeals/signal-back#29). Some versions write characters beyond U+FFFF as two numeric entities, which is not
//! valid XML. The reader accepts them. The writer writes UTF-8.

use std::io::{self, BufRead, Write};

use chrono::DateTime;

use super::Losses;
use super::phone_xml::{Elements, NULL, Troubles, attributes, date, in_milliseconds};
use crate::model::{Call, CallKind, Presentation};
use crate::phrase;

/// What the app writes for a caller without a name.
pub(super) const NO_NAME: &str = "(Unknown)";

/// Name of the loss for characters that no XML 1.0 file may contain.
const NOT_IN_XML: &str = phrase("control characters (a \u{FFFD} stands for each)");

/// Writes the beginning of a file with `count` calls.
///
/// # Errors
/// Those of `to`.
pub fn begin(to: &mut impl Write, count: u64) -> io::Result<()> {
    writeln!(
        to,
        "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>"
    )?;
    writeln!(to, "<calls count=\"{count}\">")
}

/// Writes one call. Characters that XML can't hold are replaced and counted.
///
/// # Errors
/// Those of `to`.
pub fn write(to: &mut impl Write, call: &Call, losses: &mut Losses) -> io::Result<()> {
    // Without `..`: a new field of a call does not compile until it is decided whether this format has it.
    let Call {
        kind,
        number,
        presentation,
        at,
        duration,
        name,
        place: _,
        post_dial_digits,
        subscription_id,
        subscription_component_name,
        transcription: _,
        extended: _,
        source: _,
    } = call;
    let or_null = |text: &Option<String>| text.clone().unwrap_or_else(|| NULL.into());
    let readable = at.and_then(DateTime::from_timestamp_millis);
    let readable = readable.map(|at| at.format("%b %-d, %Y %H:%M:%S UTC").to_string());
    write!(to, "  <call")?;
    for (attribute, value) in [
        ("number", number.clone().unwrap_or_default()),
        ("duration", duration.unwrap_or_default().to_string()),
        ("date", at.unwrap_or_default().to_string()),
        ("type", type_of(*kind).to_string()),
        ("presentation", presentation_of(*presentation).to_string()),
        ("subscription_id", or_null(subscription_id)),
        (
            "post_dial_digits",
            post_dial_digits.clone().unwrap_or_default(),
        ),
        (
            "subscription_component_name",
            or_null(subscription_component_name),
        ),
        ("readable_date", readable.unwrap_or_default()),
        (
            "contact_name",
            name.clone().unwrap_or_else(|| NO_NAME.into()),
        ),
    ] {
        write!(to, " {attribute}=\"{}\"", escaped(&value, losses))?;
    }
    writeln!(to, " />")
}

/// Writes the end of a file.
///
/// # Errors
/// Those of `to`.
pub fn end(to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "</calls>")
}

/// Reads a file. Calls `each` with every call, and returns the count that the file itself states, if it does.
///
/// # Errors
/// Those of `from`; [`io::ErrorKind::InvalidData`] if the file is not of this form or ends too early.
pub fn read(from: impl BufRead, mut each: impl FnMut(Call)) -> io::Result<Option<u64>> {
    let mut calls = Calls::new(from)?;
    while let Some(call) = calls.next_call()? {
        each(call);
    }
    Ok(calls.stated)
}

/// Reads the calls of a file one by one.
pub struct Calls<R> {
    elements: Elements<R>,
    is_begun: bool,
    /// The number of calls that the file states.
    pub stated: Option<u64>,
}

impl<R: BufRead> Calls<R> {
    /// Begins a file.
    ///
    /// # Errors
    /// Those of `from`.
    pub fn new(from: R) -> io::Result<Self> {
        Ok(Self {
            elements: Elements::new(from)?,
            is_begun: false,
            stated: None,
        })
    }

    /// Returns the next call; `None` at the end.
    ///
    /// # Errors
    /// As [`read`].
    pub fn next_call(&mut self) -> io::Result<Option<Call>> {
        loop {
            let element = self.elements.next(&mut |_, _| Ok(()))?;
            if let Some(rest) = element.named("calls") {
                self.is_begun = true;
                self.stated = element.stated(rest);
                if element.is_empty() {
                    return Ok(None);
                }
            } else if let (Some(rest), true) = (element.named("call"), self.is_begun) {
                return Ok(Some(call(rest, self.elements.troubles())));
            } else if element.named("/calls").is_some() && self.is_begun {
                return Ok(None);
            }
        }
    }

    /// What could not be read so far.
    pub fn troubles(&self) -> Troubles {
        self.elements.all_troubles()
    }
}

fn call(rest: &str, troubles: &mut Troubles) -> Call {
    let mut call = Call::default();
    for (name, value) in attributes(rest, troubles) {
        let text = || (!value.is_empty() && value != NULL).then(|| value.clone());
        let number = || value.parse::<i64>().ok();
        match name {
            "number" => call.number = text(),
            "duration" => call.duration = number(),
            "date" => call.at = in_milliseconds(date(&value, troubles)),
            "type" => call.kind = kind(number()),
            "presentation" => call.presentation = presentation(number()),
            "subscription_id" => call.subscription_id = text(),
            "post_dial_digits" => call.post_dial_digits = text(),
            "subscription_component_name" => call.subscription_component_name = text(),
            "contact_name" => call.name = text().filter(|name| name != NO_NAME),
            _ => {}
        }
    }
    call
}

/// AOSP's number for how a call ended (`CallLog.Calls.TYPE`).
fn type_of(kind: CallKind) -> i64 {
    match kind {
        CallKind::Unknown => 0,
        CallKind::Incoming => 1,
        CallKind::Outgoing => 2,
        CallKind::Missed => 3,
        CallKind::Voicemail => 4,
        CallKind::Rejected => 5,
        CallKind::Blocked => 6,
        CallKind::AnsweredElsewhere => 7,
        CallKind::Other(number) => number,
    }
}

/// Returns the kind of call for a number of the column `type`.
pub fn kind(number: Option<i64>) -> CallKind {
    match number {
        None | Some(0) => CallKind::Unknown,
        Some(1) => CallKind::Incoming,
        Some(2) => CallKind::Outgoing,
        Some(3) => CallKind::Missed,
        Some(4) => CallKind::Voicemail,
        Some(5) => CallKind::Rejected,
        Some(6) => CallKind::Blocked,
        Some(7) => CallKind::AnsweredElsewhere,
        Some(other) => CallKind::Other(other),
    }
}

/// AOSP's number for what the network said (`CallLog.Calls.NUMBER_PRESENTATION`).
fn presentation_of(presentation: Presentation) -> i64 {
    match presentation {
        Presentation::Allowed => 1,
        Presentation::Restricted => 2,
        Presentation::Unknown => 3,
        Presentation::Payphone => 4,
        Presentation::Unavailable => 5,
        Presentation::Other(number) => number,
    }
}

/// Returns the presentation for a number of the column `presentation`.
pub fn presentation(number: Option<i64>) -> Presentation {
    match number {
        None | Some(1) => Presentation::Allowed,
        Some(2) => Presentation::Restricted,
        Some(3) => Presentation::Unknown,
        Some(4) => Presentation::Payphone,
        Some(5) => Presentation::Unavailable,
        Some(other) => Presentation::Other(other),
    }
}

/// Escapes a text for an attribute. Line ends and tabs become entities, since a reader would turn them into blanks.
pub(super) fn escaped(text: &str, losses: &mut Losses) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut replaced = 0;
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' => escaped.push_str("&#9;"),
            '\n' => escaped.push_str("&#10;"),
            '\r' => escaped.push_str("&#13;"),
            // XML 1.0, section 2.2.
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {
                replaced += 1;
                escaped.push('\u{FFFD}');
            }
            c => escaped.push(c),
        }
    }
    if replaced > 0 {
        *losses.0.entry(NOT_IN_XML.into()).or_default() += replaced;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text() -> impl Strategy<Value = Option<String>> {
        let texts = prop_oneof!["\\PC{1,12}", "[\t\r\n&<>\"'😀a]{1,9}", "\\+?[0-9 ]{3,9}"];
        let texts = texts.prop_filter("no stand-in", |text| text != NULL && text != NO_NAME);
        prop::option::of(texts)
    }

    prop_compose! {
        fn any_call()(
            texts in [text(), text(), text(), text(), text()],
            kind_number in any::<i64>(),
            presented in any::<i64>(),
            small in 0..9_i64,
            is_small in any::<bool>(),
            at in prop::option::of(any::<i64>().prop_filter("a time", |at| *at != 0)),
            duration in any::<i64>(),
        ) -> Call {
            let [number, name, post_dial_digits, subscription_id, subscription_component_name] = texts;
            Call {
                kind: kind(Some(if is_small { small } else { kind_number })),
                presentation: presentation(Some(if is_small { small } else { presented })),
                number,
                name,
                at,
                duration: Some(duration),
                post_dial_digits,
                subscription_id,
                subscription_component_name,
                ..Call::default()
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(calls in prop::collection::vec(any_call(), 0..6)) {
            let (mut file, mut losses) = (Vec::new(), Losses::default());
            begin(&mut file, calls.len() as u64).unwrap();
            for call in &calls {
                write(&mut file, call, &mut losses).unwrap();
            }
            end(&mut file).unwrap();
            let mut found = Vec::new();
            let count = read(&*file, |call| found.push(call)).unwrap();
            prop_assert_eq!(count, Some(calls.len() as u64));
            prop_assert_eq!(found, calls);
            prop_assert!(losses.0.is_empty());
        }

        /// A file that was cut off is never taken for a whole one.
        #[test]
        fn a_cut_is_seen(call in any_call(), cut in any::<prop::sample::Index>()) {
            let mut file = Vec::new();
            begin(&mut file, 1).unwrap();
            write(&mut file, &call, &mut Losses::default()).unwrap();
            end(&mut file).unwrap();
            let whole = file.len() - 1;
            file.truncate(cut.index(whole));
            let found = read(&*file, |_| {});
            prop_assert!(found.is_err());
        }
    }

    #[test]
    fn what_xml_can_not_hold_is_replaced_and_counted() {
        let mut losses = Losses::default();
        assert_eq!(
            escaped("a\u{1}b\u{FFFF}", &mut losses),
            "a\u{FFFD}b\u{FFFD}"
        );
        assert_eq!(losses.0.values().sum::<u64>(), 2);
    }

    /// A file as the app writes it, from github.com/novoid/Memacs and the app's own page.
    #[test]
    fn a_file_of_the_app_is_read() {
        let file = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n<?xml-stylesheet type=\"text/xsl\" \
            href=\"calls.xsl\"?>\n<calls count=\"2\" backup_set=\"1f\" backup_date=\"1521088688853\" type=\"full\">\n  \
            <call number=\"-1\" duration=\"373\" date=\"1303385176064\" type=\"1\" readable_date=\"2011\" \
            contact_name=\"(Unknown)\" />\n<call number='18885551234' duration='0' date='1521654952742' type='3' \
            presentation='1' subscription_id='null' contact_name='Jo &#55357;&#56832; &amp; Co' />\n</calls>";
        let mut found = Vec::new();
        let count = read(file.as_bytes(), |call| found.push(call)).unwrap();
        assert_eq!((count, found.len()), (Some(2), 2));
        assert_eq!(found[0].number.as_deref(), Some("-1"));
        assert_eq!(found[0].name, None);
        assert_eq!(found[1].name.as_deref(), Some("Jo 😀 & Co"));
        assert_eq!(found[1].kind, CallKind::Missed);
        assert_eq!(found[1].subscription_id, None);
    }
}
