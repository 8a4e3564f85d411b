//! The interface between the engine and every handset: the `Handset` trait and its errors.

use std::io::Write;
use std::path::Path;

use crate::model::{
    Advice, Asked, Batch, Bookmark, Collection, Findings, HandsetFile, Health, Holding, Identity,
    Marks, NotCovered, Past, RawReply, RecordBody,
};
use crate::phrase;

/// A handset that has been reached. Every method only reads. The first four are what a driver has to write; the others
/// have defaults that mean "this handset does not have it".
///
/// # How to write a driver
/// A driver turns the replies of one protocol into records. It keeps the open connection, and where each collection
/// stands. The engine calls it from one thread, in this order:
///
/// 1. [`identity`](Self::identity), [`marks`](Self::marks), [`traces`](Self::traces) and [`clock`](Self::clock), at any
///    time.
/// 2. [`collections`](Self::collections), once. Then for each collection that was asked for, in that order, files last:
/// 3. [`health`](Self::health), then [`survey`](Self::survey), once in each part of a rescue.
/// 4. [`next_batch`](Self::next_batch), until it returns `None`, unless the survey says that the collection can't be read.
///    Each batch is on the disk before the next is requested. Of a collection with files, [`fetch`](Self::fetch) follows,
///    once or several times for each file that is not on the disk yet.
/// 5. [`look_again`](Self::look_again). If it is true, step 4 again.
/// 6. [`findings`](Self::findings), once the collection [`is_complete`](Self::is_complete). If not, the collection is read
///    once more from its bookmark, after all others.
/// 7. [`not_covered`](Self::not_covered), after all collections; [`hang_up`](Self::hang_up), if another approach to the
///    same device follows.
///
/// [`asked`](Self::asked) and [`raw`](Self::raw) are called after each of these.
///
/// A read may end at any call: with an error, or because the driver is dropped. Then the driver of the next part gets
/// what the last part has, as [`Past`] and as the bookmark of the last batch, perhaps in another version of Lifeboat.
/// Keys of records must be the same in each part, since a record with a known key replaces the earlier one.
///
/// A wait ends when the [`Stop`](crate::model::Stop) is set with which the handset was opened
/// ([`HandsetError::Stopped`]), and no wait is without a time limit. An error that a new connection would cure is
/// [`HandsetError::Lost`]; the rescue then goes on by itself. A collection that can't be read is not an error: the
/// survey returns a [`Holding`] with the reason.
pub trait Handset: Send {
    /// Make, model, serial, system version, and how it is being read.
    fn identity(&self) -> &Identity;
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
    /// Risks to the copy while the handset is read: battery, charger, lock.
    fn health(&mut self) -> Result<Health, HandsetError> {
        Ok(Health::default())
    }
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
    fn raw(&mut self) -> Vec<RawReply> {
        Vec::new()
    }
    /// Sets whether the handset may fail soon. If so, slow requests for few records are left for later.
    fn set_urgent(&mut self, _is_needed: bool) {}
    /// False if a part of the collection was left for later to save time.
    fn is_complete(&self, _: Collection) -> bool {
        true
    }
    /// Copies the bytes of a file from byte `from` on to `sink`, and returns the file as the handset lists it
    /// afterwards (`None` if it is gone). Fails before any byte if the file can't be read from `from` on. Fails with
    /// [`HandsetError::Gap`] at bytes that can't be read; the copy can continue with a `from` after the gap.
    fn fetch(
        &mut self,
        _file: &HandsetFile,
        _from: u64,
        _sink: &mut dyn Write,
    ) -> Result<Option<HandsetFile>, HandsetError> {
        Ok(None)
    }
    /// What was learned about a collection while it was read: rows that could not be decoded, and changes meanwhile.
    /// Called after the last batch; the sentences go into the report.
    fn findings(&mut self, _: Collection) -> Result<Findings, HandsetError> {
        Ok(Findings::default())
    }
    /// Data that the rescue does not have: other data that a reset destroys, and data of the owner that could not be
    /// read.
    fn not_covered(&mut self) -> Result<Vec<NotCovered>, HandsetError> {
        Ok(Vec::new())
    }
    /// Takes the oldest requests that are not logged yet, in order: some thousand at a time. Empty if there are no
    /// more.
    fn asked(&mut self) -> Vec<Asked> {
        Vec::new()
    }
    /// The handset's clock, in seconds since 1970; `None` if it reports none.
    fn clock(&mut self) -> Result<Option<i64>, HandsetError> {
        Ok(None)
    }
    /// Traces that the rescue leaves on the handset, each a sentence.
    fn traces(&self) -> Vec<String> {
        Vec::new()
    }
    /// The folder on this computer that is read in place of a phone. Nothing is written into it.
    fn folder(&self) -> Option<&Path> {
        None
    }
    /// Marks that distinguish it from another handset with the same serial number, as far as known without a request.
    fn marks(&self) -> Marks {
        Marks::default()
    }
    /// Returns why this is not the handset `known` of an earlier part, although the serial numbers are equal. `None`:
    /// it may be the same handset.
    fn difference_from(&self, _known: &Identity) -> Option<&'static str> {
        None
    }
    /// Reads entries of `what` again by the numbers that the handset gave them ([`Source::row`](crate::model::Source)),
    /// which a rescue has read from this handset or another one. Returns those that still exist; `None` if the handset
    /// can't be asked.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn read_again(
        &mut self,
        _what: Collection,
        _rows: &[i64],
    ) -> Result<Option<Vec<RecordBody>>, HandsetError> {
        Ok(None)
    }
    /// True if the owner's data were encrypted at the last check: nobody has unlocked the handset since it was started.
    fn is_locked(&self) -> bool {
        false
    }
    /// How to unlock a locked handset, as a sentence.
    fn way_to_unlock(&self) -> &'static str {
        phrase("Unlock the phone.")
    }
    /// Checks whether the handset is still locked. After the handset was unlocked, open it again, because more can be
    /// read.
    ///
    /// # Errors
    /// If the link is lost or the rescue is stopped.
    fn look_at_lock(&mut self) -> Result<bool, HandsetError> {
        Ok(false)
    }
    /// Frees the link for another approach to the same device. Nothing is asked of this handset after that.
    fn hang_up(&mut self) {}
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
    #[error("the phone is locked: it has not been unlocked since it was started")]
    Locked { advice: String },
    /// Bytes of a file that can't be read, after those that were returned. The read can continue after them.
    #[error("{length} bytes of the file can't be read: {what}")]
    Gap { length: u64, what: String },
    /// The computer's disk has no room for the next part; the rescue can continue when it has.
    #[error("{what}")]
    NoRoom { what: String, advice: String },
}

