//! Reads the text that Android's `content query` prints.
//!
//! AOSP's `cmds/content/Content.java` prints each row as `Row: N a=1, b=text` and a line feed, without any escaping:
//! a text may contain `, b=`, line feeds, or a line that looks like the next row. [`RowReader`] therefore never
//! guesses. It knows which columns were requested, and reports for each row the cells that can be read in only one
//! way. The caller queries the other cells again.
//!
//! Before Android 7, error messages are mixed into the output: warnings of the linker and similar text stand before,
//! between and after the rows. A row whose last cell is a number ends with it. [`Layout::closed`] gives any row such
//! an end.

use std::sync::Arc;

use memchr::memmem;

/// Maximum length of a row, in bytes. A cursor window holds at most 2 MiB of UTF-16 (AOSP `config_cursorWindowSize`),
/// so real rows are much shorter.
const MAX_ROW: usize = 32 << 20;

/// The columns of a query in the requested order: first those with whole numbers, then those that may hold text.
#[derive(Debug, Clone)]
pub struct Layout {
    names: Vec<&'static str>,
    numbers: usize,
    /// The first column is requested again after the last one, to mark the end of a row.
    is_closed: bool,
    /// The provider chooses the columns. The last one is a number or a short word.
    is_of_reply: bool,
    /// `name=` of the first column, `, name=` of each further column.
    marks: Vec<Vec<u8>>,
    /// `NULL, name=` of the next column: most cells in a phone's tables are NULL.
    null_and_next: Vec<Vec<u8>>,
    finders: Vec<memmem::Finder<'static>>,
}

impl Layout {
    /// Creates a layout. In the query's projection, `numbers` come first and `texts` follow. At least one number is
    /// required.
    pub fn new(numbers: &[&'static str], texts: &[&'static str]) -> Self {
        let names: Vec<_> = numbers.iter().chain(texts).copied().collect();
        Self {
            numbers: numbers.len(),
            ..Self::printed(&names, names.clone())
        }
    }

    /// Like [`Layout::new`], but with the first column, a number, again after the last one.
    pub fn closed(numbers: &[&'static str], texts: &[&'static str]) -> Self {
        let names: Vec<_> = numbers.iter().chain(texts).copied().collect();
        let printed: Vec<_> = names.iter().chain(names.first()).copied().collect();
        Self {
            numbers: numbers.len(),
            is_closed: true,
            ..Self::printed(&printed, names)
        }
    }

    /// True if the first column is requested again after the last one.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Creates a layout for a reply whose provider chooses the columns: texts, identified only by their positions.
    pub fn of_reply(columns: &[String]) -> Self {
        Self {
            is_of_reply: true,
            ..Self::printed(columns, vec![""; columns.len()])
        }
    }

    fn printed<T: AsRef<str>>(printed: &[T], names: Vec<&'static str>) -> Self {
        let mark = |(i, name): (usize, &T)| match (i, name.as_ref()) {
            (0, name) => format!("{name}=").into_bytes(),
            (_, name) => format!(", {name}=").into_bytes(),
        };
        let marks: Vec<Vec<u8>> = printed.iter().enumerate().map(mark).collect();
        let null_and_next = marks
            .iter()
            .skip(1)
            .map(|m| [b"NULL", &m[..]].concat())
            .collect();
        let finders = marks
            .iter()
            .map(|m| memmem::Finder::new(m).into_owned())
            .collect();
        Self {
            names,
            numbers: 0,
            is_closed: false,
            is_of_reply: false,
            marks,
            null_and_next,
            finders,
        }
    }

    /// All column names of the projection.
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// Index of a column.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| *n == name)
    }

    /// Number of leading columns with numbers.
    pub fn numbers(&self) -> usize {
        self.numbers
    }

    /// Length of the last cell, given the rest of the row: a number ends with its line, a text with the row.
    fn last_cell(&self, rest: &[u8]) -> usize {
        let in_line = self.is_closed || self.is_of_reply || self.numbers == self.names.len();
        let end = in_line.then(|| memchr::memchr(b'\n', rest)).flatten();
        end.unwrap_or(rest.len())
    }

    /// True if `text` contains something that looks like the start of a column.
    fn holds_mark(&self, text: &[u8]) -> bool {
        memmem::find_iter(text, b", ")
            .any(|at| self.marks[1..].iter().any(|m| text[at..].starts_with(m)))
    }
}

