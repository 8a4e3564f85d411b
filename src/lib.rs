#![forbid(unsafe_code)]
//! Lifeboat takes what is cached on a handset off it, before anyone resets it, and saves it as
//! portable files. The rooms follow the way of the data:
//! [`link`] → [`protocol`] → [`handset`] → [`rescue`] → [`vault`] → [`collections`] → [`export`].

pub mod cli;
pub mod collections;
pub mod export;
pub mod format;
pub mod handset;
pub mod link;
pub mod many;
pub mod model;
pub mod practice;
pub mod protocol;
pub mod report_problem;
pub mod rescue;
pub mod system;
pub mod tui;
pub mod vault;
