//! The open calendar database: items page by page, with all that belongs to them.
//!
//! Until iOS 4 the items are in the table `Event`; since then in `CalendarItem`, until iOS 12 together with reminders.

use std::collections::HashMap;
use std::sync::Arc;

use super::decode::{self, Beside, Context};
use crate::handset::HandsetError;
use crate::handset::iphone::databases::accounts::Accounts;
use crate::handset::iphone::databases::children::Children;
use crate::handset::iphone::databases::database::{Database, quoted};
use crate::handset::iphone::databases::room::{self, Found, HOME, PAGE};
use crate::handset::iphone::databases::row::Row;
use crate::handset::iphone::databases::{Source as Files, raw};
use crate::model::{Account, Batch, Calendar, Findings, Holding, Source};
use crate::phrase;

const PATH: &str = "Library/Calendar/Calendar.sqlitedb";
const MOST: usize = 100_000;

/// Kinds of stores (`Store.type`).
const LOCAL: i64 = 0;
const SUBSCRIBED: i64 = 4;
const BIRTHDAYS: i64 = 5;

/// The open database.
pub struct Items {
    pub database: Database,
    pub table: &'static str,
    /// The columns of the series of a changed occurrence, and of its original start.
    pub series: Option<&'static str>,
    pub date: &'static str,
    pub context: Context,
    /// Calendars of birthdays, which contacts carry, and calendars that others publish.
    pub birthdays: Vec<i64>,
    pub subscribed: Vec<i64>,
    rules: Children,
    exceptions: Children,
    alarms: Children,
    participants: Children,
    locations: Children,
    /// The places of alarms.
    places: Children,
    attachments: Children,
    changed: Children,
}

/// The outcome of opening.
pub enum Opened {
    Items(Box<Items>),
    NotListed,
    Closed(Holding),
}

/// The name of a calendar as the phone shows it: those that the system itself makes have a mark for a name, in place of
/// which EventKit shows a word of the owner's language.
fn shown_name(title: String) -> String {
    match title.as_str() {
        "DEFAULT_CALENDAR_NAME" => phrase("Calendar").to_owned(),
        "DEFAULT_TASK_CALENDAR_NAME" => phrase("Reminders").to_owned(),
        "VIRTUAL_APP_CALENDAR_NAME" => phrase("Found in apps").to_owned(),
        _ => title,
    }
}

