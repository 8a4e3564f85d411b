//! Reminders since iOS 13: a Core Data store for each account.
//!
//! Until iOS 15 all things are rows of `ZREMCDOBJECT`, told apart by `Z_ENT`; later, reminders and lists have tables of
//! their own. The numbers of the kinds differ even between two stores of one phone, so their names are looked up in each
//! (`Z_PRIMARYKEY`). A column that several kinds have is numbered: `ZTITLE`, `ZTITLE1`.

use std::collections::HashMap;

use super::calendar::note_unknown;
use super::rule;
use crate::handset::HandsetError;
use crate::handset::iphone::databases::calendar::decode::start_of;
use crate::handset::iphone::databases::children::Children;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::parts::Part;
use crate::handset::iphone::databases::room::{self, PAGE};
use crate::handset::iphone::databases::row::{Row, numbered};
use crate::handset::iphone::databases::{cocoa, raw};
use crate::model::uid;
use crate::model::{Account, Batch, Findings, Holding, Moment, Record, RecordBody, Source, Todo};
use crate::phrase;

const MOST_LISTS: usize = 100_000;
const OBJECTS: &str = "ZREMCDOBJECT";

/// Columns of a reminder that fields hold, or that serve the phone's own bookkeeping.
const READ: [&str; 56] = [
    "rowid",
    "Z_PK",
    "Z_ENT",
    "Z_OPT",
    "ZIDENTIFIER",
    "ZTITLE",
    "ZTITLE1",
    "ZTITLE2",
    "ZTITLE3",
    "ZNOTES",
    "ZNOTES1",
    "ZCOMPLETED",
    "ZCOMPLETIONDATE",
    "ZPRIORITY",
    "ZALLDAY",
    "ZDUEDATE",
    "ZSTARTDATE",
    "ZDISPLAYDATEDATE",
    "ZDISPLAYDATEISALLDAY",
    "ZDISPLAYDATETIMEZONE",
    "ZDISPLAYDATEUPDATEDFORSECONDSFROMGMT",
    "ZCREATIONDATE",
    "ZLASTMODIFIEDDATE",
    "ZMARKEDFORDELETION",
    "ZPARENTREMINDER",
    "ZLIST",
    "ZLIST1",
    "ZLIST2",
    "ZACCOUNT",
    "ZACCOUNT1",
    "ZACCOUNT2",
    "ZTIMEZONE",
    "ZCKIDENTIFIER",
    "ZCKCLOUDSTATE",
    "ZCKPARENTREMINDERIDENTIFIER",
    "ZCKASSETACCOUNTIDENTIFIER",
    "ZCKNEEDSINITIALFETCHFROMCLOUD",
    "ZCKNEEDSTOBEFETCHEDFROMCLOUD",
    "ZCKDIRTYFLAGS",
    "ZCKSERVERRECORDDATA",
    "ZCKSERVERSHAREDATA",
    "ZCKZONEOWNERNAME",
    "ZEFFECTIVEMINIMUMSUPPORTEDAPPVERSION",
    "ZMINIMUMSUPPORTEDAPPVERSION",
    "ZSPOTLIGHTINDEXCOUNT",
    "ZEXTERNALIDENTIFIER",
    "ZEXTERNALMODIFICATIONTAG",
    "ZDAEXTERNALIDENTIFIER",
    "ZDASYNCTOKEN",
    "ZDAPUSHKEY",
    "ZDACALENDARITEMUNIQUEIDENTIFIER",
    "ZTITLEDOCUMENT",
    "ZNOTESDOCUMENT",
    "ZRESOLUTIONTOKENMAP_V3_JSONDATA",
    "ZRESOLUTIONTOKENMAPDATA",
    "ZICSDISPLAYORDER",
];

/// One store.
pub struct Store {
    database: Database,
    path: String,
    /// The table of reminders, and their kind in it.
    table: &'static str,
    kind: Option<i64>,
    /// Names of kinds, by number.
    kinds: HashMap<i64, String>,
    lists: HashMap<i64, String>,
    accounts: HashMap<i64, String>,
    tags: HashMap<i64, String>,
    objects: Option<Children>,
    unknown: Vec<String>,
}

