//! A first pass over a file: finds out how its lines are folded, and collects text without a charset label.

use std::ops::Range;

use encoding_rs::Encoding;

use super::charset::{self, Charsets, EVIDENCE};
use super::lines::{Folding, Lines, colon, looks_like_property};
use super::transfer;

/// Results of the first pass over a file.
#[derive(Default)]
pub(super) struct Survey {
    /// Number of BEGIN and END lines of cards.
    pub(super) begins: u64,
    pub(super) ends: u64,
    /// The first line that contains a zero byte.
    pub(super) zeros: Option<u64>,
    /// Unlabelled text that is neither ASCII nor UTF-8.
    pub(super) evidence: Vec<u8>,
    /// A line that ends inside a UTF-8 character, until the next line is known.
    open: Vec<u8>,
    pub(super) labels: Vec<&'static Encoding>,
    /// The parts of the file that have evidence, and the part that is being read.
    parts: Vec<Part>,
    part: Part,
    old: Option<bool>,
    /// Number of lines after a soft line break, and how many of them begin with a single blank.
    soft: u64,
    soft_folded: u64,
    lines: u64,
    blank: u64,
    /// Lengths of the shortest and the longest line that is folded with a single blank.
    folded: Option<(usize, usize)>,
}

/// A record of the file, with its part of the evidence. In joined files, each record may have its own charset.
#[derive(Default)]
struct Part {
    /// Start of the part, in the text.
    start: usize,
    evidence: Range<usize>,
    labels: Vec<&'static Encoding>,
}

/// Maximum number of labels that are kept.
const MAX_LABELS: usize = 8;

impl Survey {
    /// `cuts`: places where lines are cut in two, see [`super::frames::cuts`].
    pub(super) fn of(text: &[u8], cuts: &[usize]) -> Self {
        let mut survey = Self::default();
        let (mut labelled, mut quoted, mut plain) = (false, false, false);
        let (mut length, mut broken) = (0, false);
        for line in Lines::new(text, cuts) {
            let bytes = line.bytes;
            survey.lines += 1;
            survey.blank += u64::from(line.is_blank());
            if survey.zeros.is_none() && memchr::memchr(0, bytes).is_some() && !line.is_blank() {
                survey.zeros = Some(line.number);
            }
            if let [b' ' | b'\t', next, ..] = bytes
                && !next.is_ascii_whitespace()
                && plain
            {
                let (least, most) = survey.folded.unwrap_or((length, length));
                survey.folded = Some((least.min(length), most.max(length)));
            }
            if quoted && broken {
                survey.soft += 1;
                let folded =
                    matches!(bytes, [b' ' | b'\t', next, ..] if !next.is_ascii_whitespace());
                survey.soft_folded += u64::from(folded);
            }
            broken = bytes.ends_with(b"=");
            length = bytes.len();
            let folded = matches!(bytes.first(), Some(b' ' | b'\t'));
            if !folded && looks_like_property(bytes) {
                let end = colon(bytes).unwrap_or_default();
                let head = bytes.get(..end).unwrap_or_default();
                (quoted, plain, labelled) = (false, true, false);
                // Most lines have no parameters, so this shortcut saves time.
                if memchr::memchr(b';', head).is_none() {
                    let value = bytes.get(end + 1..).unwrap_or_default().trim_ascii();
                    survey.frame(head.trim_ascii(), value, line.start);
                } else {
                    let head = head.to_ascii_uppercase();
                    let has = |word: &[u8]| memchr::memmem::find(&head, word).is_some();
                    quoted = has(b"QUOTED-PRINTABLE");
                    plain = !quoted && !has(b"BASE64") && !has(b"ENCODING=B");
                    labelled = has(b"CHARSET=");
                    if labelled {
                        survey.label(&head);
                    }
                }
            }
            if labelled || survey.evidence.len() >= EVIDENCE {
                continue;
            }
            if quoted {
                let (bytes, _) = transfer::quoted_printable(bytes, false);
                survey.evidence_of(&bytes);
            } else {
                survey.evidence_of(bytes);
            }
        }
        survey.close(b"");
        survey.end_part(text.len());
        survey
    }

