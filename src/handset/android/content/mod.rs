//! Reads tables through the `content` command: queries, streams, and second looks at rows that are in doubt.
//!
//! `content query` prints rows as text. Some texts look like NULL, like the next column or like the next row, so a reply
//! alone does not show what the table holds. SQL in the query says which rows are certain (`doubt`). A table is read in
//! one of these ways:
//!
//! | table | way | file |
//! | --- | --- | --- |
//! | small: the reply fits one cursor window | one query, whose order shows the rows in doubt | `few_rows` |
//! | small, with rows in doubt | one query for the certain rows, then the others | `exact` |
//! | large | a stream of groups, such as the rows of one contact | `scan`, by user in `share` |
//! | a row in doubt | column by column | `second_look`, `words` |
//! | a group of a stream with such a row, or a row that exceeds the cursor window | by its key, during the stream or after it | `one_by_one` |
//!
//! `table_read` puts the batches of all users in order and keeps the bookmark (`position`). At the end, `missed` compares
//! the rows that were handed over (`seen`) with the rows that the handset has. `slots` and `turn` limit the number of
//! commands that run at once. `columns` and `view` know the columns that this provider has. `query` runs the commands,
//! `rows` and `cut` split the replies, `refusal` recognises errors, and `raw` keeps the replies for the vault.

pub mod changes;
pub mod columns;
pub mod cut;
pub mod doubt;
pub mod exact;
pub mod few_rows;
pub mod group;
pub mod missed;
pub mod number_list;
pub mod one_by_one;
pub mod position;
pub mod query;
pub mod raw;
pub mod refusal;
pub mod rows;
pub mod scan;
pub mod second_look;
pub mod seen;
pub mod share;
pub mod slots;
pub mod table_read;
pub mod tables;
pub mod turn;
pub mod view;
pub mod words;

pub use exact::WholeTable;
pub use group::{BY_ID, Group, Grouping, Key, NEWEST_FIRST, newest_key};
pub use query::{QueryRunner, Reply};
pub use refusal::Refusal;
pub use rows::{Cell, ExactRow};
pub use share::{Decoder, Fresh};
pub use table_read::TableRead;
pub use tables::Table;
pub use view::View;
