//! A contact as the text of a QR code: a short vCard, which phones' cameras offer to save.

use crate::collections::details::line;
use crate::format::vcard::formatted_name;
use crate::model::Contact;
use crate::phrase;

/// The most values of one kind in the fullest text.
const MOST: usize = 6;

/// Returns the texts for a QR code with a description of each, the longest first. A small window has room only for a
/// short text.
pub fn texts(contact: &Contact) -> Vec<(String, &'static str)> {
    [
        (MOST, true, phrase("Name, numbers, e-mail, company")),
        (2, false, phrase("Name, two numbers, one e-mail address")),
        (1, false, phrase("Name and one number")),
    ]
    .into_iter()
    .map(|(most, all, about)| (text(contact, most, all), about))
    .chain(short(contact))
    .collect()
}

/// Shorter texts, which make codes for small windows.
fn short(contact: &Contact) -> Vec<(String, &'static str)> {
    let Some(phone) = contact.phones.first() else {
        return Vec::new();
    };
    let number: String = phone
        .number
        .chars()
        .filter(|c| c.is_ascii_digit() || matches!(c, '+' | '*' | '#' | ',' | ';'))
        .collect();
    let name = line(&formatted_name(contact));
    // MECARD has the same special characters as vCard, and the colon.
    let name = escaped(&name).replace(':', "\\:");
    let card = format!("MECARD:N:{name};TEL:{};;", escaped(&number));
    vec![
        (card, phrase("Name and one number")),
        (format!("tel:{number}"), phrase("One number, to dial")),
    ]
}

fn text(contact: &Contact, most: usize, all: bool) -> String {
    let mut card = vec!["BEGIN:VCARD".to_owned(), "VERSION:3.0".to_owned()];
    let name = line(&formatted_name(contact));
    let mut add = |property: &str, value: &str| {
        let value = line(value);
        if !value.is_empty() {
            card.push(format!("{property}:{}", escaped(&value)));
        }
    };
    add("FN", &name);
    for phone in contact.phones.iter().take(most) {
        add("TEL", &phone.number);
    }
    let emails = match (all, most) {
        (true, _) => most,
        (false, 1) => 0,
        (false, _) => 1,
    };
    for email in contact.emails.iter().take(emails) {
        add("EMAIL", &email.address);
    }
    let company = contact
        .organizations
        .iter()
        .find_map(|o| o.company.as_ref());
    if let Some(company) = company.filter(|_| all) {
        add("ORG", company);
    }
    // vCard 3.0 requires N. The parts of the name are unknown here, so the whole name is written as the given name.
    let given = escaped(&name);
    card.push(format!("N:;{given};;;"));
    card.push("END:VCARD".to_owned());
    card.join("\n")
}

/// Escapes a value (RFC 2426, section 5).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | ';' | ',') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
