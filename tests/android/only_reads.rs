//! The first promise: nothing but reading is ever asked of a handset.

mod allowed;
mod calls;
mod recorder;
mod scsi;
mod sources;
