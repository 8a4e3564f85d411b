//! A table as the provider of one handset knows it.

use std::collections::HashSet;
use std::sync::Arc;

use super::tables::Table;
use crate::format::content_rows::Layout;
use crate::protocol::adb::{ContentUri, Query};

/// A table as the provider of one handset knows it, without the columns that the provider lacks.
#[derive(Debug, Clone)]
pub struct View {
    pub table: &'static Table,
    /// Where the rows are asked for: that of the table, or that of one message.
    uri: ContentUri,
    pub layout: Arc<Layout>,
    /// Columns that the query casts to text, because this Android truncates 64-bit numbers in its output.
    cast: &'static [&'static str],
    /// Some rows may not fit a cursor window: large rows are read column by column.
    sets_large_apart: bool,
}

impl View {
    pub fn new(table: &'static Table) -> Self {
        Self {
            table,
            uri: table.uri,
            layout: Arc::new(Layout::new(table.numbers, table.texts)),
            cast: &[],
            sets_large_apart: false,
        }
    }

    /// The same view of the rows behind another URI.
    pub fn at(&self, uri: ContentUri) -> Self {
        Self {
            uri,
            ..self.clone()
        }
    }

    pub fn uri(&self) -> ContentUri {
        self.uri
    }

    /// The same view, with large rows read column by column.
    pub fn with_large_apart(self) -> Self {
        Self {
            sets_large_apart: true,
            ..self
        }
    }

    pub fn sets_large_apart(&self) -> bool {
        self.sets_large_apart
    }

    /// The same view without the column of bytes, which no query returns.
    pub fn light(&self) -> Self {
        let without = |(column, _)| self.without(column);
        self.table
            .bytes
            .and_then(without)
            .unwrap_or_else(|| self.clone())
    }

    /// The same view with an explicit end to each row, for a handset that mixes errors into its output.
    pub fn closed(self) -> Self {
        // In a view that has only numbers, the last number ends the row.
        if self.texts().is_empty() {
            return self;
        }
        let layout = Arc::new(Layout::closed(self.numbers(), self.texts()));
        Self { layout, ..self }
    }

    /// The same view, with `columns` cast to text.
    pub fn with_cast(self, columns: &'static [&'static str]) -> Self {
        Self {
            cast: columns,
            ..self
        }
    }

    /// The same view without a column that the provider doesn't know; `None` if the view needs that column.
    pub fn without(&self, column: &str) -> Option<Self> {
        let names = self.layout.names();
        let (numbers, texts) = names.split_at(self.layout.numbers());
        if column == self.table.id || self.table.sort.contains(column) || !names.contains(&column) {
            return None;
        }
        let left = |columns: &[&'static str]| -> Vec<&'static str> {
            columns.iter().copied().filter(|c| *c != column).collect()
        };
        let (numbers, texts) = (left(numbers), left(texts));
        let layout = match self.layout.is_closed() && !texts.is_empty() {
            true => Layout::closed(&numbers, &texts),
            false => Layout::new(&numbers, &texts),
        };
        Some(Self {
            layout: Arc::new(layout),
            ..self.clone()
        })
    }

    /// The same view with only the columns in `shown` and those that the view needs.
    pub fn narrowed_to(self, shown: &HashSet<&'static str>) -> Self {
        let names = self.layout.names().to_vec();
        let lacking = names.iter().filter(|name| !shown.contains(*name));
        lacking.fold(self, |view, name| view.without(name).unwrap_or(view))
    }

    /// The same view without the columns that some providers lack.
    pub fn without_optional(&self) -> Self {
        let optional = self.table.optional;
        optional.iter().fold(self.clone(), |view, column| {
            view.without(column).unwrap_or(view)
        })
    }

    /// Columns that may hold text.
    pub fn texts(&self) -> &[&'static str] {
        &self.layout.names()[self.layout.numbers()..]
    }

    /// The columns of whole numbers.
    pub fn numbers(&self) -> &[&'static str] {
        &self.layout.names()[..self.layout.numbers()]
    }

    /// A number of a row that holds only the numbers of this view.
    pub fn number(&self, row: &[Option<i64>], name: &str) -> Option<i64> {
        row.get(self.numbers().iter().position(|n| *n == name)?)
            .copied()
            .flatten()
    }

    /// `columns` as written in the query.
    fn projection(&self, columns: &[&'static str]) -> Vec<&'static str> {
        let asked = |c: &&'static str| match *c {
            c if !self.cast.contains(&c) => c,
            "dtstart" => "CAST(dtstart AS TEXT) AS dtstart",
            "dtend" => "CAST(dtend AS TEXT) AS dtend",
            "originalInstanceTime" => "CAST(originalInstanceTime AS TEXT) AS originalInstanceTime",
            "utc_start_date" => "CAST(utc_start_date AS TEXT) AS utc_start_date",
            "utc_due_date" => "CAST(utc_due_date AS TEXT) AS utc_due_date",
            "date_completed" => "CAST(date_completed AS TEXT) AS date_completed",
            "reminder_time" => "CAST(reminder_time AS TEXT) AS reminder_time",
            "start_date" => "CAST(start_date AS TEXT) AS start_date",
            "due_date" => "CAST(due_date AS TEXT) AS due_date",
            "recurrence_start" => "CAST(recurrence_start AS TEXT) AS recurrence_start",
            "recurrence_until" => "CAST(recurrence_until AS TEXT) AS recurrence_until",
            c => c,
        };
        let mut asked: Vec<_> = columns.iter().map(asked).collect();
        let ends_with_text = columns.last().is_some_and(|c| self.texts().contains(c));
        if self.layout.is_closed() && ends_with_text {
            asked.extend(columns.first());
        }
        asked
    }

    /// The same table with only these columns of numbers.
    pub fn only(&self, columns: &[&'static str]) -> Self {
        Self {
            layout: Arc::new(Layout::new(columns, &[])),
            ..self.clone()
        }
    }

    /// A query for `columns` of the rows that match `filter`.
    pub fn query(&self, columns: &[&'static str], filter: Option<String>) -> Query {
        Query {
            uri: self.uri,
            user: None,
            projection: self.projection(columns),
            filter,
            sort: Some(self.table.sort.into()),
        }
    }
}
