//! Splits the bytes of a table into rows: cells between delimiters, in quotes if they contain delimiters, quotes or
//! line breaks (RFC 4180), including common deviations of programs and people.
//!
//! A quote that is never closed must not swallow the following rows: see [`Rows::quoted`].

use std::borrow::Cow;

use memchr::{memchr, memchr3};

/// Possible delimiters between cells.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Limit on searches for a closing quote that reach the end of the file without success. Each one costs a whole pass.
const VAIN_SEARCHES: u8 = 8;

/// One row.
#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    /// Line where it begins, from 1.
    pub line: u64,
    pub cells: Vec<Cow<'a, [u8]>>,
    /// Defect of its quotes.
    pub torn: Option<Torn>,
}

impl Row<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| cell.trim_ascii().is_empty())
    }

    pub(super) fn filled(&self) -> usize {
        let filled = |cell: &&Cow<[u8]>| !cell.trim_ascii().is_empty();
        self.cells.iter().filter(filled).count()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Torn {
    /// An opening quote without a closing one; it is treated as an ordinary character.
    Quote,
    /// The file ends inside quotes.
    CutOff,
}

/// Iterates over the rows.
#[derive(Debug, Clone)]
pub(super) struct Rows<'a> {
    bytes: &'a [u8],
    at: usize,
    line: u64,
    delimiter: u8,
    /// Expected number of cells in a row. A line with about this number of cells is a row.
    width: usize,
    vain: u8,
}

enum End {
    Cell,
    Row,
    File,
}

/// Result of reading a quote at the beginning of a cell.
enum Quoted<'a> {
    Cell(Cow<'a, [u8]>, usize),
    Stray,
    CutOff,
}

impl<'a> Rows<'a> {
    pub(super) fn new(bytes: &'a [u8], delimiter: u8) -> Self {
        Self {
            bytes,
            at: 0,
            line: 1,
            delimiter,
            width: 0,
            vain: 0,
        }
    }

    pub(super) fn expect_width(&mut self, width: usize) {
        self.width = width;
    }

    /// Number of bytes read so far.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Reads the next row into `row`; false at the end of the file. A blank line is a row with one empty cell.
    pub(super) fn next(&mut self, row: &mut Row<'a>) -> bool {
        row.cells.clear();
        row.torn = None;
        row.line = self.line;
        if self.at >= self.bytes.len() {
            return false;
        }
        loop {
            let end = self.cell(row);
            if !matches!(end, End::Cell) {
                return true;
            }
        }
    }

    fn rest(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    fn blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.delimiter
    }

