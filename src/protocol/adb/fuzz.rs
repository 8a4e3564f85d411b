//! The parsers that are private to this module, for the fuzz targets.

use std::collections::VecDeque;
use std::time::Duration;

use super::banner::{Banner, shared_features};
use super::error::printable;
use super::frame::FrameReader;
use super::server::Socket;
use super::shell::{Packets, Terminal};
use super::{Device, Options};
use crate::link::{Link, LinkError, LinkRead, LinkWrite};

/// A peer that sends these bytes and then closes the link.
struct Said(VecDeque<u8>);

impl LinkRead for Said {
    fn read(&mut self, buffer: &mut [u8], _timeout: Duration) -> Result<usize, LinkError> {
        // In pieces of seven bytes, so that nothing arrives whole.
        let count = buffer.len().min(self.0.len()).min(7);
        for (place, byte) in buffer.iter_mut().zip(self.0.drain(..count)) {
            *place = byte;
        }
        if count == 0 {
            return Err(LinkError::Closed);
        }
        Ok(count)
    }
}

impl LinkWrite for Said {
    fn write_all(&mut self, _bytes: &[u8], _timeout: Duration) -> Result<(), LinkError> {
        Ok(())
    }

    fn close(&mut self) {}
}

fn said(bytes: &[u8]) -> Box<Said> {
    Box::new(Said(bytes.iter().copied().collect()))
}

/// Parses frames, after bytes of a former session.
pub fn frames(bytes: &[u8]) {
    let mut frames = FrameReader::new(said(bytes));
    let mut junk = 64;
    while frames.next(&mut junk, &mut || Ok(())).is_ok() {}
}

/// Parses packets of the shell protocol, cut in two, and a terminal's output.
pub fn shell_packets(bytes: &[u8]) {
    let (mut packets, mut out) = (Packets::default(), VecDeque::new());
    let (one, other) = bytes.split_at(bytes.len() / 3);
    let _ = packets
        .feed(one, &mut out)
        .and_then(|()| packets.feed(other, &mut out));
    let mut terminal = Terminal::default();
    let length = terminal.undo(one).len() + terminal.undo(other).len();
    assert!(length <= bytes.len());
    let _ = terminal.finish();
}

/// Parses a handset's banner.
pub fn banner(bytes: &[u8]) {
    let banner = Banner::parse(bytes);
    let texts = banner.properties.values();
    assert!(texts.flat_map(|text| text.chars()).all(|c| !c.is_control()));
    assert!(printable(bytes).chars().count() <= 300);
}

/// Parses an adb server's answer to a request.
pub fn server_reply(bytes: &[u8]) {
    let link = Link {
        reader: said(bytes),
        writer: said(&[]),
        name: String::new(),
    };
    let mut socket = Socket::new(link, Options::default().watch());
    let _ = socket
        .request("host:devices-l")
        .and_then(|()| socket.counted());
}

/// Parses an adb server's list of handsets, and a list of features.
pub fn server_list(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for device in text.lines().filter_map(Device::parse) {
        assert!(!device.serial.contains(char::is_control));
    }
    let _ = shared_features(&text);
}