impl Store {
    /// Prepares the reading of a store.
    ///
    /// # Errors
    /// If it is of an unknown kind.
    pub fn new(
        mut database: Database,
        path: &str,
        findings: &mut Findings,
    ) -> Result<Self, Holding> {
        let unknown =
            |database: &Database| Err(room::unknown(database, phrase("database of reminders")));
        let mut kinds = HashMap::new();
        if database.has_columns("Z_PRIMARYKEY", &["Z_ENT", "Z_NAME"]) {
            let sql = "SELECT Z_ENT, Z_NAME FROM Z_PRIMARYKEY LIMIT 10000";
            match database.all(sql, []) {
                Ok(rows) => kinds.extend(
                    rows.iter()
                        .filter_map(|row| Some((row.number("Z_ENT")?, row.text("Z_NAME")?))),
                ),
                Err(broken) => room::note_broken(findings, &database.name, "Z_PRIMARYKEY", &broken),
            }
        }
        let number_of = |name: &str| {
            kinds
                .iter()
                .find(|(_, known)| *known == name)
                .map(|(number, _)| *number)
        };
        let reminder = number_of("REMCDReminder");
        let (table, kind) = if database.has_columns("ZREMCDREMINDER", &["ZTITLE"]) {
            ("ZREMCDREMINDER", None)
        } else if database.has_columns(OBJECTS, &["Z_ENT", "ZCOMPLETED"]) && reminder.is_some() {
            (OBJECTS, reminder)
        } else {
            return unknown(&database);
        };
        database.check(&["ZREMCDREMINDER", "ZREMCDBASELIST", OBJECTS]);
        let objects = back_pointers(&database)
            .map(|columns| Children::by_expression(&mut database, OBJECTS, &columns, findings));
        let mut store = Self {
            database,
            path: path.to_owned(),
            table,
            kind,
            kinds,
            lists: HashMap::new(),
            accounts: HashMap::new(),
            tags: HashMap::new(),
            objects,
            unknown: Vec::new(),
        };
        let list_tables: &[(&str, Option<&str>)] = match store.database.has("ZREMCDBASELIST") {
            true => &[("ZREMCDBASELIST", None)],
            false => &[(OBJECTS, Some("REMCDList"))],
        };
        for (table, kind) in list_tables {
            store.lists = store.names(table, *kind, findings);
        }
        store.accounts = store.names(OBJECTS, Some("REMCDAccount"), findings);
        store.tags = store.names("ZREMCDHASHTAGLABEL", None, findings);
        Ok(store)
    }

    /// Reads the names of lists or accounts, by row number.
    fn names(
        &self,
        table: &str,
        kind: Option<&str>,
        findings: &mut Findings,
    ) -> HashMap<i64, String> {
        let mut names = HashMap::new();
        let columns = self.database.columns(table);
        let columns: Vec<_> = numbered(columns, "ZNAME");
        if columns.is_empty() {
            return names;
        }
        let wanted = match kind {
            None => String::new(),
            Some(kind) => {
                let number = self.kinds.iter().find(|(_, known)| *known == kind);
                let Some((number, _)) = number else {
                    return names;
                };
                format!(" WHERE Z_ENT = {number}")
            }
        };
        let sql = format!(
            "SELECT rowid AS \"rowid\", {} FROM {table}{wanted}",
            columns.join(", ")
        );
        let done = self.database.each(&sql, [], |row| {
            let name = columns.iter().find_map(|column| row.text(column));
            if let (Some(id), Some(name)) = (row.number("rowid"), name) {
                names.insert(id, name);
            }
            names.len() < MOST_LISTS
        });
        if let Err(broken) = done {
            room::note_broken(findings, &self.database.name, table, &broken);
        }
        names
    }

    fn is_reminder(&self, row: &Row) -> bool {
        self.kind
            .is_none_or(|kind| row.number("Z_ENT") == Some(kind))
    }

