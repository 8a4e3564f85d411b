//! The fictional owner and the owner's data on the handset, generated from a seed.

pub(in crate::practice) mod awkward;
mod calls;
mod contact_rows;
mod contacts;
mod event_rows;
mod events;
mod hostile;
mod messages;
pub(in crate::practice) mod people;
mod person;
pub(super) mod sim;
mod todos;

use std::sync::Arc;

use rusqlite::Connection;

use super::database::Store;
use super::files::Files;
use super::power::Power;
use super::provider::schema;
use super::settings::Settings;

/// An account: name and type. The handset's own account has neither.
pub(super) type Account = (&'static str, &'static str);

const GOOGLE: Account = ("alex.winter@gmail.example", "com.google");
const DAV: Account = ("alex@cloud.winter.example", "bitfire.at.davdroid");
const STALE: Account = ("a.winter@oldjob.example", "com.android.exchange");
const WORK: Account = ("alex.winter@harbour-pilots.example", "com.google");

/// Account types with an installed sign-in app, including the type of the removed account.
pub(super) const SIGNING_IN: [&str; 3] = [GOOGLE.1, DAV.1, STALE.1];

/// Reference time for all dates: 2024-06-03 08:00 UTC.
const NOW: i64 = 1_717_401_600_000;

/// The settings for one user.
pub(super) struct Owner {
    pub user: u32,
    pub seed: u64,
    pub contacts: u32,
    pub deleted_contacts: u32,
    pub events: u32,
    pub deleted_events: u32,
    pub todos: u32,
    pub calls: u32,
    pub odd_calls: bool,
    pub messages: u32,
    pub odd_messages: bool,
    pub pictures: u32,
    pub stale_account: bool,
    pub listed_more: i64,
    pub row_over_2mb: bool,
    pub samsung: bool,
    settings: Settings,
}

impl Owner {
    /// Returns the owner of a user's data; `None` if there is no such user.
    pub fn of(settings: &Settings, user: u32) -> Option<Self> {
        let other = settings.owner.users.iter().find(|other| other.id == user);
        let main = user == 0;
        if !main && other.is_none() {
            return None;
        }
        if other.is_some_and(|other| other.shows_owner) {
            return Self::of(settings, 0);
        }
        let count = |of_main: u32| if main { of_main } else { 0 };
        Some(Self {
            user,
            seed: settings.seed ^ u64::from(user).wrapping_mul(0x5851_f42d_4c95_7f2d),
            contacts: other.map_or(settings.contacts, |other| other.contacts),
            events: other.map_or(settings.events, |other| other.events),
            deleted_contacts: count(settings.owner.deleted_contacts),
            deleted_events: count(settings.owner.deleted_events),
            todos: count(settings.todos),
            calls: other.map_or(settings.owner.calls, |other| other.contacts / 10),
            odd_calls: main && settings.owner.odd_calls,
            messages: count(settings.owner.messages),
            pictures: count(settings.owner.pictures),
            odd_messages: main && settings.owner.odd_messages,
            stale_account: main && settings.owner.stale_account,
            listed_more: if main {
                settings.providers.listed_more
            } else {
                0
            },
            row_over_2mb: main && settings.owner.row_over_2mb,
            samsung: settings.samsung,
            settings: settings.clone(),
        })
    }

    /// The awkward text of a contact, an event or a to-do. An ordinary owner has none.
    pub fn awkward_text(&self, index: u32) -> Option<&'static str> {
        let text = awkward::TEXTS.get(index as usize);
        text.filter(|_| !self.settings.owner.ordinary).copied()
    }

    pub fn is_ordinary(&self) -> bool {
        self.settings.owner.ordinary
    }

    /// Accounts with rows, without the handset's own.
    pub fn accounts(&self) -> Vec<Account> {
        let mut all = self.listed_accounts();
        all.extend(self.stale_account.then_some(STALE));
        all
    }

    /// Name and type of the account for data stored only on the handset.
    pub fn local_account(&self) -> Option<Account> {
        self.settings.owner.local_account
    }

    /// Accounts that the account service lists.
    pub fn listed_accounts(&self) -> Vec<Account> {
        if self.user == 0 {
            vec![GOOGLE, DAV]
        } else {
            vec![WORK]
        }
    }

    /// Creates a database's tables and rows.
    ///
    /// # Errors
    /// Any SQLite error.
    pub fn fill(&self, store: Store, connection: &Connection) -> rusqlite::Result<()> {
        self.fill_plain(store, connection)?;
        match self.settings.owner.hostile_texts {
            true => hostile::fill(store, connection),
            false => Ok(()),
        }
    }

    fn fill_plain(&self, store: Store, connection: &Connection) -> rusqlite::Result<()> {
        match store {
            Store::Contacts => {
                connection.execute_batch(&schema::contacts(false))?;
                contacts::fill(self, connection)?;
                connection.execute_batch(schema::CONTACTS_INDEXES)
            }
            Store::Profile => {
                connection.execute_batch(&schema::contacts(true))?;
                contacts::fill_profile(self, connection)
            }
            Store::Calendar => {
                connection.execute_batch(&schema::calendar())?;
                events::fill(self, connection)?;
                connection.execute_batch(schema::CALENDAR_INDEXES)?;
                if self.samsung {
                    connection.execute_batch(schema::TASKS)?;
                    todos::fill(self, connection)?;
                }
                Ok(())
            }
            Store::Calls => {
                connection.execute_batch(schema::CALLS)?;
                calls::fill(self, connection)
            }
            Store::Messages => {
                connection.execute_batch(schema::MESSAGES)?;
                messages::fill(self, connection)
            }
            Store::Media => {
                connection.execute_batch(schema::MEDIA)?;
                self.fill_media(connection)
            }
        }
    }

    fn fill_media(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.user != 0 {
            return Ok(());
        }
        let mut insert = connection.prepare(
            "INSERT INTO files (_data, _display_name, _size, mime_type, title, date_added, date_modified, \
             datetaken, media_type, width, height, orientation, relative_path, bucket_id, \
             bucket_display_name) VALUES (?1, ?2, ?3, 'image/jpeg', ?4, ?5, ?5, ?6, 1, 8, 8, 0, ?7, ?8, ?9)",
        )?;
        let power = Arc::new(Power::new(&self.settings));
        for photo in Files::new(&self.settings, &power).photos() {
            let (relative, folder) = photo.folder();
            insert.execute((
                &photo.path,
                &photo.name,
                photo.size as i64,
                photo.name.trim_end_matches(".jpg"),
                photo.modified,
                i64::from(photo.modified) * 1000,
                relative,
                bucket_id(folder).to_string(),
                folder.rsplit('/').next(),
            ))?;
        }
        Ok(())
    }
}

/// `String.hashCode` of the folder's path in lower case, which the media provider uses as the folder's id (AOSP
/// `FileUtils.computeBucketId`).
fn bucket_id(folder: &str) -> i32 {
    folder
        .to_lowercase()
        .encode_utf16()
        .fold(0, |hash: i32, unit| {
            hash.wrapping_mul(31).wrapping_add(i32::from(unit))
        })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_camera_s_folder_has_the_number_that_every_android_gives_it() {
        assert_eq!(
            super::bucket_id("/storage/emulated/0/DCIM/Camera"),
            -1_739_773_001
        );
    }
}
