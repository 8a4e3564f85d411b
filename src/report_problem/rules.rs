//! Decides which parts of a text are kept, depending on the text: a sentence of Lifeboat, a path, a request or a reply.

use super::replacer::Replacer;
use super::structure::{
    self, Among, Holds, is_account_kind, is_ending, is_kept, is_kept_cell, is_property,
    is_system_package, is_time_zone,
};
use crate::phrase;

/// Maximum length of a number that is kept in a sentence, in digits. Counts are short; a person's number is longer.
const COUNT: usize = 5;

/// Replaces texts by rules. `own`: additional words that are kept, such as those of the phone's make and model.
pub struct Rules {
    pub replacer: Replacer,
    pub own: Vec<String>,
}

impl Rules {
    /// Converts a sentence of Lifeboat. Data of a phone or a person in it is replaced.
    pub fn sentence(&self, text: &str) -> String {
        for head in [
            phrase("Ticket"),
            phrase("Done by"),
            phrase("The work profile is read too; who agreed"),
        ] {
            let rest = text.strip_prefix(head);
            if let Some(rest) = rest.and_then(|rest| rest.strip_prefix(": ")) {
                return format!("{head}: {}", self.replacer.text(rest));
            }
        }
        let mut out = String::new();
        // File names contain blanks, so a path is assumed to extend to the end of the sentence.
        let mut is_path = false;
        for (at, part) in text.split(' ').enumerate() {
            if at > 0 {
                out.push(' ');
            }
            is_path &= !out.trim_end().ends_with(['.', ':', ';']);
            let is_plain = is_instant(part) || self.is_own(part);
            is_path |= part.contains('/') && !is_plain;
            // A new sentence begins here.
            let is_first = at == 0 || out.trim_end().ends_with(['.', ':']);
            out.push_str(&match part {
                part if is_path => self.path(part),
                part if is_plain => part.to_owned(),
                part if part.contains('@') => self.replacer.text(part),
                part => self.words(part, Among::Sentence, is_first),
            });
        }
        out
    }

    /// Converts a path: known folders and file name extensions are kept.
    pub fn path(&self, path: &str) -> String {
        let parts = path.split('/').map(|part| self.path_part(part));
        parts.collect::<Vec<_>>().join("/")
    }

    fn path_part(&self, part: &str) -> String {
        if is_system_package(part) || part == "com.whatsapp" {
            return part.to_owned();
        }
        let (stem, ending) = match part.rsplit_once('.') {
            Some((stem, ending)) if is_ending(ending) => (stem, format!(".{ending}")),
            _ => (part, String::new()),
        };
        format!("{}{ending}", self.words(stem, Among::Path, false))
    }

    /// Converts the name of a system's build: a name in Android's format is kept.
    pub fn build(&self, name: &str) -> String {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"/:._- ".contains(&b);
        match name.bytes().all(is_plain) && name.matches('/').count() >= 4 {
            true => name.to_owned(),
            false => self.replacer.text(name),
        }
    }

    /// Converts a request to a phone, in the terms of its protocol.
    pub fn request(&self, request: &str) -> String {
        for verb in [
            "sync LIS2 ",
            "sync LIST ",
            "sync LST2 ",
            "sync STA2 ",
            "sync STAT ",
            "sync RCV2 ",
            "sync RECV ",
        ] {
            if let Some(path) = request.strip_prefix(verb) {
                return format!("{verb}{}", self.path(path));
            }
        }
        let (head, rest) = match request.find("content query ") {
            Some(at) => request.split_at(at),
            None => ("", request),
        };
        if rest.starts_with("content query ") {
            return self.words(head, Among::Request, false) + &self.query(rest);
        }
        // A path extends to the end, except for the position in the file at which the read started.
        let (request, end) = match request.rfind(" from byte ") {
            Some(at) if request.contains('/') => request.split_at(at),
            _ => (request, ""),
        };
        let is_mtp = request.starts_with("Get");
        let mut is_path = false;
        let parts = request.split(' ').map(|part| {
            is_path |= part.contains('/');
            match part {
                part if is_path => self.path(part),
                part if is_mtp && is_handle(part) => part.to_owned(),
                part => self.words(part, Among::Request, false),
            }
        });
        parts.collect::<Vec<_>>().join(" ") + &self.words(end, Among::Request, false)
    }

    /// Converts a query. Its names and numbers come from Lifeboat and are kept. SQL strings are between quotes escaped
    /// for the shell; only known strings are kept.
    fn query(&self, query: &str) -> String {
        let parts = query.split(r"'\''").enumerate();
        let parts = parts.map(|(at, part)| match at % 2 {
            0 => part.to_owned(),
            _ if self.is_kept_string(part) => part.to_owned(),
            _ => self.replacer.text(part),
        });
        parts.collect::<Vec<_>>().join(r"'\''")
    }

