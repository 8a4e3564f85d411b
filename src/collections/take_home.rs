//! What a phone's owner takes home: the lists of a rescue as readable pages, the pictures, and the files to import.
//!
//! The lists are those of the Look screen, and their counts are those of the verdict.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;

use super::contacts::NO_PICTURE;
use super::details::Details;
use super::files::TRASHED;
use super::list::{Line, Listing, Overview, keys_of};
use super::{Pages, Role, contacts, room};
use crate::export::plain::{
    self, Entry, Holds, IMPORTS, List, Missing, Page, Picture, Start, page_name,
};
use crate::export::report;
use crate::export::{calls, contacts as contact_files, messages};
use crate::model::{Collection, Stop, Verdict, grouped};
use crate::phrase;
use crate::vault::copy::{CopyError, CopyProgress};
use crate::vault::plain_copy::{self, Plain, PlainCopied};
use crate::vault::{DATA, JOURNAL, RecordKind, Vault, VaultError, safe_name, store};

/// Details that mean something to Lifeboat and to other programs only.
const INNER: [&str; 7] = [
    phrase("Stored in"),
    phrase("Only here"),
    phrase("Other app"),
    phrase("Other data"),
    phrase("Identity"),
    phrase("Link"),
    phrase("Ringtone"),
];

/// The report, and its name in the copy.
const REPORT: &str = "report.html";

/// Writes a plain copy of a finished rescue into the folder `to`, and reads it back.
///
/// # Errors
/// As [`plain_copy::write`].
pub fn copy(
    rescue: &Path,
    to: &Path,
    stop: &Stop,
    progress: &mut dyn FnMut(CopyProgress),
) -> Result<PlainCopied, CopyError> {
    for name in [JOURNAL, REPORT] {
        plain_copy::check_file(rescue, &format!("{DATA}/{name}"), stop)?;
    }
    let vault = Vault::open_to_read(rescue)?;
    let plain = gather(&vault, stop)?;
    vault.close()?;
    plain_copy::write(rescue, to, &plain, stop, progress)
}

/// Returns everything that the copy holds. Once `stop` is set, the result is incomplete.
fn gather(vault: &Vault, stop: &Stop) -> Result<Plain, CopyError> {
    let overview = Overview::read(vault, stop)?;
    let mut pages = Vec::new();
    let mut files = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for listing in &overview.lists {
        let made = match room(listing.of).pages {
            Pages::List => entries(vault, listing, stop)?,
            Pages::Pictures => pictures(vault, listing, stop, &mut files)?,
            Pages::Own { folders, first } => {
                own_pages(vault, folders, &mut files)?;
                if vault.folder().join(DATA).join(first).is_file() {
                    shown.insert(listing.of);
                }
                continue;
            }
        };
        if !made.is_empty() {
            shown.insert(listing.of);
        }
        pages.extend(made);
    }
    let imports = imports(vault, &overview)?;
    for name in files_to_import(vault.folder())? {
        files.insert((format!("{DATA}/{name}"), format!("{IMPORTS}/{name}")));
    }
    files.insert((format!("{DATA}/{REPORT}"), REPORT.to_owned()));
    pages.push(plain::start(&start(vault, &overview, &shown, imports)?));
    if stop.is_stopped() {
        return Err(CopyError::Stopped);
    }
    let name = vault.folder().file_name().unwrap_or_default();
    let name = safe_name(&name.to_string_lossy(), "rescue");
    Ok(Plain {
        name: phrase!("{name} to take home"),
        pages: pages
            .into_iter()
            .map(|Page { name, text }| (name, text.into_bytes()))
            .collect(),
        files: files.into_iter().collect(),
    })
}

