//! The printable one-page report: what was rescued, what was not and why, and which other data a reset destroys.
//!
//! The report is one HTML file without scripts or external content, and declares this to the browser
//! (`Content-Security-Policy`), since it contains text from a handset. The same [`Report`] always gives the same bytes.

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::path::Path;

use crate::format::{Fate, Losses};
use crate::model::{CollectionOutcome, FromFiles, Identity, Verdict, grouped};
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
            false => "Not yet: do not reset the phone.".to_owned(),
        }
    }

    /// Returns the reasons in the table against "safe".
    fn doubts(&self) -> Vec<String> {
        let doubt = |line: &CollectionOutcome| match line.verdict {
            Verdict::Partial => Some(format!("{}: some could not be read.", line.name.title())),
            Verdict::Unreadable => Some(format!(
                "{}: could be read, but was not.",
                line.name.title()
            )),
            Verdict::Complete | Verdict::Empty | Verdict::OutOfReach => line
                .read_back
                .filter(|read_back| *read_back != line.rescued)
                .map(|_| {
                    format!(
                        "{}: the written files don't hold what was rescued.",
                        line.name.title()
                    )
                }),
        };
        let nothing = self
            .collections
            .iter()
            .all(|line| line.verdict == Verdict::OutOfReach);
        let nothing = nothing.then(|| "Nothing has been read.".to_owned());
        let cut = self.from_files.iter();
        let cut = cut.filter(|line| line.verdict == Verdict::Partial);
        let cut = cut.map(|line| format!("{} from files: some were not read.", line.name.title()));
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
    page.put(format_args!(
        "<footer>Made by Lifeboat {} on {}. This page and the files beside it are private: keep them as you would keep the phone.</footer>\n</body>\n</html>\n",
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
            false => format!("serial {}", handset.serial),
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
        for (name, value) in [("Ticket", ticket), ("Done by", operator)] {
            if !for_display(value).trim().is_empty() {
                self.put(format_args!(
                    "<p class=\"handset\">{name}: {}</p>\n",
                    bdi(value)
                ));
            }
        }
        if !report.folder.is_empty() {
            self.put(format_args!(
                "<p class=\"handset\">Folder: {}</p>\n",
                bdi(&report.folder)
            ));
        }
    }

    fn verdict(&mut self, report: &Report) {
        if report.is_safe() {
            self.put(format_args!(
                "<section class=\"verdict\">\n<p><strong>{}</strong></p>\n\
                 <p>When this page was written there was one copy, on one disk. Make a second one before the phone is reset \
                 (<code>lifeboat copy FOLDER TO</code>, on a stick or a network drive; <code>lifeboat verify FOLDER</code> counts them), \
                 and read below what a reset destroys besides.</p>\n</section>\n",
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
            "<p><strong>Do not reset this phone.</strong> Until this page says that it is safe: no reset, no update, no safe mode; \
             add no account, sign in or out of nothing, put in no SIM, remove no app; the battery and the SIM stay in. \
             Keep it charging, unless it is wet or swollen. Restart it only where the reasons above ask for it. \
             Then go on with the same rescue: <code>lifeboat rescue --resume FOLDER</code>. What is on disk already stays safe and is not read twice.</p>\n</section>\n",
        );
    }

    fn collections(&mut self, lines: &[CollectionOutcome]) {
        if lines.is_empty() {
            return;
        }
        self.put(
            "<h2>What was rescued</h2>\n<table>\n<thead><tr><th scope=\"col\"></th>\
             <th scope=\"col\" class=\"n\">phone says</th><th scope=\"col\" class=\"n\">rescued</th>\
             <th scope=\"col\" class=\"n\">read back</th><th scope=\"col\" class=\"n\">only here</th>\
             <th scope=\"col\" class=\"n\">deleted, kept</th><th scope=\"col\" class=\"n\">raw only</th>\
             <th scope=\"col\">verdict</th></tr></thead>\n<tbody>\n",
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
            "</tbody>\n</table>\n<p class=\"handset\"><b>Phone says</b>: its own count. <b>Read back</b>: counted in the written files. \
             <b>Only here</b>: on no server that is known of. <b>Deleted, kept</b>: marked deleted on the phone, in files of their own. \
             <b>Raw only</b>: kept as the phone sent it. <b>–</b>: not known.</p>\n",
        );
    }

    fn exported(&mut self, lines: &[FromFiles], not_read: &[String]) {
        if lines.is_empty() && not_read.is_empty() {
            return;
        }
        self.put("<h2>From files that the owner had exported</h2>\n");
        if !lines.is_empty() {
            self.put(
                "<table>\n<thead><tr><th scope=\"col\"></th><th scope=\"col\" class=\"n\">new</th>\
                 <th scope=\"col\" class=\"n\">on the phone too</th><th scope=\"col\"></th></tr></thead>\n<tbody>\n",
            );
            for line in lines {
                self.put(format_args!(
                    "<tr><th scope=\"row\">{} from files</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
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
            self.put("<p>Nothing could be read of these. They are kept as they were:</p>\n");
            self.list("", not_read);
        }
    }

    fn not_covered(&mut self, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.put(
            "<h2>A reset also destroys, and Lifeboat does not have</h2>\n\
             <p>Tick what you have looked after, or can do without, before the phone is reset.</p>\n",
        );
        self.list("ticks", lines);
    }

    fn files(&mut self, lines: &[FileLine]) {
        if lines.is_empty() {
            return;
        }
        self.put("<h2>The files, and what each is for</h2>\n<table>\n<tbody>\n");
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
                "What was not read",
                "The phone did not give this: it is in none of the files.",
            ),
            (
                Fate::Changed,
                "What these files hold in another way",
                "The file has this as the words in brackets say. It stands unchanged in <code>lifeboat.sqlite</code>.",
            ),
            (
                Fate::InJournal,
                "What these files can't hold",
                "This is in <code>lifeboat.sqlite</code>, and not in the file named here.",
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
        self.put(format_args!(
            "<h2>{heading}</h2>\n<p>{text}</p>\n\
             <table>\n<thead><tr><th scope=\"col\">file</th><th scope=\"col\">field</th><th scope=\"col\" class=\"n\">how often</th></tr></thead>\n<tbody>\n",
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
            "<h2>How to check that the files are whole</h2>\n\
             <p><code>lifeboat verify FOLDER</code>, or without Lifeboat, in the rescue folder: <code>sha256sum -c manifest-sha256.txt</code> \
             (on a Mac: <code>shasum -a 256 -c manifest-sha256.txt</code>). The folder is a BagIt bag: <code>bagit.py --validate FOLDER</code> checks it as well.</p>\n",
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
            self.put(format_args!(
                "<p>… and {} more.</p>\n",
                grouped(more as u64)
            ));
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
