//! Runs one operation after another over a link: a command is sent, data may arrive, and a response arrives.
//!
//! If a read is interrupted, by the user or by a full disk, the device goes on sending. PTP's own way to cancel is a
//! request on the control pipe (Still Image class, section 5.2.1). After it, devices differ in what they still send,
//! and some hang. Here the remaining data are read and discarded if they are few, which is why files are read in
//! pieces. Otherwise the link is given up, and the device has to be plugged in again.

use std::io::Write;
use std::time::{Duration, Instant};

use super::Options;
use super::allowed::Operation;
use super::container::{HEADER, Header, Kind, code, command};
use super::error::MtpError;
use crate::link::{Link, LinkError};
use crate::model::Stop;
use crate::phrase;
use crate::protocol::request_log::RequestLog;
use crate::protocol::waiting::Waiting;

/// Maximum number of bytes per read from the link.
const BUFFER: usize = 1 << 20;
/// How long one wait for bytes lasts: the time within which a stop is noticed.
const SLICE: Duration = Duration::from_millis(100);
/// How long the device may accept no data.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a silence lasts before it is reported, and how often it is reported after that.
const QUIET: Duration = Duration::from_secs(2);
const PERIOD: Duration = Duration::from_secs(1);
/// Maximum number of bytes that are read and discarded, and how long that may take.
const DRAIN: u64 = 64 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// After this time without a byte, no more data are expected.
const SILENCE: Duration = Duration::from_secs(1);
/// Maximum number of containers that answer no current request: events, and late responses.
const MOST_STRAYS: usize = 64;
/// Number of the last bytes that are searched for a response.
const TAIL: usize = 64;

/// How often, and after what pause, a busy device is asked again.
const BUSY_TRIES: u32 = 20;
const BUSY_PAUSE: Duration = Duration::from_millis(250);

/// The result of an operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// The response code.
    pub code: u16,
    /// Number of bytes of data.
    pub length: u64,
}

/// The data that an operation may return, and where they go.
pub(super) struct DataSink<'a> {
    pub sink: &'a mut dyn Write,
    /// Maximum length, in bytes.
    pub most: u64,
    /// The length of data if it does not fit into 32 bits; `None` if the data can't be so long.
    pub untold: Option<u64>,
}

/// A link on which one operation runs at a time.
pub(super) struct Wire {
    link: Link,
    options: Options,
    request_log: RequestLog,
    /// The number of the next operation.
    transaction: u32,
    buffer: Vec<u8>,
    /// The last bytes that arrived.
    tail: Vec<u8>,
    /// Total number of bytes that arrived.
    came: u64,
    /// Numbers of operations that were left unanswered: their answers may still arrive.
    unanswered: Vec<u32>,
    /// The value of `came` when the last of them was left unanswered.
    left_at: Option<u64>,
    lost: bool,
}

/// The state of a wait.
struct Wait {
    stop: Stop,
    patience: Duration,
    heard: Instant,
    told: Instant,
}

impl Wait {
    fn new(stop: &Stop, patience: Duration) -> Self {
        let now = Instant::now();
        Self {
            stop: stop.clone(),
            patience,
            heard: now,
            told: now,
        }
    }
}

impl Wire {
    pub fn new(link: Link, options: Options, request_log: RequestLog) -> Self {
        Self {
            link,
            options,
            request_log,
            transaction: 0,
            buffer: vec![0; BUFFER],
            tail: Vec::new(),
            came: 0,
            unanswered: Vec::new(),
            left_at: None,
            lost: false,
        }
    }

    pub fn is_lost(&self) -> bool {
        self.lost
    }

    /// Ignores the stop flag from now on, so that the session can be closed.
    pub fn finish(&mut self) {
        self.options.stop = Stop::new();
    }

