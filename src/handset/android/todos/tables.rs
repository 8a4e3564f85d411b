//! The tables of to-dos in Samsung's calendar provider.

use crate::handset::android::content::Table;
use crate::protocol::adb::ContentUri;

/// Samsung's tasks (the `Tasks` table and `view_tasks` of its calendar provider).
pub static SAMSUNG_TASKS: Table = Table {
    optional: &[
        "date_completed",
        "reminder_set",
        "reminder_time",
        "_sync_dirty",
        "start_date",
        "due_date",
        "sensitivity",
        "recurrence_type",
        "recurrence_start",
        "recurrence_until",
        "recurrence_occurrences",
        "recurrence_interval",
        "recurrence_day_of_month",
        "recurrence_day_of_week",
        "recurrence_week_of_month",
        "recurrence_month_of_year",
        "recurrence_regenerate",
        "parentId",
        "accountName",
        "sourceid",
        "clientId",
        "category1",
        "category2",
        "category3",
    ],
    times: &[
        "utc_start_date",
        "utc_due_date",
        "date_completed",
        "reminder_time",
        "start_date",
        "due_date",
        "recurrence_start",
        "recurrence_until",
    ],
    ..Table::by_id(
        ContentUri::SamsungTasks,
        &[
            "_id",
            "complete",
            "importance",
            "utc_start_date",
            "utc_due_date",
            "date_completed",
            "reminder_set",
            "reminder_time",
            "accountKey",
            "deleted",
            "_sync_dirty",
            "start_date",
            "due_date",
            "sensitivity",
            "recurrence_type",
            "recurrence_start",
            "recurrence_until",
            "recurrence_occurrences",
            "recurrence_interval",
            "recurrence_day_of_month",
            "recurrence_day_of_week",
            "recurrence_week_of_month",
            "recurrence_month_of_year",
            "recurrence_regenerate",
            "parentId",
        ],
        &[
            "subject",
            "body",
            "accountName",
            "sourceid",
            "clientId",
            "category1",
            "category2",
            "category3",
        ],
    )
};

/// Samsung's task lists.
pub static SAMSUNG_TASK_ACCOUNTS: Table = Table {
    id: "_sync_account_key",
    id_in_filter: &["_sync_account_key"],
    sort: "_sync_account_key",
    backwards: "_sync_account_key DESC",
    has_few_rows: true,
    ..Table::by_id(
        ContentUri::SamsungTaskAccounts,
        &["_sync_account_key"],
        &["displayName"],
    )
};

/// The numbers of all tasks, with the columns that show a change.
pub static INVENTORY: Table = Table {
    optional: &["_sync_dirty"],
    ..Table::by_id(
        ContentUri::SamsungTasks,
        &["_id", "deleted", "_sync_dirty", "complete", "utc_due_date"],
        &[],
    )
};