    fn cell(&mut self, row: &mut Row<'a>) -> End {
        let start = self.rest(self.at);
        let blanks = start.iter().take_while(|b| self.blank(**b)).count();
        let mut from = self.at;
        if start.get(blanks) == Some(&b'"') {
            match self.quoted(self.at + blanks + 1) {
                Quoted::Cell(cell, end) => {
                    let passed = self.bytes.get(self.at..end).unwrap_or_default();
                    self.line += breaks(passed);
                    row.cells.push(cell);
                    // Only blanks stand between the closing quote and the delimiter.
                    from = end;
                    return self.end_at(
                        from + self
                            .rest(from)
                            .iter()
                            .take_while(|b| self.blank(**b))
                            .count(),
                    );
                }
                Quoted::Stray => row.torn = Some(Torn::Quote),
                Quoted::CutOff => {
                    let cell = self.rest(self.at + blanks + 1);
                    row.cells.push(undoubled(cell));
                    row.torn = Some(Torn::CutOff);
                    self.line += breaks(cell);
                    self.at = self.bytes.len();
                    return End::File;
                }
            }
        }
        let rest = self.rest(from);
        let length = memchr3(self.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
        row.cells
            .push(Cow::Borrowed(rest.get(..length).unwrap_or_default()));
        self.end_at(from + length)
    }

    /// Moves past the delimiter or line break at `at`.
    fn end_at(&mut self, at: usize) -> End {
        let (end, length) = match self.rest(at) {
            [] => (End::File, 0),
            [b'\r', b'\r', b'\n', ..] => (End::Row, 3),
            [b'\r', b'\n', ..] => (End::Row, 2),
            [b'\r' | b'\n', ..] => (End::Row, 1),
            _ => (End::Cell, 1),
        };
        if matches!(end, End::Row) {
            self.line += 1;
        }
        self.at = at + length;
        end
    }

    /// Reads a cell whose quote opened before `start`. Returns its text, and the start of the bytes after the closing
    /// quote.
    ///
    /// A quote closes before a delimiter, a line break or the end of the file. Other quotes within the cell are
    /// doubled. A single quote after a delimiter or a line break therefore opens a new cell, which means that the
    /// first quote was never closed. The same applies if the end of the file is reached and the lines look like rows.
    /// Otherwise the text was cut off.
    fn quoted(&mut self, start: usize) -> Quoted<'a> {
        let mut at = start;
        let mut doubled = false;
        let mut broken = None;
        while self.vain < VAIN_SEARCHES {
            let rest = self.rest(at);
            let Some(length) = memchr(b'"', rest) else {
                self.vain += 1;
                return self.unclosed(start);
            };
            let quote = at + length;
            if broken.is_none() {
                let passed = rest.get(..length).unwrap_or_default();
                broken = passed
                    .iter()
                    .any(|b| matches!(b, b'\n' | b'\r'))
                    .then_some(());
            }
            let after = self.rest(quote + 1);
            let blanks = after.iter().take_while(|b| self.blank(**b)).count();
            let closes = match after.get(blanks) {
                None | Some(b'\n' | b'\r') => true,
                Some(byte) => *byte == self.delimiter,
            };
            if after.first() == Some(&b'"') {
                doubled = true;
                at = quote + 2;
            } else if closes {
                let cell = self.bytes.get(start..quote).unwrap_or_default();
                let cell = if doubled {
                    undoubled(cell)
                } else {
                    Cow::Borrowed(cell)
                };
                return Quoted::Cell(cell, quote + 1);
            } else {
                let before = quote.checked_sub(1).and_then(|at| self.bytes.get(at));
                let opens =
                    before.is_some_and(|b| *b == self.delimiter || matches!(b, b'\n' | b'\r'));
                if broken.is_some() && opens {
                    return Quoted::Stray;
                }
                at = quote + 1;
            }
        }
        Quoted::Stray
    }

    fn unclosed(&self, start: usize) -> Quoted<'a> {
        let lines = self.rest(start).split(|b| matches!(b, b'\n' | b'\r'));
        let next = lines.skip(1).find(|line| !line.trim_ascii().is_empty());
        let delimiters = |line: &[u8]| line.iter().filter(|b| **b == self.delimiter).count();
        match next {
            Some(line) if delimiters(line) > 0 && delimiters(line) * 2 + 1 >= self.width => {
                Quoted::Stray
            }
            _ => Quoted::CutOff,
        }
    }
}

/// Counts line breaks; CR LF counts once.
fn breaks(bytes: &[u8]) -> u64 {
    let mut count = 0;
    let mut last = 0;
    for byte in bytes {
        if *byte == b'\r' || (*byte == b'\n' && last != b'\r') {
            count += 1;
        }
        last = *byte;
    }
    count
}

fn undoubled(cell: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'"', cell).is_none() {
        return Cow::Borrowed(cell);
    }
    let mut text = Vec::with_capacity(cell.len());
    let mut bytes = cell.iter().peekable();
    while let Some(byte) = bytes.next() {
        text.push(*byte);
        if *byte == b'"' {
            bytes.next_if(|next| **next == b'"');
        }
    }
    Cow::Owned(text)
}

