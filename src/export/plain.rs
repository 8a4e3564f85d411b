//! The pages of the plain copy, which a phone's owner takes home: `START-HERE.html`, readable lists, and pages of
//! pictures.
//!
//! The pages open in every browser, on Windows, on a Mac and on a phone, straight from a stick: without scripts, and
//! without anything from elsewhere. Their links are relative. The same data always gives the same bytes.

mod start;
mod steps;

use std::fmt::{Display, Write as _};

use super::html::{bdi, escape, escape_all, policy};
use crate::phrase;

pub use start::{Holds, Missing, START, Start, start};
pub use steps::FOLDER as IMPORTS;

const STYLE: &str = include_str!("plain/style.css");

/// A file of the copy that Lifeboat writes itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub name: String,
    pub text: String,
}

/// A readable list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct List {
    /// `Contacts`.
    pub title: String,
    /// `400 contacts`.
    pub summary: String,
    pub entries: Vec<Entry>,
}

/// An entry of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Entries of the same group follow each other, below a heading: a letter, a month.
    pub group: String,
    pub name: String,
    /// A remark after the name; empty: none.
    pub remark: String,
    /// Label and text.
    pub fields: Vec<(String, String)>,
}

/// A file of the owner, for a page of pictures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Its place in the copy, with forward slashes.
    pub place: String,
    pub name: String,
    /// `12 Mar 2026`; empty: not known.
    pub remark: String,
    /// The owner had deleted the file. The page shows deleted files under a heading that is closed at first.
    pub is_deleted: bool,
}

/// Entries and pictures on one page: enough for a search, and little enough for a phone.
const ENTRIES: usize = 3_000;
const PICTURES: usize = 240;

/// Endings of pictures that every browser shows. Others, such as HEIC, are links: a Mac and an iPhone show them.
const SHOWN: [&str; 8] = ["jpg", "jpeg", "png", "gif", "webp", "bmp", "avif", "svg"];

/// Returns the name of a page: `Contacts.html`, `Contacts-2.html`.
pub fn page_name(title: &str, number: usize) -> String {
    let title: String = title.chars().filter(|c| *c != ' ').collect();
    match number {
        0 | 1 => format!("{title}.html"),
        number => format!("{title}-{number}.html"),
    }
}

/// Returns the pages of a list.
pub fn list(list: &List) -> Vec<Page> {
    in_pages(
        &list.title,
        &list.summary,
        &list.entries,
        ENTRIES,
        |some, html| {
            let mut group = "";
            for entry in some {
                if entry.group != group {
                    html.put(format_args!("<h2>{}</h2>\n", bdi(&entry.group)));
                    group = &entry.group;
                }
                html.put(format_args!("<article>\n<h3>{}", bdi(&entry.name)));
                if !entry.remark.is_empty() {
                    html.put(format_args!(" <span>{}</span>", bdi(&entry.remark)));
                }
                html.put("</h3>\n");
                if !entry.fields.is_empty() {
                    html.put("<dl>\n");
                    for (label, text) in &entry.fields {
                        let lines: Vec<String> = text.lines().map(escape_all).collect();
                        html.put(format_args!(
                            "<dt>{}</dt><dd><bdi>{}</bdi></dd>\n",
                            escape(label),
                            lines.join("<br>")
                        ));
                    }
                    html.put("</dl>\n");
                }
                html.put("</article>\n");
            }
        },
    )
}

/// Returns the pages of pictures and other files. The deleted ones come last in `all`.
pub fn pictures(title: &str, summary: &str, all: &[Picture]) -> Vec<Page> {
    in_pages(title, summary, all, PICTURES, |some, html| {
        let at = some.partition_point(|picture| !picture.is_deleted);
        let (living, deleted) = some.split_at(at);
        figures(living, html);
        if !deleted.is_empty() {
            html.put(phrase!(
                "<details>\n<summary>In the phone's trash ({})</summary>\n",
                deleted.len()
            ));
            figures(deleted, html);
            html.put("</details>\n");
        }
    })
}

fn figures(some: &[Picture], html: &mut Html) {
    html.put("<div class=\"pictures\">\n");
    for picture in some {
        let (link, name) = (escape_all(&link(&picture.place)), bdi(&picture.name));
        let ending = picture.place.rsplit('.').next().unwrap_or_default();
        let is_shown = SHOWN.contains(&&*ending.to_ascii_lowercase());
        html.put(format_args!("<figure><a href=\"{link}\">"));
        match is_shown {
            true => html.put(format_args!(
                "<img src=\"{link}\" alt=\"\" loading=\"lazy\" decoding=\"async\">"
            )),
            false => html.put(format_args!(
                "<b>{}</b>",
                escape(&ending.to_ascii_uppercase())
            )),
        }
        html.put(format_args!(
            "</a><figcaption>{name} <span>{}</span></figcaption></figure>\n",
            bdi(&picture.remark)
        ));
    }
    html.put("</div>\n");
}

