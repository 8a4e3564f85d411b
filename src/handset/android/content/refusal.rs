//! Tells answers of the `content` command from refusals.

use crate::format::content_rows::says_no_result;
use crate::phrase;

/// How far into a reply its first row is searched for, and how much of a reply without rows is examined, in bytes.
pub const MAX_LEAD: usize = 64 << 10;
const MAX_SAID: usize = 4096;

/// The reason for which a query failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The shell may not read this (`SecurityException`, `Permission Denial`).
    Denied(String),
    /// This user has no such provider at present: not installed, the user not running, or locked since boot.
    NoProvider(String),
    /// The provider doesn't know this column.
    UnknownColumn(String),
    /// The provider doesn't know this URI.
    UnknownUri(String),
    /// There is no `content` command: the system is not Android.
    NoCommand(String),
    /// A row is larger than the limit for one reply (AOSP `CursorWindow`, 2 MB), or than the remaining space.
    TooLarge(String),
    /// Any other error, in the handset's words.
    Other(String),
}

impl Refusal {
    /// Classifies the output of `content` about an exception (AOSP `Content.java`, `ContentProvider.java`,
    /// `ProjectionMap`/`SQLiteQueryBuilder` for the columns; its `enforceStrictToken` refuses an unknown column in a
    /// condition or an order as an invalid token).
    pub fn sorted(text: &str) -> Self {
        let text = told_in(text, true).unwrap_or(text);
        let is_telling =
            |l: &&str| l.contains("Exception") || l.contains("Error:") || l.starts_with("[ERROR]");
        let line = text.lines().find(is_telling);
        let line = line.unwrap_or_else(|| text.lines().next().unwrap_or_default());
        let line = line.trim();
        let said: String = line.chars().take(300).collect();
        let word_after = |mark: &str| {
            let rest = line.split_once(mark)?.1.trim_start();
            let word: String = rest
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            (!word.is_empty()).then_some(word)
        };
        if let Some(column) = word_after("no such column: ")
            .or_else(|| word_after("Invalid column "))
            .or_else(|| word_after("Invalid token "))
        {
            Self::UnknownColumn(column)
        } else if line.contains("Permission Denial") || line.contains("SecurityException") {
            Self::Denied(said)
        } else if line.contains("Could not find provider") {
            Self::NoProvider(said)
        } else if line.contains("Unknown UR") {
            Self::UnknownUri(said)
        } else if is_no_command(line) {
            Self::NoCommand(said)
        } else if line.contains("CursorWindow") || line.contains("SQLiteBlobTooBigException") {
            Self::TooLarge(said)
        } else {
            Self::Other(said)
        }
    }

    /// True if the handset began to answer: the rows before the error are usable.
    pub fn is_broken_off(&self) -> bool {
        matches!(self, Self::Other(_) | Self::TooLarge(_))
    }

    /// The handset's message.
    pub fn said(&self) -> &str {
        match self {
            Self::Denied(t)
            | Self::NoProvider(t)
            | Self::UnknownColumn(t)
            | Self::UnknownUri(t)
            | Self::NoCommand(t)
            | Self::TooLarge(t)
            | Self::Other(t) => t,
        }
    }
}

/// True for a shell's message about a command that it does not find or that it may not start: `sh: content: not found`,
/// `…: inaccessible or not found` (Android 10 and later), `…: No such file or directory`. `content` is itself a script
/// that starts `app_process`: `/system/bin/content[6]: app_process: not found`.
fn is_no_command(line: &str) -> bool {
    let of_linker = line.contains("CANNOT LINK EXECUTABLE") && line.contains("app_process");
    let mut names = line.match_indices("content");
    let of_shell = names.any(|(at, name)| {
        let (before, rest) = (&line[..at], &line[at + name.len()..]);
        let is_name = before.is_empty() || before.ends_with(['/', ' ']);
        // The shell adds the number of the script's line.
        let said = rest.strip_prefix('[').and_then(|rest| {
            let (number, rest) = rest.split_once(']')?;
            number
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some(rest)
        });
        let said = said.unwrap_or(rest).strip_prefix(':').map(str::trim);
        let ends = [
            "not found",
            "No such file or directory",
            "Permission denied",
        ];
        is_name && said.is_some_and(|said| ends.iter().any(|end| said.ends_with(end)))
    });
    of_linker || of_shell
}

/// The mark that `content` prints before a stack trace.
const ERROR_MARK: &[u8] = b"Error while accessing provider:";

/// Removes the stack trace from the end of `text`, if output and errors are mixed, and returns it.
pub fn cut_mixed_errors(text: &mut Vec<u8>) -> Vec<u8> {
    let at = memchr::memmem::rfind_iter(text, ERROR_MARK).find(|&at| {
        let at_line = at == 0 || text[at - 1] == b'\n';
        let trace = String::from_utf8_lossy(&text[at..]);
        at_line
            && trace
                .lines()
                .nth(1)
                .is_some_and(|l| l.contains("Exception") || l.contains("Error"))
    });
    at.map(|at| text.split_off(at)).unwrap_or_default()
}

/// Returns a refusal if a reply was cut short. `content` always exits with 0 unless it is killed, and ends each line
/// with a line feed.
pub fn cut_short(last: Option<&u8>, exit: u8) -> Option<Refusal> {
    match (last, exit) {
        (_, 1..) => Some(Refusal::Other(phrase!(
            "the phone ended the reply too early, with exit code {exit}"
        ))),
        (Some(last), 0) if *last != b'\n' => Some(Refusal::Other(
            phrase("the reply ended in the middle of a line").into(),
        )),
        _ => None,
    }
}

