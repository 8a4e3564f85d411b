//! A practice device on a USB device controller, either real hardware or the kernel's `dummy_hcd`. Every program on the
//! computer at the other end of the cable sees a phone, or a card.
//!
//! A phone behaves like AOSP's adbd on FunctionFS (`packages/modules/adb`, `daemon/usb.cpp`, `daemon/usb_ffs.cpp`) and
//! like umtp-responder (`src/usb_gadget.c`): eight reads of 16 KiB are always queued, writes are split into 16 KiB, and
//! adbd's queued output is discarded when a new client introduces itself. The gadget disappears and comes back when the
//! cable is pulled and plugged in. A card is served by the kernel's own mass-storage gadget.

mod wire;

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use usb_gadget::function::Handle;
use usb_gadget::function::custom::{
    Custom, Endpoint, EndpointDirection, EndpointReceiver, EndpointSender, Event, Interface,
    TransferType,
};
use usb_gadget::function::msd::{Lun, Msd};
use usb_gadget::{Class, Config, Gadget, Id, RegGadget, Strings, Udc};

use super::device::{Practice, PracticeDevice, Protocol};
use crate::handset::find::usb::{UsbDevice, UsbInterface};
use crate::link::{Link, LinkWrite};
use crate::model::Stop;

use wire::{Containers, Reader, TRANSFER, Writer};

/// Interval between checks for new events.
const TICK: Duration = Duration::from_millis(20);
/// Number of transfers queued in the kernel in each direction (`kUsbReadQueueDepth`, `kUsbWriteQueueDepth`).
const QUEUE: u32 = 8;
/// Transfer size for the kernel's controllers in memory, in bytes. Each transfer wakes three threads, which took most
/// of the time in measurements.
const TRANSFER_IN_MEMORY: usize = 256 << 10;

/// Requests of the Still Image class (USB Still Image Capture Device Definition, 5.2).
const CANCEL: u8 = 0x64;
const RESET: u8 = 0x66;
const DEVICE_STATUS: u8 = 0x67;
/// The device is ready for a command.
const STATUS_OK: [u8; 4] = [4, 0, 0x01, 0x20];

/// Shows `device` on the named device controller, or on the first free one, until `stop`. Calls `ready` with the
/// controller's name each time the device is plugged in.
///
/// # Errors
/// If there is no free controller, or the kernel refuses to create a gadget. This needs Linux with `usb_f_fs`, and
/// root.
pub fn serve<D: PracticeDevice>(
    device: &Practice<D>,
    controller: Option<&str>,
    stop: &Stop,
    ready: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let controller = choose(controller)?;
    while !stop.is_stopped() {
        if !device.is_plugged() {
            std::thread::sleep(TICK);
            continue;
        }
        let plug = Plug::put_in(&device.usb(), &controller)?;
        ready(&controller.name().to_string_lossy());
        plug.serve(device, stop);
    }
    Ok(())
}

/// Shows a card as a disk with this image of it, until `stop`. The kernel answers, so that none of the card's faults
/// happens.
///
/// # Errors
/// As [`serve`]; it needs `usb_f_mass_storage`.
pub fn serve_image<D: PracticeDevice>(
    card: &Practice<D>,
    image: &Path,
    controller: Option<&str>,
    stop: &Stop,
    ready: &mut dyn FnMut(&str),
) -> io::Result<()> {
    let controller = choose(controller)?;
    let mut lun = Lun::new(image.canonicalize()?)?;
    (lun.read_only, lun.removable) = (true, true);
    let (_disk, function) = Msd::builder().with_lun(lun).build();
    let _gadget = bind(&card.usb(), function, &controller)?;
    ready(&controller.name().to_string_lossy());
    while !stop.is_stopped() {
        std::thread::sleep(TICK);
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
                "this USB device controller does not exist, or none is free",
            )
        })
}

/// Plugs a gadget in, with the numbers and names of `seen`.
fn bind(seen: &UsbDevice, function: Handle, controller: &Udc) -> io::Result<RegGadget> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Gadget::new(
        Class::INTERFACE_SPECIFIC,
        Id::new(seen.vendor_id, seen.product_id),
        Strings::new(
            text(&seen.manufacturer),
            text(&seen.product),
            text(&seen.serial),
        ),
    )
    .with_config(Config::new("practice").with_function(function))
    .bind(controller)
}

/// The protocol of an interface, if it is served.
fn spoken(interface: &UsbInterface) -> Option<Protocol> {
    match interface.triple() {
        (0xff, 0x42, 0x01) => Some(Protocol::Adb),
        (0x06, 0x01, 0x01) => Some(Protocol::Mtp),
        _ => None,
    }
}

