//! The rescue folder: the journal, the BagIt bag, permissions. Nothing here knows protocols.

pub mod private;
