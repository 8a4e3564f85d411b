#![no_main]
//! What a backup of an iPhone consists of: property lists, rows of `Manifest.db`, `Manifest.mbdb`, and keybags.

use lifeboat::format::iphone_backup::{Keybag, Mbdb, decrypt_10_0, mbfile};
use lifeboat::format::plist::{Limit, Plist};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let limit = Limit {
        values: 10_000,
        bytes: 1 << 20,
    };
    if let Ok(list) = Plist::parse(data, limit) {
        let _ = list.archived_root();
        assert_eq!(format!("{list:?}"), format!("{:?}", Plist::parse(data, limit).unwrap()));
    }
    if let Ok(file) = mbfile(data) {
        assert!(file.key.is_none_or(|key| key.len() == 40));
    }
    if let Ok(mut list) = Mbdb::new(data) {
        let mut count = 0;
        while let Ok(Some(entry)) = list.next_entry() {
            count += 1;
            assert!(entry.key.is_none_or(|key| key.len() == 40));
        }
        // An entry has at least 41 bytes.
        assert!(count <= data.len() / 41);
    }
    // A keybag may ask for any number of rounds: one report ends the derivation.
    if let Ok(bag) = Keybag::parse(data) {
        let mut reports = 0;
        let unlocked = bag.unlock("password", &mut |part| {
            reports += 1;
            assert!((0.0..=1.0).contains(&part));
            reports < 2
        });
        assert!(unlocked.is_err());
    }
    let _ = decrypt_10_0(data, "password", b"salt");
});
