//! Physical lines, and the content lines that are folded into them.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::frames::MARK;
use super::names::is_standard;
use super::property::{binary_head, fields};
use super::transfer::{Transfer, is_base64};

/// The shortest line of base64 that goes on behind a blank line.
const BASE64_LINE: usize = 16;
/// A shorter line of quoted-printable needs no soft break (RFC 2045 section 6.7 has them at 76 characters).
const SOFT_LINE: usize = 60;

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
    /// Nothing but white space, zero bytes and byte order marks.
    pub fn is_blank(&self) -> bool {
        without_marks(self.bytes)
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
    /// Where lines are cut in two; those before `at` are gone.
    cuts: &'a [usize],
    /// The last line was cut off.
    cut: bool,
}

impl<'a> Lines<'a> {
    /// `cuts`: where lines are cut in two, as [`super::frames::cuts`] has them.
    pub fn new(bytes: &'a [u8], cuts: &'a [usize]) -> Self {
        Self {
            bytes,
            at: 0,
            number: 0,
            feeds: memchr(b'\n', bytes).is_some(),
            cuts,
            cut: false,
        }
    }

    /// True if the next line begins with a sign: it is neither blank nor folded.
    fn begins_anew(&self) -> bool {
        let first = self.bytes.get(self.at);
        first.is_some_and(|b| !(b.is_ascii_whitespace() || *b == 0 || MARK.first() == Some(b)))
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
        let (mut length, mut end) = (length.unwrap_or(rest.len()), end);
        self.number += u64::from(!self.cut);
        while let Some((cut, later)) = self.cuts.split_first()
            && *cut <= start
        {
            self.cuts = later;
        }
        self.cut = self.cuts.first().is_some_and(|cut| *cut < start + length);
        if self.cut
            && let Some(cut) = self.cuts.first()
        {
            (length, end) = (cut - start, 0);
        }
        self.at = start + length + end;
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
    /// The number of its last physical line.
    pub last: u64,
}

/// True if a name and a colon or semicolon come next.
pub(super) fn begins_property(bytes: &[u8]) -> bool {
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
    /// Blank lines stand between all others.
    pub spaced: bool,
    /// Lines behind a soft break are folded as well: the blank that they begin with is no text.
    pub soft: bool,
}

/// The next content line; blank ones are skipped.
pub(super) fn logical<'a>(lines: &mut Lines<'a>, folding: Folding) -> Option<Logical<'a>> {
    let first = lines.find(|line| !line.is_blank())?;
    let mut logical = Logical {
        bytes: without_zeros(without_marks(first.bytes)),
        start: first.start,
        next: first.next,
        number: first.number,
        last: first.number,
    };
    let mut length = first.bytes.len();
    // The name and its parameters may be folded themselves, so they are looked at again with each line.
    let mut transfer = Transfer::of(&logical.bytes);
    loop {
        // So most lines end, which takes no look at the next one.
        let may_go_on = folding.old && ends_in_backslash(&logical.bytes);
        if transfer == Some(Transfer::Plain) && !may_go_on && lines.begins_anew() {
            break;
        }
        let Some(next) = lines.peek() else { break };
        let soft = match transfer {
            Some(Transfer::QuotedPrintable) => soft_break(&logical.bytes),
            _ => None,
        };
        let mut next = next;
        let mut blank = next.is_blank();
        if blank && !folding.old && transfer == Some(Transfer::Plain) {
            blank = next.bytes.len() < 2 || next.bytes.contains(&0);
        }
        if blank && let Some(after) = behind_blank(*lines, transfer, folding, &logical.bytes) {
            while lines.peek().is_some_and(|line| line.start < after.start) {
                lines.next();
            }
            next = after;
            blank = false;
        }
        if let Some(end) = soft {
            let over = blank && next.bytes.is_empty() && (*lines).skip(1).all(|l| l.is_blank());
            let head = logical.bytes.get(..end).unwrap_or_default();
            if over || is_frame(next.bytes) || is_false_break(head, length, next.bytes) {
                break;
            }
            let rest = match next.bytes {
                [b' ' | b'\t', rest @ ..] if folding.soft => rest,
                rest => rest,
            };
            logical.bytes.to_mut().truncate(end);
            logical.bytes.to_mut().extend(&*without_zeros(rest));
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
        length = next.bytes.len();
        (logical.next, logical.last) = (next.next, next.number);
        if transfer.is_none() && memchr(b':', next.bytes).is_some() {
            transfer = Transfer::of(&logical.bytes);
        }
    }
    Some(logical)
}