    fn todo(&mut self, row: &Row, findings: &mut Findings) -> Todo {
        let id = row.number("rowid").unwrap_or_default();
        let is_day = row.flag("ZALLDAY");
        let zone = row
            .text("ZTIMEZONE")
            .or_else(|| row.text("ZDISPLAYDATETIMEZONE"));
        let moment = |name: &str| {
            let seconds = row.real(name)?;
            match is_day {
                true => start_of(seconds, Some("_float"), true),
                false => start_of(seconds, zone.as_deref().or(Some("UTC")), false),
            }
        };
        let time = |name: &str| {
            let millis = cocoa::millis(row.real(name)?)?;
            Some(Moment::Time {
                millis,
                zone: "UTC".to_owned(),
            })
        };
        let due = moment("ZDUEDATE");
        let mut extended = Vec::new();
        if let Some(parent) = row.number("ZPARENTREMINDER") {
            let title = self.title_of(parent);
            extended.push((
                phrase("subtask of").to_owned(),
                title.unwrap_or_else(|| parent.to_string()),
            ));
        }
        let mut reminder = None;
        let objects = match &mut self.objects {
            Some(objects) => objects.of(&self.database, id, findings),
            None => Vec::new(),
        };
        for object in objects
            .iter()
            .filter(|object| !object.flag("ZMARKEDFORDELETION"))
        {
            let kind = object
                .number("Z_ENT")
                .and_then(|kind| self.kinds.get(&kind));
            let kind = kind.map(String::as_str).unwrap_or_default();
            match kind {
                "REMCDRecurrenceRule" => {
                    let (rule, mut odd) = rule::rule(object, is_day);
                    extended.extend(rule.map(|rule| ("RRULE".to_owned(), rule)));
                    extended.extend(
                        odd.iter()
                            .map(|odd| ("X-APPLE-RECURRENCE".to_owned(), odd.clone())),
                    );
                    self.unknown.append(&mut odd);
                }
                "REMCDHashtag" => {
                    let label = object.number("ZHASHTAGLABEL");
                    let name = label.and_then(|label| self.tags.get(&label).cloned());
                    let name = name.or_else(|| object.first_text("ZNAME"));
                    extended.extend(name.map(|name| ("CATEGORIES".to_owned(), name)));
                }
                "REMCDAlarm" => {
                    let trigger = object
                        .number("ZTRIGGER")
                        .and_then(|id| self.object(id, findings));
                    let said = trigger.iter().flat_map(described);
                    extended.extend(said.map(|(name, value)| (format!("alarm {name}"), value)));
                    let at = trigger.as_ref().and_then(|trigger| {
                        date_of(trigger.bytes("ZDATECOMPONENTSDATA")?, zone.as_deref())
                    });
                    reminder = reminder.or(at);
                }
                "REMCDReminder" => {}
                _ => {
                    let said = described(object);
                    let kind = kind.strip_prefix("REMCD").unwrap_or(kind);
                    extended.extend(
                        said.into_iter()
                            .map(|(name, value)| (format!("{kind} {name}"), value)),
                    );
                }
            }
        }
        let others = row.others(&READ).into_iter();
        extended.extend(others.filter(|(name, value)| {
            // Links back, and the numbers of the phone's own kinds.
            !name.starts_with("Z_FOK") && !name.starts_with("Z_") && value != "0" && value != "-1"
        }));
        let list = number_of(row, "ZLIST").and_then(|list| self.lists.get(&list).cloned());
        let is_local = self.path.ends_with("/Data-local.sqlite");
        let account =
            number_of(row, "ZACCOUNT").and_then(|account| self.accounts.get(&account).cloned());
        let mut todo = Todo {
            uid: identifier(row).unwrap_or_default(),
            list: list.unwrap_or_default(),
            title: row.first_text("ZTITLE"),
            notes: row.first_text("ZNOTES"),
            start: moment("ZSTARTDATE"),
            due,
            done: row.flag("ZCOMPLETED"),
            completed: time("ZCOMPLETIONDATE"),
            priority: row
                .number("ZPRIORITY")
                .and_then(|priority| u8::try_from(priority).ok())
                .filter(|priority| (1..=9).contains(priority)),
            reminder,
            reminders: Vec::new(),
            extended,
            source: Source {
                row: id,
                only_here: is_local,
                deleted: row.flag("ZMARKEDFORDELETION"),
                source_id: (!is_local).then(|| identifier(row)).flatten(),
                account: match is_local {
                    true => Account::default(),
                    false => Account {
                        name: account,
                        kind: Some("account".to_owned()),
                        data_set: None,
                    },
                },
                ..Source::default()
            },
        };
        if todo.uid.is_empty() {
            todo.uid = uid::of_todo(&["todo"], &todo);
        }
        todo
    }

    fn title_of(&self, id: i64) -> Option<String> {
        let sql = format!("SELECT * FROM {} WHERE rowid = ?1", self.table);
        let rows = self.database.all(&sql, [id]).ok()?;
        rows.first()?.first_text("ZTITLE")
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

    fn count(&self, deleted: bool) -> Option<u64> {
        let mut conditions = vec!["1".to_owned()];
        conditions.extend(self.kind.map(|kind| format!("Z_ENT = {kind}")));
        if !deleted
            && self
                .database
                .has_columns(self.table, &["ZMARKEDFORDELETION"])
        {
            conditions.push("coalesce(ZMARKEDFORDELETION, 0) = 0".to_owned());
        }
        let sql = format!(
            "SELECT count(*) FROM {} WHERE {}",
            self.table,
            conditions.join(" AND ")
        );
        u64::try_from(self.database.number(&sql).ok()??).ok()
    }
}

impl Part for Store {
    fn id(&self) -> &str {
        &self.path
    }

    fn counts(&self) -> (Option<u64>, Option<u64>) {
        (self.count(false), self.database.count(self.table))
    }

