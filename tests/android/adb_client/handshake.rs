//! How a connection begins, and how the owner permits it.

use super::keys::{is_signed, keys};
use super::*;
use lifeboat::model::Advice as _;
use lifeboat::protocol::adb::ALLOW;

#[test]
fn a_modern_handshake_is_without_check_sums_afterwards() {
    let (link, device) = serving(Device::default(), |name: &str| {
        assert_eq!(name, "shell,v2,raw:getprop");
        Some(Answer::Bytes(
            [packet(1, b"[a]: [b]\n"), packet(3, &[0])].concat(),
        ))
    });
    let adb = connect(link);
    assert_eq!(adb.banner().system_type, SystemType::Device);
    assert_eq!(adb.banner().properties["ro.product.model"], "Test");
    assert!(adb.banner().has("shell_v2") && !adb.banner().has("delayed_ack"));
    let output = adb.run(&ShellCommand::GetProp, 1000).unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.exit),
        (&b"[a]: [b]\n"[..], Some(0))
    );
    drop(adb);
    device.join().unwrap();
}

#[test]
fn an_old_handshake_keeps_check_sums_both_ways_and_small_payloads() {
    let device = || Device {
        version: 0x0100_0000,
        max_payload: 4096,
        banner: "device::",
        piece: 4096,
        ..Device::default()
    };
    let (link, thread) = serving(device(), |_: &str| Some(Answer::Bytes(vec![0xfe; 9000])));
    let adb = connect(link);
    assert_eq!(
        adb.run(&ShellCommand::Date, 9000).unwrap().stdout,
        vec![0xfe; 9000]
    );
    assert!(matches!(
        adb.run(&ShellCommand::Date, 8999),
        Err(AdbError::ReplyTooLong { limit: 8999 })
    ));
    let long = ShellCommand::ContentQuery(Query {
        uri: ContentUri::Events,
        user: None,
        projection: vec![],
        filter: Some("_id=1 OR ".repeat(500)),
        sort: None,
    });
    assert!(matches!(
        adb.shell(&long),
        Err(AdbError::RequestTooLong { limit: 4096, .. })
    ));
    drop(adb);
    thread.join().unwrap();

    let (link, thread) = at_other_end(move |wire| {
        wire.greet(0x0100_0000, 4096, "device::");
        let open = wire.expect(b"OPEN");
        wire.send(b"OKAY", 1, open.arg0, &[]);
        let mut damaged = adbd::frame(b"WRTE", 1, open.arg0, b"data");
        damaged[24] ^= 1;
        wire.raw(&damaged);
        assert!(wire.receive().is_none(), "the link is given up");
    });
    let adb = connect(link);
    let result = adb.run(&ShellCommand::Date, 100);
    assert!(matches!(result, Err(AdbError::Protocol(_))), "{result:?}");
    thread.join().unwrap();
}

#[test]
fn the_rest_of_a_former_session_is_skipped_but_not_for_ever() {
    let (link, device) = at_other_end(|wire| {
        // The end of an earlier payload that contains byte sequences like headers.
        wire.raw(&[&[0xa5; 5003][..], b"WRTEWRTECNXN", &[0; 30], b"OKA"].concat());
        for n in 0..20 {
            wire.send(b"WRTE", n, 3, &[n as u8; 300]);
            wire.send(b"CLSE", n, 3, &[]);
        }
        Device::default().serve(wire, &mut |_: &str| Some(Answer::Bytes(packet(3, &[7]))));
    });
    let adb = connect(link);
    assert_eq!(adb.run(&ShellCommand::Users, 10).unwrap().exit, Some(7));
    drop(adb);
    device.join().unwrap();

    let (link, device) = at_other_end(|wire| while wire.send(b"OKAY", 1, 1, &[]) {});
    let result = Adb::connect(link, patient());
    assert!(matches!(result, Err(AdbError::Protocol(_))), "{result:?}");
    device.join().unwrap();
    let (link, device) = at_other_end(|wire| while wire.raw(&[0xff; 9999]) {});
    let result = Adb::connect(link, patient());
    assert!(matches!(result, Err(AdbError::Protocol(_))), "{result:?}");
    device.join().unwrap();
}

#[test]
fn silence_and_tls_are_distinguished() {
    let (link, theirs) = pipe::pair();
    let options = Options {
        handshake_timeout: Duration::from_millis(400),
        ..Options::default()
    };
    let error = Adb::connect(link, options).unwrap_err();
    assert!(matches!(error, AdbError::NoAnswer(_)));
    assert!(error.advice().contains("USB debugging"));
    drop(theirs);

    let (link, device) = at_other_end(|wire| {
        wire.expect(b"CNXN");
        wire.send(b"STLS", 0x0100_0000, 0, &[]);
    });
    let error = Adb::connect(link, patient()).unwrap_err();
    assert!(matches!(error, AdbError::NeedsTls));
    assert!(error.advice().contains("USB cable"));
    device.join().unwrap();
}

