//! A practice Android on a USB device controller, real or the kernel's `dummy_hcd`: any program on the computer at the
//! other end of the cable sees a phone.
//!
//! It behaves as AOSP's adbd does on FunctionFS (`packages/modules/adb`, `daemon/usb.cpp`, `daemon/usb_ffs.cpp`): eight
//! reads of 16 KiB wait at any time, writes are cut into 16 KiB, and what waits to go out is let go when a new
//! client introduces itself. The gadget goes away and comes back when the cable is pulled and plugged in.

mod wire;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use usb_gadget::function::custom::{
    Custom, Endpoint, EndpointDirection, EndpointReceiver, EndpointSender, Event, Interface,
};
use usb_gadget::{Class, Config, Gadget, Id, RegGadget, Strings, Udc};

use super::android::PracticeAndroid;
use super::snapshot::snapshot;
use crate::handset::find::usb::UsbInterface;
use crate::link::{Link, Stop};

use wire::{Reader, TRANSFER, Writer};

/// How long one look for something new lasts.
const TICK: Duration = Duration::from_millis(20);
/// How many transfers of each direction wait in the kernel (`kUsbReadQueueDepth`, `kUsbWriteQueueDepth`).
const QUEUE: u32 = 8;
/// What the kernel's controllers in memory move at once, in bytes: each transfer wakes three threads, which in the lab took
/// more time than all else.
const TRANSFER_IN_MEMORY: usize = 256 << 10;
/// MTP has to be answered, which this handset does not do.
const STILL_IMAGE: u8 = 0x06;

/// Shows `handset` on the device controller of this name, or on the first one that is free, until `stop`. `ready` is
/// told the controller's name each time the handset is plugged in.
///
/// # Errors
/// Where there is no free controller, or the kernel lets no gadget be made: it takes Linux with `usb_f_fs`, and root.
pub fn serve(
    handset: &PracticeAndroid,
    controller: Option<&str>,
    stop: &Stop,
    ready: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let controller = choose(controller)?;
    while !stop.is_stopped() {
        if !handset.is_plugged() {
            std::thread::sleep(TICK);
            continue;
        }
        let plug = Plug::put_in(handset, &controller)?;
        ready(&controller.name().to_string_lossy());
        plug.serve(handset, stop);
    }
    Ok(())
}

fn choose(name: Option<&str>) -> io::Result<Udc> {
    let mut all = usb_gadget::udcs()?;
    all.sort_by_key(|udc| udc.name().to_os_string());
    let is_free = |udc: &Udc| udc.function().is_ok_and(|driver| driver.is_none());
    all.into_iter()
        .find(|udc| name.map_or_else(|| is_free(udc), |name| udc.name() == name))
        .ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::NotFound,
                "there is no such device controller, or none is free",
            )
        })
}

/// A handset that is plugged in. Dropping it pulls the cable.
struct Plug {
    /// Dropped first: the computer sees the handset go, and whatever waits for it ends.
    gadget: RegGadget,
    custom: Custom,
    endpoints: Vec<(EndpointReceiver, EndpointSender)>,
    /// The one of `endpoints` that ADB goes over.
    debugging: Option<usize>,
    /// The most that the controller moves at once, in bytes.
    most: usize,
}

impl Plug {
    fn put_in(handset: &PracticeAndroid, controller: &Udc) -> io::Result<Self> {
        // The socket is the computer's to tell.
        let seen = snapshot(handset, 0);
        let shown: Vec<&UsbInterface> = seen
            .interfaces
            .iter()
            .filter(|interface| interface.class != STILL_IMAGE)
            .collect();
        if shown.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "a phone that transfers files would have to answer MTP",
            ));
        }
        let debugging = shown
            .iter()
            .position(|interface| interface.triple() == (0xff, 0x42, 0x01));
        let mut builder = Custom::builder();
        let mut endpoints = Vec::new();
        for interface in shown {
            let (receiver, from_host) = EndpointDirection::host_to_device();
            let (sender, to_host) = EndpointDirection::device_to_host();
            endpoints.push((receiver, sender));
            let (class, subclass, protocol) = interface.triple();
            let name = match debugging {
                Some(_) => "ADB Interface",
                None => "Android",
            };
            builder = builder.with_interface(
                Interface::new(Class::new(class, subclass, protocol), name)
                    .with_endpoint(Endpoint::bulk(from_host.with_queue_len(QUEUE)))
                    .with_endpoint(Endpoint::bulk(to_host.with_queue_len(QUEUE))),
            );
        }
        let (custom, function) = builder.build();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let gadget = Gadget::new(
            Class::INTERFACE_SPECIFIC,
            Id::new(seen.vendor_id, seen.product_id),
            Strings::new(
                text(&seen.manufacturer),
                text(&seen.product),
                text(&seen.serial),
            ),
        )
        .with_config(Config::new("adb").with_function(function))
        .bind(controller)?;
        Ok(Self {
            gadget,
            custom,
            endpoints,
            debugging,
            most: match controller.name().to_string_lossy().starts_with("dummy_udc") {
                true => TRANSFER_IN_MEMORY,
                false => TRANSFER,
            },
        })
    }

    /// Answers until the cable is pulled at either end, a client breaks the protocol, or `stop`.
    fn serve(mut self, handset: &PracticeAndroid, stop: &Stop) {
        let out = Stop::new();
        let seen_as = handset.seen_as();
        let wires = self.debugging.filter(|&index| index < self.endpoints.len());
        let mut wires = wires.map(|index| self.endpoints.swap_remove(index));
        let mut serving = None;
        loop {
            let over = |serving: &Option<std::thread::JoinHandle<()>>| {
                serving
                    .as_ref()
                    .is_some_and(std::thread::JoinHandle::is_finished)
            };
            if stop.is_stopped()
                || !handset.is_plugged()
                || handset.seen_as() != seen_as
                || over(&serving)
            {
                break;
            }
            match self.custom.event_timeout(TICK) {
                Ok(Some(Event::Enable)) => {
                    let Some((receiver, sender)) = wires.take() else {
                        continue;
                    };
                    let (handset, out, most) = (handset.clone(), out.clone(), self.most);
                    serving = Some(std::thread::spawn(move || {
                        let cancelled = Arc::new(AtomicU64::new(0));
                        let link = Link {
                            reader: Box::new(Reader::new(receiver)),
                            writer: Box::new(Writer::new(
                                sender,
                                handset.bus(),
                                most,
                                Arc::clone(&cancelled),
                                out.clone(),
                            )),
                            name: "USB gadget".into(),
                        };
                        handset.serve_link(link, wire::cancel(cancelled), &out);
                    }));
                }
                // The computer let go of it: adbd begins anew then.
                Ok(Some(Event::Disable | Event::Unbind)) | Err(_) => break,
                Ok(_) => {}
            }
        }
        out.stop();
        // Waits that began are given a moment to end: one that begins while the cable is pulled never would.
        std::thread::sleep(TICK * 4);
        drop(self.gadget);
    }
}
