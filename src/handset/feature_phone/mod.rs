//! Phones from before Android. No driver reads them yet, except the files of those that transfer files or show their
//! memory card.

mod family;

pub use family::FeaturePhone;
