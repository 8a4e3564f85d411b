//! Texts in the form used for comparison.

use crate::model::uid;

/// Returns the text in lower case, with one blank between words, and without control characters, since exported files
/// contain none.
pub fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_whitespace() {
            if !folded.is_empty() && !folded.ends_with(' ') {
                folded.push(' ');
            }
        } else if !c.is_control() {
            folded.extend(c.to_lowercase());
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

pub fn folded_option(text: Option<&str>) -> String {
    folded(text.unwrap_or_default())
}

/// Returns true if both texts are non-empty and different.
pub fn differ(a: Option<&str>, b: Option<&str>) -> bool {
    let (a, b) = (folded_option(a), folded_option(b));
    !a.is_empty() && !b.is_empty() && a != b
}

/// Returns an identifier that a program gave to the record. `None` for an identifier that Lifeboat made from the
/// content, since that adds no information.
pub fn own_uid(uid: &str) -> Option<&str> {
    let uid = uid.trim();
    let uid = match uid.split_at_checked("urn:uuid:".len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("urn:uuid:") => rest,
        _ => uid,
    };
    (!uid.is_empty() && !uid::is_made_from_content(uid)).then_some(uid)
}

/// Returns true if both have their own identifiers and these differ.
pub fn other_uid(a: &str, b: &str) -> bool {
    matches!((own_uid(a), own_uid(b)), (Some(a), Some(b)) if a != b)
}

/// Sets a value that is not known yet.
pub fn fill(known: &mut Option<String>, found: Option<String>) {
    if known.as_ref().is_none_or(|text| text.trim().is_empty()) && found.is_some() {
        *known = found;
    }
}

/// Adds the entries that are not among the known ones.
pub fn add_lacking<T>(known: &mut Vec<T>, found: Vec<T>, same: impl Fn(&T, &T) -> bool) {
    for entry in found {
        if !known
            .iter()
            .take(MOST_ENTRIES)
            .any(|other| same(other, &entry))
        {
            known.push(entry);
        }
    }
}

/// Maximum number of entries of one kind that are compared: only hostile records have more.
pub const MOST_ENTRIES: usize = 256;
