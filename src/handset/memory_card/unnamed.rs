//! Compares what a volume's allocation table marks as in use with what its folders name. Finds folders that lost their
//! ends, folders that nothing names any more, and files without a length.

use super::MemoryCard;
use super::listing::{Seen, Waiting, Walk, plain};
use crate::format::disk::{Claim, Claims, Entry, Place, Volume};
use crate::handset::HandsetError;
use crate::handset::owner_files::below;
use crate::model::HandsetPath;
use crate::phrase;

/// Maximum number of places without a name whose first bytes are examined.
const MOST_LOST: usize = 10_000;

impl MemoryCard {
    /// Compares what the folders of a volume name with what its allocation table marks as in use.
    pub(super) fn hold_against_table(
        &mut self,
        number: usize,
        seen: &mut Seen,
        walk: &mut Walk,
    ) -> Result<(), HandsetError> {
        let Some(volume) = self.volumes.get_mut(number) else {
            return Ok(());
        };
        let bits = volume.bits(&mut self.disk, walk.bitmap.take())?;
        let mut claims = volume.claims(&self.disk);
        let mut unnamed = Vec::new();
        if let Some(claims) = &mut claims {
            volume.claim(&mut self.disk, volume.root(), claims)?;
            self.claim_named(number, claims, walk)?;
            unnamed = self.unnamed(number, claims, &bits)?;
            if !unnamed.is_empty() && self.look_into_lost(number, &unnamed, seen, walk)? {
                self.claim_named(number, claims, walk)?;
            }
        }
        for (folder, entry) in std::mem::take(&mut walk.without_length) {
            self.without_length(number, &folder, entry, claims.as_mut(), &bits, walk)?;
        }
        if let (Some(claims), false) = (&claims, unnamed.is_empty()) {
            unnamed = self.unnamed(number, claims, &bits)?;
        }
        let doubtful = std::mem::take(&mut walk.doubtful);
        let cluster = self.volumes.get(number).map_or(0, Volume::cluster);
        let bytes = unnamed.len() as u64 * cluster;
        if bytes == 0 {
            return Ok(());
        }
        let what = phrase!(
            "{bytes} bytes of the card are in use, but they don't belong to any folder or file"
        );
        if !walk.listing.lacking.sentences().is_empty() {
            let note = phrase!("{what}. They include the data lost from the damaged folders.");
            walk.listing.notes.push(note);
            return Ok(());
        }
        // A folder that was erased from some sector on seems to end there.
        for folder in &doubtful {
            let why = phrase!("the end of the folder may be lost: {what}");
            walk.listing.lacking.add(folder, &why);
        }
        if doubtful.is_empty() {
            walk.listing.notes.push(phrase!(
                "{what}. Usually they are data that a phone or camera did not finish writing. A program that \
                 recovers deleted photos may find more."
            ));
        }
        Ok(())
    }

    fn unnamed(
        &mut self,
        number: usize,
        claims: &Claims,
        bits: &[u8],
    ) -> Result<Vec<u32>, HandsetError> {
        match self.volumes.get_mut(number) {
            Some(volume) => Ok(volume.unnamed(&mut self.disk, claims, bits)?),
            None => Ok(Vec::new()),
        }
    }

    /// Claims the clusters of everything that was named so far.
    fn claim_named(
        &mut self,
        number: usize,
        claims: &mut Claims,
        walk: &mut Walk,
    ) -> Result<(), HandsetError> {
        let Some(volume) = self.volumes.get_mut(number) else {
            return Ok(());
        };
        let (mut roomy, mut more) = (0u64, 0u64);
        for (place, file) in std::mem::take(&mut walk.named) {
            let claim = volume.claim(&mut self.disk, place, claims)?;
            let Some((path, size)) = file else { continue };
            if claim.is_free && claim.length >= size {
                self.doubts
                    .add(&path, phrase("the card's table marks its place as free"));
            }
            let unused = claim.length.saturating_sub(size);
            if unused >= volume.cluster() {
                (roomy, more) = (roomy + 1, more.saturating_add(unused));
            }
        }
        if roomy > 0 {
            walk.listing.notes.push(phrase!(
                "{roomy} files occupy {more} bytes more on the card than their length, because recorders reserve \
                 space. The extra space was not copied."
            ));
        }
        Ok(())
    }

