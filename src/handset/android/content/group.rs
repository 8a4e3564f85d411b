//! Groups of rows that belong together, such as the rows of one contact.

use super::rows::ExactRow;
use super::view::View;

/// The name of a group. Groups sort like their keys.
pub type Key = (u8, i64);

/// How the rows of a table form groups.
pub struct Grouping {
    /// The columns that name a row and its group.
    pub names: &'static [&'static str],
    /// The key of a row's group.
    pub key: fn(&View, &ExactRow) -> Option<Key>,
    /// Returns SQL that matches the rows of all groups after `key`.
    pub after: fn(Key) -> String,
    /// Returns SQL that matches the rows of these groups.
    pub among: fn(&[Key]) -> String,
    /// The stream starts only when the rows for a second look are known, so that a column that the provider lacks is
    /// refused once, not twice. Otherwise both queries start together, and the first rows arrive sooner.
    pub streams_second: bool,
    /// Rows that need a second look are asked for only once the last list shows rows that the stream left out. Usually
    /// there are none.
    pub probes_late: bool,
}

/// Each row is its own group, named and sorted by its `_id`.
pub const BY_ID: Grouping = Grouping {
    names: &["_id"],
    key: |view, row| Some((0, row.number(view, "_id")?)),
    after: |key| format!("_id > {}", key.1),
    among: |keys| format!("_id IN ({})", ids(keys)),
    streams_second: true,
    probes_late: false,
};

/// Each row is its own group, and the newest comes first: keys are negative.
pub const NEWEST_FIRST: Grouping = Grouping {
    names: &["_id"],
    key: |view, row| newest_key(row.number(view, "_id")),
    after: |key| format!("_id < {}", -key.1),
    among: |keys| {
        let keys: Vec<Key> = keys.iter().map(|key| (key.0, -key.1)).collect();
        format!("_id IN ({})", ids(&keys))
    },
    streams_second: false,
    probes_late: true,
};

/// The key of a row in [`NEWEST_FIRST`].
pub fn newest_key(id: Option<i64>) -> Option<Key> {
    Some((0, id?.checked_neg()?))
}

/// The numbers of groups, for SQL.
pub fn ids(keys: &[Key]) -> String {
    let ids: Vec<_> = keys.iter().map(|key| key.1.to_string()).collect();
    ids.join(",")
}

/// One group.
#[derive(Debug, Clone)]
pub struct Group {
    pub key: Key,
    pub rows: Vec<ExactRow>,
}

/// Some groups, and their number of rows.
#[derive(Debug, Default)]
pub struct Groups {
    pub groups: Vec<Group>,
    pub rows: u64,
}