/// Returns the pages of a list.
fn entries(vault: &Vault, listing: &Listing, stop: &Stop) -> Result<Vec<Page>, VaultError> {
    let mut entries = Vec::new();
    // Deleted things come last, below a heading of their own.
    let (deleted, living): (Vec<&Line>, Vec<&Line>) = listing
        .lines
        .iter()
        .filter(|line| !line.part)
        .partition(|line| line.deleted);
    for line in living.into_iter().chain(deleted) {
        if stop.is_stopped() {
            break;
        }
        let keys = keys_of(&line.key);
        let details = (room(listing.of).details)(vault, &keys)?.unwrap_or_default();
        entries.push(Entry {
            group: group(line),
            name: line.name.to_string(),
            remark: line.remark.to_string(),
            fields: fields(details),
        });
    }
    Ok(plain::list(&List {
        title: listing.of.title().to_owned(),
        summary: listing.summary(),
        entries,
    }))
}

/// Adds the pages that the rescue has itself, and the pictures that they show.
fn own_pages(
    vault: &Vault,
    folders: &[&str],
    files: &mut BTreeSet<(String, String)>,
) -> Result<(), VaultError> {
    let data = vault.folder().join(DATA);
    for folder in folders {
        let place = data.join(folder);
        let Ok(listed) = std::fs::read_dir(&place) else {
            continue;
        };
        for entry in listed {
            let entry = entry.map_err(VaultError::io(phrase("read"), &place))?;
            // Lifeboat gave these names, so they are text.
            if let Some(name) = entry
                .file_name()
                .to_str()
                .filter(|_| entry.path().is_file())
            {
                files.insert((
                    format!("{DATA}/{folder}/{name}"),
                    format!("{folder}/{name}"),
                ));
            }
        }
    }
    Ok(())
}

/// Returns the name of the first page of a collection.
fn first_page(what: Collection) -> String {
    match room(what).pages {
        Pages::Own { first, .. } => first.to_owned(),
        Pages::List | Pages::Pictures => page_name(what.title(), 1),
    }
}

/// Returns the details that mean something to the owner, without the name, which is the heading.
fn fields(details: Details) -> Vec<(String, String)> {
    let fields = details.fields.into_iter().skip(1);
    fields
        .filter(|field| !INNER.contains(&&*field.label) && field.value != NO_PICTURE)
        .map(|field| (field.label, field.value))
        .collect()
}

/// Returns the heading that a line stands below: deleted things, a month, or the first letter.
fn group(line: &Line) -> String {
    if line.deleted {
        return phrase("Deleted on the phone, but could still be read").to_owned();
    }
    if let Some(when) = &line.when {
        return when.day.map_or_else(
            || phrase("Without a date").to_owned(),
            |day| day.format("%B %Y").to_string(),
        );
    }
    if line.search.is_empty() {
        return String::new();
    }
    let first = line.name.chars().find(|c| !c.is_whitespace());
    match first.filter(|c| c.is_alphabetic()) {
        Some(letter) => letter.to_uppercase().to_string(),
        None => "#".to_owned(),
    }
}

/// Returns the pages of pictures, and adds the files that they show.
fn pictures(
    vault: &Vault,
    listing: &Listing,
    stop: &Stop,
    files: &mut BTreeSet<(String, String)>,
) -> Result<Vec<Page>, VaultError> {
    let data = vault.folder().join(DATA);
    let mut all = Vec::new();
    for line in listing.lines.iter().filter(|line| !line.aside) {
        if stop.is_stopped() {
            break;
        }
        let details = (room(listing.of).details)(vault, &keys_of(&line.key))?;
        let copy = details.and_then(|details| details.copy);
        let place = copy.as_ref().and_then(|copy| copy.strip_prefix(&data).ok());
        // The names of copies are text: the manifest could not hold others.
        let Some(place) = place.and_then(Path::to_str) else {
            continue;
        };
        let place = place.replace('\\', "/");
        files.insert((format!("{DATA}/{place}"), place.clone()));
        all.push(Picture {
            place,
            name: line.name.to_string(),
            remark: line.remark.to_string(),
            is_deleted: line.remark.starts_with(TRASHED),
        });
    }
    // Lists and documents come after the pictures, films and sounds, and deleted files last.
    all.sort_by_key(|picture| {
        (
            picture.is_deleted,
            !picture.place.starts_with(store::PHOTOS),
        )
    });
    Ok(plain::pictures(
        listing.of.title(),
        &listing.summary(),
        &all,
    ))
}

