#![forbid(unsafe_code)]
//! Lifeboat copies the data stored on a handset and saves it as portable files, before anyone resets the handset. The
//! modules follow the path of the data: [`link`] → [`protocol`] → [`handset`] → [`rescue`] → [`vault`] →
//! [`collections`] → [`export`].

pub mod cli;
pub mod coach;
pub mod collections;
pub mod export;
pub mod format;
pub mod handset;
pub mod link;
pub mod many;
pub mod model;
mod phrase;
pub mod practice;
pub mod protocol;
pub mod report_problem;
pub mod rescue;
pub mod reset;
pub mod system;
pub mod tui;
pub mod vault;

pub(crate) use phrase::phrase;
