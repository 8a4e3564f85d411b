//! The differences between operating systems, behind one interface: who may read a file, which names are possible, what
//! a link is, how a file is renamed, and how changes become durable. Nothing here depends on phones.

#[cfg(any(windows, test))]
mod acl;
pub mod desk;
pub mod names;
pub mod place;
pub mod plain;
pub mod private;
