//! The phone's own lists of its photos and recordings: names, dates, and what is not on the phone itself.

mod memos;
mod photos;

use std::sync::Arc;

use super::Source;
use super::room::{self, Found};
use crate::handset::HandsetError;
use crate::model::InLibrary;

/// A photo, film or recording in one of the lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::handset::iphone) struct Medium {
    /// Where its file may be: domain and path. Empty: it has never had one on this phone.
    pub places: Vec<(&'static str, String)>,
    pub about: InLibrary,
    /// The owner deleted it within the last weeks.
    pub trashed: bool,
    pub belongs: Belongs,
}

/// Why a medium is in the list: it tells where it is if its file is not on the phone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::handset::iphone) enum Belongs {
    /// A photo or film of the owner.
    #[default]
    Own,
    /// A recording of the owner.
    Recording,
    /// It is in an album that somebody shares over iCloud.
    SharedAlbum,
    /// It came over “My Photo Stream”, from the device that took it.
    Stream,
    /// Somebody sent it in a message, and the owner has not saved it.
    Sent,
    /// A computer put it on the phone, and has it.
    Computer,
}

/// What was learned while the lists were read.
#[derive(Debug, Default)]
pub(in crate::handset::iphone) struct Lists {
    /// True if the list of photos was read to its end.
    pub has_photos: bool,
    /// What could not be read, each a sentence.
    pub unread: Vec<String>,
}

/// Calls `each` with every medium in the phone's lists.
///
/// # Errors
/// If the link is lost, the rescue is stopped, or the disk is full.
pub(in crate::handset::iphone) fn each(
    source: &Arc<dyn Source>,
    each: &mut dyn FnMut(Medium),
) -> Result<Lists, HandsetError> {
    let mut lists = Lists::default();
    photos::each(source, &mut lists, each)?;
    memos::each(source, &mut lists, each)?;
    Ok(lists)
}

/// Opens a list; `None`: there is none, or it can't be read, which is noted.
fn open(
    source: &Arc<dyn Source>,
    domain: &str,
    path: &str,
    lists: &mut Lists,
) -> Result<Option<super::Database>, HandsetError> {
    Ok(match room::find(source, domain, path)? {
        Found::Open(database) => Some(*database),
        Found::NotListed => None,
        Found::Closed(why) => {
            lists.unread.push(why);
            None
        }
    })
}
