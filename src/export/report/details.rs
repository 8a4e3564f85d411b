//! The pages behind the first one: every text in full, and the lists of what the files can't hold.

use super::first_page::{number_cell, reasons};
use super::{Before, Continuation, LossLine, MAX_LINES, Page, Report};
use crate::export::html::bdi;
use crate::format::{Fate, Losses};
use crate::model::{FromFiles, grouped};
use crate::phrase;
use crate::vault::for_display;

impl Page {
    pub(super) fn details(&mut self, report: &Report) {
        self.put("<section class=\"sheet\">\n");
        self.put(phrase("<h2>In full: what was not saved, and why</h2>\n"));
        match reasons(report) {
            none if none.is_empty() && !report.lists_not_read.is_empty() => {}
            none if none.is_empty() => self.put(phrase(
                "<p>Nothing that Lifeboat can read on this phone is missing.</p>\n",
            )),
            all => self.list(&all),
        }
        if !report.lists_not_read.is_empty() {
            self.put(phrase(
                "<p class=\"leads\">These exported lists could not be read. They are kept unchanged:</p>\n",
            ));
            self.list(&report.lists_not_read);
        }
        if !report.is_safe() {
            self.put(how_to_continue(report.goes_on));
        }
        self.said(report);
        self.before_in_full(report);
        if !report.warnings.is_empty() {
            self.put(phrase("<h2>Before anyone handles the phone</h2>\n"));
            self.list(&report.warnings);
        }
        if !report.said.is_empty() {
            self.put(phrase("<h2>What was said at the desk</h2>\n"));
            self.list(&report.said);
        }
        self.about(report);
        self.put("</section>\n");
        self.put("<section class=\"sheet\">\n");
        self.collections_in_full(report);
        self.exported(&report.from_files);
        self.files(report);
        self.check();
        self.put("</section>\n");
        self.losses(&report.losses);
    }

    /// What was said at the desk, with the warnings that follow from it.
    fn said(&mut self, report: &Report) {
        for (title, lines) in [
            (phrase("Before anyone handles the phone"), &report.warnings),
            (phrase("What was said at the desk"), &report.said),
        ] {
            if !lines.is_empty() {
                self.put(format_args!("<h2>{title}</h2>\n"));
                self.list(lines);
            }
        }
    }

    fn before_in_full(&mut self, report: &Report) {
        let all = Before::all(report);
        if all.is_empty() {
            return;
        }
        self.put(phrase(
            "<h2>In full: before the reset</h2>\n<ul class=\"ticks\">\n",
        ));
        for one in all.iter().take(MAX_LINES) {
            self.put(format_args!("<li>{}{}</li>\n", one.tick(), bdi(&one.text)));
        }
        self.put("</ul>\n");
        self.and_more(all.len());
        for one in all.iter().filter(|one| one.names.len() > 1) {
            self.put(format_args!("<h3>{}</h3>\n", bdi(&one.text)));
            self.list(one.names);
        }
    }

    fn about(&mut self, report: &Report) {
        let handset = &report.handset;
        let make_and_model = format!("{} {}", handset.make, handset.model);
        self.put(phrase(
            "<h2>About this rescue</h2>\n<table class=\"about\">\n<tbody>\n",
        ));
        for (name, value) in [
            (phrase("Phone"), &make_and_model),
            (phrase("System"), &handset.system),
            (phrase("Serial number"), &handset.serial),
            (phrase("Read by"), &handset.approach),
            (phrase("Date"), &report.date),
            (phrase("Folder"), &report.folder),
            (phrase("Ticket"), &report.desk.ticket),
            (phrase("Done by"), &report.desk.operator),
            (phrase("Verdict"), &report.verdict()),
        ] {
            if !for_display(value).trim().is_empty() {
                self.put(format_args!(
                    "<tr><th scope=\"row\">{name}</th><td>{}</td></tr>\n",
                    bdi(value)
                ));
            }
        }
        self.put("</tbody>\n</table>\n");
    }

    fn collections_in_full(&mut self, report: &Report) {
        let lines = &report.collections;
        if lines.is_empty() {
            return;
        }
        self.put(phrase(
            "<h2>Kept apart</h2>\n<table class=\"counts\">\n<thead><tr><th scope=\"col\"></th><th scope=\"col\" \
             class=\"n\">deleted, saved</th><th scope=\"col\" class=\"n\">from files</th><th scope=\"col\" \
             class=\"n\">raw only</th></tr></thead>\n<tbody>\n",
        ));
        for line in lines {
            let is_closed = line.is_closed();
            let known = |number: u64| (number > 0 || !is_closed).then_some(number);
            self.put(format_args!(
                "<tr><th scope=\"row\">{}</th>{}{}{}</tr>\n",
                bdi(line.full_title()),
                number_cell(known(line.deleted_kept)),
                number_cell(Some(line.found)),
                number_cell(known(line.raw_only)),
            ));
        }
        self.put(phrase(
            "</tbody>\n</table>\n<p class=\"below\">Deleted, saved: deleted on the phone, but could still be read; in \
             files of their own. From files: from files that the owner had exported. Raw only: kept as the phone sent \
             it. –: not known.</p>\n<h2>Remarks</h2>\n",
        ));
        for line in lines.iter().filter(|line| !line.notes.is_empty()) {
            self.put(format_args!("<h3>{}</h3>\n", bdi(line.full_title())));
            self.list(&line.notes);
        }
    }

