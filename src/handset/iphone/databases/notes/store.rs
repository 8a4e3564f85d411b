//! The databases of notes.

use std::collections::HashMap;

use super::body;
use crate::handset::HandsetError;
use crate::handset::iphone::databases::calls::next;
use crate::handset::iphone::databases::cocoa;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::parts::Part;
use crate::handset::iphone::databases::room;
use crate::handset::iphone::databases::row::Row;
use crate::model::{Batch, Findings, Holding, Moment, Note, Record, RecordBody, Source};
use crate::phrase;

const DATA: &str = "ZICNOTEDATA";
const OBJECTS: &str = "ZICCLOUDSYNCINGOBJECT";

/// The character that stands for a picture or a table in a text.
const ATTACHED: char = '\u{fffc}';

/// Notes since iOS 9. Several kinds of things share one table, so that a column that several have is numbered, and the
/// number differs between systems: the filled one counts.
pub struct NoteStore {
    database: Database,
    folders: HashMap<i64, Option<String>>,
    /// Notes with a password, and notes whose texts can't be read.
    locked: u64,
    unread: u64,
    read: u64,
}

impl NoteStore {
    /// Prepares the reading of the database.
    ///
    /// # Errors
    /// If it is of an unknown kind.
    pub fn new(mut database: Database) -> Result<Self, Holding> {
        if !database.has_columns(DATA, &["ZNOTE", "ZDATA"]) || !database.has(OBJECTS) {
            return Err(room::unknown(&database, phrase("database of notes")));
        }
        database.check(&[DATA, OBJECTS]);
        Ok(Self {
            database,
            folders: HashMap::new(),
            locked: 0,
            unread: 0,
            read: 0,
        })
    }

    fn object(&self, id: i64, findings: &mut Findings) -> Option<Row> {
        let sql = format!("SELECT rowid AS \"rowid\", * FROM {OBJECTS} WHERE rowid = ?1");
        match self.database.all(&sql, [id]) {
            Ok(rows) => rows.into_iter().next(),
            Err(broken) => {
                room::note_broken(findings, &self.database.name, OBJECTS, &broken);
                None
            }
        }
    }

    fn folder(&mut self, id: i64, findings: &mut Findings) -> Option<String> {
        if !self.folders.contains_key(&id) {
            let folder = self.object(id, findings);
            let title = folder.and_then(|folder| folder.first_text("ZTITLE"));
            self.folders.insert(id, title);
        }
        self.folders.get(&id).cloned().flatten()
    }

    fn note(&mut self, data: &Row, findings: &mut Findings) -> Option<Note> {
        let id = data.number("ZNOTE")?;
        let object = self.object(id, findings)?;
        let is_locked = object.flag("ZISPASSWORDPROTECTED");
        let text = match (is_locked, data.bytes("ZDATA")) {
            (true, _) => None,
            (false, Some(bytes)) => body::text(bytes),
            // An empty note, or a note that is only in iCloud.
            (false, None) => object.text("ZSNIPPET").or_else(|| Some(String::new())),
        };
        self.locked += u64::from(is_locked);
        self.unread += u64::from(!is_locked && text.is_none());
        self.read += 1;
        let text: String = text
            .unwrap_or_default()
            .chars()
            .filter(|c| *c != ATTACHED)
            .collect();
        let mut note = plain(&object, text);
        let folder = object
            .number("ZFOLDER")
            .and_then(|folder| self.folder(folder, findings));
        note.categories.extend(folder);
        for (name, column) in [("locked", "ZISPASSWORDPROTECTED"), ("pinned", "ZISPINNED")] {
            if object.flag(column) {
                note.extended.push((name.to_owned(), "1".to_owned()));
            }
        }
        note.uid = object.text("ZIDENTIFIER").unwrap_or_default();
        note.source.deleted = object.flag("ZMARKEDFORDELETION");
        Some(note)
    }
}

