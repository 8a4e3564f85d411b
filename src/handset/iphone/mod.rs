//! iPhones, iPads and iPods. Their pictures are read by the driver of media devices.

mod family;

pub use family::IPhone;