/// Returns the failure that `content` itself reports: its mark, or the exception that ended it, which also ends it with
/// an exit code. Other error output is not a failure: warnings of the linker or the tracer, or a maker's code that
/// prints a stack trace into every program and goes on.
pub fn told(errors: &str, exit: u8) -> Option<Refusal> {
    told_in(errors, exit != 0).map(Refusal::sorted)
}

/// The text from the first line that reports a failure. `may_be_thrown`: the program may have ended by an exception.
fn told_in(text: &str, may_be_thrown: bool) -> Option<&str> {
    let mark = String::from_utf8_lossy(ERROR_MARK);
    let reports = |line: &str| {
        line.starts_with(&*mark)
            || line.starts_with("Exception in thread")
            || line.starts_with("[ERROR]")
    };
    let is_thrown = |line: &str| {
        let class = line.split([':', ' ', '\n']).next().unwrap_or_default();
        class.contains('.') && (class.ends_with("Exception") || class.ends_with("Error"))
    };
    from_line(text, reports).or_else(|| may_be_thrown.then(|| from_line(text, is_thrown)).flatten())
}

/// The text from the first such line.
fn from_line(text: &str, is: impl Fn(&str) -> bool) -> Option<&str> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if is(line) {
            return text.get(at..);
        }
        at += line.len();
    }
    None
}

/// Returns the refusal in a reply, from its errors, or from its output if that is a usage error.
pub fn refusal(text: &[u8], errors: &[u8], exit: u8) -> Option<Refusal> {
    let errors = String::from_utf8_lossy(errors);
    if let Some(told) = told(&errors, exit) {
        return Some(told);
    }
    if text.is_empty() && !errors.trim().is_empty() {
        return Some(Refusal::sorted(&errors));
    }
    // Warnings may precede an answer.
    let start = &text[..text.len().min(MAX_LEAD)];
    let is_answer = text.starts_with(b"Row: 0 ")
        || memchr::memmem::find(start, b"\nRow: 0 ").is_some()
        || String::from_utf8_lossy(start).lines().any(says_no_result);
    let start = String::from_utf8_lossy(&start[..start.len().min(MAX_SAID)]);
    (!is_answer).then(|| match start.lines().rfind(|l| l.starts_with("[ERROR]")) {
        Some(line) => Refusal::sorted(line),
        None if start.trim().is_empty() => {
            Refusal::Other(phrase("the phone sent an empty reply").into())
        }
        None => Refusal::sorted(&start),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refusals in the words of several makers' phones.
    #[test]
    fn refusals_are_told_from_warnings() {
        let mark = "Error while accessing provider:com.android.contacts\n";
        let denied = "java.lang.SecurityException: Permission Denial: opening provider com.android.providers.contacts.\
            HtcContactsProvider2 from (null) (pid=1, uid=2000) requires android.permission.READ_CONTACTS\n\tat x\n";
        let large = "java.lang.IllegalStateException: Couldn't read row 337, col 0 from CursorWindow.  Make sure\n";
        let row = b"Row: 0 _id=1\n".as_slice();
        let noise = "Error opening trace file: Permission denied (13)\nWARNING: linker: x\n";
        // MIUI's theme code prints this in every Java program of the shell, and goes on.
        let theme = "java.io.FileNotFoundException: /data/system/theme_config/theme_compatibility.xml: open failed: \
            ENOENT (No such file or directory)\n\tat libcore.io.IoBridge.open(IoBridge.java:492)\n\
            Caused by: android.system.ErrnoException: open failed: ENOENT (No such file or directory)\n";
        for (text, errors, expected) in [
            (row, noise.to_owned(), None),
            (row, theme.to_owned(), None),
            (b"No result found.\n", theme.to_owned(), None),
            (row, format!("{theme}{mark}{denied}"), Some("Denied")),
            (b"", format!("{theme}{mark}{denied}"), Some("Denied")),
            (
                b"",
                "/system/bin/content[6]: app_process: not found\n".to_owned(),
                Some("NoCommand"),
            ),
            (
                b"",
                "/system/bin/sh: content: Permission denied\n".to_owned(),
                Some("NoCommand"),
            ),
            (
                b"",
                "/system/bin/sh: content: can't execute: Permission denied\n".to_owned(),
                Some("NoCommand"),
            ),
            (
                row,
                "stack corruption detected (-fstack-protector)\n".to_owned(),
                None,
            ),
            (row, format!("{noise}{mark}{denied}"), Some("Denied")),
            (b"", format!("{mark}{denied}{noise}"), Some("Denied")),
            (row, format!("{noise}{mark}{large}"), Some("TooLarge")),
            (
                row,
                "java.lang.OutOfMemoryError: Failed to allocate\n\tat x\n".to_owned(),
                Some("Other"),
            ),
            (
                b"",
                "/system/bin/sh: content: not found\n".to_owned(),
                Some("NoCommand"),
            ),
            (
                b"/sbin/sh: content: not found\n",
                String::new(),
                Some("NoCommand"),
            ),
            (
                b"sh: content: inaccessible or not found\n",
                String::new(),
                Some("NoCommand"),
            ),
            (b"", "Aborted\n".to_owned(), Some("Other")),
            (
                b"WARNING: linker: x\nNo result found.\n",
                String::new(),
                None,
            ),
            (b"WARNING: linker: x\n", String::new(), Some("Other")),
            (
                b"usage: adb shell content\n\n[ERROR] Unsupported argument: --user\n",
                String::new(),
                Some("Other"),
            ),
        ] {
            let exit = u8::from(errors.starts_with("java.lang.OutOfMemoryError"));
            let told = refusal(text, errors.as_bytes(), exit);
            let name = told.as_ref().map(|told| format!("{told:?}"));
            let name = name.as_deref().and_then(|name| name.split('(').next());
            assert_eq!(name, expected, "{errors}");
        }
    }
}
