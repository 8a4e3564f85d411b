//! Physical lines, and the content lines that are folded into them.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::transfer::is_base64;

/// One line as it stands in the file, without its line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Physical<'a> {
    pub bytes: &'a [u8],
    /// Where it begins, and where the next one does.
    pub start: usize,
    pub next: usize,
    /// From 1.
    pub number: u64,
}

impl Physical<'_> {
    /// Nothing but white space and zero bytes.
    pub fn is_blank(&self) -> bool {
        self.bytes
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || *byte == 0)
    }
}

/// The physical lines of a file. A copy of it looks ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: u64,
    /// Some lines end in LF, so that a CR alone may be a part of one.
    feeds: bool,
}

impl<'a> Lines<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            number: 0,
            feeds: memchr(b'\n', bytes).is_some(),
        }
    }

    fn peek(&self) -> Option<Physical<'a>> {
        let mut ahead = *self;
        ahead.next()
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Physical<'a>;

    /// A line ends in CR LF, LF, CR (old Macintosh), or CR CR LF (a text file that was converted twice). Where
    /// lines end in LF, a CR alone ends one only before another property.
    fn next(&mut self) -> Option<Physical<'a>> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let mut length = memchr2(b'\n', b'\r', rest);
        while self.feeds
            && let Some(at) = length
            && let [b'\r', after @ ..] = rest.get(at..).unwrap_or_default()
            && !matches!(after, [b'\n', ..] | [b'\r', b'\n', ..])
            && !begins_property(after)
        {
            length = memchr2(b'\n', b'\r', after).map(|more| at + 1 + more);
        }
        let end = match length.and_then(|at| rest.get(at..)) {
            None => 0,
            Some([b'\r', b'\r', b'\n', ..]) => 3,
            Some([b'\r', b'\n', ..]) => 2,
            Some(_) => 1,
        };
        let length = length.unwrap_or(rest.len());
        self.at = start + length + end;
        self.number += 1;
        Some(Physical {
            bytes: rest.get(..length).unwrap_or_default(),
            start,
            next: self.at,
            number: self.number,
        })
    }
}

/// A content line, its folds and soft breaks undone.
#[derive(Debug)]
pub(super) struct Logical<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub start: usize,
    pub next: usize,
    pub number: u64,
}

/// True if a name and a colon or semicolon come next.
fn begins_property(bytes: &[u8]) -> bool {
    let start = bytes.get(..64).unwrap_or(bytes);
    let name = start.iter().take_while(|byte| is_name(&[**byte])).count();
    // Of all names only that of the name has one letter.
    (name > 1 || start.first() == Some(&b'N')) && matches!(start.get(name), Some(b':' | b';'))
}

/// What is known of how a file was folded.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Folding {
    /// The blank that a folded line begins with belongs to the text, as vCard 2.1 has it (section 2.1.3).
    pub keeps_blank: bool,
    /// The file is of vCard 2.1's time: a backslash at the end of a line stands for the line break, and a line of
    /// blanks is a blank one, not a folded blank.
    pub old: bool,
}

