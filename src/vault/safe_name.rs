//! File names that every system accepts.

use crate::system::names;

/// Longest name that [`safe_name`] returns, in bytes of UTF-8. FAT and NTFS allow 255 UTF-16 units; the rest is for a
/// number in front and an extension.
const MAX_BYTES: usize = 100;

/// Turns a handset's text into a file or folder name that Windows, FAT, macOS, Linux, a shell and a BagIt manifest
/// accept. The name contains no separators, control characters, wildcards, double quotes, percent signs or direction
/// marks, and nothing that a shell would run within double quotes. It does not start with a dot, dash or space, and
/// does not end with a dot or space. It is not a device name, and never empty (`fallback` replaces an empty name).
pub fn safe_name(text: &str, fallback: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        let c = match c {
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '%' | '$' | '`' => '_',
            c if c.is_control() || is_invisible(c) => ' ',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        if name.len() + c.len_utf8() > MAX_BYTES {
            break;
        }
        if c != ' ' || !name.ends_with(' ') {
            name.push(c);
        }
    }
    let name = name
        .trim_start_matches(['.', '-', ' ', '~'])
        .trim_end_matches(['.', ' ']);
    if name.is_empty() {
        fallback.to_owned()
    } else if names::is_device(name) {
        format!("_{name}")
    } else {
        name.to_owned()
    }
}

/// Returns true for invisible characters that change how a name is shown or compared: zero-width characters, direction
/// marks, byte order marks, non-characters and the replacement character.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
        | '\u{FEFF}' | '\u{FFF0}'..='\u{FFFF}' | '\u{E0000}'..='\u{E007F}')
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn awkward_names_become_safe_ones() {
        for (text, name) in [
            ("Anna Müller", "Anna Müller"),
            ("../../etc/passwd", "_.._etc_passwd"),
            ("a\u{202E}b\nc\u{0}d", "a b c d"),
            ("con.txt", "_con.txt"),
            ("COM1", "_COM1"),
            ("Lpt³.txt", "_Lpt³.txt"),
            ("  .. ", "card"),
            ("100 % \"fun\"?", "100 _ _fun__"),
            ("-rf", "rf"),
            ("$(reboot) `reboot`", "_(reboot) _reboot_"),
            ("trailing. . ", "trailing"),
        ] {
            assert_eq!(safe_name(text, "card"), name, "{text:?}");
        }
        assert!(safe_name(&"é".repeat(300), "card").len() <= 100);
    }
}
