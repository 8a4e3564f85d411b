//! Samsung's tasks.

use rusqlite::Connection;

use super::{GOOGLE, NOW, Owner};
use crate::practice::rng::Rng;

const SUBJECTS: [&str; 10] = [
    "Buy milk",
    "Call the dentist",
    "Steuererklärung abgeben",
    "Water the plants",
    "Ανανέωση διαβατηρίου",
    "Купить билеты",
    "Return library books",
    "Fix the bicycle; front brake",
    "Birthday cake, candles, balloons",
    "電話する",
];

pub(super) fn fill(owner: &Owner, connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "INSERT INTO TasksAccounts VALUES (1, 'My task', 0, 'local', NULL, 'My task', 1);
         INSERT INTO TaskGroup VALUES (1, 0, 'Default', 1, 0);
         INSERT INTO TaskGroup VALUES (2, 0, 'Home, garden', 1, 1);",
    )?;
    connection.execute(
        "INSERT INTO TasksAccounts VALUES (2, ?1, 1, ?2, NULL, ?1, 1)",
        [GOOGLE.0, GOOGLE.1],
    )?;
    let mut insert = connection.prepare(
        "INSERT INTO Tasks (_id, clientId, syncServerId, sourceid, bodyType, due_date, utc_due_date, \
         importance, date_completed, complete, reminder_set, reminder_time, sensitivity, start_date, \
         utc_start_date, subject, body, accountKey, accountName, groupId, _sync_dirty, deleted) VALUES \
         (?1, ?2, ?3, ?1, 1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12, ?13, ?14, ?15, ?16, ?17, 0, ?18)",
    )?;
    // One additional to-do that the owner deleted, if there are any to-dos.
    let deleted = u32::from(owner.todos > 0);
    for number in 0..owner.todos + deleted {
        let mut rng = Rng::of(owner.seed, "todo", u64::from(number));
        let id = i64::from(number) + 1 + i64::from(number / 9);
        let day = 86_400_000;
        // Dates are midnights: in UTC, and in the handset's zone (Berlin in summer).
        let midnight = (NOW / day + rng.below(200) as i64 - 60) * day;
        let due = (!rng.chance(25)).then_some(midnight);
        let start = due.filter(|_| rng.chance(40)).map(|due| due - 3 * day);
        let local = |utc: i64| utc - 7_200_000;
        let complete = rng.chance(30);
        let completed = complete.then_some(NOW - rng.below(40) as i64 * day + 12_345);
        let remind = due
            .filter(|_| rng.chance(30))
            .map(|due| due + 6 * 3_600_000);
        let google = rng.chance(30);
        let text = owner.awkward_text(number / 2).filter(|_| number % 2 == 1);
        let subject = match text.filter(|text| !text.trim().is_empty()) {
            Some(text) if number % 4 == 1 => text.to_owned(),
            _ => format!("{} #{number}", rng.pick(&SUBJECTS)),
        };
        let body = match text {
            Some(text) => Some(text.to_owned()),
            None if rng.chance(40) => Some("Details:\n- one\n- two".to_owned()),
            None => None,
        };
        insert.execute(rusqlite::params![
            id,
            format!("local-{id}"),
            google.then(|| format!("gt{id:06x}")),
            due.map(local),
            due,
            rng.below(3) as i64,
            completed,
            complete,
            i64::from(remind.is_some()) * 2,
            remind,
            start.map(local),
            start,
            subject,
            body,
            i64::from(google),
            if google { GOOGLE.0 } else { "My task" },
            1 + i64::from(rng.chance(30)),
            number >= owner.todos,
        ])?;
    }
    Ok(())
}
