#![no_main]
//! Files with arbitrary names on a handset. Each copy must get its own place inside the payload folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Component, Path};

use lifeboat::model::{FileKind, HandsetFile, HandsetPath};
use lifeboat::vault::store::FileStore;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let memory = Path::new("/dev/shm");
    let folder = match memory.is_dir() {
        true => tempfile::tempdir_in(memory),
        false => tempfile::tempdir(),
    }
    .unwrap();
    fs::create_dir(folder.path().join("data")).unwrap();
    let mut store = FileStore::new(folder.path(), std::iter::empty());
    let mut places = BTreeSet::new();
    for (number, name) in data.split(|byte| *byte == 0).take(8).enumerate() {
        let file = HandsetFile {
            path: HandsetPath(name.to_vec()),
            relative: HandsetPath(name.to_vec()),
            kind: match number % 2 {
                0 => FileKind::Photo,
                _ => FileKind::Data,
            },
            ..HandsetFile::default()
        };
        let mut partial = store.begin(&file).unwrap();
        partial.write_all(&[number as u8]).unwrap();
        let copy = store.put(partial, &file).unwrap();
        let place = Path::new(&copy.place);
        let plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        assert!(place.components().all(plain), "{place:?}");
        let bytes = fs::read(folder.path().join("data").join(place)).unwrap();
        assert_eq!(bytes, [number as u8], "{place:?}");
        assert!(places.insert(copy.place.to_lowercase()), "{place:?}");
    }
});
