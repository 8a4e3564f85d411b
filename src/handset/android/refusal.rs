//! Telling an answer of the `content` command from a refusal.

use crate::format::content_rows::says_no_result;

/// How far into a reply its first row is looked for, and how much of one that is none is looked at, in bytes.
pub const MAX_LEAD: usize = 64 << 10;
const MAX_SAID: usize = 4096;

/// Why a query did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The shell may not read this (`SecurityException`, `Permission Denial`).
    Denied(String),
    /// There is no such provider for this user now: not installed, the user not running, or locked since boot.
    NoProvider(String),
    /// The provider doesn't know this column.
    UnknownColumn(String),
    /// The provider doesn't know this URI.
    UnknownUri(String),
    /// There is no `content` command: another system than Android answers.
    NoCommand(String),
    /// A row is larger than what Android hands out at once (AOSP `CursorWindow`, 2 MB), or than what it has left.
    TooLarge(String),
    /// Anything else: the error as the handset words it.
    Other(String),
}

impl Refusal {
    /// Sorts what `content` wrote about an exception (AOSP `Content.java`, `ContentProvider.java`,
    /// `ProjectionMap`/`SQLiteQueryBuilder` for the columns).
    pub fn sorted(text: &str) -> Self {
        let text = told_in(text).unwrap_or(text);
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
        if let Some(column) =
            word_after("no such column: ").or_else(|| word_after("Invalid column "))
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

    /// True where the handset began to answer: what came is worth having.
    pub fn is_broken_off(&self) -> bool {
        matches!(self, Self::Other(_) | Self::TooLarge(_))
    }

    /// What the handset said.
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

/// True for what a shell says of a command that it does not find: `sh: content: not found`, `…: inaccessible or not
/// found` (Android 10 and later), `…: No such file or directory`.
fn is_no_command(line: &str) -> bool {
    let said = line.split_once("content: ").map(|(_, said)| said.trim());
    said.is_some_and(|said| {
        said.ends_with("not found")
            || said == "No such file or directory"
            || said == "applet not found"
    })
}

/// The mark that `content` sets before a stack trace.
const ERROR_MARK: &[u8] = b"Error while accessing provider:";

/// Where output and errors come mixed: takes the stack trace off the end of `text`.
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

/// Whether a reply was cut short: `content` ends with 0 whatever happens, unless it is killed, and each of its lines
/// ends.
pub fn cut_short(last: Option<&u8>, exit: u8) -> Option<Refusal> {
    match (last, exit) {
        (_, 1..) => Some(Refusal::Other(format!(
            "the handset ended the reply before it was whole, exit code {exit}"
        ))),
        (Some(last), 0) if *last != b'\n' => Some(Refusal::Other(
            "the reply ended in the middle of a line".into(),
        )),
        _ => None,
    }
}

/// What `content` itself tells of its failure: its mark, or the exception that ended it. Whatever else stands among the
/// errors (warnings of the linker, of the tracer) is none.
pub fn told(errors: &str) -> Option<Refusal> {
    told_in(errors).map(Refusal::sorted)
}

/// From where on a failure is told.
fn told_in(text: &str) -> Option<&str> {
    let mark = String::from_utf8_lossy(ERROR_MARK);
    let tells = |line: &str| {
        let is_thrown = || {
            let class = line.split([':', ' ', '\n']).next().unwrap_or_default();
            class.contains('.') && (class.ends_with("Exception") || class.ends_with("Error"))
        };
        line.starts_with(&*mark)
            || line.starts_with("Exception in thread")
            || line.starts_with("[ERROR]")
            || is_thrown()
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if tells(line) {
            return text.get(at..);
        }
        at += line.len();
    }
    None
}

/// What went wrong, by what stands in the errors, or in the output if it is a usage error.
pub fn refusal(text: &[u8], errors: &[u8]) -> Option<Refusal> {
    let errors = String::from_utf8_lossy(errors);
    if let Some(told) = told(&errors) {
        return Some(told);
    }
    if text.is_empty() && !errors.trim().is_empty() {
        return Some(Refusal::sorted(&errors));
    }
    // An answer may stand behind warnings.
    let start = &text[..text.len().min(MAX_LEAD)];
    let is_answer = text.starts_with(b"Row: 0 ")
        || memchr::memmem::find(start, b"\nRow: 0 ").is_some()
        || String::from_utf8_lossy(start).lines().any(says_no_result);
    let start = String::from_utf8_lossy(&start[..start.len().min(MAX_SAID)]);
    (!is_answer).then(|| match start.lines().rfind(|l| l.starts_with("[ERROR]")) {
        Some(line) => Refusal::sorted(line),
        None if start.trim().is_empty() => Refusal::Other("the handset gave an empty reply".into()),
        None => Refusal::sorted(&start),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refusals as phones of several makers worded them.
    #[test]
    fn refusals_are_told_from_warnings() {
        let mark = "Error while accessing provider:com.android.contacts\n";
        let denied = "java.lang.SecurityException: Permission Denial: opening provider com.android.providers.contacts.\
            HtcContactsProvider2 from (null) (pid=1, uid=2000) requires android.permission.READ_CONTACTS\n\tat x\n";
        let large = "java.lang.IllegalStateException: Couldn't read row 337, col 0 from CursorWindow.  Make sure\n";
        let row = b"Row: 0 _id=1\n".as_slice();
        let noise = "Error opening trace file: Permission denied (13)\nWARNING: linker: x\n";
        for (text, errors, expected) in [
            (row, noise.to_owned(), None),
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
            let told = refusal(text, errors.as_bytes());
            let name = told.as_ref().map(|told| format!("{told:?}"));
            let name = name.as_deref().and_then(|name| name.split('(').next());
            assert_eq!(name, expected, "{errors}");
        }
    }
}
