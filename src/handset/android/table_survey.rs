//! One survey for all collections that are a large table of a provider, with small tables beside it.
//!
//! A collection is described by a [`TableCollection`]. For each user, the survey lists the numbers of all rows, gathers
//! the small tables, and opens the large table as a stream. These queries run at the same time, because each takes the
//! handset seconds.

use std::collections::BTreeSet;

use super::content::changes::{Changes, Sums};
use super::content::number_list::Listed;
use super::content::position::Position;
use super::content::scan::{From, Scan};
use super::content::share::{Late, UserShare};
use super::content::{
    Fresh, Grouping, Key, QueryRunner, Refusal, Table, TableRead, View, WholeTable, number_list,
    query,
};
use super::phone::accounts::Accounts;
use super::phone::users::User;
use super::session::{Session, Surveyed};
use crate::handset::HandsetError;
use crate::model::{Holding, NotCovered, Past, ResetKind};
use crate::phrase;
use crate::protocol::adb::{AppOp, Query};
use crate::reset;

/// A collection that is one large table.
pub struct TableCollection {
    /// The entries in sentences, such as “events”.
    pub entries: &'static str,
    /// The large table, and how its rows form groups.
    pub table: &'static Table,
    pub grouping: &'static Grouping,
    /// The operation for which the shell needs permission.
    pub op: AppOp,
    pub users: Users,
    pub list: List,
    /// The stream starts together with the first queries. Otherwise it waits for their replies, because many handsets
    /// lack the table.
    pub streams_at_once: bool,
    /// The stream starts only when its first rows are read, because another table comes before.
    pub streams_late: bool,
    /// Entries that were added since the survey have rows in the small tables, so these are gathered again.
    pub gathers_again: bool,
    /// The key of a group's record, without the user.
    pub key: fn(&Key) -> String,
    /// Surveys the collection with [`survey`], and says what a refusal means.
    pub survey: fn(&mut Session, &Past) -> Result<Surveyed, HandsetError>,
    pub gather: Gather,
    /// A sentence about a further user (the first argument) whose data is refused, with the handset's message.
    pub refused: fn(&str, &str) -> String,
    /// A sentence about an empty table.
    pub empty: fn(&Session) -> String,
}

/// The users whose data is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Users {
    First,
    All,
    /// All users whose data has not turned out to be closed.
    Open,
}

/// The handset's own list of all rows: only numbers, in a separate query.
pub struct List {
    /// The numbers, with those that show a change of a row.
    pub table: &'static Table,
    /// The group of a row.
    pub key: fn(&View, &[Option<i64>]) -> Option<Key>,
    /// What the handset shows as entries.
    pub entries: Entries,
    /// True for a row that the [decoder](super::content::Decoder) is to be told about.
    pub is_marked: fn(&View, &[Option<i64>]) -> bool,
}

/// What the handset shows as entries of a collection.
pub enum Entries {
    /// The groups whose keys begin with this number.
    Groups(u8),
    /// The rows for which this is true.
    Rows(fn(&View, &[Option<i64>]) -> bool),
}

impl List {
    /// The query for the list.
    pub fn query(&self) -> Query {
        let view = View::new(self.table);
        view.query(view.numbers(), None)
    }

    /// Reads the list. The rows are summed up if they will be compared with those of an earlier part of the rescue.
    fn read(&self, runner: &mut QueryRunner, sums_up: bool) -> Result<Listed<Rows>, HandsetError> {
        let query = |view: &View| view.query(view.numbers(), None);
        let view = View::new(self.table);
        number_list::whole(runner, view, query, |rows: &mut Rows, view, row| {
            let Some(key) = (self.key)(view, row) else {
                return;
            };
            let id = view.number(row, "_id");
            rows.count += 1;
            let is_new = rows.groups.insert(key);
            let is_entry = match self.entries {
                Entries::Groups(kind) => is_new && key.0 == kind,
                Entries::Rows(is_entry) => is_entry(view, row),
            };
            rows.entries += u64::from(is_entry);
            rows.marked
                .extend(id.filter(|_| (self.is_marked)(view, row)));
            rows.newest = rows.newest.max(id);
            if sums_up {
                rows.sums.add(key, row);
            }
        })
    }
}

