//! iPhones, iPads and iPods. Their pictures are read by the driver of media devices.

// Until a family opens what the databases are read from.
#[allow(dead_code)]
mod databases;
mod family;

pub use family::IPhone;
