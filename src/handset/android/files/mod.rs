//! The files of the storage: listed, compared with the media store, and copied.

pub mod media_store;
pub mod storage;
pub mod survey;
pub mod volumes;
