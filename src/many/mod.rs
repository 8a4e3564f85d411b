//! Lists of a million things in little memory: what was there is known by marks of eight bytes, what waits is packed, and
//! what is put in order is sorted in packed runs. Nothing here knows what the things are.

mod fingerprints;
mod packed;
mod sorted;

pub use fingerprints::Fingerprints;
pub use packed::Packed;
pub use sorted::Sorted;
