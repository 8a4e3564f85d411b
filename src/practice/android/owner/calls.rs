//! The call log.

use rusqlite::Connection;

use super::{NOW, Owner};
use crate::practice::rng::Rng;

const TELEPHONY: &str =
    "com.android.phone/com.android.services.telephony.TelephonyConnectionService";
const CARD: &str = "8949022000123456789F";

/// Names that the dialer had looked up. Some calls have none.
const NAMES: [&str; 8] = [
    "Anna Winter",
    "Dr. Jürgen Groß",
    "François Élan",
    "Harbour Office",
    "Νίκος Παππάς",
    "Мария Иванова",
    "山田 太郎",
    "Zoë 😀",
];

pub(super) fn fill(owner: &Owner, connection: &Connection) -> rusqlite::Result<()> {
    let mut insert = connection.prepare(
        "INSERT INTO calls (_id, number, presentation, date, duration, type, new, is_read, features, name, \
         numbertype, numberlabel, countryiso, geocoded_location, subscription_component_name, subscription_id, \
         normalized_number, formatted_number, post_dial_digits, last_modified, missed_reason, voicemail_uri, \
         transcription, phone_account_hidden, is_business_call, asserted_display_name) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'DE', ?13, ?14, ?15, ?16, ?17, ?18, ?4, ?19, \
         ?20, ?21, ?22, 0, NULL)",
    )?;
    for number in 0..owner.calls {
        let mut rng = Rng::of(owner.seed, "call", u64::from(number));
        let id = i64::from(number) + 1 + i64::from(number / 11);
        let kind = match rng.below(20) {
            0..=7 => 1,
            8..=14 => 2,
            15..=17 => 3,
            18 => 5,
            _ => 6,
        };
        // From the oldest to the newest.
        let age = i64::from(owner.calls - number) * 7 * 3_600_000 + rng.below(3_600_000) as i64;
        let is_withheld = kind == 1 && rng.chance(15);
        let digits = format!("+4930{:07}", rng.below(10_000_000));
        let text = owner.awkward_text(number / 2).filter(|_| number % 2 == 1);
        let name = match text {
            Some(text) => Some(text.to_owned()),
            None => (!is_withheld && rng.chance(70)).then(|| rng.pick(&NAMES).to_owned()),
        };
        let talked = matches!(kind, 1 | 2).then(|| rng.below(1_800) as i64);
        insert.execute(rusqlite::params![
            id,
            if is_withheld { "" } else { digits.as_str() },
            if is_withheld { 2 } else { 1 },
            NOW - age,
            talked.unwrap_or(0),
            kind,
            i64::from(kind == 3 && rng.chance(50)),
            (kind == 3).then_some(1),
            i64::from(rng.chance(10)),
            name,
            name.is_some().then_some(2),
            rusqlite::types::Null,
            (!is_withheld).then_some("Berlin"),
            TELEPHONY,
            CARD,
            (!is_withheld).then_some(digits.as_str()),
            (!is_withheld).then(|| format!("030 {}", &digits[5..])),
            if kind == 2 && rng.chance(5) {
                ",,1#"
            } else {
                ""
            },
            i64::from(kind == 3),
            rusqlite::types::Null,
            rusqlite::types::Null,
            0,
        ])?;
    }
    if owner.odd_calls {
        connection.execute_batch(ODD)?;
    }
    if owner.calls > 0 {
        // A message in the mailbox and a call of a SIM that is no longer there: the provider shows neither.
        connection.execute_batch(
            "INSERT INTO calls (_id, number, type, date, transcription) VALUES (100001, '1', 4, 1, 'hidden');
             INSERT INTO calls (_id, number, type, date, phone_account_hidden) VALUES (100002, '2', 1, 1, 1);",
        )?;
    }
    Ok(())
}

/// Rows as they were seen on phones: see `tests/FIELD.md`.
const ODD: &str = "
INSERT INTO calls (_id, number, type, date, duration, new) VALUES
  (200001, '-1', 1, 1303385176064, 373, 0),
  (200002, '-2', 3, 1303385186064, 0, 0),
  (200003, '-3', 1, 1303385196064, 5, 0),
  (200004, '', 3, 1303385206064, 30, 1),
  (200005, '+4930123', 100, 1620216000000, 12, 0),
  (200006, '+4930123', 101, 1620216060000, 12, 0),
  (200007, '+4930124', 5, 1418515200000, 0, 0),
  (200008, '+4930125', 1, 1500000000, 61, 0),
  (200009, '+4930126', 2, 0, -1, 0),
  (200010, '+4930127', 1, NULL, NULL, 0),
  (200011, '+4930128', 2, 1620216120000, 7, 0),
  (200012, '+4930128', 2, 1620216120000, 7, 0);
";
