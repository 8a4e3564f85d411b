//! The printable one-page report: what was rescued, what was not and why, and which other data a reset destroys.
//!
//! The report is one HTML file without scripts or external content, and declares this to the browser
//! (`Content-Security-Policy`), since it contains text from a handset. The same [`Report`] always gives the same bytes.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::path::Path;

use crate::format::{Fate, Losses};
use crate::model::{CollectionOutcome, FromFiles, Identity, Verdict, grouped};
use crate::phrase;
use crate::system::private;
use crate::vault::{Desk, VaultError, for_display};

/// Longest text of a handset that is shown in full, in characters.
const MAX_TEXT: usize = 600;

/// Maximum number of lines in one list.
const MAX_LINES: usize = 200;

const STYLE: &str = include_str!("report/style.css");

/// The content of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The heading: `Rescue of a Pixel 6`.
    pub title: String,
    /// The day of the rescue, in display form: `2026-11-22`.
    pub date: String,
    /// The rescue folder's name.
    pub folder: String,
    pub handset: Identity,
    /// The operator and the ticket.
    pub desk: Desk,
    /// The verdict in one or two sentences.
    pub headline: String,
    /// Why not everything that can be read is safe, each a sentence or its beginning. Even if this is empty, the page
    /// says "not yet" while a collection is partial or unreadable.
    pub reasons: Vec<String>,
    /// In display order.
    pub collections: Vec<CollectionOutcome>,
    /// Records from files that the owner had exported.
    pub from_files: Vec<FromFiles>,
    /// Exported lists that could not be read at all, each a sentence.
    pub lists_not_read: Vec<String>,
    /// Data that a reset destroys and Lifeboat has not saved, for the owner to tick.
    pub not_covered: Vec<String>,
    /// In display order.
    pub files: Vec<FileLine>,
    /// Data that the files can't hold and that the journal keeps.
    pub losses: Vec<LossLine>,
    pub goes_on: GoesOn,
}

/// How an unsafe rescue goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum GoesOn {
    /// It is resumed with the phone.
    #[default]
    WithPhone,
    /// It is resumed with the image of a memory card.
    WithImage,
    /// Its folder is sealed.
    Anew,
}

impl GoesOn {
    /// Returns what to do, in HTML.
    fn sentence(self) -> &'static str {
        match self {
            Self::WithPhone => phrase(
                "To continue the rescue: <code>lifeboat rescue --resume FOLDER --device ID</code>. Lifeboat skips \
                 what is already saved.",
            ),
            Self::WithImage => phrase(
                "To continue the rescue: <code>lifeboat rescue --resume FOLDER --image FILE</code>. Lifeboat skips \
                 what is already saved.",
            ),
            Self::Anew => phrase(
                "This rescue is finished. To read what is still missing, start a new rescue: <code>lifeboat \
                 rescue</code>.",
            ),
        }
    }
}

/// A file of the rescue and its purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FileLine {
    pub name: String,
    pub purpose: String,
}

/// A field that a format can't hold, and how often it occurred.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LossLine {
    pub format: String,
    pub field: String,
    pub count: u64,
}

impl Report {
    /// Returns true if the page says that everything that can be read is safe: no reason against it is given, some data
    /// could be read, no collection is partial or unreadable, and none differs from the data read back.
    pub fn is_safe(&self) -> bool {
        self.reasons.is_empty() && self.doubts().is_empty()
    }

    /// Returns the sentence at the top.
    pub fn verdict(&self) -> String {
        // The headline must never say "safe" if the table says something else.
        match self.is_safe() || !self.reasons.is_empty() {
            true => self.headline.clone(),
            false => phrase("Not yet: do not reset the phone.").to_owned(),
        }
    }

