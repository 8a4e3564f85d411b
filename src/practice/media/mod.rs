//! A practice media device: a phone with file transfer, a camera, or an iPhone that appears as a camera, with the
//! pictures of a fictional owner.
//!
//! It behaves like Android's MtpServer and umtp-responder according to their sources, and like cameras according to
//! PTP. It fails on demand ([`Settings`]), and records every request that does more than read
//! ([`PracticeMedia::tripped`]). It knows nothing about the client's code.

mod device;
mod fault;
mod port;
mod responder;
mod settings;
mod store;
mod wire;

use std::sync::Arc;

use super::Deed;
use crate::link::{Link, pipe};

pub use fault::{apply, fault_help};
pub use port::MediaPort;
pub use settings::{Lie, Model, Mute, Settings, Trouble};

/// A virtual media device. Clones are the same device.
#[derive(Clone)]
pub struct PracticeMedia(Arc<device::Device>);

impl PracticeMedia {
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(device::Device::new(settings)))
    }

    /// Plugs a cable in and returns the client's end of a link in memory. The link is served until that end is
    /// dropped.
    pub fn link(&self) -> Link {
        let (client, device) = pipe::pair();
        let (media, stop) = (Arc::clone(&self.0), self.0.cable());
        std::thread::spawn(move || responder::serve(&media, device, &stop));
        Link {
            name: "a practice cable".into(),
            ..client
        }
    }

    /// False while the cable is unplugged: for a few seconds after a fault that pulls it; or after [`Self::unplug`],
    /// until [`Self::plug_in`].
    pub fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    /// Pulls the cable: links made by [`Self::link`] end.
    pub fn unplug(&self) {
        self.0.unplug();
    }

    /// Plugs the cable in again.
    pub fn plug_in(&self) {
        self.0.plug_in();
    }

    /// Unlocks the device permanently.
    pub fn unlock(&self) {
        self.0.unlock();
    }

    /// Make, model and serial number.
    pub fn name(&self) -> (&'static str, &'static str, &'static str) {
        let (make, model, _, serial) = self.0.settings.model.names();
        (make, model, serial)
    }

    /// The requests that did more than read. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        self.0.tripped()
    }

    /// Every requested operation with its code and parameters, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked()
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
    pub fn happen(&self, deed: &Deed) {
        self.0.state().store.happen(deed);
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
