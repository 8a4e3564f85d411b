//! A practice media device: a phone that transfers files, a camera, or an iPhone seen as a camera, with a fictional
//! owner's pictures.
//!
//! It behaves as Android's MtpServer and as umtp-responder do by their sources, and as cameras do by PTP; fails on demand
//! ([`Settings`]); and notes everything that is asked which is more than reading ([`PracticeMedia::tripped`]). It knows
//! nothing of the client's code.

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

    /// Plugs a cable in: the client's end of a link in memory, served until that end is dropped.
    pub fn link(&self) -> Link {
        let (client, device) = pipe::pair();
        let (media, stop) = (Arc::clone(&self.0), self.0.cable());
        std::thread::spawn(move || responder::serve(&media, device, &stop));
        Link {
            name: "a practice cable".into(),
            ..client
        }
    }

    /// False while the cable is out: after a fault that pulls it, for a few seconds; after [`Self::unplug`], until
    /// [`Self::plug_in`].
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

    /// Unlocks it, for good.
    pub fn unlock(&self) {
        self.0.unlock();
    }

    /// Make, model and serial number.
    pub fn name(&self) -> (&'static str, &'static str, &'static str) {
        let (make, model, _, serial) = self.0.settings.model.names();
        (make, model, serial)
    }

    /// The requests that did more than read. Lifeboat promises that there are none.
    pub fn tripped(&self) -> Vec<String> {
        self.0.tripped()
    }

    /// Every operation that was asked, by its code and its parameters, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked()
    }

    /// Its files, past the protocol: the place of each in its storage, in order, with a `card/` before those of the
    /// memory card, and what it holds.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let state = self.0.state();
        let files = state.store.files();
        let mut files: Vec<_> = files
            .map(|(path, object)| (path, object.bytes(self.0.settings.seed)))
            .collect();
        files.sort();
        files
    }

    /// Its owner goes on using it.
    pub fn happen(&self, deed: &Deed) {
        self.0.state().store.happen(deed);
    }

    /// The files that were there once, likewise, as they were before something happened to them.
    pub fn former_files(&self) -> Vec<(String, Vec<u8>)> {
        let state = self.0.state();
        let former = state.store.former.iter();
        former
            .map(|(path, object)| (path.clone(), object.bytes(self.0.settings.seed)))
            .collect()
    }
}
