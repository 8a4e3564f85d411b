//! Runs one command of the allow-list, with or without the shell protocol.

use std::collections::VecDeque;

use super::command::ShellMode;
use super::error::AdbError;
use super::stream::ByteStream;
use crate::phrase;

/// A piece of a command's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// The last piece: the exit code. Only in [`ShellMode::V2`].
    Exit(u8),
}

/// All of a command's output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Output {
    /// In modes other than [`ShellMode::V2`], error output is mixed in.
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    /// Only in [`ShellMode::V2`].
    pub exit: Option<u8>,
}

/// A running command's output. Dropping it ends the command.
pub struct ShellStream {
    stream: ByteStream,
    mode: ShellMode,
    packets: Packets,
    terminal: Terminal,
    ready: VecDeque<Chunk>,
    /// Number of bytes that arrived since the last piece of output.
    idle: usize,
    ended: bool,
}

impl ShellStream {
    pub(super) fn new(stream: ByteStream, mode: ShellMode) -> Self {
        Self {
            stream,
            mode,
            packets: Packets::default(),
            terminal: Terminal::default(),
            ready: VecDeque::new(),
            idle: 0,
            ended: false,
        }
    }

    /// Returns how the output arrives.
    pub fn mode(&self) -> ShellMode {
        self.mode
    }

    /// Returns the next piece of output; `None` after the end. In modes other than [`ShellMode::V2`], a command that
    /// was killed can't be distinguished from one that ended.
    ///
    /// # Errors
    /// [`AdbError::Stopped`]; [`AdbError::Truncated`] if the stream ended before the exit code; [`AdbError::Protocol`];
    /// or the reason why the connection ended.
    pub fn read(&mut self) -> Result<Option<Chunk>, AdbError> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                if let Chunk::Exit(_) = chunk {
                    self.ended = true;
                    self.ready.clear();
                }
                return Ok(Some(chunk));
            }
            if self.ended {
                return Ok(None);
            }
            let Some(bytes) = self.stream.read()? else {
                self.ended = true;
                return match self.mode {
                    ShellMode::V2 => Err(AdbError::Truncated),
                    ShellMode::Exec => Ok(None),
                    ShellMode::Pty => Ok(self.terminal.finish().map(Chunk::Stdout)),
                };
            };
            self.idle += bytes.len();
            match self.mode {
                ShellMode::V2 => {
                    self.packets.feed(&bytes, &mut self.ready)?;
                    if !self.ready.is_empty() {
                        self.idle = 0;
                    } else if self.idle > MAX_IDLE {
                        return Err(AdbError::protocol(phrase(
                            "its shell keeps sending packets without content",
                        )));
                    }
                }
                ShellMode::Exec => self.ready.push_back(Chunk::Stdout(bytes)),
                ShellMode::Pty => {
                    let bytes = self.terminal.undo(&bytes);
                    if !bytes.is_empty() {
                        self.ready.push_back(Chunk::Stdout(bytes));
                    }
                }
            }
        }
    }

    /// Returns all the output, at most `limit` bytes.
    ///
    /// # Errors
    /// [`AdbError::ReplyTooLong`], and the errors of [`ShellStream::read`].
    pub fn read_all(mut self, limit: usize) -> Result<Output, AdbError> {
        let mut output = Output::default();
        while let Some(chunk) = self.read()? {
            let (place, bytes) = match chunk {
                Chunk::Stdout(bytes) => (&mut output.stdout, bytes),
                Chunk::Stderr(bytes) => (&mut output.stderr, bytes),
                Chunk::Exit(code) => {
                    output.exit = Some(code);
                    continue;
                }
            };
            place.extend(bytes);
            if output.stdout.len() + output.stderr.len() > limit {
                return Err(AdbError::ReplyTooLong { limit });
            }
        }
        Ok(output)
    }
}

/// The longest packet that is accepted, in bytes; adbd's are no longer than a payload.
const MAX_PACKET: u32 = 16 << 20;

/// Maximum number of bytes in a row that bring no output.
const MAX_IDLE: usize = 2 * MAX_PACKET as usize;

/// Parses `shell,v2` packets, which may be split anywhere: one byte for the kind, four little-endian bytes for the
/// length, and the data (AOSP `shell_protocol.h`).
#[derive(Debug, Default)]
pub(super) struct Packets {
    header: Vec<u8>,
    /// The current packet's kind, and the number of its bytes that are still to come.
    current: Option<(u8, u32)>,
}

