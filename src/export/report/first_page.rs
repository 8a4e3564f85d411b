//! The page to hand over: who, which phone, what was saved, what was not and why, what to do before the reset, copies,
//! date and signatures. It fits on one sheet of A4 or Letter whatever the phone says: texts that are too long for the
//! sheet end with the page where they go on.
//!
//! The heights and widths below repeat those of `style.css`.

use super::fit::{lines, shorten};
use super::{Before, DATE, NOT_YET_BOX, Page, Report, SAFE_BOX};
use crate::export::html::{MAX_TEXT, bdi, escape};
use crate::format::{Fate, Losses};
use crate::model::{CollectionOutcome, Verdict, grouped};
use crate::phrase;
use crate::vault::for_display;

/// Height that A4 and Letter both have within the margins, less a reserve for other fonts. All heights are in tenths of
/// a millimetre.
const SHEET: u32 = 2_590;

/// Height of a line and of the space below an entry in the two lists.
const LINE: u32 = 43;
const GAP: u32 = 9;

/// Height of a heading with the space around it.
const HEADING: u32 = 103;

/// Most lines for the title, the headline, a fact, and the sentence about exported files.
const MOST_LINES: [u32; 4] = [2, 3, 2, 2];

/// Returns the room of a column in hundredths of the font's size, from its width in millimetres and the font's size in
/// tenths of a point.
const fn room(width: u32, size: u32) -> u32 {
    width * 10_000_000 / (size * 3_528)
}

const TITLE: u32 = room(160, 200);
// Browsers also break after hyphens, which leaves lines shorter.
const FACT: u32 = room(46, 95);
// Bold letters are wider.
const HEADLINE: u32 = room(150, 135);
const ADVICE: u32 = room(166, 92);
const ENTRY: u32 = room(172, 92);
const BELOW: u32 = room(178, 82);

/// More entries of a list than the sheet has room for.
const MOST_ENTRIES: usize = 40;

/// The boxed text below the headline.
const SAFE: &str = phrase(
    "When this page was written, there was one copy, on one disk. Make a second copy on another disk before the phone is \
     reset. Then go through the boxes below with the owner.",
);
const NOT_SAFE: &str = phrase(
    "Until a page like this says that the data is safe, don't reset or update the phone, use safe mode, add accounts, \
     sign in or out, insert a SIM card or remove apps. Leave the battery and the SIM card in. Keep the phone charging, \
     unless it is wet or swollen. Restart it only if a reason below asks for it.",
);

/// The same for a backup.
const NOT_SAFE_BACKUP: &str = phrase(
    "Until a page like this says that the data is safe, keep the folder of the backup, and don't reset the phone if it \
     still works.",
);

impl Page {
    pub(super) fn first(&mut self, report: &Report) {
        let mut used = 0;
        self.put("<section class=\"sheet first\">\n");
        used += self.title(report);
        used += self.verdict(report);
        used += self.collections(report);
        let (not_saved, beside, warned) = (not_saved(report), beside(report), warned(report));
        let before = Before::parts(report);
        used += HEADING
            + LINE * (beside_lines(&beside) + beside_lines(&warned))
            + HEADING
            + LINE
            + GAP
            + SIGNED;
        // The number of lines that the full text takes. Longer texts are shortened anyway.
        let height = |text: &String| lines(text.get(..MAX_TEXT * 4).unwrap_or(text), ENTRY);
        let boxes: Vec<(String, u32)> = before.iter().take(MOST_ENTRIES).map(settled).collect();
        let reasons: Vec<[u32; 2]> = not_saved
            .iter()
            .take(MOST_ENTRIES)
            .map(|text| [1, height(text)])
            .collect();
        let ticks: Vec<[u32; 2]> = boxes
            .iter()
            .zip(&before)
            .map(|((_, above), one)| [above + 1, above + height(&one.line)])
            .collect();
        let [reasons, ticks] = share(&reasons, &ticks, SHEET.saturating_sub(used));
        for text in &warned {
            self.put(format_args!("<p class=\"beside\">{}</p>\n", bdi(text)));
        }
        self.put(format_args!(
            "<h2>{}</h2>\n",
            phrase("What was not saved, and why")
        ));
        if !not_saved.is_empty() {
            self.put("<ul class=\"why\">\n");
            for (why, most) in not_saved.iter().zip(&reasons) {
                let why = shorten(why, *most, ENTRY);
                self.put(format_args!("<li>{}</li>\n", bdi(&why)));
            }
            self.more(not_saved.len(), reasons.len());
            self.put("</ul>\n");
        }
        for text in &beside {
            self.put(format_args!("<p class=\"beside\">{}</p>\n", bdi(text)));
        }
        self.put(format_args!(
            "<h2>{}</h2>\n<p class=\"beside\">{}</p>\n<ul class=\"ticks\">\n",
            phrase("Before the reset"),
            Before::about(report),
        ));
        for ((one, (settled, above)), most) in before.iter().zip(&boxes).zip(&ticks) {
            let text = shorten(&one.line, most.saturating_sub(*above), ENTRY);
            let text = match settled.is_empty() {
                true => bdi(&text),
                false => format!("{}<br>{}", bdi(settled), bdi(&text)),
            };
            self.put(format_args!("<li>{}{text}</li>\n", one.tick()));
        }
        self.more(before.len(), ticks.len());
        self.put("</ul>\n");
        self.signed(report);
        self.put("</section>\n");
    }

