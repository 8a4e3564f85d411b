//! Checks and restricts who can read a folder on Windows, with two programs of the system: `whoami` and `icacls`.
//!
//! Source: Microsoft's pages on `icacls`, on security identifiers, and on the Security Descriptor Definition Language.

/// Those who may read private files: the system, administrators, and the owner or creator of the file.
const NOBODY_ELSE: [&str; 4] = ["SY", "BA", "OW", "CO"];

/// The access that a folder is given: the same trustees by their numbers, without the creator.
#[cfg(windows)]
const GRANTED: [&str; 3] = [
    "*S-1-5-18:(OI)(CI)F",
    "*S-1-5-32-544:(OI)(CI)F",
    "*S-1-3-4:(OI)(CI)F",
];

/// True if a security descriptor gives access only to its owner, the user with the number `own`, the system and
/// administrators. An unreadable descriptor counts as open to everyone.
fn is_alone(descriptor: &str, own: &str) -> bool {
    // O: owner, G: group, D: access list, S: audit list.
    let Some((_, who)) = descriptor.split_once("D:") else {
        return false;
    };
    let who = who.split_once("S:").map_or(who, |(who, _)| who);
    // Without any entry, the folder is open to nobody or to everyone.
    let entries: Vec<Vec<&str>> = who
        .split('(')
        .skip(1)
        .map(|entry| entry.trim_end().trim_end_matches(')').split(';').collect())
        .collect();
    let is_administrator = own.starts_with("S-1-5-21-") && own.ends_with("-500");
    let may = |trustee: &str| {
        NOBODY_ELSE.contains(&trustee)
            || (!own.is_empty() && trustee == own)
            || (is_administrator && trustee == "LA")
    };
    !entries.is_empty()
        && entries.iter().all(|entry| match entry.as_slice() {
            ["A", _, _, "", "", trustee] => may(trustee),
            ["D", ..] => true,
            // Entries with conditions, and types of entries that folders don't have.
            _ => false,
        })
}

/// Returns the user's number from the output of `whoami /user /fo csv /nh`: `"desk\kim","S-1-5-21-…"`.
fn number_of_user(printed: &str) -> Option<&str> {
    let number = printed.trim().rsplit(',').next()?.trim_matches('"');
    let is_number = number.starts_with("S-1-")
        && number
            .chars()
            .skip(1)
            .all(|c| c == '-' || c.is_ascii_digit());
    is_number.then_some(number)
}

#[cfg(windows)]
pub use ask::keep_alone;

#[cfg(windows)]
mod ask {
    use std::path::{Path, PathBuf};
    use std::process::{Command, Stdio};

    use super::{GRANTED, is_alone, number_of_user};

    /// Restricts a folder to its owner, the system and administrators, unless it is restricted already, as folders in a
    /// user's own folder are. True if it is restricted afterwards; the FAT of a stick can't do that.
    pub fn keep_alone(folder: &Path) -> bool {
        let Ok(folder) = std::path::absolute(folder) else {
            return false;
        };
        let own = run("whoami.exe", |command| {
            command.args(["/user", "/fo", "csv", "/nh"])
        });
        let own = own
            .as_deref()
            .and_then(number_of_user)
            .unwrap_or_default()
            .to_owned();
        let is_kept = || descriptor(&folder).is_some_and(|found| is_alone(&found, &own));
        is_kept()
            || (run("icacls.exe", |command| {
                command
                    .arg(&folder)
                    .args(["/inheritance:r", "/grant:r"])
                    .args(GRANTED)
            })
            .is_some()
                && is_kept())
    }

    /// Returns the folder's security descriptor. `icacls` writes it to a file, in UTF-16, below the folder's name.
    fn descriptor(folder: &Path) -> Option<String> {
        let file = std::env::temp_dir().join(format!("lifeboat-{}.acl", std::process::id()));
        let told = run("icacls.exe", |command| {
            command.arg(folder).arg("/save").arg(&file)
        });
        let read = told.and_then(|_| std::fs::read(&file).ok());
        let _ = std::fs::remove_file(&file);
        let units: Vec<u16> = read?
            .chunks_exact(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let text = String::from_utf16_lossy(&units);
        text.lines()
            .find(|line| line.contains("D:"))
            .map(str::to_owned)
    }

    /// Returns the output of a Windows program; `None` if it failed. The program is started only from Windows' own
    /// folder.
    fn run(name: &str, with: impl FnOnce(&mut Command) -> &mut Command) -> Option<String> {
        let windows = PathBuf::from(std::env::var_os("SystemRoot")?);
        let mut command = Command::new(windows.join("System32").join(name));
        command.stdin(Stdio::null()).stderr(Stdio::null());
        let output = with(&mut command).output().ok()?;
        output
            .status
            .success()
            .then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "S-1-5-21-1004336348-1177238915-682003330-1001";

    #[test]
    fn a_folder_that_others_may_read_is_known() {
        let alone = [
            format!("D:AI(A;OICIID;FA;;;SY)(A;OICIID;FA;;;BA)(A;OICIID;FA;;;{OWN})"),
            "D:PAI(A;OICI;FA;;;OW)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)".to_owned(),
            format!("O:{OWN}G:SYD:PAI(D;;WD;;;WD)(A;OICI;FA;;;OW)S:AI"),
        ];
        for descriptor in alone {
            assert!(is_alone(&descriptor, OWN), "{descriptor}");
        }
        let others = [
            // A folder on a second disk: users may read, and everyone who is signed in may write.
            "D:AI(A;OICIID;FA;;;BA)(A;OICIID;FA;;;SY)(A;OICIID;0x1200a9;;;BU)(A;OICIID;0x1301bf;;;AU)".to_owned(),
            format!("D:AI(A;OICIID;FA;;;{OWN})(A;;FR;;;WD)"),
            "D:AI(A;;FA;;;S-1-5-21-1-2-3-1002)".to_owned(),
            "D:AI(XA;;FA;;;SY;(WIN://SYSAPPID))".to_owned(),
            "D:NO_ACCESS_CONTROL".to_owned(),
            "D:".to_owned(),
            "G:SY".to_owned(),
            String::new(),
        ];
        for descriptor in others {
            assert!(!is_alone(&descriptor, OWN), "{descriptor}");
        }
        assert!(!is_alone("D:(A;;FA;;;)", ""));
        assert!(is_alone("D:(A;;FA;;;LA)", "S-1-5-21-1-2-3-500"));
        assert!(!is_alone("D:(A;;FA;;;LA)", OWN));
    }

    #[test]
    fn the_user_s_number_is_found() {
        let printed = format!("\"desk\\kim, it\",\"{OWN}\"\r\n");
        assert_eq!(number_of_user(&printed), Some(OWN));
        assert_eq!(number_of_user("whoami: unknown option"), None);
        assert_eq!(number_of_user(""), None);
    }
}
