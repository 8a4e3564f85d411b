//! Parts shared by several screens.

pub mod bar;
pub mod chrome;
pub mod entry;
pub mod fields;
pub mod left;
pub mod month;
pub mod scroll;
pub mod text;
pub mod thumbnail;
