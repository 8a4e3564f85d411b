//! Reads a file and returns its components, even if they are nested, broken or without an end.

use std::ops::Range;

use encoding_rs::Encoding;

use super::charset::Charsets;
use super::component::Component;
use super::lines::{Folding, Lines, Logical, logical};
use super::names::{Continuation, goes_on, is_long_text, is_one_word, is_standard};
use super::property::Property;
use super::survey::Survey;
use super::text::Dialect;
use super::wide::{AsUtf8, Mark, as_utf8};
use super::{Complaints, Fault, Unreadable};
use crate::phrase;

/// Maximum nesting depth of components. Real files have three levels: a calendar, an event, an alarm; or a card, the
/// card of its agent, and that agent's agent.
const MAX_DEPTH: usize = 8;
/// Maximum number of properties of one component. After this limit, records inside the component are only counted. It
/// allows a calendar of about 200,000 events, in about 600 MB of memory.
const MAX_PROPERTIES: usize = 2_500_000;
/// Maximum number of properties of one record, higher than any real card needs.
const MAX_VALUES: usize = 20_000;
/// Maximum number of blank lines kept inside a text.
const MAX_BLANK: usize = 8;
/// Start of the first and the last line of an armored key.
const ARMOR: (&str, &[u8]) = ("-----BEGIN", b"-----END");
/// Components that are counted when a limit excludes them.
const RECORDS: [&str; 6] = ["VCARD", "VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VNOTE"];

/// Returns the component in a text that Lifeboat wrote: a card, an event or a to-do.
pub(crate) fn own_component(text: &[u8]) -> Component {
    let file = as_utf8(text);
    let mut component = Reader::of_own(&file).next_component().unwrap_or_default();
    component.settle(Some(Dialect::New));
    component
}

/// Returns the components of a file one after the other. Only one is in memory at a time.
#[derive(Debug)]
pub struct Reader<'a> {
    file: &'a AsUtf8<'a>,
    lines: Lines<'a>,
    folding: Folding,
    charsets: Charsets,
    /// Charset of the unlabelled text of the line that is being read.
    guess: &'static Encoding,
    /// The file nests cards deliberately. Otherwise, a card inside a card means that the first one lacks its END.
    nested_cards: bool,
    mark: Mark,
    complaints: Complaints,
}

impl<'a> Reader<'a> {
    /// Creates a reader and makes the first pass over the file, to detect its folding and the charset of unlabelled
    /// text.
    pub(crate) fn new(file: &'a AsUtf8<'a>) -> Self {
        let bytes: &[u8] = &file.bytes;
        let survey = Survey::of(bytes, &file.cuts);
        let charsets = survey.charsets();
        let mut complaints = Complaints::default();
        if let Some(line) = survey.zeros {
            complaints.add(Unreadable::new(line, Fault::Zeros, ""));
        }
        Self {
            file,
            lines: Lines::new(bytes, &file.cuts),
            folding: survey.folding(),
            guess: charsets.at(0),
            charsets,
            nested_cards: survey.begins <= survey.ends,
            mark: Mark::default(),
            complaints,
        }
    }

    /// Creates a reader of one component in UTF-8 that Lifeboat wrote.
    fn of_own(file: &'a AsUtf8<'a>) -> Self {
        Self {
            file,
            lines: Lines::new(&file.bytes, &file.cuts),
            folding: Folding::default(),
            guess: encoding_rs::UTF_8,
            charsets: Charsets::default(),
            nested_cards: false,
            mark: Mark::default(),
            complaints: Complaints::default(),
        }
    }

    /// Returns the unreadable parts so far and clears the list.
    pub fn take_complaints(&mut self) -> Complaints {
        std::mem::take(&mut self.complaints)
    }

