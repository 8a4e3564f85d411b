//! Reading files through `sync:`.

use super::*;

#[test]
fn files_are_read_by_old_and_new_verbs() {
    let new = Device::default().banner;
    for (banner, piece) in [
        ("device::", 64 << 10),
        (new, 64 << 10),
        (new, 5),
        ("device::", 7),
        (WINDOWS, 64 << 10),
        (WINDOWS, 5),
    ] {
        let v2 = banner != "device::";
        let content = pattern(3, if piece < 100 { 500 } else { 200_000 });
        let files = Files {
            content: content.clone(),
            ..Files::default()
        };
        let asked = Arc::clone(&files.asked);
        let device = Device {
            piece,
            banner,
            ..Device::default()
        };
        let (link, device) = serving(device, files);
        let adb = connect(link);
        let mut sync = adb.sync();
        let stat = sync.stat(b"/sdcard/a.jpg").unwrap().unwrap();
        assert!(stat.is_file() && stat.exact == v2);
        assert_eq!(
            (stat.size, stat.modified),
            (content.len() as u64, 1_700_000_000)
        );
        assert!(sync.stat(b"/sdcard").unwrap().unwrap().is_folder());
        assert_eq!(sync.stat(b"/nowhere").unwrap(), None);
        let big = sync.stat(b"/sdcard/big").unwrap().unwrap();
        assert_eq!(big.size, if v2 { BIG } else { BIG & 0xffff_ffff });
        let closed = sync.stat(b"/data");
        match v2 {
            true => assert!(
                matches!(closed, Err(AdbError::File { message, .. }) if message == "permission denied")
            ),
            false => assert_eq!(closed.unwrap(), None),
        }
        let listing = sync.list(b"/sdcard", 100).unwrap();
        let names: Vec<_> = listing.entries.iter().map(|e| e.name.as_slice()).collect();
        match v2 {
            true => assert_eq!(names, [&b"a.jpg"[..], b"big", b"gone"]),
            false => assert_eq!(names, [&b"a.jpg"[..], b"big"]),
        }
        assert!(!listing.cut);
        assert_eq!(
            listing.entries[0].stat.as_ref().unwrap().size,
            content.len() as u64
        );
        let cut = sync.list(b"/sdcard", 1).unwrap();
        assert!(cut.cut && cut.entries.len() == 1);

        let mut got = Vec::new();
        assert_eq!(
            sync.recv(b"/sdcard/a.jpg", &mut got).unwrap(),
            content.len() as u64
        );
        assert!(got == content);
        let mut got = Vec::new();
        let error = sync.recv(b"/data/secret", &mut got).unwrap_err();
        assert!(got.is_empty(), "a message is no data");
        assert_eq!(
            error.to_string(),
            "/data/secret on the phone could not be read: open failed: Permission denied [2J"
        );
        let error = sync.recv(b"/sdcard/breaks", &mut got).unwrap_err();
        assert!(error.to_string().contains("read failed"));
        assert_eq!(got, b"four");
        let huge = sync.recv(b"/sdcard/huge", &mut got);
        assert!(matches!(huge, Err(AdbError::Protocol(_))));
        // A failed request must not break the next one.
        assert!(sync.stat(b"/sdcard/a.jpg").unwrap().is_some());
        let long = sync.stat(&[b'a'; 1025]);
        assert!(matches!(
            long,
            Err(AdbError::RequestTooLong { limit: 1024, .. })
        ));
        assert!(matches!(sync.stat(b"/a\0b"), Err(AdbError::NulInRequest)));
        drop(adb);
        device.join().unwrap();
        let asked = asked.lock().unwrap();
        let want = if v2 {
            ["LST2", "LIS2", "RCV2"]
        } else {
            ["STAT", "LIST", "RECV"]
        };
        assert!(
            asked.iter().all(|line| want.contains(&&line[..4])),
            "{asked:?}"
        );
    }
}
