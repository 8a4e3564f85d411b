//! A practice media device: a phone with file transfer, a camera, or an iPhone that appears as a camera, with the
//! pictures of a fictional owner.
//!
//! It behaves like Android's MtpServer and umtp-responder according to their sources, and like cameras according to
//! PTP. It fails on demand ([`Settings`]), and records every request that does more than read
//! ([`Practice::tripped`]). It knows nothing about the client's code.

mod device;
mod fault;
mod responder;
mod settings;
mod store;
mod wire;

use super::OwnerAction;
use super::device::{Practice, PracticeDevice as _};

pub use device::Device;
pub use settings::{Lie, Model, Mute, Settings, Trouble};

/// A virtual media device. Clones are the same device.
pub type PracticeMedia = Practice<Device>;

impl Practice<Device> {
    /// Unlocks the device permanently.
    pub fn unlock(&self) {
        self.0.unlock();
    }

    /// Every requested operation with its code and parameters, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.base().asked()
    }

    /// Its files, read without the protocol: sorted paths with contents. Paths on the memory card begin with `card/`.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let state = self.0.state();
        let files = state.store.files();
        let mut files: Vec<_> = files
            .map(|(path, object)| (path, object.bytes(self.0.settings.seed)))
            .collect();
        files.sort();
        files
    }

    /// Makes a change, as the owner would.
    pub fn apply(&self, action: &OwnerAction) {
        self.0.state().store.apply(action);
    }

    /// Earlier versions of files that were changed or deleted, in the same form as [`Self::files`].
    pub fn former_files(&self) -> Vec<(String, Vec<u8>)> {
        let state = self.0.state();
        let former = state.store.former.iter();
        former
            .map(|(path, object)| (path.clone(), object.bytes(self.0.settings.seed)))
            .collect()
    }
}