    /// Discards data that an earlier user of the device had requested.
    ///
    /// # Errors
    /// The errors of the link; [`MtpError::Protocol`] if the data do not end.
    pub fn hush(&mut self, silence: Duration) -> Result<(), MtpError> {
        let end = Instant::now() + DRAIN_TIME;
        let mut came = 0;
        loop {
            self.check()?;
            match self.link.reader.read(&mut self.buffer, silence) {
                Ok(count) => came += count as u64,
                Err(LinkError::Closed) => return Err(LinkError::Closed.into()),
                // Some devices halt a pipe that is read when they have nothing to send.
                Err(_) => return Ok(()),
            }
            if came > DRAIN || Instant::now() > end {
                self.give_up();
                return Err(MtpError::Protocol(
                    phrase("it is still sending data that another program requested").into(),
                ));
            }
        }
    }

    /// Runs an operation. The device may be silent for `patience` before it answers. If it reports that it is busy, the
    /// operation is repeated.
    ///
    /// # Errors
    /// The errors of the link, [`MtpError::Stopped`], [`MtpError::NoAnswer`], [`MtpError::Garbled`],
    /// [`MtpError::Sink`]. A response code other than OK is no error here.
    pub fn run(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        room: DataSink<'_>,
        patience: Duration,
    ) -> Result<Answer, MtpError> {
        match self.run_lightly(operation, parameters, room, patience)? {
            Some(answer) => Ok(answer),
            None => {
                self.give_up();
                Err(MtpError::NoAnswer(patience))
            }
        }
    }

    /// Runs an operation that is optional; `None` if the device left it unanswered. The link is then kept, and a late
    /// answer is discarded.
    ///
    /// # Errors
    /// See [`Self::run`].
    pub fn run_lightly(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        room: DataSink<'_>,
        patience: Duration,
    ) -> Result<Option<Answer>, MtpError> {
        for _ in 0..BUSY_TRIES {
            let room = DataSink {
                sink: &mut *room.sink,
                ..room
            };
            let answer = self.run_once(operation, parameters, room, patience)?;
            if answer.is_none_or(|a| a.code != code::DEVICE_BUSY || a.length > 0) {
                return Ok(answer);
            }
            std::thread::sleep(BUSY_PAUSE);
        }
        self.run_once(operation, parameters, room, patience)
    }

    fn run_once(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        room: DataSink<'_>,
        patience: Duration,
    ) -> Result<Option<Answer>, MtpError> {
        let (before, transaction) = (self.came, self.transaction);
        match self.exchange(operation, parameters, room, patience) {
            // After two unanswered operations in a row, the request is not the cause: the device does not answer at
            // all.
            Err(MtpError::NoAnswer(_)) if self.came == before && self.left_at != Some(before) => {
                self.left_at = Some(before);
                self.unanswered.push(transaction);
                Ok(None)
            }
            done => self.or_lost(done).map(Some),
        }
    }

    fn or_lost(&mut self, done: Result<Answer, MtpError>) -> Result<Answer, MtpError> {
        if done.as_ref().is_err_and(MtpError::is_link_lost) {
            self.give_up();
        }
        done
    }

    fn exchange(
        &mut self,
        operation: Operation,
        parameters: &[u32],
        room: DataSink<'_>,
        patience: Duration,
    ) -> Result<Answer, MtpError> {
        if self.lost {
            return Err(LinkError::Closed.into());
        }
        self.check()?;
        let transaction = self.transaction;
        // 0 is the number of the operation that opens a session, and 0xffff_ffff is not a valid number.
        self.transaction = match transaction {
            0xffff_fffe => 1,
            transaction => transaction + 1,
        };
        let mut asked = operation.name().to_owned();
        for parameter in parameters {
            asked.push_str(&format!(" {parameter:08x}"));
        }
        self.request_log.note(&asked);
        let bytes = command(operation, transaction, parameters);
        self.link.writer.write_all(&bytes, WRITE_TIMEOUT)?;
        self.answer(operation, transaction, room, patience)
    }

    /// Restarts the numbers of operations, for a new session.
    pub fn renumber(&mut self) {
        self.transaction = 0;
    }

