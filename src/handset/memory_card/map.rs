//! The mapfile that GNU ddrescue keeps next to an image: which parts of the image were never read from the card (GNU
//! ddrescue manual, "Mapfile structure").

use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::system::plain;

/// The longest map that is read, in bytes.
const LONGEST: u64 = 64 << 20;

/// The content of a map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Map {
    /// The name of its file.
    pub name: String,
    /// The parts of the image that hold no data of the card, in bytes, in order; no two are adjacent.
    pub holes: Vec<Range<u64>>,
    /// The end of the range that the map describes; it says nothing about the bytes after that.
    pub end: u64,
}

/// What was found next to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    Nothing,
    Map(Map),
    /// The name of a map that can't be read.
    Unreadable(String),
}

/// Looks for an image's map: `card.img.map`, `card.map`, and the same with `mapfile`, `ddrescue`, `logfile` and `log`;
/// or a file with one of the manual's own names, if its command line names this image.
pub fn beside(image: &Path) -> Beside {
    let name = image
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let endings = ["map", "mapfile", "ddrescue", "logfile", "log"];
    let with = |ending: &str| {
        let mut longer = image.as_os_str().to_owned();
        longer.push(format!(".{ending}"));
        PathBuf::from(longer)
    };
    let named = endings
        .iter()
        .map(|ending| with(ending))
        .chain(endings.iter().map(|ending| image.with_extension(ending)));
    for path in named.filter(|path| path != image) {
        match read(&path) {
            None => {}
            Some(Ok(text)) if !says_what_it_is(&text) && parsed(&text).is_none() => {}
            Some(Ok(text)) => return of(&path, &text),
            Some(Err(_)) if path.extension().is_some_and(|ending| ending == "log") => {}
            Some(Err(_)) => return Beside::Unreadable(shown(&path)),
        }
    }
    for common in ["mapfile", "logfile", "rescue.map", "rescue.log"] {
        let path = image.with_file_name(common);
        if let Some(Ok(text)) = read(&path)
            && says_what_it_is(&text)
            && commands(&text)
                .any(|line| line.split([' ', '/', '"', '\'']).any(|word| word == name))
        {
            return of(&path, &text);
        }
    }
    Beside::Nothing
}

fn of(path: &Path, text: &str) -> Beside {
    let name = shown(path);
    match parsed(text) {
        Some(map) => Beside::Map(Map { name, ..map }),
        None => Beside::Unreadable(name),
    }
}

fn shown(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Returns the text of a file; `None` if the file is missing or empty.
fn read(path: &Path) -> Option<std::io::Result<String>> {
    let file = match plain::open_chosen(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return None,
        other => other,
    };
    let mut bytes = Vec::new();
    let read = file.and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes).map(drop));
    if bytes.is_empty() && read.is_ok() {
        return None;
    }
    Some(match (read, bytes.len() as u64 > LONGEST) {
        (Ok(()), false) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        (Ok(()), true) => Err(ErrorKind::FileTooLarge.into()),
        (Err(error), _) => Err(error),
    })
}

/// True if the comments of a file say that it is a map.
fn says_what_it_is(text: &str) -> bool {
    let mut remarks = text
        .lines()
        .take_while(|line| line.trim_start().starts_with('#'));
    remarks.any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("ddrescue") && (line.contains("mapfile") || line.contains("logfile"))
    })
}

/// Returns the comments that give ddrescue's command line.
fn commands(text: &str) -> impl Iterator<Item = &str> {
    let remarks = text.lines().take_while(|line| line.starts_with('#'));
    remarks.filter(|line| line.to_ascii_lowercase().contains("command line"))
}