    /// Returns the reasons in the table against "safe".
    fn doubts(&self) -> Vec<String> {
        let doubt = |line: &CollectionOutcome| match line.verdict {
            Verdict::Partial => Some(phrase!("{}: some could not be read.", line.name.title())),
            Verdict::Unreadable => Some(phrase!(
                "{}: could be read, but was not.",
                line.name.title()
            )),
            Verdict::Complete | Verdict::Empty | Verdict::OutOfReach => line
                .read_back
                .filter(|read_back| *read_back != line.rescued)
                .map(|_| {
                    phrase!(
                        "{}: the written files do not match the rescued data.",
                        line.name.title()
                    )
                }),
        };
        let nothing = self
            .collections
            .iter()
            .all(|line| line.verdict == Verdict::OutOfReach);
        let nothing = nothing.then(|| phrase("Nothing has been read.").to_owned());
        let cut = self.from_files.iter();
        let cut = cut.filter(|line| line.verdict == Verdict::Partial);
        let cut = cut.map(|line| phrase!("{} from files: some were not read.", line.name.title()));
        nothing
            .into_iter()
            .chain(self.collections.iter().filter_map(doubt))
            .chain(cut)
            .collect()
    }
}

/// Writes the page into a new file that only its owner can read, and makes it durable.
///
/// # Errors
/// [`VaultError::Io`], including if the file already exists; [`VaultError::DiskFull`].
pub fn write(report: &Report, path: &Path) -> Result<(), VaultError> {
    let mut file = private::create_file(path).map_err(VaultError::io("make", path))?;
    file.write_all(render(report).as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(VaultError::io("write", path))
}

/// Returns the page as text.
pub fn render(report: &Report) -> String {
    let mut page = Page(String::with_capacity(16 << 10));
    page.head(report);
    page.verdict(report);
    page.collections(&report.collections);
    page.exported(&report.from_files, &report.lists_not_read);
    page.not_covered(&report.not_covered);
    page.files(&report.files);
    page.losses(&report.losses);
    page.check();
    page.put(phrase!(
        "<footer>Made by Lifeboat {} on {}. This page and the files beside it are private. Keep them as safe as \
         the phone.</footer>\n</body>\n</html>\n",
        env!("CARGO_PKG_VERSION"),
        escape(&report.date),
    ));
    page.0
}

/// The page under construction.
struct Page(String);

impl Page {
    fn put(&mut self, text: impl Display) {
        // Writing into a String can't fail.
        let _ = write!(self.0, "{text}");
    }

    fn head(&mut self, report: &Report) {
        let title = escape(&report.title);
        self.put(format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"format-detection\" content=\"telephone=no\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        ));
        let handset = &report.handset;
        let name = [&handset.make, &handset.model].map(|s| s.trim()).join(" ");
        let serial = match handset.serial.is_empty() {
            true => String::new(),
            false => phrase!("serial {}", handset.serial),
        };
        let facts = [
            &name,
            &handset.system,
            &serial,
            &report.date,
            &handset.approach,
        ];
        let facts: Vec<String> = facts
            .into_iter()
            .map(|fact| escape(fact))
            .filter(|fact| !fact.is_empty())
            .map(|fact| format!("<bdi>{fact}</bdi>"))
            .collect();
        self.put(format_args!(
            "<p class=\"handset\">{}</p>\n",
            facts.join(", ")
        ));
        let Desk { ticket, operator } = &report.desk;
        for (name, value) in [(phrase("Ticket"), ticket), (phrase("Done by"), operator)] {
            if !for_display(value).trim().is_empty() {
                self.put(format_args!(
                    "<p class=\"handset\">{name}: {}</p>\n",
                    bdi(value)
                ));
            }
        }
        if !report.folder.is_empty() {
            self.put(phrase!(
                "<p class=\"handset\">Folder: {}</p>\n",
                bdi(&report.folder)
            ));
        }
    }

    fn verdict(&mut self, report: &Report) {
        if report.is_safe() {
            self.put(phrase!(
                "<section class=\"verdict\">\n<p><strong>{}</strong></p>\n<p>When this page was written, there \
                 was one copy, on one disk. Before the phone is reset, make a second copy on a USB stick or a \
                 network drive: <code>lifeboat copy FOLDER TO</code>. To count the copies: <code>lifeboat verify \
                 FOLDER</code>. The list below shows what else a reset destroys.</p>\n</section>\n",
                escape(&report.verdict())
            ));
            return;
        }
        self.put(format_args!(
            "<section class=\"verdict not-yet\">\n<p><strong>{}</strong></p>\n",
            escape(&report.verdict())
        ));
        let mut reasons = report.reasons.clone();
        reasons.extend(report.doubts());
        self.list("", &reasons);
        self.put(
            phrase!(
                "<p><strong>Do not reset this phone.</strong> Until this page says that the data is safe, don't \
                 reset or update the phone or use safe mode. Don't add accounts, sign in or out, insert a SIM card \
                 or remove apps. Leave the battery and the SIM card in. Keep the phone charging, unless it is wet or \
                 swollen. Restart the phone only if the reasons above ask for it. {}</p>\n</section>\n",
                report.goes_on.sentence()
            ),
        );
    }

    fn collections(&mut self, lines: &[CollectionOutcome]) {
        if lines.is_empty() {
            return;
        }
        self.put(
            phrase(
                "<h2>Rescued data</h2>\n<table>\n<thead><tr><th scope=\"col\"></th><th scope=\"col\" class=\"n\">on \
                 phone</th><th scope=\"col\" class=\"n\">saved</th><th scope=\"col\" class=\"n\">checked</th><th \
                 scope=\"col\" class=\"n\">only here</th><th scope=\"col\" class=\"n\">deleted, saved</th><th \
                 scope=\"col\" class=\"n\">raw only</th><th scope=\"col\">verdict</th></tr></thead>\n<tbody>\n",
            ),
        );
        for line in lines.iter().take(MAX_LINES) {
            self.put(format_args!(
                "<tr><th scope=\"row\">{}</th>",
                bdi(line.name.title())
            ));
            // A zero would mean that there is nothing to read.
            let is_closed = line.is_closed();
            let known = |number: u64| (number > 0 || !is_closed).then_some(number);
            for number in [
                line.handset_says,
                known(line.rescued),
                line.read_back.and_then(known),
                line.only_here,
                known(line.deleted_kept),
                known(line.raw_only),
            ] {
                let number = number.map_or_else(|| "–".to_owned(), grouped);
                self.put(format_args!("<td class=\"n\">{number}</td>"));
            }
            self.put(format_args!("<td>{}</td></tr>\n", line.verdict.word()));
            if !line.notes.is_empty() {
                self.put("<tr class=\"note\"><td></td><td colspan=\"7\">");
                self.list("", &line.notes);
                self.put("</td></tr>\n");
            }
        }
        self.put(
            phrase(
                "</tbody>\n</table>\n<p class=\"handset\"><b>On phone</b>: the phone's own count. <b>Checked</b>: \
                 counted again in the written files. <b>Only here</b>: not backed up to any account we know of. \
                 <b>Deleted, saved</b>: deleted on the phone but could still be read, in separate files. <b>Raw \
                 only</b>: kept as the phone sent it. <b>–</b>: not known.</p>\n",
            ),
        );
    }

    fn exported(&mut self, lines: &[FromFiles], not_read: &[String]) {
        if lines.is_empty() && not_read.is_empty() {
            return;
        }
        self.put(phrase("<h2>From files that the owner exported</h2>\n"));
        if !lines.is_empty() {
            self.put(
                phrase(
                    "<table>\n<thead><tr><th scope=\"col\"></th><th scope=\"col\" class=\"n\">new</th><th \
                     scope=\"col\" class=\"n\">also on the phone</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n",
                ),
            );
            for line in lines {
                self.put(phrase!(
                    "<tr><th scope=\"row\">{} from files</th><td class=\"n\">{}</td><td \
                     class=\"n\">{}</td><td>{}</td></tr>\n",
                    bdi(line.name.title()),
                    grouped(line.found),
                    grouped(line.known),
                    line.verdict.word()
                ));
                if !line.notes.is_empty() {
                    self.put("<tr class=\"note\"><td></td><td colspan=\"3\">");
                    self.list("", &line.notes);
                    self.put("</td></tr>\n");
                }
            }
            self.put("</tbody>\n</table>\n");
        }
        if !not_read.is_empty() {
            self.put(phrase(
                "<p>These files could not be read. They are kept unchanged:</p>\n",
            ));
            self.list("", not_read);
        }
    }

    fn not_covered(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.put(
            phrase(
                "<h2>A reset also destroys these. Lifeboat has not saved them</h2>\n<p>Before the phone is reset, \
                 tick each item that you have saved yourself or do not need.</p>\n",
            ),
        );
        self.list("ticks", lines);
    }

    fn files(&mut self, lines: &[FileLine]) {
        if lines.is_empty() {
            return;
        }
        self.put(phrase("<h2>What each file is for</h2>\n<table>\n<tbody>\n"));
        for line in lines.iter().take(MAX_LINES) {
            self.put(format_args!(
                "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td></tr>\n",
                bdi(&line.name),
                bdi(&line.purpose)
            ));
        }
        self.put("</tbody>\n</table>\n");
        self.more(lines.len());
    }

    fn losses(&mut self, lines: &[LossLine]) {
        for (fate, heading, text) in [
            (
                Fate::NeverRead,
                phrase("What was not read"),
                phrase("The phone did not share this data. The data is in none of the files."),
            ),
            (
                Fate::Changed,
                phrase("Data that these files store in another form"),
                phrase(
                    "The file stores this data as described in brackets. The original is in \
                     <code>lifeboat.sqlite</code>.",
                ),
            ),
            (
                Fate::InJournal,
                phrase("Data that these files can't store"),
                phrase(
                    "This data is in <code>lifeboat.sqlite</code>, but not in the file named here.",
                ),
            ),
        ] {
            let lines: Vec<_> = lines
                .iter()
                .filter(|line| Losses::fate(&line.field) == fate)
                .collect();
            if !lines.is_empty() {
                self.losses_of(heading, text, &lines);
            }
        }
    }

    fn losses_of(&mut self, heading: &str, text: &str, lines: &[&LossLine]) {
        self.put(phrase!(
            "<h2>{heading}</h2>\n<p>{text}</p>\n<table>\n<thead><tr><th scope=\"col\">file</th><th \
             scope=\"col\">field</th><th scope=\"col\" class=\"n\">how often</th></tr></thead>\n<tbody>\n",
        ));
        for line in lines.iter().take(MAX_LINES) {
            self.put(format_args!(
                "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td></tr>\n",
                bdi(&line.format),
                bdi(&line.field),
                grouped(line.count)
            ));
        }
        self.put("</tbody>\n</table>\n");
        self.more(lines.len());
    }

    fn check(&mut self) {
        self.put(
            phrase(
                "<h2>How to check that the files are complete and unchanged</h2>\n<p>Run <code>lifeboat verify \
                 FOLDER</code>. Without Lifeboat, run this in the rescue folder: <code>sha256sum -c \
                 manifest-sha256.txt</code> (on a Mac: <code>shasum -a 256 -c manifest-sha256.txt</code>). The \
                 folder is a BagIt bag, so <code>bagit.py --validate FOLDER</code> can check it too.</p>\n",
            ),
        );
    }

    fn list(&mut self, class: &str, lines: &[String]) {
        let tick = class == "ticks";
        self.put(match tick {
            true => "<ul class=\"ticks\">\n",
            false => "<ul>\n",
        });
        for line in lines.iter().take(MAX_LINES) {
            let tick = if tick {
                "<span class=\"box\"></span>"
            } else {
                ""
            };
            self.put(format_args!("<li>{tick}{}</li>\n", bdi(line)));
        }
        self.put("</ul>\n");
        self.more(lines.len());
    }

    fn more(&mut self, lines: usize) {
        if let Some(more @ 1..) = lines.checked_sub(MAX_LINES) {
            self.put(phrase!("<p>… and {} more.</p>\n", grouped(more as u64)));
        }
    }
}

/// Isolates external text from the direction of the surrounding text.
fn bdi(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// Escapes text for HTML, in an element or a quoted attribute, without characters that move or reverse the surrounding
/// text.
fn escape(text: &str) -> String {
    // Long text is cut before it is processed.
    let cut = text.char_indices().nth(MAX_TEXT).map(|(end, _)| end);
    let shown = for_display(text.get(..cut.unwrap_or(text.len())).unwrap_or(text));
    let mut escaped = String::with_capacity(shown.len() + 16);
    for c in shown.trim().chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    if cut.is_some() {
        escaped.push('…');
    }
    escaped
}