    fn answer(
        &mut self,
        operation: Operation,
        transaction: u32,
        room: DataSink<'_>,
        patience: Duration,
    ) -> Result<Answer, MtpError> {
        let mut answer = Answer::default();
        let (mut has_data, mut comes_twice) = (false, false);
        for _ in 0..MOST_STRAYS {
            let mut wait = Wait::new(&self.options.stop, patience);
            let header = match self.header(operation, transaction, has_data, &mut wait) {
                Err(MtpError::Stopped) => {
                    self.settle(0, transaction);
                    return Err(MtpError::Stopped);
                }
                header => header?,
            };
            let is_late =
                self.unanswered.contains(&header.transaction) && header.transaction != transaction;
            match header.kind {
                // Some devices fill code and number of data with junk (Creative's ZEN, Aricent's stack: libmtp's list
                // of devices), which Windows ignores. The response after the data tells which request they belong to.
                Kind::Data if !has_data && !is_late => {
                    has_data = true;
                    answer.length = header.payload().or(room.untold).unwrap_or(u64::MAX);
                    if answer.length > room.most {
                        self.settle(answer.length, transaction);
                        return Err(garbled(operation, phrase("it is too long")));
                    }
                    self.copy(transaction, answer.length, room.sink, &mut wait)?;
                }
                Kind::Response
                    if header.transaction == transaction
                        || (has_data && header.transaction > transaction) =>
                {
                    self.discard(header.payload().unwrap_or_default(), &mut wait)?;
                    if comes_twice {
                        return Err(garbled(operation, phrase("its data arrived twice")));
                    }
                    answer.code = header.code;
                    return Ok(answer);
                }
                // An event, or an answer to another request.
                Kind::Data | Kind::Response | Kind::Event => {
                    comes_twice |= header.kind == Kind::Data && !is_late;
                    match header.payload() {
                        Some(length) if length <= DRAIN => self.discard(length, &mut wait)?,
                        _ => {
                            return Err(MtpError::Protocol(
                                phrase("it sends data that was not requested").into(),
                            ));
                        }
                    }
                }
            }
        }
        Err(MtpError::Protocol(
            phrase("it does not answer this request").into(),
        ))
    }

    /// Reads the next header.
    fn header(
        &mut self,
        operation: Operation,
        transaction: u32,
        after_data: bool,
        wait: &mut Wait,
    ) -> Result<Header, MtpError> {
        let mut bytes = [0; HEADER];
        self.read_exact(&mut bytes, wait)?;
        if let Some(header) = Header::parse(bytes) {
            return Ok(header);
        }
        // Some devices add one byte too many to data that fill their last packet (libmtp's list of devices).
        if after_data && bytes.first() == Some(&0) {
            let mut last = [0; 1];
            self.read_exact(&mut last, wait)?;
            bytes.rotate_left(1);
            if let (Some(end), [byte]) = (bytes.last_mut(), last) {
                *end = byte;
            }
            if let Some(header) = Header::parse(bytes) {
                return Ok(header);
            }
        }
        // More data than were announced, or junk. If a response ends it, the device is ready for the next request.
        let mut quiet = Wait::new(&Stop::new(), SILENCE);
        let end = Instant::now() + DRAIN_TIME;
        let mut came = 0;
        loop {
            match self.read(BUFFER, &mut quiet) {
                Ok(count) => came += count as u64,
                Err(MtpError::NoAnswer(_)) => break,
                Err(error) => return Err(error),
            }
            if came > DRAIN || Instant::now() > end {
                break;
            }
        }
        match Header::at_end_of(&self.tail, transaction) {
            Some(_) => Err(garbled(operation, phrase("it is longer than announced"))),
            None => Err(MtpError::Protocol(
                phrase("a container begins with invalid data").into(),
            )),
        }
    }

