//! Several streams at the same time: slow, cut and silent.

use super::*;

#[test]
fn streams_of_several_threads_run_side_by_side() {
    several_threads(Device::default().banner);
}

#[test]
fn streams_with_windows_run_side_by_side() {
    several_threads(WINDOWS);
}

fn several_threads(banner: &'static str) {
    let device = Device {
        piece: 10_000,
        banner,
        ..Device::default()
    };
    let count = AtomicUsize::new(0);
    let (link, device) = serving(device, move |name: &str| {
        let seed = if name.contains("battery") { 1 } else { 2 };
        count.fetch_add(1, Ordering::SeqCst);
        let data = pattern(seed, 700_000);
        Some(Answer::Bytes(
            [packet(1, &data), packet(3, &[seed as u8])].concat(),
        ))
    });
    let adb = connect(link);
    // Two streams, read in turn from one thread.
    let mut first = adb.shell(&ShellCommand::Battery).unwrap();
    let mut second = adb.shell(&ShellCommand::Users).unwrap();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let (mut a_ends, mut b_ends) = (false, false);
    while !(a_ends && b_ends) {
        for (stream, all, ends) in [
            (&mut first, &mut a, &mut a_ends),
            (&mut second, &mut b, &mut b_ends),
        ] {
            match stream.read().unwrap() {
                Some(Chunk::Stdout(bytes)) => all.extend(bytes),
                Some(_) => {}
                None => *ends = true,
            }
        }
    }
    assert!(a == pattern(1, 700_000) && b == pattern(2, 700_000));
    // Several streams, read from several threads.
    std::thread::scope(|scope| {
        for n in 0..4 {
            let adb = &adb;
            scope.spawn(move || {
                let (command, seed) = match n % 2 {
                    0 => (ShellCommand::Battery, 1),
                    _ => (ShellCommand::Users, 2),
                };
                let output = adb.run(&command, 1 << 20).unwrap();
                assert!(output.stdout == pattern(seed, 700_000));
                assert_eq!(output.exit, Some(seed as u8));
            });
        }
    });
    drop((first, second, adb));
    device.join().unwrap();
}

#[test]
fn a_slow_consumer_holds_back_its_own_stream_only() {
    const SIZE: usize = 24 << 20;
    let device = Device {
        piece: 1 << 20,
        ..Device::default()
    };
    let log = Arc::clone(&device.log);
    let (link, device) = serving(device, |name: &str| {
        let data = match name.contains("battery") {
            true => [
                packet(1, &vec![b'x'; SIZE / 2]),
                packet(1, &vec![b'y'; SIZE / 2]),
            ]
            .concat(),
            false => b"".to_vec(),
        };
        Some(Answer::Bytes([data, packet(3, &[0])].concat()))
    });
    let adb = connect(link);
    let mut slow = adb.shell(&ShellCommand::Battery).unwrap();
    let okays = || {
        std::thread::sleep(Duration::from_millis(700));
        let log = log.lock().unwrap();
        log.iter().filter(|line| line.starts_with("OKAY")).count()
    };
    let unread = okays();
    assert!(
        unread <= 1,
        "nothing much is taken before it is wanted: {unread}"
    );
    let Ok(Some(Chunk::Stdout(first))) = slow.read() else {
        panic!("no data")
    };
    let read = okays();
    assert!((3..=7).contains(&read), "about 4 MiB are taken: {read}");
    assert_eq!(adb.run(&ShellCommand::Users, 10).unwrap().exit, Some(0));
    let output = slow.read_all(SIZE).unwrap();
    assert_eq!(
        (first.len() + output.stdout.len(), output.exit),
        (SIZE, Some(0))
    );
    drop(adb);
    device.join().unwrap();
}

#[test]
fn with_windows_a_stream_that_nobody_reads_holds_up_one_window() {
    const SIZE: usize = 24 << 20;
    let device = Device {
        banner: WINDOWS,
        ..Device::default()
    };
    let log = Arc::clone(&device.log);
    let (link, device) = serving(device, |name: &str| {
        let data = match name.contains("battery") {
            true => packet(1, &vec![b'x'; SIZE / 2]).repeat(2),
            false => Vec::new(),
        };
        Some(Answer::Bytes([data, packet(3, &[0])].concat()))
    });
    let adb = connect(link);
    let unread = adb.shell(&ShellCommand::Battery).unwrap();
    // The second command finishes although the first stream is not read: no more than a window of that one is sent.
    assert_eq!(adb.run(&ShellCommand::Users, 10).unwrap().exit, Some(0));
    assert!(
        !log.lock()
            .unwrap()
            .iter()
            .any(|line| line.starts_with("OKAY"))
    );
    let output = unread.read_all(SIZE).unwrap();
    assert_eq!((output.stdout.len(), output.exit), (SIZE, Some(0)));
    let okays = log
        .lock()
        .unwrap()
        .iter()
        .filter(|line| line.starts_with("OKAY"))
        .count();
    assert!(
        (100..=200).contains(&okays),
        "one for each 128 KiB: {okays}"
    );
    drop(adb);
    device.join().unwrap();
}

