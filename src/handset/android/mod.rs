//! Android handsets, read through the ADB shell: contacts, SIM contacts, calendar, to-dos, and the files of the
//! storage.

mod accounts;
mod address_book;
mod calendar;
mod calls;
mod changes;
mod contacts;
mod diary;
mod driver;
mod exact;
mod few_rows;
#[cfg(fuzzing)]
pub mod fuzz;
mod lock;
mod media_store;
mod mimetypes;
mod number_list;
mod one_by_one;
mod query;
mod reader;
mod reading;
mod recognition;
mod refusal;
mod scan;
mod second_look;
mod seen;
mod sim;
mod slots;
mod storage;
mod subscriptions;
mod system;
mod tables;
mod tasks;
mod todo_lists;
mod turn;
mod uid;
mod users;
mod volumes;
mod words;

pub use driver::{Android, Choices};