    /// Returns the next outermost component; None at the end of the file.
    pub fn next_component(&mut self) -> Option<Component> {
        let mut build = Build::default();
        loop {
            let before = self.lines;
            let Some(line) = logical(&mut self.lines, self.folding) else {
                return self.finish(build, self.file.bytes.len());
            };
            self.guess = self.charsets.at(line.start);
            let mut fault = None;
            let Some(property) = Property::read(&line, self.guess, &mut fault) else {
                self.stray(&mut build, &line);
                continue;
            };
            let frame = matches!(property.name.as_str(), "BEGIN" | "END");
            build.armor &= !frame;
            if build.skipping == 0
                && let Some(last) = build.last()
                && (build.armor || is_prose(&property, &line.bytes, last))
            {
                self.stray(&mut build, &line);
                continue;
            }
            build.line = line.last;
            let blank = |c: char| c.is_whitespace() || c == '\u{FEFF}';
            let name = match property.name.as_str() {
                "BEGIN" | "END" => property.raw.trim_matches(blank).to_ascii_uppercase(),
                _ => String::new(),
            };
            match property.name.as_str() {
                "BEGIN" if build.skipping > 0 => {
                    build.skipping += 1;
                    build.leave_out(&name);
                }
                "BEGIN" => {
                    if self.lacks_end(&build, &name) {
                        let lacking = build.lacking(&name);
                        while build.open.len() > lacking {
                            let Some(open) = build.open.pop() else { break };
                            let closed = self.unended(open, line.start);
                            match build.open.last_mut() {
                                Some(parent) => parent.components.push(closed),
                                None => {
                                    self.lines = before;
                                    return Some(closed.settled());
                                }
                            }
                        }
                    }
                    if build.open.len() >= MAX_DEPTH {
                        build.skipping = 1;
                        self.complain(line.number, Fault::TooDeep, &name);
                        continue;
                    }
                    if build.count >= MAX_PROPERTIES {
                        build.skipping = 1;
                        build.full.get_or_insert(line.number);
                        build.leave_out(&name);
                        continue;
                    }
                    build.open.push(Component {
                        agent: build.open.last().is_some_and(ends_in_agent),
                        name,
                        raw: line.start..line.next,
                        line: line.number,
                        ..Component::default()
                    });
                }
                "END" if build.skipping > 0 => build.skipping -= 1,
                "END" => {
                    let Some(at) = build.open.iter().rposition(|open| open.name == name) else {
                        self.complain(line.number, Fault::NoBegin, &name);
                        continue;
                    };
                    while build.open.len() > at + 1 {
                        if let Some(open) = build.open.pop() {
                            let closed = self.unended(open, line.start);
                            if let Some(parent) = build.open.last_mut() {
                                parent.components.push(closed);
                            }
                        }
                    }
                    let Some(mut done) = build.open.pop() else {
                        continue;
                    };
                    done.raw = self.in_file(&(done.raw.start..line.next));
                    match build.open.last_mut() {
                        Some(parent) => parent.components.push(done),
                        None => {
                            self.left_out(&build, &done.name);
                            return Some(done.settled());
                        }
                    }
                }
                _ if build.skipping > 0 => {}
                _ => match build.open.last_mut() {
                    None => self.complain_of(line.number, Fault::Outside, &line.bytes),
                    Some(open) if open.properties.len() >= MAX_VALUES => {
                        build.full.get_or_insert(line.number);
                        build.values += 1;
                    }
                    Some(open) => {
                        if let Some(fault) = fault {
                            self.complaints.add(Unreadable::new(
                                line.number,
                                fault,
                                &property.head(),
                            ));
                        }
                        build.count += 1;
                        build.armor = property.raw.starts_with(ARMOR.0);
                        open.properties.push(property);
                    }
                },
            }
        }
    }

    /// True if the last open component should have ended before a component with this name begins.
    fn lacks_end(&self, build: &Build, name: &str) -> bool {
        let Some(top) = build.open.last() else {
            return false;
        };
        if name == "VCARD" && top.name == "VCARD" {
            return !(self.nested_cards || ends_in_agent(top));
        }
        const BESIDE: [&str; 6] = [
            "VEVENT",
            "VTODO",
            "VJOURNAL",
            "VTIMEZONE",
            "VFREEBUSY",
            "VNOTE",
        ];
        let sibling = BESIDE.contains(&top.name.as_str()) && BESIDE.contains(&name);
        sibling || (name != "VCARD" && build.open.iter().any(|open| open.name == name))
    }

