//! What a connection waits for, told while it waits.

use std::sync::Arc;
use std::time::Duration;

/// What a connection is waiting for, told while it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waiting {
    /// The owner has to allow this computer on the handset's screen.
    ForPermission,
    /// The same, for so long that its question may not show: an Android that has asked once doesn't ask again until its
    /// debugging was off (AOSP `adbd_auth`: a question that is pending stands in the way of the next).
    ForPermissionInVain,
    /// The handset has been silent for so long.
    Silent(Duration),
}

impl Waiting {
    /// What to do where the permission doesn't come.
    pub const IN_VAIN: &str = "Still no permission. If the phone shows no question: leave it plugged in, switch its USB \
        debugging off and on again, and tap “Allow”. Lifeboat waits for it.";
}

/// Hears what is waited for, about once a second, on the thread that waits.
pub type OnWait = Arc<dyn Fn(Waiting) + Send + Sync>;
