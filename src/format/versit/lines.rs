//! Physical lines, and content lines folded over several of them.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

use super::frames::MARK;
use super::names::is_standard;
use super::property::{binary_head, fields};
use super::transfer::{Transfer, is_base64};

/// Minimum length of a base64 line that continues after a blank line.
const BASE64_LINE: usize = 16;
/// A shorter quoted-printable line needs no soft line break (RFC 2045 section 6.7 limits lines to 76 characters).
const SOFT_LINE: usize = 60;

/// One line of the file, without its line end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Physical<'a> {
    pub bytes: &'a [u8],
    /// Start of this line, and start of the next one.
    pub start: usize,
    pub next: usize,
    /// From 1.
    pub number: u64,
}

impl Physical<'_> {
    /// True if the line holds only white space, zero bytes and byte order marks.
    pub fn is_blank(&self) -> bool {
        without_marks(self.bytes)
            .iter()
            .all(|byte| byte.is_ascii_whitespace() || *byte == 0)
    }
}

/// Iterator over the physical lines of a file. A copy can be used to look ahead.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines<'a> {
    bytes: &'a [u8],
    at: usize,
    number: u64,
    /// Some lines end in LF, so a CR alone may be part of a line.
    feeds: bool,
    /// Remaining places where lines are cut in two; places before `at` are removed.
    cuts: &'a [usize],
    /// The last line ended at a cut.
    cut: bool,
    /// The properties of the component are indented, as in a file that was copied out of a web page or a message.
    indented: bool,
}

impl<'a> Lines<'a> {
    /// `cuts`: places where lines are cut in two, see [`super::frames::cuts`].
    pub fn new(bytes: &'a [u8], cuts: &'a [usize]) -> Self {
        Self {
            bytes,
            at: 0,
            number: 0,
            feeds: memchr(b'\n', bytes).is_some(),
            cuts,
            cut: false,
            indented: false,
        }
    }

    /// True if the next line starts with a visible character: the line is neither blank nor folded.
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

    /// A line ends in CR LF, LF, CR (old Macintosh) or CR CR LF (a text file that was converted twice). In a file
    /// with LF line ends, a CR alone ends a line only before another property.
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

/// A content line, with its folds and soft line breaks undone.
#[derive(Debug)]
pub(super) struct Logical<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub start: usize,
    pub next: usize,
    pub number: u64,
    /// Number of the last physical line.
    pub last: u64,
}

/// True if the bytes begin with a name and a colon or semicolon.
pub(super) fn begins_property(bytes: &[u8]) -> bool {
    let start = bytes.get(..64).unwrap_or(bytes);
    let name = start.iter().take_while(|byte| is_name(&[**byte])).count();
    // N (the name of a contact) is the only property name with one letter.
    (name > 1 || start.first() == Some(&b'N')) && matches!(start.get(name), Some(b':' | b';'))
}

/// Facts about how a file was folded.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Folding {
    /// The blank at the start of a folded line belongs to the text, as in vCard 2.1 (section 2.1.3).
    pub keeps_blank: bool,
    /// The file dates from the time of vCard 2.1: a backslash at the end of a line means a line break, and a line of
    /// blanks is a blank line, not a folded blank.
    pub old: bool,
    /// There is a blank line between all other lines.
    pub spaced: bool,
    /// Lines after a soft line break are also folded: the blank at their start is not text.
    pub soft: bool,
}

