//! Contacts: `AddressBook.sqlitedb` with its pictures, in one layout since 2007 that has only gained columns.

mod decode;
mod labels;
mod pictures;
mod stores;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use self::decode::{Entry, Person};
use self::pictures::Pictures;
use self::stores::Stores;
use super::children::Children;
use super::database::Database;
use super::room::{self, Found, HOME, PAGE, Place};
use super::row::Row;
use super::{Room, Source, raw};
use crate::handset::HandsetError;
use crate::model::{Batch, Bookmark, Findings, Holding, Origin, Past, Record, RecordBody};
use crate::phrase;

const BOOK: Place = Place {
    domain: HOME,
    path: "Library/AddressBook/AddressBook.sqlitedb",
};

/// Most persons that are shown as one. More are a fault of the database, and stay apart.
const MOST_LINKED: usize = 100;
/// Most entries of a list that is held in memory: labels, groups.
const MOST_NAMES: usize = 100_000;
/// Bytes of pictures after which a batch ends.
const PICTURES_A_BATCH: usize = 8 << 20;

const BOOKMARK: &str = "person";

/// The address book of a phone.
pub struct Contacts {
    source: Arc<dyn Source>,
    book: Option<Book>,
    findings: Findings,
}

impl Contacts {
    pub fn new(source: Arc<dyn Source>) -> Self {
        Self {
            source,
            book: None,
            findings: Findings::default(),
        }
    }
}

impl Room for Contacts {
    fn survey(&mut self, _: &Past) -> Result<Holding, HandsetError> {
        self.findings = Findings::default();
        self.book = None;
        let mut database = match room::find(&self.source, BOOK.domain, BOOK.path)? {
            Found::Open(database) => *database,
            Found::Closed(why) => return Ok(room::closed(why)),
            Found::NotListed => {
                return Ok(room::closed(
                    phrase(
                        "There is no address book in it, which every iPhone has. Make a new backup of the phone.",
                    )
                    .into(),
                ));
            }
        };
        if !database.has_columns("ABPerson", &["First", "Last"])
            || !database.has_columns("ABMultiValue", &["UID", "record_id", "property", "value"])
        {
            return Ok(room::unknown(&database, phrase("address book")));
        }
        database.check(&[
            "ABPerson",
            "ABMultiValue",
            "ABMultiValueEntry",
            "ABMultiValueLabel",
            "ABMultiValueEntryKey",
            "ABGroup",
            "ABGroupMembers",
            "ABStore",
        ]);
        let pictures = Pictures::open(&self.source, &mut self.findings)?;
        let book = Book::new(&self.source, database, pictures, &mut self.findings)?;
        let holding = book.holding();
        self.book = Some(book);
        Ok(holding)
    }

    fn next_batch(&mut self, after: Option<&Bookmark>) -> Result<Option<Batch>, HandsetError> {
        let Some(book) = &mut self.book else {
            return Ok(None);
        };
        book.next_batch(room::place_of(after, BOOKMARK), &mut self.findings)
    }

    fn findings(&mut self) -> Result<Findings, HandsetError> {
        let mut findings = std::mem::take(&mut self.findings);
        if let Some(book) = &mut self.book {
            findings.missing.append(&mut book.database.damage);
            findings.missing.append(&mut book.pictures.damage());
        }
        Ok(findings)
    }
}

/// The open address book, with the small tables beside that of the persons.
struct Book {
    database: Database,
    pictures: Pictures,
    stores: Stores,
    /// Labels, the names of parts, and the titles of groups, by row number.
    labels: HashMap<i64, String>,
    keys: HashMap<i64, String>,
    groups: HashMap<i64, String>,
    /// The persons that are shown as one, by the first of them; and the first one of each other.
    linked: BTreeMap<i64, Vec<i64>>,
    first_of: HashMap<i64, i64>,
    entries: Children,
    parts: Children,
    members: Children,
    persons: u64,
}