    /// Treats a line that is not a property as a continuation of the value before it, because many programs wrote raw
    /// line breaks. Reports the line if it cannot be a continuation.
    fn stray(&mut self, build: &mut Build, line: &Logical<'_>) {
        if build.skipping > 0 {
            return;
        }
        let (bytes, number) = (&line.bytes, line.number);
        build.armor &= !bytes.starts_with(ARMOR.1);
        // Blank lines inside a text belong to the text.
        let blank = number.saturating_sub(build.line).saturating_sub(1);
        build.line = line.last;
        let Some(open) = build.open.last_mut() else {
            return self.complain_of(number, Fault::Outside, bytes);
        };
        let before_first = open.properties.is_empty();
        let Some(last) = open.properties.last_mut().filter(|p| p.bytes.is_none()) else {
            // A remark of the export program before the first property.
            let fault = if before_first {
                Fault::Outside
            } else {
                Fault::NotAProperty
            };
            return self.complain_of(number, fault, bytes);
        };
        let value = last.raw.trim_end();
        let unfinished = value.is_empty() || value.ends_with([',', ';', '=']);
        // The start of a property that was cut off, the remains of damage, or a line that Android treats as a
        // comment.
        let remark = bytes.starts_with(b"#") && !is_long_text(&last.name);
        let broken = remark
            || is_cut_off(bytes)
            || bytes.iter().any(|b| b.is_ascii_control() && *b != b'\t');
        let kind = match broken {
            true => Continuation::Never,
            false => goes_on(&last.name),
        };
        let unfinished = unfinished && !broken;
        let odd = match kind {
            Continuation::Text => false,
            Continuation::Oddly => !value.is_empty(),
            Continuation::Never => !unfinished,
        };
        if odd {
            self.complaints
                .add(Unreadable::of_bytes(number, Fault::NotAProperty, bytes));
        }
        let breaks = "\n".repeat(usize::try_from(blank).unwrap_or_default().min(MAX_BLANK) + 1);
        // An address is one word. A second whole address in the next line stays apart.
        let is_whole = |text: &[u8]| {
            let mut marks = [&b"@"[..], b"://"].into_iter();
            marks.any(|mark| memchr::memmem::find(text, mark).is_some())
        };
        let whole = is_whole(value.as_bytes()) && is_whole(bytes);
        let breaks = match blank == 0 && !whole && is_one_word(&last.name) {
            true => String::new(),
            false => breaks,
        };
        match kind {
            Continuation::Text | Continuation::Oddly if value.is_empty() => {
                last.go_on("", bytes, self.guess)
            }
            Continuation::Never if unfinished => last.go_on("", bytes, self.guess),
            Continuation::Never => {}
            Continuation::Text | Continuation::Oddly => last.go_on(&breaks, bytes, self.guess),
        }
    }

    /// Reports the records and properties of a component that a limit excluded.
    fn left_out(&mut self, build: &Build, name: &str) {
        let Some(line) = build.full else { return };
        if build.records > 0 {
            let text = phrase!(
                "{} records were not read, because {name} has more than {MAX_PROPERTIES} properties",
                build.records
            );
            self.complain(line, Fault::TooMany, &text);
        }
        if build.values > 0 {
            let text = phrase!(
                "{} values were not read, because a record has more than {MAX_VALUES}",
                build.values
            );
            self.complain(line, Fault::TooMany, &text);
        }
    }

    /// Returns the components that are still open at the end of the file, as one component.
    fn finish(&mut self, mut build: Build, end: usize) -> Option<Component> {
        if let Some(outer) = build.open.first() {
            let name = outer.name.clone();
            self.left_out(&build, &name);
        }
        let mut last = None;
        while let Some(mut open) = build.open.pop() {
            open.components.extend(last.take());
            last = Some(self.unended(open, end));
        }
        last.map(Component::settled)
    }

