//! `notes.txt`: the notes of a phone and of exported files as plain text, since there is no widely supported format for notes.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::format::icalendar::days;
use crate::model::{Moment, Note, Origin};
use crate::phrase;
use crate::system::private;

/// The file's name in the payload folder.
pub const NOTES: &str = "notes.txt";

const RULE: &str = "----------------------------------------";

/// Writes the notes one after another: a title, its day, its source, its text.
///
/// # Errors
/// If the disk refuses writes.
pub fn write(data: &Path, notes: &[Note]) -> io::Result<()> {
    let mut file = BufWriter::new(private::create_file(&data.join(NOTES))?);
    for note in notes {
        for line in lines(note) {
            write!(file, "{line}\r\n")?;
        }
        write!(file, "\r\n{RULE}\r\n\r\n")?;
    }
    file.flush()?;
    file.get_ref().sync_all()
}

fn lines(note: &Note) -> Vec<String> {
    let mut lines: Vec<String> = note.title.iter().cloned().collect();
    let day = |moment: &Moment| days::shown(moment).map(|shown| shown.day.to_string());
    let about = note.date.as_ref().and_then(day);
    let written = note
        .modified
        .as_ref()
        .or(note.created.as_ref())
        .and_then(day);
    lines.extend(about.map(|day| phrase!("Day: {day}")));
    lines.extend(written.map(|day| phrase!("Written: {day}")));
    match note.source.origin {
        Origin::File => lines.push(phrase!("File: {}", note.source.place)),
        Origin::Handset | Origin::Sim | Origin::Profile => {
            let folder = note.categories.iter().filter(|name| !name.is_empty());
            lines.extend(folder.map(|folder| phrase!("Folder: {folder}")));
            if note.source.deleted {
                lines.push(phrase("Deleted on the phone, but could still be read.").into());
            }
            let is_locked = note.extended.iter().any(|(name, _)| name == "locked");
            if is_locked {
                lines.push(phrase("Locked with a password: only the title could be read.").into());
            }
        }
    }
    lines.push(String::new());
    lines.extend(note.text.lines().map(str::to_owned));
    lines
}
