//! The files of the storage: listed in one pass, handed over in batches.

use super::{media_store, storage};
use crate::handset::android::content::query;
use crate::handset::android::content::refusal::Refusal;
use crate::handset::android::driver::Android;
use crate::handset::android::phone::system::System;
use crate::handset::{Handset, HandsetError};
use crate::model::{Batch, Collection, Holding, Past};

/// The error for storage that was visible before and is hidden now. The rescue can resume when it is visible again.
fn hidden() -> HandsetError {
    HandsetError::Lost {
        what: "the phone no longer shows its storage".into(),
        advice: "Unlock it, and run the same rescue once more.".into(),
    }
}

impl Android {
    /// Lists the files of the storage, and compares them with the media store's own list.
    pub(in crate::handset::android) fn survey_photos(
        &mut self,
        past: &Past,
    ) -> Result<Holding, HandsetError> {
        let reply = self
            .replies(Collection::Photos, vec![media_store::query()])?
            .pop()
            .unwrap_or_default();
        let listed = reply
            .refusal
            .is_none()
            .then(|| media_store::listed(&reply.text));
        let adb = &self.session.runner.adb;
        let files = match storage::list(adb, listed.as_deref().unwrap_or_default()) {
            Ok(files) => files,
            Err(error @ (HandsetError::Lost { .. } | HandsetError::Stopped)) => return Err(error),
            Err(error) => return Ok(self.closed_storage(&reply, listed.as_deref(), &error)),
        };
        // If an earlier part saw files, they are only hidden now: the storage is mounted a moment after the unlock.
        if !files.is_open && past.bookmark.is_some() {
            return Err(hidden());
        }
        let (mut holding, findings) = media_store::survey(adb, &files, listed.as_deref(), past)?;
        if self.session.system == System::Recovery && holding.unreadable.is_some() {
            holding.unreadable = self.session.system.gives_none().map(str::to_owned);
        }
        self.findings.insert(Collection::Photos, findings);
        let known = self.files.get_or_insert_default();
        known.forget();
        known.begin();
        files.files.into_iter().for_each(|file| known.add(file));
        known.end();
        self.listed = listed.unwrap_or_default();
        Ok(holding)
    }

    /// Lists the files again; true if some were added or changed.
    pub(in crate::handset::android) fn look_for_files(&mut self) -> Result<bool, HandsetError> {
        let Some(files) = &mut self.files else {
            return Ok(false);
        };
        let storage = storage::list(&self.session.runner.adb, &self.listed)?;
        if !storage.is_open {
            return Err(hidden());
        }
        let findings = self.findings.entry(Collection::Photos).or_default();
        for why in storage.lacking.sentences() {
            if !findings.missing.contains(&why) {
                findings.missing.push(why);
            }
        }
        files.begin();
        storage.files.into_iter().for_each(|file| files.add(file));
        Ok(files.end())
    }

    /// The result if no file can be read.
    fn closed_storage(
        &self,
        reply: &query::Reply,
        listed: Option<&[media_store::Listed]>,
        error: &HandsetError,
    ) -> Holding {
        // A failed listing proves nothing: an empty media store does not mean that the phone is empty.
        let (says, why) = match (&reply.refusal, listed) {
            (Some(refusal), _)
                if !matches!(refusal, Refusal::NoProvider(_)) || self.session.locked =>
            {
                (None, self.session.unreadable("pictures", refusal))
            }
            (None, Some(listed)) if !listed.is_empty() => (
                Some(listed.len() as u64),
                format!(
                    "{} pictures and videos are on the handset, and it gives no files ({error}). Copy them by hand \
                     (plugged in as “File transfer”, folder DCIM) before anything else.",
                    listed.len()
                ),
            ),
            _ => (
                None,
                format!(
                    "The handset did not list its storage ({error}). Unlock it, leave it on, and run the rescue again; or \
                     copy its files by hand (plugged in as “File transfer”)."
                ),
            ),
        };
        Holding {
            handset_says: says,
            unreadable: Some(why),
            ..Holding::default()
        }
    }

    /// The next batch of the listed files; `None` if all were handed over.
    pub(in crate::handset::android) fn next_files(&mut self) -> Option<Batch> {
        let batch = self.files.as_mut()?.next_batch()?;
        Some(Batch {
            raw: self.raw(),
            ..batch
        })
    }
}