/// Reads a first line such as `sep=;`, in which spreadsheets name the delimiter. Returns the delimiter and the bytes
/// after that line.
pub(super) fn named_delimiter(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let end = memchr3(b'\n', b'\r', 0, bytes)?;
    let line = bytes.get(..end)?;
    let line = line.strip_prefix(b"\"").unwrap_or(line);
    let value = line
        .get(..4)
        .filter(|word| word.eq_ignore_ascii_case(b"sep="))
        .and_then(|_| line.get(4..))?;
    let delimiter = *value.first()?;
    let rest = value.get(1..).unwrap_or_default();
    if !rest
        .iter()
        .all(|b| matches!(b, b'"' | b' ' | b',' | b';' | b'\t'))
        || delimiter.is_ascii_alphanumeric()
    {
        return None;
    }
    Some((delimiter, bytes.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str, delimiter: u8, width: usize) -> Vec<(u64, Vec<String>, Option<Torn>)> {
        let mut rows = Rows::new(text.as_bytes(), delimiter);
        rows.expect_width(width);
        let mut row = Row::default();
        let mut all = Vec::new();
        while rows.next(&mut row) {
            let cells = row
                .cells
                .iter()
                .map(|c| String::from_utf8_lossy(c).into_owned());
            all.push((row.line, cells.collect(), row.torn));
        }
        all
    }

    #[track_caller]
    fn check(text: &str, wanted: &[&[&str]]) {
        let read: Vec<Vec<String>> = rows(text, b',', 3)
            .into_iter()
            .map(|(_, cells, _)| cells)
            .collect();
        assert_eq!(read, wanted, "{text:?}");
    }

    #[test]
    fn cells_and_rows_are_told_apart() {
        check("a,b\r\nc,d\n", &[&["a", "b"], &["c", "d"]]);
        check("a,b\rc,", &[&["a", "b"], &["c", ""]]);
        check(
            "\"a,\"\"b\"\"\",\"c\nd\"\ne",
            &[&["a,\"b\"", "c\nd"], &["e"]],
        );
        check("a, \"b,c\" ,d", &[&["a", "b,c", "d"]]);
        check("5\" pipe,x\ny", &[&["5\" pipe", "x"], &["y"]]);
        check("\"\",\"\"\n", &[&["", ""]]);
        check(
            "\"He said \"hi\" to\nme\",x",
            &[&["He said \"hi\" to\nme", "x"]],
        );
        check("\"a\\\"b\",c", &[&["a\\\"b", "c"]]);
    }

    #[test]
    fn a_stray_quote_costs_no_more_than_its_row() {
        let text = "n,t,e\nNora,\"Boss,1\nBen,2,3\nZoe,\"x, y\",4\n";
        let read = rows(text, b',', 3);
        assert_eq!(read.len(), 4);
        assert_eq!((read[1].0, read[1].2), (2, Some(Torn::Quote)));
        assert_eq!(read[1].1, ["Nora", "\"Boss", "1"]);
        assert_eq!(read[3].1, ["Zoe", "x, y", "4"]);
        // The same if no quote follows.
        let read = rows("n,t,e\nNora,\"Boss,1\nBen,2,3\n", b',', 3);
        assert_eq!((read.len(), read[1].2), (3, Some(Torn::Quote)));
    }

    #[test]
    fn a_text_that_was_cut_off_is_a_text() {
        let read = rows("n,t,e\nNora,1,\"likes tea\nand cake, wi", b',', 6);
        assert_eq!(read.len(), 2);
        assert_eq!(read[1].1[2], "likes tea\nand cake, wi");
        assert_eq!(read[1].2, Some(Torn::CutOff));
    }

    #[test]
    fn the_delimiter_may_be_named() {
        assert_eq!(
            named_delimiter(b"sep=;\r\na;b"),
            Some((b';', &b"\r\na;b"[..]))
        );
        assert_eq!(named_delimiter(b"\"sep=|\"\na"), Some((b'|', &b"\na"[..])));
        assert_eq!(named_delimiter(b"SEP=\t\na"), Some((b'\t', &b"\na"[..])));
        assert_eq!(named_delimiter(b"sep=x\na"), None);
        assert_eq!(named_delimiter(b"separator,b\na"), None);
    }

    #[test]
    fn quotes_by_the_thousand_take_linear_time() {
        for piece in [
            "a,\"b\n",
            "a,\"b\"\",c\n",
            "\"",
            "a,\"\"b\n",
            "\",\n",
            "\"\n\"x",
            ",\"\n",
        ] {
            let text = piece.repeat(400_000 / piece.len());
            let start = std::time::Instant::now();
            rows(&text, b',', 2);
            assert!(start.elapsed().as_secs() < 10, "{piece:?}");
        }
    }
}
