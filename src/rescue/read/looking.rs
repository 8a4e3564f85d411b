//! Surveying a collection before it is read: compares the handset's account with the records of earlier parts.

use std::sync::Arc;

use super::SPACE;
use super::{Done, Reader, SPACE_A_ROW};
use crate::collections::lock;
use crate::model::{Batch, Collection, Holding, Past, Remedy};
use crate::phrase;
use crate::rescue::log_header;
use crate::rescue::progress::Progress;
use crate::vault::{CollectionState, VaultError, folder};

impl Reader<'_> {
    /// True if an earlier part read a collection by another approach, whose bookmarks and places of files mean nothing
    /// to this one.
    pub(super) fn is_of_another(&self, what: Collection) -> Result<bool, VaultError> {
        let then = lock(self.vault).state(what)?.holding;
        // A collection that could not be read belongs to no approach.
        let by = then.filter(|then| !then.is_closed()).map(|then| then.by);
        Ok(by.is_some_and(|by| by.is_some() != self.by.is_some()))
    }

    /// Returns the records of a collection from earlier parts of the rescue.
    fn past(&self, what: Collection) -> Result<Past, VaultError> {
        let is_of_another = self.is_of_another(what)?;
        let vault = lock(self.vault);
        if is_of_another {
            return Ok(Past {
                is_resumed: self.goes_on(),
                replies: Arc::clone(&self.replies),
                ..Past::default()
            });
        }
        Ok(Past {
            is_resumed: self.goes_on(),
            bookmark: vault.bookmark(what)?,
            keys: vault.keys(what)?,
            replies: Arc::clone(&self.replies),
        })
    }

    /// Surveys a collection on the handset, once in each part.
    pub(super) fn look(&mut self, what: Collection) -> Done<CollectionState> {
        if let Some((state, _)) = self.looked.get(&what) {
            return Ok(Ok(state.clone()));
        }
        (self.tell)(Progress::Looking(what));
        let past = self.past(what)?;
        let surveyed = self.handset.survey(what, &past);
        self.log_asked()?;
        let holding = match surveyed {
            Ok(mut holding) => {
                holding.by.clone_from(&self.by);
                holding.showed_before = showed_before(&lock(self.vault).state(what)?);
                holding
                    .notes
                    .extend(self.by.iter().map(|by| phrase!("Read by {by}.")));
                holding
            }
            Err(error) => {
                self.keep_raw(what)?;
                return Ok(Err(error));
            }
        };
        let rows = holding.rows.unwrap_or_default();
        let is_new_to_it = self.is_of_another(what)?;
        let mut vault = lock(self.vault);
        folder::check_space(vault.folder(), SPACE + rows.saturating_mul(SPACE_A_ROW))?;
        vault.log(&phrase!(
            "{}: {}, {rows} rows",
            what.name(),
            match holding.handset_says {
                Some(says) => phrase!("the phone lists {says}"),
                None => phrase("the phone does not say how many").into(),
            }
        ))?;
        for change in &holding.changed {
            vault.log(&format!("{}: {change}", what.name()))?;
        }
        let before = vault.state(what)?;
        let is_sealed = holding.remedy == Some(Remedy::Unlock);
        let is_left = !is_sealed && holding.is_closed() && self.covered.contains(&what);
        if is_sealed {
            self.sealed.insert(what);
        }
        if is_left {
            self.left.insert(what);
        }
        if is_sealed || is_left {
            // Keep the findings of earlier parts: the data is only hidden now.
            if before
                .holding
                .as_ref()
                .is_some_and(|then| !then.is_closed())
            {
                drop(vault);
                self.looked.insert(what, (before.clone(), true));
                return Ok(Ok(before));
            }
        }
        // A collection that was not fully read in an earlier part is read again. If more is asked for than then, for
        // example a work profile, the handset lists more.
        let was_whole = is_whole(&before)
            && before
                .holding
                .as_ref()
                .is_some_and(|then| holding.handset_says <= then.handset_says);
        let (holding, is_closed_now) = match before.holding.clone() {
            Some(then) if before.done && was_whole && holding.is_closed() => {
                (still_read(then, &holding), true)
            }
            _ => (holding, false),
        };
        let needs_no_more = before.done
            && was_whole
            && (is_closed_now || (!is_new_to_it && holding.changed.is_empty()));
        let state = CollectionState {
            holding: Some(holding.clone()),
            findings: before.findings.filter(|_| needs_no_more),
            done: needs_no_more,
            safe_after: before.safe_after.filter(|_| needs_no_more),
            ..CollectionState::default()
        };
        vault.set_state(what, &state)?;
        drop(vault);
        self.keep_raw(what)?;
        if !is_left {
            (self.tell)(Progress::Surveyed(what, holding));
        }
        self.looked.insert(what, (state.clone(), needs_no_more));
        Ok(Ok(state))
    }

    /// Logs the requests to the handset.
    pub(super) fn log_asked(&mut self) -> Result<(), VaultError> {
        log_header::log_asked(self.handset, &mut lock(self.vault))
    }

    /// Stores replies that belong to no batch.
    pub(super) fn keep_raw(&mut self, what: Collection) -> Result<(), VaultError> {
        let raw = self.handset.raw();
        if raw.is_empty() {
            return Ok(());
        }
        let batch = Batch {
            raw,
            ..Batch::default()
        };
        lock(self.vault).commit(what, &batch)
    }
}

/// Returns true if an earlier part of the rescue read everything in a collection.
pub(super) fn is_whole(state: &CollectionState) -> bool {
    state.holding.as_ref().is_some_and(|then| !then.is_closed())
        && state
            .findings
            .as_ref()
            .is_some_and(|found| found.missing.is_empty())
}

/// Returns the most that the handset showed of a collection in earlier parts of the rescue, if they did not read it all.
fn showed_before(state: &CollectionState) -> Option<u64> {
    let then = state.holding.as_ref()?;
    let unread = then
        .handset_says
        .filter(|_| !(state.done && is_whole(state)));
    unread.max(then.showed_before)
}

/// Returns the holding of a collection that an earlier part read to its end and that this part can't read, because the
/// approach is another or the handset has locked itself since.
fn still_read(mut then: Holding, now: &Holding) -> Holding {
    let why = now.unreadable.as_ref().or(now.out_of_reach.as_ref());
    let note = phrase!(
        "Everything was read earlier in this rescue. Later changes could not be checked: {}",
        why.map_or("", String::as_str)
    );
    if !then.notes.contains(&note) {
        then.notes.push(note);
    }
    then
}
