//! The survey and the read of the call log.
//!
//! Its provider (AOSP `CallLogProvider`, in the process of the contacts provider) requires `READ_CALL_LOG`, which
//! Android's shell has from version 13 on (AOSP `packages/Shell/AndroidManifest.xml`: absent in 11, there in 13; Samsung
//! phones with Android 11 and 12 refuse it). A maker's shell may have it earlier, so every Android from 5 on is asked
//! once. Before 5, `content` prints only the low 32 bits of a time.

use std::collections::BTreeSet;

use super::changes::{Changes, Sums};
use super::exact::{self, ExactRow};
use super::query::View;
use super::reader::{Reader, Surveyed};
use super::reading::{Reading, Share};
use super::refusal::Refusal;
use super::scan::{From, Group, Grouping, Key, Scan};
use super::tables::{self, Table};
use crate::format::calls_xml;
use crate::handset::HandsetError;
use crate::model::{Call, Holding, Past, Presentation, Record, RecordBody, Source};
use crate::protocol::adb::{AppOp, ContentUri, Query};

/// The first API levels whose shell may read the call log, and whose `content` prints whole times.
const MAY_READ: u32 = 33;
const WHOLE_TIMES: u32 = 21;

const OUT_OF_REACH: &str = "Android shows its list of calls to a computer only from version 13 on. To keep the list, save \
                            it on the phone itself: with the app SMS Backup & Restore (Call logs), or with the phone's own \
                            transfer to a new phone.";

/// Values of the column `date` between these are seconds, in the years from 2001 to 2096: as milliseconds they would be
/// in January and February 1970.
const SECONDS: std::ops::RangeInclusive<i64> = 1_000_000_000..=4_000_000_000;

/// Each call is its own group, the newest first.
static NEWEST_FIRST: Grouping = Grouping {
    names: &["_id"],
    key: |view, row| key(row.number(view, "_id")),
    after: |key| format!("_id < {}", -key.1),
    among: |keys| {
        let ids: Vec<_> = keys.iter().map(|key| (-key.1).to_string()).collect();
        format!("_id IN ({})", ids.join(","))
    },
    streams_second: false,
    probes_late: true,
};

fn key(id: Option<i64>) -> Option<Key> {
    Some((0, id?.checked_neg()?))
}

/// The numbers of all calls, in a separate query, with the columns that show a change.
static INVENTORY: Table = Table {
    uri: ContentUri::Calls,
    numbers: &["_id", "date", "duration", "type", "new", "is_read"],
    texts: &[],
    id: "_id",
    id_in_filter: &["_id"],
    sort: "_id",
    backwards: "_id DESC",
    has_few_rows: false,
    bytes: None,
    optional: &[],
};

/// The handset's list of its calls.
pub fn inventory() -> Query {
    let view = View::new(&INVENTORY);
    view.query(view.numbers(), None)
}

/// Surveys the call log and opens the read.
pub fn survey(reader: &mut Reader, past: &Past) -> Result<Surveyed, HandsetError> {
    match reader.sdk < WHOLE_TIMES && reader.system.gives_none().is_none() {
        true => Ok((out_of_reach(), None)),
        false => reader.survey_patiently("calls", |reader| survey_once(reader, past)),
    }
}

fn out_of_reach() -> Holding {
    Holding {
        out_of_reach: Some(OUT_OF_REACH.into()),
        ..Holding::default()
    }
}

/// Makes one survey. The inner error is the refusal for the first user.
fn survey_once(
    reader: &mut Reader,
    past: &Past,
) -> Result<Result<Surveyed, Refusal>, HandsetError> {
    let mut holding = Holding::default();
    let (mut shares, mut missing, mut scan) = (Vec::new(), Vec::new(), None);
    for (index, user) in reader.users.clone().iter().enumerate() {
        if reader.closed_users.contains(&user.id) {
            continue;
        }
        reader.asker.user = user.to_ask();
        let place = match index {
            0 => "",
            _ => user.name.as_str(),
        };
        let looked = match look(reader, place, past)? {
            Ok(looked) => looked,
            Err(refusal) if index == 0 => {
                let is_refused = matches!(refusal, Refusal::Denied(_)) && reader.sdk < MAY_READ;
                return Ok(match is_refused && !reader.locked {
                    true => Ok((out_of_reach(), None)),
                    false => Err(refusal),
                });
            }
            Err(refusal) => {
                holding.notes.push(format!(
                    "The calls of the user {} can't be read: {}",
                    user.label(),
                    refusal.said()
                ));
                reader.closed_users.insert(user.id);
                continue;
            }
        };
        let Looked {
            mut share,
            rows,
            changes,
            broke,
        } = looked;
        if index == 0 && !past.goes_on {
            let view = share.view.clone();
            let opened = Scan::start(&mut reader.asker, view, &NEWEST_FIRST, From::Start)?;
            share.view = opened.view.clone();
            scan = Some(opened);
        }
        let labelled = |text| user.labelled(index, text);
        missing.extend(broke.map(labelled));
        holding.handset_says = Some(holding.handset_says.unwrap_or_default() + rows);
        holding.rows = holding.handset_says;
        let changed = changes.sentence("calls").map(labelled);
        holding.changed.extend(changed);
        shares.push(share);
    }
    if holding.rows == Some(0) {
        let op = AppOp::ReadCallLog;
        holding.unreadable = reader.why_empty("READ_CALL_LOG", op, false)?;
        if holding.unreadable.is_some() {
            return Ok(Ok((holding, None)));
        }
        let text = "The handset lists no calls, and lets its shell look at them.";
        holding.notes.push(text.into());
    }
    let bookmark = past.bookmark.clone();
    let reading = Reading::new(&NEWEST_FIRST, shares, bookmark, scan, missing);
    Ok(Ok((holding, Some(reading))))
}