    fn title(&mut self, report: &Report) -> u32 {
        let handset = &report.handset;
        let title = shorten(&report.title, MOST_LINES[0], TITLE);
        self.put(format_args!(
            "<header>\n{}{}{}\n<h1>{}</h1>\n<dl class=\"facts\">\n",
            DATE[0],
            escape(&report.date),
            DATE[1],
            bdi(&title)
        ));
        let owner = match report.by_right.as_str() {
            "" => report.on_behalf_of.clone(),
            right => format!("{}, {right}", report.on_behalf_of),
        };
        let mut used = 75 + 86 * lines(&title, TITLE) + 35;
        for row in [
            [
                match owner.as_str() {
                    "" => (phrase("Owner"), ""),
                    owner => (phrase("On behalf of"), owner),
                },
                (phrase("Ticket"), &report.desk.ticket),
                (phrase("Done by"), &report.desk.operator),
            ],
            [
                (phrase("Phone"), &phone(report)),
                (phrase("System"), &handset.system),
                (phrase("Serial number"), &handset.serial),
            ],
        ] {
            let mut most = 1;
            for (name, value) in row {
                let value = shorten(value, MOST_LINES[2], FACT);
                most = most.max(lines(&value, FACT));
                match value.is_empty() {
                    true => self.put(format_args!(
                        "<div><dt>{name}</dt><dd class=\"blank\"></dd></div>\n"
                    )),
                    false => self.put(format_args!(
                        "<div><dt>{name}</dt><dd>{}</dd></div>\n",
                        bdi(&value)
                    )),
                }
            }
            used += 62 + 46 * most;
        }
        self.put("</dl>\n</header>\n");
        used
    }

    fn verdict(&mut self, report: &Report) -> u32 {
        let headline = shorten(&report.verdict(), MOST_LINES[1], HEADLINE);
        let marks = super::HEADLINE;
        let (begin, advice) = match report.is_safe() {
            true => (SAFE_BOX, SAFE),
            false if report.handset.is_backup => (NOT_YET_BOX, NOT_SAFE_BACKUP),
            false => (NOT_YET_BOX, NOT_SAFE),
        };
        self.put(format_args!(
            "{begin}\n{}{}{}\n<p>{advice}</p>\n</div>\n",
            marks[0],
            escape(&headline),
            marks[1]
        ));
        130 + 62 * lines(&headline, HEADLINE) + LINE * lines(advice, ADVICE)
    }

    fn collections(&mut self, report: &Report) -> u32 {
        if report.collections.is_empty() {
            return 0;
        }
        self.put(format_args!(
            "<h2>{}</h2>\n<table class=\"counts\">\n<thead><tr><th scope=\"col\"></th>",
            phrase("Found, saved and checked")
        ));
        for name in [
            match report.handset.is_backup {
                true => phrase("in the backup"),
                false => phrase("on the phone"),
            },
            phrase("saved"),
            phrase("checked"),
            phrase("only here"),
        ] {
            self.put(format_args!("<th scope=\"col\" class=\"n\">{name}</th>"));
        }
        self.put("<th scope=\"col\"></th></tr></thead>\n<tbody>\n");
        for line in &report.collections {
            self.put(format_args!(
                "<tr><th scope=\"row\">{}</th>",
                bdi(line.full_title())
            ));
            for number in counts(line) {
                self.put(number_cell(number));
            }
            let (class, word) = match line.verdict {
                Verdict::Complete => ("good", phrase("✓ complete")),
                Verdict::Empty if report.handset.is_backup => {
                    ("good", phrase("✓ none in the backup"))
                }
                Verdict::Empty => ("good", phrase("✓ none on the phone")),
                Verdict::Partial => ("bad", phrase("✗ only partly")),
                Verdict::Unreadable => ("bad", phrase("✗ not read")),
                Verdict::OutOfReach => ("away", phrase("– can't be read like this")),
            };
            self.put(format_args!("<td class=\"{class}\">{word}</td></tr>\n"));
        }
        self.put("</tbody>\n</table>\n");
        let files = from_files(report);
        let legend = phrase(
            "Checked: counted again in the written files. Only here: not known to be in any account or backup. –: not \
             known.",
        );
        let files = shorten(&files, MOST_LINES[3], BELOW);
        self.put(format_args!("<p class=\"below\">{legend}</p>\n"));
        if !files.is_empty() {
            self.put(format_args!("<p class=\"below\">{}</p>\n", bdi(&files)));
        }
        let rows = u32::try_from(report.collections.len()).unwrap_or(u32::MAX);
        let below = lines(legend, BELOW)
            + if files.is_empty() {
                0
            } else {
                lines(&files, BELOW)
            };
        HEADING + 52 + 54_u32.saturating_mul(rows) + 20 + 38 * below
    }

