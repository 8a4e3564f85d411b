//! A file for a bug report: what a maintainer needs of a rescue that went wrong, with everything personal in it replaced.
//!
//! [`gather`] reads a rescue folder, in whatever state it is, and writes nothing into it. What stays is listed in
//! [`structure`]; [`replacer`] puts other texts of the same shape in place of the rest. Times and row numbers stay, since
//! faults of calendars and of resuming can't be rebuilt without them.

mod devices;
mod folder;
mod journal;
pub mod replacer;
mod replies;
pub mod rules;
pub mod structure;
pub mod units;

use std::path::Path;

pub use devices::{Dump, dump};

use crate::vault::VaultError;
use replacer::Replacer;
use rules::Rules;

/// A report, and what is in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The file's text.
    pub text: String,
    /// What is in it, each a line.
    pub contents: Vec<String>,
    /// What could not be read, each a sentence.
    pub unread: Vec<String>,
}

/// What every report says first.
const ABOUT: &str = "\
Lifeboat problem report

Lifeboat has sent this file nowhere. Read it, then attach it to your report.

Replaced by others of the same shape: names, texts, numbers, addresses, file names, serial numbers, accounts, tickets.
The same word has the same replacement everywhere in this file, and another one in every other report.
Kept: make, model and system of the phone, times, row numbers, counts, names of columns, of known programs and folders, and
Lifeboat's own words. Photos and other files are not in it.
In replies, \\xHH is a byte that is no text, \\\\ a backslash.
";

/// The lines of a report, and the list of its parts.
#[derive(Default)]
struct Pages {
    report: Report,
}

impl Pages {
    fn part(&mut self, title: &str) {
        self.report.text.push_str(&format!("\n== {title}\n"));
    }

    fn line(&mut self, line: &str) {
        self.report.text.push_str(&shown(line.as_bytes()));
        self.report.text.push('\n');
    }

    fn holds(&mut self, what: String) {
        self.report.contents.push(what);
    }

    fn unread(&mut self, what: String) {
        self.report.unread.push(what);
    }
}

/// Lifeboat's version and features, and the computer's system.
pub fn about_here() -> Vec<String> {
    let feature = |name: &str, is_in: bool| is_in.then(|| name.to_owned());
    let features: Vec<String> = [
        feature("seal", cfg!(feature = "seal")),
        feature("thumbnails", cfg!(feature = "thumbnails")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let release = read("/etc/os-release");
    let name = release
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))
        .map(|name| name.trim_matches('"').to_owned());
    vec![
        concat!("Lifeboat ", env!("CARGO_PKG_VERSION")).to_owned(),
        format!(
            "features: {}",
            match features.is_empty() {
                true => "none".to_owned(),
                false => features.join(", "),
            }
        ),
        format!(
            "computer: {} {} {}",
            std::env::consts::OS,
            std::env::consts::ARCH,
            read("/proc/sys/kernel/osrelease").trim()
        ),
        format!("system: {}", name.unwrap_or_else(|| "not told".into())),
    ]
}

/// Reads what a rescue folder holds, finished, unfinished or damaged. What can't be read is said in the report. `spare`:
/// an empty private folder, in which a copy of the journal is opened, so that the rescue's own stays untouched.
///
/// # Errors
/// [`VaultError::Io`] where there is no such folder.
pub fn gather(folder: &Path, replacer: Replacer, spare: &Path) -> Result<Report, VaultError> {
    std::fs::read_dir(folder).map_err(VaultError::io("read", folder))?;
    let mut rules = Rules {
        replacer,
        own: vec![env!("CARGO_PKG_VERSION").to_owned()],
    };
    let mut pages = Pages::default();
    pages.report.text.push_str(ABOUT);
    pages.part("Lifeboat and this computer");
    let here = about_here();
    for line in &here {
        pages.line(line);
    }
    pages.holds("Lifeboat's version and features, and this computer's system".into());
    journal::tell(folder, spare, &mut rules, &mut pages);
    folder::tell(folder, &rules, &mut pages);
    pages.part("What could not be read");
    let unread = pages.report.unread.clone();
    for line in &unread {
        pages.line(&rules.sentence(line));
    }
    if unread.is_empty() {
        pages.line("Everything could be read.");
    }
    Ok(pages.report)
}

/// Text that a person can look at: one line, every control character and every byte that is no text by its number.
fn shown(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push('\t'),
                c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
                // They turn the direction of writing, or can't be seen.
                '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}' => {
                    out.push_str(&format!("\\u{{{:04x}}}", u32::from(c)));
                }
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            out.push_str(&format!("\\x{byte:02x}"));
        }
    }
    out
}
