//! Contacts on SIM cards.

pub mod decode;
pub mod subscriptions;
pub mod survey;
