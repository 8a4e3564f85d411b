//! The terminal screens.

pub mod keys;
pub mod screen;
pub mod theme;
pub mod widget;
