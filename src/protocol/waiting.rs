//! What a connection waits for, reported while it waits.

use std::sync::Arc;
use std::time::Duration;

/// What a connection is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The owner has to allow this computer on the handset's screen.
    ForPermission,
    /// The same, after so long that the handset may not be showing its question. An Android that has asked once doesn't
    /// ask again until debugging was switched off (AOSP `adbd_auth`: a pending question blocks the next one).
    ForPermissionInVain,
    /// The handset has been silent for this long.
    Silent(Duration),
}

impl Waiting {
    /// What to do if the permission doesn't come.
    pub const IN_VAIN: &str = "Still no permission. If the phone shows no question: leave it plugged in, switch its USB \
        debugging off and on again, and tap “Allow”. Lifeboat waits for it.";
}

/// Called about once a second with what is waited for, on the waiting thread.
pub type OnWait = Arc<dyn Fn(Waiting) + Send + Sync>;
