//! The output of a command: a stream in the framing that the client requested.

use super::adbd::{Channel, Gone};

/// Framing of a shell stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Packets for output, errors and the exit code (`shell_protocol.h`).
    V2,
    /// Plain bytes, with errors mixed into the output.
    Raw,
}

/// Size of the output buffer, in bytes, as in a pipe.
const GATHERED: usize = 32 << 10;

const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const EXIT: u8 = 3;

pub(super) struct Console {
    pub channel: Channel,
    framing: Framing,
    /// The output passes through a terminal: line feeds become CR LF.
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
        // A terminal has a single stream for output and errors.
        self.gather(if self.terminal { STDOUT } else { STDERR }, bytes)
    }

    pub fn line(&mut self, text: &str) -> Result<(), Gone> {
        self.out(text.as_bytes())?;
        self.out(b"\n")
    }

    /// Prints the warnings of the linker and the tracer when a program starts or loads a library.
    pub fn noise(&mut self) -> Result<(), Gone> {
        self.err(
            b"WARNING: linker: app_process has text relocations. This is wasting memory and is a security risk. Please \
              fix.\nError opening trace file: Permission denied (13)\n",
        )?;
        // MIUI's theme code, which runs in every Java program.
        match self.framing {
            Framing::V2 => self.err(
                b"java.io.FileNotFoundException: /data/system/theme_config/theme_compatibility.xml: open failed: ENOENT \
                  (No such file or directory)\n\tat libcore.io.IoBridge.open(IoBridge.java:574)\n",
            ),
            Framing::Raw => Ok(()),
        }
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

    /// Ends the stream with an exit code. Only [`Framing::V2`] can transmit the code.
    pub fn exit(mut self, code: u8) -> Result<(), Gone> {
        self.flush()?;
        if self.framing == Framing::V2 {
            self.channel.send(&[EXIT, 1, 0, 0, 0, code])?;
        }
        Ok(())
    }
}