    fn signed(&mut self, report: &Report) {
        let folder = shorten(&report.folder, 1, room(130, 92));
        self.put(format_args!(
            "<footer>\n<h2>{}</h2>\n<ol class=\"copies\">\n<li>{}{} {}</li>\n<li>{}{}<i></i>{}<i class=\"day\"></i></li>\n\
             </ol>\n<div class=\"signed\"><p>{}</p><p>{}</p><p>{}</p></div>\n</footer>\n",
            phrase("Copies"),
            Before::OPEN,
            phrase("on this computer:"),
            bdi(&folder),
            Before::OPEN,
            phrase("on a stick or drive:"),
            phrase("checked on:"),
            phrase("Date"),
            phrase("Technician"),
            match report.on_behalf_of.is_empty() {
                true => phrase("Owner: I have seen what a reset destroys"),
                false => phrase("For the owner: I have seen what a reset destroys"),
            },
        ));
    }

    fn more(&mut self, all: usize, shown: usize) {
        if let Some(more @ 1..) = all.checked_sub(shown) {
            self.put(phrase!(
                "<li class=\"rest\">and {} more (see page 2)</li>\n",
                grouped(more as u64)
            ));
        }
    }
}

/// Height of the copies and the signatures.
const SIGNED: u32 = 365;

/// Returns a number as a cell of a table.
pub(super) fn number_cell(number: Option<u64>) -> String {
    let number = number.map_or_else(|| "–".to_owned(), grouped);
    format!("<td class=\"n\">{number}</td>")
}

/// Returns how many the phone lists, were saved, were counted again, and exist on this phone only. A zero means that
/// there is nothing to read, so a zero is shown only if this is certain.
fn counts(line: &CollectionOutcome) -> [Option<u64>; 4] {
    let is_closed = line.is_closed();
    let known = |number: u64| (number > 0 || !is_closed).then_some(number);
    [
        line.handset_says,
        known(line.rescued),
        line.read_back.and_then(known),
        line.only_here,
    ]
}

fn phone(report: &Report) -> String {
    let handset = &report.handset;
    // Some makers begin the model with their own name.
    let (make, model) = (handset.make.trim(), handset.model.trim());
    match model.to_lowercase().starts_with(&make.to_lowercase()) {
        true => model.to_owned(),
        false => format!("{make} {model}"),
    }
}

fn from_files(report: &Report) -> String {
    let lines = report.from_files.iter();
    let lines: Vec<String> = lines
        .map(|line| format!("{} {}", line.name.title(), line.counts()))
        .collect();
    match lines.is_empty() {
        true => String::new(),
        false => phrase!(
            "Also saved, from files that the owner had exported: {}.",
            lines.join("; ")
        ),
    }
}

/// Returns why not everything that can be read is safe.
pub(super) fn reasons(report: &Report) -> Vec<String> {
    match report.reasons.is_empty() {
        true => report.doubts(),
        false => report.reasons.clone(),
    }
}

/// Returns the reasons, and what the first page says of lists that could not be read.
fn not_saved(report: &Report) -> Vec<String> {
    let mut all = reasons(report);
    let lists = report.lists_not_read.len();
    if lists > 0 {
        all.push(phrase!(
            "Exported lists that could not be read, and are kept unchanged: {} (see page 2).",
            grouped(lists as u64)
        ));
    }
    all
}

/// Returns what has to be known by everyone who handles the phone.
fn warned(report: &Report) -> Vec<String> {
    let is_new = |warning: &&String| !report.reasons.contains(warning);
    let warnings = report.warnings.iter().filter(is_new).take(MOST_WARNINGS);
    warnings
        .map(|text| shorten(text, BESIDE_LINES, ENTRY))
        .collect()
}