/// The next content line; blank ones are skipped.
pub(super) fn logical<'a>(lines: &mut Lines<'a>, folding: Folding) -> Option<Logical<'a>> {
    let first = lines.find(|line| !line.is_blank())?;
    let mut logical = Logical {
        bytes: without_zeros(first.bytes),
        start: first.start,
        next: first.next,
        number: first.number,
    };
    // The name and its parameters may be folded themselves, so they are looked at again with each line.
    let mut transfer = Transfer::of(&logical.bytes);
    while let Some(next) = lines.peek() {
        let soft = match transfer {
            Some(Transfer::QuotedPrintable) => soft_break(&logical.bytes),
            _ => None,
        };
        let mut next = next;
        let mut blank = next.is_blank();
        let mut ahead = *lines;
        if blank && !folding.old && transfer == Some(Transfer::Plain) {
            blank = next.bytes.len() < 2 || next.bytes.contains(&0);
        }
        // A blank line before a folded one, where nothing else can be meant.
        if blank
            && matches!(transfer, None | Some(Transfer::Base64))
            && let Some(after) = ahead.nth(1)
            && matches!(after.bytes, [b' ' | b'\t', ..])
            && !after.is_blank()
        {
            lines.next();
            next = after;
            blank = false;
        }
        if let Some(length) = soft {
            if blank && next.bytes.is_empty() && (*lines).skip(1).all(|l| l.is_blank()) {
                break;
            }
            if is_frame(next.bytes) {
                break;
            }
            logical.bytes.to_mut().truncate(length);
            logical.bytes.to_mut().extend(&*without_zeros(next.bytes));
        } else if let [b' ' | b'\t', rest @ ..] = next.bytes
            && !blank
        {
            let word = !matches!(rest.first(), Some(b' ' | b'\t'));
            let plain = matches!(transfer, Some(Transfer::Plain));
            let bytes = if word && plain && folding.keeps_blank {
                next.bytes
            } else {
                rest
            };
            logical.bytes.to_mut().extend(&*without_zeros(bytes));
        } else if transfer == Some(Transfer::Base64)
            && is_base64(next.bytes)
            && !blank
            && memchr(b':', next.bytes).is_none()
        {
            logical.bytes.to_mut().extend(&*without_zeros(next.bytes));
        } else if folding.old
            && transfer == Some(Transfer::Plain)
            && !blank
            && ends_in_backslash(&logical.bytes)
            && !looks_like_property(next.bytes)
        {
            logical.bytes.to_mut().push(b'n');
            logical.bytes.to_mut().extend(&*without_zeros(next.bytes));
        } else {
            break;
        }
        lines.next();
        logical.next = next.next;
        if transfer.is_none() && memchr(b':', next.bytes).is_some() {
            transfer = Transfer::of(&logical.bytes);
        }
    }
    Some(logical)
}

fn without_zeros(bytes: &[u8]) -> Cow<'_, [u8]> {
    if memchr(0, bytes).is_none() {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(bytes.iter().copied().filter(|byte| *byte != 0).collect())
}

/// How long the line is without the `=` of a soft break; None if there is none.
fn soft_break(line: &[u8]) -> Option<usize> {
    let trimmed = line.trim_ascii_end();
    trimmed.ends_with(b"=").then(|| trimmed.len() - 1)
}

/// `BEGIN:` or `END:` of a component: nothing goes on over one.
fn is_frame(line: &[u8]) -> bool {
    let starts = |word: &[u8]| {
        line.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    starts(b"BEGIN:V") || starts(b"END:V")
}

fn ends_in_backslash(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Transfer {
    Plain,
    QuotedPrintable,
    Base64,
}

impl Transfer {
    /// By the words before the colon; None while there is no colon.
    fn of(line: &[u8]) -> Option<Self> {
        let head = line.get(..colon(line)?)?;
        let mut found = Self::Plain;
        for word in head
            .split(|byte| matches!(byte, b';' | b'=' | b','))
            .skip(1)
        {
            let word = word.trim_ascii();
            if word.eq_ignore_ascii_case(b"QUOTED-PRINTABLE") {
                found = Self::QuotedPrintable;
            } else if word.eq_ignore_ascii_case(b"BASE64") || word.eq_ignore_ascii_case(b"B") {
                found = Self::Base64;
            }
        }
        Some(found)
    }
}

/// Where the name and its parameters end: at the first colon outside of quotes, or, if they don't close, at the
/// first of all.
pub(super) fn colon(line: &[u8]) -> Option<usize> {
    let first = memchr(b':', line)?;
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b':' if !quoted => return Some(at),
            _ => {}
        }
    }
    Some(first)
}

/// True if a line begins with a name and has a colon.
pub(super) fn looks_like_property(line: &[u8]) -> bool {
    let Some(colon) = colon(line) else {
        return false;
    };
    let head = line.get(..colon).unwrap_or_default();
    let name = head.split(|byte| *byte == b';').next().unwrap_or_default();
    is_name(name.trim_ascii())
}

