//! `lifeboat report-problem`.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};

use super::{OK, connect};
use crate::phrase;
use crate::report_problem::replacer::Replacer;
use crate::report_problem::{Report, gather};
use crate::system::private;
use crate::vault::for_display;

/// Maximum number of reports with the same date that get different names.
const MOST_A_DAY: u32 = 999;

/// Makes a file for a bug report from a rescue folder, and tells what it contains.
pub fn report(folder: &Path, to: Option<&Path>) -> Result<u8> {
    let spare = Spare::new()?;
    let report = gather(folder, replacer()?, &spare.0);
    let report = report.map_err(connect::explained)?;
    drop(spare);
    let (mut file, path) = new_file(to, "lifeboat-problem", "txt")?;
    file.write_all(report.text.as_bytes())
        .and_then(|()| file.sync_all())
        .with_context(|| phrase!("can't write {}", path.display()))?;
    tell(&report, &path);
    Ok(OK)
}

/// Creates a replacer with a new random key.
pub fn replacer() -> Result<Replacer> {
    Replacer::new().context(phrase("the system provides no random numbers. Try again"))
}

fn tell(report: &Report, path: &Path) {
    let Report {
        text,
        contents,
        unread,
    } = report;
    connect::print(&phrase!(
        "{} ({} bytes) contains:",
        for_display(&path.display().to_string()),
        text.len()
    ));
    for line in contents {
        connect::print(&format!("  {}", for_display(line)));
    }
    connect::print(phrase(
        "Names, texts, numbers, addresses, file names, serial numbers, accounts and tickets are replaced by \
         made-up text of the same form.",
    ));
    connect::print(phrase(
        "Times and row numbers are kept. Photos and other files are not included.",
    ));
    if !unread.is_empty() {
        connect::print(phrase(
            "Some parts could not be read, and are not included:",
        ));
        for line in unread {
            connect::print(&format!("  {}", for_display(line)));
        }
    }
    connect::print(phrase(
        "Nothing was sent anywhere. Read the file, then attach it to your report.",
    ));
}

/// Creates a private file: the given one, or a file in the current folder with the date in its name. Never overwrites
/// a file.
pub fn new_file(to: Option<&Path>, name: &str, ending: &str) -> Result<(fs::File, PathBuf)> {
    if let Some(path) = to {
        let file = private::create_file(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => anyhow!(phrase!(
                "{} already exists and was not replaced. Choose another name",
                path.display()
            )),
            _ => anyhow!(phrase!("can't create {}: {error}", path.display())),
        })?;
        return Ok((file, path.to_owned()));
    }
    let day = chrono::Local::now().date_naive();
    for number in 1..=MOST_A_DAY {
        let path = PathBuf::from(match number {
            1 => format!("{name}-{day}.{ending}"),
            number => format!("{name}-{day}-{number}.{ending}"),
        });
        match private::create_file(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(anyhow!(phrase!(
                    "can't create a file in the current folder: {error}. Name another file with --to FILE"
                )));
            }
        }
    }
    Err(anyhow!(phrase!(
        "the current folder already contains {MOST_A_DAY} reports from today. Name another file with --to FILE"
    )))
}

/// A private temporary folder for the copy of a journal. Dropping it deletes the folder.
struct Spare(PathBuf);

impl Spare {
    fn new() -> Result<Self> {
        // The random name ensures that nobody else created it earlier.
        let mark = replacer()?.mark(b"spare");
        let path = std::env::temp_dir().join(format!("lifeboat-{mark}"));
        private::create_folder(&path).with_context(|| {
            phrase!(
                "can't create {}. Set TMPDIR to another folder",
                path.display()
            )
        })?;
        Ok(Self(path))
    }
}

impl Drop for Spare {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            say!(
                "lifeboat: {} contains a copy of the journal and could not be removed: {error}. Remove this folder.",
                self.0.display()
            );
        }
    }
}
