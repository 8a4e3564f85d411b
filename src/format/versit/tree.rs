//! Components: what stands between BEGIN and END.

use std::ops::Range;

use encoding_rs::Encoding;

use super::charset::{self, AsUtf8};
use super::lines::{Folding, Lines, logical};
use super::property::Property;
use super::survey::Survey;
use super::text::Dialect;
use super::{Complaints, Fault, Unreadable};

/// How deep components may stand inside each other. Real ones: a calendar, an event, an alarm; a card, an
/// agent's card, an agent's agent.
const MAX_DEPTH: usize = 8;
/// How many properties of one component with all that is in it are read: a calendar of some 30,000 events.
const MAX_PROPERTIES: usize = 500_000;
/// A longer line of no property is not added to the text before it.
const MAX_STRAY: usize = 10_000;

/// A component with what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// `VCARD`, `VEVENT`…, in capitals.
    pub name: String,
    pub dialect: Dialect,
    pub properties: Vec<Property>,
    pub components: Vec<Component>,
    /// Its bytes in the file, BEGIN and END with their lines.
    pub raw: Range<usize>,
    /// The line of its BEGIN, from 1.
    pub line: u64,
    /// It stands behind an `AGENT:`.
    pub agent: bool,
}

impl Component {
    /// The first property of that name.
    pub fn first(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|p| p.name == name)
    }

    /// The first text of that name that holds something.
    pub fn text(&self, name: &str) -> Option<String> {
        self.properties
            .iter()
            .filter(|p| p.name == name)
            .map(Property::text)
            .find(|text| !text.is_empty())
    }

    /// Every text must be read the way its version writes it, which is known only at the end.
    fn settle(&mut self, inherited: Option<Dialect>) {
        let own = self.own_dialect();
        let dialect = own.or(inherited).unwrap_or_else(|| self.likely_dialect());
        self.dialect = dialect;
        for property in &mut self.properties {
            property.dialect = dialect;
        }
        for component in &mut self.components {
            component.settle(Some(dialect));
        }
    }

    fn own_dialect(&self) -> Option<Dialect> {
        let version = self.first("VERSION")?.raw.trim();
        match (self.name.as_str(), version) {
            ("VCARD", "2.1") | ("VCALENDAR", "1.0") => Some(Dialect::Old),
            ("VCARD", "3.0" | "4.0") | ("VCALENDAR", "2.0") => Some(Dialect::New),
            _ => None,
        }
    }

    /// Without a version, a calendar is an old one if it has what only old ones have.
    fn likely_dialect(&self) -> Dialect {
        let old = |property: &Property| match property.name.as_str() {
            "AALARM" | "DALARM" | "MALARM" | "PALARM" | "DCREATED" => true,
            "RRULE" => !property.raw.contains('='),
            "VERSION" => property.raw.trim() == "1.0",
            _ => false,
        };
        let any_old = |component: &Component| component.properties.iter().any(old);
        match self.name.as_str() {
            "VCALENDAR" if !any_old(self) && !self.components.iter().any(any_old) => Dialect::New,
            _ => Dialect::Old,
        }
    }
}

/// Hands out the components of a file, one after the other; memory holds one.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a [u8],
    lines: Lines<'a>,
    folding: Folding,
    guess: &'static Encoding,
    /// A card inside a card is meant; otherwise the first lacks its END.
    nested_cards: bool,
    /// Bytes of the file before the text, and if it is UTF-16.
    skipped: usize,
    utf16: bool,
    /// An offset into the text, and the UTF-16 units before it.
    mark: (usize, usize),
    complaints: Complaints,
}

impl<'a> Reader<'a> {
    /// Looks a file over: how it is folded, and which characters those without a label are.
    pub(crate) fn new(file: &'a AsUtf8<'_>) -> Self {
        let text: &[u8] = &file.bytes;
        let survey = Survey::of(text);
        let mut complaints = Complaints::default();
        if let Some(line) = survey.zeros {
            complaints.add(Unreadable::new(line, Fault::Zeros, ""));
        }
        Self {
            text,
            lines: Lines::new(text),
            folding: survey.folding(),
            guess: charset::guess(&survey.evidence, &survey.labels),
            nested_cards: survey.begins <= survey.ends,
            skipped: file.skipped,
            utf16: file.utf16,
            mark: (0, 0),
            complaints,
        }
    }

    /// What could not be read so far; the next call begins anew.
    pub fn take_complaints(&mut self) -> Complaints {
        std::mem::take(&mut self.complaints)
    }