struct Looked {
    share: Share,
    rows: u64,
    changes: Changes,
    /// A sentence about a list that the handset broke off.
    broke: Option<String>,
}

/// Surveys one user's calls. The inner error is the handset's refusal.
fn look(
    reader: &mut Reader,
    place: &str,
    past: &Past,
) -> Result<Result<Looked, Refusal>, HandsetError> {
    let since = |view: View, column: &&str| view.without(column).unwrap_or(view);
    let view = reader.view(&tables::CALLS);
    let view = match reader.sdk < 34 {
        true => tables::CALLS_SINCE_34.iter().fold(view, since),
        false => view,
    };
    let asker = &mut reader.asker;
    let before = asker.look_back(&inventory())?;
    let list = |view: &View| view.query(view.numbers(), None);
    let (listed, mut replies) = asker.ask_known(View::new(&INVENTORY), |view| vec![list(view)])?;
    let reply = replies.pop().unwrap_or_default();
    let reply = asker.again(&list(&listed), reply)?;
    let id_of = |view: &View, row: &[Option<i64>]| key(view.number(row, "_id"));
    let mut expected = BTreeSet::new();
    exact::each_numbers(listed.numbers(), &reply.text, |row| {
        expected.extend(id_of(&listed, row));
    });
    let broke = match reply.refusal {
        Some(refusal) if !refusal.is_broken_off() || expected.is_empty() => {
            return Ok(Err(refusal));
        }
        Some(refusal) => Some(format!(
            "The handset broke off its list of calls: {}. Run the rescue again.",
            refusal.said()
        )),
        None => None,
    };
    let changes = before.map_or_else(Changes::default, |before| {
        let now = Sums::of(&listed, id_of, &reply.text);
        Changes::between(&now, &listed, id_of, &before)
    });
    let rows = expected.len() as u64;
    let place = place.to_owned();
    let name = {
        let place = place.clone();
        move |row: i64| match place.as_str() {
            "" => format!("call/{row}"),
            place => format!("{place}/call/{row}"),
        }
    };
    expected.retain(|key| changes.is_stale(key) || !past.keys.contains(&name(-key.1)));
    let of = place.clone();
    let decode = move |view: &View, group: &Group| {
        let record = |row| {
            let call = decode(view, row, &of);
            Record {
                key: name(call.source.row),
                body: RecordBody::Call(call),
            }
        };
        group.rows.iter().map(record).collect()
    };
    let share = Share {
        user: asker.user,
        name: place,
        view,
        expected,
        first: Vec::new(),
        decode: Box::new(decode),
        recalls: asker.recalls,
    };
    Ok(Ok(Looked {
        share,
        rows,
        changes,
        broke,
    }))
}

/// Columns that fields of [`Call`] hold completely.
const DECODED: [&str; 11] = [
    "_id",
    "duration",
    "type",
    "number",
    "name",
    "geocoded_location",
    "post_dial_digits",
    "subscription_id",
    "subscription_component_name",
    "transcription",
    "presentation",
];

/// Converts a row of the call log.
fn decode(view: &View, row: &ExactRow, place: &str) -> Call {
    let filled = |name: &str| row.text(view, name).filter(|text| !text.is_empty());
    let text = |name: &str| filled(name).map(str::to_owned);
    let number = |name: &str| row.number(view, name);
    let date = number("date");
    let is_seconds = date.is_some_and(|date| SECONDS.contains(&date));
    let at = match date.filter(|date| *date != 0) {
        Some(seconds) if is_seconds => Some(seconds * 1000),
        at => at,
    };
    let numbers = view.numbers().iter();
    let numbers = numbers.filter_map(|name| Some((*name, number(name)?.to_string())));
    let texts = view.texts().iter();
    let texts = texts.filter_map(|name| Some((*name, filled(name)?.to_owned())));
    // A date of which nothing is lost is left out.
    let is_decoded = |name: &str| DECODED.contains(&name) || (name == "date" && date == at);
    let others = numbers.chain(texts).filter(|(name, _)| !is_decoded(name));
    Call {
        kind: calls_xml::kind(number("type")),
        number: text("number"),
        presentation: presentation(number("presentation"), filled("number")),
        at,
        duration: number("duration"),
        name: text("name"),
        place: text("geocoded_location"),
        post_dial_digits: text("post_dial_digits"),
        subscription_id: text("subscription_id"),
        subscription_component_name: text("subscription_component_name"),
        transcription: text("transcription"),
        extended: others
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
        source: Source {
            place: place.to_owned(),
            row: number("_id").unwrap_or_default(),
            only_here: true,
            ..Source::default()
        },
    }
}

/// What the network said about a number. Before Android 4.4 there was no column for it, and the number itself told (AOSP
/// `CallerInfo.UNKNOWN_NUMBER`, `PRIVATE_NUMBER`, `PAYPHONE_NUMBER`); restored lists still hold such numbers.
fn presentation(said: Option<i64>, number: Option<&str>) -> Presentation {
    match (calls_xml::presentation(said), number) {
        (Presentation::Allowed, Some("-1")) => Presentation::Unknown,
        (Presentation::Allowed, Some("-2")) => Presentation::Restricted,
        (Presentation::Allowed, Some("-3")) => Presentation::Payphone,
        (said, _) => said,
    }
}
