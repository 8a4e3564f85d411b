//! The survey of the to-dos.

use std::collections::HashMap;

use super::decode::{self, Keeps, TASK_APPS};
use super::tables;
use crate::handset::HandsetError;
use crate::handset::android::content::{
    BY_ID, Decoder, Fresh, Group, QueryRunner, Refusal, View, exact,
};
use crate::handset::android::phone::accounts::Accounts;
use crate::handset::android::session::{Session, Surveyed};
use crate::handset::android::table_survey::{
    self, Entries, Gathered, List, TableCollection, UserContext, Users, trouble,
};
use crate::model::{Holding, NotCovered, Past, Record, RecordBody, ResetKind, ResetLine, Weight};
use crate::phrase;
use crate::protocol::adb::AppOp;
use crate::reset;

/// Tasks in Samsung's calendar provider, which held them until the Reminder app replaced them.
pub static TASKS: TableCollection = TableCollection {
    entries: "to-dos",
    table: &tables::SAMSUNG_TASKS,
    grouping: &BY_ID,
    op: AppOp::ReadCalendar,
    users: Users::First,
    list: List {
        table: &tables::INVENTORY,
        key: |view, row| Some((0, view.number(row, "_id")?)),
        entries: Entries::Rows(|view, row| view.number(row, "deleted") != Some(1)),
        is_marked: |_, _| false,
    },
    // Newer phones no longer have this table.
    streams_at_once: false,
    streams_late: false,
    gathers_again: false,
    key: |key| format!("todo/{}", key.1),
    survey,
    gather,
    refused: |user, said| phrase!("The to-dos of user {user} can't be read: {said}"),
    empty: |_| phrase("The phone's task list was read, and it is empty.").to_owned(),
};

/// Surveys the to-dos and opens the read.
fn survey(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    let (mut holding, read) = match session.samsung {
        true => samsung(session, past)?,
        false => Surveyed::default(),
    };
    let has_list = read.is_some() || holding.unreadable.is_some();
    let mut closed = Vec::new();
    for app in TASK_APPS {
        if !session.packages.iter().any(|p| p == app.package) {
            continue;
        }
        let name = phrase!("the data in {}", app.name);
        let weight = match app.keeps {
            Keeps::OnPhone => {
                closed.push(app.sentence());
                // Without a list of the phone's own, the collection itself says that it is out of reach.
                match has_list {
                    true => Weight::NotSafe(name),
                    false => Weight::InHeadline(name),
                }
            }
            Keeps::Elsewhere => Weight::InHeadline(name),
        };
        let app = NotCovered {
            line: ResetLine {
                names: vec![app.name.to_owned()],
                ..reset::line(
                    ResetKind::Todos,
                    app.name,
                    reset::rank::CLONES,
                    app.sentence(),
                    "",
                )
            },
            weight,
        };
        session.closed_apps.retain(|known| known.line != app.line);
        session.closed_apps.push(app);
    }
    if !has_list {
        if closed.is_empty() {
            holding.handset_says = Some(0);
            holding.notes.push(match session.packages_known {
                true => {
                    phrase("No app is installed that is known to keep to-dos only on the phone.")
                        .into()
                }
                false => phrase("The phone did not report which apps it has.").to_owned(),
            });
            if !session.packages_known {
                holding.unreadable =
                    Some(phrase("The phone did not report which to-do apps it has.").into());
            }
        } else {
            holding.out_of_reach = Some(closed.join(" "));
        }
    } else {
        holding.notes.extend(closed);
    }
    Ok((holding, read))
}

/// Surveys the tasks in Samsung's calendar provider. Nothing is found if it has no such table.
fn samsung(session: &mut Session, past: &Past) -> Result<Surveyed, HandsetError> {
    Ok(match table_survey::survey(session, &TASKS, past)? {
        Ok(surveyed) => surveyed,
        Err(Refusal::UnknownUri(_)) => Surveyed::default(),
        Err(Refusal::NoProvider(_)) if session.lacks_provider(TASKS.op) => Surveyed::default(),
        Err(refusal) => {
            let holding = Holding {
                unreadable: Some(session.unreadable("to-dos", &refusal)),
                ..Holding::default()
            };
            (holding, None)
        }
    })
}

/// The names of the task lists, by number.
struct Lists(HashMap<i64, String>);

impl Decoder for Lists {
    fn decode(&self, view: &View, group: &Group) -> Vec<Record> {
        let record = |row| {
            let todo = decode::decode(view, row, &self.0, "");
            Record {
                key: format!("todo/{}", todo.source.row),
                body: RecordBody::Todo(todo),
            }
        };
        group.rows.iter().map(record).collect()
    }
}

/// Reads the names of the task lists.
fn gather(
    runner: &mut QueryRunner,
    _: Accounts,
    _: &UserContext,
) -> Result<Gathered, HandsetError> {
    let views = vec![View::new(&tables::SAMSUNG_TASK_ACCOUNTS)];
    let (mut names, mut missing, mut answered) = (HashMap::new(), Vec::new(), false);
    for (view, read) in exact::read_tables(runner, views, &[])?.reads {
        if !matches!(read.refusal, Some(Refusal::UnknownUri(_))) {
            missing.extend(trouble(view.table, &read));
        }
        answered |= !read.rows.is_empty();
        for row in &read.rows {
            let key = row.number(&view, "_sync_account_key");
            let name = row.text(&view, "displayName").map(str::to_owned);
            names.extend(key.zip(name));
        }
    }
    Ok(Gathered {
        fresh: Fresh {
            decoder: Box::new(Lists(names)),
            first: Vec::new(),
            missing,
        },
        refusal: None,
        answered,
        reads_on: false,
        says: None,
        notes: Vec::new(),
        closed: None,
    })
}
