//! Pictures and other attachments of contacts, from the copies of exported files, or from the phone's replies.

use std::collections::HashMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Mutex;

use crate::collections::lock;
use crate::format::found::{self, MAX_FILE};
use crate::format::vcard::Photo;
use crate::format::vcard::contact::Attachment;
use crate::model::{Collection, Contact, Picture};
use crate::system::plain;
use crate::vault::{Vault, VaultError, sha256_hex};

/// The largest picture that is read from a reply, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// The phone's replies that are pictures of contacts, by request.
pub struct Replies(HashMap<String, i64>);

impl Replies {
    /// Lists the replies to the requests that contacts name.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub fn list(vault: &Mutex<Vault>) -> Result<Self, VaultError> {
        let numbers = lock(vault).reply_numbers(Collection::Contacts, |_| true)?;
        Ok(Self(numbers))
    }

    /// Returns a contact's picture; `None`: no reply is its picture.
    ///
    /// # Errors
    /// If the journal can't be read.
    pub fn photo(
        &self,
        vault: &Mutex<Vault>,
        contact: &Contact,
    ) -> Result<Option<Photo>, VaultError> {
        let Some(picture) = &contact.picture else {
            return Ok(None);
        };
        let number = picture.reply.as_ref().and_then(|reply| self.0.get(reply));
        let Some(number) = number else {
            return Ok(None);
        };
        let bytes = lock(vault).reply(Collection::Contacts, *number, MOST_BYTES)?;
        let bytes = bytes.filter(|bytes| sha256_hex(bytes) == picture.sha256);
        Ok(bytes.and_then(|bytes| Photo::of(&bytes)))
    }
}

/// Reads a contact's picture and its other attachments from the copies of the files that hold them. Only one contact's
/// attachments are in memory at a time. Attachments that have changed or can't be read are left out; `None`: there are
/// none.
pub fn photo(data: &Path, contact: &Contact) -> Option<Photo> {
    let mut photo: Option<Photo> = None;
    let mut card: Option<(&Picture, Vec<Attachment>)> = None;
    let attached = contact
        .attached
        .iter()
        .map(|each| (&each.stands, Some(each)));
    for (stands, attached) in contact.picture.iter().map(|p| (p, None)).chain(attached) {
        let same = |known: &&Picture| {
            (&known.place, known.offset, known.length)
                == (&stands.place, stands.offset, stands.length)
        };
        if !card.as_ref().is_some_and(|(known, _)| same(known)) {
            card = attachments(data, stands).map(|attachments| (stands, attachments));
        }
        let all = card.iter().flat_map(|(_, attachments)| attachments);
        let mut all = all.map(|attachment| attachment.bytes.as_slice());
        let bytes = all.find(|bytes| sha256_hex(bytes) == stands.sha256);
        let part = bytes.and_then(|bytes| match attached {
            None => Photo::of(bytes),
            Some(attached) => Photo::attached(&attached.property, &attached.media, bytes),
        });
        match (&mut photo, part) {
            (Some(photo), Some(part)) => photo.join(part),
            (photo, Some(part)) => *photo = Some(part),
            (_, None) => {}
        }
    }
    photo
}

/// Returns the attachments of one card.
fn attachments(data: &Path, stands: &Picture) -> Option<Vec<Attachment>> {
    let length = usize::try_from(stands.length).ok()?;
    if length > MAX_FILE || stands.reply.is_some() {
        return None;
    }
    let mut file = plain::open_in(data, Path::new(&stands.place)).ok()?;
    file.seek(SeekFrom::Start(stands.offset)).ok()?;
    let mut card = vec![0; length];
    file.read_exact(&mut card).ok()?;
    let found = found::read("card.vcf", &card);
    Some(
        found
            .contacts
            .into_iter()
            .flat_map(|c| c.attachments)
            .collect(),
    )
}
