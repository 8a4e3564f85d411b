//! Progress of a rescue on standard error: a bar on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::bytes::{draw, drawn};
use super::connect::is_watched;
use crate::model::{Charger, Collection, Health, Holding, size};
use crate::phrase;
use crate::rescue::Progress;

/// Number of bytes between two progress lines, if there is no bar.
const TOLD_BYTES: u64 = 1_000_000_000;

/// Maximum time without a progress line while files are written, if there is no bar.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// Number of items between two progress lines, if there is no bar.
const TOLD_THINGS: u64 = 5_000;

/// Reports progress to a person.
pub struct ProgressPrinter {
    is_linear: bool,
    watched: bool,
    /// The current line holds a bar.
    open: bool,
    /// Number of items or bytes last reported, if there is no bar.
    told: u64,
    /// Number of items in the current collection, as counted by the phone.
    says: Option<u64>,
    /// Last message about the battery.
    battery: String,
    /// The folder that was reported.
    folder: Option<PathBuf>,
    /// Number of items in each collection, as counted by the phone.
    known: BTreeMap<Collection, Option<u64>>,
    /// Number of safe bytes of files, and total number.
    files: Option<(u64, u64)>,
    /// Collections that were reported as completely safe, with their numbers of items.
    safe: BTreeMap<Collection, u64>,
    /// The phone cannot be read at the moment.
    waits: bool,
    /// Reason why the last unreadable collection is closed.
    closed: String,
    /// Time of the last line.
    lined: Instant,
}

impl ProgressPrinter {
    pub fn new() -> Self {
        Self::drawing(is_watched())
    }

    /// Reports in lines alone, without a bar.
    pub fn linear() -> Self {
        Self {
            is_linear: true,
            ..Self::drawing(false)
        }
    }

    /// True in the linear mode, which asks what to do next.
    pub fn is_linear(&self) -> bool {
        self.is_linear
    }

    fn drawing(watched: bool) -> Self {
        Self {
            watched,
            is_linear: false,
            open: false,
            told: 0,
            says: None,
            battery: String::new(),
            folder: None,
            known: BTreeMap::new(),
            files: None,
            safe: BTreeMap::new(),
            waits: false,
            closed: String::new(),
            lined: Instant::now(),
        }
    }

    pub fn tell(&mut self, progress: &Progress) {
        match progress {
            Progress::Offered(_) | Progress::Current { .. } | Progress::Window(_) => {}
            Progress::Folder(folder) if self.folder.as_deref() == Some(folder) => {}
            Progress::Folder(folder) => {
                self.line(&phrase!("Saving to {}", folder.display()));
                self.folder = Some(folder.clone());
            }
            Progress::Health(health) => self.health(health),
            Progress::Looking(what) => {
                self.told = 0;
                self.bar(&phrase!("{:<10} checking contents", title(*what)));
            }
            Progress::LookingAgain(what) => {
                self.bar(&phrase!("{:<10} checking for changes", title(*what)));
            }
            Progress::Surveyed(what, holding) => self.surveyed(*what, holding),
            // For files, the number of bytes is reported instead.
            Progress::Safe { what, .. } if what.is_files() => {}
            Progress::Safe {
                what,
                rows,
                of,
                things,
            } => self.safe(*what, *things, *of == Some(*rows)),
            Progress::Copied {
                what,
                bytes,
                safe,
                of_bytes,
            } => self.copied(*what, *bytes, *safe, *of_bytes),
            Progress::Read(what) => self.read(*what),
            // Safe data is also written while the phone is waited for. This is not the end.
            Progress::Writing | Progress::Sealing if self.waits => {}
            Progress::Written { .. } | Progress::ReadBack { .. } | Progress::Checked { .. }
                if self.waits => {}
            Progress::Written { records, of } => {
                self.far(phrase("Writing the files"), *records, *of, |n| {
                    n.to_string()
                });
            }
            Progress::ReadBack { cards, of } => {
                self.far(phrase("Checking the contact files"), *cards, *of, |n| {
                    n.to_string()
                });
            }
            Progress::Writing => self.line(phrase("Writing the files")),
            Progress::Sealing => self.line(phrase("Checking the files and finishing the folder")),
            Progress::Checked { bytes, of_bytes } => {
                self.far(phrase("Checking the files"), *bytes, *of_bytes, size);
            }
            Progress::Advice(text) => self.line(&format!("! {text}")),
            Progress::Lost => {
                self.waits = true;
                self.line(phrase(
                    "! The connection to the phone was lost. Writing the saved data to files.",
                ))
            }
            Progress::Locked(unlock_it) => {
                self.waits = true;
                self.line(&phrase!("! The phone is locked. {unlock_it}"));
            }
            Progress::Needs(what) => self.line(&format!("! {what}")),
            Progress::Back => {
                self.waits = false;
                self.line(phrase("The phone can be read again. The rescue continues."));
            }
        }
    }