    fn next(
        &mut self,
        after: i64,
        findings: &mut Findings,
    ) -> Result<Option<(Batch, i64)>, HandsetError> {
        let name = self.database.name.clone();
        let rows = self
            .database
            .page(self.table, after, PAGE)
            .map_err(|broken| room::broken_off(&name, &broken))?;
        let ids = |row: Option<&Row>| row.and_then(|row| row.number("rowid"));
        let (Some(first), Some(last)) = (ids(rows.first()), ids(rows.last())) else {
            return Ok(None);
        };
        if let Some(objects) = &mut self.objects {
            objects.load(&self.database, first, last, findings);
        }
        let mut batch = Batch {
            rows: rows.len() as u64,
            ..Batch::default()
        };
        for row in &rows {
            if self.is_reminder(row) {
                let todo = self.todo(row, findings);
                batch.records.push(Record {
                    key: format!("todo/{}/{}", self.path, todo.source.row),
                    body: RecordBody::Todo(todo),
                });
            }
        }
        let which = format!("rowid {} to {last}", after.saturating_add(1));
        batch
            .raw
            .extend(raw::reply(&name, self.table, &which, &rows));
        if let Some(objects) = &mut self.objects {
            let of = format!("of {} {which}", self.table);
            batch.raw.extend(objects.raw(&self.database, &of));
        }
        Ok(Some((batch, last)))
    }

    fn finish(&mut self, findings: &mut Findings) {
        findings.missing.append(&mut self.database.damage);
        note_unknown(&mut self.unknown, findings);
    }
}

fn number_of(row: &Row, name: &str) -> Option<i64> {
    numbered(row.names(), name)
        .iter()
        .find_map(|column| row.number(column))
}

/// Returns how SQL names the reminder that a row of `ZREMCDOBJECT` belongs to; `None`: no column says it.
fn back_pointers(database: &Database) -> Option<String> {
    let columns = numbered(database.columns(OBJECTS), "ZREMINDER");
    match columns.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        many => Some(format!("coalesce({})", many.join(", "))),
    }
}

/// Returns the identifier of a reminder, which the store keeps as 16 bytes or as a text.
fn identifier(row: &Row) -> Option<String> {
    let bytes = row.bytes("ZIDENTIFIER");
    if let Some(bytes) = bytes.filter(|bytes| bytes.len() == 16) {
        let mut id = String::with_capacity(36);
        for (at, byte) in bytes.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                id.push('-');
            }
            id.push_str(&format!("{byte:02X}"));
        }
        return Some(id);
    }
    row.text("ZCKIDENTIFIER")
        .or_else(|| row.text("ZIDENTIFIER").filter(|text| text.len() == 36))
}

/// Returns the filled columns of an object, without its links.
fn described(object: &Row) -> Vec<(String, String)> {
    let others = object.others(&["rowid"]).into_iter();
    let others = others.filter(|(name, value)| {
        let is_link = [
            "Z_",
            "ZREMINDER",
            "ZACCOUNT",
            "ZCK",
            "ZIDENTIFIER",
            "ZMARKED",
            "ZEFFECTIVE",
            "ZMINIMUM",
            "ZTRIGGER",
            "ZALARMUID",
        ];
        value != "0" && !is_link.iter().any(|start| name.starts_with(start)) && !name.contains(' ')
    });
    others
        .map(|(name, value)| (name.trim_start_matches('Z').to_lowercase(), value))
        .collect()
}

/// Returns the time of an alarm: `{"year": 2024, "month": 6, …}`. Some systems archive it in another way.
fn date_of(bytes: &[u8], zone: Option<&str>) -> Option<Moment> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    let part = |name: &str| value.get(name).and_then(serde_json::Value::as_i64);
    let date = chrono::NaiveDate::from_ymd_opt(
        i32::try_from(part("year")?).ok()?,
        u32::try_from(part("month")?).ok()?,
        u32::try_from(part("day")?).ok()?,
    )?;
    let small = |name: &str| u32::try_from(part(name).unwrap_or(0)).ok();
    let time = date.and_hms_opt(small("hour")?, small("minute")?, small("second")?)?;
    let name = value
        .get("timeZone")
        .and_then(|zone| zone.get("identifier").unwrap_or(zone).as_str())
        .or(zone);
    let tz = name.and_then(|name| name.parse::<chrono_tz::Tz>().ok());
    Some(match (tz, name) {
        (Some(tz), Some(name)) => Moment::Time {
            millis: time.and_local_timezone(tz).earliest()?.timestamp_millis(),
            zone: name.to_owned(),
        },
        _ => Moment::Time {
            millis: time.and_utc().timestamp_millis(),
            zone: Moment::FLOATING.to_owned(),
        },
    })
}