impl Packets {
    const STDOUT: u8 = 1;
    const STDERR: u8 = 2;
    const EXIT: u8 = 3;

    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        out: &mut VecDeque<Chunk>,
    ) -> Result<(), AdbError> {
        while let Some((first, rest)) = bytes.split_first() {
            let Some((id, left)) = self.current else {
                self.header.push(*first);
                bytes = rest;
                if let [id, a, b, c, d] = *self.header.as_slice() {
                    self.begin(id, u32::from_le_bytes([a, b, c, d]))?;
                }
                continue;
            };
            let count = bytes.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let (data, rest) = bytes.split_at_checked(count).unwrap_or((bytes, &[]));
            bytes = rest;
            let left = left.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
            // After its first byte, an exit packet is skipped like an unknown packet.
            let after = if id == Self::EXIT { 0 } else { id };
            self.current = (left > 0).then_some((after, left));
            match (id, data.first()) {
                (Self::STDOUT, _) => out.push_back(Chunk::Stdout(data.to_vec())),
                (Self::STDERR, _) => out.push_back(Chunk::Stderr(data.to_vec())),
                (Self::EXIT, Some(code)) => out.push_back(Chunk::Exit(*code)),
                _ => {}
            }
        }
        Ok(())
    }

    fn begin(&mut self, id: u8, length: u32) -> Result<(), AdbError> {
        if length > MAX_PACKET {
            return Err(AdbError::protocol(phrase(
                "a shell packet announces too much data",
            )));
        }
        self.header.clear();
        self.current = (length > 0).then_some((id, length));
        Ok(())
    }
}

/// Undoes a terminal's change to the output: it puts a CR before each LF. Exactly one CR is removed.
#[derive(Debug, Default)]
pub(super) struct Terminal {
    /// A CR was read, and the next byte has not arrived yet.
    held: bool,
}

impl Terminal {
    pub(super) fn undo(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len() + 1);
        for byte in bytes {
            if self.held && *byte != b'\n' {
                out.push(b'\r');
            }
            self.held = *byte == b'\r';
            if !self.held {
                out.push(*byte);
            }
        }
        out
    }

    pub(super) fn finish(&mut self) -> Option<Vec<u8>> {
        std::mem::take(&mut self.held).then(|| vec![b'\r'])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split(bytes: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut % (bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        places
            .windows(2)
            .map(|pair| bytes[pair[0]..pair[1]].to_vec())
            .collect()
    }

    proptest! {
        #[test]
        fn a_terminal_is_undone_exactly(
            text in "[ab\r\n]{0,40}",
            cuts in proptest::collection::vec(any::<usize>(), 0..6),
        ) {
            let shown = text.replace('\n', "\r\n");
            let mut terminal = Terminal::default();
            let mut back: Vec<u8> = split(shown.as_bytes(), &cuts)
                .iter()
                .flat_map(|piece| terminal.undo(piece))
                .collect();
            back.extend(terminal.finish().unwrap_or_default());
            prop_assert_eq!(String::from_utf8(back).unwrap(), text);
        }

        #[test]
        fn packets_may_be_split_anywhere(
            packets in proptest::collection::vec((0u8..8, proptest::collection::vec(any::<u8>(), 0..20)), 0..12),
            cuts in proptest::collection::vec(any::<usize>(), 0..12),
        ) {
            let mut wire = Vec::new();
            let (mut stdout, mut stderr, mut exits) = <(Vec<u8>, Vec<u8>, Vec<u8>)>::default();
            for (id, data) in &packets {
                wire.push(*id);
                wire.extend((data.len() as u32).to_le_bytes());
                wire.extend(data);
                match id {
                    1 => stdout.extend(data),
                    2 => stderr.extend(data),
                    3 => exits.extend(data.first()),
                    _ => {}
                }
            }
            let (mut parser, mut out) = (Packets::default(), VecDeque::new());
            for piece in split(&wire, &cuts) {
                parser.feed(&piece, &mut out).unwrap();
            }
            let (mut got_out, mut got_err, mut got_exits) = <(Vec<u8>, Vec<u8>, Vec<u8>)>::default();
            for chunk in out {
                match chunk {
                    Chunk::Stdout(data) => got_out.extend(data),
                    Chunk::Stderr(data) => got_err.extend(data),
                    Chunk::Exit(code) => got_exits.push(code),
                }
            }
            prop_assert_eq!(got_out, stdout);
            prop_assert_eq!(got_err, stderr);
            prop_assert_eq!(got_exits, exits);
        }

        #[test]
        fn no_bytes_upset_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = Packets::default().feed(&bytes, &mut VecDeque::new());
        }
    }
}