/// Makes a note of a row and its text. Apple keeps the title as the first line of the text.
fn plain(row: &Row, text: String) -> Note {
    let time = |name: &str| {
        let millis = cocoa::millis(row.first_real(name)?)?;
        Some(Moment::Time {
            millis,
            zone: "UTC".to_owned(),
        })
    };
    let title = row.first_text("ZTITLE");
    let is_first_line = title
        .as_ref()
        .is_some_and(|title| text.trim_start().starts_with(title.trim()));
    Note {
        title: title.filter(|_| !is_first_line),
        text,
        created: time("ZCREATIONDATE"),
        modified: time("ZMODIFICATIONDATE"),
        source: Source {
            place: phrase("Notes").to_owned(),
            row: row.number("rowid").unwrap_or_default(),
            ..Source::default()
        },
        ..Note::default()
    }
}

impl Part for NoteStore {
    fn id(&self) -> &str {
        &self.database.name
    }

    fn counts(&self) -> (Option<u64>, Option<u64>) {
        (Some(0), self.database.count(DATA))
    }

    fn next(
        &mut self,
        after: i64,
        findings: &mut Findings,
    ) -> Result<Option<(Batch, i64)>, HandsetError> {
        let Some((rows, mut batch, last)) = next(&mut self.database, DATA, after)? else {
            return Ok(None);
        };
        for row in &rows {
            if let Some(note) = self.note(row, findings) {
                batch.records.push(Record {
                    key: format!("note/{}", note.source.row),
                    body: RecordBody::Note(note),
                });
            }
        }
        Ok(Some((batch, last)))
    }

    fn finish(&mut self, findings: &mut Findings) {
        findings.missing.append(&mut self.database.damage);
        if self.read > 0 {
            findings.notes.push(phrase!(
                "The phone's notes, saved in notes.txt: {}.",
                self.read
            ));
        }
        if self.locked > 0 {
            findings.notes.push(phrase!(
                "Notes with a password, of which only the titles could be read: {}. Open them on the phone to copy them.",
                self.locked
            ));
        }
        if self.unread > 0 {
            findings.raw_only += self.unread;
            findings.missing.push(phrase!(
                "Notes whose texts can't be read: {}. They are kept as they are on the phone.",
                self.unread
            ));
        }
    }
}

/// Notes until iOS 8, and those of e-mail accounts.
pub struct OldNotes(Database, u64);

impl OldNotes {
    /// Prepares the reading of the database.
    ///
    /// # Errors
    /// If it is of an unknown kind.
    pub fn new(mut database: Database) -> Result<Self, Holding> {
        if !database.has_columns("ZNOTE", &["ZTITLE"])
            || !database.has_columns("ZNOTEBODY", &["ZCONTENT", "ZOWNER"])
        {
            return Err(room::unknown(&database, phrase("database of notes")));
        }
        database.check(&["ZNOTE", "ZNOTEBODY"]);
        Ok(Self(database, 0))
    }
}

impl Part for OldNotes {
    fn id(&self) -> &str {
        &self.0.name
    }

    fn counts(&self) -> (Option<u64>, Option<u64>) {
        (Some(0), self.0.count("ZNOTE"))
    }

    fn next(
        &mut self,
        after: i64,
        findings: &mut Findings,
    ) -> Result<Option<(Batch, i64)>, HandsetError> {
        let Some((rows, mut batch, last)) = next(&mut self.0, "ZNOTE", after)? else {
            return Ok(None);
        };
        for row in &rows {
            let id = row.number("rowid").unwrap_or_default();
            let sql = "SELECT ZCONTENT FROM ZNOTEBODY WHERE ZOWNER = ?1";
            let text = match self.0.all(sql, [id]) {
                Ok(bodies) => bodies.first().and_then(|body| body.text("ZCONTENT")),
                Err(broken) => {
                    room::note_broken(findings, &self.0.name, "ZNOTEBODY", &broken);
                    None
                }
            };
            let mut note = plain(row, body::text_of_html(&text.unwrap_or_default()));
            note.source.deleted = row.flag("ZDELETEDFLAG");
            note.uid = row.text("ZGUID").unwrap_or_default();
            self.1 += 1;
            batch.records.push(Record {
                key: format!("note/old/{id}"),
                body: RecordBody::Note(note),
            });
        }
        Ok(Some((batch, last)))
    }

    fn finish(&mut self, findings: &mut Findings) {
        findings.missing.append(&mut self.0.damage);
        if self.1 > 0 {
            findings.notes.push(phrase!(
                "The phone's older notes, saved in notes.txt: {}.",
                self.1
            ));
        }
    }
}
