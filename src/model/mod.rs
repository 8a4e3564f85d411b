//! The content of a handset as plain data: no I/O, no protocol, no file format.
//!
//! All types that the vault stores as JSON implement the `serde` traits.

mod addresses;
mod advice;
mod calendar;
mod call;
mod case;
mod collection;
mod contact;
mod file;
mod handset;
mod headline;
mod message;
mod note;
pub mod other_backups;
mod outcome;
mod record;
mod reset;
mod size;
mod stop;
mod todo;
pub mod uid;
mod verdict;

pub use addresses::without_addresses;
pub use advice::Advice;
pub use calendar::{
    Access, Again, Attendee, AttendeeRole, AttendeeStatus, Availability, Calendar, Event,
    EventStatus, ExtendedProperty, Moment, Reminder, ReminderMethod, Trigger,
};
pub use call::{Call, CallKind, Presentation};
pub use case::{Case, Condition, Conditions};
pub use collection::{Collection, by_reason, titles};
pub use contact::{
    Attached, Contact, ContactDate, CustomRow, DateKind, Email, Identity as ContactIdentity,
    InstantMessenger, Label, MessengerService, Nickname, Organization, PersonName, Phone, Picture,
    PostalAddress, Relation, SipAddress, UnmappedColumn, Website,
};
pub use file::{
    FileCopy, FileKind, FileOrder, FileRank, HandsetFile, HandsetPath, InLibrary, Unread,
};
pub use handset::{Account, Asked, Charger, Health, Identity, Marks, Origin, Source, called};
pub use headline::{NotCovered, Standing, Weight};
pub use message::{
    DELETED, FoundPart, Message, MessageFolder, MessageKind, MessagePart, PartFile, Party,
    PartyRole, UNSENT,
};
pub use note::Note;
pub use outcome::{CollectionOutcome, FromFiles};
pub use record::{
    Batch, Bookmark, Findings, Past, RawReply, Record, RecordBody, RecordKind, Replies,
};
pub use reset::{LineState, ResetKind, ResetLine, ResetPart, Ticked, open_lines};
pub use size::{counted, grouped, size};
pub use stop::Stop;
pub use todo::Todo;
pub use verdict::{Holding, Remedy, Verdict};