impl Book {
    fn new(
        source: &Arc<dyn Source>,
        mut database: Database,
        pictures: Pictures,
        findings: &mut Findings,
    ) -> Result<Self, HandsetError> {
        let labels = names(&database, "ABMultiValueLabel", "value", findings);
        let keys = names(&database, "ABMultiValueEntryKey", "value", findings);
        let groups = names(&database, "ABGroup", "Name", findings);
        let stores = Stores::read(source, &database, findings)?;
        let (linked, first_of) = linked(&database, findings);
        let mut children = |table, owner| Children::new(&mut database, table, &[owner], findings);
        let entries = children("ABMultiValue", "record_id");
        let parts = children("ABMultiValueEntry", "parent_id");
        let members = children("ABGroupMembers", "member_id");
        let persons = database.count("ABPerson").unwrap_or_default();
        Ok(Self {
            database,
            pictures,
            stores,
            labels,
            keys,
            groups,
            linked,
            first_of,
            entries,
            parts,
            members,
            persons,
        })
    }

    fn holding(&self) -> Holding {
        let joined = self.first_of.len() as u64;
        let mut notes = self.stores.notes();
        if joined > 0 {
            notes.push(phrase!(
                "Entries that the phone shows as one with another, and that are joined in the same way: {}.",
                joined
            ));
        }
        if self.persons == 0 {
            notes.push(phrase("The phone's address book has no entries.").into());
        }
        Holding {
            handset_says: Some(self.persons.saturating_sub(joined)),
            rows: Some(self.persons),
            notes,
            ..Holding::default()
        }
    }

    fn next_batch(
        &mut self,
        after: i64,
        findings: &mut Findings,
    ) -> Result<Option<Batch>, HandsetError> {
        let name = self.database.name.clone();
        let rows = self
            .database
            .page("ABPerson", after, PAGE)
            .map_err(|broken| room::broken_off(&name, &broken))?;
        let Some(last) = rows.last().and_then(|row| row.number("rowid")) else {
            return Ok(None);
        };
        let mut batch = Batch::default();
        let mut at = after;
        let mut pictures = 0;
        let first = rows.first().and_then(|row| row.number("rowid"));
        for children in [&mut self.entries, &mut self.members] {
            children.load(&self.database, first.unwrap_or(last), last, findings);
        }
        let mut read = 0;
        for row in &rows {
            let id = row.number("rowid").unwrap_or_default();
            at = id;
            read += 1;
            batch.rows += 1;
            // It is on the card of the first person with which it is linked.
            if self.first_of.contains_key(&id) {
                continue;
            }
            let card = self.card(row, id, findings);
            if let Some(picture) = self.pictures.of(&card.ids, findings) {
                pictures += picture.bytes.len();
                batch.raw.push(picture);
            }
            batch.records.extend(card.records(&self.pictures));
            if pictures >= PICTURES_A_BATCH {
                break;
            }
        }
        let which = format!("rowid {} to {at}", after.saturating_add(1));
        let whole = raw::reply(
            &name,
            "ABPerson",
            &which,
            rows.get(..read).unwrap_or_default(),
        );
        batch.raw.extend(whole);
        for children in [&mut self.entries, &mut self.parts, &mut self.members] {
            let of = format!("of ABPerson {which}");
            batch.raw.extend(children.raw(&self.database, &of));
        }
        batch.bookmark = Some(room::bookmark(BOOKMARK, at));
        Ok(Some(batch))
    }

    /// Reads all that belongs to a person and to those linked with it.
    fn card(&mut self, row: &Row, id: i64, findings: &mut Findings) -> Card {
        let mut rows = vec![row.clone()];
        for other in self.linked.get(&id).into_iter().flatten() {
            let sql = "SELECT rowid AS \"rowid\", * FROM ABPerson WHERE rowid = ?1";
            match self.database.all(sql, [*other]) {
                Ok(found) => rows.extend(found),
                Err(broken) => {
                    room::note_broken(findings, &self.database.name, "ABPerson", &broken);
                }
            }
        }
        // The person whose name the phone shows comes first.
        rows.sort_by_key(|row| row.number("IsPreferredName") == Some(0));
        let mut ids = Vec::new();
        let mut persons = Vec::new();
        for row in rows {
            let id = row.number("rowid").unwrap_or_default();
            ids.push(id);
            let entries = self.entries_of(id, findings);
            let groups = self.groups_of(id, findings);
            let source = self.stores.source(&row, id);
            persons.push(Person {
                row,
                entries,
                groups,
                source,
            });
        }
        let is_own = ids.iter().any(|id| self.stores.is_own_card(*id));
        Card {
            key: id,
            ids,
            persons,
            is_own,
        }
    }