/// Splits a list into pages that lead to each other.
fn in_pages<T>(
    title: &str,
    summary: &str,
    all: &[T],
    most: usize,
    write: impl Fn(&[T], &mut Html),
) -> Vec<Page> {
    let count = all.len().div_ceil(most);
    let numbered = all.chunks(most).zip(1..);
    numbered
        .map(|(some, number)| {
            let mut html = Html::new(title);
            html.put(format_args!(
                "<nav><a href=\"{START}\">{}</a></nav>\n<h1>{}</h1>\n<p>{}</p>\n",
                phrase("Back to the start"),
                bdi(title),
                bdi(summary)
            ));
            let pages = (count > 1).then(|| page_links(title, number, count));
            html.put(pages.as_deref().unwrap_or_default());
            write(some, &mut html);
            html.put(pages.as_deref().unwrap_or_default());
            Page {
                name: page_name(title, number),
                text: html.done(),
            }
        })
        .collect()
}

fn page_links(title: &str, number: usize, count: usize) -> String {
    let links = (1..=count).map(|other| match other == number {
        true => format!("<b>{other}</b>"),
        false => format!(
            "<a href=\"{}\">{other}</a>",
            escape_all(&page_name(title, other))
        ),
    });
    let links: Vec<String> = links.collect();
    phrase!("<nav>Page {}</nav>\n", links.join(" "))
}

/// Returns a relative link to a file.
fn link(place: &str) -> String {
    let mut link = String::with_capacity(place.len());
    for byte in place.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => {
                link.push(char::from(byte));
            }
            byte => {
                let _ = write!(link, "%{byte:02X}");
            }
        }
    }
    link
}

/// A page under construction.
struct Html(String);

impl Html {
    fn new(title: &str) -> Self {
        let mut html = Self(String::with_capacity(16 << 10));
        html.put(format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{}\n<meta name=\"viewport\" \
             content=\"width=device-width, initial-scale=1\">\n<meta name=\"format-detection\" \
             content=\"telephone=no\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
            policy(true),
            escape(title)
        ));
        html
    }

    fn put(&mut self, text: impl Display) {
        // Writing into a String can't fail.
        let _ = write!(self.0, "{text}");
    }

    fn done(mut self) -> String {
        self.put("</main>\n</body>\n</html>\n");
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_files_with_odd_names() {
        assert_eq!(link("photos/a b#1?.jpg"), "photos/a%20b%231%3F.jpg");
        assert_eq!(link("photos/ä.jpg"), "photos/%C3%A4.jpg");
    }

    #[test]
    fn thousands_of_pictures_are_split_into_pages_that_lead_to_each_other() {
        let all: Vec<Picture> = (0..500)
            .map(|n| Picture {
                place: format!("photos/{n}.jpg"),
                name: format!("{n}.jpg"),
                remark: String::new(),
                is_deleted: false,
            })
            .collect();
        let pages = pictures("Photos", "500 files", &all);
        let names: Vec<&str> = pages.iter().map(|page| &*page.name).collect();
        assert_eq!(names, ["Photos.html", "Photos-2.html", "Photos-3.html"]);
        assert!(pages[1].text.contains("<a href=\"Photos-3.html\">3</a>"));
        let shown: usize = pages
            .iter()
            .map(|page| page.text.matches("<img ").count())
            .sum();
        assert_eq!(shown, 500);
    }

    #[test]
    fn an_owner_s_text_can_not_become_markup() {
        let text = "</dl><script>alert(1)</script>\n\" onload=\"x";
        let one = Entry {
            group: text.into(),
            name: text.into(),
            remark: text.into(),
            fields: vec![(text.into(), text.into())],
        };
        let list = list(&List {
            title: "Contacts".into(),
            summary: text.into(),
            entries: vec![one],
        });
        assert!(!list[0].text.contains("<script") && !list[0].text.contains("\" onload"));
        let picture = Picture {
            place: "photos/\"><script>.jpg".into(),
            name: text.into(),
            remark: text.into(),
            is_deleted: false,
        };
        assert!(
            !pictures("Photos", "", &[picture])[0]
                .text
                .contains("<script")
        );
    }
}
