//! iPhones, iPads and iPods: their backups on this computer, and their pictures, which the driver of media devices reads.

pub mod backup;
mod databases;
mod family;
#[cfg(fuzzing)]
pub mod fuzz;
mod products;

pub use family::IPhone;
