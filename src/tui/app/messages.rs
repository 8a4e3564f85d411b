//! What the workers tell the screens, and what the screens ask of the workers.

use std::path::PathBuf;

use super::RunId;
use crate::handset::find::{Device, Found, OpenError, Waiting, Wanted};
use crate::model::Identity;
use crate::rescue::look::{Field, Overview};
use crate::rescue::{Outcome, Progress, RescueList};
use crate::tui::screen::look::{Code, Wish};
use crate::tui::screen::password::Password;
use crate::tui::screen::verdict::CopyKind;
use crate::tui::widget::entry::Completed;
use crate::tui::widget::thumbnail::Thumbnail;
use crate::vault::copies::Copies;
use crate::vault::copy::CopyProgress;
use crate::vault::drives::Drive;
use crate::vault::ticks::Tick;

/// Messages from the workers.
#[derive(Debug)]
pub enum Message {
    Found(Found),
    /// The rescues in the folder for rescues.
    RescueList(RescueList),
    /// Free bytes in that folder.
    Free(u64),
    /// A message about one of several rescues.
    Of(RunId, Box<Message>),
    /// A rescue was opened again, or not: the error and advice.
    Reopened(Result<Box<Outcome>, String>),
    /// Whether the practice handset's cable is plugged in.
    Cable(bool),
    Waiting(Waiting),
    /// The password of a backup is needed.
    Password(Password),
    Opened(Identity),
    Progress(Progress),
    CouldNotOpen(OpenError),
    Ended(Box<Outcome>),
    /// The rescue could not continue: the error, and advice.
    Failed {
        what: String,
        advice: String,
    },
    /// The drives that a copy can go to.
    Drives(Vec<Drive>),
    /// A typed folder; `None`: it is not there.
    Weighed {
        typed: String,
        drive: Option<Drive>,
    },
    /// Progress of the sealing of a rescue.
    Sealing(CopyProgress),
    /// Progress of the finishing of a rescue without its phone.
    Finishing(Progress),
    /// It has ended: the result, or the error and advice. `None`: the user stopped it.
    FinishedAsItIs(Result<Box<Outcome>, Option<String>>),
    /// A rescue was sealed: the archive, and why the folder could not be removed; or the error and advice.
    Sealed(Result<(PathBuf, Option<String>), String>),
    /// Progress of the copy.
    Copying(CopyProgress),
    /// The copy has ended: its location and all known copies (none after a plain copy), or the error and advice.
    Copied(Result<(PathBuf, Option<Copies>), String>),
    /// A line was ticked: the result with it, or the error and advice.
    Ticked(Box<Result<Outcome, String>>),
    Overview(Result<Overview, String>),
    Detail {
        key: String,
        fields: Result<Vec<Field>, String>,
    },
    /// What the phone sent about a record.
    Raw {
        key: String,
        raw: Result<String, String>,
    },
    /// A contact as QR codes.
    Qr {
        key: String,
        codes: Result<Vec<Code>, String>,
    },
    /// An export has ended: the new file or folder, or the error and advice.
    Exported(Result<PathBuf, String>),
    /// The desk's program was started for this path, or why not.
    OpenedWith(PathBuf, Result<(), String>),
    /// A typed path and its completion.
    PathCompleted(String, Completed),
    /// The picture in a file.
    Picture {
        key: String,
        picture: Thumbnail,
    },
    /// A worker stopped unexpectedly.
    Broke(String),
}

/// Requests to the workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// Rescue into a new folder, or continue in this folder.
    Rescue(Device, Wanted, Option<PathBuf>),
    /// Continue in this folder, after the owner confirmed that the phone has no contacts and no events.
    ConfirmEmpty(Device, Wanted, PathBuf),
    /// Several tasks.
    Several(Vec<Task>),
    /// List the rescues.
    FindRescues,
    /// Open a rescue that has ended.
    Reopen(PathBuf),
    /// Encrypt a rescue that has ended, and remove its folder.
    Seal(RunId, PathBuf),
    /// Ask another program to stop its rescue in this folder.
    StopOther(PathBuf),
    /// Stop reading, and write files from the data that is safe.
    Stop,
    Look(PathBuf),
    /// A request about the rescue that is looked at.
    Wish(Wish),
    /// Copy a text to the clipboard of the terminal.
    Clipboard(String),
    /// Open a file or folder with the desk's program.
    Open(PathBuf),
    /// Complete a typed path.
    Complete(String),
    /// Make a second copy of a rescue, in a folder that the user chose.
    Copy {
        rescue: PathBuf,
        to: String,
        kind: CopyKind,
    },
    /// Finish a rescue without its phone.
    Finish(PathBuf),
    /// Stop the copy, or the finishing.
    StopCopy,
    /// Look for the drives that a copy of this rescue can go to.
    Drives(PathBuf),
    /// Look at the folder that the user typed.
    Weigh {
        rescue: PathBuf,
        place: String,
    },
    /// Note what was done about a line of what a reset destroys.
    Tick {
        rescue: PathBuf,
        line: String,
        tick: Tick,
    },
    Cable,
    /// Give the terminal back until the shell continues the program.
    Suspend,
}
