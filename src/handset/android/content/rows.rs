//! The rows of a reply.

use std::sync::Arc;

use super::query::Reply;
use super::refusal::Refusal;
use super::view::View;
use crate::format::content_rows::{End, Layout, Row, RowReader};

/// The content of a cell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cell {
    #[default]
    Null,
    /// Bytes, which `content` doesn't print.
    Blob,
    Text(String),
}

/// A row in which every column is certain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExactRow {
    pub numbers: Vec<Option<i64>>,
    pub texts: Vec<Cell>,
}

impl ExactRow {
    /// The row with all columns of `view`: columns that were not in the query are added at the end as NULL.
    pub fn widened(mut self, view: &View) -> Self {
        self.texts.resize(view.texts().len(), Cell::Null);
        self
    }

    /// Converts a printed row; doubtful cells become NULL.
    pub fn of(row: &Row<'_>, layout: &Layout) -> Self {
        let columns = layout.names().len();
        let cell = |c: usize| match row.cell(c) {
            _ if row.doubtful.contains(&c) => Cell::Null,
            text => Cell::printed(text),
        };
        Self {
            numbers: (0..layout.numbers()).map(|c| row.number(c)).collect(),
            texts: (layout.numbers()..columns).map(cell).collect(),
        }
    }

    /// The number that identifies the row.
    pub fn id(&self, view: &View) -> Option<i64> {
        self.number(view, view.table.id)
    }

    pub fn number(&self, view: &View, name: &str) -> Option<i64> {
        self.numbers
            .get(view.numbers().iter().position(|n| *n == name)?)
            .copied()
            .flatten()
    }

    pub fn text(&self, view: &View, name: &str) -> Option<&str> {
        self.texts
            .get(view.texts().iter().position(|n| *n == name)?)
            .and_then(Cell::text)
    }
}

impl Cell {
    /// Converts a value as printed.
    pub fn printed(value: &[u8]) -> Self {
        match value {
            b"NULL" => Self::Null,
            b"BLOB" => Self::Blob,
            text => Self::Text(String::from_utf8_lossy(text).into_owned()),
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// Calls `each` with every row of a reply.
pub fn each_row(layout: &Arc<Layout>, text: &[u8], mut each: impl FnMut(&Row<'_>)) -> End {
    let mut reader = RowReader::new(layout);
    for piece in text.chunks(1 << 16) {
        reader.push(piece);
        while let Ok(Some(row)) = reader.next_row() {
            each(&row);
        }
    }
    reader.end();
    while let Ok(Some(row)) = reader.next_row() {
        each(&row);
    }
    reader.ending()
}

/// Returns all rows of a reply, each with its doubtful columns.
pub fn parse(layout: &Arc<Layout>, text: &[u8]) -> (Vec<(ExactRow, Vec<usize>)>, End) {
    let mut rows = Vec::new();
    let end = each_row(layout, text, |row| {
        rows.push((ExactRow::of(row, layout), row.doubtful.to_vec()))
    });
    (rows, end)
}

/// Reads a text that holds only numbers, and calls `each` with the numbers of every row in the order of `columns`.
pub fn each_numbers(
    columns: &[&'static str],
    text: &[u8],
    mut each: impl FnMut(&[Option<i64>]),
) -> End {
    let mut numbers = vec![None; columns.len()];
    each_row(&Arc::new(Layout::new(columns, &[])), text, |row| {
        for (column, number) in numbers.iter_mut().enumerate() {
            *number = row.number(column);
        }
        each(&numbers);
    })
}

/// Reads a long reply that holds only numbers, without keeping the rows. Calls `each` with the numbers of every row in
/// the order of `columns`. Returns the error of the reply, if there is one.
pub fn each_number_row(
    columns: &[&'static str],
    reply: &Reply,
    each: impl FnMut(&[Option<i64>]),
) -> Option<Refusal> {
    let end = each_numbers(columns, &reply.text, each);
    match (&reply.refusal, end) {
        (Some(refusal), _) => Some(refusal.clone()),
        (None, End::Other(text)) => Some(Refusal::sorted(&text)),
        (None, _) => None,
    }
}

/// The rows of a reply that holds only numbers.
pub fn numbers_of(view: &View, text: &[u8]) -> Vec<ExactRow> {
    parse(&Arc::new(Layout::new(view.numbers(), &[])), text)
        .0
        .into_iter()
        .map(|(row, _)| row)
        .collect()
}

/// The certain rows of a reply.
pub fn rows_of(view: &View, text: &[u8]) -> Vec<ExactRow> {
    let rows = parse(&view.layout, text).0.into_iter();
    rows.filter(|(_, doubtful)| doubtful.is_empty())
        .map(|(row, _)| row)
        .collect()
}
