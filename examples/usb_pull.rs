//! How fast bytes come over USB, for the lab: a file over ADB or off a card, or whatever an interface sends.
//!
//!     usb_pull adb PLACE REMOTE LOCAL    # PLACE as `lifeboat devices` has it after `usb:`, such as 1-1
//!     usb_pull card PLACE LOCAL          # the largest file of a memory card
//!     usb_pull bulk VENDOR:PRODUCT BYTES # a bare loop of bulk reads: the most that the bus gives
//!
//! Prints bytes and seconds.

use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use lifeboat::handset::android::Choices;
use lifeboat::handset::files_only::FileSource;
use lifeboat::handset::find::{Computer, Reach, choose, judge};
use lifeboat::handset::memory_card;
use lifeboat::link::{Stop, usb};
use lifeboat::protocol::adb::{Adb, Options};
use rusb::UsbContext;
use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (bytes, took) = match words[..] {
        ["adb", place, remote, local] => over_adb(place, remote, local)?,
        ["card", place, local] => off_card(place, local)?,
        ["bulk", number, bytes] => over_bulk(number, bytes.parse()?)?,
        _ => {
            bail!("usb_pull adb PLACE REMOTE LOCAL, card PLACE LOCAL, or bulk VENDOR:PRODUCT BYTES")
        }
    };
    println!("{bytes} {:.3}", took.as_secs_f64());
    Ok(())
}

fn over_adb(place: &str, remote: &str, local: &str) -> Result<(u64, Duration)> {
    let computer = Computer {
        options: Options::default(),
        choices: Choices::default(),
    };
    let (seen, _) = computer.see();
    let Reach::Usb(place) = choose(judge(&seen), &format!("usb:{place}"))?.0 else {
        bail!("an adb server holds it");
    };
    let adb = Adb::connect(usb::open(&place)?, Options::default())?;
    let began = Instant::now();
    let mut file = File::create(local).context("the copy can't be made")?;
    let bytes = adb.sync().recv(remote.as_bytes(), &mut file)?;
    Ok((bytes, began.elapsed()))
}

fn off_card(place: &str, local: &str) -> Result<(u64, Duration)> {
    let computer = Computer {
        options: Options::default(),
        choices: Choices::default(),
    };
    let (seen, _) = computer.see();
    let Reach::Card(place) = choose(judge(&seen), &format!("usb:{place}"))?.0 else {
        bail!("it is no card");
    };
    let (link, last) = usb::open_disk(&place)?;
    let mut card = memory_card::open_usb(link, last, &Stop::new())?;
    let files = card.list()?.files;
    let file = files
        .iter()
        .max_by_key(|file| file.size)
        .context("no file")?;
    let began = Instant::now();
    // Hashed meanwhile, as in a rescue.
    let mut copy = Hashed(
        File::create(local).context("the copy can't be made")?,
        Sha256::new(),
    );
    card.fetch(file, 0, &mut copy)?;
    let took = began.elapsed();
    copy.1.finalize();
    Ok((file.size, took))
}

struct Hashed(File, Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.1.update(bytes);
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

/// Asks for a mebibyte at a time, as the link does.
fn over_bulk(number: &str, wanted: u64) -> Result<(u64, Duration)> {
    let (vendor, product) = number.split_once(':').context("VENDOR:PRODUCT")?;
    let number = (
        u16::from_str_radix(vendor, 16)?,
        u16::from_str_radix(product, 16)?,
    );
    let context = usb::context()?;
    let devices = context.devices()?;
    let device = devices.iter().find(|device| {
        device
            .device_descriptor()
            .is_ok_and(|it| (it.vendor_id(), it.product_id()) == number)
    });
    let device = device.context("there is no such device")?;
    let configuration = device.active_config_descriptor()?;
    let interface = configuration.interfaces().next().context("no interface")?;
    let descriptor = interface.descriptors().next().context("no setting")?;
    let endpoint = descriptor
        .endpoint_descriptors()
        .find(|endpoint| endpoint.direction() == rusb::Direction::In)
        .context("nothing comes from it")?;
    let handle = device.open()?;
    handle.claim_interface(interface.number())?;
    let mut buffer = vec![0; 1 << 20];
    let mut got = 0;
    let began = Instant::now();
    while got < wanted {
        let count = handle.read_bulk(endpoint.address(), &mut buffer, Duration::from_secs(10))?;
        ensure!(count > 0, "it sends nothing");
        got += count as u64;
    }
    Ok((got, began.elapsed()))
}
