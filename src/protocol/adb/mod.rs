//! The Android debug bridge, read verbs only: a closed list of shell commands ([`ShellCommand`]) and the
//! reading half of file sync ([`FileSync`]). A handset is reached directly over a [`Link`], or through an adb
//! server that holds it already ([`Server`]).

pub mod allowed;
mod banner;
mod command;
mod connection;
mod error;
mod flow;
mod frame;
#[cfg(fuzzing)]
pub mod fuzz;
mod handshake;
mod keys;
mod listed;
mod server;
mod shell;
mod stream;
mod sync;
mod watch;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub use super::waiting::{OnWait, Waiting};
pub use banner::{Banner, SystemType};
pub use command::{AppOp, ContentUri, Query, ShellCommand, ShellMode};
pub use error::AdbError;
pub use keys::{Key, KeyError, KeyPlaces, OwnKey};
pub use listed::Device;
pub use server::Server;
pub use shell::{Chunk, Output, ShellStream};
pub use sync::{Entry, FileSync, Listing, Stat};

use super::trail::Trail;
use command::Service;
use connection::Connection;
use frame::FrameReader;
use server::ServerConnection;
use stream::ByteStream;
use watch::Watch;

use crate::link::{Link, Stop};
use crate::model::Asked;

/// How to connect.
#[derive(Clone)]
pub struct Options {
    /// Keys that the handset may trust already, tried in this order.
    pub keys: Vec<Key>,
    /// Lifeboat's own, tried last, and offered to the owner if all were refused: made only then.
    /// Without it the last of `keys` is offered.
    pub own_key: Option<OwnKey>,
    /// Ends every wait.
    pub stop: Stop,
    pub on_wait: OnWait,
    /// How long the handset may leave the first words unanswered.
    pub handshake_timeout: Duration,
}

impl Default for Options {
    /// No keys, nobody to be told, ten seconds.
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            own_key: None,
            stop: Stop::new(),
            on_wait: Arc::new(|_| {}),
            handshake_timeout: Duration::from_secs(10),
        }
    }
}

impl Options {
    fn watch(&self) -> Watch {
        Watch {
            stop: self.stop.clone(),
            ended: Stop::new(),
            on_wait: Arc::clone(&self.on_wait),
            trail: Trail::default(),
        }
    }
}

/// A handset reached over ADB. Several threads may use it at once. Dropping it ends the connection and
/// every stream of it.
pub struct Adb {
    backend: Backend,
    banner: Banner,
    name: String,
    /// The handset said that it has no `exec:`.
    exec_refused: AtomicBool,
    /// What left for the handset.
    trail: Trail,
}

enum Backend {
    Direct(Connection),
    ThroughServer(ServerConnection),
}

impl fmt::Debug for Adb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Adb")
            .field("name", &self.name)
            .field("banner", &self.banner)
            .finish_non_exhaustive()
    }
}

impl Adb {
    /// Connects over a link on which nothing has been said, and waits for the owner's permission for as
    /// long as that takes.
    ///
    /// # Errors
    /// [`AdbError::NoAnswer`], [`AdbError::NeedsTls`], [`AdbError::Stopped`], or why the link or a key
    /// failed.
    pub fn connect(link: Link, options: Options) -> Result<Self, AdbError> {
        let watch = options.watch();
        let mut frames = FrameReader::new(link.reader);
        let writer = Mutex::new(link.writer);
        let identity = handshake::Identity {
            keys: &options.keys,
            own: options.own_key.as_ref(),
        };
        let timeout = options.handshake_timeout;
        let agreed = handshake::connect(&mut frames, &writer, &identity, &watch, timeout);
        let agreed = match agreed {
            Ok(agreed) => agreed,
            Err(error) => {
                writer
                    .into_inner()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .close();
                return Err(error);
            }
        };
        let trail = watch.trail.clone();
        let connection = Connection::start(frames, writer, &agreed, watch)?;
        Ok(Self {
            backend: Backend::Direct(connection),
            banner: agreed.banner,
            name: link.name,
            exec_refused: AtomicBool::new(false),
            trail,
        })
    }

    /// Reads through the adb server that holds the handset, which is neither started nor ended. The
    /// server's keys count, those in `options` don't.
    ///
    /// # Errors
    /// [`AdbError::NoServer`], [`AdbError::Gone`], [`AdbError::Stopped`], or what the server says.
    pub fn through_server(
        server: Server,
        serial: &str,
        options: Options,
    ) -> Result<Self, AdbError> {
        let (timeout, watch) = (options.handshake_timeout, options.watch());
        let trail = watch.trail.clone();
        let (connection, banner) = ServerConnection::start(server, serial, watch, timeout)?;
        Ok(Self {
            name: connection.name(),
            backend: Backend::ThroughServer(connection),
            banner,
            exec_refused: AtomicBool::new(false),
            trail,
        })
    }

    /// Everything that was asked of the handset since the last call, in order: greetings and keys, services, and what
    /// the sync service was asked. A request of more than 2,000 bytes is cut, and its length told.
    pub fn asked(&self) -> Vec<Asked> {
        self.trail.take()
    }

    /// What the handset said of itself.
    pub fn banner(&self) -> &Banner {
        &self.banner
    }

    /// How it is reached, in words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts a command, in the best way that the handset has.
    ///
    /// # Errors
    /// [`AdbError::Refused`] if the handset runs no commands, [`AdbError::RequestTooLong`],
    /// [`AdbError::Stopped`], or why the connection ended.
    pub fn shell(&self, command: &ShellCommand) -> Result<ShellStream, AdbError> {
        let start = |mode| {
            let stream = self.open(&Service::Shell(mode, command))?;
            Ok(ShellStream::new(stream, mode))
        };
        if self.tells_errors_apart() {
            return start(ShellMode::V2);
        }
        if !self.exec_refused.load(Ordering::Relaxed) {
            match start(ShellMode::Exec) {
                Err(AdbError::Refused { .. }) => self.exec_refused.store(true, Ordering::Relaxed),
                started => return started,
            }
        }
        start(ShellMode::Pty)
    }

    /// True where what a command writes to its error output comes apart from its output: Android 7 and later.
    pub fn tells_errors_apart(&self) -> bool {
        self.banner.has("shell_v2")
    }

    /// Runs a command whose output has at most `limit` bytes.
    ///
    /// # Errors
    /// [`AdbError::ReplyTooLong`], and those of [`Adb::shell`] and [`ShellStream::read`].
    pub fn run(&self, command: &ShellCommand, limit: usize) -> Result<Output, AdbError> {
        self.shell(command)?.read_all(limit)
    }

    /// Ends the connection: whoever waits for something of it, on whichever thread, waits no longer.
    pub fn hang_up(&self) {
        match &self.backend {
            Backend::Direct(connection) => connection.hang_up(),
            Backend::ThroughServer(connection) => connection.hang_up(),
        }
    }

    /// Reads files.
    pub fn sync(&self) -> FileSync<'_> {
        FileSync::new(self)
    }

    fn open(&self, service: &Service) -> Result<ByteStream, AdbError> {
        self.trail.note(&service.render()?);
        match &self.backend {
            Backend::Direct(connection) => {
                Ok(ByteStream::Direct(connection.open(&service.render()?)?))
            }
            Backend::ThroughServer(connection) => {
                Ok(ByteStream::ThroughServer(connection.open(service)?))
            }
        }
    }
}