/// The facts from a list. The rows themselves are not kept.
#[derive(Default)]
struct Rows {
    count: u64,
    entries: u64,
    groups: BTreeSet<Key>,
    marked: BTreeSet<i64>,
    /// The highest id.
    newest: Option<i64>,
    sums: Sums,
}

/// Reads the small tables of one user's collection. The user's accounts are given.
pub type Gather = fn(&mut QueryRunner, Accounts, &UserContext) -> Result<Gathered, HandsetError>;

/// How the records of a user are told from those of others. Both texts are empty for the first user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserContext {
    /// The user's name in files and sentences.
    pub place: String,
    /// The beginning of the user's keys.
    keys: String,
}

impl UserContext {
    /// For one of `users`, who is not the first. Two users may have the same name, so the number is in the keys.
    /// `by_name`: an earlier version of Lifeboat began this rescue with names in the keys. The rescue keeps these keys
    /// if the names tell the users apart.
    fn of(user: &User, users: &[User], by_name: bool) -> Self {
        let name = user.name.as_str();
        let is_clear = !name.is_empty() && users.iter().filter(|one| one.name == name).count() < 2;
        Self {
            place: user.place(users),
            keys: match by_name && is_clear {
                true => name.to_owned(),
                false => format!("user-{}", user.id),
            },
        }
    }

    /// The key of a record.
    pub fn key(&self, key: &str) -> String {
        match self.keys.as_str() {
            "" => key.to_owned(),
            whose => format!("{whose}/{key}"),
        }
    }
}

/// The content of the small tables beside a large one, and what was found about them.
pub struct Gathered {
    pub fresh: Fresh,
    /// Why nothing of the collection can be read.
    pub refusal: Option<Refusal>,
    /// The provider returned some rows, though perhaps no entries.
    pub answered: bool,
    /// The collection is worth a read even if its list broke off before the first row.
    pub reads_on: bool,
    /// The handset's own count, if it does not follow from the list.
    pub says: Option<u64>,
    pub notes: Vec<String>,
    /// Data that is closed to the shell.
    pub closed: Option<String>,
}

/// The survey of one user's share.
struct Looked {
    share: UserShare,
    /// `None`: the list broke off before its first row, so that it says nothing.
    says: Option<u64>,
    rows: u64,
    changes: Changes,
    refusal: Option<Refusal>,
    answered: bool,
    notes: Vec<String>,
    missing: Vec<String>,
    closed: Option<String>,
}

/// The first API level whose `content` prints whole times: before, it prints only their low 32 bits.
const WHOLE_TIMES: u32 = 21;

/// Surveys a collection whose rows have times and that Android's shell may read only from the API level `may_read` on,
/// and opens the read. Below this level, a refusal means `out_of_reach`. `name`: the collection in sentences.
pub fn survey_from_level(
    session: &mut Session,
    name: &str,
    what: &'static TableCollection,
    past: &Past,
    (may_read, out_of_reach): (u32, &str),
) -> Result<Surveyed, HandsetError> {
    let out_of_reach = || {
        let holding = Holding {
            out_of_reach: Some(out_of_reach.into()),
            ..Holding::default()
        };
        (holding, None)
    };
    if session.sdk < WHOLE_TIMES && session.system.why_no_collections().is_none() {
        return Ok(out_of_reach());
    }
    session.survey_patiently(name, what.op, |session| {
        let surveyed = survey(session, what, past)?;
        Ok(match surveyed {
            Err(Refusal::Denied(_)) if session.sdk < may_read && !session.locked => {
                Ok(out_of_reach())
            }
            surveyed => surveyed,
        })
    })
}

