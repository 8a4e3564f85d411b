//! The contact files of a rescue folder.
