//! Who can read a folder on Windows, by two programs that are part of it: `whoami` and `icacls`.
//!
//! Source: Microsoft's pages on `icacls`, on security identifiers, and on the Security Descriptor Definition Language.

/// Those who may read what is one's own: the system, administrators, and whoever owns or makes the file.
const NOBODY_ELSE: [&str; 4] = ["SY", "BA", "OW", "CO"];

/// The same by their numbers, without whoever makes the file: what a folder is given.
#[cfg(windows)]
const GRANTED: [&str; 3] = [
    "*S-1-5-18:(OI)(CI)F",
    "*S-1-5-32-544:(OI)(CI)F",
    "*S-1-3-4:(OI)(CI)F",
];

/// True if a security descriptor lets nobody in but its owner, the user with the number `own`, the system and
/// administrators. What can't be read lets in whoever it likes.
fn is_alone(descriptor: &str, own: &str) -> bool {
    // O: owner, G: group, D: who may, S: what is noted.
    let Some((_, who)) = descriptor.split_once("D:") else {
        return false;
    };
    let who = who.split_once("S:").map_or(who, |(who, _)| who);
    // Without any entry, and with none but entries that deny, the folder is nobody's or all's.
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
            // Conditions, and kinds of entries that folders don't have.
            _ => false,
        })
}

/// The user's number in what `whoami /user /fo csv /nh` prints: `"desk\kim","S-1-5-21-…"`.
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

    /// Has Windows keep everybody else but administrators out of a folder, unless it does so already: what a user has in
    /// the own folder is. True if it does afterwards; a stick's FAT can't.
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

    /// The folder's security descriptor, which `icacls` writes into a file, in UTF-16, below the folder's name.
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

    /// What a program of Windows printed; `None` where it failed. It is taken from Windows' own folder alone.
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
            // A second disk's folder: users may read, whoever is signed in may write.
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
