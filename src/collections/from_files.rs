//! The outcome of files that the owner had exported, by collection: how much they held, whether all of it was read, and
//! what happened to the records of each file.

use std::collections::BTreeSet;

use super::exported::UnreadPart;
use super::{AllWritten, FileJoins, FromExports, Joins};
use crate::model::{Collection, FromFiles, Unread, Verdict};
use crate::phrase;

/// Largest number of files, and of unreadable parts, that are listed one by one.
pub const MOST_NAMED: usize = 5;

/// Returns a line for each collection of which exported files hold records, or should hold records.
pub fn outcomes(written: &AllWritten) -> Vec<FromFiles> {
    let all = written.iter().filter(|(what, _)| !what.is_files());
    all.filter_map(|(what, own)| outcome(*what, &own.exported, written))
        .collect()
}

/// Returns the parts of exported files that could not be read.
fn unread(written: &AllWritten) -> impl Iterator<Item = &UnreadPart> {
    written.values().flat_map(|own| &own.exported.unread)
}

fn outcome(
    what: Collection,
    FromExports { joins, notes, .. }: &FromExports,
    written: &AllWritten,
) -> Option<FromFiles> {
    let unread: Vec<&UnreadPart> = unread(written)
        .filter(|part| part.of == Some(what))
        .collect();
    if joins.by_file.is_empty() && unread.is_empty() {
        return None;
    }
    let remarks = notes;
    let is_cut = unread.iter().any(|part| part.kind == Unread::Limit);
    let mut notes = Vec::new();
    if joins.new > 0 {
        notes.push(phrase!(
            "Only in files that the owner exported (found/), and added to the files here: {}. The exported files \
             may be incomplete.",
            joins.new
        ));
    }
    if joins.known > 0 {
        let added = match joins.names_alone {
            true => phrase("Names that only the files have were added."),
            false => phrase("Extra details in the files were added."),
        };
        notes.push(phrase!(
            "Both on the phone and in exported files (found/), and joined: {}. By file: {}. {added}",
            joins.known,
            by_file(joins, |file| file.known)
        ));
    }
    let sum = |count: fn(&FileJoins) -> u64| joins.by_file.values().map(count).sum::<u64>();
    let elsewhere = sum(|file| file.elsewhere);
    if elsewhere > 0 {
        notes.push(phrase!(
            "In more than one exported file, and joined: {elsewhere}. By file: {}.",
            by_file(joins, |file| file.elsewhere)
        ));
    }
    let twice = sum(|file| file.twice);
    if twice > 0 {
        notes.push(phrase!(
            "Exact duplicates within one file, saved once: {twice}. By file: {}.",
            by_file(joins, |file| file.twice)
        ));
    }
    notes.extend(remarks.iter().cloned());
    notes.extend(parts(&unread));
    Some(FromFiles {
        name: what,
        verdict: if is_cut {
            Verdict::Partial
        } else if joins.new + joins.known == 0 {
            Verdict::Empty
        } else {
            Verdict::Complete
        },
        found: joins.new,
        known: joins.known,
        notes,
    })
}

/// Returns a remark that lists unreadable parts of exported files, if there are any.
pub fn parts(unread: &[&UnreadPart]) -> Option<String> {
    // Parts of intact files that exceed a limit come before defects in damaged files.
    let limits = unread.iter().filter(|part| part.kind == Unread::Limit);
    let others = unread.iter().filter(|part| part.kind != Unread::Limit);
    let named: Vec<&str> = limits
        .chain(others)
        .take(MOST_NAMED)
        .map(|part| part.says.as_str())
        .collect();
    (!unread.is_empty()).then(|| {
        phrase!(
            "Parts of exported lists that could not be read, kept unchanged in found/: {}. {}",
            unread.len(),
            named.join(" ")
        )
    })
}

/// Returns a sentence for each exported list that could not be read at all.
pub fn not_read(written: &AllWritten) -> Vec<String> {
    let read: BTreeSet<&str> = written
        .values()
        .flat_map(|own| own.exported.joins.by_file.keys())
        .map(String::as_str)
        .collect();
    let mut named = BTreeSet::new();
    unread(written)
        .filter(|part| matches!(part.kind, Unread::Damage | Unread::Limit))
        .filter(|part| !read.contains(part.file.as_str()) && named.insert(part.file.as_str()))
        .map(|part| part.says.clone())
        .collect()
}

/// Formats the counts by file: `contacts.vcf (12), old.vcf (3)`.
fn by_file(joins: &Joins, count: impl Fn(&FileJoins) -> u64) -> String {
    let mut counts: Vec<(u64, &str)> = joins
        .by_file
        .iter()
        .map(|(file, joins)| (count(joins), file.as_str()))
        .filter(|(count, _)| *count > 0)
        .collect();
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    let mut named: Vec<String> = counts
        .iter()
        .take(MOST_NAMED)
        .map(|(count, file)| format!("{file} ({count})"))
        .collect();
    let further = counts.len().saturating_sub(MOST_NAMED);
    if further > 0 {
        named.push(phrase!("and {further} more files"));
    }
    named.join(", ")
}
