//! Writes vCard 3.0 (RFC 2426), which nearly every program imports.
//!
//! The file is clean UTF-8 with CRLF and folded lines, without quoted-printable, CHARSET or the current time. The
//! same contact always gives the same bytes.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::contact;
use super::text::{END, escape, fold, parameter_text};
use super::walk::{Group, Parameters, Sink, walk};
use crate::format::Losses;
use crate::format::versit::exact::{self, Exact as _};
use crate::format::versit::own_component;
use crate::model::{Contact, uid};
use crate::phrase;

/// Appends the contact to `out` as one vCard 3.0 with all its fields. `losses` counts values that most programs do
/// not show, and control characters that a vCard cannot hold.
pub fn write(contact: &Contact, out: &mut Vec<u8>, losses: &mut Losses) {
    let start = out.len();
    out.extend_from_slice(b"BEGIN:VCARD\r\nVERSION:3.0\r\n");
    let mut writer = Writer {
        out,
        line: String::new(),
        controls: 0,
    };
    walk(contact, &uid_of(contact), &mut writer, losses);
    let controls = writer.controls;
    out.extend_from_slice(END);
    count_controls(controls, losses);
    keep_exact(contact, out, start);
}

/// Most lines of a card that is compared with its contact.
const MOST_LINES: usize = 100_000;

/// Puts what the card at `start` does not show into one property at its end.
pub(super) fn keep_exact(contact: &Contact, out: &mut Vec<u8>, start: usize) {
    let written = out.get(start..).unwrap_or_default();
    // Reading a card takes many times its size. No person's card has so many lines; the journal has all values.
    if memchr::memchr_iter(b'\n', written).count() > MOST_LINES {
        return;
    }
    let seen = contact::read(&own_component(written)).contact;
    if let Some(json) = exact::text(&contact.differences(&seen)) {
        let mut line = format!("{}:", exact::NAME);
        escape(&mut line, &json);
        out.truncate(out.len().saturating_sub(END.len()));
        fold(&line, out);
        out.extend_from_slice(END);
    }
}

pub(super) fn count_controls(controls: u64, losses: &mut Losses) {
    if controls > 0 {
        *losses
            .0
            .entry(phrase("invisible control characters inside texts").to_owned())
            .or_default() += controls;
    }
}

/// Returns the UID of the contact. A contact without one gets a UID made from its content.
pub(super) fn uid_of(contact: &Contact) -> Cow<'_, str> {
    if !contact.uid.trim().is_empty() && !contact.uid.contains(char::is_control) {
        return Cow::Borrowed(&contact.uid);
    }
    Cow::Owned(uid::of_contact(&["card"], contact))
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    /// The current content line, before folding.
    line: String,
    controls: u64,
}

impl Writer<'_> {
    fn start(&mut self, group: Group, name: &str, parameters: &Parameters<'_>) {
        self.line.clear();
        if let Some(number) = group {
            let _infallible = write!(self.line, "item{number}.");
        }
        self.line.push_str(name);
        for kind in parameters.types {
            self.line.push_str(";TYPE=");
            self.line.push_str(kind);
        }
        if let Some(label) = parameters.custom.and_then(parameter_text) {
            self.line.push_str(";TYPE=");
            push_parameter(&mut self.line, "X-", &label);
        }
        if let Some(service) = parameters.service.and_then(parameter_text) {
            self.line.push_str(";X-SERVICE-TYPE=");
            push_parameter(&mut self.line, "", &service);
        }
        if parameters.preferred {
            self.line.push_str(";TYPE=PREF");
        }
        self.line.push(':');
    }

    fn end(&mut self) {
        fold(&self.line, self.out);
    }
}

impl Sink for Writer<'_> {
    fn text(&mut self, group: Group, name: &'static str, parameters: &Parameters<'_>, value: &str) {
        self.start(group, name, parameters);
        self.controls += escape(&mut self.line, value);
        self.end();
    }

    fn parts(
        &mut self,
        group: Group,
        name: &'static str,
        parameters: &Parameters<'_>,
        parts: &[&str],
    ) {
        self.start(group, name, parameters);
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.line.push(';');
            }
            self.controls += escape(&mut self.line, part);
        }
        self.end();
    }

    fn list(&mut self, name: &'static str, items: &[&str]) {
        self.start(None, name, &Parameters::default());
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.line.push(',');
            }
            self.controls += escape(&mut self.line, item);
        }
        self.end();
    }

    fn uri(&mut self, group: Group, name: &'static str, parameters: &Parameters<'_>, uri: &str) {
        self.start(group, name, parameters);
        self.line.push_str(uri);
        self.end();
    }
}

/// Appends a parameter value. Quotes it unless it has only letters, digits and hyphens.
fn push_parameter(line: &mut String, prefix: &str, text: &str) {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let quote = if plain { "" } else { "\"" };
    line.extend([quote, prefix, text, quote]);
}
