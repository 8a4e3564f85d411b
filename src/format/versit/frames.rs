//! Where components begin and end, also in the middle of a line: programs that join files or lose a line end write
//! `END:VCARDBEGIN:VCARD`, a byte order mark before BEGIN, or END right behind a value.
//!
//! A text that merely says `BEGIN:VCARD` is no frame. One in the middle of a line counts only where what comes next
//! can be nothing else.

use memchr::memchr_iter;

use super::lines::begins_property;

/// Components that are found in the middle of a line. None is the beginning of another.
const COMPONENTS: [&[u8]; 11] = [
    b"VCARD",
    b"VCALENDAR",
    b"VEVENT",
    b"VTODO",
    b"VJOURNAL",
    b"VNOTE",
    b"VTIMEZONE",
    b"VALARM",
    b"VFREEBUSY",
    b"STANDARD",
    b"DAYLIGHT",
];

/// More open components than a file has.
const MAX_OPEN: usize = 16;
/// A byte order mark in UTF-8.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// `BEGIN:` or `END:` and a component's name.
#[derive(Debug, Clone, Copy)]
struct Frame<'a> {
    begins: bool,
    /// The name as it is written in [`COMPONENTS`].
    name: &'a [u8],
    /// Where the word begins, and where the name ends.
    start: usize,
    end: usize,
}

/// The places at which a line is to be cut in two, in order.
pub(super) fn cuts(text: &[u8]) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut line = Line::default();
    // The components that are open, and whether the VERSION of the outermost has been seen.
    let (mut open, mut version) = (Vec::new(), false);
    for colon in memchr_iter(b':', text) {
        let last = colon.checked_sub(1).and_then(|at| text.get(at));
        if !matches!(last, Some(b'N' | b'n' | b'D' | b'd')) {
            continue;
        }
        let Some(frame) = frame(text, colon) else {
            if let Some(start) = colon.checked_sub(7)
                && word_at(text, start, b"VERSION")
                && line.leads(text, start)
            {
                version = true;
            }
            continue;
        };
        let led = line.leads(text, frame.start);
        if led {
            let bare = frame.start == line.start;
            let marked = !bare && text.get(..frame.start).is_some_and(|t| t.ends_with(MARK));
            // Behind a blank the line would be taken for a folded one.
            let cut = marked
                || (!bare && frame.begins && open.is_empty())
                || (!bare && !frame.begins && ends_here(text, &frame));
            if cut {
                line.cut(&mut cuts, frame.start);
            } else if !bare {
                continue;
            }
        } else if is_glued(text, &frame, &open, version) {
            line.cut(&mut cuts, frame.start);
        } else {
            continue;
        }
        if let Some(rest) = rest_of(text, &frame) {
            line.cut(&mut cuts, rest);
        }
        if frame.begins {
            version = false;
        }
        // Of those that lack their end nothing is left.
        if is_outermost(frame.name) {
            open.clear();
        }
        if frame.begins && open.len() < MAX_OPEN {
            open.push(frame.name);
        } else if let Some(at) = open.iter().rposition(|name| *name == frame.name) {
            open.truncate(at);
        }
    }
    cuts
}

/// The line that is looked at.
#[derive(Default)]
struct Line {
    start: usize,
    /// The first byte of it that is neither white space nor a mark.
    first: usize,
    /// How far line ends were looked for.
    seen: usize,
}

impl Line {
    /// True if nothing but white space and marks stands in the line before `at`.
    fn leads(&mut self, text: &[u8], at: usize) -> bool {
        let new = text.get(self.seen..at).unwrap_or_default();
        if let Some(end) = memchr::memrchr2(b'\n', b'\r', new) {
            self.start = self.seen + end + 1;
            self.first = skip_blank(text, self.start, false);
        } else if self.seen == 0 {
            self.first = skip_blank(text, 0, false);
        }
        self.seen = self.seen.max(at);
        self.first == at
    }

    fn cut(&mut self, cuts: &mut Vec<usize>, at: usize) {
        cuts.push(at);
        (self.start, self.first) = (at, at);
        self.seen = self.seen.max(at);
    }
}

/// The frame whose colon that is.
fn frame(text: &[u8], colon: usize) -> Option<Frame<'_>> {
    let (begins, start) = if let Some(start) = colon.checked_sub(5)
        && word_at(text, start, b"BEGIN")
    {
        (true, start)
    } else {
        let start = colon.checked_sub(3)?;
        if !word_at(text, start, b"END") {
            return None;
        }
        (false, start)
    };
    let name = COMPONENTS
        .into_iter()
        .find(|name| word_at(text, colon + 1, name))?;
    Some(Frame {
        begins,
        name,
        start,
        end: colon + 1 + name.len(),
    })
}