/// Refuses `refuse` signatures, each with a fresh token, and checks them against `keys`. Then accepts the public key
/// that the client offers, or the signature of `accept`.
fn permission(wire: &mut Wire, keys: &[Key], accept: Option<&Key>) -> Option<String> {
    wire.expect(b"CNXN");
    for (n, key) in keys.iter().enumerate() {
        let token = [n as u8 + 1; 20];
        wire.send(b"AUTH", 1, 0, &token);
        let reply = wire.expect(b"AUTH");
        assert_eq!((reply.arg0, reply.sum), (2, adbd::sum(&reply.payload)));
        assert!(is_signed(key, &token, &reply.payload), "signature {n}");
        assert!(!is_signed(key, &[0xff; 20], &reply.payload));
    }
    let token = [0xee; 20];
    wire.send(b"AUTH", 1, 0, &token);
    let reply = wire.expect(b"AUTH");
    if let Some(key) = accept {
        assert_eq!(reply.arg0, 2);
        assert!(is_signed(key, &token, &reply.payload));
        return None;
    }
    assert_eq!(reply.arg0, 3);
    let offered = String::from_utf8(reply.payload).unwrap();
    Some(offered.strip_suffix(" lifeboat@host\0").unwrap().to_owned())
}

#[test]
fn known_keys_are_tried_first_then_our_own_is_made_and_offered() {
    let folder = tempfile::tempdir().unwrap();
    let own = OwnKey::at(folder.path().join("config/lifeboat/adbkey"));
    let waited = Arc::new(AtomicUsize::new(0));
    let options = || {
        let waited = Arc::clone(&waited);
        Options {
            keys: keys().to_vec(),
            own_key: Some(own.clone()),
            on_wait: Arc::new(move |waiting| {
                if waiting == Waiting::ForPermission(ALLOW) {
                    waited.fetch_add(1, Ordering::SeqCst);
                }
            }),
            ..patient()
        }
    };
    let offered = Arc::new(Mutex::new(String::new()));
    let to_device = Arc::clone(&offered);
    let (link, device) = at_other_end(move |wire| {
        *to_device.lock().unwrap() = permission(wire, keys(), None).unwrap();
        // adbd asks again after it was restarted, while the owner still has to answer.
        wire.send(b"AUTH", 1, 0, &[9; 20]);
        std::thread::sleep(Duration::from_millis(1300));
        wire.send(b"CNXN", 0x0100_0001, 4096, b"device::");
        assert!(wire.receive().is_none(), "nothing more is said");
    });
    let adb = Adb::connect(link, options()).unwrap();
    drop(adb);
    device.join().unwrap();
    let told = waited.load(Ordering::SeqCst);
    assert!((2..=4).contains(&told), "about once a second: {told}");

    let made = Key::load(own.path()).unwrap();
    assert_eq!(made.public(), *offered.lock().unwrap());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(own.path()), 0o600);
        assert_eq!(mode(own.path().parent().unwrap()), 0o700);
    }
    let left = std::fs::read_dir(own.path().parent().unwrap()).unwrap();
    assert_eq!(left.count(), 1, "no draft is left");

    // The next connection finds the stored key, and the handset knows it.
    let (link, device) = at_other_end(move |wire| {
        assert_eq!(permission(wire, keys(), Some(&made)), None);
        wire.send(b"CNXN", 0x0100_0001, 4096, b"device::");
    });
    Adb::connect(link, options()).unwrap();
    device.join().unwrap();
}

#[test]
fn no_key_is_made_for_a_handset_that_knows_one() {
    let folder = tempfile::tempdir().unwrap();
    let own = OwnKey::at(folder.path().join("adbkey"));
    let options = Options {
        keys: keys().to_vec(),
        own_key: Some(own.clone()),
        ..patient()
    };
    let (link, device) = at_other_end(|wire| {
        permission(wire, &keys()[..1], Some(&keys()[1]));
        wire.send(b"CNXN", 0x0100_0001, 4096, b"device::");
    });
    Adb::connect(link, options).unwrap();
    device.join().unwrap();
    assert!(!own.path().exists());
}

#[test]
fn waiting_for_permission_ends_at_once_on_stop() {
    let (link, device) = at_other_end(|wire| {
        permission(wire, keys(), None);
        assert!(wire.receive().is_none(), "the link is closed");
    });
    let stop = Stop::new();
    let (stops, asked) = (stop.clone(), Arc::new(Mutex::new(None)));
    let seen = Arc::clone(&asked);
    let options = Options {
        keys: keys().to_vec(),
        stop,
        on_wait: Arc::new(move |waiting| {
            if waiting == Waiting::ForPermission(ALLOW) {
                *seen.lock().unwrap() = Some(Instant::now());
                stops.stop();
            }
        }),
        ..patient()
    };
    let error = Adb::connect(link, options).unwrap_err();
    assert!(matches!(error, AdbError::Stopped));
    let asked = asked.lock().unwrap().expect("to be told");
    assert!(asked.elapsed() < Duration::from_secs(1));
    device.join().unwrap();
}

#[test]
fn without_any_key_the_need_for_one_is_said() {
    let (link, device) = at_other_end(|wire| {
        wire.expect(b"CNXN");
        wire.send(b"AUTH", 1, 0, &[1; 20]);
    });
    let error = Adb::connect(link, patient()).unwrap_err();
    assert!(matches!(error, AdbError::NoKey));
    device.join().unwrap();
}
