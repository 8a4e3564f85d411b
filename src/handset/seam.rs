//! The interface between the engine and every handset: the `Handset` trait and its errors.

use std::io::Write;

use crate::model::{
    Asked, Batch, Bookmark, Collection, Contact, Findings, HandsetFile, Health, Holding, Identity,
    Marks, NotCovered, Past, RawReply,
};
use crate::protocol::adb::AdbError;

/// A handset that has been reached. Every method only reads.
pub trait Handset: Send {
    /// Make, model, serial, system version, and how it is being read.
    fn identity(&self) -> &Identity;
    /// Risks to the copy while the handset is read: battery, charger, lock.
    fn health(&mut self) -> Result<Health, HandsetError>;
    /// Collections that the handset may have, in reading order. Does not start the programs on the handset that hold
    /// them.
    fn collections(&mut self) -> Result<Vec<Collection>, HandsetError>;
    /// What the handset itself reports about one collection, before the collection is read. `past`: what an earlier
    /// part of the same rescue has of it. Changes on the handset since then are noticed, and read again where possible.
    fn survey(&mut self, what: Collection, past: &Past) -> Result<Holding, HandsetError>;
    /// Returns the next batch of a collection, after the bookmark of the last batch (`None`: from the start), or `None`
    /// if nothing is left. A driver may keep a stream open between calls; for an unexpected bookmark it opens a new one
    /// there.
    fn next_batch(
        &mut self,
        what: Collection,
        after: Option<&Bookmark>,
    ) -> Result<Option<Batch>, HandsetError>;
    /// Checks a collection again after its last batch. True if records were added or changed since it was listed;
    /// [`Self::next_batch`] then returns them.
    ///
    /// # Errors
    /// If the link is lost, the rescue is stopped, or the collection can no longer be checked.
    fn look_again(&mut self, _: Collection) -> Result<bool, HandsetError> {
        Ok(false)
    }
    /// Complete replies that are not part of any batch yet. They include those of a survey that failed, so that they
    /// need not be requested again.
    fn raw(&mut self) -> Vec<RawReply>;
    /// Sets whether the handset may fail soon. If so, slow requests for few records are left for later.
    fn hurry(&mut self, is_needed: bool);
    /// False if a part of the collection was left for later to save time.
    fn is_through(&self, what: Collection) -> bool;
    /// Copies the bytes of a file from byte `from` on to `sink`, and returns the file as the handset lists it
    /// afterwards (`None` if it is gone). Fails before any byte if the file can't be read from `from` on. Fails with
    /// [`HandsetError::Gap`] at bytes that can't be read; the copy can continue with a `from` after the gap.
    fn fetch(
        &mut self,
        file: &HandsetFile,
        from: u64,
        sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError>;
    /// What was learned about a collection while it was read: rows that could not be decoded, and changes meanwhile.
    /// Called after the last batch; the sentences go into the report.
    fn findings(&mut self, what: Collection) -> Result<Findings, HandsetError>;
    /// Data that the rescue does not have: other data that a reset destroys, and data of the owner that could not be
    /// read.
    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError>;
    /// Takes the oldest requests that are not logged yet, in order: some thousand at a time. Empty if there are no
    /// more.
    fn asked(&mut self) -> Vec<Asked>;
    /// The handset's clock, in seconds since 1970; `None` if it reports none.
    fn clock(&mut self) -> Result<Option<i64>, HandsetError>;
    /// Traces that the rescue leaves on the handset, each a sentence.
    fn traces(&self) -> Vec<String>;
    /// Marks that distinguish it from another handset with the same serial number, as far as known without a request.
    fn marks(&self) -> Marks {
        Marks::default()
    }
    /// Reads contacts again by the IDs of these contacts, which a rescue has read from this handset or another one.
    /// Returns those that still exist; `None` if the handset can't be asked.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn contacts_again(&mut self, _: &[Contact]) -> Result<Option<Vec<Contact>>, HandsetError> {
        Ok(None)
    }
    /// True if the owner's data were encrypted at the last check: nobody has unlocked the handset since it was started.
    fn is_locked(&self) -> bool {
        false
    }
    /// Checks whether the handset is still locked. After it was unlocked, it should be reached anew, since more can be
    /// read.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        Ok(false)
    }
}

impl From<AdbError> for HandsetError {
    fn from(error: AdbError) -> Self {
        let (what, advice) = (error.to_string(), error.advice().to_owned());
        match error {
            AdbError::Stopped => Self::Stopped,
            error if error.is_link_lost() => Self::Lost { what, advice },
            _ => Self::Protocol { what, advice },
        }
    }
}

/// Why a handset could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HandsetError {
    /// The link broke: the handset may be reached again, and the read resumed.
    #[error("{what}")]
    Lost { what: String, advice: String },
    #[error("{what}")]
    Protocol { what: String, advice: String },
    #[error("stopped")]
    Stopped,
    /// The owner's data are encrypted until the handset is unlocked; the read can continue then.
    #[error("the phone is locked: nobody has unlocked it since it was started")]
    Locked { advice: String },
    /// Bytes of a file that can't be read, after those that were returned. The read can continue after them.
    #[error("{length} bytes of it can't be read: {what}")]
    Gap { length: u64, what: String },
    /// The computer's disk has no room for the next part; the rescue can continue when it has.
    #[error("{what}")]
    NoRoom { what: String, advice: String },
}

impl HandsetError {
    /// Returns the error for a reply that is longer than any real one.
    pub fn endless_reply() -> Self {
        Self::Protocol {
            what: "the handset's reply does not end".into(),
            advice: "Restart nothing. Unplug the handset, plug it in again and try once more."
                .into(),
        }
    }

    /// What to do next, in a sentence.
    pub fn advice(&self) -> String {
        match self {
            Self::Lost { advice, .. }
            | Self::Protocol { advice, .. }
            | Self::Locked { advice }
            | Self::NoRoom { advice, .. } => advice.clone(),
            Self::Stopped => "Run the same rescue with --resume to go on where it stopped.".into(),
            Self::Gap { .. } => "Try the card in another reader.".into(),
        }
    }

    /// True if the handset may be reached again and the read resumed.
    pub fn is_link_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}
