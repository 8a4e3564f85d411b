//! vCard 3.0 (RFC 2426) and 4.0 (RFC 6350).
//!
//! [`v3`] is the file that nearly every program imports, [`v4`] the one for archives. Both are
//! written from one walk over the contact, so they hold the same; [`read`] checks what they wrote. [`contact`] makes
//! contacts of cards of any version, as phones and programs really wrote them.
//!
//! What neither version has a property for is kept, exact, in `X-LIFEBOAT-…` properties. One that
//! belongs to another property shares its group (`item3.TEL`, `item3.X-LIFEBOAT-E164`):
//!
//! | property | holds |
//! | --- | --- |
//! | `X-LIFEBOAT-SHOWN-AS` | the name as its structured form shows it, where FN differs |
//! | `X-LIFEBOAT-PREFIX`, `-GIVEN-NAME`, `-MIDDLE-NAME`, `-FAMILY-NAME`, `-SUFFIX`, `-PHONETIC-…-NAME` | a further name, of a joined raw contact: one group a name |
//! | `X-LIFEBOAT-EMPTY` | the name of a property that has a label but no value |
//! | `X-LIFEBOAT-TEL` | a number whose pauses, backslashes or `tel:` some importers take out |
//! | `X-LIFEBOAT-E164` | a number in the handset's own international form |
//! | `X-LIFEBOAT-EMAIL-NAME` | the name that belongs to an e-mail address |
//! | `X-LIFEBOAT-TYPE` | a type number that the handset's definition doesn't know |
//! | `X-LIFEBOAT-STOCK-SYMBOL`, `-PHONETIC-COMPANY`, `-OFFICE` | more of the group's ORG |
//! | `X-LIFEBOAT-IM`, `X-LIFEBOAT-IM-SERVICE` | a messenger's handle, and the messenger |
//! | `X-LIFEBOAT-IDENTITY`, `X-LIFEBOAT-NAMESPACE` | an identity in another system |
//! | `X-LIFEBOAT-DATA1` to `-DATA15` | a column of the group's X-ANDROID-CUSTOM, exact (`X-LIFEBOAT-DATA:number;text` for another number) |
//! | `X-LIFEBOAT-ROW` | the mimetype of a row that Android's importer must not be handed |
//! | `X-LIFEBOAT-BLOBS` | columns of the group's row with bytes that the handset didn't print |
//! | `X-LIFEBOAT-UNMAPPED`, `-COLUMN`, `-MIMETYPE` | a value that the handset's definition has no meaning for |
//! | `X-LIFEBOAT-STARRED`, `X-LIFEBOAT-VOICEMAIL` | `1` |
//! | `X-LIFEBOAT-RINGTONE` | the custom ringtone's address |
//! | `X-LIFEBOAT-SOURCE` | a raw contact: origin; place; account; kind; data set; row; server's id; flags |
//!
//! In 4.0 also: `X-LIFEBOAT-EMAIL`, `-URL`, `-BDAY`, `-ANNIVERSARY`, `-IMPP`, `-LABEL`: texts that its types refuse or its readers mistake.

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