/// A name with its group: letters, digits, hyphens, points, and the underscores of careless programs.
pub(super) fn is_name(name: &[u8]) -> bool {
    !name.is_empty()
        && name.len() <= 200
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logicals(text: &str, folding: Folding) -> Vec<String> {
        let mut lines = Lines::new(text.as_bytes());
        std::iter::from_fn(|| logical(&mut lines, folding))
            .map(|line| String::from_utf8_lossy(&line.bytes).into_owned())
            .collect()
    }

    #[test]
    fn lines_end_in_every_way_they_ever_did() {
        let text = "AA:1\r\nBB:2\nCC:3\rDD:4\r\r\nEE:5";
        assert_eq!(
            logicals(text, Folding::default()),
            ["AA:1", "BB:2", "CC:3", "DD:4", "EE:5"]
        );
        let numbers: Vec<u64> = Lines::new(b"a\r\r\nb\nc").map(|line| line.number).collect();
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[test]
    fn folds_and_soft_breaks_are_undone() {
        let plain = Folding::default();
        let old = Folding {
            keeps_blank: true,
            old: true,
        };
        for (text, folding, wanted) in [
            ("N:a\r\n b\r\n\tc", plain, vec!["N:abc"]),
            ("N:a\n b", old, vec!["N:a b"]),
            ("N:a\n  b", old, vec!["N:a b"]),
            (
                "N;ENCODING=QUOTED-PRINTABLE:a=\r\nb=\r\n c\r\nX:1",
                plain,
                vec!["N;ENCODING=QUOTED-PRINTABLE:ab c", "X:1"],
            ),
            (
                "N;QUOTED-PRINTABLE:a=\nEND:VCARD",
                plain,
                vec!["N;QUOTED-PRINTABLE:a=", "END:VCARD"],
            ),
            (
                "PHOTO;BASE64:AAAA\nBBBB\n\nCCCC\nX:1",
                plain,
                vec!["PHOTO;BASE64:AAAABBBB", "CCCC", "X:1"],
            ),
            (
                "ADR:;;a\\\n99\\\nb;c\nX:1",
                old,
                vec!["ADR:;;a\\n99\\nb;c", "X:1"],
            ),
            ("N:a\\\nX:1", old, vec!["N:a\\", "X:1"]),
            (
                "ATTENDEE;CN=\"a\n b\":c",
                plain,
                vec!["ATTENDEE;CN=\"ab\":c"],
            ),
            ("A:1\n   \n\0\nB:2\0", old, vec!["A:1", "B:2"]),
            ("VERSION\n\n :2.0\nB:2", plain, vec!["VERSION:2.0", "B:2"]),
            (
                "X;BASE64:AA\n\n BB\n\nB:2",
                plain,
                vec!["X;BASE64:AABB", "B:2"],
            ),
            ("A:1\r\n  \r\nB:2", plain, vec!["A:1 ", "B:2"]),
            ("A:1\r\n  \r\nB:2", old, vec!["A:1", "B:2"]),
            ("A:1\n\n B:2", plain, vec!["A:1", " B:2"]),
            (
                "N:a\rb;c\nBB:2\rCC:3\rN:4\n",
                plain,
                vec!["N:a\rb;c", "BB:2", "CC:3", "N:4"],
            ),
        ] {
            assert_eq!(logicals(text, folding), wanted, "{text:?}");
        }
    }

    #[test]
    fn the_head_ends_at_the_first_bare_colon() {
        assert_eq!(colon(b"TEL;TYPE=\"A:B\":1"), Some(14));
        assert_eq!(colon(b"TEL;TYPE=\"A:1"), Some(11));
        assert_eq!(colon(b"NOTE:a \" b: c"), Some(4));
        assert_eq!(colon(b"no"), None);
    }
}
