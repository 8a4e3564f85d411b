//! Families of handsets, and what can be read from each through its protocol. Nothing here depends on screens or on
//! folders on disk.

mod ahead;
pub mod android;
pub mod content;
pub mod family;
mod feature_phone;
pub mod files_only;
pub mod find;
pub mod iphone;
mod lacking;
pub mod media_device;
pub mod memory_card;
pub mod owner_files;
mod seam;

pub use lacking::Lacking;
pub use seam::{Handset, HandsetError};
