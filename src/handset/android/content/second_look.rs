//! A second look at the few rows whose printed text is ambiguous: these are read column by column.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::cut::{cells, from_first_row, stretches};
use super::doubt;
use super::exact::WholeTable;
use super::query::{QueryRunner, Reply};
use super::refusal::Refusal;
use super::rows::{Cell, ExactRow, numbers_of};
use super::view::View;
use super::words::Cells;
use crate::handset::HandsetError;
use crate::phrase;
use crate::protocol::adb::Query;

/// The most cells that are queried one at a time, if they stay ambiguous when their column is read alone.
const MAX_SINGLE: usize = 32;

/// Reads the rows whose numbers are `suspects`, column by column where needed.
pub fn read(
    runner: &mut QueryRunner,
    view: &View,
    suspects: &[ExactRow],
    read: &mut WholeTable,
) -> Result<(), HandsetError> {
    let mut names = view.table.id_in_filter.iter();
    let mut name = *names.next().unwrap_or(&view.table.id);
    // A raw contact without data rows has no id in this table, and no text that could be lost.
    let (suspects, without): (Vec<_>, Vec<_>) =
        suspects.iter().cloned().partition(|s| s.id(view).is_some());
    let texts = view.texts().len();
    read.rows.extend(without.into_iter().map(|row| ExactRow {
        texts: vec![Cell::Null; texts],
        ..row
    }));
    let mut view = view.clone();
    for some in suspects.chunks(runner.ids_a_query) {
        let before = read.rows.len();
        loop {
            let look = Look {
                view: &view,
                id_name: name,
                suspects: some,
            };
            let refusal = look.read(runner, read)?;
            if matches!(refusal, Some(Refusal::TooLarge(_))) && !view.sets_large_apart() {
                view = view.with_large_apart();
                read.rows.truncate(before);
                continue;
            }
            match (refusal, names.next()) {
                (None, _) => break,
                // The id has another spelling.
                (Some(_), Some(next)) => {
                    name = next;
                    read.rows.truncate(before);
                }
                (Some(refusal), None) => {
                    read.refusal = read.refusal.take().or(Some(refusal));
                    break;
                }
            }
        }
    }
    Ok(())
}

/// One second look at a set of rows.
pub(super) struct Look<'a> {
    pub(super) view: &'a View,
    pub(super) id_name: &'static str,
    suspects: &'a [ExactRow],
}

