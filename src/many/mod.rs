//! Lists of a million things in little memory: fingerprints of eight bytes for known things, packed queues for waiting
//! things, and sorting in packed runs. Nothing here knows what the things are.

mod fingerprints;
mod packed;
mod sorted;

pub use fingerprints::Fingerprints;
pub use packed::Packed;
pub use sorted::Sorted;
