//! A page for each conversation, and one that lists them. The pages need nothing else, and no browser runs or fetches
//! anything for them (`Content-Security-Policy`), since they contain text from a handset.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Local, NaiveDate};

use super::{FOLDER, Parts, folder_in_words, without_content};
use crate::model::{DELETED, Message, MessageFolder, Origin, UNSENT, grouped};
use crate::phrase;
use crate::system::private;
use crate::vault::safe_name;

/// The page that lists the others.
pub const INDEX: &str = "index.html";

/// Begins each message on a page.
const MESSAGE: &str = "<article ";

const STYLE: &str = include_str!("style.css");

/// Writes the pages.
pub struct Pages {
    folder: PathBuf,
    open: Option<(BufWriter<File>, Option<NaiveDate>)>,
    /// File name, title, number of messages, and the time of the last, of each page.
    list: Vec<(String, String, u64, Option<i64>)>,
}

impl Pages {
    /// Creates the folder of the pages in the payload folder.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn new(data: &Path) -> io::Result<Self> {
        let folder = data.join(FOLDER);
        private::create_folder(&folder)?;
        Ok(Self {
            folder,
            open: None,
            list: Vec::new(),
        })
    }

    /// Begins the page of the next conversation.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn begin(&mut self, title: &str, addresses: &[String], count: u64) -> io::Result<()> {
        self.close()?;
        let number = self.list.len() + 1;
        let name = format!("{number:04} {}.html", safe_name(title, "conversation"));
        let mut page = BufWriter::new(private::create_file(&self.folder.join(&name))?);
        head(&mut page, title)?;
        let addresses: Vec<String> = addresses.iter().map(|one| bdi(one)).collect();
        let counted = match count {
            1 => phrase("1 message").to_owned(),
            count => phrase!("{} messages", grouped(count)),
        };
        writeln!(
            page,
            "<p><small>{} · {counted} · <a href=\"{INDEX}\">{}</a></small></p>",
            addresses.join(", "),
            phrase("all conversations")
        )?;
        self.list.push((name, title.to_owned(), count, None));
        self.open = Some((page, None));
        Ok(())
    }

    /// Adds a message to the page, with its author; `None`: the owner.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn push(
        &mut self,
        message: &Message,
        author: Option<&str>,
        files: &Parts,
    ) -> io::Result<()> {
        let Some((page, day)) = &mut self.open else {
            return Ok(());
        };
        // Without `..`: a new field of a message does not compile until it is decided whether the page shows it.
        let Message {
            kind: _,
            folder,
            people: _,
            at,
            sent: _,
            read: _,
            subject,
            text,
            parts,
            thread: _,
            sim: _,
            service_center: _,
            extended,
            source,
        } = message;
        let is = |mark: &str| extended.iter().any(|(name, _)| name == mark);
        if let Some((.., last)) = self.list.last_mut() {
            *last = at.or(*last);
        }
        let at = at.and_then(DateTime::from_timestamp_millis);
        let at = at.map(|at| at.with_timezone(&Local));
        let date = at.map(|at| at.date_naive());
        if date.is_some() && date != *day {
            *day = date;
            let shown = at.map(|at| at.format("%-d %B %Y").to_string());
            writeln!(page, "<h2>{}</h2>", shown.unwrap_or_default())?;
        }
        let class = if author.is_none() { "own" } else { "other" };
        writeln!(page, "{MESSAGE}class=\"{class}\">")?;
        for subject in subject.iter().filter(|text| !text.is_empty()) {
            writeln!(page, "<p dir=\"auto\"><b>{}</b></p>", escape(subject))?;
        }
        if let Some(what) = without_content(message) {
            writeln!(page, "<p><small>[{what}]</small></p>")?;
        }
        for text in text.iter() {
            writeln!(page, "<p dir=\"auto\">{}</p>", escape(text))?;
        }
        if is(UNSENT) {
            let said = phrase("Its sender took this message back.");
            writeln!(page, "<p><small>{said}</small></p>")?;
        }
        for part in parts.iter().filter(|part| part.is_attachment()) {
            let shown = bdi(&files.in_words(part));
            let Some(file) = files.name(part) else {
                let only_in = match (part.size, source.origin) {
                    (Some(_), Origin::File) => {
                        format!(" · {}", phrase!("only in the file {}", bdi(&source.place)))
                    }
                    _ => String::new(),
                };
                writeln!(page, "<p><small>{shown}{only_in}</small></p>")?;
                continue;
            };
            let is_picture = part.media_type.to_ascii_lowercase().starts_with("image/");
            let picture =
                is_picture.then(|| format!("<img src=\"{file}\" alt=\"\" loading=\"lazy\"><br>"));
            let picture = picture.unwrap_or_default();
            writeln!(
                page,
                "<p><a href=\"{file}\">{picture}<small>{shown}</small></a></p>"
            )?;
        }
        let time = at.map_or_else(
            || phrase("no date").into(),
            |at| at.format("%H:%M").to_string(),
        );
        let state = match folder {
            MessageFolder::Received | MessageFolder::Sent => String::new(),
            other => format!(" · {}", folder_in_words(*other)),
        };
        let state = match is(DELETED) {
            true => format!("{state} · {}", phrase("deleted on the phone")),
            false => state,
        };
        let author = author.map(|author| format!("{} · ", bdi(author)));
        writeln!(
            page,
            "<small>{}{time}{state}</small>\n</article>",
            author.unwrap_or_default()
        )
    }

    fn close(&mut self) -> io::Result<()> {
        if let Some((mut page, _)) = self.open.take() {
            writeln!(page, "</body>\n</html>")?;
            page.flush()?;
            page.get_ref().sync_all()?;
        }
        Ok(())
    }

    /// Finishes the last page, and writes the list of all.
    ///
    /// # Errors
    /// If the disk refuses writes.
    pub fn finish(mut self) -> io::Result<()> {
        self.close()?;
        let mut page = BufWriter::new(private::create_file(&self.folder.join(INDEX))?);
        head(&mut page, phrase("Messages"))?;
        self.list.sort_by_key(|(.., last)| std::cmp::Reverse(*last));
        writeln!(page, "<table>")?;
        for (name, title, count, last) in &self.list {
            let last = last.and_then(DateTime::from_timestamp_millis);
            let last = last.map(|at| at.with_timezone(&Local).format("%-d %b %Y").to_string());
            writeln!(
                page,
                "<tr><td><a href=\"{}\">{}</a></td><td>{}</td><td>{}</td></tr>",
                link(name),
                bdi(title),
                grouped(*count),
                last.unwrap_or_default()
            )?;
        }
        writeln!(page, "</table>\n</body>\n</html>")?;
        page.flush()?;
        page.get_ref().sync_all()
    }
}