impl Advice for HandsetError {
    fn advice(&self) -> String {
        match self {
            Self::Lost { advice, .. }
            | Self::Protocol { advice, .. }
            | Self::Locked { advice }
            | Self::NoRoom { advice, .. } => advice.clone(),
            Self::Stopped => phrase("Continue the rescue.").into(),
            Self::Gap { .. } => phrase("Try the card in another reader.").into(),
        }
    }

    fn may_pass(&self) -> bool {
        match self {
            Self::Lost { .. } => true,
            Self::Protocol { .. }
            | Self::Stopped
            | Self::Locked { .. }
            | Self::Gap { .. }
            | Self::NoRoom { .. } => false,
        }
    }
}

impl HandsetError {
    /// The error while a handset is opened: nothing was read yet, and more than the cable may be the cause.
    pub fn while_opening(self) -> Self {
        match self {
            Self::Lost { what, .. } => Self::Lost {
                what,
                advice: phrase(
                    "Check the cable, and unlock the phone. If this happens again, turn USB debugging off and on again \
                     in Developer options, and plug the phone in again.",
                )
                .into(),
            },
            other => other,
        }
    }

    /// Returns the error for a reply that is longer than any real one.
    pub fn endless_reply() -> Self {
        Self::Protocol {
            what: phrase("the phone's reply does not end").into(),
            advice: phrase(
                "Don't restart anything. Unplug the phone, plug it in again and try once more.",
            )
            .into(),
        }
    }

    /// Returns the error of a protocol; `is_link_lost`: the handset may be reached again.
    pub fn of(error: &dyn Advice, is_link_lost: bool) -> Self {
        let (what, advice) = (error.to_string(), error.advice());
        match is_link_lost {
            true => Self::Lost { what, advice },
            false => Self::Protocol { what, advice },
        }
    }

    /// True if the handset may be reached again and the read resumed.
    pub fn is_link_lost(&self) -> bool {
        matches!(self, Self::Lost { .. })
    }
}
