//! The memory use of a long list of files. This process serves the device, and another one rescues it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lifeboat::handset::media_device::MediaDevice;
use lifeboat::link::{LinkError, tcp};
use lifeboat::model::Stop;
use lifeboat::practice::fault::apply;
use lifeboat::practice::media::{PracticeMedia, Settings};
use lifeboat::protocol::mtp::Options;
use lifeboat::rescue::{Progress, Target, run};

use super::can_measure;
use crate::common::{folder_in_memory, peak::peak, request};

/// Environment variables for the other process: the address of the device, and the folder for the rescue.
const DEVICE: &str = "LIFEBOAT_TEST_DEVICE";
const FOLDER: &str = "LIFEBOAT_TEST_FOLDER";
/// If set, the rescue stops once all files are listed.
const LISTS: &str = "LIFEBOAT_TEST_LISTS";

/// Measurements from the other process.
#[derive(Debug)]
struct Took {
    /// Peak memory use in KiB.
    peak: u64,
    rescued: u64,
    /// Time until all files were in the journal.
    listed: Duration,
    all: Duration,
}

/// Serves a device to one client.
fn serve(media: &PracticeMedia, listener: &TcpListener) {
    let (mut from, _) = listener.accept().expect("a client");
    from.set_nodelay(true).expect("a socket");
    let mut to = from.try_clone().expect("a socket");
    let link = media.link();
    let (mut reader, mut writer) = (link.reader, link.writer);
    std::thread::spawn(move || {
        let mut bytes = vec![0; 1 << 20];
        loop {
            match reader.read(&mut bytes, Duration::from_secs(1)) {
                Ok(count) => {
                    if to.write_all(&bytes[..count]).is_err() {
                        return;
                    }
                }
                Err(LinkError::TimedOut) => {}
                Err(_) => return,
            }
        }
    });
    let mut bytes = vec![0; 1 << 16];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let sent = writer.write_all(&bytes[..count], Duration::from_secs(60));
        if sent.is_err() {
            break;
        }
    }
    writer.close();
}

/// Rescues a device with these faults in another process.
fn take(spec: &str, lists: bool) -> Took {
    let mut settings = Settings {
        photos: 1,
        ..Settings::default()
    };
    apply(spec, &mut settings).expect("a device");
    let media = PracticeMedia::new(settings);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let folder = folder_in_memory();
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--ignored", "--exact", "--nocapture"])
        .arg("memory::listing::serves_as_the_measured_process")
        .env(DEVICE, address)
        .env(FOLDER, folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if lists {
        command.env(LISTS, "1");
    }
    let mut other = command.spawn().expect("another process");
    let out = other.stdout.take().expect("its output");
    let served = std::thread::spawn(move || serve(&media, &listener));
    let lines = BufReader::new(out).lines().map_while(Result::ok);
    let told: Vec<String> = lines
        .filter_map(|l| Some(l.split_once("took ")?.1.to_owned()))
        .collect();
    assert!(other.wait().expect("its end").success(), "{told:?}");
    served.join().expect("the device");
    let numbers: Vec<u64> = told
        .first()
        .map(|line| line.split(' ').filter_map(|n| n.parse().ok()).collect())
        .unwrap_or_default();
    let [peak, rescued, listed, all] = numbers[..] else {
        panic!("{told:?}");
    };
    let took = Took {
        peak,
        rescued,
        listed: Duration::from_millis(listed),
        all: Duration::from_millis(all),
    };
    println!(
        "{spec}: {} KiB, {} rescued, listed after {:?}, all after {:?}",
        took.peak, took.rescued, took.listed, took.all
    );
    took
}

#[test]
#[ignore = "the process that the other tests of this file start"]
fn serves_as_the_measured_process() {
    let Ok(device) = std::env::var(DEVICE) else {
        return;
    };
    let parent = std::env::var(FOLDER).expect("a folder");
    let lists = std::env::var(LISTS).is_ok();
    let link = tcp::connect(&device, Duration::from_secs(5)).expect("a device");
    let stop = Stop::new();
    let options = Options {
        stop: stop.clone(),
        ..Options::default()
    };
    let mut handset = MediaDevice::open(link, &options).expect("a session");
    let (began, mut listed) = (Instant::now(), None);
    let ends = stop.clone();
    let outcome = run(
        handset.as_mut(),
        &request(Target::New(parent.into()), "--device"),
        &stop,
        &mut |progress| {
            if let Progress::Copied { .. } = progress
                && listed.is_none()
            {
                listed = Some(began.elapsed());
                if lists {
                    ends.stop();
                }
            }
        },
    )
    .expect("a rescue");
    // A whole rescue waits only for the contacts, which debugging would share.
    let is_cut = outcome
        .why_not
        .iter()
        .any(|why| why.starts_with("Reading stopped early"));
    assert_eq!(is_cut, lists, "{:?}", outcome.why_not);
    let rescued: u64 = outcome.collections.iter().map(|c| c.rescued).sum();
    let peak = peak(std::process::id()).expect("a peak");
    let (listed, all) = (
        listed.unwrap_or_default().as_millis(),
        began.elapsed().as_millis(),
    );
    println!("took {peak} {rescued} {listed} {all}");
}

/// The journal's page cache in KiB, which a long rescue fills.
const PAGES: u64 = 8 << 10;

/// A rescue keeps no path in memory, only some bytes for each file.
#[test]
fn each_file_takes_little_more() {
    if !can_measure() {
        return;
    }
    let [few, many] = [2_000, 12_000].map(|files| take(&format!("many={files}"), false));
    assert_eq!((few.rescued, many.rescued), (2_001, 12_001));
    let more = many.peak.saturating_sub(few.peak + PAGES) * 1024 / 10_000;
    assert!(more <= 200, "{more} bytes a file: {few:?}, {many:?}");
}

/// The list alone, with enough files to measure it.
#[test]
fn a_long_list_takes_little_more() {
    if !can_measure() {
        return;
    }
    let [few, many] = [10_000, 40_000].map(|files| take(&format!("many={files}"), true));
    let more = many.peak.saturating_sub(few.peak) * 1024 / 30_000;
    assert!(more <= 250, "{more} bytes a file: {few:?}, {many:?}");
}

/// Measures any number of files: `LIFEBOAT_FILES=1000000`, and `LIFEBOAT_LISTS=1` for the list alone. A large number
/// takes a while.
#[test]
#[ignore = "for measuring by hand: LIFEBOAT_FILES says how many files"]
fn measured() {
    let files = std::env::var("LIFEBOAT_FILES").unwrap_or_else(|_| "100000".into());
    let lists = std::env::var("LIFEBOAT_LISTS").is_ok();
    let took = take(&files_of(&files), lists);
    assert!(took.peak < 128 << 10, "{took:?}");
}

fn files_of(files: &str) -> String {
    match files.contains('=') {
        true => files.to_owned(),
        false => format!("many={files}"),
    }
}
