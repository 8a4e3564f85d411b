//! A practice Android: the device side of the Android debug bridge, with the data of a fictional owner.
//!
//! It behaves like AOSP's adbd, shell, `content` command and providers according to their sources. It fails on demand
//! ([`Fault`]), and records every request that does more than read ([`PracticeAndroid::tripped`]). It knows nothing
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
mod owner;
mod power;
mod profiles;
mod provider;
mod serve;
mod settings;
mod shell;
mod sync;
mod wire;

use std::net::TcpListener;
use std::sync::Arc;

use rusqlite::types::Value;

use crate::link::{Link, pipe};
use crate::model::Stop;

#[cfg(target_os = "linux")]
pub(super) use adbd::CancelWrites;
pub use database::Store;
pub use fault::{FAULTS, Fault, FaultError, FaultKind, fault_help};
pub use profiles::{PROFILES, Profile};
pub use serve::serve_android;
pub use settings::{
    Area, Areas, Auth, Battery, Bus, FileTrouble, Model, PracticeUser, Restarts, SeenAs, Settings,
    SimColumns, System, TASK_APPS, TaskApp, Uptime,
};

/// A virtual Android handset. Clones are the same handset.
#[derive(Clone)]
pub struct PracticeAndroid(Arc<device::Device>);

impl PracticeAndroid {
    /// Creates a handset. Its data is made when it is first requested.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(device::Device::new(settings)))
    }

    /// Plugs a cable in and returns the client's end of a link in memory. The link is served until that end is
    /// dropped.
    pub fn link(&self) -> Link {
        let (client, device) = pipe::pair();
        let handset = Arc::clone(&self.0);
        let stop = self.0.cable();
        std::thread::spawn(move || adbd::serve(&handset, device, &stop));
        Link {
            name: "practice handset".into(),
            ..client
        }
    }

    /// False while the cable is out: for a few seconds after a fault that pulls it; after [`Self::unplug`], until
    /// [`Self::plug_in`]; and during a restart.
    pub fn is_plugged(&self) -> bool {
        self.0.is_plugged()
    }

    /// Pulls the cable: links made by [`Self::link`] end.
    pub fn unplug(&self) {
        self.0.unplug();
    }

    /// Plugs the cable in again.
    pub fn plug_in(&self) {
        self.0.plug_in();
    }

    /// The current USB interfaces of the handset.
    pub fn seen_as(&self) -> SeenAs {
        self.0.seen_as()
    }

    /// Behaviour of the bus on a USB gadget.
    pub fn bus(&self) -> Bus {
        self.0.settings.bus
    }

    /// Number of times the handset was plugged in, including the first time.
    pub fn pluggings(&self) -> u32 {
        self.0.pluggings()
    }

    /// Make, model and serial number.
    pub fn name(&self) -> (&'static str, &'static str, &'static str) {
        let model = self.0.model();
        (model.maker, model.model, self.0.serial())
    }

    /// Serves every client that connects, several at the same time, until `stop`.
    ///
    /// # Errors
    /// If the listener fails.
    pub fn serve(&self, listener: TcpListener, stop: &Stop) -> std::io::Result<()> {
        serve::serve(&self.0, &listener, stop)
    }

    /// Serves the clients on a link that stays open while clients come and go, until `stop` or the end of the link.
    /// Calls `cancel_writes` when a new client introduces itself.
    #[cfg(target_os = "linux")]
    pub(super) fn serve_link(&self, link: Link, cancel_writes: CancelWrites, stop: &Stop) {
        adbd::serve_with(&self.0, link, cancel_writes, stop);
    }

    /// Requests that do more than read, in order. Lifeboat promises that the list is empty.
    pub fn tripped(&self) -> Vec<String> {
        self.0.tripped()
    }

    /// Every requested service and sync request, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked()
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

    /// The owner's files, read without the debug bridge: paths as in [`Settings::owned`], with contents.
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
