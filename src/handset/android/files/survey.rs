//! The files of the storage: listed in one pass, handed over in batches.

use super::{media_store, storage};
use crate::handset::HandsetError;
use crate::handset::android::content::{Refusal, query};
use crate::handset::android::phone::system::System;
use crate::handset::android::session::Session;
use crate::handset::files_only::ListedFiles;
use crate::model::{Batch, Findings, Holding, Past};
use crate::phrase;

/// The error for storage that was visible before and is hidden now. The rescue can resume when it is visible again.
fn hidden() -> HandsetError {
    HandsetError::Lost {
        what: phrase("the phone no longer shows its storage").into(),
        advice: phrase("Unlock the phone and run the same rescue again.").into(),
    }
}

/// The files of the storage that were not handed over yet, and what was found about them.
#[derive(Default)]
pub struct Files {
    files: Option<ListedFiles>,
    /// The files that the media store lists.
    listed: Vec<media_store::Listed>,
    pub findings: Findings,
}

impl Files {
    /// Lists the files of the storage, and compares them with `reply`, the media store's own list.
    pub fn survey(
        &mut self,
        session: &Session,
        reply: &query::Reply,
        past: &Past,
    ) -> Result<Holding, HandsetError> {
        let listed = reply
            .refusal
            .is_none()
            .then(|| media_store::listed(&reply.text));
        let adb = &session.runner.adb;
        let files = match storage::list(adb, listed.as_deref().unwrap_or_default()) {
            Ok(files) => files,
            Err(error @ (HandsetError::Lost { .. } | HandsetError::Stopped)) => return Err(error),
            Err(error) => return Ok(closed_storage(session, reply, listed.as_deref(), &error)),
        };
        // If an earlier part saw files, they are only hidden now: the storage is mounted a moment after the unlock.
        if !files.is_open && past.bookmark.is_some() {
            return Err(hidden());
        }
        let (mut holding, findings) = media_store::survey(adb, &files, listed.as_deref(), past)?;
        if session.system == System::Recovery && holding.unreadable.is_some() {
            holding.unreadable = session.system.why_no_collections().map(str::to_owned);
        }
        self.findings = findings;
        let known = self.files.get_or_insert_default();
        known.forget();
        known.begin();
        files.files.into_iter().for_each(|file| known.add(file));
        known.end();
        self.listed = listed.unwrap_or_default();
        Ok(holding)
    }

    /// Lists the files again; true if some were added or changed.
    pub fn look_again(&mut self, session: &Session) -> Result<bool, HandsetError> {
        let Some(files) = &mut self.files else {
            return Ok(false);
        };
        let storage = storage::list(&session.runner.adb, &self.listed)?;
        if !storage.is_open {
            return Err(hidden());
        }
        let findings = &mut self.findings;
        for why in storage.lacking.sentences() {
            if !findings.missing.contains(&why) {
                findings.missing.push(why);
            }
        }
        files.begin();
        storage.files.into_iter().for_each(|file| files.add(file));
        Ok(files.end())
    }

    /// The next batch of the listed files; `None` if all were handed over.
    pub fn next_batch(&mut self, session: &Session) -> Option<Batch> {
        let batch = self.files.as_mut()?.next_batch()?;
        Some(Batch {
            raw: session.runner.kept.take(),
            ..batch
        })
    }
}

/// The result if no file can be read.
fn closed_storage(
    session: &Session,
    reply: &query::Reply,
    listed: Option<&[media_store::Listed]>,
    error: &HandsetError,
) -> Holding {
    // A failed listing proves nothing: an empty media store does not mean that the phone is empty.
    let (says, why) = match (&reply.refusal, listed) {
        (Some(refusal), _) if !matches!(refusal, Refusal::NoProvider(_)) || session.locked => {
            (None, session.unreadable("pictures", refusal))
        }
        (None, Some(listed)) if !listed.is_empty() => (
            Some(listed.len() as u64),
            phrase!(
                "The phone has {} pictures and videos, but it refused access to its files ({error}). Copy them \
                 by hand before you do anything else: choose “File transfer” on the phone, and copy the folder \
                 DCIM.",
                listed.len()
            ),
        ),
        _ => (
            None,
            phrase!(
                "The phone did not list its storage ({error}). Unlock the phone, leave it on, and run the rescue \
                 again. Or copy its files by hand: choose “File transfer” on the phone."
            ),
        ),
    };
    Holding {
        handset_says: says,
        unreadable: Some(why),
        ..Holding::default()
    }
}
