//! Finds what the folders of a storage don't show: objects outside all folders, and folders that are reported as files.

use std::collections::{HashSet, VecDeque};

use super::{Folder, Storage, Walk, is_fatal};
use crate::handset::HandsetError;
use crate::handset::media_device::name_of;
use crate::handset::owner_files::{MAX_NAMES, below};
use crate::model::HandsetPath;
use crate::phrase;

/// Up to this number, objects that no listed folder contains are queried one by one. If there are more, the objects in
/// folders that are skipped on purpose are left out first.
const FEW: usize = 200;
/// Maximum number of objects that are queried after that.
const MOST_MORE: usize = 5_000;

impl Walk<'_> {
    /// Compares the list with the handles of the whole storage, and queries each object that no listed folder contains.
    /// Some Androids have reported folders as files, and nothing below these was found.
    pub(super) fn look_for_more(
        &mut self,
        storage: &Storage,
        root: &Folder,
    ) -> Result<(), HandsetError> {
        let Some(all) = self.device.mtp.all_handles(storage.id)? else {
            return Ok(());
        };
        let mut more: Vec<u32> = all.into_iter().filter(|h| !self.seen.contains(h)).collect();
        let mut is_all = true;
        if more.len() > FEW {
            let hidden;
            (hidden, is_all) = self.hidden(storage)?;
            more.retain(|handle| !hidden.contains(handle));
        }
        let rest = more.len().saturating_sub(MOST_MORE);
        more.truncate(MOST_MORE);
        if rest > 0 && is_all {
            let why = phrase!("{rest} objects of this storage are not in any listed folder");
            self.lack(storage, &HandsetPath::default(), &why);
        }
        let mut objects = Vec::new();
        for handle in more {
            let info = self.info(storage, &root.place, handle)?;
            // Some devices return the objects of all storages.
            let info = info.filter(|info| info.storage == storage.id);
            objects.extend(info.map(|info| (handle, info)));
        }
        self.shows_anything |= !objects.is_empty();
        self.place(storage, root, objects)?;
        self.walk(storage)
    }

    /// Returns the handles of the objects in folders that are skipped on purpose, and whether the set is complete.
    pub(super) fn hidden(
        &mut self,
        storage: &Storage,
    ) -> Result<(HashSet<u32>, bool), HandsetError> {
        let closed = self.folders.values().filter(|folder| folder.is_closed);
        let mut waiting: VecDeque<u32> = closed.map(|folder| folder.handle).collect();
        let mut hidden: HashSet<u32> = HashSet::new();
        let mut looked: HashSet<u32> = HashSet::new();
        let mut is_all = true;
        while let Some(folder) = waiting.pop_front() {
            if !looked.insert(folder) || looked.len() > MAX_NAMES {
                continue;
            }
            match self.device.mtp.handles(storage.id, folder) {
                Ok(handles) => hidden.extend(handles),
                Err(error) if is_fatal(&error) => return Err(error.into()),
                Err(_) => is_all = false,
            }
            let folders = self.device.mtp.folders(storage.id, folder)?;
            is_all &= folders.is_some();
            waiting.extend(folders.unwrap_or_default());
        }
        Ok((hidden, is_all))
    }

    /// True if an object that is reported as a file contains an object that names it as its parent.
    pub(super) fn is_folder(
        &mut self,
        storage: &Storage,
        handle: u32,
    ) -> Result<bool, HandsetError> {
        let inside = match self.device.mtp.handles(storage.id, handle) {
            Ok(inside) => inside,
            Err(error) if is_fatal(&error) => return Err(error.into()),
            Err(_) => return Ok(false),
        };
        let Some(first) = inside.first() else {
            return Ok(false);
        };
        match self.device.mtp.object(*first) {
            Ok(info) => Ok(info.parent == handle),
            Err(error) if is_fatal(&error) => Err(error.into()),
            Err(_) => Ok(false),
        }
    }

    /// Turns an object that was taken for a file into a folder, because another object names it as its parent.
    pub(super) fn turn_into_folder(
        &mut self,
        storage: &Storage,
        handle: u32,
    ) -> Result<(), HandsetError> {
        if !self.seen.contains(&handle) || self.folders.contains_key(&handle) {
            return Ok(());
        }
        let info = match self.device.mtp.object(handle) {
            Ok(info) => info,
            Err(error) if is_fatal(&error) => return Err(error.into()),
            Err(_) => return Ok(()),
        };
        let above = self.folders.get(&info.parent).cloned();
        let above = above.unwrap_or_else(Folder::root);
        let place = below(&above.place, &name_of(&info));
        self.folder(storage, &above, handle, place);
        Ok(())
    }
}
