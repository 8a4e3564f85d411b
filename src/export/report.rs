//! The printable report: one page to hand over, which says what was rescued, what was not and why, and which other data
//! a reset destroys; and the details on pages behind it.
//!
//! The report is one HTML file without scripts or external content, and declares this to the browser
//! (`Content-Security-Policy`), since it contains text from a handset. The same [`Report`] always gives the same bytes.

mod details;
mod first_page;
mod fit;

use std::fmt::{Display, Write as _};
use std::io::Write as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::html;
use crate::model::{
    CollectionOutcome, FromFiles, Identity, LineState, ResetLine, ResetPart, Ticked, Verdict,
};
use crate::phrase;
use crate::system::private;
use crate::vault::{Desk, VaultError};

/// Maximum number of lines in one list of the details.
const MAX_LINES: usize = 200;

const STYLE: &str = include_str!("report/style.css");

/// The content of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What has to be known by everyone who handles the phone, each in sentences.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// What was said at the desk, each a sentence.
    #[serde(default)]
    pub said: Vec<String>,
    /// For whom the rescue was done and by what right, if the owner could not ask for it; empty: for the owner.
    #[serde(default)]
    pub on_behalf_of: String,
    #[serde(default)]
    pub by_right: String,
    /// In display order.
    pub collections: Vec<CollectionOutcome>,
    /// Records from files that the owner had exported.
    pub from_files: Vec<FromFiles>,
    /// Exported lists that could not be read at all, each a sentence.
    pub lists_not_read: Vec<String>,
    /// Data that a reset destroys and Lifeboat has not saved, for the owner to tick.
    pub not_covered: Vec<String>,
    /// What a reset destroys, worst first, and what was done about it. If there are such lines, they stand in place of
    /// `not_covered`.
    #[serde(default)]
    pub before_reset: Vec<Ticked>,
    /// In display order.
    pub files: Vec<FileLine>,
    /// Data that the files can't hold and that the journal keeps.
    pub losses: Vec<LossLine>,
    #[serde(default)]
    pub goes_on: Continuation,
}

/// How an unsafe rescue goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Continuation {
    /// It is resumed with the phone.
    #[default]
    WithPhone,
    /// It is resumed with the image of a memory card.
    WithImage,
    /// Its folder is sealed.
    NewRescue,
}

/// A file of the rescue and its purpose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileLine {
    pub name: String,
    pub purpose: String,
}

/// A field that a format can't hold, and how often it occurred.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
            Verdict::Partial => Some(phrase!("{}: some could not be read.", line.full_title())),
            Verdict::Unreadable => Some(phrase!(
                "{}: could be read, but was not.",
                line.full_title()
            )),
            Verdict::Complete | Verdict::Empty | Verdict::OutOfReach => line
                .read_back
                .filter(|read_back| *read_back != line.rescued)
                .map(|_| {
                    phrase!(
                        "{}: the written files do not match the rescued data.",
                        line.full_title()
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
    page.head(&report.title);
    page.first(report);
    page.details(report);
    page.put("</body>\n</html>\n");
    page.0
}

/// Marks around the verdict and the date on the page, by which they are read back.
const SAFE_BOX: &str = "<div class=\"verdict\">";
const NOT_YET_BOX: &str = "<div class=\"verdict not-yet\">";
const HEADLINE: [&str; 2] = ["<p class=\"headline\"><bdi>", "</bdi></p>"];
const DATE: [&str; 2] = [
    "<p class=\"brand\">Lifeboat<span><bdi>",
    "</bdi></span></p>",
];

/// Returns whether a page says that everything that can be read is safe, and its headline; `None`: it is no page of this
/// version.
pub fn verdict_of(page: &str) -> Option<(bool, String)> {
    let is_safe = match (page.contains(SAFE_BOX), page.contains(NOT_YET_BOX)) {
        (true, false) => true,
        (false, true) => false,
        _ => return None,
    };
    Some((is_safe, between(page, HEADLINE)?))
}

/// Returns the date on a page.
pub fn date_of(page: &str) -> Option<String> {
    between(page, DATE)
}

fn between(page: &str, [begin, end]: [&str; 2]) -> Option<String> {
    let (_, rest) = page.split_once(begin)?;
    let (text, _) = rest.split_once(end)?;
    Some(html::unescape(text))
}

/// Something to do before the reset, and what was done about it.
struct Before<'a> {
    text: String,
    /// Who did or skipped it, when and why; empty: nobody did.
    settled: String,
    /// The text without that.
    line: String,
    state: LineState,
    /// The things behind a number in the text.
    names: &'a [String],
}

impl<'a> Before<'a> {
    /// A box to tick.
    const OPEN: &'static str = "<span class=\"box\"></span>";

    /// Returns everything to do, the worst loss first.
    fn all(report: &'a Report) -> Vec<Self> {
        if report.before_reset.is_empty() {
            let lines = report.not_covered.iter();
            return lines
                .map(|what| Self {
                    text: what.clone(),
                    settled: String::new(),
                    line: what.clone(),
                    state: LineState::Open,
                    names: &[],
                })
                .collect();
        }
        let lines = report.before_reset.iter();
        lines
            .map(|Ticked { line, state }| Self::of(line, state))
            .collect()
    }

    /// Returns everything to do in short: lines that belong together as one, which is done when all of them are.
    fn parts(report: &'a Report) -> Vec<Self> {
        if report.before_reset.is_empty() {
            return Self::all(report);
        }
        let parts = ResetPart::all(&report.before_reset).into_iter();
        parts
            .map(|part| match part {
                ResetPart::Line(Ticked { line, state }) => Self::of(line, state),
                ResetPart::Group { heading: _, lines } => {
                    let open = LineState::Open;
                    let last = lines.last().map_or(&open, |one| &one.state);
                    Self {
                        text: phrase!("{} Each has a box under “In full”.", part.lost()),
                        settled: String::new(),
                        line: part.lost(),
                        state: if part.is_open() { open } else { last.clone() },
                        names: &[],
                    }
                }
            })
            .collect()
    }

    fn of(line: &'a ResetLine, state: &LineState) -> Self {
        Self {
            text: match state.is_open() {
                true => line.sentence(),
                false => format!("{} {}.", line.sentence(), state.sentence()),
            },
            settled: state.settled(),
            line: line.sentence(),
            state: state.clone(),
            names: &line.names,
        }
    }

    /// Returns the sentence above the boxes.
    fn about(report: &Report) -> &'static str {
        match report.before_reset.is_empty() {
            true => phrase(
                "A reset also destroys these, and Lifeboat has not saved them. Tick each line that is done or not needed.",
            ),
            false => phrase(
                "Don't reset the phone while a box is open. Do what it says, or write down why not.",
            ),
        }
    }

    fn tick(&self) -> &'static str {
        match self.state {
            LineState::Open => Self::OPEN,
            LineState::Done { .. } => "<span class=\"box\">✓</span>",
            LineState::Skipped { .. } => "<span class=\"box\">–</span>",
        }
    }
}

/// The page under construction.
struct Page(String);

impl Page {
    fn put(&mut self, text: impl Display) {
        // Writing into a String can't fail.
        let _ = write!(self.0, "{text}");
    }

    fn head(&mut self, title: &str) {
        self.put(format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{}\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"format-detection\" content=\"telephone=no\">\n\
             <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n",
            html::policy(false),
            html::escape(title),
        ));
    }
}
