//! Parts that several screens are made of.

pub mod fields;
pub mod month;
pub mod text;