impl Look<'_> {
    fn read(
        &self,
        runner: &mut QueryRunner,
        read: &mut WholeTable,
    ) -> Result<Option<Refusal>, HandsetError> {
        let large = doubt::large(self.view).filter(|_| self.view.sets_large_apart());
        let (Some(large), Some(ids)) = (large, self.ids()) else {
            return self.read_rows(runner, read);
        };
        let filter = format!("{} AND ({large})", self.among(&ids));
        let reply = runner.ask_anew(&self.view.query(self.view.numbers(), Some(filter)))?;
        if reply.refusal.is_some() {
            return Ok(reply.refusal);
        }
        let large: BTreeSet<i64> = numbers_of(self.view, &reply.text)
            .into_iter()
            .filter_map(|row| row.id(self.view))
            .collect();
        let is_large = |row: &ExactRow| row.id(self.view).is_some_and(|id| large.contains(&id));
        let (large, others): (Vec<_>, Vec<_>) = self.suspects.iter().cloned().partition(is_large);
        for row in large {
            self.read_large(runner, row, read)?;
        }
        match others.is_empty() {
            true => Ok(None),
            false => Look {
                suspects: &others,
                ..*self
            }
            .read_rows(runner, read),
        }
    }

    /// Reads a row that is too large for one query, each column alone.
    fn read_large(
        &self,
        runner: &mut QueryRunner,
        row: ExactRow,
        read: &mut WholeTable,
    ) -> Result<(), HandsetError> {
        let Some(id) = row.id(self.view) else {
            return Ok(());
        };
        let texts = self.view.texts();
        let queries: Vec<_> = (0..texts.len())
            .map(|column| self.value_query(column, &[id]))
            .collect();
        let mut whole = ExactRow {
            texts: vec![Cell::Null; texts.len()],
            ..row
        };
        let mut words = Vec::new();
        for (column, reply) in runner
            .anew(|runner| runner.ask_all(&queries))?
            .iter()
            .enumerate()
        {
            let value = self.alone(column, id, &reply.text).map(Cell::printed);
            match (&reply.refusal, value) {
                (None, Some(value)) => {
                    if value.text().is_none() {
                        words.push(column);
                    }
                    whole.texts[column] = value;
                }
                // No query returns the bytes of this column.
                (Some(Refusal::TooLarge(_)), _) if self.is_bytes(column) => {
                    whole.texts[column] = Cell::Blob;
                }
                (Some(Refusal::TooLarge(_)), _) => {
                    read.too_large.insert(id);
                }
                (refusal, _) => {
                    let why = refusal
                        .clone()
                        .unwrap_or_else(|| Refusal::Other(phrase("a reply is not a row").into()));
                    read.refusal = read.refusal.take().or(Some(why));
                }
            }
        }
        // Columns that printed NULL or BLOB, which may be texts "NULL" or "BLOB"; usually empty.
        let questions = words.iter().map(|column| (*column, vec![id])).collect();
        let mut rows = [whole];
        let found = runner.anew(|runner| self.words(runner, &questions))?;
        match found {
            Ok(found) => fill_words(&found, &HashMap::from([(id, 0)]), &mut rows),
            Err(why) => read.refusal = read.refusal.take().or(Some(why)),
        }
        read.rows.extend(rows);
        Ok(())
    }

    fn is_bytes(&self, column: usize) -> bool {
        let bytes = self.view.table.bytes;
        bytes.is_some_and(|(name, _)| self.view.texts().get(column) == Some(&name))
    }

    /// The value of the only row in a reply: the text between the start of the row and the last line feed.
    fn alone<'t>(&self, column: usize, id: i64, text: &'t [u8]) -> Option<&'t [u8]> {
        let start = format!(
            "Row: 0 {}={id}, {}=",
            self.view.table.id,
            self.view.texts()[column]
        );
        let value = from_first_row(text, start.as_bytes()).strip_prefix(start.as_bytes())?;
        self.closed(self.view.table.id, id, value.strip_suffix(b"\n")?)
    }

    fn read_rows(
        &self,
        runner: &mut QueryRunner,
        read: &mut WholeTable,
    ) -> Result<Option<Refusal>, HandsetError> {
        let view = self.view;
        let Some(ids) = self.ids() else {
            return Ok(Some(Refusal::Other(phrase("a row has no ID").into())));
        };
        let among = self.among(&ids);
        let literal: Vec<_> = view
            .texts()
            .iter()
            .map(|c| format!("{c} IN ('NULL','BLOB')"))
            .collect();
        let queries = [
            view.query(view.layout.names(), Some(among.clone())),
            view.query(
                view.numbers(),
                Some(format!("{among} AND ({})", literal.join(" OR "))),
            ),
        ];
        let mut replies = runner.ask_all(&queries)?;
        if let Some(refusal) = replies.iter_mut().find_map(|r| r.refusal.take()) {
            return Ok(Some(refusal));
        }
        let literals: BTreeSet<i64> = numbers_of(view, &replies[1].text)
            .into_iter()
            .filter_map(|row| row.id(view))
            .collect();

        // The exact start of each row is known, because its numbers are known.
        let starts: Vec<_> = self
            .suspects
            .iter()
            .enumerate()
            .map(|(i, s)| self.row_start(i, s))
            .collect();
        let stretches = stretches(&replies[0].text, &starts);
        let mut rows: Vec<ExactRow> = Vec::new();
        let mut values: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        let mut nulls: BTreeMap<usize, Vec<i64>> = BTreeMap::new();
        for ((suspect, &id), stretch) in self.suspects.iter().zip(&ids).zip(stretches) {
            let mut row = ExactRow {
                numbers: suspect.numbers.clone(),
                texts: vec![Cell::Null; view.texts().len()],
            };
            let split = stretch.map(|bytes| self.split(suspect, bytes));
            for column in 0..view.texts().len() {
                match split.as_ref().and_then(|values| values[column]) {
                    Some(value) => {
                        row.texts[column] = Cell::printed(value);
                        if row.texts[column].text().is_none() && literals.contains(&id) {
                            nulls.entry(column).or_default().push(id);
                        }
                    }
                    None => {
                        values.entry(column).or_default().push(id);
                        if literals.contains(&id) {
                            nulls.entry(column).or_default().push(id);
                        }
                    }
                }
            }
            rows.push(row);
        }
        let place: HashMap<i64, usize> = ids.iter().enumerate().map(|(i, id)| (*id, i)).collect();
        let of_values: Vec<_> = values
            .iter()
            .map(|(column, ids)| self.value_query(*column, ids))
            .collect();
        let replies = runner.ask_all(&of_values)?;
        let unsure = self.fill_values(runner, &values, replies, &place, &mut rows)?;
        match self.words(runner, &nulls)? {
            Ok(found) => fill_words(&found, &place, &mut rows),
            Err(refusal) => return Ok(Some(refusal)),
        }
        for (id, row) in ids.iter().zip(rows) {
            if unsure.contains(id) {
                read.uncertain.push(*id);
            } else {
                read.rows.push(row);
            }
        }
        Ok(None)
    }

    fn ids(&self) -> Option<Vec<i64>> {
        self.suspects.iter().map(|s| s.id(self.view)).collect()
    }

    pub(super) fn among(&self, ids: &[i64]) -> String {
        let list: Vec<_> = ids.iter().map(i64::to_string).collect();
        format!("{} IN ({})", self.id_name, list.join(","))
    }

    /// The start of row `index`, up to its first text.
    fn row_start(&self, index: usize, row: &ExactRow) -> Vec<u8> {
        let print = |n: &Option<i64>| n.map_or("NULL".to_owned(), |n| n.to_string());
        let pairs = self.view.numbers().iter().zip(&row.numbers);
        let mut cells: Vec<_> = pairs
            .map(|(name, n)| format!("{name}={}", print(n)))
            .collect();
        cells.extend(self.view.texts().first().map(|name| format!("{name}=")));
        format!("Row: {index} {}", cells.join(", ")).into_bytes()
    }

    /// Splits a row into its texts as printed. A text is `None` if the start of the next column appears in more than
    /// one place.
    fn split<'t>(&self, row: &ExactRow, bytes: &'t [u8]) -> Vec<Option<&'t [u8]>> {
        let names = self.view.texts();
        let nothing = || vec![None; names.len()];
        let start = self.row_start(0, row).len() - 1;
        let after = bytes.strip_prefix(b"Row: ").unwrap_or_default();
        let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
        let Some(body) = bytes.get(start + digits..) else {
            return nothing();
        };
        let first = self.view.numbers().first().zip(row.numbers.first());
        let body = match first {
            Some((name, Some(number))) => self.closed(name, *number, body),
            _ if self.view.layout.is_closed() => None,
            _ => Some(body),
        };
        let marks: Vec<_> = names[1.min(names.len())..]
            .iter()
            .map(|name| format!(", {name}=").into_bytes())
            .collect();
        body.map_or_else(nothing, |body| cells(body, &marks))
    }

    /// A query for one column of some rows.
    fn value_query(&self, column: usize, ids: &[i64]) -> Query {
        self.view.query(
            &[self.view.table.id, self.view.texts()[column]],
            Some(self.among(ids)),
        )
    }

    /// Reads single columns of the rows in question. Returns the ids of the rows that stay uncertain.
    fn fill_values(
        &self,
        runner: &mut QueryRunner,
        questions: &BTreeMap<usize, Vec<i64>>,
        replies: Vec<Reply>,
        place: &HashMap<i64, usize>,
        rows: &mut [ExactRow],
    ) -> Result<BTreeSet<i64>, HandsetError> {
        let column_name = |column: usize| self.view.texts()[column];
        let mut alone: Vec<(usize, i64)> = Vec::new();
        for ((&column, ids), reply) in questions.iter().zip(replies) {
            let start = |(i, id): (usize, &i64)| {
                format!(
                    "Row: {i} {}={id}, {}=",
                    self.view.table.id,
                    column_name(column)
                )
                .into_bytes()
            };
            let starts: Vec<_> = ids.iter().enumerate().map(start).collect();
            for ((id, start), stretch) in
                ids.iter().zip(&starts).zip(stretches(&reply.text, &starts))
            {
                let value = stretch.and_then(|bytes| bytes.get(start.len()..));
                match value.and_then(|value| self.closed(self.view.table.id, *id, value)) {
                    Some(value) => rows[place[id]].texts[column] = Cell::printed(value),
                    None => alone.push((column, *id)),
                }
            }
        }
        let unsure = alone.iter().skip(MAX_SINGLE).map(|(_, id)| *id).collect();
        alone.truncate(MAX_SINGLE);
        let queries: Vec<_> = alone
            .iter()
            .map(|(column, id)| self.value_query(*column, &[*id]))
            .collect();
        for ((column, id), reply) in alone.into_iter().zip(runner.ask_all(&queries)?) {
            let value = self.alone(column, id, &reply.text);
            if let Some(value) = value {
                rows[place[&id]].texts[column] = Cell::printed(value);
            }
        }
        Ok(unsure)
    }

    /// A value without the number that closes the row, if the view has closed rows. `value` reaches to the next row.
    fn closed<'t>(&self, name: &str, number: i64, value: &'t [u8]) -> Option<&'t [u8]> {
        if !self.view.layout.is_closed() {
            return Some(value);
        }
        let end = format!(", {name}={number}");
        let is_end = |at: &usize| matches!(value.get(at + end.len()), None | Some(b'\n'));
        let at = memchr::memmem::rfind_iter(value, end.as_bytes()).find(is_end)?;
        value.get(..at)
    }
}

/// Fills in the texts "NULL" and "BLOB" where they were found.
fn fill_words(found: &Cells, place: &HashMap<i64, usize>, rows: &mut [ExactRow]) {
    for (column, id) in found
        .iter()
        .flat_map(|(column, ids)| ids.iter().map(move |id| (column, id)))
    {
        if let Some(cell) = place.get(id).map(|&at| &mut rows[at].texts[*column]) {
            let word = if *cell == Cell::Blob { "BLOB" } else { "NULL" };
            *cell = Cell::Text(word.into());
        }
    }
}
