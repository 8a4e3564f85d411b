//! The program: its screens, its output, and its behaviour when it is killed, flooded or misled.

mod commands;
#[path = "../common/mod.rs"]
mod common;
mod documents;
mod hostile;
#[cfg(unix)]
mod journey;
#[cfg(target_os = "linux")]
mod killed;
mod linear;
mod log;
mod look;
mod memory;
#[cfg(unix)]
mod places;
#[cfg(target_os = "linux")]
mod power_cut;
mod report;
mod report_problem;
mod screens;
#[cfg(feature = "seal")]
mod seal;
mod texts;
mod ticks;
