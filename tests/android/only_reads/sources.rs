//! No word that stands for writing may occur in the code that talks to handsets.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Lit;

/// Words of services, commands and requests that write, delete, unlock, sync, reset or reboot (AOSP adb's services.md
/// and sync.md, `Content.java`, toybox; for later protocols 3GPP TS 27.007, OBEX and MTP).
const WORDS: [&str; 77] = [
    "SEND",
    "SND2",
    "send",
    "reboot",
    "reboot-bootloader",
    "root",
    "unroot",
    "remount",
    "tcpip",
    "usb",
    "disable-verity",
    "enable-verity",
    "backup",
    "restore",
    "minadbd",
    "sideload",
    "sideload-host",
    "rescue-wipe",
    "install",
    "uninstall",
    "abb",
    "abb_exec",
    "reverse",
    "forward",
    "kill",
    "killall",
    "connect",
    "disconnect",
    "reconnect",
    "insert",
    "update",
    "delete",
    "write",
    "call",
    "replace",
    "drop",
    "pragma",
    "attach",
    "vacuum",
    "rm",
    "mv",
    "cp",
    "dd",
    "ln",
    "tee",
    "touch",
    "mkdir",
    "rmdir",
    "chmod",
    "chown",
    "truncate",
    "setprop",
    "svc",
    "input",
    "am",
    "settings",
    "set",
    "put",
    "clear",
    "wipe",
    "su",
    "sh",
    "start",
    "stop",
    "sm",
    "locksettings",
    "bmgr",
    "bu",
    "monkey",
    "cmd",
    "instances",
    "requestsync",
    "CFUN",
    "CPBW",
    "CMGD",
    "CLCK",
    "syncadapter",
];

/// MTP operations that write, delete, format, move, reset or power down (ISO 15740, chapter 10; MTP 1.1, appendix D;
/// Android's extension).
const MEDIA_OPERATIONS: [u16; 20] = [
    0x100b, 0x100c, 0x100d, 0x100e, 0x100f, 0x1010, 0x1012, 0x1013, 0x1016, 0x1017, 0x1019, 0x101a,
    0x9804, 0x9806, 0x9808, 0x9811, 0x95c2, 0x95c3, 0x95c4, 0x95c5,
];

/// Literals that contain such a word but request nothing: the names that systems give themselves, and places on USB.
const HARMLESS: [(&str, &str); 5] = [
    ("allowed.rs", "am get-current-user"),
    ("banner.rs", "sideload"),
    ("listed.rs", "sideload"),
    ("listed.rs", "usb"),
    ("server.rs", "usb:"),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// Returns every literal of a source file, except those in documentation and test code.
fn literals(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    walk(TokenStream::from_str(source).unwrap(), &mut found);
    found
}

fn walk(tokens: TokenStream, found: &mut Vec<String>) {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '#' => {
                let _ = tokens
                    .next_if(|next| matches!(next, TokenTree::Punct(p) if p.as_char() == '!'));
                let Some(TokenTree::Group(group)) =
                    tokens.next_if(|next| matches!(next, TokenTree::Group(_)))
                else {
                    continue;
                };
                let attribute = group.stream().to_string().replace(' ', "");
                if attribute == "cfg(test)" {
                    // The item ends with its braces or a semicolon.
                    for token in tokens.by_ref() {
                        match token {
                            TokenTree::Group(g) if g.delimiter() == Delimiter::Brace => break,
                            TokenTree::Punct(p) if p.as_char() == ';' => break,
                            _ => {}
                        }
                    }
                } else if !attribute.starts_with("doc=") && !attribute.starts_with("error(") {
                    walk(group.stream(), found);
                }
            }
            TokenTree::Group(group) => walk(group.stream(), found),
            TokenTree::Literal(literal) => match Lit::new(literal) {
                Lit::Str(text) => found.push(text.value()),
                Lit::ByteStr(bytes) => {
                    found.push(String::from_utf8_lossy(&bytes.value()).into_owned());
                }
                Lit::CStr(text) => found.push(text.value().to_string_lossy().into_owned()),
                // A request of four letters can also be written as a number.
                Lit::Int(number) => {
                    if let Ok(number) = number.base10_parse::<u32>() {
                        found.extend(String::from_utf8(number.to_le_bytes().to_vec()));
                        found.extend(String::from_utf8(number.to_be_bytes().to_vec()));
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }
}

/// Returns the numbers in a source file that are writing MTP operations, except those in documentation and test code.
fn media_operations(source: &str) -> Vec<u32> {
    let mut found = Vec::new();
    numbers(TokenStream::from_str(source).unwrap(), &mut found);
    found.retain(|number| {
        MEDIA_OPERATIONS
            .iter()
            .any(|code| u32::from(*code) == *number)
    });
    found
}

fn numbers(tokens: TokenStream, found: &mut Vec<u32>) {
    let mut after_attribute_for_tests = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let text = group.stream().to_string().replace(' ', "");
                let is_attribute = group.delimiter() == Delimiter::Bracket && text == "cfg(test)";
                let is_for_tests =
                    after_attribute_for_tests && group.delimiter() == Delimiter::Brace;
                if !is_for_tests {
                    numbers(group.stream(), found);
                }
                after_attribute_for_tests =
                    is_attribute || (after_attribute_for_tests && !is_for_tests);
            }
            TokenTree::Punct(mark) if mark.as_char() == ';' => after_attribute_for_tests = false,
            TokenTree::Literal(literal) => {
                if let Lit::Int(number) = Lit::new(literal) {
                    found.extend(number.base10_parse::<u32>());
                }
            }
            _ => {}
        }
    }
}

