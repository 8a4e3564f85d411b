//! The first promise: nothing but reading is ever asked of a handset.

#[path = "only_reads/allowed.rs"]
mod allowed;
#[path = "only_reads/calls.rs"]
mod calls;
mod common;
#[path = "only_reads/recorder.rs"]
mod recorder;
#[path = "only_reads/scsi.rs"]
mod scsi;
#[path = "only_reads/sources.rs"]
mod sources;
