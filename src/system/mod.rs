//! What the operating system does differently from one system to the next, behind one seam. It knows nothing of phones.

pub mod plain;
