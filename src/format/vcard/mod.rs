//! vCard 3.0 (RFC 2426) and 4.0 (RFC 6350).
//!
//! [`v3`] writes the file that nearly every program imports; [`v4`] writes the file for archives. Both use the same
//! walk over the contact, so they hold the same data. [`read`] checks the written files. [`contact`] reads contacts
//! from cards of any version, as phones and programs really wrote them.
//!
//! What neither version has a property for goes into one line at the end of the card, `X-LIFEBOAT-DATA`, see
//! `format::versit::exact`. It has, for example:
//!
//! - the raw contacts that the card was joined from, and further names of them
//! - rows of other apps that must not reach Android's importer, and values without a meaning in the handset's
//!   definition
//! - the number in the international form given by the handset, stars, ringtones
//! - type numbers that are not in the handset's definition, and entries that have a label but no value
//! - in 4.0, texts that its types refuse or that readers misinterpret
//!
//! Only pictures after the first have lines of their own, `X-LIFEBOAT-PHOTO`.

pub mod contact;
mod dates;
mod labels;
mod name;
mod photo;
pub mod read;
mod text;
pub mod v3;
pub mod v4;
mod walk;

pub(crate) use dates::is_date;
pub(crate) use labels::words;
pub use name::formatted_name;
pub use photo::Photo;
pub use text::scrubbed;
pub(crate) use text::with_lf;