/// The end of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// After this number of rows.
    Rows(u64),
    /// With the message that there are no rows.
    NoResult,
    /// With text that is not a row: a usage error, a stack trace mixed into the output, or nothing.
    Other(String),
}

/// A row. Its cells are the printed bytes, including `NULL` and `BLOB`.
#[derive(Debug)]
pub struct Row<'r> {
    text: &'r [u8],
    cells: &'r [(usize, usize)],
    /// Columns whose bounds are ambiguous. If there are none, the row is certain.
    pub doubtful: &'r [usize],
}

impl<'r> Row<'r> {
    /// The printed text of a column.
    pub fn cell(&self, column: usize) -> &'r [u8] {
        self.cells
            .get(column)
            .and_then(|&(start, end)| self.text.get(start..end))
            .unwrap_or_default()
    }

    /// The number in a column; `None`: NULL, or not a number.
    pub fn number(&self, column: usize) -> Option<i64> {
        std::str::from_utf8(self.cell(column)).ok()?.parse().ok()
    }

    /// The text in a column; `None` for `NULL` and `BLOB`. Use only where these words cannot be real text.
    pub fn text(&self, column: usize) -> Option<&'r [u8]> {
        match self.cell(column) {
            b"NULL" | b"BLOB" => None,
            text => Some(text),
        }
    }

    /// The whole row as printed, from its first column on.
    pub fn printed(&self) -> &'r [u8] {
        self.text
    }
}

/// Reason why a reply cannot be read further.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    #[error("row {0} of the reply does not have the requested columns")]
    Columns(u64),
    #[error("row {0} of the reply is longer than the longest possible row")]
    TooLong(u64),
}

/// True if a line says that there are no rows ("reuslt": a misspelling in Android 4.1 and 4.2).
pub fn says_no_result(line: &str) -> bool {
    matches!(line.trim(), "No result found." | "No reuslt found.")
}

/// Reads rows from a reply that arrives in pieces.
#[derive(Debug)]
pub struct RowReader {
    layout: Arc<Layout>,
    buffer: Vec<u8>,
    /// Start of the next row in `buffer`.
    start: usize,
    /// The end of the row was searched up to here.
    searched: usize,
    index: u64,
    ended: bool,
    cells: Vec<(usize, usize)>,
    doubtful: Vec<usize>,
}

impl RowReader {
    pub fn new(layout: &Arc<Layout>) -> Self {
        Self {
            layout: Arc::clone(layout),
            buffer: Vec::new(),
            start: 0,
            searched: 0,
            index: 0,
            ended: false,
            cells: Vec::with_capacity(layout.names.len()),
            doubtful: Vec::new(),
        }
    }

