//! The events that a running rescue reports, to the screens and to the plain commands.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::window::Window;
use crate::model::{Collection, Health, Holding};

/// Events reported during a rescue.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// The rescue folder has been created or opened.
    Folder(PathBuf),
    /// The view into the rescue while it runs, for viewers of the same program.
    #[serde(skip)]
    Window(Window),
    Health(Health),
    /// Collections that the handset may have.
    Offered(Vec<Collection>),
    /// A collection is being surveyed.
    Looking(Collection),
    /// Everything listed is safe; additions and changes made meanwhile are being looked for.
    LookingAgain(Collection),
    /// The handset's own account of the collection.
    Surveyed(Collection, Holding),
    /// Data that is safe on the disk: the number of the handset's rows and their total, and the number of things as a
    /// person counts them.
    Safe {
        what: Collection,
        rows: u64,
        of: Option<u64>,
        things: u64,
    },
    /// Progress of the copying of files, in bytes: `bytes` were checked or received, `safe` are in whole files on the
    /// disk.
    Copied {
        what: Collection,
        bytes: u64,
        safe: u64,
        of_bytes: u64,
    },
    /// The name of the record or file that is being read, as a person knows it.
    Current {
        what: Collection,
        name: String,
    },
    /// The collection has been read to its end.
    Read(Collection),
    /// The portable files are being written.
    Writing,
    /// Progress of the writing.
    Written {
        records: u64,
        of: u64,
    },
    /// How many of the written cards were read back.
    ReadBack {
        cards: u64,
        of: u64,
    },
    /// The files are being read back and sealed.
    Sealing,
    /// Progress of reading back and sealing, reported if there is a lot of data, in bytes.
    Checked {
        bytes: u64,
        of_bytes: u64,
    },
    /// A sentence for the user.
    Advice(String),
    /// The link is lost; meanwhile, the data that is safe so far is being written.
    Lost,
    /// The handset is locked; meanwhile, the data that is safe so far is being written. The sentence asks to unlock the
    /// handset and says what is saved so far.
    Locked(String),
    /// The handset was lost and is connected again, but can't be read yet: the next step for the user.
    Needs(String),
    /// The handset is back, and the rescue continues.
    Back,
}

/// Why a part of a rescue ended early and the rescue can continue without a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// The link is lost.
    Lost,
    /// The handset is locked.
    Locked,
}