/// Surveys a collection and opens the read. The inner error is the refusal for the first user.
pub fn survey(
    session: &mut Session,
    what: &'static TableCollection,
    past: &Past,
) -> Result<Result<Surveyed, Refusal>, HandsetError> {
    let users = match what.users {
        Users::First => vec![User::owner()],
        Users::All | Users::Open => session.users.clone(),
    };
    let view = session.view(what.table);
    // A resumed rescue asks for the lists first, because they determine where the stream starts.
    let from = (!past.is_resumed).then_some(From::Start);
    let start = |runner: &mut QueryRunner, slot| {
        let scan = from.map(|from| Scan::start(runner, view.clone(), what.grouping, from, slot));
        scan.transpose()
    };
    let by_name = Position::has_names(past.bookmark.as_ref());
    let mut holding = Holding::default();
    let (mut scan, mut shares) = (None, Vec::new());
    let (mut missing, mut answered, mut said_all) = (Vec::new(), false, true);
    for (index, user) in users.iter().enumerate() {
        if what.users == Users::Open && session.closed_users.contains(&user.id) {
            continue;
        }
        session.runner.user = user.to_ask();
        let before = session.runner.look_back(&what.list.query())?;
        let accounts = Accounts::parse(&session.account_dump, user.id);
        let whose = match index {
            0 => UserContext::default(),
            _ => UserContext::of(user, &users, by_name),
        };
        let mut streaming = session.runner.fork();
        let runner = &mut session.runner;
        let at_once = index == 0 && what.streams_at_once;
        let slot = match at_once && from.is_some() {
            true => runner.turn.slot_now(),
            false => None,
        };
        let (opened, looked) = std::thread::scope(|scope| {
            let job = at_once.then(|| scope.spawn(|| start(&mut streaming, slot)));
            let looked = look(runner, what, &view, (accounts, &whose), before, past);
            (job.map(query::joined), looked)
        });
        scan = opened.transpose()?.flatten().or(scan);
        let looked = looked?;
        let labelled = |note| user.labelled(index, note);
        if let Some(refusal) = looked.refusal {
            if index == 0 {
                return Ok(Err(refusal));
            }
            let sentence = (what.refused)(&user.label(), refusal.said());
            holding.notes.push(sentence);
            session.closed_users.insert(user.id);
            continue;
        }
        holding.notes.extend(looked.notes.into_iter().map(labelled));
        missing.extend(looked.missing.into_iter().map(labelled));
        answered |= looked.answered;
        let closed = looked.closed.map(|sentence| {
            let id = format!("{} {}", what.entries, user.id);
            let kind = ResetKind::NotRead;
            NotCovered::listed(reset::line(kind, id, reset::rank::NOT_READ, sentence, ""))
        });
        session.closed_apps.extend(closed);
        said_all &= looked.says.is_some();
        let says = looked.says.unwrap_or_default();
        holding.handset_says = Some(holding.handset_says.unwrap_or_default() + says);
        holding.rows = Some(holding.rows.unwrap_or_default() + looked.rows);
        let changed = looked.changes.sentence(what.entries);
        holding.changed.extend(changed.map(labelled));
        shares.push(looked.share);
    }
    // A list that broke off doesn't say that there is nothing.
    if !said_all {
        holding.handset_says = holding.handset_says.filter(|says| *says > 0);
    }
    if holding.rows == Some(0) && said_all {
        holding.unreadable = session.why_empty(what.op, answered)?;
        if holding.unreadable.is_some() {
            return Ok(Ok((holding, None)));
        }
        holding.notes.push((what.empty)(session));
    }
    if !what.streams_at_once && !what.streams_late && (holding.rows != Some(0) || !said_all) {
        session.runner.user = users.first().and_then(User::to_ask);
        scan = start(&mut session.runner, None)?;
    }
    if let (Some(share), Some(scan)) = (shares.first_mut(), &scan) {
        share.view = scan.view.clone();
    }
    let bookmark = past.bookmark.clone();
    let read = TableRead::new(what.grouping, shares, bookmark, scan, missing);
    Ok(Ok((holding, Some(read))))
}

