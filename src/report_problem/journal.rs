//! The content of a rescue's journal: the phone, the request, the outcome of each collection, the log, the replies.

use std::fs;
use std::path::Path;

use super::replies::Replies;
use super::rules::Rules;
use super::{Pages, folder};
use crate::model::{Collection, HandsetFile, Holding, Identity, RecordBody};
use crate::phrase;
use crate::system::plain;
use crate::system::private;
use crate::vault::{CollectionState, DATA, JOURNAL, LOG, LogEntry, RecordKind, Vault, VaultError};

/// Maximum number of log lines: this many from the beginning, and as many from the end.
const MOST_LINES: usize = 1500;
/// Maximum length of a log line, in characters. Requests appear in full next to their replies.
const LONGEST_LINE: usize = 240;
/// Maximum number of files, and of records that could not be decoded.
const MOST_LISTED: usize = 300;

/// Reports on the whole journal.
pub fn tell(folder: &Path, spare: &Path, rules: &mut Rules, pages: &mut Pages) {
    let vault = match open_copy(folder, spare, pages) {
        Ok(vault) => vault,
        Err(error) => {
            pages.unread(phrase!("The journal could not be read: {error}"));
            return log_file(folder, rules, pages);
        }
    };
    rules.own.extend(words_of(vault.identity()));
    pages.part(phrase("The phone"));
    about_phone(&vault, rules, pages);
    pages.part(phrase("Collections"));
    for what in Collection::ALL {
        match vault.state(what) {
            Ok(state) => about_collection(&vault, what, &state, rules, pages),
            Err(error) => not_read(&phrase!("The result of {}", what.name()), &error, pages),
        }
    }
    pages.holds(phrase("the result of each collection: verdict, counts, reasons").into());
    records(&vault, rules, pages);
    match vault.log_entries() {
        Ok(entries) => log(&entries, rules, pages),
        Err(error) => {
            not_read(phrase("The log"), &error, pages);
            log_file(folder, rules, pages);
        }
    }
    let mut replies = Replies::default();
    for what in Collection::ALL {
        let read = vault.for_each_raw(what, |request, is_first, bytes| {
            replies.push(what, request, is_first, bytes);
            Ok::<_, VaultError>(())
        });
        if let Err(error) = read {
            not_read(&phrase!("Replies of {}", what.name()), &error, pages);
        }
    }
    replies.tell(rules, pages);
}

fn not_read(what: &str, error: &VaultError, pages: &mut Pages) {
    pages.unread(phrase!("{what} could not be read: {error}"));
}

/// Copies the journal and opens the copy, so that SQLite's changes to a journal left open only affect the copy.
fn open_copy(folder: &Path, spare: &Path, pages: &mut Pages) -> Result<Vault, VaultError> {
    let data = spare.join(DATA);
    private::create_folder(&data).map_err(VaultError::io(phrase("make"), &data))?;
    for ending in ["", "-wal", "-journal"] {
        let name = format!("{JOURNAL}{ending}");
        let source = plain::open_in(&folder.join(DATA), Path::new(&name));
        let mut source = match source {
            Ok(source) => source,
            Err(_) if !ending.is_empty() => continue,
            Err(error) => {
                return Err(VaultError::io(
                    phrase("read"),
                    &folder.join(DATA).join(&name),
                )(error));
            }
        };
        let path = data.join(&name);
        let mut copy =
            private::create_file(&path).map_err(VaultError::io(phrase("make"), &path))?;
        if let Err(error) = std::io::copy(&mut source, &mut copy) {
            pages.unread(phrase!("{name} could not be copied completely: {error}"));
        }
    }
    let vault = Vault::open_to_read(spare);
    // A damaged WAL must not prevent the rest from being read.
    match vault {
        Err(VaultError::Journal { .. })
            if fs::remove_file(data.join(format!("{JOURNAL}-wal"))).is_ok() =>
        {
            pages.unread(phrase("Recent changes to the journal could not be read.").into());
            Vault::open_to_read(spare)
        }
        vault => vault,
    }
}

