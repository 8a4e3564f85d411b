//! The accounts of an address book: which contacts are on the phone only, and which card is the owner's own.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::handset::HandsetError;
use crate::handset::iphone::databases::accounts::Accounts;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::row::Row;
use crate::handset::iphone::databases::{Source as Files, room};
use crate::model::{Account, Findings, Source};
use crate::phrase;

/// The stores, by row number.
pub struct Stores {
    all: HashMap<i64, Account>,
    own_cards: BTreeSet<i64>,
    /// The table of stores could be read.
    are_known: bool,
}

/// Kinds of stores (`ABStore.Type`), as far as public databases show them.
fn kind_of(number: Option<i64>) -> String {
    match number {
        Some(1) => "Exchange".to_owned(),
        Some(4) => "CardDAV".to_owned(),
        Some(number) => format!("type {number}"),
        None => "account".to_owned(),
    }
}

impl Stores {
    /// Reads the stores and the accounts that they belong to.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn read(
        files: &Arc<dyn Files>,
        database: &Database,
        findings: &mut Findings,
    ) -> Result<Self, HandsetError> {
        let mut stores = Self {
            all: HashMap::new(),
            own_cards: BTreeSet::new(),
            are_known: false,
        };
        if !database.has("ABStore") {
            return Ok(stores);
        }
        let accounts = Accounts::read(files)?;
        let has_accounts = database.has_columns("ABAccount", &["AccountIdentifier"]);
        let sql = match has_accounts && database.has_columns("ABStore", &["AccountID"]) {
            true => {
                "SELECT s.rowid AS \"rowid\", a.AccountIdentifier AS account, s.* FROM ABStore s
                 LEFT JOIN ABAccount a ON a.rowid = s.AccountID LIMIT 1000"
            }
            false => "SELECT rowid AS \"rowid\", * FROM ABStore LIMIT 1000",
        };
        let done = database.all(sql, []);
        match done {
            Ok(rows) => {
                for row in &rows {
                    let id = row.number("rowid").unwrap_or_default();
                    stores.all.insert(id, account_of(row, &accounts));
                    let own = row.number("MeIdentifier").filter(|own| *own > 0);
                    stores.own_cards.extend(own);
                }
                stores.are_known = true;
            }
            Err(broken) => room::note_broken(findings, &database.name, "ABStore", &broken),
        }
        Ok(stores)
    }

    pub fn is_own_card(&self, person: i64) -> bool {
        self.own_cards.contains(&person)
    }

    /// Returns where a person comes from.
    pub fn source(&self, row: &Row, id: i64) -> Source {
        let account = row
            .number("StoreID")
            .and_then(|store| self.all.get(&store))
            .cloned()
            .unwrap_or_default();
        let source_id = row.text("ExternalIdentifier");
        Source {
            row: id,
            // Without a store, nothing speaks for a server that has it.
            only_here: account == Account::default() || source_id.is_none(),
            account,
            source_id,
            ..Source::default()
        }
    }

    /// Returns what is to be said about the accounts.
    pub fn notes(&self) -> Vec<String> {
        match self.are_known {
            true => Vec::new(),
            false => vec![
                phrase(
                    "The address book does not say which contacts are also in an account, so all count as being on \
                     the phone only.",
                )
                .into(),
            ],
        }
    }
}

/// Returns the account of a store; the phone's own store has none. `account` is the identifier of the account, which
/// older systems keep as `AccountIdentifier` in the store itself.
fn account_of(row: &Row, accounts: &Accounts) -> Account {
    let id = row
        .text("account")
        .or_else(|| row.text("AccountIdentifier"));
    let is_local = id.is_none() && row.number("AccountID").is_none_or(|account| account < 1);
    if is_local {
        return Account::default();
    }
    let known = id.as_deref().and_then(|id| accounts.named(id));
    let place = row.text("ExternalIdentifier").unwrap_or_default();
    let kind = match place.as_str() {
        _ if place.contains("carddavhome") => "iCloud".to_owned(),
        _ if place.starts_with("/carddav/v1/principals/") => "Google".to_owned(),
        _ => kind_of(row.number("Type")),
    };
    let name = row.text("Name");
    match known {
        Some(known) => Account {
            name: known.name.clone().or(name),
            kind: known.kind.clone().or(Some(kind)),
            data_set: None,
        },
        None => Account {
            name: name.or(id),
            kind: Some(kind),
            data_set: None,
        },
    }
}