    /// The charsets of unlabelled text.
    pub(super) fn charsets(&self) -> Charsets {
        let whole = charset::guess(&self.evidence, &self.labels);
        let parts = self.parts.iter().map(|part| {
            let evidence = self.evidence.get(part.evidence.clone());
            (part.start, evidence.unwrap_or_default(), &*part.labels)
        });
        Charsets::of(whole, parts)
    }

    /// Ends a part. The next one begins at `start`.
    fn end_part(&mut self, start: usize) {
        self.close(b"");
        let end = self.evidence.len();
        self.part.evidence.end = end;
        let next = Part {
            start,
            evidence: end..end,
            labels: Vec::new(),
        };
        let part = std::mem::replace(&mut self.part, next);
        if !part.evidence.is_empty() {
            self.parts.push(part);
        }
    }

    fn evidence_of(&mut self, bytes: &[u8]) {
        let bytes = self.close(bytes);
        if bytes.contains(&0x1B) {
            return self.add(bytes);
        }
        match charset::Line::of(bytes) {
            // In joined files, UTF-8 text says nothing about the charset of the other parts.
            charset::Line::Utf8 => {}
            charset::Line::Open(_) => self.open.extend(bytes),
            charset::Line::Other => self.add(bytes),
        }
    }

    /// Ends the line that is open, now that the next one is known. Returns the part of the next one that belongs to
    /// no character of the line before.
    fn close<'a>(&mut self, next: &'a [u8]) -> &'a [u8] {
        if self.open.is_empty() {
            return next;
        }
        let line = std::mem::take(&mut self.open);
        let rest = match charset::Line::of(&line) {
            charset::Line::Open(start) => charset::completed(start, next),
            charset::Line::Utf8 | charset::Line::Other => None,
        };
        if rest.is_none() {
            self.add(&line);
        }
        rest.unwrap_or(next)
    }

    fn add(&mut self, bytes: &[u8]) {
        let room = EVIDENCE.saturating_sub(self.evidence.len());
        if room == 0 {
            return;
        }
        self.evidence.extend(bytes.get(..room).unwrap_or(bytes));
        self.evidence.push(b'\n');
    }

    fn frame(&mut self, head: &[u8], value: &[u8], start: usize) {
        let is = |word: &[u8]| head.eq_ignore_ascii_case(word);
        if is(b"BEGIN") {
            self.end_part(start);
            self.begins += u64::from(value.eq_ignore_ascii_case(b"VCARD"));
        } else if is(b"END") {
            self.ends += u64::from(value.eq_ignore_ascii_case(b"VCARD"));
        } else if self.old.is_none() && is(b"VERSION") {
            self.old = Some(!matches!(value, b"3.0" | b"4.0" | b"2.0"));
        }
    }

    fn label(&mut self, head: &[u8]) {
        let Some(at) = memchr::memmem::find(head, b"CHARSET=") else {
            return;
        };
        let label = head.get(at + 8..).unwrap_or_default();
        let label = label.split(|byte| *byte == b';').next().unwrap_or_default();
        if let Some(encoding) = charset::named(&String::from_utf8_lossy(label)) {
            for labels in [&mut self.labels, &mut self.part.labels] {
                if !labels.contains(&encoding) && labels.len() < MAX_LABELS {
                    labels.push(encoding);
                }
            }
        }
    }

    /// A program that folds at a fixed length inserts the blank. A program that folds at an existing blank, as vCard
    /// 2.1 and vCalendar 1.0 require, leaves lines of many lengths.
    pub(super) fn folding(&self) -> Folding {
        // A calendar without a version is usually in the new format, a card in the old one.
        let old = self.old.unwrap_or(self.begins > 0);
        let cut = self
            .folded
            .is_some_and(|(least, most)| most - least <= 3 && most >= 70);
        Folding {
            keeps_blank: old && !cut,
            old,
            soft: self.soft > 1 && self.soft_folded == self.soft,
            spaced: self.lines > 8 && self.blank * 5 > self.lines * 2,
        }
    }
}
