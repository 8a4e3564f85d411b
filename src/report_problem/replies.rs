//! The phone's own replies, limited to a number that a person can review. Unusual replies come first. Long replies are
//! shortened to their beginning, their end and unusual lines in between.

use std::collections::HashSet;

use super::rules::Rules;
use super::{Pages, shown};
use crate::model::Collection;
use crate::phrase;

/// Bytes kept of a reply: from its beginning, from its end, and from unusual lines in between.
const HEAD: usize = 12 << 10;
const TAIL: usize = 4 << 10;
const BETWEEN: usize = 4 << 10;
/// Maximum total bytes of replies, for unusual and for other replies each.
const MOST: usize = 3 << 19;
/// The same limit including the requests whose replies are left out.
const MOST_WITH_REQUESTS: usize = 2 << 20;
/// Maximum number of requests that are listed.
const MOST_REQUESTS: usize = 4000;

/// A reply, possibly shortened.
#[derive(Debug, Clone)]
struct Sample {
    what: Collection,
    request: String,
    head: Vec<u8>,
    /// Lines in between that do not begin like rows.
    between: Vec<u8>,
    tail: Vec<u8>,
    size: u64,
    is_odd: bool,
}

/// Replies of a rescue.
#[derive(Default)]
pub struct Replies {
    open: Option<Sample>,
    kept: Vec<Sample>,
    /// Bytes of other replies, and of unusual ones.
    bytes: [usize; 2],
    seen: HashSet<(String, u64, Vec<u8>)>,
    again: u64,
}

impl Replies {
    /// Adds a piece of a reply; the first piece starts a new reply.
    pub fn push(&mut self, what: Collection, request: &str, is_first: bool, bytes: &[u8]) {
        if is_first {
            self.finish();
        }
        let sample = self.open.get_or_insert_with(|| Sample {
            what,
            request: request.to_owned(),
            head: Vec::new(),
            between: Vec::new(),
            tail: Vec::new(),
            size: 0,
            is_odd: false,
        });
        sample.size += bytes.len() as u64;
        sample.is_odd |= std::str::from_utf8(bytes).is_err()
            || ["Exception", "Error", "Denial", "Killed"]
                .iter()
                .any(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some());
        let room = HEAD.saturating_sub(sample.head.len()).min(bytes.len());
        let (head, rest) = bytes.split_at(room);
        sample.head.extend(head);
        for line in rest.split_inclusive(|b| *b == b'\n') {
            if !line.starts_with(b"Row: ") && sample.between.len() + line.len() < BETWEEN {
                sample.between.extend(line);
            }
        }
        let end = rest
            .get(rest.len().saturating_sub(TAIL)..)
            .unwrap_or_default();
        sample.tail.extend(end);
        let over = sample.tail.len().saturating_sub(TAIL);
        sample.tail.drain(..over);
    }

    /// Stores the current reply, if there is room.
    fn finish(&mut self) {
        let Some(mut sample) = self.open.take() else {
            return;
        };
        let head = sample
            .head
            .get(..256.min(sample.head.len()))
            .unwrap_or_default();
        let seen = (sample.request.clone(), sample.size, head.to_vec());
        if self.kept.len() >= MOST_REQUESTS || !self.seen.insert(seen) {
            self.again += 1;
            return;
        }
        let bytes = &mut self.bytes[usize::from(sample.is_odd)];
        *bytes += sample.request.len();
        let size = sample.head.len() + sample.between.len() + sample.tail.len();
        if *bytes > MOST_WITH_REQUESTS {
            self.again += 1;
            return;
        }
        if *bytes + size > MOST {
            (sample.head, sample.between, sample.tail) = Default::default();
        } else {
            *bytes += size;
        }
        self.kept.push(sample);
    }

    /// Reports the replies, with words replaced.
    pub fn tell(mut self, rules: &Rules, pages: &mut Pages) {
        self.finish();
        pages.part(phrase("The phone's answers"));
        let (odd, plain): (Vec<_>, Vec<_>) = self.kept.into_iter().partition(|s| s.is_odd);
        let count = odd.len() + plain.len();
        for sample in odd.into_iter().chain(plain) {
            tell(&sample, rules, pages);
        }
        pages.line(&phrase!(
            "{} more replies not included: repeated, or too many",
            self.again
        ));
        pages.holds(phrase!(
            "{count} replies of the phone, each with its request; only the beginning and end of long replies"
        ));
    }
}

fn tell(sample: &Sample, rules: &Rules, pages: &mut Pages) {
    let Sample {
        what,
        request,
        head,
        between,
        tail,
        size,
        is_odd,
    } = sample;
    pages.line("");
    pages.line(&format!("> {}", rules.request(request)));
    let odd = if *is_odd { ", unusual" } else { "" };
    pages.line(&phrase!("  for {}, {size} bytes{odd}", what.name()));
    if is_binary(head) {
        let mark = rules.replacer.mark(head);
        return pages.line(&phrase!("  not text; beginning replaced by {mark}"));
    }
    if head.is_empty() && *size > 0 {
        return pages.line(phrase("  left out: the report would be too long"));
    }
    // Rows that were cut are left out: their columns are unknown.
    let head = match head.iter().rposition(|b| *b == b'\n') {
        Some(at) if !tail.is_empty() => head.get(..=at).unwrap_or(head),
        _ => head,
    };
    let tail = match tail.iter().position(|b| *b == b'\n') {
        Some(at) if tail.len() >= TAIL => tail.get(at + 1..).unwrap_or_default(),
        _ => tail,
    };
    let mut lines = |bytes: &[u8]| {
        let replaced = rules.reply(request, bytes);
        let replaced = replaced.strip_suffix(b"\n").unwrap_or(&replaced);
        for line in replaced.split(|b| *b == b'\n') {
            pages
                .report
                .text
                .push_str(&format!("  | {}\n", shown(line)));
        }
    };
    lines(head);
    if tail.is_empty() {
        return;
    }
    if !between.is_empty() {
        lines(b"\n");
        lines(between);
    }
    lines(b"\n");
    lines(tail);
}

/// Returns true if the bytes are mostly not text.
fn is_binary(bytes: &[u8]) -> bool {
    let is_odd = |b: &&u8| **b < b' ' && !b.is_ascii_whitespace();
    let text: usize = bytes.utf8_chunks().map(|chunk| chunk.valid().len()).sum();
    (bytes.len() - text) * 3 > bytes.len() || bytes.iter().filter(is_odd).count() * 3 > bytes.len()
}