#[test]
fn a_window_that_is_passed_is_noticed() {
    for crumbs in [1, 1 << 20] {
        let (link, device) = at_other_end(move |wire| {
            wire.greet(0x0100_0001, 1 << 20, WINDOWS);
            let open = wire.expect(b"OPEN");
            wire.send(b"OKAY", 1, open.arg0, &(32_u32 << 20).to_le_bytes());
            let flood = vec![0; crumbs];
            while wire.send(b"WRTE", 1, open.arg0, &flood) {}
        });
        let adb = connect(link);
        let mut stream = adb.shell(&ShellCommand::Users).unwrap();
        device.join().unwrap();
        let error = loop {
            if let Err(error) = stream.read() {
                break error;
            }
        };
        assert!(matches!(error, AdbError::Protocol(_)), "{error:?}");
    }
}

/// If both sides waited to write, they would wait for ever. Reading must go on while answers can't be sent.
#[test]
fn a_handset_that_takes_nothing_while_it_sends_is_read() {
    let (link, device) = at_other_end(|wire| {
        wire.greet(0x0100_0001, 1 << 20, Device::default().banner);
        let opens: Vec<u32> = (0..40).map(|_| wire.expect(b"OPEN").arg0).collect();
        for client in &opens {
            wire.send(b"OKAY", *client, *client, &[]);
        }
        // The answers to these packets fill the link, and the device takes none of them until it has sent everything.
        for client in &opens {
            wire.send(b"WRTE", *client, *client, &packet(1, &[7; 50_000]));
        }
        for _ in &opens {
            wire.expect(b"OKAY");
        }
        for client in &opens {
            wire.send(b"WRTE", *client, *client, &packet(3, &[0]));
            wire.send(b"CLSE", *client, *client, &[]);
        }
        while wire.receive().is_some() {}
    });
    let adb = connect(narrow(link));
    std::thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                let output = adb.run(&ShellCommand::Battery, 1 << 20).unwrap();
                assert_eq!((output.stdout.len(), output.exit), (50_000, Some(0)));
            });
        }
    });
    drop(adb);
    device.join().unwrap();
}

