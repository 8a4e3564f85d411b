//! The pictures of contacts (`AddressBookImages.sqlitedb`).

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::handset::HandsetError;
use crate::handset::iphone::databases::Source;
use crate::handset::iphone::databases::database::Database;
use crate::handset::iphone::databases::room::{self, Found, HOME};
use crate::model::{Findings, Picture, RawReply};
use crate::phrase;

const PATH: &str = "Library/AddressBook/AddressBookImages.sqlitedb";

/// The largest picture that fits into a card, in bytes. A larger one is replaced by the phone's own smaller version.
const MOST_BYTES: i64 = 2 << 20;

/// The tables of pictures, the best first.
const TABLES: [&str; 2] = ["ABFullSizeImage", "ABThumbnailImage"];

/// The pictures.
pub struct Pictures {
    database: Option<Box<Database>>,
    /// The picture that was found last.
    last: Option<Picture>,
}

impl Pictures {
    /// Opens the database of pictures, if there is one.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    pub fn open(source: &Arc<dyn Source>, findings: &mut Findings) -> Result<Self, HandsetError> {
        let database = match room::find(source, HOME, PATH)? {
            Found::Open(mut database) => {
                let has_pictures =
                    |table: &&str| database.has_columns(table, &["record_id", "data"]);
                match TABLES.iter().any(has_pictures) {
                    true => {
                        database.check(&TABLES);
                        Some(database)
                    }
                    false => {
                        findings.missing.push(phrase!(
                            "The contacts' pictures are kept in a way that Lifeboat does not know. The tables of {}: \
                             {}.",
                            database.name,
                            database.layout()
                        ));
                        None
                    }
                }
            }
            Found::NotListed => None,
            Found::Closed(why) => {
                findings
                    .missing
                    .push(phrase!("The contacts' pictures can't be read: {why}"));
                None
            }
        };
        Ok(Self {
            database,
            last: None,
        })
    }

    /// Returns the best picture of the first of these persons that has one, as a raw reply.
    pub fn of(&mut self, persons: &[i64], findings: &mut Findings) -> Option<RawReply> {
        self.last = None;
        for person in persons {
            if let Some(reply) = self.of_one(*person, findings) {
                self.last = Some(Picture {
                    length: reply.bytes.len() as u64,
                    sha256: hex(&Sha256::digest(&reply.bytes)),
                    reply: Some(reply.request.clone()),
                    ..Picture::default()
                });
                return Some(reply);
            }
        }
        None
    }

    fn of_one(&self, person: i64, findings: &mut Findings) -> Option<RawReply> {
        let database = self.database.as_ref()?;
        for table in TABLES {
            if !database.has_columns(table, &["record_id", "data"]) {
                continue;
            }
            let sql = format!(
                "SELECT data FROM {table} WHERE record_id = ?1 AND length(data) BETWEEN 1 AND {MOST_BYTES}
                 ORDER BY length(data) DESC LIMIT 1"
            );
            match database.all(&sql, [person]) {
                Ok(rows) => {
                    let bytes = rows.first().and_then(|row| row.bytes("data"));
                    if let Some(bytes) = bytes {
                        return Some(RawReply {
                            request: format!("{}: {table} of person {person}", database.name),
                            bytes: bytes.to_vec(),
                            packed: Vec::new(),
                        });
                    }
                }
                Err(broken) => room::note_broken(findings, &database.name, table, &broken),
            }
        }
        None
    }

    /// Returns the picture that was found last.
    pub fn last(&self) -> Option<&Picture> {
        self.last.as_ref()
    }

    /// Takes the sentences about damage.
    pub fn damage(&mut self) -> Vec<String> {
        let database = self.database.as_mut();
        database.map_or_else(Vec::new, |database| std::mem::take(&mut database.damage))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