    fn entries_of(&mut self, id: i64, findings: &mut Findings) -> Vec<Entry> {
        let mut entries = Vec::new();
        for row in self.entries.of(&self.database, id, findings) {
            let property = row.number("property").unwrap_or(-1);
            let value = row.text("value");
            let mut parts = Vec::new();
            if value.is_none() || decode::property::COMPOSITE.contains(&property) {
                let uid = row.number("UID").unwrap_or_default();
                for part in self.parts.of(&self.database, uid, findings) {
                    let key = part.number("key").unwrap_or(-1);
                    let name = self.keys.get(&key).cloned();
                    let name = name.unwrap_or_else(|| format!("part {key}"));
                    parts.extend(part.text("value").map(|text| (name, text)));
                }
            }
            let label = row.number("label").filter(|label| *label >= 0);
            entries.push(Entry {
                property,
                label: label.map(|number| {
                    let known = self.labels.get(&number).cloned();
                    known.unwrap_or_else(|| format!("label {number}"))
                }),
                value,
                parts,
                others: row.others(&[
                    "rowid",
                    "UID",
                    "record_id",
                    "property",
                    "identifier",
                    "label",
                    "value",
                    "guid",
                ]),
            });
        }
        entries
    }

    fn groups_of(&mut self, id: i64, findings: &mut Findings) -> Vec<String> {
        let rows = self.members.of(&self.database, id, findings);
        let titles = rows.iter().filter_map(|row| {
            let group = row.number("group_id")?;
            // Members of type 1 are groups.
            let is_person = row.number("member_type").unwrap_or(0) == 0;
            let title = self.groups.get(&group).cloned();
            is_person.then(|| title.unwrap_or_else(|| format!("group {group}")))
        });
        titles.collect()
    }
}

/// The persons of one card.
struct Card {
    key: i64,
    ids: Vec<i64>,
    persons: Vec<Person>,
    is_own: bool,
}

impl Card {
    fn records(self, pictures: &Pictures) -> Vec<Record> {
        let mut contact = decode::contact(&self.persons);
        contact.picture = pictures.last().cloned();
        contact.has_picture = contact.picture.is_some();
        let mut records = Vec::new();
        if self.is_own {
            let mut own = contact.clone();
            for source in &mut own.sources {
                source.origin = Origin::Profile;
            }
            records.push(Record {
                key: format!("profile/{}", self.key),
                body: RecordBody::Profile(own),
            });
        }
        records.push(Record {
            key: format!("contact/{}", self.key),
            body: RecordBody::Contact(contact),
        });
        records
    }
}

/// Reads a list of names by row number.
fn names(
    database: &Database,
    table: &str,
    column: &str,
    findings: &mut Findings,
) -> HashMap<i64, String> {
    let mut names = HashMap::new();
    if !database.has_columns(table, &[column]) {
        return names;
    }
    let sql = format!("SELECT rowid AS \"rowid\", {column} AS name FROM {table}");
    let done = database.each(&sql, [], |row| {
        if let (Some(number), Some(name)) = (row.number("rowid"), row.text("name")) {
            names.insert(number, name);
        }
        names.len() < MOST_NAMES
    });
    if let Err(broken) = done {
        room::note_broken(findings, &database.name, table, &broken);
    }
    names
}

/// Returns the persons that are shown as one, by the first of them; and the first one of each other.
fn linked(
    database: &Database,
    findings: &mut Findings,
) -> (BTreeMap<i64, Vec<i64>>, HashMap<i64, i64>) {
    let (mut linked, mut first_of) = (BTreeMap::<i64, Vec<i64>>::new(), HashMap::new());
    if !database.has_columns("ABPerson", &["PersonLink"]) {
        return (linked, first_of);
    }
    let sql = "SELECT PersonLink AS link, rowid AS \"rowid\" FROM ABPerson WHERE PersonLink > 0 \
               ORDER BY PersonLink, rowid";
    let mut now: Option<(i64, i64)> = None;
    let done = database.each(sql, [], |row| {
        let (Some(link), Some(id)) = (row.number("link"), row.number("rowid")) else {
            return true;
        };
        match now {
            Some((known, first)) if known == link => {
                let others = linked.entry(first).or_default();
                if others.len() < MOST_LINKED {
                    others.push(id);
                    first_of.insert(id, first);
                }
            }
            Some(_) | None => now = Some((link, id)),
        }
        true
    });
    if let Err(broken) = done {
        room::note_broken(findings, &database.name, "ABPerson", &broken);
    }
    (linked, first_of)
}
