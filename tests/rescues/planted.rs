//! Faults that were once planted in the code and that no test noticed: each has a test here that fails on it.

mod decoding;
mod joining;
mod keeping;
mod telling;
mod verdicts;
mod writing;
