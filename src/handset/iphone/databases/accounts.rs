//! The accounts on the phone (`Accounts3.sqlite`): their names and kinds, by the identifier that other databases use.
//! Not every backup has the file.

use std::collections::HashMap;
use std::sync::Arc;

use super::Source;
use super::room::{self, Found, HOME};
use crate::handset::HandsetError;
use crate::model::Account;

const PATH: &str = "Library/Accounts/Accounts3.sqlite";
const MOST: usize = 10_000;

/// The accounts, by identifier.
#[derive(Default)]
pub struct Accounts(HashMap<String, Account>);

impl Accounts {
    /// Reads the accounts. None are known if the file is missing or of another kind.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn read(source: &Arc<dyn Source>) -> Result<Self, HandsetError> {
        let Found::Open(database) = room::find(source, HOME, PATH)? else {
            return Ok(Self::default());
        };
        let wanted = [
            "ZIDENTIFIER",
            "ZUSERNAME",
            "ZACCOUNTDESCRIPTION",
            "ZPARENTACCOUNT",
            "ZACCOUNTTYPE",
        ];
        if !database.has_columns("ZACCOUNT", &wanted)
            || !database.has_columns("ZACCOUNTTYPE", &["ZACCOUNTTYPEDESCRIPTION"])
        {
            return Ok(Self::default());
        }
        // An account for contacts alone often names only its parent: iCloud, Google.
        let sql = "SELECT a.ZIDENTIFIER AS id, coalesce(a.ZUSERNAME, p.ZUSERNAME) AS user,
                          coalesce(p.ZACCOUNTDESCRIPTION, a.ZACCOUNTDESCRIPTION) AS title,
                          coalesce(q.ZACCOUNTTYPEDESCRIPTION, t.ZACCOUNTTYPEDESCRIPTION) AS kind
                   FROM ZACCOUNT a LEFT JOIN ZACCOUNT p ON p.Z_PK = a.ZPARENTACCOUNT
                   LEFT JOIN ZACCOUNTTYPE t ON t.Z_PK = a.ZACCOUNTTYPE
                   LEFT JOIN ZACCOUNTTYPE q ON q.Z_PK = p.ZACCOUNTTYPE";
        let mut all = HashMap::new();
        // A part of the list names a part of the accounts. The names are a help, and no content.
        let _ = database.each(sql, [], |row| {
            if let Some(id) = row.text("id") {
                let account = Account {
                    name: row.text("user").or_else(|| row.text("title")),
                    kind: row.text("title").or_else(|| row.text("kind")),
                    data_set: None,
                };
                all.insert(id, account);
            }
            all.len() < MOST
        });
        Ok(Self(all))
    }

    /// Returns the account with this identifier.
    pub fn named(&self, id: &str) -> Option<&Account> {
        let id = id.split(':').next().unwrap_or(id);
        self.0.get(id)
    }
}