/// The line behind blank ones with which a value goes on, where nothing else can be meant.
fn behind_blank<'a>(
    mut ahead: Lines<'a>,
    transfer: Option<Transfer>,
    folding: Folding,
    line: &[u8],
) -> Option<Physical<'a>> {
    let after = ahead.find(|line| !line.is_blank())?;
    let folded = matches!(after.bytes, [b' ' | b'\t', ..]);
    let goes_on = match transfer {
        None => folded,
        Some(Transfer::Plain) => folded && folding.spaced,
        Some(Transfer::QuotedPrintable) => folding.spaced,
        Some(Transfer::Base64) => {
            folded
                || (is_base64(after.bytes)
                    && (after.bytes.len() >= BASE64_LINE
                        || folding.spaced
                        || after.bytes.trim_ascii_end().ends_with(b"="))
                    && !line.trim_ascii_end().ends_with(b"="))
        }
    };
    goes_on.then_some(after)
}

/// True if a `=` at the end of a short line is no soft break, since a property begins in the next one.
fn is_false_break(line: &[u8], length: usize, next: &[u8]) -> bool {
    let ends = |escape: &[u8]| {
        let tail = line.get(line.len().saturating_sub(3)..);
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(escape))
    };
    if length >= SOFT_LINE || ends(b"=0A") || ends(b"=0D") || !looks_like_property(next) {
        return false;
    }
    let name = next.split(|byte| matches!(byte, b':' | b';')).next();
    let name = String::from_utf8_lossy(name.unwrap_or_default());
    !name.contains(|c: char| c.is_ascii_lowercase()) && is_standard(&name)
}

/// Without the byte order marks before it.
fn without_marks(mut line: &[u8]) -> &[u8] {
    while let Some(rest) = line.strip_prefix(MARK) {
        line = rest;
    }
    line
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

impl Transfer {
    /// By what stands before the colon; None while there is no colon.
    fn of(line: &[u8]) -> Option<Self> {
        let colon = colon(line)?;
        let (head, value) = line.split_at_checked(colon)?;
        let declared = match memchr(b';', head) {
            Some(_) => fields(head).skip(1).find_map(Self::declared),
            None => None,
        };
        match declared.unwrap_or(Self::Plain) {
            // Pictures are base64 also where nothing says so.
            Self::Plain if binary_head(head) && may_be_base64(value.get(1..)?) => {
                Some(Self::Base64)
            }
            transfer => Some(transfer),
        }
    }
}

/// True if the value of a picture, a sound or a key is no address, so that it may go on as base64.
fn may_be_base64(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let data = value
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"));
    let long = value.len() >= BASE64_LINE && !value.starts_with(b"-----");
    data || value.is_empty() || (long && is_base64(value))
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
        let mut lines = Lines::new(text.as_bytes(), &[]);
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
        let numbers: Vec<u64> = Lines::new(b"a\r\r\nb\nc", &[])
            .map(|line| line.number)
            .collect();
        assert_eq!(numbers, [1, 2, 3]);
    }

    #[test]
    fn folds_and_soft_breaks_are_undone() {
        let plain = Folding::default();
        let old = Folding {
            keeps_blank: true,
            old: true,
            spaced: false,
            soft: false,
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