    /// Prints a line, after removing the bar.
    pub fn line(&mut self, text: &str) {
        self.end_bar();
        self.lined = Instant::now();
        say!("{text}");
    }

    fn health(&mut self, health: &Health) {
        if let Some(percent) = health.battery_percent {
            let charger = match health.charger {
                Charger::Charging => phrase(", charging"),
                Charger::NotCharging => phrase(", not charging"),
                Charger::Unknown => "",
            };
            let battery = phrase!("Battery {percent} %{charger}");
            if battery != self.battery {
                self.line(&battery);
                self.battery = battery;
            }
        }
    }

    fn surveyed(&mut self, what: Collection, holding: &Holding) {
        if let Some(reason) = holding
            .unreadable
            .as_ref()
            .or(holding.out_of_reach.as_ref())
        {
            let told = match self.closed == *reason {
                true => phrase("for the same reason"),
                false => reason,
            };
            self.line(&format!("{:<10} {told}", title(what)));
            self.closed.clone_from(reason);
            return;
        }
        self.closed.clear();
        self.says = holding.handset_says;
        // Counts that were reported before a short disconnection are not repeated.
        if self.known.insert(what, self.says) == Some(self.says) {
            return;
        }
        if let Some(says) = holding.handset_says {
            self.line(&phrase!("{:<10} {says} on the phone", title(what)));
        }
    }

    /// Reports safe items. `things`: their number as people and the phone count them.
    fn safe(&mut self, what: Collection, things: u64, is_complete: bool) {
        let title = title(what);
        match self.says.filter(|says| *says >= things && *says > 0) {
            Some(says) if self.watched => self.bar(&phrase!(
                "{title:<10} {} {things} of {says} saved",
                drawn(things, says)
            )),
            None if self.watched => self.bar(&phrase!("{title:<10} {things} saved")),
            _ if is_complete && self.safe.insert(what, things) == Some(things) => {}
            _ if (is_complete && things > 0) || things >= self.told + TOLD_THINGS => {
                self.told = things;
                self.line(&phrase!("{title:<10} {things} saved"));
            }
            _ => {}
        }
    }

    /// Reports copied bytes. The bytes of a file are safe after the whole file is on disk.
    fn copied(&mut self, what: Collection, bytes: u64, safe: u64, of: u64) {
        self.files = Some((safe, of));
        let title = title(what);
        if self.watched {
            let (bar, safe, of) = (drawn(bytes, of), size(safe), size(of));
            self.bar(&phrase!("{title:<10} {bar} {safe} of {of} saved"));
        } else if safe >= self.told + TOLD_BYTES {
            self.told = safe;
            self.line(&files_safe(what, safe, of));
        }
    }

    /// Reports the end of a collection.
    fn read(&mut self, what: Collection) {
        let files = self.files.take_if(|_| what.is_files());
        match files.filter(|(_, of)| *of > 0 && !self.watched) {
            Some((safe, of)) => self.line(&files_safe(what, safe, of)),
            None => self.end_bar(),
        }
    }

    /// Reports progress: as a bar, or as an occasional line.
    fn far(&mut self, doing: &str, done: u64, of: u64, shown: impl Fn(u64) -> String) {
        let amount = phrase!("{} of {}", shown(done), shown(of));
        if self.watched {
            self.bar(&format!("{doing} {} {amount}", drawn(done, of)));
        } else if self.lined.elapsed() >= LINE_EVERY {
            self.line(&format!("{doing}: {amount}"));
        }
    }

    /// Overwrites the current line.
    fn bar(&mut self, text: &str) {
        if self.watched {
            draw(text);
            self.open = true;
        }
    }

    fn end_bar(&mut self) {
        if std::mem::take(&mut self.open) {
            say!("");
        }
    }
}

fn files_safe(what: Collection, safe: u64, of: u64) -> String {
    let title = title(what);
    phrase!("{title:<10} {} of {} saved", size(safe), size(of))
}

/// Returns the title of a collection whose content is not known yet. Files may be photos or anything else.
fn title(what: Collection) -> &'static str {
    match what.is_files() {
        true => phrase("Files"),
        false => what.title(),
    }
}