    /// Lists folders that nothing names any more, because their parent folder was lost. True if there are any.
    fn look_into_lost(
        &mut self,
        number: usize,
        unnamed: &[u32],
        seen: &mut Seen,
        walk: &mut Walk,
    ) -> Result<bool, HandsetError> {
        let Some(volume) = self.volumes.get_mut(number) else {
            return Ok(false);
        };
        let (lost, more) = volume.lost_folders(&mut self.disk, unnamed, MOST_LOST)?;
        if more > 0 {
            let path = HandsetPath(b"Data that belongs to no folder".to_vec());
            let why = phrase!("there are {more} places more than Lifeboat checks");
            walk.listing.lacking.add(&path, &why);
        }
        let mut count = 0;
        for place in lost {
            let volume = self.volumes.get(number);
            if volume.is_some_and(|volume| volume.was_looked_at(place)) {
                continue;
            }
            count += 1;
            // In a row of clusters, only the first cluster is known to be the folder's.
            let cluster = volume.map_or(0, Volume::cluster);
            let own = match place {
                Place::Row(first, _) => Place::Row(first, cluster),
                place => place,
            };
            walk.named.push((own, None));
            let name = HandsetPath(phrase!("lost folder {count}").into_bytes());
            let path = walk.free_path(name);
            self.doubts.add(
                &path,
                phrase("no folder lists it. Its contents were read anyway"),
            );
            let folder = Waiting {
                path,
                place,
                depth: 0,
            };
            self.look_into_all(number, vec![folder], seen, walk)?;
        }
        Ok(count > 0)
    }

    /// Adds a file whose folder gives a place but no length: the device did not finish writing it. All of its clusters
    /// that no other file has are taken for its content.
    fn without_length(
        &mut self,
        number: usize,
        folder: &HandsetPath,
        mut entry: Entry,
        claims: Option<&mut Claims>,
        bits: &[u8],
        walk: &mut Walk,
    ) -> Result<(), HandsetError> {
        let Some(volume) = self.volumes.get_mut(number) else {
            return Ok(());
        };
        let is_known =
            claims.is_some() && !(bits.is_empty() && matches!(entry.place, Place::Row(..)));
        let claim = match (claims, entry.place) {
            (Some(claims), Place::Row(first, _)) => volume.claim_in_use(first, bits, claims),
            (Some(claims), place) => volume.claim(&mut self.disk, place, claims)?,
            (None, _) => Claim::default(),
        };
        let length = if claim.is_free { 0 } else { claim.length };
        (entry.size, entry.written) = (length, length);
        entry.place = match entry.place {
            Place::Chain(first, _) if length > 0 => Place::Chain(first, Some(length)),
            Place::Row(first, _) if length > 0 => Place::Row(first, length),
            _ => Place::Nowhere,
        };
        let path = below(folder, &plain(&entry.name));
        let Some(nature) = self.nature(number, &path, &entry, walk)? else {
            return Ok(());
        };
        let path = walk.free_path(path);
        if entry.size > 0 {
            let why = phrase!(
                "its folder gives no length. The copy has all {} bytes that the card reserves for the file; the \
                 last of these may not belong to it",
                entry.size
            );
            self.doubts.add(&path, &why);
        } else if !is_known {
            self.doubts.add(
                &path,
                phrase("its folder gives no length, and nothing shows which data belongs to it"),
            );
        }
        self.note(number, path, &entry, nature, walk);
        Ok(())
    }
}
