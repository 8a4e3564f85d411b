//! State shared by all connections to one practice media device: contents, faults, cable and tripwire.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use super::responder;
use super::settings::{Model, Settings, Trouble};
use super::store::Store;
use crate::coach::Situation;
use crate::handset::find;
use crate::handset::find::usb::UsbDevice;
use crate::link::Link;
use crate::model::Stop;
use crate::practice::base::{Base, lock};
use crate::practice::device::{CancelWrites, PracticeDevice, Protocol, mtp};
use crate::practice::owned::Scheduled;

pub struct Device {
    pub(super) settings: Settings,
    base: Base,
    state: Mutex<State>,
}

/// The mutable state.
pub(super) struct State {
    pub store: Store,
    pub session: Option<u32>,
    /// A file for an earlier program is still being sent.
    pub left_over: bool,
    pub busy: u32,
    /// No request is answered until the device is plugged in again.
    pub is_mute: bool,
    pub changes: u32,
    /// A request for part of a file counts as a request for a file.
    actions: Scheduled,
    /// Number of bytes sent to clients.
    sent: u64,
    /// The owner unlocked the device.
    unlocked: bool,
    /// Time of the first request for the storages.
    asked_first: Option<Instant>,
}

impl PracticeDevice for Device {
    type Settings = Settings;
    const NAME: &'static str = "practice device";
    const LINK: &'static str = "a practice cable";
    const PROTOCOL: Protocol = Protocol::Mtp;
    const SOCKET: u8 = 5;

    fn new(settings: Settings) -> Self {
        let base = Base::new(&settings.unplug_after);
        Self::on_cable(settings, base)
    }

    fn base(&self) -> &Base {
        &self.base
    }

    fn serve(self: &Arc<Self>, _: Protocol, link: Link, _: CancelWrites, stop: &Stop) {
        responder::serve(self, link, stop);
    }

    fn usb(&self) -> UsbDevice {
        let (make, model, _, serial) = self.settings.names();
        let (vendor_id, product_id) = self.settings.model.usb_numbers();
        UsbDevice {
            vendor_id,
            product_id,
            interfaces: vec![mtp()],
            manufacturer: Some(make.to_owned()),
            product: Some(model.to_owned()),
            serial: Some(serial.to_owned()),
            ..UsbDevice::default()
        }
    }

    /// The device is read immediately, even if its owner could make more data readable.
    fn listed(&self) -> Option<find::Device> {
        let (make, model, _, serial) = self.settings.model.names();
        let (situation, has_owner) = match self.settings.model {
            Model::IPhone => (Situation::of("iphone"), true),
            Model::Android => (Situation::of("files_instead"), true),
            Model::OldPhone => (Situation::of("also_files"), true),
            Model::Responder => (Situation::default(), true),
            Model::Camera | Model::Watch | Model::Player => (Situation::default(), false),
        };
        Some(find::Device {
            id: serial.to_owned(),
            make: make.to_owned(),
            model: model.to_owned(),
            serial: serial.to_owned(),
            approaches: vec!["practice".into()],
            state: find::State::Ready,
            advice: situation.paragraph(make),
            situations: match situation.is_none() {
                true => Vec::new(),
                false => vec![situation],
            },
            has_owner,
            ..find::Device::default()
        })
    }
}

impl Device {
    /// Makes a device whose cable and record are those of another one.
    pub(in crate::practice) fn on_cable(settings: Settings, base: Base) -> Self {
        let state = State {
            store: Store::new(&settings),
            session: settings.left_over.then_some(7),
            left_over: settings.left_over,
            busy: settings.busy,
            is_mute: false,
            changes: settings.changes,
            actions: Scheduled::of(&settings.actions),
            sent: 0,
            unlocked: false,
            asked_first: None,
        };
        Self {
            settings,
            base,
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn unlock(&self) {
        self.state().unlocked = true;
    }

    /// True while the device shows its storages. `is_asked`: the storages are being requested now.
    pub(super) fn is_open(&self, is_asked: bool) -> bool {
        let mut state = self.state();
        if is_asked {
            state.asked_first.get_or_insert_with(Instant::now);
        }
        let waited = state.asked_first.map(|first| first.elapsed());
        let opens = match self.settings.unlocked_after {
            Some(after) => waited.is_some_and(|waited| waited >= after),
            None => !self.settings.locked,
        };
        let locks = self.settings.locks_after;
        state.unlocked || (opens && locks.is_none_or(|most| state.sent < most))
    }

    /// The fault of an object.
    pub(super) fn trouble(&self, handle: u32) -> Option<Trouble> {
        let path = self.state().store.path_of(handle)?;
        let mut troubles = self.settings.troubles.iter();
        troubles
            .find(|(of, _)| *of == path)
            .map(|(_, trouble)| *trouble)
    }

    /// Counts a file request and applies the changes that are due.
    pub(super) fn fetched(&self) {
        let mut state = self.state();
        for action in state.actions.fetched() {
            state.store.apply(&action);
        }
    }

    /// Counts bytes to be sent. If the cable is pulled among them, returns the number of bytes sent before that.
    pub(super) fn charge(&self, count: usize) -> Option<usize> {
        self.state().sent += count as u64;
        self.base.charge(count as u64).map(|cut| cut as usize)
    }
}
