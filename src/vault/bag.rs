//! Writes the tag files that turn a finished rescue into a BagIt bag (RFC 8493).

use std::fs;
use std::path::Path;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::payload::{self, Kind, PayloadFile, hex, sum_of};
use super::{DATA, Desk, VaultError, custody, durable, folder, for_display, journal};
use crate::many::Sorted;
use crate::model::{Case, Condition, Stop};

/// The file that makes a folder a bag (RFC 8493 section 2.1.1).
pub const DECLARATION: &str = "bagit.txt";
pub(super) const INFO: &str = "bag-info.txt";
pub(super) const MANIFEST: &str = "manifest-sha256.txt";
pub(super) const TAG_MANIFEST: &str = "tagmanifest-sha256.txt";

/// `bagit.txt`, byte for byte (section 2.1.1).
pub(super) const DECLARED: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Longest value in `bag-info.txt`, in characters. Programs that check the bag read only a limited part of the file.
const LONGEST_VALUE: usize = 2_000;

/// Columns after which a value of `bag-info.txt` continues on the next line (section 2.2.2).
const COLUMNS: usize = 79;

/// Number of files whose checksums are in memory at a time.
const HASHED_AT_ONCE: usize = 1 << 10;

/// Values for `bag-info.txt` that Lifeboat doesn't know itself. The owner's name and the serial number are left out,
/// because the file is easy to see in the folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BagInfo {
    /// The day the rescue was finished.
    pub date: NaiveDate,
    pub make: String,
    pub model: String,
    /// System and version.
    pub system: String,
    /// One or two sentences about the content of the bag.
    pub description: String,
    /// The operator's name, if given, and the ticket.
    pub desk: Desk,
    /// What people said: for whom the rescue was done, and by what right.
    pub case: Case,
}

/// Result of sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Files in the payload.
    pub files: u64,
    /// Bytes in the payload.
    pub bytes: u64,
    /// The disk supports the modes 0700 and 0600.
    pub private: bool,
}

/// Returns true if the folder has its manifest: the rescue is finished and its payload no longer changes.
pub fn is_finished(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(MANIFEST)).is_ok()
}

/// Finishes a rescue folder: makes its payload durable and private, hashes it, and writes the tag files. The payload
/// manifest is written last, in one step. Without it the folder is unfinished and can be sealed again; with it the bag
/// is complete. `progress` receives the bytes hashed since its last call. Once `stop` is set, sealing fails and the
/// folder stays unfinished. `custody.jsonl` starts here, with the checksum of the tag manifest. Bags don't keep empty
/// folders, so these are ignored.
///
/// # Errors
/// [`VaultError::Finished`]; [`VaultError::StillOpen`] if the journal was not closed; [`VaultError::NotPlain`] and
/// [`VaultError::NameNotText`] for files that a bag can't hold; [`VaultError::Io`], [`VaultError::DiskFull`].
pub fn seal(
    folder: &Path,
    info: &BagInfo,
    stop: &Stop,
    progress: &mut dyn FnMut(u64),
) -> Result<Sealed, VaultError> {
    if is_finished(folder) {
        return Err(VaultError::Finished {
            folder: folder.to_owned(),
        });
    }
    if !journal::is_closed(folder) {
        return Err(VaultError::StillOpen {
            folder: folder.to_owned(),
        });
    }
    let private = folder::repair_modes(folder)?;
    let files = payload_files(folder)?;
    let count = files.len() as u64;
    durable::sync_many(folder, files)?;
    let mut files = payload_files(folder)?.into_iter();

    // Written as a stream: the checksums of a hundred thousand files would be most of a rescue's memory.
    let mut manifest = durable::Part::create(folder, MANIFEST)?;
    let mut manifest_sum = Sha256::new();
    let mut bytes = 0;
    loop {
        let some: Vec<_> = files.by_ref().take(HASHED_AT_ONCE).collect();
        if some.is_empty() {
            break;
        }
        let sums = payload::hash_all(folder, &some, stop, &mut |n| {
            bytes += n;
            progress(n);
        });
        for (file, sum) in some.iter().zip(sums) {
            let sum = sum.map_err(VaultError::io("read", &file.locate(folder)))?;
            let line = line(&hex(&sum), &file.name);
            manifest_sum.update(&line);
            manifest.write(line.as_bytes())?;
        }
    }
    let info = bag_info(info, bytes, count);
    let tags: String = [
        (INFO, sum_of(info.as_bytes())),
        (DECLARATION, sum_of(DECLARED.as_bytes())),
        (MANIFEST, manifest_sum.finalize().into()),
    ]
    .iter()
    .map(|(name, sum)| line(&hex(sum), name))
    .collect();
    for (name, text) in [
        (DECLARATION, DECLARED),
        (INFO, &info),
        (TAG_MANIFEST, &tags),
    ] {
        durable::write_whole(folder, name, text.as_bytes())?;
    }
    custody::append(folder, &custody::finished(folder)?)?;
    manifest.put_in_place()?;
    Ok(Sealed {
        files: count,
        bytes,
        private,
    })
}

