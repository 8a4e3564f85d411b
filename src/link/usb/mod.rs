//! A link over one bulk interface of a USB device, through libusb.
//!
//! It never resets a device and never chooses its configuration: either would disturb other programs that use the
//! device and, on some phones, end the mode that the owner chose.

mod bulk;
mod error;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusb::{Context, Device, DeviceHandle, UsbContext};
use serde::{Deserialize, Serialize};

use super::Link;
use crate::model::Stop;
pub(crate) use bulk::Bulk;
use bulk::{Reader, Writer};
pub use error::UsbError;

/// A bulk endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Endpoint {
    /// Includes the direction in its highest bit (set: to the computer).
    pub address: u8,
    /// `wMaxPacketSize`, in bytes: 64 at full speed, 512 at high speed, 1024 above that.
    pub packet: u16,
}

/// The place of a bulk interface on USB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsbPlace {
    pub bus: u8,
    /// The ports from the root hub to the device. Empty if the system doesn't report them.
    pub ports: Vec<u8>,
    /// Used only if the ports are unknown: it changes each time the device is plugged in.
    pub address: u8,
    pub interface: u8,
    pub alternate: u8,
    pub bulk_in: Endpoint,
    pub bulk_out: Endpoint,
    /// The device needs a zero-length packet after a transfer that fills its last packet, as in ADB: see [`open`].
    pub zero_packets: bool,
    /// A storage interface. The device halts the endpoint to end a reply early. The system's driver is not attached
    /// again, since it would mount the disk.
    pub is_disk: bool,
}

impl UsbPlace {
    fn is(&self, device: &Device<Context>) -> bool {
        device.bus_number() == self.bus
            && match device.port_numbers() {
                Ok(ports) if !self.ports.is_empty() && !ports.is_empty() => ports == self.ports,
                _ => device.address() == self.address,
            }
    }
}

/// Timeout for a control request.
const ANSWER: Duration = Duration::from_secs(2);

/// This process's own context. The functions of `rusb` that use its global context panic if there is no USB.
static CONTEXT: Mutex<Option<Context>> = Mutex::new(None);

/// Returns the context in which this process uses USB.
///
/// # Errors
/// [`UsbError::NoUsb`] if libusb finds no USB on this computer. Each call tries again.
pub fn context() -> Result<Context, UsbError> {
    let mut held = CONTEXT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(context) = held.as_ref() {
        return Ok(context.clone());
    }
    let context = Context::new().map_err(|error| match UsbError::from(error) {
        UsbError::NoMemory => UsbError::NoMemory,
        _ => UsbError::NoUsb,
    })?;
    Ok(held.insert(context).clone())
}

/// Opens a bulk interface as a link.
///
/// A kernel driver is detached from this interface only, and attached again at the end. On both endpoints, a halt that
/// an earlier user left is cleared, as in adb (AOSP `packages/modules/adb`, `client/usb_libusb.cpp`).
///
/// **Zero-length packets.** adb's host side sends one after each header or payload whose length is a multiple of
/// `wMaxPacketSize` (`client/usb_linux.cpp`, `usb_write` with `zero_mask = wMaxPacketSize - 1`), whatever the length.
/// adbd requests 16 KiB at a time without regard to lengths, and only a short packet ends a shorter transfer. In the
/// other direction none is ever sent: the computer knows from the header how much to request
/// (docs/dev/zero_length_packet.md).
///
/// # Errors
/// [`UsbError`]: no USB, no such device, no permission, or another program holds the interface.
pub fn open(place: &UsbPlace) -> Result<Link, UsbError> {
    Ok(open_interface(place)?.0)
}

/// Opens a storage interface as a link, and returns the highest logical unit number behind it. The kernel driver is not
/// attached again: it comes back when the device is plugged in again.
///
/// # Errors
/// See [`open`].
pub fn open_disk(place: &UsbPlace) -> Result<(Link, u8), UsbError> {
    open_interface(place)
}

fn open_interface(place: &UsbPlace) -> Result<(Link, u8), UsbError> {
    if place.bulk_in.packet == 0 || place.bulk_out.packet == 0 {
        return Err(UsbError::BadDescriptor);
    }
    let devices = context()?.devices()?;
    let device = devices
        .iter()
        .find(|device| place.is(device))
        .ok_or(UsbError::Gone)?;
    let handle = device.open()?;
    match keep_driver_off(&handle, place) {
        // Systems that can't detach a driver have no driver in the way either.
        Ok(()) | Err(rusb::Error::NotSupported) => {}
        Err(error) => return Err(error.into()),
    }
    handle.claim_interface(place.interface)?;
    if place.alternate != 0 {
        handle.set_alternate_setting(place.interface, place.alternate)?;
    }
    let last_unit = match place.is_disk {
        true => last_unit(&handle, place.interface),
        false => 0,
    };
    let bulk = Arc::new(Opened(handle));
    for endpoint in [place.bulk_in, place.bulk_out] {
        // Some devices refuse this and still work.
        if let Err(error @ (rusb::Error::NoDevice | rusb::Error::NotFound)) =
            bulk.clear_halt(endpoint.address)
        {
            return Err(error.into());
        }
    }
    let path: Vec<String> = place.ports.iter().map(u8::to_string).collect();
    let name = format!("USB {}-{}", place.bus, path.join("."));
    Ok((over(bulk, place, name), last_unit))
}

fn keep_driver_off(handle: &DeviceHandle<Context>, place: &UsbPlace) -> rusb::Result<()> {
    if !place.is_disk {
        return handle.set_auto_detach_kernel_driver(true);
    }
    match handle.kernel_driver_active(place.interface)? {
        true => handle.detach_kernel_driver(place.interface),
        false => Ok(()),
    }
}

/// Returns the highest logical unit number of a storage interface: Get Max LUN (USB Mass Storage Class, Bulk-Only
/// Transport 1.0, 3.2), a request to the interface. Devices with one unit may refuse to answer.
fn last_unit(handle: &DeviceHandle<Context>, interface: u8) -> u8 {
    const ASK_INTERFACE: u8 = 0xa1;
    const GET_MAX_LUN: u8 = 0xfe;
    let mut answer = [0];
    let asked = handle.read_control(
        ASK_INTERFACE,
        GET_MAX_LUN,
        0,
        u16::from(interface),
        &mut answer,
        ANSWER,
    );
    match (asked, answer) {
        (Ok(1), [last]) => last,
        _ => 0,
    }
}

/// Returns a link over open endpoints.
pub(crate) fn over<B: Bulk>(bulk: Arc<B>, place: &UsbPlace, name: String) -> Link {
    let closed = Stop::new();
    Link {
        reader: Box::new(Reader::new(
            Arc::clone(&bulk),
            place.bulk_in,
            place.is_disk,
            closed.clone(),
        )),
        writer: Box::new(Writer::new(
            bulk,
            place.bulk_out,
            place.zero_packets,
            closed,
        )),
        name,
    }
}

/// A claimed interface; it is released when the last half of the link is dropped.
struct Opened(DeviceHandle<Context>);

impl Bulk for Opened {
    fn bulk_in(&self, endpoint: u8, buffer: &mut [u8], wait: Duration) -> rusb::Result<usize> {
        self.0.read_bulk(endpoint, buffer, wait)
    }

    fn bulk_out(&self, endpoint: u8, bytes: &[u8], wait: Duration) -> rusb::Result<usize> {
        self.0.write_bulk(endpoint, bytes, wait)
    }

    fn clear_halt(&self, endpoint: u8) -> rusb::Result<()> {
        self.0.clear_halt(endpoint)
    }
}
