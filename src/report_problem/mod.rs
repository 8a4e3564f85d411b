//! A file for a bug report: the data about a failed rescue that a maintainer needs, with all personal data replaced.
//!
//! [`gather`] reads a rescue folder in any state, and writes nothing into it. The words that are kept are listed in
//! [`structure`]; [`replacer`] replaces all other texts with texts of the same shape. Times and row numbers are kept,
//! since faults in calendars and in resuming can't be reproduced without them.

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

use crate::phrase;
use crate::vault::{DATA, VaultError, bag};
use replacer::Replacer;
use rules::Rules;

/// A report and its contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The file's text.
    pub text: String,
    /// The parts of the file, one line each.
    pub contents: Vec<String>,
    /// Data that could not be read, each a sentence.
    pub unread: Vec<String>,
}

/// The beginning of every report.
const ABOUT: &str = phrase(
    "Lifeboat problem report

Lifeboat has not sent this file anywhere. Read the file, then attach it to your report.

Names, texts, numbers, addresses, file names, serial numbers, accounts and tickets are replaced by made-up text of the same form.
The same word has the same replacement everywhere in this file, and another replacement in every other report.
Kept: make, model and system of the phone, times, row numbers, counts, names of columns, of known programs and folders, and
Lifeboat's own words. Photos and other files are not included.
In replies, \\xHH is a byte that is not text, and \\\\ is a backslash.
",
);

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

/// Returns Lifeboat's version and features, and the computer's system.
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
        format!("system: {}", name.unwrap_or_else(|| "unknown".into())),
    ]
}

/// Reads a rescue folder, finished, unfinished or damaged. The report lists what can't be read. `spare`: an empty
/// private folder, in which a copy of the journal is opened, so that the original journal is not touched.
///
/// # Errors
/// [`VaultError::NotARescue`] if the folder is none, and [`VaultError::Io`] if the folder can't be read.
pub fn gather(folder: &Path, replacer: Replacer, spare: &Path) -> Result<Report, VaultError> {
    if !folder.join(DATA).is_dir() && !folder.join(bag::DECLARATION).is_file() {
        let folder = folder.to_owned();
        return Err(VaultError::NotARescue { folder });
    }
    std::fs::read_dir(folder).map_err(VaultError::io(phrase("read"), folder))?;
    let mut rules = Rules {
        replacer,
        own: vec![env!("CARGO_PKG_VERSION").to_owned()],
    };
    let mut pages = Pages::default();
    pages.report.text.push_str(ABOUT);
    pages.part(phrase("Lifeboat and this computer"));
    let here = about_here();
    for line in &here {
        pages.line(line);
    }
    pages.holds(phrase("Lifeboat's version and features, and this computer's system").into());
    journal::tell(folder, spare, &mut rules, &mut pages);
    folder::tell(folder, &rules, &mut pages);
    pages.part(phrase("Parts that could not be read"));
    let unread = pages.report.unread.clone();
    for line in &unread {
        pages.line(&rules.sentence(line));
    }
    if unread.is_empty() {
        pages.line(phrase("Everything could be read."));
    }
    Ok(pages.report)
}

/// Returns bytes as one line of visible text. Control characters and bytes that are not text are shown as numbers.
fn shown(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push('\t'),
                c if c.is_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
                // These characters change the direction of writing, or are invisible.
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
