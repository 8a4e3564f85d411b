//! Reads tables through the `content` command: queries, streams, and second looks at rows that are in doubt.

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