/// Reads the next content line and skips blank lines.
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
    let first_frames = is_frame(first.bytes.trim_ascii_start());
    if first_frames {
        // No fold follows the name of a component.
        let next = lines.peek();
        lines.indented = next.is_some_and(|next| is_indented_property(next.bytes));
    }
    // The name and its parameters may also be folded, so they are examined again after each line.
    let mut transfer = Transfer::of(&logical.bytes);
    loop {
        // Most lines end here, without a look at the next line.
        let may_go_on = folding.old && ends_in_backslash(&logical.bytes);
        if transfer == Some(Transfer::Plain) && !may_go_on && lines.begins_anew() {
            break;
        }
        let Some(next) = lines.peek() else { break };
        if lines.indented
            && is_indented_property(next.bytes)
            && (first_frames
                || indentation(next.bytes) == indentation(first.bytes)
                || is_frame(next.bytes.trim_ascii_start()))
        {
            break;
        }
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
            let bytes = if lines.indented {
                let indented = indentation(first.bytes).min(indentation(rest));
                rest.get(indented..).unwrap_or_default()
            } else if word && plain && folding.keeps_blank {
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

/// Returns the continuation line after blank lines, if no other reading is possible.
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

/// True if a `=` at the end of a short line is not a soft line break, because a property begins in the next line.
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

/// Removes byte order marks from the start of the line.
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

/// Length of the line without the `=` of a soft line break. None if there is no soft line break.
fn soft_break(line: &[u8]) -> Option<usize> {
    let trimmed = line.trim_ascii_end();
    trimmed.ends_with(b"=").then(|| trimmed.len() - 1)
}

/// True for `BEGIN:` or `END:` of a component. No value continues past such a line.
fn is_frame(line: &[u8]) -> bool {
    let starts = |word: &[u8]| {
        line.get(..word.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(word))
    };
    starts(b"BEGIN:V") || starts(b"END:V")
}

/// The number of blanks at the start of a line.
fn indentation(line: &[u8]) -> usize {
    line.iter()
        .take_while(|b| matches!(b, b' ' | b'\t'))
        .count()
}

/// True for an indented line that is a property rather than a folded text: it begins with a known name.
fn is_indented_property(line: &[u8]) -> bool {
    let bare = line.trim_ascii_start();
    if indentation(line) == 0 || !looks_like_property(bare) {
        return false;
    }
    let name = bare.split(|byte| matches!(byte, b':' | b';')).next();
    let name = String::from_utf8_lossy(name.unwrap_or_default()).to_ascii_uppercase();
    let name = name.rsplit('.').next().unwrap_or_default();
    is_frame(bare) || name.starts_with("X-") || name == "VERSION" || is_standard(name)
}

fn ends_in_backslash(line: &[u8]) -> bool {
    line.iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

impl Transfer {
    /// Detects the encoding from the text before the colon. Returns None if there is no colon yet.
    fn of(line: &[u8]) -> Option<Self> {
        let colon = colon(line)?;
        let (head, value) = line.split_at_checked(colon)?;
        let declared = match memchr(b';', head) {
            Some(_) => fields(head).skip(1).find_map(Self::declared),
            None => None,
        };
        match declared.unwrap_or(Self::Plain) {
            // Pictures are base64 even without a declaration.
            Self::Plain if binary_head(head) && may_be_base64(value.get(1..)?) => {
                Some(Self::Base64)
            }
            transfer => Some(transfer),
        }
    }
}

/// True if the value of a picture, a sound or a key is not a URI, so it may continue as base64.
fn may_be_base64(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let data = value
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"data:"));
    let long = value.len() >= BASE64_LINE && !value.starts_with(b"-----");
    data || value.is_empty() || (long && is_base64(value))
}

/// Returns the end of the name and its parameters: the first colon outside quotes, or the first colon of all if the
/// quotes are not closed.
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

/// True if a line begins with a name and contains a colon.
pub(super) fn looks_like_property(line: &[u8]) -> bool {
    let Some(colon) = colon(line) else {
        return false;
    };
    let head = line.get(..colon).unwrap_or_default();
    let name = head.split(|byte| *byte == b';').next().unwrap_or_default();
    is_name(name.trim_ascii())
}

/// True for a name, with or without a group: letters, digits, hyphens, points, and the underscores of careless
/// programs.
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
    fn indented_properties_are_no_folds() {
        let plain = Folding::default();
        for (text, wanted) in [
            (
                "  BEGIN:VCARD\n  VERSION:3.0\n  FN:a\n   b\n  NOTE:c\n  END:VCARD\nBEGIN:VCARD\nFN:d\n e\nEND:VCARD",
                vec![
                    "  BEGIN:VCARD",
                    "  VERSION:3.0",
                    "  FN:ab",
                    "  NOTE:c",
                    "  END:VCARD",
                    "BEGIN:VCARD",
                    "FN:de",
                    "END:VCARD",
                ],
            ),
            (
                "BEGIN:VCALENDAR\n\tBEGIN:VEVENT\n\t\tSUMMARY:a\n\tEND:VEVENT\nEND:VCALENDAR",
                vec![
                    "BEGIN:VCALENDAR",
                    "\tBEGIN:VEVENT",
                    "\t\tSUMMARY:a",
                    "\tEND:VEVENT",
                    "END:VCALENDAR",
                ],
            ),
            // A folded text that looks like a property is a text.
            (
                "BEGIN:VCARD\nNOTE:call\n TEL: 1\nEND:VCARD",
                vec!["BEGIN:VCARD", "NOTE:callTEL: 1", "END:VCARD"],
            ),
        ] {
            assert_eq!(logicals(text, plain), wanted, "{text:?}");
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
