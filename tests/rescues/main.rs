//! What a rescue claims, how it goes on where it was cut, and what lies in its folder.

mod battery;
#[path = "../common/mod.rs"]
mod common;
mod copies;
mod cut_anywhere;
mod flips;
mod found;
mod joined;
mod never_claims_more;
mod phones;
mod planted;
mod rescue_folder;
mod restarts;
mod same_phone;
mod truth;
