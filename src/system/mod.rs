//! What the operating system does differently from one system to the next, behind one seam: who may read a file, which
//! names there are, what a link is, how a name changes hands and lasts. It knows nothing of phones.

#[cfg(any(windows, test))]
mod acl;
pub mod names;
pub mod place;
pub mod plain;
pub mod private;
