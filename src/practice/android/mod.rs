//! A practice Android: the device's side of the Android debug bridge, with a fictional owner's data.
//!
//! It behaves as AOSP's adbd, shell, `content` command and providers do by their sources, fails on
//! demand ([`Fault`]), and notes everything that is asked which is more than reading
//! ([`PracticeAndroid::tripped`]). It knows nothing of the client's code.

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

use crate::link::{Link, Stop, pipe};

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
    /// A handset. Its data are made when first asked for.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(device::Device::new(settings)))
    }

    /// Plugs a cable in: the client's end of a link in memory, served until that end is dropped.
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

    /// False while the cable is out: after a fault that pulls it, for a few seconds; after [`Self::unplug`], until
    /// [`Self::plug_in`]; and while it restarts.
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

    /// The USB interfaces that a computer sees now.
    pub fn seen_as(&self) -> SeenAs {
        self.0.seen_as()
    }

    /// How the bus behaves where it is on a USB gadget.
    pub fn bus(&self) -> Bus {
        self.0.settings.bus
    }

    /// How often it was plugged in, the first time included.
    pub fn pluggings(&self) -> u32 {
        self.0.pluggings()
    }

    /// Make, model and serial number.
    pub fn name(&self) -> (&'static str, &'static str, &'static str) {
        let model = self.0.model();
        (model.maker, model.model, self.0.serial())
    }

    /// Serves every client that connects, several at once, until `stop`.
    ///
    /// # Errors
    /// If the listener cannot be waited on.
    pub fn serve(&self, listener: TcpListener, stop: &Stop) -> std::io::Result<()> {
        serve::serve(&self.0, &listener, stop)
    }

    /// Serves whoever is at the other end of a link that stays while clients come and go, until `stop` or the link's
    /// end. `cancel_writes` is called when a new client introduces itself.
    #[cfg(target_os = "linux")]
    pub(super) fn serve_link(&self, link: Link, cancel_writes: CancelWrites, stop: &Stop) {
        adbd::serve_with(&self.0, link, cancel_writes, stop);
    }

    /// What was asked that is more than reading, in order. Empty is the promise.
    pub fn tripped(&self) -> Vec<String> {
        self.0.tripped()
    }

    /// Every service and sync request that was asked, in order.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked()
    }

    /// How many `content` commands ran at once at most.
    pub fn most_contents(&self) -> usize {
        self.0.most_contents()
    }

    /// Changes what the handset holds, as its owner or a synchronisation would, by SQL of the tester's own.
    ///
    /// # Errors
    /// As [`Self::peek`].
    pub fn poke(&self, user: u32, store: Store, sql: &str) -> rusqlite::Result<()> {
        let database = self.0.store(user, store);
        database
            .ok_or(rusqlite::Error::QueryReturnedNoRows)??
            .change(sql)
    }

    /// Its owner's files, past the debug bridge: paths as in [`Settings::owned`], and what they hold.
    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        self.0.files.all()
    }

    /// What the handset holds, by SQL of the tester's own, past the debug bridge and its limits. User 0
    /// is the main one.
    ///
    /// # Errors
    /// Whatever SQLite says of `sql`; [`rusqlite::Error::QueryReturnedNoRows`] where there is no such user.
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
