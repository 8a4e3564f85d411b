//! Reading the bytes of files: whole, or in pieces.

use std::io::Write;
use std::time::Duration;

use super::allowed::{self, Operation};
use super::container::{self, code};
use super::wire::DataSink;
use super::{Mtp, MtpError, PACKET, PIECE};

impl Mtp {
    /// Copies a file of `size` bytes from byte `from` on to `sink`, and returns the number of bytes. It may be smaller
    /// or larger than expected, if the file has been replaced.
    ///
    /// # Errors
    /// [`MtpError::OnlyWhole`] if the device can't begin at `from`; [`MtpError::Sink`]; the errors of
    /// [`Self::storages`].
    pub fn read(
        &mut self,
        handle: u32,
        from: u64,
        size: u64,
        sink: &mut dyn Write,
    ) -> Result<u64, MtpError> {
        let is_small = size <= u64::from(PIECE);
        loop {
            match self.partial(size) {
                Some(operation) if from > 0 || !is_small => {
                    let mut at = from;
                    let read = self.read_pieces(operation, handle, &mut at, size, sink);
                    let is_unknown = matches!(
                        read,
                        Err(MtpError::Refused {
                            code: code::NOT_SUPPORTED,
                            ..
                        })
                    );
                    // Some devices list operations that they don't support (Sony's Xperia Z3 Compact with Android 5).
                    if !is_unknown || at > from {
                        return read.map(|()| at - from);
                    }
                    self.device
                        .operations
                        .retain(|code| *code != operation.code());
                }
                None if from > 0 => return Err(MtpError::OnlyWhole),
                Some(_) | None => {
                    return match self.read_whole(handle, size, sink) {
                        Err(error) if size == 0 && error.may_be_empty() => Ok(0),
                        read => read,
                    };
                }
            }
        }
    }

    /// Returns the first bytes of a file; `None` if the device refuses, or sends only whole files.
    ///
    /// # Errors
    /// See [`Self::storages`].
    pub fn beginning(
        &mut self,
        handle: u32,
        size: u64,
        most: u64,
    ) -> Result<Option<Vec<u8>>, MtpError> {
        let Some(operation) = self.partial(size) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        match self.read_pieces(operation, handle, &mut 0, size.min(most), &mut bytes) {
            Ok(()) => Ok(Some(bytes)),
            Err(MtpError::Refused { .. } | MtpError::Garbled { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Allows more time for larger files from now on: the device converts files before it sends them.
    pub fn wait_for_conversions(&mut self) {
        self.converts = true;
    }

    /// Returns how long to wait for a file of `size` bytes.
    fn patience_for(&self, size: u64) -> Duration {
        /// Number of bytes that an old iPhone converts in a second, at least.
        const SPEED: u64 = 4 << 20;
        const MOST: Duration = Duration::from_secs(30 * 60);
        let more = match self.converts {
            true => Duration::from_secs(size / SPEED).min(MOST),
            false => Duration::ZERO,
        };
        self.options.patience + more
    }

    fn read_whole(
        &mut self,
        handle: u32,
        size: u64,
        sink: &mut dyn Write,
    ) -> Result<u64, MtpError> {
        let operation = allowed::GET_OBJECT;
        // A file that has grown is read whole. The length of a file beyond 32 bits is known only from `size`.
        let room = DataSink {
            sink,
            most: size.max(u64::from(u32::MAX)),
            untold: Some(size),
        };
        let patience = self.patience_for(size);
        let answer = self
            .wire
            .run_lightly(operation, &[handle], room, patience)?;
        let answer = answer.ok_or(MtpError::Unanswered(operation.name()))?;
        Ok(answer.ok(operation)?.length)
    }

    /// Reads from `from` on, and advances `from`.
    fn read_pieces(
        &mut self,
        operation: Operation,
        handle: u32,
        from: &mut u64,
        size: u64,
        sink: &mut dyn Write,
    ) -> Result<(), MtpError> {
        while *from < size {
            let at = *from;
            let mut most = u64::from(PIECE).min(size - at);
            if at + most == size
                && most > 1
                && (most + container::HEADER as u64).is_multiple_of(PACKET)
            {
                most -= 1;
            }
            let (low, high) = (at as u32, (at >> 32) as u32);
            let parameters = [handle, low, high, most as u32];
            let parameters = match operation == allowed::GET_PARTIAL_OBJECT_64 {
                true => &parameters[..],
                false => &[handle, low, most as u32],
            };
            let room = DataSink {
                sink: &mut *sink,
                most,
                untold: None,
            };
            let patience = self.patience_for(size);
            let answer = self
                .wire
                .run_lightly(operation, parameters, room, patience)?;
            let answer = answer.ok_or(MtpError::Unanswered(operation.name()))?;
            let length = answer.ok(operation)?.length;
            if length == 0 {
                break;
            }
            *from += length;
        }
        Ok(())
    }

    /// Returns the operation that can read any part of a file of `size` bytes.
    fn partial(&self, size: u64) -> Option<Operation> {
        let short = size <= u64::from(u32::MAX);
        [allowed::GET_PARTIAL_OBJECT_64, allowed::GET_PARTIAL_OBJECT]
            .into_iter()
            .filter(|operation| short || *operation == allowed::GET_PARTIAL_OBJECT_64)
            .find(|operation| self.can(*operation))
    }
}
