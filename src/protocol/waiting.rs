//! What a connection waits for, told while it waits.

use std::sync::Arc;
use std::time::Duration;

/// What a connection is waiting for, told while it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The owner has to allow this computer on the handset's screen.
    ForPermission,
    /// The handset has been silent for so long.
    Silent(Duration),
}

/// Hears what is waited for, about once a second, on the thread that waits.
pub type OnWait = Arc<dyn Fn(Waiting) + Send + Sync>;