/// Returns the names of the files to import, below the data folder.
fn files_to_import(rescue: &Path) -> Result<Vec<String>, VaultError> {
    let data = rescue.join(DATA);
    let mut names = Vec::new();
    for folder in ["", contact_files::GOOGLE_PARTS] {
        let place = data.join(folder);
        let Ok(listed) = std::fs::read_dir(&place) else {
            continue;
        };
        for entry in listed {
            let entry = entry.map_err(VaultError::io(phrase("read"), &place))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_import = name
                .rsplit_once('.')
                .is_some_and(|(_, ending)| matches!(ending, "vcf" | "ics" | "csv" | "xml"));
            let is_for_archives =
                name.contains("-deleted.") || name == contact_files::ALL_V4 || name == "files.csv";
            if is_import && !is_for_archives && entry.path().is_file() {
                names.push(match folder {
                    "" => name,
                    folder => format!("{folder}/{name}"),
                });
            }
        }
    }
    names.sort();
    Ok(names)
}

/// Returns the main files to import, and what to expect of each: counted in the files themselves.
fn imports(vault: &Vault, overview: &Overview) -> Result<Vec<(String, String)>, VaultError> {
    let data = vault.folder().join(DATA);
    let mut all = Vec::new();
    for (name, of, begins, part) in [
        (contact_files::ALL, Collection::Contacts, "BEGIN:VCARD", ""),
        (
            "calendar.ics",
            Collection::Calendar,
            "BEGIN:VEVENT",
            "RECURRENCE-ID",
        ),
        ("todos.ics", Collection::Todos, "BEGIN:VTODO", ""),
    ] {
        let path = data.join(name);
        if !path.is_file() {
            continue;
        }
        let found = count(&path, begins, part)?;
        let expect = phrase!("Expect {} {}", grouped(found), of.things(found));
        let from = overview.of(of).map(|listing| from(listing, found));
        let google = match name {
            contact_files::ALL => {
                phrase(" For Outlook, take contacts-outlook.csv; for a table, contacts-google.csv.")
            }
            _ => "",
        };
        let each = count(&path, begins, "")?;
        let each = (each > found).then(|| {
            phrase!(
                " Programs that count each changed date of a repeating event say {}.",
                grouped(each)
            )
        });
        all.push((
            name.to_owned(),
            format!(
                "{expect}{}.{}{google}",
                from.unwrap_or_default(),
                each.unwrap_or_default()
            ),
        ));
    }
    for (name, of) in [
        (messages::XML, Collection::Messages),
        (calls::XML, Collection::Calls),
    ] {
        if let Some(listing) = overview.of(of).filter(|_| data.join(name).is_file()) {
            all.push((name.to_owned(), phrase!("Expect {}.", listing.summary())));
        }
    }
    Ok(all)
}

/// Returns the sources of a file's things, if their sum is the number of things in the file.
fn from(listing: &Listing, found: u64) -> String {
    let number = |which: &dyn Fn(&Line) -> bool| {
        let lines = listing.lines.iter();
        lines
            .filter(|line| !line.part && !line.deleted && which(line))
            .count() as u64
    };
    let files = number(&|line| line.found);
    let sim = number(&|line| line.aside && line.remark == phrase("SIM"));
    let living = listing.count();
    if living + files + sim != found || files + sim == 0 {
        return String::new();
    }
    let mut parts = vec![phrase!("{} from the phone", grouped(living))];
    parts.extend((sim > 0).then(|| phrase!("{} from the SIM card alone", grouped(sim))));
    parts.extend((files > 0).then(|| phrase!("{} from exported files", grouped(files))));
    format!(": {}", parts.join(", "))
}

