//! Names that Windows reserves, or reads differently from how they are written. A rescue's files have no such names on
//! any system, so that they are the same everywhere and a stick can be carried from one system to another.
//!
//! Source: Microsoft, "Naming Files, Paths, and Namespaces".

/// Windows' devices, with or without an extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Windows' ports: each with a digit, or with a superscript digit of Latin-1.
const PORTS: [&str; 2] = ["com", "lpt"];

/// True for a name that Windows takes for a device, in any folder.
pub fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let is = |device: &str| stem.eq_ignore_ascii_case(device);
    DEVICES.iter().any(|device| is(device))
        || PORTS.iter().any(|port| {
            let number = stem
                .get(..port.len())
                .filter(|start| start.eq_ignore_ascii_case(port))
                .and_then(|_| stem.get(port.len()..));
            matches!(
                number,
                Some("0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "¹" | "²" | "³")
            )
        })
}

/// True for a name that Windows keeps as it is: no device, no stream of a file (`a:b`), no ending that Windows cuts
/// off.
pub fn is_kept(name: &str) -> bool {
    !name.contains(['<', '>', ':', '"', '/', '\\', '|', '?', '*'])
        && !name.contains(char::is_control)
        && !name.ends_with(['.', ' '])
        && !is_device(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_own_names_are_known() {
        for name in [
            "con",
            "NUL",
            "Aux.txt",
            "com1",
            "LPT9.tar.gz",
            "COM¹",
            "con .txt",
            "lpt0",
        ] {
            assert!(is_device(name) && !is_kept(name), "{name}");
        }
        for name in ["console", "com", "com10", "a.con", "lptx", "ä", "IMG_1.jpg"] {
            assert!(!is_device(name) && is_kept(name), "{name}");
        }
        for name in ["a:b", "a.", "a ", "a\u{1}", "what?", "x\\y"] {
            assert!(!is_kept(name), "{name}");
        }
    }
}
