//! The description of a provider's table. Each subject lists its own tables.
//!
//! Numbers come first in a query, because their output is unambiguous. A column that a handset's provider does not know
//! is left out of the query (see [`super::columns`]).

use crate::protocol::adb::ContentUri;

/// A table behind a URI, with the columns to query.
#[derive(Debug)]
pub struct Table {
    pub uri: ContentUri,
    /// Columns of whole numbers; the first ones are the keys that rows are sorted by.
    pub numbers: &'static [&'static str],
    pub texts: &'static [&'static str],
    /// The number that identifies a row.
    pub id: &'static str,
    /// The names that a WHERE clause may use for `id`, tried in turn: CalendarProvider2 answers `attendees` from a join
    /// of three tables that each have an `_id`.
    pub id_in_filter: &'static [&'static str],
    pub sort: &'static str,
    /// The reverse order, by `id` if the provider allows it.
    pub backwards: &'static str,
    /// The table usually has so few rows that one reply shows them all (see [`super::few_rows`]).
    pub has_few_rows: bool,
    /// The last of `texts`, a column whose bytes no query returns, with SQL that matches the rows in which the column
    /// may hold something else. These rows are read separately, and the stream leaves the column out.
    pub bytes: Option<(&'static str, &'static str)>,
    /// Columns that some providers lack. All are left out once two columns turned out to be unknown.
    pub optional: &'static [&'static str],
    /// Columns of milliseconds. Android before 5 prints only their low 32 bits.
    pub times: &'static [&'static str],
    /// Columns that came with a later Android, each with its API level.
    pub since: &'static [(&'static str, u32)],
}

impl Table {
    /// A table whose rows are named and sorted by `_id`, with columns that all providers have.
    pub const fn by_id(
        uri: ContentUri,
        numbers: &'static [&'static str],
        texts: &'static [&'static str],
    ) -> Self {
        Self {
            uri,
            numbers,
            texts,
            id: "_id",
            id_in_filter: &["_id"],
            sort: "_id",
            backwards: "_id DESC",
            has_few_rows: false,
            bytes: None,
            optional: &[],
            times: &[],
            since: &[],
        }
    }
}
