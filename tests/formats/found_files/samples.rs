//! Reads every sample file and compares a table of the results by folder.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use lifeboat::format::found;

/// A sample.
pub struct Sample {
    pub path: PathBuf,
    /// Its folder, relative to the samples.
    pub folder: String,
    pub bytes: Vec<u8>,
}

/// The folder of the shared samples. Returns `None` and prints a notice if it does not exist.
pub fn folder() -> Option<PathBuf> {
    let shared = std::env::var_os("LIFEBOAT_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let folder = shared.join("samples");
    if !folder.is_dir() {
        crate::common::cannot::cannot_run("the shared samples are not here");
        return None;
    }
    Some(folder)
}

/// All samples, in order.
pub fn all() -> Option<Vec<Sample>> {
    let root = folder()?;
    let mut paths = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else {
                let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
                if ["vcf", "vcs", "ics"].iter().any(|known| ending == *known) {
                    paths.push(path);
                }
            }
        }
    }
    paths.sort();
    let read = |path: PathBuf| Sample {
        folder: path
            .parent()
            .and_then(|parent| parent.strip_prefix(&root).ok())
            .map(|folder| folder.to_string_lossy().into_owned())
            .unwrap_or_default(),
        bytes: std::fs::read(&path).expect("a file"),
        path,
    };
    Some(paths.into_iter().map(read).collect())
}

#[derive(Default)]
struct Row {
    files: usize,
    counts: [usize; 4],
    faults: BTreeMap<String, usize>,
}

#[test]
fn every_sample_is_read_and_the_counts_hold() {
    let Some(files) = all() else { return };
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for sample in files {
        let name = sample.path.to_string_lossy();
        let found = found::read(&name, &sample.bytes);
        let row = rows.entry(sample.folder).or_default();
        row.files += 1;
        let counts = [
            found.contacts.len(),
            found.events.len(),
            found.todos.len(),
            found.notes.len(),
        ];
        for (sum, count) in row.counts.iter_mut().zip(counts) {
            *sum += count;
        }
        for unreadable in found.unreadable.list {
            *row.faults
                .entry(format!("{:?}", unreadable.fault))
                .or_default() += 1;
        }
    }
    let mut table = String::new();
    for (folder, row) in rows {
        let [cards, events, todos, notes] = row.counts;
        let _ = writeln!(
            table,
            "{folder}: {} files: {cards} contacts, {events} events, {todos} to-dos, {notes} notes",
            row.files
        );
        for (fault, count) in row.faults {
            let _ = writeln!(table, "    {count} {fault}");
        }
    }
    insta::assert_snapshot!("samples", table);
}
