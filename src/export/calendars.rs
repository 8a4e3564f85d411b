//! The calendar and to-do files of a rescue folder.
