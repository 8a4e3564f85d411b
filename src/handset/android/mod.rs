//! Android handsets, read through the ADB shell: contacts, SIM contacts, calendar, to-dos, and the files of the
//! storage.

mod ahead;
mod calendar;
mod calls;
mod contacts;
mod content;
mod driver;
mod family;
mod files;
#[cfg(fuzzing)]
pub mod fuzz;
mod losses;
mod messages;
mod phone;
mod session;
mod sim;
mod table_survey;
mod todos;
mod uid;

pub use driver::{Android, Choices};
pub use family::AndroidFamily;
