//! Contacts: the survey of the address book, and the conversion of its rows.

pub mod decode;
pub mod mimetypes;
pub mod survey;
pub mod tables;