    fn unended(&mut self, mut open: Component, end: usize) -> Component {
        self.complain(open.line, Fault::NoEnd, &open.name);
        open.raw.end = end.max(open.raw.end);
        open.raw = self.in_file(&open.raw);
        open
    }

    fn complain(&mut self, line: u64, fault: Fault, text: &str) {
        self.complaints.add(Unreadable::new(line, fault, text));
    }

    fn complain_of(&mut self, line: u64, fault: Fault, bytes: &[u8]) {
        self.complaints
            .add(Unreadable::of_bytes(line, fault, bytes));
    }

    /// Converts a range in the text to a range in the file.
    fn in_file(&mut self, range: &Range<usize>) -> Range<usize> {
        self.offset(range.start)..self.offset(range.end)
    }

    fn offset(&mut self, at: usize) -> usize {
        self.file.in_file(at, &mut self.mark)
    }
}

#[derive(Default)]
struct Build {
    open: Vec<Component>,
    /// Number of open components that are nested too deep to be read.
    skipping: usize,
    /// Number of properties read.
    count: usize,
    /// The line where a limit was reached, and the number of records and properties left out after it.
    full: Option<u64>,
    records: u64,
    values: u64,
    /// The last line that was read.
    line: u64,
    /// An armored key is open. Some of its lines look like properties (RFC 9580 section 6.2).
    armor: bool,
}

impl Build {
    /// The property that was read last.
    fn last(&self) -> Option<&Property> {
        self.open.last()?.properties.last()
    }

    /// Counts a record that a limit excludes.
    fn leave_out(&mut self, name: &str) {
        if self.full.is_some() && RECORDS.contains(&name) {
            self.records += 1;
        }
    }

    /// Index of the first open component that must be closed before a component with this name begins.
    fn lacking(&self, name: &str) -> usize {
        let same = self.open.iter().position(|open| open.name == name);
        same.unwrap_or(self.open.len().saturating_sub(1))
    }
}

/// True if a line begins with the name of a property and its parameters but has no value.
fn is_cut_off(line: &[u8]) -> bool {
    let name = line.split(|byte| *byte == b';').next().unwrap_or_default();
    name.len() < line.len() && std::str::from_utf8(name).is_ok_and(is_standard)
}

/// True if a line that looks like a property continues the text before it: a web address, or words with a colon.
fn is_prose(property: &Property, line: &[u8], last: &Property) -> bool {
    if matches!(property.name.as_str(), "HTTP" | "HTTPS") {
        return property.raw.starts_with("//") && goes_on(&last.name) != Continuation::Never;
    }
    let bare = property.group.is_empty() && property.parameters.is_empty();
    if !bare || property.name.starts_with("X-") || !is_long_text(&last.name) {
        return false;
    }
    let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
    let small = name.iter().any(u8::is_ascii_lowercase);
    let spaced = property.raw.starts_with(' ') || property.raw.is_empty();
    (small || spaced) && !is_standard(&property.name)
}

