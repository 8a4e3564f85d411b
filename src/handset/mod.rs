//! Handset families: what each can tell, read through its protocol. Nothing here knows screens or
//! folders on disk.

mod ahead;
pub mod android;
pub mod content;
pub mod files_only;
pub mod find;
mod lacking;
pub mod media_device;
pub mod memory_card;
pub mod owner_files;
mod seam;

pub use lacking::Lacking;
pub use seam::{
    Batch, Bookmark, Findings, Handset, HandsetError, Past, RawReply, Record, RecordBody,
};
