//! Notes: the phone's own, which a driver reads together with its to-dos, and those of exported files.

use super::Journal;
use super::exported;
use super::merge::{Joins, Mergeable, Merged, Unmatched, digest_of};
use super::text::{add_lacking, folded, folded_option, other_uid, own_uid};
use crate::model::{Collection, Note, RecordBody, Source};
use crate::vault::{RecordKind, VaultError};

/// Returns every note once, the phone's own first, and the counts of what happened to the notes of each file.
///
/// # Errors
/// If the journal can't be read.
pub fn all(journal: &impl Journal) -> Result<(Vec<Note>, Joins), VaultError> {
    let mut found = Unmatched::new(exported::read(journal, &[RecordKind::Note])?.notes)?;
    let mut notes = Vec::new();
    journal.each(Collection::Todos, &[RecordKind::Note], |record| {
        if let RecordBody::Note(note) = record.body {
            let mut merged = Merged::of_handset(record.key, note);
            found.join(&mut merged)?;
            notes.push(merged.record);
        }
        Ok::<_, VaultError>(())
    })?;
    let joins = found.each_unmatched(|merged| {
        notes.push(merged.record);
        Ok::<_, VaultError>(())
    })?;
    Ok((notes, joins))
}

/// The same note has the same title and text.
impl Mergeable for Note {
    fn forms(&self) -> Vec<String> {
        vec![folded(&self.text)]
    }

    fn digest(&self) -> [u8; 32] {
        let mut bare = self.clone();
        bare.uid = own_uid(&self.uid).unwrap_or_default().to_owned();
        bare.source = Source::default();
        digest_of(&bare)
    }

    fn is_same(&self, other: &Self) -> bool {
        let title = |note: &Self| folded_option(note.title.as_deref());
        let other_date = matches!((&self.date, &other.date), (Some(a), Some(b)) if a != b);
        folded(&self.text) == folded(&other.text)
            && title(self) == title(other)
            && !other_date
            && !other_uid(&self.uid, &other.uid)
    }

    fn take_in(&mut self, other: Self) {
        // Without `..`: a new field of a note does not compile until it is decided how two values are merged.
        let Note {
            uid: _,
            title,
            text: _,
            date,
            created,
            modified,
            categories,
            extended,
            source,
        } = other;
        if self.source.place != source.place {
            let also = (super::calendar::ALSO_IN.to_owned(), source.place);
            add_lacking(&mut self.extended, vec![also], |a, b| a == b);
        }
        self.title = self.title.take().or(title);
        self.date = self.date.take().or(date);
        self.created = self.created.take().or(created);
        self.modified = self.modified.take().or(modified);
        add_lacking(&mut self.categories, categories, |a, b| a == b);
        add_lacking(&mut self.extended, extended, |a, b| a == b);
    }
}
