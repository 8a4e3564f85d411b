//! Files in which other programs keep messages, by their names. Such a file is copied like any other, and named with
//! what opens it.

use super::FileKind;
use crate::phrase;

/// A program, and what it needs to open its files.
#[derive(Debug, PartialEq, Eq)]
pub struct Program {
    pub name: &'static str,
    pub needs: &'static str,
    /// No other program gives such names.
    pub is_certain: bool,
}

/// A name of files, in lower case: how it begins, and how it ends.
struct Name(&'static str, &'static str);

/// The programs, each with the names of its files. The first that fits counts.
const PROGRAMS: &[(Program, FileKind, &[Name])] = &[
    (
        Program {
            name: "SMS Backup & Restore",
            needs: phrase("its password, if it was given one"),
            is_certain: true,
        },
        FileKind::Document,
        &[Name("sms-", ".zip"), Name("calls-", ".zip")],
    ),
    (
        Program {
            name: "SMS Backup & Restore",
            needs: phrase("Lifeboat reads it"),
            is_certain: true,
        },
        FileKind::Data,
        &[Name("sms-", ".xml"), Name("calls-", ".xml")],
    ),
    (
        Program {
            name: "Silence",
            needs: phrase("Lifeboat reads it"),
            is_certain: true,
        },
        FileKind::Data,
        &[
            Name("silenceplaintextbackup", ".xml"),
            Name("signalplaintextbackup", ".xml"),
            Name("textsecureplaintextbackup", ".xml"),
            Name("smssecureplaintextbackup", ".xml"),
        ],
    ),
    (
        Program {
            name: "Super Backup",
            needs: phrase("Lifeboat reads it"),
            is_certain: false,
        },
        FileKind::Data,
        &[Name("sms_", ".xml")],
    ),
    (
        Program {
            name: "QUIK (QKSMS)",
            needs: phrase("Lifeboat reads it"),
            is_certain: false,
        },
        FileKind::Data,
        &[Name("backup-", ".json")],
    ),
    (
        Program {
            name: "Fossify Messages",
            needs: phrase("Lifeboat reads it"),
            is_certain: false,
        },
        FileKind::Data,
        &[
            Name("messages_", ".json"),
            Name("messages-", ".json"),
            Name("sms_", ".json"),
        ],
    ),
    (
        Program {
            name: "SMS Import / Export",
            needs: phrase("the same program"),
            is_certain: true,
        },
        FileKind::Document,
        &[
            Name("", ".ndjson"),
            Name("messages-", ".zip"),
            Name("sms-ie", ".zip"),
            Name("sms-ie", ".json"),
        ],
    ),
    (
        Program {
            name: "Signal",
            needs: phrase(
                "its passphrase of 30 digits, written down when the backup was switched on",
            ),
            is_certain: true,
        },
        FileKind::Document,
        &[Name("signal-", ".backup")],
    ),
    (
        Program {
            name: "WhatsApp",
            needs: phrase(
                "the same number, or the password or 64-digit key of an end-to-end encrypted backup",
            ),
            is_certain: true,
        },
        FileKind::Document,
        &[
            Name("", ".crypt"),
            Name("", ".crypt5"),
            Name("", ".crypt7"),
            Name("", ".crypt8"),
            Name("", ".crypt9"),
            Name("", ".crypt10"),
            Name("", ".crypt12"),
            Name("", ".crypt14"),
            Name("", ".crypt15"),
        ],
    ),
    (
        Program {
            name: "Threema",
            needs: phrase("its password"),
            is_certain: true,
        },
        FileKind::Document,
        &[Name("threema-backup", ".zip"), Name("threema-safe", ".zip")],
    ),
    (
        Program {
            name: "Samsung Smart Switch",
            needs: phrase("Smart Switch, and the password if it was given one"),
            is_certain: true,
        },
        FileKind::Document,
        &[
            Name("", ".spbm"),
            Name("", ".spba"),
            Name("", ".smem"),
            Name("sms", ".bk"),
            Name("mms", ".bk"),
            Name("message", ".bk"),
        ],
    ),
    (
        Program {
            name: phrase("a program that Lifeboat does not know"),
            needs: phrase("the program that made it"),
            is_certain: false,
        },
        FileKind::Document,
        &[Name("", ".backup")],
    ),
];

/// Words in the names of XML files that people renamed. Their content tells what they are.
const RENAMED: [&str; 3] = ["sms", "mms", "calls"];

/// Returns the kind of a file that a program made to keep messages or calls, by its name; `None` for any other name.
pub fn kind(name: &[u8]) -> Option<FileKind> {
    let is_renamed = || {
        let name = lower(name);
        name.ends_with(".xml") && RENAMED.iter().any(|word| name.contains(word))
    };
    match row(name) {
        Some((_, kind, _)) => Some(*kind),
        None => is_renamed().then_some(FileKind::Data),
    }
}

/// Returns the program that made a file, by its name.
pub fn program(name: &[u8]) -> Option<&'static Program> {
    row(name).map(|(program, ..)| program)
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_lowercase()
}

fn row(name: &[u8]) -> Option<&'static (Program, FileKind, &'static [Name])> {
    let name = lower(name);
    let fits = |Name(begin, end): &Name| {
        let rest = name.strip_prefix(begin);
        name.len() > end.len() && rest.is_some_and(|rest| rest.ends_with(end))
    };
    PROGRAMS.iter().find(|(_, _, names)| names.iter().any(fits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_programs_are_known_by_their_names() {
        for (file, name, is_read) in [
            ("sms-20240601101112.xml", "SMS Backup & Restore", true),
            ("calls-20240601101112.XML", "SMS Backup & Restore", true),
            ("sms-20240601101112.zip", "SMS Backup & Restore", false),
            ("SilencePlaintextBackup.xml", "Silence", true),
            ("sms_20240101.xml", "Super Backup", true),
            ("backup-20240601101112.json", "QUIK (QKSMS)", true),
            ("messages_2024_06_01.json", "Fossify Messages", true),
            ("sms-ie-2024.ndjson", "SMS Import / Export", false),
            ("messages-2024-06-01.zip", "SMS Import / Export", false),
            ("signal-2024-06-01-10-11-12.backup", "Signal", false),
            ("msgstore-2024-06-01.1.db.crypt14", "WhatsApp", false),
            ("msgstore.db.crypt", "WhatsApp", false),
            ("Message.spbm", "Samsung Smart Switch", false),
        ] {
            let program = program(file.as_bytes()).unwrap_or_else(|| panic!("{file}"));
            assert_eq!(program.name, name, "{file}");
            let kind = kind(file.as_bytes());
            assert_eq!(kind == Some(FileKind::Data), is_read, "{file}");
        }
        assert_eq!(kind(b"backup sms-2024.xml"), Some(FileKind::Data));
        for other in ["layout.xml", "package.json", ".crypt14", "backup.json"] {
            assert_eq!(kind(other.as_bytes()), None, "{other}");
        }
    }
}
