//! To-dos: tasks from Samsung's calendar provider, and apps whose to-dos are private.

use std::collections::HashMap;

use crate::handset::android::content::{ExactRow, View};
use crate::handset::android::uid;
use crate::model::{Account, Moment, Source, Todo};
use crate::phrase;

/// One day in milliseconds.
const DAY: i64 = 86_400_000;

/// An app whose to-dos the shell cannot read.
pub struct TaskApp {
    pub package: &'static str,
    pub name: &'static str,
    /// How the owner can save the to-dos.
    pub export: &'static str,
    pub keeps: Keeps,
}

/// Where an app keeps its to-dos, and thus what an installed app means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeps {
    /// On the phone. The owner installed the app, and it needs no server: the phone may have the only copy.
    OnPhone,
    /// On the maker's server, or the app comes with the phone: nothing shows that there are to-dos to lose.
    Elsewhere,
}

impl TaskApp {
    /// Says that the app's to-dos were not read, and how to save them.
    pub fn sentence(&self) -> String {
        phrase!(
            "{} doesn't share its to-dos over USB. To save them: {}.",
            self.name,
            self.export
        )
    }
}

pub const TASK_APPS: &[TaskApp] = &[
    TaskApp {
        package: "org.dmfs.tasks",
        name: "OpenTasks",
        export: phrase(
            "synchronise it with a CalDAV server, or use its Share command on each task",
        ),
        keeps: Keeps::OnPhone,
    },
    TaskApp {
        package: "org.tasks",
        name: "Tasks.org",
        export: phrase("open Settings > Backups > Backup now, or synchronise it"),
        keeps: Keeps::OnPhone,
    },
    TaskApp {
        package: "at.techbee.jtx",
        name: "jtx Board",
        export: phrase("open the list's menu and choose Export as .ics"),
        keeps: Keeps::OnPhone,
    },
    TaskApp {
        package: "com.google.android.apps.tasks",
        name: "Google Tasks",
        export: phrase("open tasks.google.com, or export them at takeout.google.com"),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "com.microsoft.todos",
        name: "Microsoft To Do",
        export: phrase("let the app synchronise, then open to-do.office.com"),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "com.todoist",
        name: "Todoist",
        export: phrase(
            "let the app synchronise, then open app.todoist.com and choose Export as template",
        ),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "com.ticktick.task",
        name: "TickTick",
        export: phrase("on ticktick.com, open Settings > Account > Backup"),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "com.anydo",
        name: "Any.do",
        export: phrase("let the app synchronise, then open app.any.do"),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "com.samsung.android.app.reminder",
        name: "Samsung Reminder",
        export: phrase(
            "in its settings, turn on synchronisation with Samsung Cloud or Microsoft To Do",
        ),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "com.habitrpg.android.habitica",
        name: "Habitica",
        export: phrase("on habitica.com, open Settings > Site data > Export"),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "com.rememberthemilk.MobileRTM",
        name: "Remember The Milk",
        export: phrase("let the app synchronise, then open rememberthemilk.com"),
        keeps: Keeps::Elsewhere,
    },
    TaskApp {
        package: "org.joplin",
        name: "Joplin",
        export: phrase("open Settings > Tools > Export all notes as JEX"),
        keeps: Keeps::OnPhone,
    },
];

/// Converts a row of Samsung's `syncTasks`.
pub fn decode(view: &View, row: &ExactRow, lists: &HashMap<i64, String>, place: &str) -> Todo {
    let text = |name: &str| {
        row.text(view, name)
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
    };
    let number = |name: &str| row.number(view, name);
    // Samsung's tables follow MS-ASTASK (DueDate, UtcDueDate): start_date and due_date hold local time as if it were
    // UTC, and the other two hold the same time in UTC. Widgets show the UTC value as the day. A day is stored as
    // midnight: if only one of the two values is midnight in UTC, that value is the day.
    let day = |wall: &str, utc: &str| {
        let set = |name: &str| number(name).filter(|n| *n != 0);
        let is_midnight = |millis: &i64| millis.rem_euclid(DAY) == 0;
        let (wall, utc) = (set(wall), set(utc));
        let midnight = wall.filter(is_midnight).or(utc.filter(is_midnight));
        match (midnight.or(wall), utc) {
            (Some(millis), _) => Some(Moment::Date(millis.div_euclid(DAY))),
            (None, Some(millis)) => Some(Moment::Time {
                millis,
                zone: "UTC".into(),
            }),
            (None, None) => None,
        }
    };
    let time = |name: &str| {
        number(name).filter(|n| *n != 0).map(|millis| Moment::Time {
            millis,
            zone: "UTC".into(),
        })
    };
    let account_name = text("accountName");
    let list = number("accountKey").and_then(|key| lists.get(&key).cloned());
    // "My Task" is Samsung's local list on the handset: accountKey 0 (or none).
    let account = match number("accountKey") {
        None | Some(0) => Account::default(),
        Some(_) => Account {
            name: account_name.clone(),
            kind: Some("com.samsung.tasks".into()),
            data_set: None,
        },
    };
    let source_id = text("sourceid");
    let dirty = number("_sync_dirty").is_some_and(|d| d != 0);
    let mut extended = Vec::new();
    for name in ["category1", "category2", "category3", "clientId"] {
        extended.extend(text(name).map(|value| (name.to_owned(), value)));
    }
    // Zero means unset, except in the type, where it means "daily".
    for name in view
        .numbers()
        .iter()
        .filter(|n| n.starts_with("recurrence_") || **n == "sensitivity")
    {
        let value = number(name).filter(|v| *v != 0 || *name == "recurrence_type");
        extended.extend(value.map(|value| ((*name).to_owned(), value.to_string())));
    }
    if list.is_some() {
        extended.extend(
            account_name
                .clone()
                .map(|value| ("accountName".to_owned(), value)),
        );
    }
    let mut todo = Todo {
        uid: String::new(),
        list: list.or(account_name).unwrap_or_default(),
        title: row.text(view, "subject").map(str::to_owned),
        notes: text("body"),
        start: day("start_date", "utc_start_date"),
        due: day("due_date", "utc_due_date"),
        done: number("complete") == Some(1),
        completed: time("date_completed"),
        // Samsung (like Exchange): 0 low, 1 normal, 2 high.
        priority: match number("importance") {
            Some(0) => Some(9),
            Some(1) => Some(5),
            Some(2) => Some(1),
            _ => None,
        },
        reminder: if number("reminder_set").unwrap_or(1) == 0 {
            None
        } else {
            time("reminder_time")
        },
        reminders: Vec::new(),
        extended,
        source: Source {
            place: place.to_owned(),
            row: number("_id").unwrap_or_default(),
            only_here: account.kind.is_none() || source_id.is_none() || dirty,
            source_id,
            dirty,
            deleted: number("deleted") == Some(1),
            account,
            ..Source::default()
        },
    };
    todo.uid = uid::of_todo(&todo);
    todo
}
