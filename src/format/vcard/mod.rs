//! vCard 3.0 (RFC 2426) and 4.0 (RFC 6350).
//!
//! [`v3`] writes the file that nearly every program imports; [`v4`] writes the file for archives. Both use the same
//! walk over the contact, so they hold the same data. [`read`] checks the written files. [`contact`] reads contacts
//! from cards of any version, as phones and programs really wrote them.
//!
//! Values for which neither version has a property are kept exactly in `X-LIFEBOAT-…` properties. A property that
//! belongs to another one shares its group (`item3.TEL`, `item3.X-LIFEBOAT-E164`):
//!
//! | property | holds |
//! | --- | --- |
//! | `X-LIFEBOAT-SHOWN-AS` | the display form of the structured name, if FN differs |
//! | `X-LIFEBOAT-PREFIX`, `-GIVEN-NAME`, `-MIDDLE-NAME`, `-FAMILY-NAME`, `-SUFFIX`, `-PHONETIC-…-NAME` | a further name, from a joined raw contact; each name has its own group |
//! | `X-LIFEBOAT-EMPTY` | the name of a property that has a label but no value |
//! | `X-LIFEBOAT-TEL` | a number with pauses, backslashes or `tel:`, which some importers remove |
//! | `X-LIFEBOAT-E164` | a number in the international form given by the handset |
//! | `X-LIFEBOAT-EMAIL-NAME` | the name that belongs to an e-mail address |
//! | `X-LIFEBOAT-TYPE` | a type number that is not in the handset's definition |
//! | `X-LIFEBOAT-STOCK-SYMBOL`, `-PHONETIC-COMPANY`, `-OFFICE` | further data for the ORG of the group |
//! | `X-LIFEBOAT-IM`, `X-LIFEBOAT-IM-SERVICE` | the handle of a messenger, and the name of the messenger |
//! | `X-LIFEBOAT-IDENTITY`, `X-LIFEBOAT-NAMESPACE` | an identity in another system |
//! | `X-LIFEBOAT-DATA1` to `-DATA15` | a column of the group's X-ANDROID-CUSTOM, exact (`X-LIFEBOAT-DATA:number;text` for another number) |
//! | `X-LIFEBOAT-ROW` | the mimetype of a row that must not reach Android's importer |
//! | `X-LIFEBOAT-BLOBS` | columns of the group's row with bytes that the handset did not print |
//! | `X-LIFEBOAT-UNMAPPED`, `-COLUMN`, `-MIMETYPE` | a value without a meaning in the handset's definition |
//! | `X-LIFEBOAT-STARRED`, `X-LIFEBOAT-VOICEMAIL` | `1` |
//! | `X-LIFEBOAT-RINGTONE` | the URI of the custom ringtone |
//! | `X-LIFEBOAT-SOURCE` | a raw contact: origin; place; account; kind; data set; row; server's identifier; flags |
//!
//! In 4.0 also: `X-LIFEBOAT-EMAIL`, `-URL`, `-BDAY`, `-ANNIVERSARY`, `-IMPP`, `-LABEL`, for texts that the types of
//! 4.0 refuse or that readers misinterpret.

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