/// Returns the sentences beside the reasons.
fn beside(report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    if report.is_safe() && report.lists_not_read.is_empty() {
        said.push(
            match report.handset.is_backup {
                true => phrase("Nothing that Lifeboat can read in this backup is missing."),
                false => phrase("Nothing that Lifeboat can read on this phone is missing."),
            }
            .to_owned(),
        );
    }
    let never = never_read(report);
    if !never.is_empty() {
        said.push(phrase!(
            "Never read, because the phone did not share it: {} (see page 2).",
            never.join(", ")
        ));
    }
    said.iter()
        .map(|text| shorten(text, BESIDE_LINES, ENTRY))
        .collect()
}

/// Most warnings on the sheet. All of them are on the second page.
const MOST_WARNINGS: usize = 3;

/// Most lines of a sentence beside the reasons.
const BESIDE_LINES: u32 = 2;

fn beside_lines(texts: &[String]) -> u32 {
    texts.iter().map(|text| lines(text, ENTRY)).sum()
}

/// Returns the fields that were never read, each with the highest count of a single file.
fn never_read(report: &Report) -> Vec<String> {
    let mut all: Vec<(&str, u64)> = Vec::new();
    for line in &report.losses {
        if Losses::fate(&line.field) != Fate::NeverRead {
            continue;
        }
        match all.iter_mut().find(|(field, _)| *field == line.field) {
            Some((_, count)) => *count = (*count).max(line.count),
            None => all.push((&line.field, line.count)),
        }
    }
    let say = |(field, count): (&str, u64)| format!("{} {}", grouped(count), for_display(field));
    all.into_iter().map(say).collect()
}

/// Most lines of what stands above a box that is done or skipped. A reason is never cut.
const MOST_SETTLED: u32 = 8;

/// Returns who did or skipped something, when and why, and the number of its lines.
fn settled(one: &Before<'_>) -> (String, u32) {
    if one.settled.is_empty() {
        return (String::new(), 0);
    }
    let whole = for_display(&one.settled);
    match lines(&whole, ENTRY) {
        fits @ ..=MOST_SETTLED => (whole, fits),
        _ => {
            let elsewhere = phrase("Done or skipped: who, when and why is on page 2.").to_owned();
            let height = lines(&elsewhere, ENTRY);
            (elsewhere, height)
        }
    }
}

/// Shares the height that is left between the reasons and the boxes: given the lines that each entry takes at least and
/// in full, returns the number of lines of each that is shown. If there is not enough for the least of each, the last
/// ones are left for the second page. The reasons come first.
fn share(reasons: &[[u32; 2]], boxes: &[[u32; 2]], left: u32) -> [Vec<u32>; 2] {
    let full = [reasons, boxes];
    let mut shown = full.map(|list| list.iter().map(|[least, _]| *least).collect::<Vec<_>>());
    let height = |shown: &[Vec<u32>; 2]| -> u32 {
        let both = shown.iter().zip(full);
        both.map(|(shown, full)| {
            let entries: u32 = shown.iter().map(|lines| LINE * lines + GAP).sum();
            let is_cut = shown.len() < full.len();
            entries + u32::from(is_cut) * (LINE + GAP)
        })
        .sum()
    };
    while height(&shown) > left {
        let longer = usize::from(shown[1].len() >= shown[0].len());
        if shown[longer].len() <= 1 {
            return shown;
        }
        shown[longer].pop();
    }
    // A line more for each in turn, as long as there is room.
    let mut used = height(&shown);
    let mut grew = true;
    while grew {
        grew = false;
        for (lines, full) in shown
            .iter_mut()
            .zip(full)
            .flat_map(|(s, f)| s.iter_mut().zip(f))
        {
            if *lines < full[1] && used + LINE <= left {
                *lines += 1;
                used += LINE;
                grew = true;
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_entries_are_shortened_before_any_is_left_out() {
        let boxes = [[1, 1], [1, 3]];
        assert_eq!(share(&[[1, 2]], &boxes, 1000), [vec![2], vec![1, 3]]);
        assert_eq!(share(&[[1, 2]], &boxes, 250), [vec![2], vec![1, 2]]);
        assert_eq!(share(&[[1, 2]], &boxes, 200), [vec![2], vec![1, 1]]);
        assert_eq!(share(&[], &[], 0), [Vec::<u32>::new(), Vec::new()]);
        // What is done or skipped has its reason in full, or is on the second page.
        assert_eq!(share(&[], &[[1, 3], [4, 6]], 300), [vec![], vec![2, 4]]);
        assert_eq!(share(&[], &[[1, 3], [4, 6]], 200), [vec![], vec![3]]);
        let [why, ticks] = share(&[[1, 5]; 200], &[[1, 4]; 200], 600);
        assert!(why.iter().chain(&ticks).all(|lines| *lines == 1));
        assert!(why.len() + ticks.len() <= 10 && ticks.len().abs_diff(why.len()) < 2);
    }
}
