//! iPhones, iPads and iPods: their backups on this computer, and their pictures, which the driver of media devices reads.

// Until a room reads databases.
#[allow(dead_code)]
pub mod backup;
#[allow(dead_code)]
mod databases;
mod family;
mod products;

pub use family::IPhone;
