//! The first promise: a handset gets no requests other than reads.

mod allowed;
mod calls;
mod recorder;
mod scsi;
mod sources;
