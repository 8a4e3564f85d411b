//! The survey and the read of the to-dos.

use std::collections::{BTreeSet, HashMap};

use super::decode::{self, BY_ITSELF, Keeps, TASK_APPS};
use crate::handset::HandsetError;
use crate::handset::android::calendar::survey::trouble;
use crate::handset::android::content::changes::{Changes, Sums};
use crate::handset::android::content::exact::{self, WholeTable};
use crate::handset::android::content::group::{Group, Key};
use crate::handset::android::content::query::View;
use crate::handset::android::content::refusal::Refusal;
use crate::handset::android::content::scan::{From, Scan};
use crate::handset::android::content::table_read::{TableRead, UserShare};
use crate::handset::android::content::tables::{self, Table};
use crate::handset::android::session::{Session, Surveyed};
use crate::model::{Holding, NotCovered, Past, Record, RecordBody, Weight};
use crate::protocol::adb::{AppOp, ContentUri, Query};

/// Surveys the to-dos and opens the read.
pub fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    let mut holding = Holding::default();
    let mut closed = Vec::new();
    for app in TASK_APPS {
        if !session.packages.iter().any(|p| p == app.package) {
            continue;
        }
        if app.keeps == Keeps::OnPhone {
            closed.push(app.sentence());
        }
        session.closed_apps.push(NotCovered {
            what: app.sentence(),
            weight: Weight::InHeadline(format!("what is in {}", app.name)),
        });
    }
    let mut read = None;
    if session.samsung {
        read = samsung(session, &mut holding, past)?;
    }
    if read.is_none() && holding.unreadable.is_none() {
        if closed.is_empty() {
            holding.handset_says = Some(0);
            holding.notes.push(match session.packages_known {
                true => "No app that keeps to-dos on the phone alone is installed, as far as Lifeboat knows them.".into(),
                false => "The handset did not say which apps it has.".to_owned(),
            });
            if !session.packages_known {
                holding.unreadable =
                    Some("The handset did not say which apps with to-do lists it has.".into());
            }
        } else {
            holding.out_of_reach = Some(closed.join(" "));
        }
    } else {
        holding.notes.extend(closed);
    }
    Ok((holding, read))
}

/// The numbers of all tasks, in a separate query, with the columns that show a change.
static INVENTORY: Table = Table {
    uri: ContentUri::SamsungTasks,
    numbers: &["_id", "deleted", "_sync_dirty", "complete", "utc_due_date"],
    texts: &[],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &["_sync_dirty"],
};

/// The handset's list of its tasks.
pub fn inventory() -> Query {
    let view = View::new(&INVENTORY);
    view.query(view.numbers(), None)
}

/// Reads tasks from Samsung's calendar provider, which held them until the Reminder app replaced them.
fn samsung(
    session: &mut Session,
    holding: &mut Holding,
    past: &Past,
) -> Result<Option<TableRead>, HandsetError> {
    session.runner.user = None;
    let view = session.view(&tables::SAMSUNG_TASKS);
    let before = session.runner.look_back(&inventory())?;
    let views = vec![
        View::new(&INVENTORY),
        View::new(&tables::SAMSUNG_TASK_ACCOUNTS),
    ];
    let mut reads = exact::read_tables(&mut session.runner, views, &[])?
        .reads
        .into_iter();
    let (mut missing, mut answered) = (Vec::new(), false);
    let (listed, inventory) = reads
        .next()
        .unwrap_or_else(|| (View::new(&INVENTORY), WholeTable::default()));
    match &inventory.refusal {
        // Newer phones no longer have this table.
        Some(Refusal::UnknownUri(_)) => return Ok(None),
        Some(refusal) if refusal.is_broken_off() && !inventory.rows.is_empty() => {
            missing.push(format!(
                "The handset broke off its list of to-dos: {}. Run the rescue again.",
                refusal.said()
            ));
        }
        Some(refusal) => {
            holding.unreadable = Some(session.unreadable("to-dos", refusal));
            return Ok(None);
        }
        None => {}
    }
    let mut names: HashMap<i64, String> = HashMap::new();
    for (view, read) in reads {
        if !matches!(read.refusal, Some(Refusal::UnknownUri(_))) {
            missing.extend(trouble(view.table, &read));
        }
        answered |= !read.rows.is_empty();
        for row in &read.rows {
            let pair = row
                .number(&view, "_sync_account_key")
                .zip(row.text(&view, "displayName"));
            names.extend(pair.map(|(key, name)| (key, name.to_owned())));
        }
    }
    let mut expected: BTreeSet<_> = inventory
        .rows
        .iter()
        .filter_map(|r| Some((0, r.number(&listed, "_id")?)))
        .collect();
    let changes = before.map_or_else(Changes::default, |before| {
        let key = |view: &View, row: &[Option<i64>]| Some((0, view.number(row, "_id")?));
        let now = Sums::of_rows(&listed, key, &inventory.rows);
        Changes::between(&now, &listed, key, &before)
    });
    holding.changed.extend(changes.sentence("to-dos"));
    let deleted = inventory
        .rows
        .iter()
        .filter(|r| r.number(&listed, "deleted") == Some(1))
        .count();
    holding.rows = Some(expected.len() as u64);
    holding.handset_says = Some((expected.len() - deleted) as u64);
    if expected.is_empty() {
        holding.unreadable = session.why_empty("READ_CALENDAR", AppOp::ReadCalendar, answered)?;
        if holding.unreadable.is_some() {
            return Ok(None);
        }
        holding
            .notes
            .push("The handset's task list was asked and holds nothing.".into());
    }
    let name = |key: &Key| format!("todo/{}", key.1);
    expected.retain(|key| changes.is_stale(key) || !past.keys.contains(&name(key)));
    let decode = move |view: &View, group: &Group| {
        let record = |row| {
            let todo = decode::decode(view, row, &names, "");
            Record {
                key: format!("todo/{}", todo.source.row),
                body: RecordBody::Todo(todo),
            }
        };
        group.rows.iter().map(record).collect()
    };
    let from = (!past.goes_on).then_some(From::Start);
    let scan = from.map(|from| Scan::start(&mut session.runner, view.clone(), &BY_ITSELF, from));
    let scan = scan.transpose()?;
    let view = scan.as_ref().map_or(view, |scan| scan.view.clone());
    let share = UserShare {
        user: None,
        name: String::new(),
        view,
        expected,
        first: Vec::new(),
        decode: Box::new(decode),
        recalls: session.runner.recalls,
    };
    let read = TableRead::new(
        &BY_ITSELF,
        vec![share],
        past.bookmark.clone(),
        scan,
        missing,
    );
    Ok(Some(read))
}
