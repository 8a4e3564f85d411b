//! Rescues of cards, and disks in memory.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::folder_in_memory;
use lifeboat::format::disk::{Blocks, Disk, ReadError};
use lifeboat::handset::Handset;
use lifeboat::handset::files_only::FilesOnly;
use lifeboat::handset::memory_card::{self, MemoryCard};
use lifeboat::model::{Advice, Collection, Stop};
use lifeboat::practice::card::{PracticeCard, Settings};
use lifeboat::rescue::{CollectionOutcome, Outcome, Target, run};

/// A rescue of a card.
pub struct Rescued {
    pub outcome: Outcome,
    pub folder: PathBuf,
    /// Removed with its contents at the end of the test.
    pub parent: tempfile::TempDir,
}

impl Rescued {
    pub fn photos(&self) -> &CollectionOutcome {
        let mut all = self.outcome.collections.iter();
        all.find(|c| c.name == Collection::Files).expect("photos")
    }

    pub fn said(&self) -> String {
        self.photos().notes.join("\n")
    }
}

/// Rescues a practice card, to the end or until the rescue breaks off.
pub fn rescue(card: &PracticeCard) -> Rescued {
    let parent = folder_in_memory();
    let target = Target::New(parent.path().to_owned());
    go(&mut FilesOnly::new(opened(card)), target, parent)
}

/// Resumes the rescue.
pub fn resume(card: &PracticeCard, rescued: Rescued) -> Rescued {
    let target = Target::Resume(rescued.folder);
    go(&mut FilesOnly::new(opened(card)), target, rescued.parent)
}

/// Plugs the card in, again if its cable comes out at once.
fn opened(card: &PracticeCard) -> MemoryCard {
    loop {
        card.plug_in();
        let struck = card.struck();
        match memory_card::open_usb(card.link(), 0, &Stop::new()) {
            Ok(opened) => return opened,
            Err(error) => assert!(error.is_link_lost() && card.struck() > struck, "{error}"),
        }
    }
}

/// Rescues an image file.
pub fn rescue_image(image: &Path) -> Rescued {
    let parent = folder_in_memory();
    let target = Target::New(parent.path().to_owned());
    let card = memory_card::open_image(image, &Stop::new()).expect("an image");
    go(&mut FilesOnly::new(card), target, parent)
}

fn go(handset: &mut dyn Handset, target: Target, parent: tempfile::TempDir) -> Rescued {
    let request = crate::common::request(target, "--practice card");
    let outcome = run(handset, &request, &Stop::new(), &mut |_| {})
        .unwrap_or_else(|e| panic!("{e}: {}", e.advice()));
    Rescued {
        folder: PathBuf::from(&outcome.folder),
        outcome,
        parent,
    }
}

/// A card with changed settings.
pub fn card(change: impl FnOnce(&mut Settings)) -> PracticeCard {
    let mut settings = Settings::default();
    change(&mut settings);
    PracticeCard::new(settings)
}

/// A disk that holds these ranges of bytes, and zeros elsewhere, without storing the zeros.
pub struct Sparse {
    pub size: u64,
    pub stretches: Vec<(u64, Vec<u8>)>,
}

impl Blocks for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn block(&self) -> u32 {
        512
    }

    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        buffer.fill(0);
        let end = at + buffer.len() as u64;
        for (from, bytes) in &self.stretches {
            let (first, last) = (at.max(*from), end.min(from + bytes.len() as u64));
            if first < last {
                let (to, length) = ((first - at) as usize, (last - first) as usize);
                let source = (first - from) as usize;
                buffer[to..to + length].copy_from_slice(&bytes[source..source + length]);
            }
        }
        Ok(())
    }
}

/// A disk with these bytes.
pub fn disk(bytes: Vec<u8>) -> Disk {
    let size = bytes.len() as u64 / 512 * 512;
    let stretches = vec![(0, bytes)];
    Disk::new(Box::new(Sparse { size, stretches }))
}

/// Runs a program. Returns `None`, with a notice, if it is not installed.
pub fn program(name: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(name)
        .args(arguments)
        .env("MTOOLS_SKIP_CHECK", "1")
        // A card's times have no time zone and are taken for UTC.
        .env("TZ", "UTC0")
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        crate::common::cannot::cannot_run(&format!("no {name} here"));
        return None;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{name} {arguments:?}: {said}{wrong}"
    );
    Some(said)
}
