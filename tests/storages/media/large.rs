//! Files that are larger than 32 bits can count.

use std::io::Write;

use lifeboat::protocol::mtp::{Mtp, MtpError, ROOT};

use super::support::{media, options};

const SIZE: u64 = 5_000_000_000;

fn handle_of_movie(mtp: &mut Mtp) -> u32 {
    let storage = mtp.storages().expect("storages")[0];
    let folder = |mtp: &mut Mtp, parent| {
        let handles = mtp.handles(storage, parent).expect("handles");
        handles
            .into_iter()
            .find(|handle| {
                let name = mtp.object(*handle).expect("an object").name;
                ["DCIM", "Camera", "100CANON", "MVI_0001.mp4"].contains(&name.as_str())
            })
            .expect("it")
    };
    let dcim = folder(mtp, ROOT);
    let camera = folder(mtp, dcim);
    folder(mtp, camera)
}

#[test]
fn size_and_end_of_large_files_can_be_read() {
    let device = media("photos=0,movie=5GB");
    let mut mtp = Mtp::connect(device.link(), &options()).expect("a session");
    let handle = handle_of_movie(&mut mtp);
    assert_eq!(mtp.object(handle).expect("an object").size, Some(SIZE));
    let mut end = Vec::new();
    let from = SIZE - 100_000;
    assert_eq!(
        mtp.read(handle, from, SIZE, &mut end).expect("its end"),
        100_000
    );
    // The last block of the film, located by its offset.
    let (_, whole) = media("photos=0,movie=65536").files().remove(0);
    let block = SIZE / 65_536;
    let at = (block * 65_536 - from) as usize;
    let noise: Vec<u8> = whole[64..128].to_vec();
    assert_eq!(&end[at + 64..at + 128], &noise[..]);
}

#[test]
fn one_whose_size_is_not_told_is_named_and_one_without_parts_is_not_begun_inside() {
    let camera = super::support::rescue(media("model=camera,photos=1,movie=5GB"));
    let told = super::support::said(&camera.outcome);
    assert!(told.contains("larger than 4 GiB"), "{told}");
    assert!(!camera.outcome.safe);

    let device = media("photos=0,movie=5GB,no-partial");
    let mut mtp = Mtp::connect(device.link(), &options()).expect("a session");
    let handle = handle_of_movie(&mut mtp);
    let refused = mtp.read(handle, 1, SIZE, &mut Vec::new());
    assert!(matches!(refused, Err(MtpError::OnlyWhole)), "{refused:?}");
}

/// A sink that counts bytes and is full after a given number.
struct Counter(u64, u64);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len() as u64;
        match self.0 <= self.1 {
            true => Ok(bytes.len()),
            false => Err(std::io::ErrorKind::StorageFull.into()),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_device_without_partial_reads_gives_whole_files() {
    let device = media("photos=0,movie=5GB,no-partial");
    let mut mtp = Mtp::connect(device.link(), &options()).expect("a session");
    let handle = handle_of_movie(&mut mtp);
    if std::env::var_os("LIFEBOAT_EVERY_CUT").is_some() {
        let mut all = Counter(0, u64::MAX);
        assert_eq!(mtp.read(handle, 0, SIZE, &mut all).expect("all"), SIZE);
        assert_eq!(all.0, SIZE);
        assert_eq!(mtp.object(handle).expect("an object").size, Some(SIZE));
    }
    // A disk that is full early: too much data is still to come, so the link is given up.
    let full = mtp.read(handle, 0, SIZE, &mut Counter(0, 1_000_000));
    assert!(matches!(full, Err(MtpError::Sink(_))), "{full:?}");
    assert!(mtp.object(handle).expect_err("no link").is_link_lost());
}

#[test]
fn after_a_disk_that_is_full_the_device_is_ready_for_the_next_question() {
    let device = media("photos=0,movie=40MB");
    let mut mtp = Mtp::connect(device.link(), &options()).expect("a session");
    let handle = handle_of_movie(&mut mtp);
    let full = mtp.read(handle, 0, 40_000_000, &mut Counter(0, 20_000_000));
    assert!(matches!(full, Err(MtpError::Sink(_))), "{full:?}");
    assert_eq!(
        mtp.object(handle).expect("an object").size,
        Some(40_000_000)
    );
}
