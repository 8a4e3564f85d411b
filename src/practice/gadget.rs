//! A practice Android on a USB device controller, either real hardware or the kernel's `dummy_hcd`. Every program on
//! the computer at the other end of the cable sees a phone.
//!
//! It behaves like AOSP's adbd on FunctionFS (`packages/modules/adb`, `daemon/usb.cpp`, `daemon/usb_ffs.cpp`): eight
//! reads of 16 KiB are always queued, writes are split into 16 KiB, and queued output is discarded when a new client
//! introduces itself. The gadget disappears and comes back when the cable is pulled and plugged in.

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
use crate::link::Link;
use crate::model::Stop;

use wire::{Reader, TRANSFER, Writer};

/// Interval between checks for new events.
const TICK: Duration = Duration::from_millis(20);
/// Number of transfers queued in the kernel in each direction (`kUsbReadQueueDepth`, `kUsbWriteQueueDepth`).
const QUEUE: u32 = 8;
/// Transfer size for the kernel's controllers in memory, in bytes. Each transfer wakes three threads, which took most
/// of the time in measurements.
const TRANSFER_IN_MEMORY: usize = 256 << 10;
/// MTP would have to be answered, which this handset does not do.
const STILL_IMAGE: u8 = 0x06;

/// Shows `handset` on the named device controller, or on the first free one, until `stop`. Calls `ready` with the
/// controller's name each time the handset is plugged in.
///
/// # Errors
/// If there is no free controller, or the kernel refuses to create a gadget. This needs Linux with `usb_f_fs`, and
/// root.
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
    /// Dropped first, so that the computer sees the handset go and pending transfers end.
    gadget: RegGadget,
    custom: Custom,
    endpoints: Vec<(EndpointReceiver, EndpointSender)>,
    /// Index in `endpoints` of the pair that carries ADB.
    debugging: Option<usize>,
    /// Maximum transfer size of the controller, in bytes.
    most: usize,
}

impl Plug {
    fn put_in(handset: &PracticeAndroid, controller: &Udc) -> io::Result<Self> {
        // Only the computer knows the socket.
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

    /// Serves the handset until the cable is pulled at either end, a client violates the protocol, or `stop`.
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
                // The computer released the interface; adbd then starts again.
                Ok(Some(Event::Disable | Event::Unbind)) | Err(_) => break,
                Ok(_) => {}
            }
        }
        out.stop();
        // Gives pending transfers time to end. A transfer that begins while the cable is pulled would never end.
        std::thread::sleep(TICK * 4);
        drop(self.gadget);
    }
}
