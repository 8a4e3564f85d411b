//! SQL that tells certain rows from rows whose printed text can be read in more than one way.

use super::view::View;
use crate::protocol::adb::Query;

/// Rows of more characters than this are read column by column once a row did not fit a cursor window. The window holds
/// 2 MiB, and a character takes four bytes at most.
const LARGE: usize = 400_000;

/// SQL that matches the rows whose printed text is ambiguous, and the rows that are read column by column for another
/// reason.
pub fn suspicious(view: &View) -> Option<String> {
    let doubt =
        |c: &&str| format!("{c} IN ('NULL','BLOB') OR {c} LIKE '%Row: %' OR {c} LIKE '%, %=%'");
    let light = view.light();
    let mut doubts: Vec<_> = light.texts().iter().map(doubt).collect();
    let bytes = view.table.bytes;
    let bytes = bytes.filter(|(column, _)| view.texts().contains(column));
    doubts.extend(bytes.map(|(_, sql)| format!("({sql})")));
    doubts.extend(large(view).filter(|_| view.sets_large_apart()));
    (!doubts.is_empty()).then(|| doubts.join(" OR "))
}

/// SQL that matches the rows that may not fit a cursor window.
pub fn large(view: &View) -> Option<String> {
    let length = |c: &&str| format!("coalesce(length({c}),0)");
    let lengths: Vec<_> = view.light().texts().iter().map(length).collect();
    (!lengths.is_empty()).then(|| format!("{}>{LARGE}", lengths.join("+")))
}

/// SQL that matches all other rows. A comparison with NULL is neither true nor false, so `coalesce` is needed.
pub fn certain(view: &View) -> Option<String> {
    suspicious(view).map(|s| format!("coalesce({s},0)=0"))
}

/// Combines two optional conditions with AND.
pub fn both(one: Option<String>, other: Option<&str>) -> Option<String> {
    match (one, other) {
        (Some(one), Some(other)) => Some(format!("({one}) AND ({other})")),
        (one, other) => one.or(other.map(str::to_owned)),
    }
}

/// The query for the numbers of the uncertain rows; `None` if there can be none.
pub fn probe(view: &View) -> Option<Query> {
    suspicious(view).map(|filter| view.query(view.numbers(), Some(filter)))
}