impl Items {
    /// Opens the calendar database.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn open(files: &Arc<dyn Files>, findings: &mut Findings) -> Result<Opened, HandsetError> {
        let mut database = match room::find(files, HOME, PATH)? {
            Found::Open(database) => *database,
            Found::NotListed => return Ok(Opened::NotListed),
            Found::Closed(why) => return Ok(Opened::Closed(room::closed(why))),
        };
        let required = ["summary", "start_date", "calendar_id"];
        let tables = ["CalendarItem", "Event"];
        let table = tables
            .into_iter()
            .find(|table| database.has_columns(table, &required));
        let Some(table) = table else {
            return Ok(Opened::Closed(room::unknown(&database, phrase("calendar"))));
        };
        database.check(&[
            table,
            "Calendar",
            "Store",
            "Recurrence",
            "ExceptionDate",
            "EventException",
            "Alarm",
            "Participant",
            "Identity",
            "Location",
        ]);
        let series = database.first_column(table, &["orig_item_id", "orig_event_id"]);
        let date = database
            .first_column(table, &["orig_date", "orig_start_date"])
            .unwrap_or("orig_date");
        let mut children = |table: &'static str, owners: &[&'static str]| {
            Children::new(&mut database, table, owners, findings)
        };
        let owners = ["owner_id", "event_id"];
        let rules = children("Recurrence", &owners);
        let exceptions = children("ExceptionDate", &owners);
        let alarms = children("Alarm", &["calendaritem_owner_id", "owner_id", "event_id"]);
        let participants = children("Participant", &owners);
        let locations = children("Location", &["item_owner_id"]);
        let places = children("Location", &["alarm_owner_id"]);
        let attachments = children("Attachment", &owners);
        let changed = match series {
            Some(series) => children(table, &[series]),
            None => children("no such table", &[]),
        };
        let mut items = Self {
            database,
            table,
            series,
            date,
            context: Context::default(),
            birthdays: Vec::new(),
            subscribed: Vec::new(),
            rules,
            exceptions,
            alarms,
            participants,
            locations,
            places,
            attachments,
            changed,
        };
        items.read_calendars(files, findings)?;
        items.read_identities(findings);
        Ok(Opened::Items(Box::new(items)))
    }

    fn read_calendars(
        &mut self,
        files: &Arc<dyn Files>,
        findings: &mut Findings,
    ) -> Result<(), HandsetError> {
        let database = &self.database;
        let accounts = Accounts::read(files)?;
        let mut stores = HashMap::new();
        let mut note =
            |table: &str, broken| room::note_broken(findings, &database.name, table, &broken);
        if database.has("Store") {
            let sql = "SELECT rowid AS \"rowid\", * FROM Store LIMIT 1000";
            match database.all(sql, []) {
                Ok(rows) => stores.extend(
                    rows.into_iter()
                        .filter_map(|row| Some((row.number("rowid")?, row))),
                ),
                Err(broken) => note("Store", broken),
            }
        }
        if !database.has("Calendar") {
            return Ok(());
        }
        let sql = format!("SELECT rowid AS \"rowid\", * FROM Calendar LIMIT {MOST}");
        let rows = match database.all(&sql, []) {
            Ok(rows) => rows,
            Err(broken) => {
                note("Calendar", broken);
                Vec::new()
            }
        };
        for row in &rows {
            let id = row.number("rowid").unwrap_or_default();
            let store = row.number("store_id").and_then(|store| stores.get(&store));
            let kind = store.and_then(|store| store.number("type"));
            match kind {
                Some(SUBSCRIBED) => self.subscribed.push(id),
                Some(BIRTHDAYS) => self.birthdays.push(id),
                _ => {}
            }
            let account = store.map_or_else(Account::default, |store| account_of(store, &accounts));
            let is_local = account == Account::default();
            self.context.calendars.insert(
                id,
                Calendar {
                    row: id,
                    name: row.text("title").map(shown_name).unwrap_or_default(),
                    owner: row.text("owner_identity_email"),
                    color: row.text("color").and_then(|color| color_of(&color)),
                    time_zone: None,
                    visible: true,
                    synced: !is_local,
                    source: Source {
                        row: id,
                        source_id: row.text("external_id"),
                        only_here: is_local,
                        account: account.clone(),
                        ..Source::default()
                    },
                    account,
                },
            );
        }
        Ok(())
    }

    fn read_identities(&mut self, findings: &mut Findings) {
        if !self.database.has("Identity") {
            return;
        }
        let identities = &mut self.context.identities;
        let sql = "SELECT rowid AS \"rowid\", * FROM Identity";
        let done = self.database.each(sql, [], |row| {
            if let Some(id) = row.number("rowid") {
                identities.insert(id, (row.text("display_name"), row.text("address")));
            }
            identities.len() < MOST
        });
        if let Err(broken) = done {
            room::note_broken(findings, &self.database.name, "Identity", &broken);
        }
    }

    /// Returns the number of items for which a condition is true, in SQL.
    pub fn count(&self, condition: &str) -> Option<u64> {
        let sql = format!(
            "SELECT count(*) FROM {} WHERE {condition}",
            quoted(self.table)
        );
        let count = self.database.number(&sql).ok()??;
        u64::try_from(count).ok()
    }

    /// Returns the next rows, and loads what belongs to them.
    ///
    /// # Errors
    /// If the table can't be read on.
    pub fn page(&mut self, after: i64, findings: &mut Findings) -> Result<Vec<Row>, HandsetError> {
        let name = self.database.name.clone();
        let rows = self
            .database
            .page(self.table, after, PAGE)
            .map_err(|broken| room::broken_off(&name, &broken))?;
        let ids = |row: Option<&Row>| row.and_then(|row| row.number("rowid"));
        if let (Some(first), Some(last)) = (ids(rows.first()), ids(rows.last())) {
            for children in [
                &mut self.rules,
                &mut self.exceptions,
                &mut self.alarms,
                &mut self.participants,
                &mut self.locations,
                &mut self.attachments,
                &mut self.changed,
            ] {
                children.load(&self.database, first, last, findings);
            }
        }
        Ok(rows)
    }

    /// Returns the rows that belong to an item.
    pub fn beside(&mut self, row: &Row, findings: &mut Findings) -> Beside {
        let id = row.number("rowid").unwrap_or_default();
        let database = &self.database;
        let mut locations = self.locations.of(database, id, findings);
        let wanted = row.number("location_id");
        add_named(database, &mut locations, "Location", wanted, "", findings);
        let mut participants = self.participants.of(database, id, findings);
        // Some databases have an organiser that belongs to no item.
        let organizer = row.number("organizer_id");
        let is_organizer = " AND entity_type = 8";
        add_named(
            database,
            &mut participants,
            "Participant",
            organizer,
            is_organizer,
            findings,
        );
        let alarms = self.alarms.of(database, id, findings);
        let mut at_places = Vec::new();
        for alarm in alarms.iter().filter(|alarm| alarm.flag("proximity")) {
            let alarm_id = alarm.number("rowid").unwrap_or_default();
            let mut places = self.places.of(database, alarm_id, findings);
            let wanted = alarm.number("location_id");
            add_named(database, &mut places, "Location", wanted, "", findings);
            at_places.extend(decode::at_place(alarm, &places));
        }
        Beside {
            rules: self.rules.of(database, id, findings),
            exceptions: self.exceptions.of(database, id, findings),
            alarms,
            places: at_places,
            participants,
            locations,
            attachments: self.attachments.of(database, id, findings),
        }
    }

    /// Returns the changed occurrences of a series.
    pub fn changed(&mut self, row: &Row, findings: &mut Findings) -> Vec<Row> {
        let id = row.number("rowid").unwrap_or_default();
        self.changed.of(&self.database, id, findings)
    }

    /// Returns true if the row is a changed occurrence of a series that the database has.
    pub fn is_changed(&self, row: &Row) -> bool {
        let series = self.series.and_then(|series| row.number(series));
        let Some(series) = series.filter(|series| *series > 0) else {
            return false;
        };
        let phantom = match self.database.has_columns(self.table, &["phantom_master"]) {
            true => " AND coalesce(phantom_master, 0) = 0",
            false => "",
        };
        let sql = format!(
            "SELECT count(*) FROM {} WHERE rowid = {series}{phantom}",
            quoted(self.table)
        );
        self.database.number(&sql) == Ok(Some(1)) && row.number("rowid") != Some(series)
    }

    /// Adds the raw rows of a page to a batch.
    pub fn keep(&mut self, batch: &mut Batch, rows: &[Row], after: i64) {
        let last = rows.last().and_then(|row| row.number("rowid"));
        let which = format!(
            "rowid {} to {}",
            after.saturating_add(1),
            last.unwrap_or(after)
        );
        let name = self.database.name.clone();
        batch
            .raw
            .extend(raw::reply(&name, self.table, &which, rows));
        let of = format!("of {} {which}", self.table);
        for children in [
            &mut self.rules,
            &mut self.exceptions,
            &mut self.alarms,
            &mut self.participants,
            &mut self.locations,
            &mut self.places,
            &mut self.attachments,
        ] {
            batch.raw.extend(children.raw(&self.database, &of));
        }
        // The occurrences are also rows of the table itself.
        self.changed.raw(&self.database, &of);
    }
}

