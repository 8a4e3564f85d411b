//! What a rescue is asked to do.

use std::path::PathBuf;

use chrono::NaiveDate;

use crate::model::{Case, Collection};
use crate::vault::Desk;

/// The destination of the rescue.
#[derive(Debug, Clone)]
pub enum Target {
    /// The folder in which a new rescue folder is created.
    New(PathBuf),
    /// The folder of the unfinished rescue to resume.
    Resume(PathBuf),
}

/// Parameters of a rescue.
#[derive(Debug, Clone)]
pub struct Request {
    pub target: Target,
    /// The collections to rescue; empty: all.
    pub only: Vec<Collection>,
    /// The way to reach the handset again, in the command line's syntax.
    pub reach: String,
    /// Today's date in the user's time zone.
    pub today: NaiveDate,
    /// The operator and the ticket. Empty values keep the values of an earlier part of the rescue.
    pub desk: Desk,
    pub confirmed: Confirmed,
    /// What people say about the phone. What is left out keeps the value of an earlier part.
    pub case: Case,
}

/// Confirmations by people, for the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confirmed {
    /// Who agreed that a work profile is read.
    pub work_profile_by: Option<String>,
    /// The owner says that the phone holds neither contacts nor events.
    pub is_empty: bool,
}
