//! A practice Android: the device side of the Android debug bridge, with the data of a fictional owner.
//!
//! It behaves like AOSP's adbd, shell, `content` command and providers according to their sources. It fails on demand
//! ([`Settings`]), and records every request that does more than read ([`Practice::tripped`]). It knows nothing
//! about the client's code.

mod adbd;
mod auth;
mod commands;
mod console;
mod content;
mod database;
mod device;
mod fault;
mod files;
mod java;
pub(super) mod owner;
mod power;
mod profiles;
mod provider;
mod services;
mod settings;
mod shell;
mod sync;
mod task_apps;
mod usb;
mod wire;

use rusqlite::types::Value;

use super::device::{Practice, PracticeDevice as _};

pub use database::Store;
pub use device::Device;
pub use profiles::{PROFILES, Profile};
pub use settings::{
    Area, Areas, Auth, Battery, FileTrouble, LinkSettings, Model, OwnerData, PowerSettings,
    PracticeUser, Providers, Restarts, SeenAs, Settings, Sim, SimColumns, Software, Storage,
    Strike, System, Uptime,
};
pub use task_apps::{TASK_APPS, TaskApp};

/// A virtual Android handset. Clones are the same handset.
pub type PracticeAndroid = Practice<Device>;

impl Practice<Device> {
    /// Every requested service and sync request, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.base().asked()
    }

    /// Maximum number of `content` commands that ran at the same time.
    pub fn most_contents(&self) -> usize {
        self.0.most_contents()
    }

    /// Changes the handset's data with the tester's own SQL, as the owner or a sync would.
    ///
    /// # Errors
    /// See [`Self::peek`].
    pub fn poke(&self, user: u32, store: Store, sql: &str) -> rusqlite::Result<()> {
        let database = self.0.store(user, store);
        database
            .ok_or(rusqlite::Error::QueryReturnedNoRows)??
            .change(sql)
    }

    /// The owner's files, read without the debug bridge: paths as in [`Storage::owned`], with contents.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.0.files.all()
    }

    /// Queries the handset's data with the tester's own SQL, without the debug bridge and its limits. User 0 is the
    /// main user.
    ///
    /// # Errors
    /// The SQLite error for `sql`; [`rusqlite::Error::QueryReturnedNoRows`] if there is no such user.
    pub fn peek(&self, user: u32, store: Store, sql: &str) -> rusqlite::Result<Vec<Vec<Value>>> {
        let database = self.0.store(user, store);
        let reader = database
            .ok_or(rusqlite::Error::QueryReturnedNoRows)??
            .reader()?;
        let mut statement = reader.prepare(sql)?;
        let width = statement.column_count();
        let rows = statement.query_map([], |row| (0..width).map(|i| row.get(i)).collect())?;
        rows.collect()
    }
}