    /// Copies `length` bytes of data.
    fn copy(
        &mut self,
        transaction: u32,
        length: u64,
        sink: &mut dyn Write,
        wait: &mut Wait,
    ) -> Result<(), MtpError> {
        let mut left = length;
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
            let taken = match self.read(room, wait) {
                Ok(count) => {
                    left -= count as u64;
                    // An iPhone sends the header at once, and the file after it has converted the file.
                    wait.patience = self.options.pause;
                    let bytes = self.buffer.get(..count).unwrap_or_default();
                    sink.write_all(bytes).map_err(MtpError::Sink)
                }
                // The data are shorter than announced, and the response was taken for data.
                Err(MtpError::NoAnswer(_))
                    if Header::at_end_of(&self.tail, transaction).is_some() =>
                {
                    return Err(MtpError::Garbled {
                        operation: "",
                        why: phrase("the device sent only a part of it, shorter than announced"),
                    });
                }
                Err(error) => Err(error),
            };
            match taken {
                Ok(()) => {}
                Err(error @ (MtpError::Stopped | MtpError::Sink(_))) => {
                    self.settle(left, transaction);
                    return Err(error);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Discards the remaining data of an operation, so that the next one can begin. If that fails or takes too long,
    /// the link is given up.
    fn settle(&mut self, left: u64, transaction: u32) {
        let end = Instant::now() + DRAIN_TIME;
        let mut wait = Wait::new(&Stop::new(), SILENCE * 5);
        let mut settle = || {
            if left > DRAIN {
                return None;
            }
            self.discard(left, &mut wait).ok()?;
            while Instant::now() < end {
                let mut bytes = [0; HEADER];
                self.read_exact(&mut bytes, &mut wait).ok()?;
                let header = Header::parse(bytes)?;
                let length = header.payload().filter(|length| *length <= DRAIN)?;
                self.discard(length, &mut wait).ok()?;
                if header.kind == Kind::Response && header.transaction == transaction {
                    return Some(());
                }
            }
            None
        };
        if settle().is_none() {
            self.give_up();
        }
    }

    fn discard(&mut self, length: u64, wait: &mut Wait) -> Result<(), MtpError> {
        let mut left = length;
        while left > 0 {
            let room = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
            left -= self.read(room, wait)? as u64;
        }
        Ok(())
    }

    fn read_exact(&mut self, bytes: &mut [u8], wait: &mut Wait) -> Result<(), MtpError> {
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let count = self.read(rest.len(), wait)?;
            for (place, byte) in rest.iter_mut().zip(self.buffer.iter().take(count)) {
                *place = *byte;
            }
            filled += count;
        }
        Ok(())
    }

    /// Reads into the buffer, at most `room` bytes and at least one.
    fn read(&mut self, room: usize, wait: &mut Wait) -> Result<usize, MtpError> {
        let slice = SLICE.min(wait.patience);
        loop {
            if wait.stop.is_stopped() {
                return Err(MtpError::Stopped);
            }
            let room = self.buffer.get_mut(..room).unwrap_or_default();
            match self.link.reader.read(room, slice) {
                Ok(count) => {
                    wait.heard = Instant::now();
                    self.came += count as u64;
                    let came = self.buffer.get(..count).unwrap_or_default();
                    self.tail.extend(came.iter().rev().take(TAIL).rev());
                    let old = self.tail.len().saturating_sub(TAIL);
                    self.tail.drain(..old);
                    return Ok(count);
                }
                Err(LinkError::TimedOut) => {
                    let silent = wait.heard.elapsed();
                    if silent >= wait.patience {
                        return Err(MtpError::NoAnswer(wait.patience));
                    }
                    if silent >= QUIET && wait.told.elapsed() >= PERIOD {
                        wait.told = Instant::now();
                        (self.options.on_wait)(Waiting::Silent(silent));
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn check(&self) -> Result<(), MtpError> {
        match self.options.stop.is_stopped() {
            true => Err(MtpError::Stopped),
            false => Ok(()),
        }
    }

    fn give_up(&mut self) {
        if !self.lost {
            self.lost = true;
            self.link.writer.close();
        }
    }
}

impl Answer {
    /// # Errors
    /// [`MtpError::Refused`] for any code other than OK.
    pub fn ok(self, operation: Operation) -> Result<Self, MtpError> {
        match self.code {
            code::OK => Ok(self),
            code => Err(MtpError::Refused {
                operation: operation.name(),
                code,
            }),
        }
    }
}

pub(super) fn garbled(operation: Operation, why: &'static str) -> MtpError {
    MtpError::Garbled {
        operation: operation.name(),
        why,
    }
}