/// Returns the words of make, model and system, which are kept. A memory card's model is left out, since it contains
/// the name that its owner gave it.
fn words_of(identity: &Identity) -> Vec<String> {
    let Identity {
        make,
        model,
        serial: _,
        system,
        approach: _,
        is_backup: _,
    } = identity;
    let is_named = |text: &str| text.contains(['\'', '’', '@']);
    let is_card = ["FAT", phrase("no volume")]
        .iter()
        .any(|fs| system.contains(fs));
    let texts = [make, system]
        .into_iter()
        .chain((!is_card).then_some(model));
    let words = texts
        .filter(|text| !is_named(text))
        .flat_map(|text| text.split(' '));
    let words = words.map(|word| word.trim_matches(','));
    words.filter(|w| !w.is_empty()).map(str::to_owned).collect()
}

fn about_phone(vault: &Vault, rules: &Rules, pages: &mut Pages) {
    let Identity {
        make,
        model,
        serial,
        system,
        approach,
        is_backup: _,
    } = vault.identity();
    for (name, text) in [
        ("make", rules.sentence(make)),
        ("model", rules.sentence(model)),
        ("serial", rules.replacer.text(serial)),
        ("system", rules.sentence(system)),
        ("approach", rules.sentence(approach)),
        ("reached", rules.request(&vault.source().reach)),
    ] {
        pages.line(&format!("{name}: {text}"));
    }
    let only: Vec<&str> = vault.source().only.iter().map(|what| what.name()).collect();
    pages.line(&phrase!(
        "asked for: {}",
        match only.is_empty() {
            true => "everything".to_owned(),
            false => only.join(", "),
        }
    ));
    match vault.marks() {
        Ok(marks) => {
            pages.line(&format!("build: {}", rules.build(&marks.system)));
            let accounts = marks.accounts.map(|accounts| accounts.len());
            pages.line(&format!("accounts: {accounts:?}"));
        }
        Err(error) => not_read(phrase("The phone's build"), &error, pages),
    }
    match vault.link_time() {
        Ok(time) => pages.line(&phrase!("read for: {:.1} s", time.as_secs_f64())),
        Err(error) => not_read(phrase("The reading time"), &error, pages),
    }
    pages.holds(phrase("make, model and system of the phone, and how it was read").into());
}

fn about_collection(
    vault: &Vault,
    what: Collection,
    state: &CollectionState,
    rules: &Rules,
    pages: &mut Pages,
) {
    let CollectionState {
        holding,
        findings,
        verdict,
        done,
        safe_after,
    } = state;
    pages.line(&phrase!(
        "{}: verdict {verdict:?}, everything read: {done}, saved after {safe_after:?}",
        what.name()
    ));
    let mut say = |name: &str, lines: &[String]| {
        for line in lines {
            pages.line(&format!("  {name}: {}", rules.sentence(line)));
        }
    };
    if let Some(holding) = holding {
        let Holding {
            handset_says,
            showed_before,
            rows,
            unreadable,
            remedy,
            out_of_reach,
            notes,
            changed,
            by,
        } = holding;
        say("unreadable", unreadable.as_slice());
        say(phrase("out of reach"), out_of_reach.as_slice());
        say("note", notes);
        say("changed", changed);
        say(phrase("read by"), by.as_slice());
        pages.line(&phrase!(
            "  the phone lists {handset_says:?}, rows {rows:?}, remedy {remedy:?}"
        ));
        if let Some(before) = showed_before {
            pages.line(&phrase!("  the phone listed {before} before"));
        }
    }
    if let Some(findings) = findings {
        for (name, lines) in [("missing", &findings.missing), ("note", &findings.notes)] {
            for line in lines {
                pages.line(&format!("  {name}: {}", rules.sentence(line)));
            }
        }
        pages.line(&phrase!("  kept raw only: {}", findings.raw_only));
    }
    match vault.counts(what) {
        Ok(counts) => {
            let counts = counts
                .iter()
                .map(|(kind, n)| format!("{} {n}", kind.name()));
            let counts: Vec<String> = counts.collect();
            pages.line(&format!("  records: {}", counts.join(", ")));
        }
        Err(error) => not_read(&phrase!("Records of {}", what.name()), &error, pages),
    }
    match vault.bookmark(what) {
        Ok(Some(bookmark)) => pages.line(&format!("  bookmark: {}", rules.sentence(&bookmark.0))),
        Ok(None) => {}
        Err(error) => not_read(phrase("A bookmark"), &error, pages),
    }
}