#[test]
fn operations_that_write_stand_nowhere_in_the_code_for_media_devices() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/protocol/mtp");
    let files = sources(&folder);
    assert!(files.len() >= 5, "{files:?}");
    for path in files {
        let found = media_operations(&std::fs::read_to_string(&path).unwrap());
        assert_eq!(found, [0; 0], "{}", path.display());
    }
    // The guard must be able to find something.
    assert_eq!(media_operations("const A: u16 = 0x100b;"), [0x100b]);
    assert_eq!(media_operations("fn f() { run(&[0x_95_c5]) }"), [0x95c5]);
    assert_eq!(media_operations("fn f() { run(4_109) }"), [0x100d]);
    let harmless = "/// 0x100b\n#[cfg(test)] mod tests { const A: u16 = 0x100b; }";
    assert_eq!(media_operations(harmless), [0; 0]);
}

/// Returns the words in a literal that stand for writing. A sentence for a person is exempt: it has at least five words
/// and no character that is special to a shell.
fn writing_words(literal: &str) -> Vec<&'static str> {
    let signs = ["$", "|", "&", "<", ">", "\\", "=", " /", "content "];
    let is_sentence = literal.split(' ').count() >= 5
        && !signs.iter().any(|sign| literal.contains(sign))
        && literal.split(':').skip(1).all(|rest| rest.starts_with(' '));
    if is_sentence {
        return Vec::new();
    }
    let words: Vec<&str> = literal
        .split(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c)))
        .collect();
    WORDS
        .into_iter()
        .filter(|word| words.iter().any(|w| w.eq_ignore_ascii_case(word)))
        .collect()
}

#[test]
fn the_words_that_write_stand_nowhere() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/protocol");
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for path in sources(&folder) {
        for literal in literals(&std::fs::read_to_string(&path).unwrap()) {
            looked_at += 1;
            let words = writing_words(&literal);
            let is_harmless =
                |(file, text): &(&str, &str)| path.ends_with(file) && literal == *text;
            if HARMLESS.iter().any(is_harmless) {
                continue;
            }
            if !words.is_empty() {
                wrong.push(format!("{}: {literal:?} says {words:?}", path.display()));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(looked_at > 200, "{looked_at} literals looked at");
}

/// The guard must be able to find something.
#[test]
fn a_planted_verb_is_found() {
    for planted in [
        r#"fn f() { send(b"SEND", path) }"#,
        r#"const A: &[u8; 4] = b"SND2";"#,
        "const A: u32 = 0x444e_4553;",
        r#"fn f() { open(&format!("shell:rm {path}")) }"#,
        r##"fn f() { open(r#"shell:reboot"#) }"##,
        r#"fn f() { open("root:") }"#,
        r#"fn f() { open("shell:rm a b c d e") }"#,
        r#"fn f() { open("shell:content delete --uri content://com.android.contacts/raw_contacts --where a=b") }"#,
        r#"macro_rules! m { () => { open("reboot:") } }"#,
        r#"#[allow(dead_code)] fn f() { open("host:kill") }"#,
        r#"#[cfg(test)] mod tests { } fn f() { open("\x72eboot:") }"#,
    ] {
        let found = literals(planted);
        assert!(
            found
                .iter()
                .any(|literal| !writing_words(literal).is_empty()),
            "{planted}: {found:?}"
        );
    }
    for harmless in [
        "/// It never sends SEND or `reboot`.\nfn f() {}",
        r#"#[cfg(test)] mod tests { fn f() { open("reboot:") } }"#,
        r#"fn f() { say("Unlock it, then plug the cable in and start the rescue again.") }"#,
    ] {
        let found = literals(harmless);
        assert!(
            found
                .iter()
                .all(|literal| writing_words(literal).is_empty())
        );
    }
}