/// Parses a map; `None` if the text is no map or an incomplete one.
fn parsed(text: &str) -> Option<Map> {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim());
    let mut lines = lines.filter(|line| !line.is_empty());
    // The first line has ddrescue's position and status.
    let mut state = lines.next()?.split_whitespace();
    number(state.next()?)?;
    state.next().filter(|word| is_one_of(word, "?*/-FG+"))?;
    let mut map = Map::default();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [at, length, status] = words.as_slice() else {
            return None;
        };
        let (at, length) = (number(at)?, number(length)?);
        let end = at.checked_add(length)?;
        // No line may begin before the end of the previous one.
        if at < map.end || !is_one_of(status, "?*/-+") {
            return None;
        }
        // A range that no line describes was never tried.
        note(&mut map.holes, map.end..at);
        if *status != "+" {
            note(&mut map.holes, at..end);
        }
        map.end = end;
    }
    (map.end > 0).then_some(map)
}

fn note(holes: &mut Vec<Range<u64>>, hole: Range<u64>) {
    match holes.last_mut() {
        _ if hole.is_empty() => {}
        Some(last) if last.end == hole.start => last.end = hole.end,
        _ => holes.push(hole),
    }
}

fn is_one_of(word: &str, letters: &str) -> bool {
    word.len() == 1 && letters.contains(word)
}

/// Parses a number in C notation.
fn number(word: &str) -> Option<u64> {
    match word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if word.len() > 1 && word.starts_with('0') => u64::from_str_radix(word, 8).ok(),
        None => word.parse().ok(),
    }
}

impl Map {
    /// Returns the parts of the first `size` bytes that hold no data of the card. Bytes after the end of the map were
    /// never tried.
    pub fn within(mut self, size: u64) -> Vec<Range<u64>> {
        if self.end < size {
            note(&mut self.holes, self.end..size);
        }
        let cut = |hole: Range<u64>| hole.start.min(size)..hole.end.min(size);
        let holes = self.holes.into_iter().map(cut);
        holes.filter(|hole| !hole.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const MAP: &str = "# Mapfile. Created by GNU ddrescue version 1.23\n\
                       # Command line: ddrescue -b512 /dev/sdc card.img mapfile\n\
                       # Start time:   2024-03-01 10:00:00\n# current_pos  current_status  current_pass\n\
                       0x00000400     /               2\n#      pos        size  status\n\
                       0x00000000  0x00000400  +\n0x00000400  0x00000200  -\n0x00000600  512  /\n\
                       0x00000800  0x00000800  +\n0x00002000  0x00001000  ?\n";

    #[test]
    fn all_that_is_not_rescued_is_a_hole() {
        let map = parsed(MAP).unwrap();
        assert_eq!(map.holes, [0x400..0x800, 0x1000..0x3000]);
        assert_eq!(map.clone().within(0x4000), [0x400..0x800, 0x1000..0x4000]);
        assert_eq!(map.within(0x700).first(), Some(&(0x400..0x700)));
        let old = "# Rescue Logfile. Created by GNU ddrescue version 1.14\n0x0 +\n0x0 0x1000 +\n";
        assert!(says_what_it_is(old));
        assert_eq!(parsed(old).unwrap().holes, []);
        for broken in [
            "",
            "# only a remark",
            "0x0 +",
            "a log of something\n",
            "0x0 ?\n0x0 0x10 +\n0x8 0x10 -\n",
        ] {
            assert_eq!(parsed(broken), None, "{broken}");
        }
    }

    #[test]
    fn a_map_is_found_beside_its_image() {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("card.img");
        assert_eq!(beside(&image), Beside::Nothing);
        for (name, text, is_found) in [
            ("card.img.map", MAP, true),
            ("card.map", MAP, true),
            ("card.img.log", MAP, true),
            ("card.mapfile", MAP, true),
            ("mapfile", MAP, true),
            ("other.map", MAP, false),
            ("card.log", "10:00 the card was plugged in\n", false),
        ] {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            assert_eq!(beside(&image) != Beside::Nothing, is_found, "{name}");
            fs::remove_file(path).unwrap();
        }
        fs::write(
            folder.path().join("mapfile"),
            MAP.replace("card.img", "other.img"),
        )
        .unwrap();
        assert_eq!(beside(&image), Beside::Nothing);
        fs::write(
            folder.path().join("card.map"),
            MAP.replace("+\n", "+ and more\n"),
        )
        .unwrap();
        assert_eq!(beside(&image), Beside::Unreadable("card.map".into()));
    }
}
