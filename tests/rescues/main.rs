//! The claims of a rescue, how it goes on after a cut, and the contents of its folder.

mod approaches;
mod battery;
mod cases;
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
mod take_home;
mod truth;