    fn is_kept_string(&self, text: &str) -> bool {
        matches!(text, "NULL" | "BLOB" | "%Row: %" | "%, %=%")
            || is_kept_cell(text, Holds::Kinds)
            || is_kept_cell(text, Holds::AccountKinds)
    }

    /// Converts a reply to a request.
    pub fn reply(&self, request: &str, reply: &[u8]) -> Vec<u8> {
        let is = |words: &str| request.ends_with(words) || request.contains(words);
        if is("content query ") {
            return self.rows(reply);
        }
        let mut out = Vec::with_capacity(reply.len());
        for line in reply.split_inclusive(|b| *b == b'\n') {
            let text = std::str::from_utf8(line).ok();
            let kept = text.and_then(|line| match () {
                () if is("getprop") => self.property(line),
                () if is("pm list packages") => package(line),
                () if is("dumpsys battery") || is("date") => Some(self.measured(line)),
                () => None,
            });
            match (kept, text) {
                (Some(kept), _) => out.extend(kept.into_bytes()),
                (None, Some(line)) => out.extend(self.printed(line).into_bytes()),
                (None, None) => out.extend(self.replacer.bytes(line)),
            }
        }
        out
    }

    /// Converts a line of output of Android's commands: `Account {name=…, type=com.google}`.
    fn printed(&self, line: &str) -> String {
        let is_break = |c: char| c.is_whitespace() || "{}=,:()[]/'\"".contains(c);
        let part = |part: &str| {
            let word = part.trim_end_matches(is_break);
            match is_account_kind(word) || is_system_package(word) {
                true => part.to_owned(),
                false => self.words(part, Among::Android, false),
            }
        };
        line.split_inclusive(is_break).map(part).collect()
    }

    /// Keeps a line about a known property: `[ro.product.model]: [SM-A536B]`.
    fn property(&self, line: &str) -> Option<String> {
        let (name, _) = line.strip_prefix('[')?.split_once("]: [")?;
        is_property(name).then(|| line.to_owned())
    }

    /// Converts a line of Android's words and measured values.
    fn measured(&self, line: &str) -> String {
        let part = |part: &str| match part.trim().bytes().all(|b| b.is_ascii_digit()) {
            true => part.to_owned(),
            false => self.words(part, Among::Android, false),
        };
        line.split_inclusive(' ').map(part).collect()
    }

    /// Converts rows as `content` prints them. Text that looks like the start of a row or a cell is kept wherever it
    /// is.
    pub fn rows(&self, reply: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(reply.len());
        let mut holds = Holds::Texts;
        let mut from = 0;
        let mut at = 0;
        let mut is_row = false;
        while at < reply.len() {
            let is_line = at == 0 || reply.get(at - 1) == Some(&b'\n');
            let rest = reply.get(at..).unwrap_or_default();
            let mark = match is_line {
                true => row_mark(rest),
                false => cell_mark(rest),
            };
            match mark {
                Some((length, next)) => {
                    self.cell(
                        reply.get(from..at).unwrap_or_default(),
                        holds,
                        is_row,
                        &mut out,
                    );
                    out.extend(rest.get(..length).unwrap_or_default());
                    at += length.max(1);
                    (from, holds, is_row) = (at, next, true);
                }
                None => at += 1,
            }
        }
        self.cell(
            reply.get(from..).unwrap_or_default(),
            holds,
            is_row,
            &mut out,
        );
        out
    }

    fn cell(&self, cell: &[u8], holds: Holds, is_row: bool, out: &mut Vec<u8>) {
        let length = cell.trim_ascii_end().len();
        let (cell, end) = cell.split_at(length);
        match std::str::from_utf8(cell) {
            // Text before the first row, or without any row, is a message of Android.
            Ok(text) if !is_row => {
                for line in text.split_inclusive('\n') {
                    out.extend(self.printed(line).into_bytes());
                }
            }
            Ok(text) if is_kept_cell(text, holds) => out.extend(cell),
            Ok(text) if holds == Holds::Paths => out.extend(self.path(text).into_bytes()),
            // Errors follow the last row.
            Ok(text) if text.contains("\nError while accessing provider") => {
                let at = text.find("\nError").unwrap_or(text.len());
                let (cell, error) = text.split_at(at);
                self.cell(cell.as_bytes(), holds, true, out);
                self.cell(error.as_bytes(), holds, false, out);
            }
            Ok(_) | Err(_) => {
                for line in cell.split_inclusive(|b| *b == b'\n') {
                    // A line of text may look like a row: the part that looks so is kept.
                    let (head, rest) = line.split_at(row_head(line).unwrap_or(0));
                    out.extend(head);
                    out.extend(self.replacer.bytes(rest));
                }
            }
        }
        out.extend(end);
    }