/// Surveys one user's share. `before` is the list from an earlier part of the rescue.
fn look(
    runner: &mut QueryRunner,
    what: &'static TableCollection,
    view: &View,
    (accounts, whose): (Accounts, &UserContext),
    before: Option<Vec<u8>>,
    past: &Past,
) -> Result<Looked, HandsetError> {
    let mut listing = runner.fork();
    let (listed, gathered) = std::thread::scope(|scope| {
        let listed = scope.spawn(|| what.list.read(&mut listing, before.is_some()));
        let gathered = (what.gather)(runner, accounts.clone(), whose);
        (query::joined(listed), gathered)
    });
    let Listed {
        view: listed_view,
        made: rows,
        refusal,
        odd_end,
    } = listed?;
    let Gathered {
        fresh:
            Fresh {
                mut decoder,
                mut first,
                mut missing,
            },
        refusal: closed_to_all,
        answered,
        reads_on,
        says,
        notes,
        closed,
    } = gathered?;
    let mut refusal = refusal.or(odd_end);
    let is_whole = refusal.is_none();
    let is_usable = rows.count > 0 || reads_on;
    if let Some(broke) = refusal.take_if(|why| why.is_broken_off() && is_usable) {
        missing.push(phrase!(
            "The phone ended its list of {} early: {}. Run the rescue again.",
            what.entries,
            broke.said()
        ));
    }
    let changes = before.map_or_else(Changes::default, |before| {
        Changes::between(&rows.sums, &listed_view, what.list.key, &before)
    });
    let of = whose.clone();
    let mut expected = rows.groups;
    expected
        .retain(|key| changes.is_stale(key) || !past.keys.contains(&whose.key(&(what.key)(key))));
    first.retain(|record| !runner.recalls || !past.keys.contains(&record.key));
    decoder.take_marked(rows.marked);
    let says = match is_whole || rows.count > 0 {
        true => Some(says.unwrap_or(rows.entries)),
        false => says.filter(|says| *says > 0),
    };
    Ok(Looked {
        share: UserShare {
            user: runner.user,
            name: whose.place.clone(),
            view: view.clone(),
            expected,
            first,
            decoder,
            recalls: runner.recalls,
            late: (what.gathers_again && is_whole).then(|| Late {
                newest: rows.newest,
                gather: Box::new(move |runner| {
                    Ok((what.gather)(runner, accounts.clone(), &of)?.fresh)
                }),
            }),
        },
        says,
        rows: rows.count,
        changes,
        refusal: closed_to_all.or(refusal),
        answered,
        notes,
        missing,
        closed,
    })
}

/// A sentence about an empty list, with the accounts that may have the data that the handset lacks.
pub fn lists_none(session: &Session, entries: &str) -> String {
    let accounts = Accounts::parse(&session.account_dump, 0);
    let names: Vec<_> = accounts.iter().map(|(name, _)| name.as_str()).collect();
    let elsewhere = match names.is_empty() {
        true => String::new(),
        false => phrase!(
            " Anything in the phone's accounts is only on their servers: {}.",
            names.join(", ")
        ),
    };
    phrase!("The phone allows access to its {entries}, and lists none.{elsewhere}")
}

/// A sentence about what went wrong with a small table.
pub fn trouble(table: &Table, read: &WholeTable) -> Option<String> {
    let what = table.uri.text();
    match (&read.refusal, read.uncertain.len()) {
        (Some(refusal), _) => Some(phrase!(
            "Part of {what} could not be read: {}",
            refusal.said()
        )),
        (None, 0) => None,
        (None, n) => Some(phrase!(
            "{n} rows of {what} contain ambiguous text. They are saved as raw data only."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::handset::android::phone::users::UserKind;

    #[test]
    fn users_of_one_name_and_without_a_name_have_keys_of_their_own() {
        let user = |id, name: &str| User {
            id,
            name: name.to_owned(),
            kind: UserKind::Person,
        };
        let users = [
            user(0, "Owner"),
            user(10, "Gast"),
            user(11, "Gast"),
            user(12, ""),
            user(13, "Kim"),
        ];
        let of = |at: usize, by_name| {
            let whose = UserContext::of(&users[at], &users, by_name);
            (whose.key("event/1"), whose.place)
        };
        let expected = |key: &str, place: &str| (key.to_owned(), place.to_owned());
        assert_eq!(of(1, false), expected("user-10/event/1", "Gast (10)"));
        assert_eq!(of(2, false), expected("user-11/event/1", "Gast (11)"));
        assert_eq!(of(3, false), expected("user-12/event/1", "User 12"));
        assert_eq!(of(4, false), expected("user-13/event/1", "Kim"));
        // An unfinished rescue of an earlier version.
        assert_eq!(of(2, true), expected("user-11/event/1", "Gast (11)"));
        assert_eq!(of(4, true), expected("Kim/event/1", "Kim"));
        assert_eq!(UserContext::default().key("event/1"), "event/1");
    }
}
