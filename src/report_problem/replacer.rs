//! Replaces a text with another text of the same shape.
//!
//! The same word always gets the same replacement within a report, regardless of its case and encoding. The replacement
//! depends on a random key that is not part of any report, so that nobody can find a word by trying names. Lengths in
//! characters and in bytes, the case and the script of letters, punctuation, white space and control characters are
//! kept.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io;

use rand_core::{OsRng, RngCore as _};
use sha2::{Digest as _, Sha256};

use super::units::{Form, Unit, units, write};

/// Maximum number of digits that are replaced together: no number of a person is longer.
const LONGEST_NUMBER: usize = 32;

/// Maximum number of words that are cached, so that a long report does not hash each of them again.
const MOST_WORDS: usize = 1 << 16;

/// Replaces texts with one key.
pub struct Replacer {
    key: [u8; 32],
    known: RefCell<HashMap<String, Vec<u32>>>,
}

impl Replacer {
    /// Creates a replacer with a new random key.
    ///
    /// # Errors
    /// If the system provides no random numbers.
    pub fn new() -> io::Result<Self> {
        let mut key = [0; 32];
        OsRng.try_fill_bytes(&mut key).map_err(io::Error::other)?;
        Ok(Self::with_key(key))
    }

    /// Creates a replacer with this key, which must not appear in a report.
    pub fn with_key(key: [u8; 32]) -> Self {
        Self {
            key,
            known: RefCell::default(),
        }
    }

    /// Returns a text of the same shape. Letters and digits are replaced.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// As [`Self::text`], for bytes that may not be UTF-8.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut all = units(bytes);
        let mut at = 0;
        while let Some(unit) = all.get(at) {
            let taken = match unit.c {
                _ if matches!(unit.form, Form::Fixed(_)) => 1,
                c if c.is_ascii_digit() => self.number(&mut all, at),
                c if is_of_word(c) || unit.form == Form::Surrogate => self.word(&mut all, at),
                c => {
                    let other = symbol(c, || self.random("symbol", &c.to_string(), 0));
                    put(&mut all, at, other);
                    1
                }
            };
            at += taken;
        }
        let mut out = Vec::with_capacity(bytes.len());
        for unit in all {
            write(unit, &mut out);
        }
        out
    }

    /// Returns a mark that replaces a digest or a binary reply: the same bytes have the same mark within a report.
    pub fn mark(&self, bytes: &[u8]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(b"mark");
        hash.update(bytes);
        let sum = hash.finalize();
        let hex: Vec<String> = sum.iter().take(6).map(|b| format!("{b:02x}")).collect();
        hex.concat()
    }

    /// Replaces the word at a position, and returns its number of units. Letters in UTF-16 have NULs between them.
    fn word(&self, all: &mut [Unit], start: usize) -> usize {
        let is_part = |unit: Option<&Unit>| {
            unit.is_some_and(|u| {
                (is_of_word(u.c) && !matches!(u.form, Form::Fixed(_))) || u.form == Form::Surrogate
            })
        };
        let (mut places, mut at) = (Vec::new(), start);
        loop {
            places.push(at);
            let step = match all.get(at + 1) {
                next if is_part(next) => 1,
                Some(unit) if unit.c == '\0' && is_part(all.get(at + 2)) => 2,
                _ => break,
            };
            at += step;
        }
        let folded: String = places
            .iter()
            .filter_map(|place| all.get(*place)?.c.to_lowercase().next())
            .collect();
        let stream = self.stream(&folded, places.len());
        for (place, random) in places.iter().zip(stream) {
            let Some(unit) = all.get(*place).copied() else {
                continue;
            };
            let other = match unit.form {
                Form::Surrogate => char::from(0x80 + (random % 0x40) as u8),
                _ => letter(unit.c, random),
            };
            put(all, *place, other);
        }
        at + 1 - start
    }

    /// Returns random numbers for the letters of a word.
    fn stream(&self, folded: &str, length: usize) -> Vec<u32> {
        let known = self.known.borrow().get(folded).cloned();
        if let Some(known) = known.filter(|known| known.len() >= length) {
            return known;
        }
        let mut stream = Vec::with_capacity(length);
        for block in 0..length.div_ceil(8) {
            let sum = self.sum("word", folded, block);
            let numbers = sum.chunks_exact(4).filter_map(|four| four.try_into().ok());
            stream.extend(numbers.map(u32::from_le_bytes));
        }
        let mut known = self.known.borrow_mut();
        if known.len() < MOST_WORDS {
            known.insert(folded.to_owned(), stream.clone());
        }
        stream
    }

    /// Replaces the number at a position, including separators that people write between digits. Numbers with the same
    /// ending get replacements with the same ending, so that +49 171 555 and 0171 555 can still be recognised as one
    /// number. A date is replaced by a date.
    fn number(&self, all: &mut [Unit], start: usize) -> usize {
        let is_digit = |unit: Option<&Unit>| unit.is_some_and(|u| u.c.is_ascii_digit());
        let is_between = |unit: Option<&Unit>| {
            unit.is_some_and(|u| matches!(u.c, ' ' | '-' | '(' | ')' | '.' | '/' | '\0' | '\u{a0}'))
        };
        let (mut places, mut at) = (Vec::new(), start);
        while places.len() < LONGEST_NUMBER {
            places.push(at);
            let gap = (1..=3).find(|gap| is_digit(all.get(at + gap)));
            match gap.filter(|gap| (1..*gap).all(|step| is_between(all.get(at + step)))) {
                Some(gap) => at += gap,
                None => break,
            }
        }
        let digits: String = places.iter().filter_map(|p| Some(all.get(*p)?.c)).collect();
        let between: Vec<char> = (start..=at)
            .filter_map(|p| Some(all.get(p)?.c).filter(|c| !c.is_ascii_digit()))
            .collect();
        let other = match is_date(&digits) && matches!(between[..], [] | ['-', '-']) {
            true => self.date(&digits),
            false => self.digits(&digits),
        };
        for (place, c) in places.iter().zip(other.chars()) {
            put(all, *place, c);
        }
        at + 1 - start
    }

    fn digits(&self, digits: &str) -> String {
        let zeros = match digits.len() {
            6.. => digits.chars().take(2).take_while(|c| *c == '0').count(),
            _ => 0,
        };
        let one = |(at, c): (usize, char)| {
            let behind = digits.get(at + 1..).unwrap_or_default();
            let random = self.random("digit", behind, 0);
            let value = (c.to_digit(10).unwrap_or(0) + random % 10) % 10;
            match at < zeros {
                true => '0',
                false => char::from_digit(value, 10).unwrap_or('0'),
            }
        };
        digits.chars().enumerate().map(one).collect()
    }

    fn date(&self, digits: &str) -> String {
        let random = |what| self.random(what, digits, 0);
        format!(
            "{:04}{:02}{:02}",
            1950 + random("year") % 80,
            1 + random("month") % 12,
            1 + random("day") % 28
        )
    }

    fn random(&self, what: &str, of: &str, block: usize) -> u32 {
        let [a, b, c, d, ..] = self.sum(what, of, block);
        u32::from_le_bytes([a, b, c, d])
    }

    fn sum(&self, what: &str, of: &str, block: usize) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update((block as u64).to_le_bytes());
        hash.update(what);
        hash.update(b"\0");
        hash.update(of);
        hash.finalize().into()
    }
}

