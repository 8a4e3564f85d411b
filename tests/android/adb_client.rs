//! The ADB client against a scripted adbd: its promises over links that are old, slow, cut or hostile.

mod adbd;
mod files;
mod handshake;
mod hostile;
mod keys;
mod server;
mod shell;
mod streams;

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base64::Engine;
use lifeboat::link::{Link, LinkError, LinkRead, LinkWrite, pipe};
use lifeboat::model::Stop;
use lifeboat::protocol::adb::{
    Adb, AdbError, Chunk, ContentUri, Key, KeyError, KeyPlaces, Options, OwnKey, Query,
    ShellCommand, ShellMode, SystemType, Waiting,
};
use proptest::prelude::*;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::traits::PublicKeyParts;

use adbd::{Answer, BIG, Device, Files, Service, WINDOWS, Wire, packet};

/// Runs `device` at the other end of a new link.
fn at_other_end(
    device: impl FnOnce(&mut Wire) + Send + 'static,
) -> (lifeboat::link::Link, JoinHandle<()>) {
    let (ours, theirs) = pipe::pair();
    let thread = std::thread::spawn(move || device(&mut Wire(theirs)));
    (ours, thread)
}

fn serving(
    device: Device,
    mut service: impl Service + 'static,
) -> (lifeboat::link::Link, JoinHandle<()>) {
    at_other_end(move |wire| device.serve(wire, &mut service))
}

fn patient() -> Options {
    Options {
        handshake_timeout: Duration::from_secs(20),
        ..Options::default()
    }
}

fn connect(link: lifeboat::link::Link) -> Adb {
    Adb::connect(link, patient()).unwrap()
}

/// Bytes that show where in the stream they come from.
fn pattern(seed: usize, length: usize) -> Vec<u8> {
    (0..length)
        .map(|n| (n * 31 + seed * 7 + n / 251) as u8)
        .collect()
}
