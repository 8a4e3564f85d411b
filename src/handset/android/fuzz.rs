//! The private parsers of this module, for the fuzz targets.

use super::content::refusal::{cut_mixed_errors, refusal};
use super::content::{Refusal, View};
use super::content::{cut, query, rows};
use super::files::media_store;
use super::phone::accounts::Accounts;
use super::phone::{system, users};
use super::sim::decode;
use super::{calendar, contacts, todos};
use crate::model::Account;

/// Parses replies of `content query` as tables of the driver, as a SIM phonebook, as the media store's list and as a
/// refusal.
pub fn rows(bytes: &[u8]) {
    let Some((which, text)) = bytes.split_first() else {
        return;
    };
    let all = [
        &contacts::tables::RAW_ENTITIES,
        &contacts::tables::RAW_CONTACTS,
        &contacts::tables::GROUPS,
        &calendar::tables::CALENDARS,
        &calendar::tables::EVENTS,
        &calendar::tables::REMINDERS,
        &todos::tables::SAMSUNG_TASKS,
    ];
    if let Some(table) = all.get(usize::from(*which) % (all.len() + 1)) {
        let view = View::new(table);
        let (parsed, _) = rows::parse(&view.layout, text);
        for (row, _) in parsed {
            assert_eq!(row.texts.len(), view.texts().len());
        }
        rows::numbers_of(&view, text);
        rows::rows_of(&view, text);
        let reply = query::Reply {
            text: text.to_vec(),
            refusal: refusal(text, &[], 1),
        };
        rows::each_number_row(view.numbers(), &reply, |_| {});
        cut::fuzz_stretches(text);
    } else {
        decode::decode(text, "SIM");
    }
    media_store::listed(text);
    let mut cut = text.to_vec();
    cut_mixed_errors(&mut cut);
    let _ = Refusal::sorted(&String::from_utf8_lossy(text)).said().len();
}

/// Parses the output of the system's commands.
pub fn system(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    system::properties(&text);
    for user in users::Users::parse(&text, &text).all {
        Accounts::parse(&text, user.id);
    }
    let (percent, _) = system::battery(&text);
    assert!(percent.is_none_or(|percent| percent <= 100));
    system::packages(&text);
    let accounts = Accounts::parse(&text, 0);
    for (name, kind) in accounts.iter() {
        let account = Account {
            name: Some(name.clone()),
            kind: Some(kind.clone()),
            data_set: None,
        };
        assert!(!accounts.is_gone(&account));
    }
}