    fn exported(&mut self, lines: &[FromFiles]) {
        for line in lines {
            self.put(format_args!(
                "<h3>{}: {}</h3>\n",
                bdi(&line.title()),
                line.verdict.word()
            ));
            let counts = phrase!(
                "New: {}. Also on the phone: {}.",
                grouped(line.found),
                grouped(line.known)
            );
            let mut said = vec![counts];
            said.extend(line.notes.iter().cloned());
            self.list(&said);
        }
    }

    fn files(&mut self, report: &Report) {
        let lines = &report.files;
        if lines.is_empty() {
            return;
        }
        self.put(phrase(
            "<h2>What each file is for</h2>\n<table class=\"files\">\n<tbody>\n",
        ));
        for line in lines.iter().take(MAX_LINES) {
            self.put(format_args!(
                "<tr><th scope=\"row\"><span class=\"name\">{}</span></th><td>{}</td></tr>\n",
                bdi(&line.name),
                bdi(&line.purpose)
            ));
        }
        self.put("</tbody>\n</table>\n");
        self.and_more(lines.len());
    }

    fn losses(&mut self, lines: &[LossLine]) {
        for (fate, heading, text) in [
            (
                Fate::NeverRead,
                phrase("Not shared by the phone"),
                phrase("The phone did not share this data. It is in none of the files."),
            ),
            (
                Fate::InContacts,
                phrase("Only in contacts.vcf"),
                phrase(
                    "The files named here can't store this data. It is in <code>contacts.vcf</code>.",
                ),
            ),
            (
                Fate::InJournal,
                phrase("Only in the journal"),
                phrase(
                    "This data is in <code>lifeboat.sqlite</code>, but not in the files named here.",
                ),
            ),
            (
                Fate::Changed,
                phrase("In notes, or in another form"),
                phrase(
                    "The files hold this data as described in brackets. The original is in \
                     <code>lifeboat.sqlite</code>.",
                ),
            ),
        ] {
            let lines: Vec<&LossLine> = lines
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
            "<section class=\"sheet\">\n<h2>{heading}</h2>\n<p class=\"leads\">{text}</p>\n<table \
             class=\"losses\">\n<thead><tr><th scope=\"col\">what</th><th scope=\"col\" class=\"n\">how \
             often</th><th scope=\"col\">files</th></tr></thead>\n<tbody>\n",
        ));
        // Several files usually lack the same.
        let mut same: Vec<(&str, u64, Vec<&str>)> = Vec::new();
        for line in lines {
            let (field, count, file) = (&*line.field, line.count, &*line.format);
            match same.iter_mut().find(|(f, c, _)| (*f, *c) == (field, count)) {
                Some((.., files)) => files.push(file),
                None => same.push((field, count, vec![file])),
            }
        }
        same.sort_by_key(|(field, count, _)| (*field, std::cmp::Reverse(*count)));
        for (field, count, files) in same.iter().take(MAX_LINES) {
            let files = files.iter().take(MAX_LINES);
            let files: Vec<String> = files
                .map(|file| format!("<span class=\"name\">{}</span>", bdi(file)))
                .collect();
            self.put(format_args!(
                "<tr><td>{}</td><td class=\"n\">{}</td><td>{}</td></tr>\n",
                bdi(field),
                grouped(*count),
                files.join(", ")
            ));
        }
        self.put("</tbody>\n</table>\n");
        self.and_more(same.len());
        self.put("</section>\n");
    }

    fn check(&mut self) {
        self.put(phrase(
            "<h2>How to check that the files are complete and unchanged</h2>\n<p>Run <code>lifeboat verify \
             FOLDER</code>. It also counts the copies. Without Lifeboat, run <code>sha256sum -c \
             manifest-sha256.txt</code> in the rescue folder (on a Mac: <code>shasum -a 256 -c \
             manifest-sha256.txt</code>). The folder is a BagIt bag, so <code>bagit.py --validate FOLDER</code> can \
             check it too. To make another copy, run <code>lifeboat copy FOLDER TO</code>.</p>\n",
        ));
        self.put(phrase!(
            "<p class=\"below\">Made by Lifeboat {}. This page and the files beside it are private. Keep them as safe \
             as the phone.</p>\n",
            env!("CARGO_PKG_VERSION"),
        ));
    }

    fn list(&mut self, lines: &[String]) {
        self.put("<ul>\n");
        for line in lines.iter().take(MAX_LINES) {
            self.put(format_args!("<li>{}</li>\n", bdi(line)));
        }
        self.put("</ul>\n");
        self.and_more(lines.len());
    }

    fn and_more(&mut self, lines: usize) {
        if let Some(more @ 1..) = lines.checked_sub(MAX_LINES) {
            self.put(phrase!("<p>… and {} more.</p>\n", grouped(more as u64)));
        }
    }
}

/// Returns what to do about an unsafe rescue: a sealed folder is never resumed.
fn how_to_continue(goes_on: Continuation) -> &'static str {
    match goes_on {
        Continuation::WithPhone => phrase(
            "<h3>How to continue the rescue</h3>\n<p>Plug in the phone, and run <code>lifeboat</code>: its list of \
             phones offers to continue. Or run <code>lifeboat rescue --resume FOLDER --device ID</code>. Lifeboat \
             skips what is already saved.</p>\n",
        ),
        Continuation::WithImage => phrase(
            "<h3>How to continue the rescue</h3>\n<p>Run <code>lifeboat rescue --resume FOLDER --image FILE</code>. \
             Lifeboat skips what is already saved.</p>\n",
        ),
        Continuation::NewRescue => phrase(
            "<h3>How to read what is missing</h3>\n<p>This rescue is finished, and its folder stays as it is. Do what \
             is said above, then start a new rescue of the phone.</p>\n",
        ),
    }
}
