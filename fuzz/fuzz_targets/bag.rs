#![no_main]
//! Folders that claim to be a rescue: manifests, tag files and the custody file.

use std::cell::OnceCell;
use std::fs;

use lifeboat::vault::{custody, verify};
use tempfile::TempDir;

thread_local! {
    static FOLDER: OnceCell<TempDir> = const { OnceCell::new() };
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    FOLDER.with(|folder| {
        let folder = folder.get_or_init(|| {
            let memory = std::path::Path::new("/dev/shm");
            let place = if memory.is_dir() {
                memory.to_owned()
            } else {
                std::env::temp_dir()
            };
            let folder = tempfile::tempdir_in(place).unwrap();
            fs::create_dir(folder.path().join("data")).unwrap();
            fs::write(folder.path().join("data/a.txt"), b"a").unwrap();
            folder
        });
        let folder = folder.path();
        let mut parts = data.split(|byte| *byte == 1);
        for name in [
            "manifest-sha256.txt",
            "tagmanifest-sha256.txt",
            "bag-info.txt",
            "bagit.txt",
            "custody.jsonl",
        ] {
            fs::write(folder.join(name), parts.next().unwrap_or_default()).unwrap();
        }
        let report = verify(folder, &mut |_| {}).unwrap();
        assert!(report.ok == report.problems.is_empty());
        let _ = custody::read(folder);
    });
});