/// A device that is plugged in. Dropping it pulls the cable.
struct Plug {
    /// Dropped first, so that the computer sees the device go and pending transfers end.
    gadget: RegGadget,
    custom: Custom,
    /// The pair of endpoints that is served, and the protocol on it.
    served: Option<(Protocol, EndpointReceiver, EndpointSender)>,
    /// The other endpoints, on which nothing happens.
    _idle: Vec<(EndpointReceiver, EndpointSender)>,
    /// For the events of file transfer, of which there are none.
    _events: Option<EndpointSender>,
    /// What the computer sees.
    seen: Vec<UsbInterface>,
    /// Maximum transfer size of the controller, in bytes.
    most: usize,
}

impl Plug {
    fn put_in(seen: &UsbDevice, controller: &Udc) -> io::Result<Self> {
        let has = |protocol| seen.interfaces.iter().any(|i| spoken(i) == Some(protocol));
        // A phone with debugging does not show its files too, so that one protocol is served at a time.
        let has_adb = has(Protocol::Adb);
        let mut builder = Custom::builder();
        let (mut served, mut idle, mut events) = (None, Vec::new(), None);
        for interface in &seen.interfaces {
            let protocol = spoken(interface);
            if protocol == Some(Protocol::Mtp) && has_adb {
                continue;
            }
            let (receiver, from_host) = EndpointDirection::host_to_device();
            let (sender, to_host) = EndpointDirection::device_to_host();
            let (class, subclass, number) = interface.triple();
            let name = match protocol {
                Some(Protocol::Adb) => "ADB Interface",
                _ => interface.name.as_deref().unwrap_or("Android"),
            };
            let mut shown = Interface::new(Class::new(class, subclass, number), name)
                .with_endpoint(Endpoint::bulk(from_host.with_queue_len(QUEUE)))
                .with_endpoint(Endpoint::bulk(to_host.with_queue_len(QUEUE)));
            if protocol == Some(Protocol::Mtp) {
                let (sender, to_host) = EndpointDirection::device_to_host();
                let mut endpoint = Endpoint::custom(to_host, TransferType::Interrupt);
                (endpoint.max_packet_size_hs, endpoint.interval) = (28, 6);
                shown = shown.with_endpoint(endpoint);
                events = Some(sender);
            }
            builder = builder.with_interface(shown);
            match protocol {
                Some(protocol) => served = Some((protocol, receiver, sender)),
                None => idle.push((receiver, sender)),
            }
        }
        let (custom, function) = builder.build();
        Ok(Self {
            gadget: bind(seen, function, controller)?,
            custom,
            served,
            _idle: idle,
            _events: events,
            seen: seen.interfaces.clone(),
            most: match controller.name().to_string_lossy().starts_with("dummy_udc") {
                true => TRANSFER_IN_MEMORY,
                false => TRANSFER,
            },
        })
    }

    /// Serves the device until the cable is pulled at either end, a client violates the protocol, or `stop`.
    fn serve<D: PracticeDevice>(mut self, device: &Practice<D>, stop: &Stop) {
        let out = Stop::new();
        let mut serving: Option<std::thread::JoinHandle<()>> = None;
        loop {
            let is_over = serving
                .as_ref()
                .is_some_and(std::thread::JoinHandle::is_finished);
            if stop.is_stopped()
                || !device.is_plugged()
                || device.usb().interfaces != self.seen
                || is_over
            {
                break;
            }
            match self.custom.event_timeout(TICK) {
                Ok(Some(Event::Enable)) => {
                    let Some((protocol, receiver, sender)) = self.served.take() else {
                        continue;
                    };
                    let cancelled = Arc::new(AtomicU64::new(0));
                    let cancel = wire::cancel(Arc::clone(&cancelled));
                    let writer =
                        Writer::new(sender, device.0.bus(), self.most, cancelled, out.clone());
                    let writer: Box<dyn LinkWrite> = match protocol {
                        Protocol::Mtp => Box::new(Containers::new(writer)),
                        Protocol::Adb | Protocol::Disk => Box::new(writer),
                    };
                    let link = Link {
                        reader: Box::new(Reader::new(receiver)),
                        writer,
                        name: "USB gadget".into(),
                    };
                    let (device, out) = (Arc::clone(&device.0), out.clone());
                    serving = Some(std::thread::spawn(move || {
                        device.serve(protocol, link, cancel, &out);
                    }));
                }
                Ok(Some(Event::SetupDeviceToHost(asked)))
                    if asked.ctrl_req().request == DEVICE_STATUS =>
                {
                    // If it fails, the computer asks again.
                    let _ = asked.send(&STATUS_OK);
                }
                Ok(Some(Event::SetupHostToDevice(told)))
                    if matches!(told.ctrl_req().request, CANCEL | RESET) =>
                {
                    let _ = told.recv_all();
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
