//! Contacts on SIM cards.

pub mod decode;
pub mod states;
pub mod subscriptions;
pub mod survey;
