//! The trait of all practice devices, and what all of them can do.

use std::sync::Arc;

use super::base::Base;
use super::fault::PracticeSettings;
use crate::handset::find;
use crate::handset::find::usb::{Endpoint, UsbDevice, UsbInterface};
use crate::link::{Link, pipe};
use crate::model::Stop;

/// The device side of a protocol, with the data of a fictional owner. Everything else about a practice device, such as
/// its transports and its port, is the same for all families.
pub trait PracticeDevice: Send + Sync + Sized + 'static {
    type Settings: PracticeSettings;
    /// What it is called, such as `practice card`.
    const NAME: &'static str;
    /// What its cable is called in the log.
    const LINK: &'static str;
    /// The protocol that gives most.
    const PROTOCOL: Protocol;
    /// The socket of the computer that it is plugged into.
    const SOCKET: u8;

    /// Makes the device. Its data may be made when it is first requested.
    fn new(settings: Self::Settings) -> Self;

    /// Its cable and its record.
    fn base(&self) -> &Base;

    /// Serves a link until the other end goes, or `stop`. Calls `cancel_writes` when a new client introduces itself, on
    /// a link that stays open while clients come and go.
    fn serve(
        self: &Arc<Self>,
        protocol: Protocol,
        link: Link,
        cancel_writes: CancelWrites,
        stop: &Stop,
    );

    /// The USB descriptors of the device, without the place where it is plugged in.
    fn usb(&self) -> UsbDevice;

    /// The entry in the list of devices, for a device that is not judged by its USB descriptors.
    fn listed(&self) -> Option<find::Device> {
        None
    }

    /// False while it is not on the bus although its cable is in.
    fn is_on(&self) -> bool {
        true
    }

    /// Number of restarts, each of which the computer sees as plugging in.
    fn boots(&self) -> u32 {
        0
    }

    /// Settings of a second device that is plugged in beside it.
    fn twin(_: &Self::Settings) -> Option<Self::Settings> {
        None
    }

    /// Behaviour of the bus on a USB gadget.
    fn bus(&self) -> Bus {
        Bus::Smooth
    }
}

/// The protocol on a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Adb,
    Mtp,
    /// SCSI on USB mass storage.
    Disk,
}

/// Discards queued output. On USB, only the next client would receive the output for the previous one.
pub type CancelWrites = Box<dyn Fn() + Send + Sync>;

/// Behaviour of the bus. All of it is allowed by USB 2.0 (chapters 5.8 and 8.5.2), and none of it may affect the
/// result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bus {
    #[default]
    Smooth,
    /// Each transfer to the computer is split into two that end with short packets.
    Split,
    /// The device pauses in the middle of transfers.
    Pauses,
    /// The endpoint to the computer stalls from time to time.
    Stalls,
}

/// A practice device. Clones are the same device.
pub struct Practice<D>(pub(super) Arc<D>);

impl<D> Clone for Practice<D> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<D: PracticeDevice> Practice<D> {
    /// Makes a device and plugs it in.
    pub fn new(settings: D::Settings) -> Self {
        Self(Arc::new(D::new(settings)))
    }

    /// Returns the client's end of a link in memory. The link is served until that end is dropped.
    pub fn link(&self) -> Link {
        self.link_by(D::PROTOCOL)
    }

    pub(super) fn link_by(&self, protocol: Protocol) -> Link {
        let (client, device) = pipe::pair();
        let (served, stop) = (Arc::clone(&self.0), self.0.base().links());
        std::thread::spawn(move || served.serve(protocol, device, Box::new(|| {}), &stop));
        Link {
            name: D::LINK.into(),
            ..client
        }
    }

    /// False while the cable is out: for a few seconds after a fault that pulls it; after [`Self::unplug`], until
    /// [`Self::plug_in`]; and during a restart.
    pub fn is_plugged(&self) -> bool {
        self.0.base().is_in() && self.0.is_on()
    }

    /// Pulls the cable: links made by [`Self::link`] end.
    pub fn unplug(&self) {
        self.0.base().pull();
    }

    /// Plugs the cable in again.
    pub fn plug_in(&self) {
        self.0.base().plug_in();
    }

    /// Number of times the device was plugged in, including the first time.
    pub fn pluggings(&self) -> u32 {
        1 + self.0.base().pluggings() + self.0.boots()
    }

    /// The USB descriptors of the device, without the place where it is plugged in.
    pub fn usb(&self) -> UsbDevice {
        self.0.usb()
    }

    /// The requests that did more than read, in order. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        self.0.base().tripped()
    }
}

/// An interface with this class, subclass and protocol, and a pair of bulk endpoints.
pub(super) fn bulk(
    number: u8,
    (class, subclass, protocol): (u8, u8, u8),
    bulk_in: u8,
    bulk_out: u8,
) -> UsbInterface {
    let endpoint = |address| {
        Some(Endpoint {
            address,
            packet: 512,
        })
    };
    UsbInterface {
        number,
        class,
        subclass,
        protocol,
        bulk_in: endpoint(bulk_in),
        bulk_out: endpoint(bulk_out),
        ..UsbInterface::default()
    }
}

/// The interface for file transfer.
pub(super) fn mtp() -> UsbInterface {
    UsbInterface {
        name: Some("MTP".to_owned()),
        ..bulk(0, (0x06, 0x01, 0x01), 0x81, 0x01)
    }
}
