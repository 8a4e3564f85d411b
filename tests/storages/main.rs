//! Files on media devices, memory cards and Androids.

mod card;
#[path = "../common/mod.rs"]
mod common;
mod media;
mod photos;
mod thousands;