    /// Adds the next piece of the reply.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > (1 << 16) && self.start * 2 > self.buffer.len() {
            self.buffer.drain(..self.start);
            self.searched -= self.start;
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Marks the reply as complete: the last row ends here.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Returns the next complete row. `None`: push more data; after [`end`](Self::end), all rows were read.
    ///
    /// # Errors
    /// If the text is not a row of this layout; [`rest`](Self::rest) then returns the text.
    pub fn next_row(&mut self) -> Result<Option<Row<'_>>, RowError> {
        if self.index == 0 {
            self.skip_to_first_row();
        }
        let Some(prefix) = self.row_prefix(self.start, self.index) else {
            let left = self.buffer.len() - self.start;
            let waiting = !self.ended && left < 64;
            return if waiting || self.index == 0 || left == 0 {
                Ok(None)
            } else {
                Err(RowError::Columns(self.index))
            };
        };
        let Some((end, next)) = self.row_end() else {
            if self.buffer.len() - self.start > MAX_ROW {
                return Err(RowError::TooLong(self.index));
            }
            return Ok(None);
        };
        let from = self.start + prefix;
        if !self.split(from, end) {
            return Err(RowError::Columns(self.index));
        }
        self.start = next;
        self.searched = next;
        self.index += 1;
        Ok(Some(Row {
            text: &self.buffer[from..end],
            cells: &self.cells,
            doubtful: &self.doubtful,
        }))
    }

    /// The end of the reply, after [`next_row`](Self::next_row) returned the last row.
    pub fn ending(&self) -> End {
        let rest = String::from_utf8_lossy(self.rest());
        match rest.trim() {
            "" if self.index > 0 => End::Rows(self.index),
            other if self.index == 0 && other.lines().any(says_no_result) => End::NoResult,
            other => End::Other(other.to_owned()),
        }
    }

    /// Skips text before the first row.
    fn skip_to_first_row(&mut self) {
        const BEGIN: &[u8] = b"\nRow: 0 ";
        while self.row_prefix(self.start, 0).is_none() {
            let from = self.searched.max(self.start);
            let Some(found) = memmem::find(&self.buffer[from..], BEGIN) else {
                self.searched = from.max(self.buffer.len().saturating_sub(BEGIN.len()));
                return;
            };
            self.start = from + found + 1;
            self.searched = self.start;
        }
    }

    /// The text that was not yet read as rows.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// Replaces the text that was not yet read as rows.
    pub fn replace_rest(&mut self, bytes: &[u8]) {
        self.buffer.truncate(self.start);
        self.buffer.extend_from_slice(bytes);
        self.searched = self.start;
    }

    /// Length of `Row: N ` at `at`, if the first column's name follows.
    fn row_prefix(&self, at: usize, index: u64) -> Option<usize> {
        let rest = self.buffer.get(at..)?;
        let after = rest.strip_prefix(b"Row: ")?;
        let digits = after
            .iter()
            .take(20)
            .take_while(|b| b.is_ascii_digit())
            .count();
        let number: u64 = std::str::from_utf8(&after[..digits]).ok()?.parse().ok()?;
        let after = after[digits..].strip_prefix(b" ")?;
        (number == index && after.starts_with(&self.layout.marks[0])).then_some(5 + digits + 1)
    }

    /// End of the row at `start` (without its line feed), and start of the next row.
    fn row_end(&mut self) -> Option<(usize, usize)> {
        let longest_prefix = 32 + self.layout.marks[0].len();
        while let Some(found) = memmem::find(&self.buffer[self.searched..], b"\nRow: ") {
            let at = self.searched + found;
            if self.row_prefix(at + 1, self.index + 1).is_some() {
                return Some((at, at + 1));
            }
            if !self.ended && self.buffer.len() - at < longest_prefix {
                self.searched = at;
                return None;
            }
            self.searched = at + 1;
        }
        if !self.ended {
            self.searched = self
                .searched
                .max(self.buffer.len().saturating_sub(6))
                .max(self.start);
            return None;
        }
        let end = self.buffer.len();
        (self.buffer.last() == Some(&b'\n')).then_some((end - 1, end))
    }

    /// Splits the row between `from` and `end` into cells; false if a column is missing.
    fn split(&mut self, from: usize, end: usize) -> bool {
        let text = &self.buffer[from..end];
        let columns = self.layout.marks.len();
        self.cells.clear();
        self.doubtful.clear();
        let mut at = self.layout.marks[0].len();
        let mut suspicious = false;
        for column in 0..columns {
            let rest = &text[at..];
            let (length, step) = if column + 1 == columns {
                (self.layout.last_cell(rest), 0)
            } else if rest.starts_with(&self.layout.null_and_next[column]) {
                (4, self.layout.marks[column + 1].len())
            } else {
                match self.layout.finders[column + 1].find(rest) {
                    Some(found) => (found, self.layout.marks[column + 1].len()),
                    None => return false,
                }
            };
            let cell = &rest[..length];
            suspicious |=
                column >= self.layout.numbers && length > 4 && self.layout.holds_mark(cell);
            self.cells.push((at, at + length));
            at += length + step;
        }
        if self.layout.is_closed {
            let (Some(first), Some(last)) = (self.cells.first(), self.cells.last()) else {
                return false;
            };
            // A second end mark after the first one makes the end ambiguous.
            let mark = self.layout.marks.last().map_or(&b""[..], Vec::as_slice);
            let is_whole = text[first.0..first.1] == text[last.0..last.1];
            if !is_whole || memmem::find(&text[last.1..], mark).is_some() {
                return false;
            }
        }
        if suspicious {
            self.doubtful = self.doubts(text);
        }
        true
    }

    /// Returns the columns whose bounds differ when read from the left and from the right. If there are none, the row
    /// can be read in only one way.
    fn doubts(&self, text: &[u8]) -> Vec<usize> {
        let columns = self.layout.marks.len();
        let mut from_right = vec![(0, 0); columns];
        let mut end = self.cells.last().map_or(text.len(), |(_, end)| *end);
        for column in (1..columns).rev() {
            let mark = &self.layout.marks[column];
            let Some(found) = memmem::rfind(&text[..end], mark) else {
                return (self.layout.numbers..columns).collect();
            };
            from_right[column] = (found + mark.len(), end);
            end = found;
        }
        from_right[0] = (self.layout.marks[0].len(), end);
        (0..columns)
            .filter(|&c| self.cells[c] != from_right[c])
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn layout(numbers: &[&'static str], texts: &[&'static str]) -> Arc<Layout> {
        Arc::new(Layout::new(numbers, texts))
    }

    /// Prints rows as AOSP does; `None` means NULL.
    fn print(layout: &Layout, rows: &[Vec<Option<String>>]) -> Vec<u8> {
        let mut out = String::new();
        for (index, row) in rows.iter().enumerate() {
            let cells = layout.names().iter().zip(row);
            let cells: Vec<_> = cells
                .map(|(n, v)| format!("{n}={}", v.as_deref().unwrap_or("NULL")))
                .collect();
            out += &format!("Row: {index} {}\n", cells.join(", "));
        }
        out.into_bytes()
    }

    /// The rows read, and the doubtful columns of each row.
    type Read = Vec<(Vec<Vec<u8>>, Vec<usize>)>;

    fn read(layout: &Arc<Layout>, text: &[u8], piece: usize) -> (Read, End) {
        let mut reader = RowReader::new(layout);
        let mut rows = Vec::new();
        let mut drain = |reader: &mut RowReader| {
            while let Ok(Some(row)) = reader.next_row() {
                let columns = layout.names().len() + usize::from(layout.is_closed());
                let cells = (0..columns).map(|c| row.cell(c).to_vec()).collect();
                rows.push((cells, row.doubtful.to_vec()));
            }
        };
        for part in text.chunks(piece.max(1)) {
            reader.push(part);
            drain(&mut reader);
        }
        reader.end();
        drain(&mut reader);
        let ending = reader.ending();
        (rows, ending)
    }

    #[test]
    fn cells_with_commas_and_line_feeds_are_whole() {
        let layout = layout(&["_id"], &["data1", "data2"]);
        let text =
            b"Row: 0 _id=1, data1=a, b\nRow: 9 x\n, data2=\nRow: 1 _id=2, data1=NULL, data2=z\n\n";
        let (rows, end) = read(&layout, text, 7);
        assert_eq!(rows[0].0, [&b"1"[..], b"a, b\nRow: 9 x\n", b""]);
        assert_eq!(rows[1].0, [&b"2"[..], b"NULL", b"z\n"]);
        assert_eq!(end, End::Rows(2));
    }

    #[test]
    fn what_stands_around_rows_is_none_of_them() {
        let noise =
            "WARNING: linker: app_process has text relocations.\nError opening trace file\n";
        let rows = |layout: &Arc<Layout>, text: &str, piece| {
            let (rows, end) = read(layout, text.as_bytes(), piece);
            let cells = rows.into_iter().map(|(cells, _)| cells);
            (
                cells
                    .map(|cells| String::from_utf8(cells.concat()).unwrap())
                    .collect::<Vec<_>>(),
                end,
            )
        };
        for piece in [1, 7, 1000] {
            let numbers = layout(&["_id", "deleted"], &[]);
            let text = format!(
                "{noise}Row: 0 _id=1, deleted=0\n{noise}Row: 1 _id=2, deleted=NULL\n{noise}"
            );
            assert_eq!(
                rows(&numbers, &text, piece),
                (vec!["10".into(), "2NULL".into()], End::Rows(2))
            );
            let closed = Arc::new(Layout::closed(&["_id"], &["data1"]));
            let note = format!("a\n{noise}b\n");
            let text = format!(
                "{noise}Row: 0 _id=1, data1={note}, _id=1\n{noise}Row: 1 _id=2, data1=, _id=2\n{noise}"
            );
            let (read, end) = rows(&closed, &text, piece);
            assert_eq!(
                (read[0].as_str(), end),
                (format!("1{note}1").as_str(), End::Rows(2))
            );
            let text = format!("{noise}No result found.\n{noise}");
            assert_eq!(rows(&closed, &text, piece).1, End::NoResult);
        }
        // With two possible ends, both columns are doubtful.
        let closed = Arc::new(Layout::closed(&["_id"], &["data1"]));
        assert!(
            rows(&closed, "Row: 0 _id=1, data1=a, _id=1\nb, _id=1\n", 1000)
                .0
                .is_empty()
        );
    }

    #[test]
    fn two_ways_to_read_are_told() {
        let layout = layout(&["_id"], &["data1", "data2", "data3"]);
        let (rows, _) = read(
            &layout,
            b"Row: 0 _id=1, data1=a, data2=5, data2=7, data3=x\n",
            1000,
        );
        assert_eq!(rows[0].1, [1, 2]);
    }

    #[test]
    fn endings() {
        let layout = layout(&["_id"], &["data1"]);
        assert_eq!(read(&layout, b"No result found.\n", 3).1, End::NoResult);
        assert_eq!(read(&layout, b"No reuslt found.\n", 3).1, End::NoResult);
        assert_eq!(read(&layout, b"", 3).1, End::Other(String::new()));
        assert!(matches!(
            read(&layout, b"[ERROR] Unsupported argument: x\n", 3).1,
            End::Other(_)
        ));
        // A reply cut in the middle of a row: the row is not treated as complete.
        let (rows, end) = read(&layout, b"Row: 0 _id=1, data1=a\nRow: 1 _id=2, data1=b", 9);
        assert_eq!(rows.len(), 1);
        assert!(matches!(end, End::Other(_)));
    }

    proptest! {
        /// A cell that is not called doubtful is exactly the printed cell for any text without `Row: `. The queries
        /// exclude such texts..
        #[test]
        fn what_is_certain_is_true(
            rows in prop::collection::vec(
                (any::<i64>(), prop::collection::vec(prop::option::of("(, data[1-3]=|[a-z,= \n\r]|é|NULL){0,12}"), 3)), 1..6),
            piece in 1usize..90,
        ) {
            let layout = layout(&["_id"], &["data1", "data2", "data3"]);
            let rows: Vec<Vec<Option<String>>> = rows
                .into_iter()
                .map(|(id, texts)| std::iter::once(Some(id.to_string())).chain(texts).collect())
                .collect();
            let (found, end) = read(&layout, &print(&layout, &rows), piece);
            prop_assert_eq!(end, End::Rows(rows.len() as u64));
            for (row, (cells, doubtful)) in rows.iter().zip(&found) {
                for (column, value) in row.iter().enumerate() {
                    if !doubtful.contains(&column) {
                        prop_assert_eq!(value.as_deref().unwrap_or("NULL").as_bytes(), &cells[column][..]);
                    }
                }
            }
        }

        #[test]
        fn junk_is_no_panic(text in prop::collection::vec(any::<u8>(), 0..400), piece in 1usize..50) {
            let layout = layout(&["_id"], &["data1"]);
            let mut with_start = b"Row: 0 _id=1, data1=".to_vec();
            with_start.extend(&text);
            read(&layout, &with_start, piece);
            read(&layout, &text, piece);
        }
    }
}
