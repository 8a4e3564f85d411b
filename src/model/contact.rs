//! Contacts with all their entries.

use serde::{Deserialize, Serialize};

use super::Source;

/// One card of the address book: all raw contacts that the handset shows as one person, joined.
///
/// Texts are kept exactly as stored on the handset: nothing is trimmed, normalised or re-encoded here.
/// The order of each list is the handset's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Stable identifier, made from the account and source ID or else from the content, so that the same card always
    /// gets the same identifier.
    pub uid: String,
    /// The name that the handset shows; may be empty.
    pub display_name: String,
    /// Structured names; the first is the one shown, others come from joined raw contacts.
    pub names: Vec<PersonName>,
    pub nicknames: Vec<Nickname>,
    pub phones: Vec<Phone>,
    pub emails: Vec<Email>,
    pub addresses: Vec<PostalAddress>,
    pub organizations: Vec<Organization>,
    pub messengers: Vec<InstantMessenger>,
    pub notes: Vec<String>,
    pub websites: Vec<Website>,
    pub dates: Vec<ContactDate>,
    pub relations: Vec<Relation>,
    pub sip_addresses: Vec<SipAddress>,
    pub identities: Vec<Identity>,
    /// Titles of the groups that contain the contact.
    pub groups: Vec<String>,
    /// Rows of other apps (mimetypes that Lifeboat has no field for), kept unchanged.
    pub custom: Vec<CustomRow>,
    /// Filled columns of known mimetypes that have no meaning in the mimetype's definition.
    pub unmapped: Vec<UnmappedColumn>,
    /// The handset has a picture of the contact (which may be out of reach).
    pub has_picture: bool,
    /// Where the picture is stored, if one of the owner's files or a reply of the handset contains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<Picture>,
    /// Further pictures, logos, sounds and keys, if one of the owner's files contains them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached: Vec<Attached>,
    pub starred: bool,
    pub send_to_voicemail: bool,
    pub custom_ringtone: Option<String>,
    /// The raw contacts that the card was joined from; never empty.
    pub sources: Vec<Source>,
}

/// Location of a picture or other attachment: inside a card of a file that the owner had exported, or in a reply of the
/// handset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Picture {
    /// The file's copy in the payload, with forward slashes: `found/Download/contacts.vcf`.
    pub place: String,
    /// Offset of the card in the file, and length of the card, in bytes.
    pub offset: u64,
    pub length: u64,
    /// SHA-256 of the attachment's own bytes, in hexadecimal.
    pub sha256: String,
    /// The request to the handset whose reply, in the journal, is the picture. Then it is in no card.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

/// A further picture, a logo, a sound or a key inside a card of a file that the owner had exported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Attached {
    /// `PHOTO`, `LOGO`, `SOUND` or `KEY`.
    pub property: String,
    /// The media type given in the card: `PNG`, `image/png`; empty if there is none.
    pub media: String,
    /// Where the attachment is stored.
    pub stands: Picture,
}

/// A structured name (`vnd.android.cursor.item/name`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonName {
    pub display: Option<String>,
    pub prefix: Option<String>,
    pub given: Option<String>,
    pub middle: Option<String>,
    pub family: Option<String>,
    pub suffix: Option<String>,
    pub phonetic_given: Option<String>,
    pub phonetic_middle: Option<String>,
    pub phonetic_family: Option<String>,
}

impl PersonName {
    /// Returns the name's parts in Western order.
    pub fn parts(&self) -> [&Option<String>; 5] {
        [
            &self.prefix,
            &self.given,
            &self.middle,
            &self.family,
            &self.suffix,
        ]
    }
}

/// The purpose of a number, an address or another entry. Each kind of entry uses some of these labels.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// No label on the handset.
    #[default]
    Unset,
    Home,
    Work,
    Other,
    // telephones (and e-mail: Mobile)
    Mobile,
    WorkFax,
    HomeFax,
    OtherFax,
    Pager,
    Callback,
    Car,
    CompanyMain,
    Isdn,
    Main,
    Radio,
    Telex,
    TtyTdd,
    WorkMobile,
    WorkPager,
    Assistant,
    Mms,
    // websites
    HomePage,
    Blog,
    Profile,
    Ftp,
    // nicknames
    Default,
    MaidenName,
    ShortName,
    Initials,
    /// The owner's own label (TYPE 0 with a label).
    Custom(String),
    /// A TYPE number that the definition doesn't know.
    Unknown(String),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Nickname {
    pub name: String,
    pub label: Label,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Phone {
    /// As the owner typed it.
    pub number: String,
    pub label: Label,
    /// The number in E.164 form, as normalised by the handset.
    pub normalized: Option<String>,
    /// The owner's default among several (`is_super_primary` or `is_primary`).
    pub primary: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Email {
    pub address: String,
    pub label: Label,
    pub display_name: Option<String>,
    pub primary: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct PostalAddress {
    /// The whole address as the handset shows it.
    pub formatted: Option<String>,
    pub street: Option<String>,
    pub po_box: Option<String>,
    pub neighborhood: Option<String>,
    pub city: Option<String>,
    pub region: Option<String>,
    pub postcode: Option<String>,
    pub country: Option<String>,
    pub label: Label,
    pub primary: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    pub company: Option<String>,
    pub title: Option<String>,
    pub department: Option<String>,
    pub job_description: Option<String>,
    pub symbol: Option<String>,
    pub phonetic_name: Option<String>,
    pub office_location: Option<String>,
    pub label: Label,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessengerService {
    #[default]
    Unset,
    Aim,
    Msn,
    Yahoo,
    Skype,
    Qq,
    GoogleTalk,
    Icq,
    Jabber,
    NetMeeting,
    /// The service's own name (protocol -1).
    Custom(String),
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct InstantMessenger {
    pub handle: String,
    pub service: MessengerService,
    pub label: Label,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Website {
    pub url: String,
    pub label: Label,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateKind {
    Birthday,
    Anniversary,
    #[default]
    Other,
    Custom(String),
    Unknown(String),
}

/// A date in a person's life, as text from the handset: `1985-04-12`, `--04-12`, or free text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ContactDate {
    pub date: String,
    pub kind: DateKind,
}

/// A person related to the contact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Relation {
    pub name: String,
    /// The relation in English lower case (`spouse`, `domestic partner`), or the owner's own term;
    /// empty: not given.
    pub kind: String,
    /// `kind` is the owner's own term.
    pub custom: bool,
}

impl Relation {
    /// Android's kinds, in the order of their numbers from 1 (AOSP `ContactsContract.CommonDataKinds.Relation`).
    pub const KINDS: [&str; 14] = [
        "assistant",
        "brother",
        "child",
        "domestic partner",
        "father",
        "friend",
        "manager",
        "mother",
        "parent",
        "partner",
        "referred by",
        "relative",
        "sister",
        "spouse",
    ];
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct SipAddress {
    pub address: String,
    pub label: Label,
}

/// An identity in a namespace (`vnd.android.cursor.item/identity`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    pub identity: String,
    pub namespace: Option<String>,
}

/// A data row of a mimetype that Lifeboat has no field for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct CustomRow {
    pub mimetype: String,
    /// Filled text columns: the number of `data1`…`data15`, and its text.
    pub data: Vec<(u8, String)>,
    /// Columns that hold bytes, which the handset doesn't print.
    pub blobs: Vec<u8>,
}

/// A filled column of a known mimetype that has no meaning in the mimetype's definition.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct UnmappedColumn {
    pub mimetype: String,
    pub column: String,
    pub value: String,
}
