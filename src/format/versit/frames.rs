//! Finds where components begin and end, even in the middle of a line. Programs that join files or lose a line end
//! write `END:VCARDBEGIN:VCARD`, a byte order mark before BEGIN, or END directly after a value.
//!
//! A text that only mentions `BEGIN:VCARD` is not a frame. A frame in the middle of a line counts only if what
//! follows it allows no other reading.

use memchr::memchr_iter;

use super::lines::begins_property;

/// Components that are recognised in the middle of a line. No name is a prefix of another name.
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

/// Limit on open components, higher than any real file needs.
const MAX_OPEN: usize = 16;
/// The UTF-8 byte order mark.
pub(super) const MARK: &[u8] = b"\xEF\xBB\xBF";

/// `BEGIN:` or `END:` with the name of a component.
#[derive(Debug, Clone, Copy)]
struct Frame<'a> {
    begins: bool,
    /// The name as spelled in [`COMPONENTS`].
    name: &'a [u8],
    /// Start of the keyword, and end of the name.
    start: usize,
    end: usize,
}

/// Returns the places where a line must be cut in two, in order.
pub(super) fn cuts(text: &[u8]) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut line = Line::default();
    // The open components, and whether VERSION of the outermost one was seen.
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
            // After a cut before a blank, the next line would look like a folded line.
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
        // At a frame of an outermost component, all open components have ended, even those without an END.
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

/// The current line.
#[derive(Default)]
struct Line {
    start: usize,
    /// The first byte of the line that is neither white space nor a byte order mark.
    first: usize,
    /// Line ends were searched up to this place.
    seen: usize,
}

impl Line {
    /// True if only white space and byte order marks stand in the line before `at`.
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

/// The frame that this colon belongs to.
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

/// The frame after `at`, past white space and byte order marks.
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

/// True if a frame after other text on its line is a real frame.
fn is_glued(text: &[u8], frame: &Frame<'_>, open: &[&[u8]], version: bool) -> bool {
    let before = text.get(..frame.start).unwrap_or_default();
    // An escaped line break before the frame: the text quotes a whole card.
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
    // A card was cut off, and another card was joined to it.
    let next = skip_blank(text, frame.end, true);
    version && is_alone(text, frame.end) && word_at(text, next, b"VERSION:")
}

/// True if the component must end here: the line ends, and then the file ends, or the next frame is a sibling or the
/// parent of the component.
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

/// True for components that occur inside records.
fn is_part(name: &[u8]) -> bool {
    matches!(name, b"VALARM" | b"STANDARD" | b"DAYLIGHT")
}

/// The place where the rest of a frame's line must become a separate line, if the rest is more than white space.
fn rest_of(text: &[u8], frame: &Frame<'_>) -> Option<usize> {
    let next = *text.get(frame.end)?;
    if is_alone(text, frame.end) {
        return None;
    }
    let rest = skip_blank(text, frame.end, false);
    let goes_on = next.is_ascii_alphanumeric() || next == b'-';
    (!goes_on || behind_name(text, frame.end)).then_some(rest)
}

/// True if another property or frame follows directly after the name.
fn behind_name(text: &[u8], at: usize) -> bool {
    let at = skip_blank(text, at, false);
    begins_property(text.get(at..).unwrap_or_default())
}

/// True if only white space follows up to the line end.
fn is_alone(text: &[u8], at: usize) -> bool {
    let at = skip_blank(text, at, false);
    matches!(text.get(at), None | Some(b'\r' | b'\n'))
}

/// Returns the first place from `at` on that is not white space, a zero byte or a byte order mark. With `lines`, line
/// ends count as white space.
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

    /// Returns the text with a bar at each cut.
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