    /// The next component that stands in no other; None at the end of the file.
    pub fn next_component(&mut self) -> Option<Component> {
        let mut build = Build::default();
        loop {
            let before = self.lines;
            let Some(line) = logical(&mut self.lines, self.folding) else {
                return self.finish(build, self.text.len());
            };
            let mut fault = None;
            let Some(property) = Property::read(&line, self.guess, &mut fault) else {
                self.stray(&mut build, &line.bytes, line.number);
                continue;
            };
            let name = property.raw.trim().to_ascii_uppercase();
            match property.name.as_str() {
                "BEGIN" if build.skipping > 0 => build.skipping += 1,
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
                        None => return Some(done.settled()),
                    }
                }
                _ if build.skipping > 0 => {}
                _ => match build.open.last_mut() {
                    None => self.complain_of(line.number, Fault::Outside, &line.bytes),
                    Some(_) if build.count >= MAX_PROPERTIES => {
                        if build.count == MAX_PROPERTIES {
                            self.complain_of(line.number, Fault::TooMany, &line.bytes);
                        }
                        build.count += 1;
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
                        open.properties.push(property);
                    }
                },
            }
        }
    }

    /// True if the last open component should have ended before another of that name begins.
    fn lacks_end(&self, build: &Build, name: &str) -> bool {
        let Some(top) = build.open.last() else {
            return false;
        };
        if name == "VCARD" && top.name == "VCARD" {
            return !(self.nested_cards || ends_in_agent(top));
        }
        const RECORDS: [&str; 6] = [
            "VEVENT",
            "VTODO",
            "VJOURNAL",
            "VTIMEZONE",
            "VFREEBUSY",
            "VNOTE",
        ];
        let sibling = RECORDS.contains(&top.name.as_str()) && RECORDS.contains(&name);
        sibling || (name != "VCARD" && build.open.iter().any(|open| open.name == name))
    }

    /// A line that is no property: it is named, and if it comes after a text, it goes on with it, since many
    /// programs wrote line breaks as they were.
    fn stray(&mut self, build: &mut Build, bytes: &[u8], number: u64) {
        if build.skipping > 0 {
            return;
        }
        let Some(open) = build.open.last_mut() else {
            return self.complain_of(number, Fault::Outside, bytes);
        };
        self.complaints
            .add(Unreadable::of_bytes(number, Fault::NotAProperty, bytes));
        const TEXTS: [&str; 7] = [
            "NOTE",
            "DESCRIPTION",
            "LABEL",
            "BODY",
            "SUMMARY",
            "COMMENT",
            "LOCATION",
        ];
        if let Some(last) = open.properties.last_mut()
            && TEXTS.contains(&last.name.as_str())
            && bytes.len() <= MAX_STRAY
            && !bytes.starts_with(b"#")
        {
            last.raw.push('\n');
            last.raw
                .push_str(&charset::decode(bytes, None, self.guess).0);
        }
    }

    /// What is open at the end of the file, as one component.
    fn finish(&mut self, mut build: Build, end: usize) -> Option<Component> {
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

    /// A place in the text as a place in the file.
    fn in_file(&mut self, range: &Range<usize>) -> Range<usize> {
        self.offset(range.start)..self.offset(range.end)
    }

    fn offset(&mut self, at: usize) -> usize {
        if !self.utf16 {
            return self.skipped + at;
        }
        if at < self.mark.0 {
            self.mark = (0, 0);
        }
        let passed = self.text.get(self.mark.0..at).unwrap_or_default();
        let units: usize = passed
            .iter()
            .map(|byte| match byte {
                // A character's first byte says how many units it takes; the others take none.
                0x80..=0xBF => 0,
                0xF0.. => 2,
                _ => 1,
            })
            .sum();
        self.mark = (at, self.mark.1 + units);
        self.skipped + 2 * self.mark.1
    }
}

impl Component {
    fn settled(mut self) -> Self {
        self.settle(None);
        self
    }
}

#[derive(Default)]
struct Build {
    open: Vec<Component>,
    /// Components that are too deep to be read.
    skipping: usize,
    count: usize,
}

impl Build {
    /// Which of the open components must be closed before one of that name.
    fn lacking(&self, name: &str) -> usize {
        let same = self.open.iter().position(|open| open.name == name);
        same.unwrap_or(self.open.len().saturating_sub(1))
    }
}

fn ends_in_agent(open: &Component) -> bool {
    open.properties
        .last()
        .is_some_and(|last| last.name == "AGENT" && last.raw.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::as_utf8;
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
