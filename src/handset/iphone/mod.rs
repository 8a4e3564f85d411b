//! iPhones, iPads and iPods: their backups on this computer, and their pictures, which the driver of media devices reads.

// Until a room reads databases.
#[allow(dead_code)]
pub mod backup;
mod databases;
mod family;
#[cfg(fuzzing)]
pub mod fuzz;
mod products;

pub use family::IPhone;