/// Reports on files and on records that could not be decoded.
fn records(vault: &Vault, rules: &Rules, pages: &mut Pages) {
    let (mut files, mut undecoded) = (Vec::new(), Vec::new());
    let (mut files_left, mut undecoded_left) = (0u64, 0u64);
    for what in Collection::ALL {
        let kinds = [RecordKind::File, RecordKind::Undecoded];
        let read = vault.for_each_record(what, &kinds, |record| {
            match record.body {
                RecordBody::File(file) if files.len() < MOST_LISTED => files.push(file),
                RecordBody::File(_) => files_left += 1,
                RecordBody::Undecoded { what, why, .. } if undecoded.len() < MOST_LISTED => {
                    undecoded.push((what, why));
                }
                RecordBody::Undecoded { .. } => undecoded_left += 1,
                _ => {}
            }
            Ok::<_, VaultError>(())
        });
        if let Err(error) = read {
            not_read(&phrase!("Records of {}", what.name()), &error, pages);
        }
    }
    pages.part(phrase("Records that could not be decoded"));
    for (what, why) in &undecoded {
        pages.line(&format!(
            "{}: {}",
            rules.sentence(what),
            rules.sentence(why)
        ));
    }
    pages.line(&format!("{} more", undecoded_left));
    pages.part(phrase("Files"));
    for file in &files {
        let HandsetFile {
            path,
            size,
            exact,
            modified,
            kind,
            trashed,
            ..
        } = file;
        let path = rules.path(&String::from_utf8_lossy(&path.0));
        pages.line(&phrase!(
            "{path}  {kind:?}, {size} bytes (exact: {exact}), changed {modified}, in trash: {trashed}"
        ));
    }
    pages.line(&format!("{files_left} more"));
    pages.holds(phrase!(
        "{} records that could not be decoded, {} file names with replaced words",
        undecoded.len(),
        files.len()
    ));
}

fn log(entries: &[LogEntry], rules: &Rules, pages: &mut Pages) {
    pages.part(phrase("The log"));
    let last = entries.len().saturating_sub(MOST_LINES).max(MOST_LINES);
    for (at, LogEntry { at: time, event }) in entries.iter().enumerate() {
        if at == MOST_LINES && last > at {
            pages.line(&phrase!("… {} lines left out", last - at));
        }
        if at < MOST_LINES || at >= last {
            pages.line(&cut(&log_line(time, event, rules)));
        }
    }
    pages.holds(phrase!(
        "the log, with the requests to the phone: {} lines",
        entries.len()
    ));
}

fn log_line(time: &str, event: &str, rules: &Rules) -> String {
    let time = match chrono::DateTime::parse_from_rfc3339(time) {
        Ok(_) => time.to_owned(),
        Err(_) => rules.replacer.text(time),
    };
    match event.strip_prefix("asked: ") {
        Some(request) => format!("{time}  asked: {}", rules.request(request)),
        None => format!("{time}  {}", rules.sentence(event)),
    }
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LONGEST_LINE) {
        Some((at, _)) => format!(
            "{}… ({} characters)",
            line.get(..at).unwrap_or_default(),
            line.chars().count()
        ),
        None => line.to_owned(),
    }
}

/// Reports on the log file next to the journal, if the journal can't be read.
fn log_file(folder: &Path, rules: &Rules, pages: &mut Pages) {
    let name = format!("{DATA}/{LOG}");
    let Some(lines) = folder::lines(folder, &name, pages) else {
        return;
    };
    let entries: Vec<LogEntry> = lines
        .iter()
        .map(|line| match line.split_once("  ") {
            Some((at, event)) => (at.to_owned(), event.to_owned()),
            None => (String::new(), line.clone()),
        })
        .map(|(at, event)| LogEntry { at, event })
        .collect();
    log(&entries, rules, pages);
}
