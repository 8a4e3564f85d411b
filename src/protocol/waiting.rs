//! What a connection waits for, reported while it waits.

use std::sync::Arc;
use std::time::Duration;

/// What a connection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The owner has to allow this computer on the handset's screen: how, in a sentence.
    ForPermission(&'static str),
    /// The same, after so long that the handset may not be showing its question.
    ForPermissionInVain(&'static str),
    /// The handset has been silent for this long.
    Silent(Duration),
    /// A password is being turned into a key, which takes some seconds: this many percent are done.
    Deriving(u8),
}

/// Called about once a second with what is waited for, on the waiting thread.
pub type OnWait = Arc<dyn Fn(Waiting) + Send + Sync>;