fn ends_in_agent(open: &Component) -> bool {
    open.properties
        .last()
        .is_some_and(|last| last.name == "AGENT" && last.raw.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(file: &[u8]) -> (Vec<Component>, Vec<Fault>) {
        let text = as_utf8(file);
        let mut reader = Reader::new(&text);
        let mut all = Vec::new();
        while let Some(component) = reader.next_component() {
            all.push(component);
        }
        let faults = reader.take_complaints().list;
        (all, faults.iter().map(|u| u.fault).collect())
    }

    fn names(components: &[Component]) -> Vec<String> {
        components
            .iter()
            .map(|c| c.text("N").unwrap_or_default())
            .collect()
    }

    #[test]
    fn a_card_inside_a_card_is_told_from_one_that_lacks_its_end() {
        let (nested, faults) = read(
            b"BEGIN:VCARD\nN:a\nBEGIN:VCARD\nN:b\nEND:VCARD\nTEL:1\nEND:VCARD\nBEGIN:VCARD\nN:c\nEND:VCARD",
        );
        assert_eq!(names(&nested), ["a", "c"]);
        assert_eq!(names(&nested[0].components), ["b"]);
        assert!(faults.is_empty(), "{faults:?}");
        let (lacking, faults) =
            read(b"BEGIN:VCARD\nN:a\nBEGIN:VCARD\nN:b\nEND:VCARD\nBEGIN:VCARD\nN:c");
        assert_eq!(names(&lacking), ["a", "b", "c"]);
        assert_eq!(faults, [Fault::NoEnd, Fault::NoEnd]);
    }

    #[test]
    fn an_agent_s_card_stands_inside() {
        let (cards, faults) =
            read(b"BEGIN:VCARD\nN:a\nAGENT:\nBEGIN:VCARD\nN:b\nEND:VCARD\n\nTEL:1\nEND:VCARD");
        assert_eq!(names(&cards[0].components), ["b"]);
        assert!(cards[0].components[0].agent);
        assert!(cards[0].first("TEL").is_some());
        assert!(faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn events_without_their_end_stay_beside_each_other() {
        let (calendars, faults) = read(
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nN:1\nBEGIN:VEVENT\nN:2\nEND:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR",
        );
        assert_eq!(calendars.len(), 2);
        assert_eq!(names(&calendars[0].components), ["1", "2"]);
        assert_eq!(faults, [Fault::NoEnd, Fault::NoEnd]);
    }

    #[test]
    fn depth_has_a_limit() {
        let file = b"BEGIN:A\n".repeat(100_000);
        let (components, faults) = read(&file);
        assert!(components.len() <= 100_000);
        assert!(faults.len() <= Complaints::LISTED);
        let mut file = Vec::new();
        for level in 0..50 {
            file.extend(format!("BEGIN:X{level}\nN:{level}\n").bytes());
        }
        for level in (0..50).rev() {
            file.extend(format!("END:X{level}\n").bytes());
        }
        let (components, faults) = read(&file);
        assert_eq!(components.len(), 1);
        assert_eq!(faults, [Fault::TooDeep]);
    }

    #[test]
    fn a_component_s_bytes_are_found_again() {
        let text =
            "junk\r\nBEGIN:VCARD\r\nN:Zoë 😀\r\nEND:VCARD\r\nBEGIN:VCARD\r\nN:b\r\nEND:VCARD\r\n";
        let marked = format!("\u{FEFF}{text}");
        let utf16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for file in [text.as_bytes(), marked.as_bytes(), &utf16] {
            let (cards, faults) = read(file);
            assert_eq!(names(&cards), ["Zoë 😀", "b"]);
            assert_eq!(faults, [Fault::Outside]);
            for card in cards {
                let (again, faults) = read(&file[card.raw.clone()]);
                assert_eq!(again[0].properties[0].raw, card.properties[0].raw);
                assert!(faults.is_empty());
            }
        }
    }

    #[test]
    fn how_a_file_was_folded_shows() {
        let long = "x".repeat(70);
        let cut = format!("BEGIN:VCARD\nVERSION:2.1\nNOTE:{long}\n {long}xxxx\n y\nEND:VCARD");
        assert_eq!(
            read(cut.as_bytes()).0[0].text("NOTE").unwrap(),
            format!("{long}{long}xxxxy")
        );
        let words = b"BEGIN:VCARD\nVERSION:2.1\nNOTE:one two\n three\nEND:VCARD";
        assert_eq!(read(words).0[0].text("NOTE").unwrap(), "one two three");
        let new = b"BEGIN:VCARD\nVERSION:3.0\nNOTE:one two\n three\nEND:VCARD";
        assert_eq!(read(new).0[0].text("NOTE").unwrap(), "one twothree");
    }
}