    /// Converts a text word by word.
    fn words(&self, text: &str, among: Among, is_first: bool) -> String {
        let mut out = String::new();
        // Consecutive words to be replaced are replaced as one piece, since numbers and names may consist of several
        // parts.
        let mut waiting = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let length = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
            let (part, stays) = if first.is_ascii_alphabetic() {
                let is_bound = !waiting.ends_with(|c: char| c.is_alphanumeric());
                let is_first = is_first && waiting.is_empty() && out.is_empty();
                let long = length(|c| c.is_alphanumeric() || c == '_');
                let short = length(|c| c.is_alphabetic() || c == '_');
                // `phone_v2` is a word; in `IMG20240301` only the letters are.
                let part = |length: usize| rest.get(..length).unwrap_or(rest);
                match part(long) {
                    whole if self.is_own(whole) => (whole, is_bound),
                    whole if is_kept(whole, among, is_first) => (whole, is_bound),
                    _ => (
                        part(short),
                        is_bound && is_kept(part(short), among, is_first),
                    ),
                }
            } else if first.is_ascii_digit() {
                let part = rest.get(..length(|c| c.is_ascii_digit())).unwrap_or(rest);
                let after = rest.get(part.len()..).unwrap_or_default();
                // Excludes parts of numbers such as +49, 171-5550 and 52.52.
                let is_free = !waiting
                    .ends_with(|c: char| c.is_alphanumeric() || "+-.".contains(c))
                    && !after.starts_with(|c: char| c.is_alphabetic() || c == '-')
                    && !after
                        .strip_prefix('.')
                        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                let most = match among {
                    Among::Sentence => COUNT,
                    Among::Request => 20,
                    Among::Path | Among::Android => 2,
                };
                (part, is_free && part.len() <= most)
            } else {
                let mut chars = rest.chars();
                chars.next();
                (
                    rest.get(..rest.len() - chars.as_str().len())
                        .unwrap_or(rest),
                    false,
                )
            };
            if stays {
                out.push_str(&self.replacer.text(&waiting));
                waiting.clear();
                out.push_str(part);
            } else {
                waiting.push_str(part);
            }
            rest = rest.get(part.len()..).unwrap_or_default();
        }
        out + &self.replacer.text(&waiting)
    }

    fn is_own(&self, word: &str) -> bool {
        let word = word.trim_matches(|c: char| ",.;:()".contains(c));
        !word.is_empty() && self.own.iter().any(|own| own == word)
    }
}

/// Returns the length of `Row: 12 _id=` at the start of a line, and the kind of the column.
fn row_mark(bytes: &[u8]) -> Option<(usize, Holds)> {
    let head = row_head(bytes)?;
    let rest = bytes.get(head..)?;
    let length = rest.iter().take(64).take_while(|b| is_of_name(b)).count();
    if rest.get(length) != Some(&b'=') {
        return None;
    }
    let holds = structure::column(rest.get(..length)?)?;
    Some((head + length + 1, holds))
}

/// Returns the length of `Row: 12 ` at the start of the bytes. Nobody has a million rows, and phone numbers are longer.
fn row_head(bytes: &[u8]) -> Option<usize> {
    let rest = bytes.strip_prefix(b"Row: ")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_number = (1..=6).contains(&digits) && rest.get(digits) == Some(&b' ');
    is_number.then_some(5 + digits + 1)
}

/// Returns the length of `, data1=` at the start of the bytes, and the kind of the column.
fn cell_mark(bytes: &[u8]) -> Option<(usize, Holds)> {
    let rest = bytes.strip_prefix(b", ")?;
    let length = rest.iter().take(64).take_while(|b| is_of_name(b)).count();
    if rest.get(length) != Some(&b'=') {
        return None;
    }
    let holds = structure::column(rest.get(..length)?)?;
    Some((2 + length + 1, holds))
}

/// Returns true for a handle in the notation of MTP requests.
fn is_handle(text: &str) -> bool {
    text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// Keeps a line such as `package:com.android.phone` if it names a program that comes with phones.
fn package(line: &str) -> Option<String> {
    let name = line.trim_end().strip_prefix("package:")?;
    (is_system_package(name) || is_account_kind(name)).then(|| line.to_owned())
}

/// Returns true for a time in the format of logs, `2026-11-22T10:00:00.123Z`, and for a time zone.
fn is_instant(text: &str) -> bool {
    let text = text.trim_end_matches([',', '.', ':', ';']);
    let is_moment = text.len() >= 20 && chrono::DateTime::parse_from_rfc3339(text).is_ok();
    is_moment || (text.contains('/') && is_time_zone(text))
}
