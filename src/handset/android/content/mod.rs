//! Reads tables through the `content` command: queries, streams, and second looks at rows that are in doubt.

pub mod changes;
pub mod columns;
pub mod exact;
pub mod few_rows;
pub mod group;
pub mod number_list;
pub mod one_by_one;
pub mod query;
pub mod raw;
pub mod refusal;
pub mod scan;
pub mod second_look;
pub mod seen;
pub mod slots;
pub mod table_read;
pub mod tables;
pub mod turn;
pub mod view;
pub mod words;