/// Counts the lines that begin things, less those of parts of other things.
fn count(path: &Path, begins: &str, part: &str) -> Result<u64, VaultError> {
    let error = || VaultError::io(phrase("read"), path);
    let mut count: u64 = 0;
    let mut lines = BufReader::new(File::open(path).map_err(error())?);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line).map_err(error())? > 0 {
        if line.trim_ascii_end() == begins.as_bytes() {
            count += 1;
        } else if !part.is_empty() && line.starts_with(part.as_bytes()) {
            count = count.saturating_sub(1);
        }
        line.clear();
    }
    Ok(count)
}

/// Returns the number of contacts whose picture the phone has and no file holds.
fn pictures_not_shared(vault: &Vault) -> Result<u64, VaultError> {
    let mut count = 0;
    contacts::each(vault, |entry| {
        let is_there = entry.role == Role::Handset;
        let is_lost = entry.had_picture && entry.merged.record.picture.is_none();
        count += u64::from(is_there && is_lost);
        Ok::<_, VaultError>(())
    })?;
    Ok(count)
}

fn start(
    vault: &Vault,
    overview: &Overview,
    shown: &BTreeSet<Collection>,
    imports: Vec<(String, String)>,
) -> Result<Start, VaultError> {
    let identity = vault.identity();
    let report = vault.folder().join(DATA).join(REPORT);
    let report = std::fs::read_to_string(&report).ok();
    let (mut holds, mut missing) = (Vec::new(), Vec::new());
    for what in Collection::ALL {
        let state = vault.state(what)?;
        let (Some(holding), Some(verdict)) = (state.holding, state.verdict) else {
            continue;
        };
        let saved = match overview.of(what) {
            Some(listing) => listing.count(),
            None => {
                let counts = vault.counts(what)?;
                counts
                    .get(&RecordKind::Contact)
                    .copied()
                    .unwrap_or_default()
            }
        };
        let is_closed = matches!(verdict, Verdict::Unreadable | Verdict::OutOfReach);
        let is_whole = matches!(verdict, Verdict::Complete | Verdict::Empty);
        holds.push(Holds {
            title: what.title().to_owned(),
            on_phone: holding.handset_says,
            saved: (!is_closed || saved > 0).then_some(saved),
            word: verdict.word().to_owned(),
            is_whole,
            page: shown.contains(&what).then(|| first_page(what)),
        });
        if !is_whole {
            let mut why: Vec<String> = holding
                .unreadable
                .into_iter()
                .chain(holding.out_of_reach)
                .chain(state.findings.unwrap_or_default().missing)
                .collect();
            if let Some(says) = holding
                .handset_says
                .filter(|says| *says > saved && !is_closed)
            {
                why.insert(
                    0,
                    phrase!(
                        "{} of {} are missing.",
                        grouped(says - saved),
                        grouped(says)
                    ),
                );
            }
            if why.is_empty() {
                why.push(phrase("See the report for the reason.").to_owned());
            }
            missing.push(Missing {
                title: what.title().to_owned(),
                why,
            });
        }
    }
    let pictures = pictures_not_shared(vault)?;
    if pictures > 0 {
        missing.push(Missing {
            title: phrase("Pictures of contacts").to_owned(),
            why: vec![phrase!(
                "The phone did not share them. {} contacts have one.",
                grouped(pictures)
            )],
        });
    }
    Ok(Start {
        phone: [&identity.make, &identity.model]
            .map(|s| s.trim())
            .join(" "),
        date: report
            .as_deref()
            .and_then(report::date_of)
            .unwrap_or_default(),
        verdict: report.as_deref().and_then(report::verdict_of),
        holds,
        missing,
        imports,
        report: report.is_some().then(|| REPORT.to_owned()),
    })
}
