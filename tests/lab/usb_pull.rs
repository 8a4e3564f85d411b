//! Measures how fast bytes come over USB, for the lab: a file over ADB or MTP or from a card, or the data of any
//! interface.
//!
//!     usb_pull adb PLACE REMOTE LOCAL    # PLACE as `lifeboat devices` prints it after `usb:`, such as 1-1
//!     usb_pull mtp PLACE NAME LOCAL      # the file with this name, in any folder; hashed as in a rescue
//!     usb_pull card PLACE NAME LOCAL     # the same from a memory card
//!     usb_pull bulk VENDOR:PRODUCT BYTES # a bare loop of bulk reads: the highest speed of the bus
//!
//! Prints the bytes, the seconds, and how many of these seconds this program computed.

use std::fs::File;
use std::io::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use lifeboat::handset::android::Choices;
use lifeboat::handset::family::{Approach, Place};
use lifeboat::handset::find::{Computer, Port, Wanted, choose, judge};
use lifeboat::link::usb;
use lifeboat::model::{Collection, Past, RecordBody, Stop};
use lifeboat::protocol::adb::{Adb, Options};
use rusb::UsbContext;
use sha2::{Digest, Sha256};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (bytes, took) = match words[..] {
        ["adb", place, remote, local] => over_adb(place, remote, local)?,
        ["mtp", place, name, local] => as_in_a_rescue(Wanted::Files, place, name, local)?,
        ["card", place, name, local] => as_in_a_rescue(Wanted::All, place, name, local)?,
        ["bulk", number, bytes] => over_bulk(number, bytes.parse()?)?,
        _ => bail!(
            "usb_pull adb PLACE REMOTE LOCAL, mtp PLACE NAME LOCAL, card PLACE NAME LOCAL, or bulk VENDOR:PRODUCT BYTES"
        ),
    };
    println!("{bytes} {:.3} {:.2}", took.as_secs_f64(), computed()?);
    Ok(())
}

/// Processor time of this program in seconds, including the kernel's work for it (proc(5), `/proc/self/stat`).
fn computed() -> Result<f64> {
    /// `sysconf(_SC_CLK_TCK)` on every Linux that the lab runs on.
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let words = stat.rsplit_once(')').context("no such line")?.1;
    let ticks = words.split_whitespace().skip(11).take(2);
    let ticks: Vec<f64> = ticks.map(str::parse).collect::<Result<_, _>>()?;
    Ok(ticks.iter().sum::<f64>() / TICKS)
}

fn computer() -> Computer {
    Computer {
        options: Options::default(),
        choices: Choices::default(),
        secrets: lifeboat::handset::family::no_secrets(),
    }
}

/// Copies a file the way a rescue does: listed, read ahead, hashed, written.
fn as_in_a_rescue(of_it: Wanted, place: &str, name: &str, local: &str) -> Result<(u64, Duration)> {
    let (stop, place) = (Stop::new(), format!("usb:{place}"));
    let mut handset = computer()
        .open(&place, of_it, &stop, Arc::new(|_| {}))?
        .handset;
    handset.survey(Collection::Files, &Past::default())?;
    let mut wanted = None;
    while let Some(batch) = handset.next_batch(Collection::Files, None)? {
        wanted = wanted.or(batch
            .records
            .into_iter()
            .find_map(|record| match record.body {
                RecordBody::File(file) if file.path.shown().ends_with(name) => Some(file),
                _ => None,
            }));
    }
    let wanted = wanted.context("the file does not exist")?;
    let began = Instant::now();
    let mut copy = Hashed(File::create(local)?, Sha256::new());
    handset.fetch(&wanted, 0, &mut copy)?;
    copy.1.finalize();
    Ok((wanted.size, began.elapsed()))
}

struct Hashed(File, Sha256);

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let count = self.0.write(bytes)?;
        self.1.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn over_adb(place: &str, remote: &str, local: &str) -> Result<(u64, Duration)> {
    let (seen, _) = computer().see();
    let (approaches, _) = choose(judge(&seen), &format!("usb:{place}"))?;
    let Some(Place::Usb(place)) = approaches.first().and_then(Approach::ready) else {
        bail!("an adb server holds it");
    };
    let adb = Adb::connect(usb::open(place)?, Options::default())?;
    let began = Instant::now();
    let mut file = File::create(local).context("the copy can't be made")?;
    let bytes = adb.sync().recv(remote.as_bytes(), &mut file)?;
    Ok((bytes, began.elapsed()))
}

/// Reads a mebibyte at a time, as the link does.
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