/// A link that stops taking acknowledgements after the 40th OPEN until the other end has sent its data. USB behaves
/// like this when the device does not read.
fn narrow(link: Link) -> Link {
    struct Narrow {
        writer: Box<dyn LinkWrite>,
        heard: Arc<AtomicUsize>,
        opened: usize,
    }
    impl LinkWrite for Narrow {
        fn write_all(&mut self, bytes: &[u8], timeout: Duration) -> Result<(), LinkError> {
            self.opened += usize::from(bytes.starts_with(b"OPEN"));
            let end = std::time::Instant::now() + timeout;
            while self.opened >= 40
                && bytes.starts_with(b"OKAY")
                && self.heard.load(Ordering::SeqCst) < 2_000_000
            {
                if std::time::Instant::now() > end {
                    return Err(LinkError::TimedOut);
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            self.writer.write_all(bytes, timeout)
        }
        fn close(&mut self) {
            self.writer.close();
        }
    }
    struct Hearing(Box<dyn LinkRead>, Arc<AtomicUsize>);
    impl LinkRead for Hearing {
        fn read(&mut self, buffer: &mut [u8], timeout: Duration) -> Result<usize, LinkError> {
            let count = self.0.read(buffer, timeout)?;
            self.1.fetch_add(count, Ordering::SeqCst);
            Ok(count)
        }
    }
    let heard = Arc::default();
    Link {
        reader: Box::new(Hearing(link.reader, Arc::clone(&heard))),
        writer: Box::new(Narrow {
            writer: link.writer,
            heard,
            opened: 0,
        }),
        name: link.name,
    }
}

#[test]
fn a_handset_that_ignores_flow_control_is_given_up() {
    let (link, device) = at_other_end(|wire| {
        wire.greet(0x0100_0001, 1 << 20, Device::default().banner);
        let open = wire.expect(b"OPEN");
        wire.send(b"OKAY", 1, open.arg0, &[]);
        let flood = vec![0; 1 << 20];
        while wire.send(b"WRTE", 1, open.arg0, &flood) {}
    });
    let adb = connect(link);
    let mut stream = adb.shell(&ShellCommand::Users).unwrap();
    device.join().unwrap();
    let error = loop {
        if let Err(error) = stream.read() {
            break error;
        }
    };
    assert!(matches!(error, AdbError::Protocol(_)), "{error:?}");
}

#[test]
fn a_dropped_stream_is_closed_once_and_a_closed_one_not_at_all() {
    let (link, device) = at_other_end(|wire| {
        wire.greet(0x0100_0001, 4096, Device::default().banner);
        let first = wire.expect(b"OPEN");
        wire.send(b"OKAY", 11, first.arg0, &[]);
        let close = wire.expect(b"CLSE");
        assert_eq!(
            (close.arg0, close.arg1),
            (first.arg0, 11),
            "dropped, so closed"
        );
        // adbd answers a CLSE with a CLSE.
        wire.send(b"CLSE", 11, first.arg0, &[]);
        let second = wire.expect(b"OPEN");
        wire.send(b"OKAY", 12, second.arg0, &[]);
        wire.send(b"CLSE", 12, second.arg0, &[]);
        let third = wire.expect(b"OPEN");
        wire.send(b"OKAY", 13, third.arg0, &[]);
        assert!(wire.receive().is_none(), "the connection was dropped");
    });
    let adb = connect(link);
    drop(adb.shell(&ShellCommand::Battery).unwrap());
    let mut closed = adb.shell(&ShellCommand::Users).unwrap();
    assert!(matches!(closed.read(), Err(AdbError::Truncated)));
    drop(closed);
    let mut late = adb.shell(&ShellCommand::Battery).unwrap();
    drop(adb);
    let error = late.read().unwrap_err();
    assert!(matches!(error, AdbError::Link(LinkError::Closed)));
    drop(late);
    device.join().unwrap();
}

#[test]
fn a_cut_link_ends_every_stream() {
    let (link, device) = at_other_end(|wire| {
        wire.greet(0x0100_0001, 4096, Device::default().banner);
        let opens = [1, 2].map(|n| {
            let open = wire.expect(b"OPEN");
            wire.send(b"OKAY", n, open.arg0, &[]);
            (n, open.arg0)
        });
        for (n, client) in opens {
            wire.send(b"WRTE", n, client, &packet(1, b"rows"));
            let okay = wire.expect(b"OKAY");
            assert_eq!((okay.arg0, okay.arg1), (client, n));
        }
        // The link ends in the middle of a frame.
        wire.raw(&adbd::frame(b"WRTE", 1, 1, &[1; 100])[..60]);
    });
    let adb = connect(link);
    let streams = [ShellCommand::Users, ShellCommand::Date].map(|c| adb.shell(&c).unwrap());
    device.join().unwrap();
    for mut stream in streams {
        assert_eq!(
            stream.read().unwrap(),
            Some(Chunk::Stdout(b"rows".to_vec()))
        );
        let error = stream.read().unwrap_err();
        assert!(
            matches!(error, AdbError::Link(LinkError::Closed)),
            "{error:?}"
        );
        assert!(error.is_link_lost());
    }
    assert!(matches!(
        adb.shell(&ShellCommand::Date),
        Err(AdbError::Link(_))
    ));
}

#[test]
fn silence_is_reported_and_not_treated_as_a_lost_link() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let to = Arc::clone(&told);
    let options = Options {
        on_wait: Arc::new(move |waiting| to.lock().unwrap().push(waiting)),
        ..patient()
    };
    let (link, device) = serving(Device::default(), |_: &str| {
        std::thread::sleep(Duration::from_millis(3700));
        Some(Answer::Bytes(packet(3, &[0])))
    });
    let adb = Adb::connect(link, options).unwrap();
    assert_eq!(adb.run(&ShellCommand::Date, 10).unwrap().exit, Some(0));
    drop(adb);
    device.join().unwrap();
    let told = told.lock().unwrap();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(matches!(told[0], Waiting::Silent(time) if time >= Duration::from_secs(2)));
    assert!(matches!(told[1], Waiting::Silent(time) if time >= Duration::from_secs(3)));
}

#[test]
fn stop_ends_a_wait_for_output() {
    let (link, device) = serving(Device::default(), |_: &str| Some(Answer::Talk));
    let stop = Stop::new();
    let options = Options {
        stop: stop.clone(),
        ..patient()
    };
    let adb = Adb::connect(link, options).unwrap();
    let mut stream = adb.shell(&ShellCommand::Date).unwrap();
    let asked = Arc::new(AtomicBool::new(false));
    let by = Arc::clone(&asked);
    let stopper = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        by.store(true, Ordering::SeqCst);
        stop.stop();
        Instant::now()
    });
    assert!(matches!(stream.read(), Err(AdbError::Stopped)));
    assert!(asked.load(Ordering::SeqCst));
    assert!(stopper.join().unwrap().elapsed() < Duration::from_secs(1));
    drop((stream, adb));
    device.join().unwrap();
}
