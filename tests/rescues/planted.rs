//! Faults that were once planted in the code and that no test noticed. Each has a test here that fails with the fault.

mod decoding;
mod joining;
mod keeping;
mod telling;
mod verdicts;
mod writing;
