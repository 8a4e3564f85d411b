//! Reads files (AOSP `packages/modules/adb`, docs/dev/sync.md, `file_sync_protocol.h`), with the requests of the
//! allow-list.

use std::io::Write;

use super::Adb;
use super::allowed::{self, SyncVerb};
use super::command::Service;
use super::error::{AdbError, printable};
use super::stream::ByteStream;
use crate::phrase;
use crate::protocol::request_log::RequestLog;

/// The longest path that adbd accepts, in bytes.
const MAX_PATH: usize = 1024;
/// The longest name that is accepted, in bytes; Linux allows 255.
const MAX_NAME: u32 = 1024;
/// The longest error message that is accepted, in bytes.
const MAX_MESSAGE: u32 = 64 << 10;
/// The longest piece of a file that is accepted, in bytes; adbd's have 64 KiB.
const MAX_DATA: u32 = 1 << 20;
const NO_SUCH_FILE: u32 = 2;

/// The metadata of a file. A link is not followed, unless its path ends with `/`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stat {
    /// As in Linux: the type of the file and its permissions.
    pub mode: u32,
    /// In bytes. Before Android 8 modulo 4 GiB: see `exact`.
    pub size: u64,
    /// In seconds since 1970.
    pub modified: i64,
    /// `size` and `modified` were sent with 64 bits.
    pub exact: bool,
}

impl Stat {
    pub fn is_file(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }

    pub fn is_folder(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }

    pub fn is_link(&self) -> bool {
        self.mode & 0o170_000 == 0o120_000
    }
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Bytes, usually UTF-8; without `/` and NUL.
    pub name: Vec<u8>,
    /// The metadata, or why the handset has none.
    pub stat: Result<Stat, String>,
}

/// The names in a folder, without `.` and `..`, in the handset's order. An unreadable folder appears as an empty one:
/// in ADB, only `shows_itself` tells the difference.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    pub entries: Vec<Entry>,
    /// `.` was among the names, as in every folder of most file systems.
    pub shows_itself: bool,
    /// There are more names than were requested.
    pub cut: bool,
}

/// Reads files, one request after another over one stream, which is opened when it is needed.
pub struct FileSync<'a> {
    adb: &'a Adb,
    session: Option<Session>,
}

impl<'a> FileSync<'a> {
    pub(super) fn new(adb: &'a Adb) -> Self {
        Self { adb, session: None }
    }

    /// Returns the metadata of a file; `None` if there is no such file (before Android 8: or it can't be read).
    ///
    /// # Errors
    /// [`AdbError::File`] if the handset gives a reason; the errors of the connection.
    pub fn stat(&mut self, path: &[u8]) -> Result<Option<Stat>, AdbError> {
        let v2 = self.adb.banner().has("stat_v2");
        self.with_session(path, |session| {
            session.request(if v2 { allowed::LST2 } else { allowed::STAT }, path)?;
            match &session.array()? {
                b"STAT" => {
                    let stat = session.stat_v1()?;
                    Ok((stat != Stat::default()).then_some(stat))
                }
                b"LST2" | b"STA2" => match session.stat_v2()? {
                    Ok(stat) => Ok(Some(stat)),
                    Err(NO_SUCH_FILE) => Ok(None),
                    Err(errno) => Err(failed(path, error_text(errno))),
                },
                id => Err(session.unexpected(id, path)),
            }
        })
    }

    /// Lists the names in a folder, at most `limit`.
    ///
    /// # Errors
    /// [`AdbError::File`] if the handset gives a reason; the errors of the connection.
    pub fn list(&mut self, path: &[u8], limit: usize) -> Result<Listing, AdbError> {
        let v2 = self.adb.banner().has("ls_v2");
        let listing = self.with_session(path, |session| {
            session.request(if v2 { allowed::LIS2 } else { allowed::LIST }, path)?;
            let mut listing = Listing::default();
            loop {
                let stat = match &session.array()? {
                    b"DENT" => Ok(session.stat_v1()?),
                    b"DNT2" => session.stat_v2()?,
                    b"DONE" => {
                        // The remaining fields of an empty entry.
                        session.bytes(if v2 { 72 } else { 16 })?;
                        return Ok(listing);
                    }
                    id => return Err(session.unexpected(id, path)),
                };
                let length = session.length(MAX_NAME)?;
                let name = session.bytes(length)?;
                if name.is_empty() || name.contains(&b'/') || name.contains(&0) {
                    return Err(AdbError::protocol(phrase(
                        "a folder lists an invalid file name",
                    )));
                }
                if name == b"." || name == b".." {
                    listing.shows_itself |= name == b".";
                    continue;
                }
                if listing.entries.len() >= limit {
                    listing.cut = true;
                    return Ok(listing);
                }
                let stat = stat.map_err(error_text);
                listing.entries.push(Entry { name, stat });
            }
        })?;
        if listing.cut {
            // The rest of the reply is still to come.
            self.session = None;
        }
        Ok(listing)
    }

    /// Copies a file's bytes to `sink`, and returns their number. Messages of the handset are never written to `sink`.
    ///
    /// # Errors
    /// [`AdbError::File`] if the handset gives a reason, also in the middle; [`AdbError::Sink`]; the errors of the
    /// connection.
    pub fn recv(&mut self, path: &[u8], sink: &mut dyn Write) -> Result<u64, AdbError> {
        let v2 = self.adb.banner().has("sendrecv_v2");
        self.with_session(path, |session| {
            if v2 {
                // Flags: no compression.
                let flags = [allowed::RCV2.letters(), [0; 4]].concat();
                session.requests(allowed::RCV2, path, &flags)?;
            } else {
                session.request(allowed::RECV, path)?;
            }
            let mut total = 0;
            loop {
                match &session.array()? {
                    b"DATA" => {
                        let length = session.length(MAX_DATA)?;
                        session.copy(length, sink)?;
                        total += length as u64;
                    }
                    b"DONE" => {
                        session.bytes(4)?;
                        return Ok(total);
                    }
                    id => return Err(session.unexpected(id, path)),
                }
            }
        })
    }

