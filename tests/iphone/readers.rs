//! Readers of backups by other authors get the same bytes from the practice backups as Lifeboat does:
//! `iphone_backup_decrypt` and `pyiosbackup`. `tests/iphone/readers/setup` installs them.

use std::path::PathBuf;
use std::process::Command;

use lifeboat::practice::iphone_backup::Era;

use crate::backups::{OnDisk, PASSWORD, settings};
use crate::common::cannot::cannot_run;

#[test]
fn other_readers_get_the_same_bytes() {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| std::env::home_dir().unwrap_or_default().join(".cache"));
    let python = cache.join("lifeboat-judges/backups/bin/python");
    if !python.exists() {
        return cannot_run("tests/iphone/readers/setup was not run");
    }
    let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/iphone/readers/read.py");
    for (reader, era, is_encrypted) in [
        ("iphone_backup_decrypt", Era::Ios14, true),
        ("iphone_backup_decrypt", Era::Ios26, true),
        ("pyiosbackup", Era::Ios14, true),
        ("pyiosbackup", Era::Ios26, true),
        ("pyiosbackup", Era::Ios26, false),
        ("pyiosbackup", Era::Ios9, false),
    ] {
        let disk = OnDisk::new(&settings(era, is_encrypted));
        let own = tempfile::tempdir().unwrap();
        for file in &disk.files {
            let place = own.path().join(&file.domain).join(&file.path);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, &file.bytes).unwrap();
        }
        let password = if is_encrypted { PASSWORD } else { "" };
        let read = Command::new(&python)
            .arg(&script)
            .args([reader.as_ref(), disk.path(), own.path()])
            .env("LIFEBOAT_BACKUP_PASSWORD", password)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&read.stderr);
        assert!(
            read.status.success(),
            "{reader} {era:?} {is_encrypted}: {said}"
        );
        let count = String::from_utf8_lossy(&read.stdout);
        // Neither reader takes an encrypted file of no bytes.
        let read = disk
            .files
            .iter()
            .filter(|file| !is_encrypted || !file.bytes.is_empty());
        assert_eq!(count.trim(), read.count().to_string(), "{reader} {era:?}");
    }
}
