//! The Android Debug Bridge, limited to reading: a closed list of shell commands ([`ShellCommand`]) and the reading
//! half of file sync ([`FileSync`]). A handset is reached directly over a [`Link`], or through an adb server that
//! already holds it ([`Server`]).

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

use super::request_log::RequestLog;
use command::Service;
use connection::Connection;
use frame::FrameReader;
use server::ServerConnection;
use stream::ByteStream;
pub use watch::ALLOW;
use watch::Watch;

use crate::link::Link;
use crate::model::{Asked, Stop};

/// Options for a connection.
#[derive(Clone)]
pub struct Options {
    /// Keys that the handset may already trust, tried in this order.
    pub keys: Vec<Key>,
    /// Lifeboat's own key, tried last. If all keys were refused, it is offered to the owner, and generated only then.
    /// Without it, the last of `keys` is offered.
    pub own_key: Option<OwnKey>,
    /// Ends every wait.
    pub stop: Stop,
    pub on_wait: OnWait,
    /// How long the handset may take to answer the first message.
    pub handshake_timeout: Duration,
}

impl Default for Options {
    /// No keys, no callback, ten seconds.
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
            request_log: RequestLog::default(),
        }
    }
}

/// A handset reached over ADB. Several threads may use it at once. Dropping it ends the connection and all of its
/// streams.
pub struct Adb {
    backend: Backend,
    banner: Banner,
    name: String,
    /// The handset has refused the service `exec:`.
    exec_refused: AtomicBool,
    /// The requests that were sent to the handset.
    request_log: RequestLog,
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
    /// Connects over a link that has not been used yet, and waits for the owner's permission without a time limit.
    ///
    /// # Errors
    /// [`AdbError::NoAnswer`], [`AdbError::NeedsTls`], [`AdbError::Stopped`], or the reason why the link or a key
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
        let request_log = watch.request_log.clone();
        let connection = Connection::start(frames, writer, &agreed, watch)?;
        Ok(Self {
            backend: Backend::Direct(connection),
            banner: agreed.banner,
            name: link.name,
            exec_refused: AtomicBool::new(false),
            request_log,
        })
    }

    /// Connects through the adb server that holds the handset. The server is neither started nor stopped. The server's
    /// keys are used, not those in `options`.
    ///
    /// # Errors
    /// [`AdbError::NoServer`], [`AdbError::Gone`], [`AdbError::Stopped`], or the server's own error.
    pub fn through_server(
        server: Server,
        serial: &str,
        options: Options,
    ) -> Result<Self, AdbError> {
        let (timeout, watch) = (options.handshake_timeout, options.watch());
        let request_log = watch.request_log.clone();
        let (connection, banner) = ServerConnection::start(server, serial, watch, timeout)?;
        Ok(Self {
            name: connection.name(),
            backend: Backend::ThroughServer(connection),
            banner,
            exec_refused: AtomicBool::new(false),
            request_log,
        })
    }

    /// Takes the oldest requests to the handset that were not taken yet, in order: greetings and keys, services, and
    /// requests to the sync service. A request of more than 2,000 bytes is cut, and its length given. Empty if there
    /// are no more.
    pub fn asked(&self) -> Vec<Asked> {
        self.request_log.take()
    }

    /// Returns the handset's description of itself.
    pub fn banner(&self) -> &Banner {
        &self.banner
    }

    /// Returns how the handset is reached, in words.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Starts a command, in the best mode that the handset supports.
    ///
    /// # Errors
    /// [`AdbError::Refused`] if the handset runs no commands, [`AdbError::RequestTooLong`], [`AdbError::Stopped`], or
    /// the reason why the connection ended.
    pub fn shell(&self, command: &ShellCommand) -> Result<ShellStream, AdbError> {
        let start = |mode| {
            let stream = self.open(&Service::Shell(mode, command))?;
            Ok(ShellStream::new(stream, mode))
        };
        if self.separates_error_output() {
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

    /// True if the error output of a command arrives separately from its output: Android 7 and later.
    pub fn separates_error_output(&self) -> bool {
        self.banner.has("shell_v2")
    }

    /// Runs a command whose output has at most `limit` bytes.
    ///
    /// # Errors
    /// [`AdbError::ReplyTooLong`], and the errors of [`Adb::shell`] and [`ShellStream::read`].
    pub fn run(&self, command: &ShellCommand, limit: usize) -> Result<Output, AdbError> {
        self.shell(command)?.read_all(limit)
    }

    /// Ends the connection, and with it every wait on it, on any thread.
    pub fn hang_up(&self) {
        match &self.backend {
            Backend::Direct(connection) => connection.hang_up(),
            Backend::ThroughServer(connection) => connection.hang_up(),
        }
    }

    /// Returns a reader for files.
    pub fn sync(&self) -> FileSync<'_> {
        FileSync::new(self)
    }

    fn open(&self, service: &Service) -> Result<ByteStream, AdbError> {
        self.request_log.note(&service.render()?);
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
