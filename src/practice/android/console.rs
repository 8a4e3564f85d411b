//! Where a command's output goes: to a stream, framed as the client asked.

use super::adbd::{Channel, Gone};

/// How a shell stream is framed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Packets for output, errors and the exit code (`shell_protocol.h`).
    V2,
    /// Bytes, errors among the output.
    Raw,
}

/// Output is gathered up to this, as a pipe does.
const GATHERED: usize = 32 << 10;

const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const EXIT: u8 = 3;

pub(super) struct Console {
    pub channel: Channel,
    framing: Framing,
    /// A terminal stands between: line feeds become CR LF.
    terminal: bool,
    gathered: Vec<u8>,
    kind: u8,
}

impl Console {
    pub fn new(channel: Channel, framing: Framing, terminal: bool) -> Self {
        Self {
            channel,
            framing,
            terminal,
            gathered: Vec::new(),
            kind: STDOUT,
        }
    }

    pub fn out(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.gather(STDOUT, bytes)
    }

    pub fn err(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        // A terminal has one stream for both.
        self.gather(if self.terminal { STDOUT } else { STDERR }, bytes)
    }

    pub fn line(&mut self, text: &str) -> Result<(), Gone> {
        self.out(text.as_bytes())?;
        self.out(b"\n")
    }

    /// What the linker and the tracer have to say of a program that starts, or of a library that it loads.
    pub fn noise(&mut self) -> Result<(), Gone> {
        self.err(
            b"WARNING: linker: app_process has text relocations. This is wasting memory and is a security risk. Please \
              fix.\nError opening trace file: Permission denied (13)\n",
        )
    }

    fn gather(&mut self, kind: u8, bytes: &[u8]) -> Result<(), Gone> {
        if kind != self.kind && self.framing == Framing::V2 {
            self.flush()?;
        }
        self.kind = kind;
        if self.terminal {
            for &byte in bytes {
                if byte == b'\n' {
                    self.gathered.push(b'\r');
                }
                self.gathered.push(byte);
            }
        } else {
            self.gathered.extend_from_slice(bytes);
        }
        if self.gathered.len() >= GATHERED {
            self.flush()?;
        }
        Ok(())
    }

    pub fn flush(&mut self) -> Result<(), Gone> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let bytes = std::mem::take(&mut self.gathered);
        match self.framing {
            Framing::Raw => self.channel.send(&bytes),
            Framing::V2 => bytes.chunks(GATHERED).try_for_each(|chunk| {
                let mut packet = Vec::with_capacity(chunk.len() + 5);
                packet.push(self.kind);
                packet.extend((chunk.len() as u32).to_le_bytes());
                packet.extend_from_slice(chunk);
                self.channel.send(&packet)
            }),
        }
    }

    /// Ends the stream with an exit code, which only [`Framing::V2`] can tell.
    pub fn exit(mut self, code: u8) -> Result<(), Gone> {
        self.flush()?;
        if self.framing == Framing::V2 {
            self.channel.send(&[EXIT, 1, 0, 0, 0, code])?;
        }
        Ok(())
    }
}
