//! Parts that several screens are made of.

pub mod bar;
pub mod chrome;
pub mod fields;
pub mod month;
pub mod text;
pub mod thumbnail;