    /// Runs one request. After an error the stream is not used again, since adbd closes it or the rest of the reply is
    /// still to come.
    fn with_session<T>(
        &mut self,
        path: &[u8],
        work: impl FnOnce(&mut Session) -> Result<T, AdbError>,
    ) -> Result<T, AdbError> {
        if path.len() > MAX_PATH {
            return Err(AdbError::RequestTooLong {
                length: path.len(),
                limit: MAX_PATH,
            });
        }
        if path.contains(&0) {
            return Err(AdbError::NulInRequest);
        }
        let mut session = match self.session.take() {
            Some(session) => session,
            None => Session {
                stream: self.adb.open(&Service::Sync)?,
                buffer: Vec::new(),
                taken: 0,
                request_log: self.adb.request_log.clone(),
            },
        };
        let done = work(&mut session)?;
        self.session = Some(session);
        Ok(done)
    }
}

/// An open sync stream, and the data that it has received.
struct Session {
    stream: ByteStream,
    buffer: Vec<u8>,
    /// Number of bytes of `buffer` that were used.
    taken: usize,
    request_log: RequestLog,
}

impl Session {
    fn request(&mut self, verb: SyncVerb, path: &[u8]) -> Result<(), AdbError> {
        self.requests(verb, path, &[])
    }

    fn requests(&mut self, verb: SyncVerb, path: &[u8], more: &[u8]) -> Result<(), AdbError> {
        let letters = verb.letters();
        let (name, file) = (String::from_utf8_lossy(&letters), printable(path));
        self.request_log.note(&format!("sync {name} {file}"));
        let length = u32::try_from(path.len()).unwrap_or(u32::MAX);
        let request = [&letters[..], &length.to_le_bytes(), path, more].concat();
        self.stream.write(&request)
    }

    /// Returns the received bytes that were not used yet, at least one.
    fn ready(&mut self) -> Result<&[u8], AdbError> {
        while self.taken >= self.buffer.len() {
            self.buffer = self.stream.read()?.ok_or(AdbError::Truncated)?;
            self.taken = 0;
        }
        Ok(self.buffer.get(self.taken..).unwrap_or_default())
    }

    fn copy(&mut self, length: usize, sink: &mut dyn Write) -> Result<(), AdbError> {
        let mut left = length;
        while left > 0 {
            let ready = self.ready()?;
            let piece = ready.get(..left).unwrap_or(ready);
            let count = piece.len();
            sink.write_all(piece).map_err(AdbError::Sink)?;
            self.taken += count;
            left -= count;
        }
        Ok(())
    }

    /// The caller must limit `length`.
    fn bytes(&mut self, length: usize) -> Result<Vec<u8>, AdbError> {
        let mut bytes = Vec::with_capacity(length);
        self.copy(length, &mut bytes)?;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], AdbError> {
        let mut array = [0; N];
        self.copy(N, &mut array.as_mut_slice())?;
        Ok(array)
    }

    fn word(&mut self) -> Result<u32, AdbError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn length(&mut self, limit: u32) -> Result<usize, AdbError> {
        let length = self.word()?;
        if length > limit {
            return Err(AdbError::protocol(phrase(
                "a length in a file's reply is too large",
            )));
        }
        usize::try_from(length).map_err(|_| AdbError::protocol(phrase("a length is too large")))
    }

    fn stat_v1(&mut self) -> Result<Stat, AdbError> {
        Ok(Stat {
            mode: self.word()?,
            size: self.word()?.into(),
            modified: self.word()?.into(),
            exact: false,
        })
    }

    /// Reads error, dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime. The inner error is a Linux errno.
    fn stat_v2(&mut self) -> Result<Result<Stat, u32>, AdbError> {
        let error = self.word()?;
        self.array::<16>()?;
        let mode = self.word()?;
        self.array::<12>()?;
        let size = u64::from_le_bytes(self.array()?);
        self.array::<8>()?;
        let modified = i64::from_le_bytes(self.array()?);
        self.array::<8>()?;
        if error != 0 {
            return Ok(Err(error));
        }
        Ok(Ok(Stat {
            mode,
            size,
            modified,
            exact: true,
        }))
    }

    /// Returns the error for an unexpected reply: the handset's own message, if the reply is one.
    fn unexpected(&mut self, id: &[u8; 4], path: &[u8]) -> AdbError {
        if id != b"FAIL" {
            return AdbError::protocol(phrase("a file's reply begins with an unknown word"));
        }
        let message = self
            .length(MAX_MESSAGE)
            .and_then(|length| self.bytes(length));
        match message {
            Ok(message) => failed(path, printable(&message)),
            Err(error) => error,
        }
    }
}

fn failed(path: &[u8], message: String) -> AdbError {
    AdbError::File {
        path: printable(path),
        message,
    }
}

/// Returns a Linux errno, as adbd sends it, in words.
fn error_text(errno: u32) -> String {
    match errno {
        NO_SUCH_FILE => phrase("the file does not exist").into(),
        5 => phrase("the phone's storage has an input/output error").into(),
        13 => phrase("permission denied").into(),
        20 => phrase("a part of its path is not a folder").into(),
        36 => phrase("its name is too long").into(),
        40 => phrase("too many links").into(),
        other => phrase!("error {other}"),
    }
}