fn put(all: &mut [Unit], place: usize, c: char) {
    if let Some(unit) = all.get_mut(place) {
        unit.c = c;
    }
}

/// Returns true for letters of all scripts, and for digits of scripts other than ASCII.
fn is_of_word(c: char) -> bool {
    c.is_alphabetic() || (c.is_numeric() && !c.is_ascii())
}

/// Returns true for eight digits that form a date between 1900 and 2099.
fn is_date(digits: &str) -> bool {
    let part = |from, to| digits.get(from..to).and_then(|d| d.parse::<u32>().ok());
    digits.len() == 8
        && part(0, 4).is_some_and(|year| (1900..2100).contains(&year))
        && part(4, 6).is_some_and(|month| (1..=12).contains(&month))
        && part(6, 8).is_some_and(|day| (1..=31).contains(&day))
}

/// Returns a letter of the same script, case and length, or for a digit a digit of the same script.
fn letter(c: char, random: u32) -> char {
    let ascii = |first: u8| char::from(first + (random % 26) as u8);
    match c {
        'a'..='z' => return ascii(b'a'),
        'A'..='Z' => return ascii(b'A'),
        _ => {}
    }
    // Upper and lower case of one letter are replaced by upper and lower case of one letter.
    if let Some(small) = only(c.to_lowercase()).filter(|small| *small != c) {
        let other = only(letter(small, random).to_uppercase());
        if let Some(other) = other.filter(|other| is_alike(c, *other)) {
            return other;
        }
    }
    let has_partner = |other: &char| {
        let large = only(other.to_uppercase());
        large.is_some_and(|large| large != *other && is_in_one_block(*other, large))
    };
    let alike = |other: &char| is_alike(c, *other);
    let is_small = c.is_lowercase() && has_partner(&c);
    neighbours(c, random)
        .find(|other| alike(other) && (!is_small || has_partner(other)))
        .or_else(|| neighbours(c, random).find(alike))
        .unwrap_or(c)
}

/// Returns the result of a case change if it is a single character.
fn only(mut changed: impl Iterator<Item = char>) -> Option<char> {
    let first = changed.next()?;
    changed.next().is_none().then_some(first)
}

/// Returns all characters of the block of 128 that contains `c`, starting at a random one.
fn neighbours(c: char, random: u32) -> impl Iterator<Item = char> {
    let first = u32::from(c) & !0x7f;
    (0..0x80).filter_map(move |step| char::from_u32(first + (random.wrapping_add(step)) % 0x80))
}

fn is_in_one_block(one: char, other: char) -> bool {
    u32::from(one) >> 7 == u32::from(other) >> 7
}

fn is_alike(one: char, other: char) -> bool {
    one.len_utf8() == other.len_utf8()
        && is_in_one_block(one, other)
        && one.is_alphabetic() == other.is_alphabetic()
        && one.is_lowercase() == other.is_lowercase()
        && one.is_uppercase() == other.is_uppercase()
        && one.is_numeric() == other.is_numeric()
}

/// Replaces a pictograph with another; punctuation, marks and invisible characters are kept.
fn symbol(c: char, random: impl Fn() -> u32) -> char {
    let of = |first: u32, count: u32| char::from_u32(first + random() % count).unwrap_or(c);
    match c {
        '\u{2600}'..='\u{26ff}' => of(0x2600, 0x100),
        '\u{1f1e6}'..='\u{1f1ff}' => of(0x1f1e6, 26),
        // Skin tones.
        '\u{1f3fb}'..='\u{1f3ff}' => of(0x1f3fb, 5),
        '\u{1f300}'..='\u{1faff}' => of(0x1f400, 0x100),
        c => c,
    }
}