/// The component that begins at a place, behind white space and marks.
fn frame_behind(text: &[u8], at: usize) -> Option<Frame<'_>> {
    let at = skip_blank(text, at, true);
    let colon = if word_at(text, at, b"BEGIN:") {
        at + 5
    } else if word_at(text, at, b"END:") {
        at + 3
    } else {
        return None;
    };
    frame(text, colon)
}

/// True if a frame that stands behind other text is meant as one.
fn is_glued(text: &[u8], frame: &Frame<'_>, open: &[&[u8]], version: bool) -> bool {
    let before = text.get(..frame.start).unwrap_or_default();
    // The line breaks of a text that holds a whole card.
    let inside = |end: &[u8]| {
        let tail = before.get(before.len().saturating_sub(end.len())..);
        tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    if inside(b"\\n") || inside(b"=0A") {
        return false;
    }
    if !frame.begins {
        return open.last() == Some(&frame.name) && ends_here(text, frame);
    }
    if open.is_empty() {
        return is_alone(text, frame.end) || behind_name(text, frame.end);
    }
    // A card that was cut off, and another joined to it.
    let next = skip_blank(text, frame.end, true);
    version && is_alone(text, frame.end) && word_at(text, next, b"VERSION:")
}

/// True if a component can't but end here: the line ends, and the file does too, or what comes next stands beside
/// the component or around it.
fn ends_here(text: &[u8], frame: &Frame<'_>) -> bool {
    let alone = is_alone(text, frame.end);
    let Some(next) = frame_behind(text, frame.end) else {
        return alone && skip_blank(text, frame.end, true) == text.len();
    };
    let meant = is_alone(text, next.end) || behind_name(text, next.end);
    let beside = match (next.begins, is_outermost(frame.name)) {
        (true, true) => is_outermost(next.name),
        (true, false) => next.name == frame.name || !is_part(next.name),
        (false, _) => next.name != frame.name,
    };
    (alone || meant) && beside
}

fn is_outermost(name: &[u8]) -> bool {
    matches!(name, b"VCARD" | b"VCALENDAR" | b"VNOTE")
}

/// What stands inside records.
fn is_part(name: &[u8]) -> bool {
    matches!(name, b"VALARM" | b"STANDARD" | b"DAYLIGHT")
}

/// Where the rest of a frame's line is to be a line of its own, if there is more than white space.
fn rest_of(text: &[u8], frame: &Frame<'_>) -> Option<usize> {
    let next = *text.get(frame.end)?;
    if is_alone(text, frame.end) {
        return None;
    }
    let rest = skip_blank(text, frame.end, false);
    let goes_on = next.is_ascii_alphanumeric() || next == b'-';
    (!goes_on || behind_name(text, frame.end)).then_some(rest)
}

/// True if another property or frame stands right behind the name.
fn behind_name(text: &[u8], at: usize) -> bool {
    let at = skip_blank(text, at, false);
    begins_property(text.get(at..).unwrap_or_default())
}

/// True if the line ends at `at`, but for white space.
fn is_alone(text: &[u8], at: usize) -> bool {
    let at = skip_blank(text, at, false);
    matches!(text.get(at), None | Some(b'\r' | b'\n'))
}

/// The first byte from `at` on that is neither white space, zero nor part of a byte order mark; `lines`: line ends
/// are white space too.
fn skip_blank(text: &[u8], mut at: usize, lines: bool) -> usize {
    while let Some(rest) = text.get(at..) {
        at += match rest {
            [b' ' | b'\t' | 0, ..] => 1,
            [b'\r' | b'\n', ..] if lines => 1,
            _ if rest.starts_with(MARK) => MARK.len(),
            _ => break,
        };
    }
    at
}

fn word_at(text: &[u8], at: usize, word: &[u8]) -> bool {
    text.get(at..at + word.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text with a bar at each cut.
    fn cut(text: &str) -> String {
        let mut out = text.as_bytes().to_vec();
        for at in cuts(text.as_bytes()).into_iter().rev() {
            out.insert(at, b'|');
        }
        String::from_utf8(out).expect("cuts are never inside a character")
    }

    #[test]
    fn frames_are_found_where_they_are_glued() {
        for (text, wanted) in [
            (
                "BEGIN:VCARD\nN:a\nEND:VCARD\n",
                "BEGIN:VCARD\nN:a\nEND:VCARD\n",
            ),
            ("END:VCARDBEGIN:VCARD\n", "END:VCARD|BEGIN:VCARD\n"),
            ("END:VCARD BEGIN:VCARD\n", "END:VCARD |BEGIN:VCARD\n"),
            ("end:vcardbegin:vcard\n", "end:vcard|begin:vcard\n"),
            (
                "END:VCARD\u{FEFF}BEGIN:VCARD\n",
                "END:VCARD\u{FEFF}|BEGIN:VCARD\n",
            ),
            (
                "END:VCARD\n\u{FEFF}BEGIN:VCARD\n",
                "END:VCARD\n\u{FEFF}|BEGIN:VCARD\n",
            ),
            (
                "END:VCARD\n\u{FEFF} BEGIN:VCARD\n",
                "END:VCARD\n\u{FEFF} |BEGIN:VCARD\n",
            ),
            ("END:VCARD\n BEGIN:VCARD\n", "END:VCARD\n |BEGIN:VCARD\n"),
            ("BEGIN:VCARDVERSION:3.0\n", "BEGIN:VCARD|VERSION:3.0\n"),
            ("END:VEVENTBEGIN:VEVENT\n", "END:VEVENT|BEGIN:VEVENT\n"),
            (
                "END:VALARMEND:VEVENTEND:VCALENDAR",
                "END:VALARM|END:VEVENT|END:VCALENDAR",
            ),
            ("END:VCARD;\n", "END:VCARD|;\n"),
            (
                "See my card: BEGIN:VCARD\nN:a\n",
                "See my card: |BEGIN:VCARD\nN:a\n",
            ),
            (
                "textBEGIN:VCALENDAR\nVERSION:2.0\n",
                "text|BEGIN:VCALENDAR\nVERSION:2.0\n",
            ),
            (
                "BEGIN:VCARD\nTEL:1END:VCARD\n",
                "BEGIN:VCARD\nTEL:1|END:VCARD\n",
            ),
            (
                "BEGIN:VCARD\nTEL:1END:VCARDBEGIN:VCARD\nN:b\n",
                "BEGIN:VCARD\nTEL:1|END:VCARD|BEGIN:VCARD\nN:b\n",
            ),
            (
                "BEGIN:VCARD\nVERSION:3.0\nNOTE:abBEGIN:VCARD\nVERSION:3.0\n",
                "BEGIN:VCARD\nVERSION:3.0\nNOTE:ab|BEGIN:VCARD\nVERSION:3.0\n",
            ),
            (
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:xEND:VEVENT\nEND:VCALENDAR\n",
                "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:x|END:VEVENT\nEND:VCALENDAR\n",
            ),
        ] {
            assert_eq!(cut(text), wanted);
        }
    }

    #[test]
    fn a_text_that_says_begin_is_none() {
        for text in [
            "BEGIN:VCARD\nVERSION:3.0\nNOTE:he said BEGIN:VCARD to me\nEND:VCARD\n",
            "BEGIN:VCARD\nVERSION:3.0\nNOTE:BEGIN:VCARD\nTEL:1\nEND:VCARD\n",
            "BEGIN:VCARD\nVERSION:3.0\nNOTE:say END:VCARD\nEND:VCARD\n",
            "BEGIN:VCARD\nVERSION:3.0\nNOTE:say END:VCARD\nTEL:1\nEND:VCARD\n",
            "BEGIN:VCARD\nVERSION:3.0\nNOTE:END:VCARDBEGIN:VCARD and so on\nEND:VCARD\n",
            "BEGIN:VCARD\nVERSION:3.0\nNOTE:x\n BEGIN:VCARD\n END:VCARD\nTEL:1\nEND:VCARD\n",
            "BEGIN:VCARD\nAGENT:BEGIN:VCARD\\nFN:x\\nEND:VCARD\nEND:VCARD\n",
            "BEGIN:VCARD\nAGENT:BEGIN:VCARD\\nFN:x\\nEND:VCARD\nBEGIN:VCARD\n",
            "BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:a=0D=0AEND:VCARD\nBEGIN:VCARD\n",
            "The word BEGIN:VCARD begins a card.\n",
            "BEGIN:VCARDS\n",
        ] {
            assert_eq!(cut(text), text);
        }
    }
}
