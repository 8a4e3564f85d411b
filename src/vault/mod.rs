//! The rescue folder: the journal, the BagIt bag, permissions. Nothing here depends on protocols.
//!
//! Order of calls in a rescue: [`folder::new_folder`] → [`Vault::create`] → [`Vault::commit`] for each batch → the
//! exports, from [`Vault::for_each_record`] → [`Vault::close`] → [`bag::seal`]. From then on the payload does not
//! change: [`verify()`] checks it, [`mod@copy`] makes a second copy, [`custody`] records what is done with it.

#[cfg(feature = "seal")]
pub mod archive;
pub mod bag;
pub mod copies;
pub mod copy;
pub mod custody;
pub mod disk;
pub mod drives;
mod durable;
mod error;
pub mod folder;
pub mod forget;
mod journal;
mod manifest;
mod natural;
mod payload;
pub mod plain_copy;
mod safe_name;
pub mod store;
mod text;
pub mod ticks;
mod verify;

pub use crate::model::RecordKind;
pub use error::VaultError;
pub use journal::{CollectionState, Desk, LogEntry, RecordMark, RescueSource, Vault};
pub(crate) use payload::sha256_hex;
pub use safe_name::safe_name;
pub use text::for_display;
pub use verify::{VerifyProgress, VerifyReport, verify, verify_until};

/// The payload folder of a bag (RFC 8493 section 2.1.2).
pub const DATA: &str = "data";

/// The journal's file name in [`DATA`].
pub const JOURNAL: &str = "lifeboat.sqlite";

/// The log's file name in [`DATA`]: the journal's log as plain text.
pub const LOG: &str = "log.txt";
