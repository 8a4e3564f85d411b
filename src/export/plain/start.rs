//! `START-HERE.html`: what the copy holds, what is missing, and how to put it onto a new phone.

use super::steps::{FOLDER, GUIDES};
use super::{Html, Page, link};
use crate::export::html::{bdi, escape_all};
use crate::model::grouped;
use crate::phrase;

/// The name of the first page.
pub const START: &str = "START-HERE.html";

const SAFE: &str = "<div class=\"verdict\">";
const NOT_YET: &str = "<div class=\"verdict not-yet\">";

/// The content of the first page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Start {
    /// `samsung SM-A536B`.
    pub phone: String,
    /// The day of the rescue; empty: not known.
    pub date: String,
    /// The verdict of the report; `None`: it can't be read.
    pub verdict: Option<(bool, String)>,
    pub holds: Vec<Holds>,
    pub missing: Vec<Missing>,
    /// The files to import: name, and what to expect of each.
    pub imports: Vec<(String, String)>,
    /// The report is in the copy, under this name.
    pub report: Option<String>,
}

/// One collection, as in the verdict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holds {
    pub title: String,
    pub on_phone: Option<u64>,
    /// `None`: nothing of it could be read.
    pub saved: Option<u64>,
    /// `complete`.
    pub word: String,
    pub is_whole: bool,
    /// The page that shows it.
    pub page: Option<String>,
}

/// The missing data of a collection, and the reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    pub title: String,
    pub why: Vec<String>,
}

/// Returns the first page.
pub fn start(start: &Start) -> Page {
    let title = phrase!("What was saved from {}", start.phone);
    let mut html = Html::new(&title);
    html.put(format_args!("<h1>{}</h1>\n", bdi(&title)));
    if !start.date.is_empty() {
        html.put(phrase!(
            "<p class=\"quiet\">Read on {}.</p>\n",
            bdi(&start.date)
        ));
    }
    verdict(start, &mut html);
    holds(start, &mut html);
    missing(start, &mut html);
    guides(start, &mut html);
    html.put(phrase!(
        "<h2>Good to know</h2>\n<ul>\n<li>Everything here opens by itself. Nothing needs the internet.</li>\n\
         <li>To find a person or an event, open its list and press Ctrl+F (on a Mac: ⌘F; on a phone: <i>Find in \
         page</i>).</li>\n<li>This copy is for reading and importing. The exact copy of the rescue, which can be checked \
         against its checksums, is another folder. Ask the person who made this copy for it.</li>\n<li>Anyone who has \
         this stick can read it. Keep it as safe as the phone.</li>\n</ul>\n<p class=\"quiet\">Made by Lifeboat \
         {}.</p>\n",
        env!("CARGO_PKG_VERSION")
    ));
    Page {
        name: START.to_owned(),
        text: html.done(),
    }
}

fn verdict(start: &Start, html: &mut Html) {
    let (begin, text) = match &start.verdict {
        Some((true, text)) => (SAFE, text.as_str()),
        Some((false, text)) => (NOT_YET, text.as_str()),
        None => (
            NOT_YET,
            phrase(
                "The verdict of this rescue can't be read here. Ask the person who made this copy.",
            ),
        ),
    };
    html.put(format_args!("{begin}\n<p><b>{}</b></p>\n", bdi(text)));
    if let Some(report) = &start.report {
        html.put(phrase!(
            "<p><a href=\"{}\">The report</a> lists what else a reset of the phone destroys. Read it before the phone is \
             reset.</p>\n",
            escape_all(&link(report))
        ));
    }
    html.put("</div>\n");
}

fn holds(start: &Start, html: &mut Html) {
    html.put(phrase(
        "<h2>What is here</h2>\n<table>\n<thead><tr><th></th><th class=\"n\">on the phone</th><th class=\"n\">saved</th>\
         <th></th></tr></thead>\n<tbody>\n",
    ));
    let number = |n: Option<u64>| n.map_or_else(|| "–".to_owned(), grouped);
    for one in &start.holds {
        let title = match &one.page {
            Some(page) => format!(
                "<a href=\"{}\">{}</a>",
                escape_all(&link(page)),
                bdi(&one.title)
            ),
            None => bdi(&one.title),
        };
        let (class, sign) = if one.is_whole {
            ("good", '✓')
        } else {
            ("bad", '✗')
        };
        html.put(format_args!(
            "<tr><th>{title}</th><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"{class}\">{sign} {}</td></tr>\n",
            number(one.on_phone),
            number(one.saved),
            bdi(&one.word)
        ));
    }
    html.put("</tbody>\n</table>\n");
}

fn missing(start: &Start, html: &mut Html) {
    html.put(phrase("<h2>What is missing</h2>\n"));
    if start.missing.is_empty() {
        html.put(phrase(
            "<p>Nothing is missing from the kinds of data above. Chats and other data inside apps are not part of this copy.</p>\n",
        ));
        return;
    }
    html.put("<ul>\n");
    for one in &start.missing {
        html.put(format_args!(
            "<li><b>{}</b>: {}</li>\n",
            bdi(&one.title),
            bdi(&one.why.join(" "))
        ));
    }
    html.put(phrase(
        "</ul>\n<p>Chats and other data inside apps are not part of this copy.</p>\n",
    ));
}

fn guides(start: &Start, html: &mut Html) {
    if start.imports.is_empty() {
        return;
    }
    html.put(phrase!(
        "<h2>Put these on your new phone</h2>\n<p>The files are in the folder <b>{}</b>. After each import, compare the \
         number with the one here. The steps are below: open those for your phone or account.</p>\n<table>\n<tbody>\n",
        FOLDER
    ));
    let has = |name: &str| start.imports.iter().any(|(file, _)| file == name);
    for (name, expect) in &start.imports {
        html.put(format_args!(
            "<tr><th><a href=\"{}\">{}</a></th><td>{}</td></tr>\n",
            escape_all(&link(&format!("{FOLDER}/{name}"))),
            bdi(name),
            bdi(expect)
        ));
    }
    html.put("</tbody>\n</table>\n");
    for guide in GUIDES {
        html.put(format_args!(
            "<details>\n<summary>{}</summary>\n",
            guide.name
        ));
        for (file, title, steps) in [
            ("contacts.vcf", phrase("Contacts"), guide.contacts),
            ("calendar.ics", phrase("Calendar"), guide.calendar),
        ] {
            if has(file) {
                html.put(format_args!("<h3>{title}</h3>\n<ol>\n"));
                for step in steps {
                    html.put(format_args!("<li>{}</li>\n", escape_all(step)));
                }
                html.put("</ol>\n");
            }
        }
        if has("todos.ics") {
            html.put(format_args!(
                "<h3>{}</h3>\n<p>{}</p>\n",
                phrase("To-dos"),
                escape_all(guide.todos)
            ));
        }
        html.put("</details>\n");
    }
    if has("messages.xml") || has("calls.xml") {
        html.put(phrase(
            "<p>Messages and calls: install the app “SMS Backup &amp; Restore” on the new Android phone. Copy messages.xml \
             and calls.xml to the phone, open the app, and choose Restore. An iPhone takes no messages from another \
             phone: keep the pages.</p>\n",
        ));
    }
    html.put(phrase(
        "<p>Photos: copy the folder <b>photos</b> to the new phone or computer. The pictures are exactly those of the \
         phone.</p>\n",
    ));
}
