//! The text that Android's `content query` prints.