/// Returns the account of a store; the phone's own store has none.
fn account_of(store: &Row, accounts: &Accounts) -> Account {
    let kind = match store.number("type") {
        Some(LOCAL) | None => return Account::default(),
        Some(1) => "Exchange",
        Some(2) => "CalDAV",
        Some(3) => "MobileMe",
        Some(SUBSCRIBED) => "subscribed",
        Some(BIRTHDAYS) => "birthdays",
        Some(_) => "account",
    };
    let id = store
        .text("persistent_id")
        .or_else(|| store.text("external_id"));
    let known = id.as_deref().and_then(|id| accounts.named(id)).cloned();
    let known = known.unwrap_or_default();
    Account {
        name: known.name.or_else(|| store.text("name")),
        kind: Some(known.kind.unwrap_or_else(|| kind.to_owned())),
        data_set: None,
    }
}

/// Returns the colour of a calendar: `#1BADF8` is 0xFF1BADF8.
fn color_of(text: &str) -> Option<u32> {
    let digits = text.trim().strip_prefix('#')?;
    let digits = digits.get(..6)?;
    let color = u32::from_str_radix(digits, 16).ok()?;
    Some(0xff00_0000 | color)
}

/// Adds the row of `table` that an item names, unless it is among `rows` already. `condition`: what else must hold, as the
/// end of a WHERE clause.
fn add_named(
    database: &Database,
    rows: &mut Vec<Row>,
    table: &str,
    named: Option<i64>,
    condition: &str,
    findings: &mut Findings,
) {
    let Some(named) = named.filter(|id| *id > 0) else {
        return;
    };
    if rows.iter().any(|row| row.number("rowid") == Some(named)) || !database.has(table) {
        return;
    }
    let sql = format!("SELECT rowid AS \"rowid\", * FROM {table} WHERE rowid = ?1{condition}");
    match database.all(&sql, [named]) {
        Ok(found) => rows.extend(found),
        Err(broken) => room::note_broken(findings, &database.name, table, &broken),
    }
}
