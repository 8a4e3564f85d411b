//! Androids: which requests they get, and what a rescue makes of their answers.

mod adb_client;
mod android_rescue;
mod before_reset;
mod calls;
#[path = "../common/mod.rs"]
mod common;
mod exporters;
mod field;
mod finding;
mod messages;
mod only_reads;
mod practice_android;
mod profiles;
mod starts;
