//! Peers that send arbitrary data.

use super::*;

#[test]
fn a_length_beyond_all_bounds_is_refused_before_memory_is_taken() {
    let (link, device) = at_other_end(|wire| {
        wire.greet(0x0100_0001, 1 << 20, Device::default().banner);
        let open = wire.expect(b"OPEN");
        wire.send(b"OKAY", 1, open.arg0, &[]);
        let mut header = adbd::frame(b"WRTE", 1, open.arg0, &[]);
        header[12..16].copy_from_slice(&[0xff; 4]);
        wire.raw(&header);
        assert!(wire.receive().is_none());
    });
    let result = connect(link).run(&ShellCommand::Date, 10);
    assert!(matches!(result, Err(AdbError::Protocol(_))), "{result:?}");
    device.join().unwrap();

    let (link, device) = serving(Device::default(), |_: &str| {
        Some(Answer::Bytes(vec![1, 0xff, 0xff, 0xff, 0xff, b'x']))
    });
    let adb = connect(link);
    let result = adb.run(&ShellCommand::Date, 10);
    assert!(matches!(result, Err(AdbError::Protocol(_))), "{result:?}");
    drop(adb);
    device.join().unwrap();

    let (link, device) = at_other_end(|wire| wire.greet(0x0100_0001, 0, "device::"));
    let result = Adb::connect(link, patient());
    assert!(matches!(result, Err(AdbError::Protocol(_))), "{result:?}");
    device.join().unwrap();
}

/// A frame, mostly with a valid ADB command word and meaningful numbers.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let known = [
        b"CNXN", b"AUTH", b"OPEN", b"OKAY", b"CLSE", b"WRTE", b"STLS", b"SYNC",
    ];
    let command = prop_oneof![
        20 => prop::sample::select(known.map(|word| *word).to_vec()),
        1 => any::<[u8; 4]>(),
    ];
    let number = || prop_oneof![10 => 0u32..5, 1 => any::<u32>()];
    let payload = prop::collection::vec(any::<u8>(), 0..60);
    (command, number(), number(), payload)
        .prop_map(|(command, a, b, payload)| adbd::frame(&command, a, b, &payload))
}

/// Sends `bytes` to a client that tries every request. The client must come to an end.
fn survive(greeted: bool, bytes: Vec<u8>) {
    let (link, mut theirs) = pipe::pair();
    if greeted {
        let hello = adbd::frame(
            b"CNXN",
            0x0100_0001,
            4096,
            Device::default().banner.as_bytes(),
        );
        theirs
            .writer
            .write_all(&hello, Duration::from_secs(1))
            .unwrap();
    }
    theirs
        .writer
        .write_all(&bytes, Duration::from_secs(1))
        .unwrap();
    theirs.writer.close();
    let began = Instant::now();
    if let Ok(adb) = Adb::connect(link, patient()) {
        let _ = adb.run(&ShellCommand::Date, 1000);
        let _ = adb.sync().list(b"/", 10);
        let _ = adb.sync().recv(b"/a", &mut Vec::new());
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_make_it_panic_or_hang(
        greeted in any::<bool>(),
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        survive(greeted, bytes);
    }

    #[test]
    fn no_frames_make_it_panic_or_hang(
        greeted in any::<bool>(),
        frames in prop::collection::vec(any_frame(), 0..12),
    ) {
        survive(greeted, frames.concat());
    }

    /// A stream with random content: shell packets and sync replies.
    #[test]
    fn no_content_makes_it_panic_or_hang(
        content in prop::collection::vec(
            prop_oneof![
                Just(b"DATA".to_vec()), Just(b"DENT".to_vec()), Just(b"DNT2".to_vec()),
                Just(b"FAIL".to_vec()), Just(b"DONE".to_vec()), Just(b"STAT".to_vec()),
                Just(vec![1, 3, 0, 0, 0]), Just(vec![0; 4]), Just(vec![3, 0, 0, 0]),
                prop::collection::vec(any::<u8>(), 0..30),
            ],
            0..12,
        ),
    ) {
        let content = content.concat();
        let (link, device) = serving(Device::default(), move |_: &str| Some(Answer::Bytes(content.clone())));
        let adb = connect(link);
        let _ = adb.run(&ShellCommand::Date, 1000);
        let mut sync = adb.sync();
        let _ = sync.stat(b"/a");
        let _ = sync.list(b"/", 10);
        let _ = sync.recv(b"/a", &mut Vec::new());
        drop(adb);
        // The scripted adbd may have failed on a write to a stream that it had closed.
        let _ = device.join();
    }
}