/// Returns the size of the payload in bytes, for progress reports. Parts that can't be read are left out.
pub fn payload_bytes(folder: &Path) -> u64 {
    let mut bytes: u64 = 0;
    // The next step that reads the payload reports any error.
    let _ = payload::walk(&folder.join(DATA), &mut |_, kind| {
        if let Kind::File(size) = kind {
            bytes = bytes.saturating_add(size);
        }
        Ok(())
    });
    bytes
}

/// Returns all files of the payload, sorted by name.
fn payload_files(folder: &Path) -> Result<Sorted<PayloadFile>, VaultError> {
    let mut files = Sorted::default();
    payload::walk(&folder.join(DATA), &mut |path, kind| match kind {
        Kind::Folder => Ok(()),
        Kind::Other => Err(VaultError::NotPlain {
            path: path.to_owned(),
        }),
        Kind::File(size) => {
            let name =
                payload::name_in_bag(folder, path).ok_or_else(|| VaultError::NameNotText {
                    path: path.to_owned(),
                })?;
            files.push(PayloadFile { name, size });
            Ok(())
        }
    })?;
    Ok(files)
}

/// Returns a line of a manifest, with two spaces as in `sha256sum`.
fn line(sum: &str, name: &str) -> String {
    format!("{sum}  {}\n", encode_name(name))
}

/// Encodes a path for a manifest (section 2.1.3): only CR, LF and % are percent-encoded.
pub(super) fn encode_name(name: &str) -> String {
    name.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Decodes a path from a manifest. Other percent signs are kept, as older bags contain them unencoded.
pub(super) fn decode_name(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        name.push_str(before);
        let (c, left) = match after.get(..2).map(str::to_ascii_uppercase).as_deref() {
            Some("25") => ('%', after.get(2..)),
            Some("0D") => ('\r', after.get(2..)),
            Some("0A") => ('\n', after.get(2..)),
            _ => ('%', Some(after)),
        };
        name.push(c);
        rest = left.unwrap_or_default();
    }
    name.push_str(rest);
    name
}

fn bag_info(info: &BagInfo, bytes: u64, files: u64) -> String {
    let mut text = String::new();
    for (label, value) in [
        ("Bagging-Date", info.date.format("%Y-%m-%d").to_string()),
        (
            "Bag-Software-Agent",
            concat!("Lifeboat ", env!("CARGO_PKG_VERSION")).to_owned(),
        ),
        ("External-Description", info.description.clone()),
        ("External-Identifier", info.desk.ticket.clone()),
        ("Contact-Name", info.desk.operator.clone()),
        ("On-Behalf-Of", info.case.on_behalf_of.clone()),
        ("By-Right", info.case.by_right.clone()),
        ("Company-Agreed", info.case.company_agreed.clone()),
        (
            "Handset-Condition",
            info.case
                .conditions
                .iter()
                .map(Condition::name)
                .collect::<Vec<_>>()
                .join(", "),
        ),
        ("Handset-Make", info.make.clone()),
        ("Handset-Model", info.model.clone()),
        ("Handset-System", info.system.clone()),
        ("Payload-Oxum", format!("{bytes}.{files}")),
    ] {
        add_info(&mut text, label, &value);
    }
    text
}

/// Adds `label: value`, on several lines if necessary. Adds nothing if there is no value.
fn add_info(text: &mut String, label: &str, value: &str) {
    let value: String = for_display(value).chars().take(LONGEST_VALUE).collect();
    let mut words = value.split_whitespace().peekable();
    if words.peek().is_none() {
        return;
    }
    text.push_str(label);
    text.push(':');
    let mut column = label.chars().count() + 1;
    for word in words {
        let width = word.chars().count();
        // The first word stays on the label's line, however long it is, since some readers require that.
        if column > label.len() + 1 && column + 1 + width > COLUMNS {
            text.push_str("\n ");
            column = 1;
        }
        text.push(' ');
        text.push_str(word);
        column += 1 + width;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_survive_a_manifest(name in any::<String>()) {
            let encoded = encode_name(&name);
            prop_assert!(!encoded.contains(['\r', '\n']));
            prop_assert_eq!(decode_name(&encoded), name);
        }

        #[test]
        fn info_can_not_add_a_field(value in any::<String>()) {
            let mut text = String::new();
            add_info(&mut text, "Label", &value);
            for (number, line) in text.lines().enumerate() {
                let start = if number == 0 { "Label: " } else { "  " };
                prop_assert!(line.starts_with(start));
            }
        }
    }

    #[test]
    fn long_info_goes_on_in_the_next_line() {
        let mut text = String::new();
        add_info(&mut text, "External-Description", &"word ".repeat(30));
        assert!(text.lines().count() > 1);
        assert!(text.lines().all(|line| line.len() <= COLUMNS), "{text}");
    }
}