fn head(page: &mut impl Write, title: &str) -> io::Result<()> {
    let title = escape(title);
    writeln!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self' file:; media-src 'self' file:; \
         style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<h1 dir=\"auto\">{title}</h1>"
    )
}

/// Isolates external text from the direction of the surrounding text.
fn bdi(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// Escapes a text for HTML, in an element or a quoted attribute. Line ends stay. Other control characters are shown as
/// their pictures, since HTML can't hold them.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\r' => escaped.push_str("&#13;"),
            '\n' | '\t' => escaped.push(c),
            '\0'..='\u{1F}' => {
                escaped.extend(char::from_u32(0x2400 + u32::from(c)));
            }
            '\u{7F}' => escaped.push('\u{2421}'),
            '\u{80}'..='\u{9F}' => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Returns a path as the address of a link.
pub(super) fn link(name: &str) -> String {
    let mut link = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                link.push(char::from(byte));
            }
            byte => link.push_str(&format!("%{byte:02X}")),
        }
    }
    link
}

/// Returns the number of messages on a page; an error if the page is not whole.
pub fn count(path: &Path) -> io::Result<u64> {
    const LAST: &str = "</html>";
    let mut page = BufReader::new(File::open(path)?);
    let (mut count, mut line, mut last) = (0, Vec::new(), Vec::new());
    loop {
        line.clear();
        // A text can have a line of any length.
        let read = page.by_ref().take(1 << 20).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        count += u64::from(line.starts_with(MESSAGE.as_bytes()));
        last.clone_from(&line);
    }
    match last.trim_ascii_end() == LAST.as_bytes() {
        true => Ok(count),
        false => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            phrase("a page ends in the middle"),
        )),
    }
}
